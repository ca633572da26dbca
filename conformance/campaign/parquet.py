"""A ledger as Parquet, for those who ask questions of many campaigns: a row for each verdict, and one for each counterexample."""

from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from conformance.campaign.ledger import Ledger
from conformance.campaign.reading import named
from conformance.verdict import Counterexample, Status, Verdict
from refmath.errors import RefmathError

VERDICTS, COUNTEREXAMPLES = "verdicts.parquet", "counterexamples.parquet"


def export(ledger: Ledger, folder: Path) -> None:
    """Write both files into a folder, which is made where it is not there."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise RefmathError("--parquet needs pyarrow: pip install 'refmath[parquet]'.") from None
    try:
        folder.mkdir(exist_ok=True)
        for name, table in ((VERDICTS, _verdicts(ledger)), (COUNTEREXAMPLES, _counterexamples(ledger))):
            pyarrow.parquet.write_table(table, folder / name)
    except OSError as error:
        raise RefmathError(f"{named(folder)} cannot be written ({error.strerror or error}); name a folder that can, or one that does not exist yet.") from None


def _arrow(kind: Any) -> Any:
    """The Arrow type of a field: a list for a tuple, a struct for a data class; what may be None is nullable as all is."""
    import pyarrow as pa

    plain = {str: pa.string(), int: pa.uint64(), float: pa.float64(), bool: pa.bool_(), Status: pa.string()}
    if kind in plain:
        return plain[kind]
    if get_origin(kind) is tuple:
        return pa.list_(_arrow(get_args(kind)[0]))
    if get_origin(kind) is UnionType:
        return _arrow(get_args(kind)[0])
    return pa.struct(_columns(kind))


def _columns(kind: Any) -> list[tuple[str, Any]]:
    return [(name, _arrow(of)) for name, of in get_type_hints(kind).items()]


def _verdicts(ledger: Ledger) -> Any:
    import pyarrow as pa

    columns = [column for column in _columns(Verdict) if column[0] != "counterexamples"]
    metadata = {"refmath": ledger.origin.versions["refmath"], "digest": ledger.digest()}
    schema = pa.schema([("shard", pa.uint64()), ("description", pa.string()), *columns], metadata=metadata)
    rows = []
    for shard, outcome in sorted(ledger.outcomes.items()):
        rows.append({**outcome.verdict.as_json(), "shard": shard, "description": ledger.origin.emulators[ledger.origin.shards[shard][0]][2]})
    return pa.Table.from_pylist(rows, schema)


def _counterexamples(ledger: Ledger) -> Any:
    import pyarrow as pa

    schema = pa.schema([("shard", pa.uint64()), ("number", pa.uint64()), *_columns(Counterexample)])
    rows = [
        {"shard": shard, "number": at, **case}
        for shard, outcome in sorted(ledger.outcomes.items())
        for at, case in enumerate(outcome.verdict.as_json()["counterexamples"])
    ]
    return pa.Table.from_pylist(rows, schema)
