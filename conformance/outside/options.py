"""An emulator described by the options of ``refmath check``."""

from collections.abc import Iterable, Mapping
from enum import Enum

from conformance.claims import claimed_operation
from conformance.outside.description import as_toml, confirm, title
from formats.family import Format
from formats.notation import text
from refmath.errors import RefmathError, quote

__all__ = ["confirm", "described_by_options", "files_of_claims", "title"]


def files_of_claims(names: Iterable[str]) -> tuple[str, ...]:
    """The names of files of claims, which end with ``.toml``."""
    for name in names:
        if not name.endswith(".toml"):
            raise RefmathError(f"{quote(name)} is no file of claims; name one that ends with .toml.")
    return tuple(names)


def described_by_options(
    program: str | None,
    python: str | None,
    arrays: Mapping[str, str | None],
    operations: tuple[str, ...],
    sources: tuple[Format, ...],
    targets: tuple[Format, ...],
    policies: Mapping[str, Enum | None],
) -> tuple[str, ...]:
    """The descriptions, as TOML, of the emulators that ``--command`` and ``--python`` name; each claims every combination that the options state."""
    found = []
    if program is not None or python is not None:
        claims = _claims(operations, sources, targets, {key: str(value.value) for key, value in policies.items() if value is not None})
        if program is not None:
            found.append(as_toml({"command": program, "claim": claims}))
        if python is not None:
            found.append(as_toml({"python": python, **{key: value for key, value in arrays.items() if value is not None}, "claim": claims}))
    stated = {key for key, value in (*arrays.items(), *policies.items()) if value is not None}
    if python is None and (idle := stated - set(policies if program is not None else ())):
        raise RefmathError(f"--{min(idle)} belongs to {'--python' if min(idle) in arrays else '--command and --python'}; leave it out, or say what to call.")
    return tuple(found)


def _claims(
    operations: tuple[str, ...], sources: tuple[Format, ...], targets: tuple[Format, ...], policies: dict[str, str]
) -> list[dict[str, str | list[str]]]:
    if "all" in operations:
        raise RefmathError("--operation all is not for --command and --python; name the operation that they compute.")
    found: list[dict[str, str | list[str]]] = []
    for name in (claimed_operation(given) for given in operations or ("convert",)):
        if not sources or (not targets and name == "convert"):
            raise RefmathError("--command and --python need the formats: --source FORMAT of the operands, --target FORMAT of the results.")
        for source in sources:
            for target in targets or (source,):
                found.append({"operation": name, "operands": text(source), "result": text(target), **policies})
    return found
