"""Tables of operations: what they hold is what the reference gives, and what is on disk is trusted only where it is what was stored."""

import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from full import FULL

from formats import cache as disk
from formats import tables, workers
from formats.arithmetic import Bound, bind, operation
from formats.arrays import engine_for_operation, operate
from formats.family import Format
from formats.notation import parse
from formats.operations import OPERATIONS, find_operation
from formats.projection import AbsentNaN, Projection
from refmath.errors import RefmathError
from refmath.operations.operation import Kind, Operation
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals, Tininess

NUMBER_FORMATS = ("e2m1", "ocp_e4m3", "binary8p3se", "e8m0", "int5", "uq2.3", "posit6", "takum7", "takum_log6", "nf4", "int4(scale=1/10, zero=3)")
"""One format of each family, small."""
SOURCES = ("binary16", "bfloat16", "ocp_e5m2", "ocp_e4m3", "binary8p3se", "posit16", "posit8(es=0)", "takum16", "q8.8", "int8", "nf4", "e8m0")


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, empty, on disk and in memory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    disk.folder.cache_clear()
    tables._kept.clear()
    yield tmp_path / "refmath" / "tables"
    disk.folder.cache_clear()
    tables._kept.clear()


def any_projection(rng: random.Random, target: Format) -> Projection:
    """Any mode with any policies that always deliver."""
    mode = rng.choice(list(Rounding))
    return Projection(
        rounding=mode,
        bits=rng.choice((1, 3, 8)) if mode.stochastic else 0,
        overflow=rng.choice([policy for policy in Overflow if policy is not Overflow.ERROR]),
        tininess=rng.choice(list(Tininess)),
        results=rng.choice(list(Subnormals)),
        operands=rng.choice(list(Subnormals)),
        absent_nan=rng.choice([AbsentNaN.ZERO, AbsentNaN.GREATEST]),
    )


def unary_operations() -> list[str]:
    """Every operation on one operand that answers with a number or a truth value."""
    return [op.name for op in OPERATIONS.values() if op.arity == 1 and op.kind is not Kind.WORD and not op.name.startswith(("to_integer", "ilogb"))]


@pytest.mark.parametrize("name", unary_operations())
def test_functions_of_small_formats_are_those_of_the_reference(name: str) -> None:
    """Every unary operation on a format of each family, into a random one, under a random projection: all codes, values and flags."""
    rng = random.Random(name)
    for source in rng.sample(NUMBER_FORMATS, len(NUMBER_FORMATS) if FULL else 3):
        f = parse(source)
        target = parse(rng.choice(NUMBER_FORMATS)) if isinstance(find_operation(name), Operation) else f
        how = any_projection(rng, target)
        try:
            bound = operation(name, f, to=target, projection=how)
        except RefmathError:
            continue
        codes, draws = np.arange(f.codes, dtype=np.uint8), np.array([rng.getrandbits(how.bits or 1) for _ in range(f.codes)])
        try:
            expected = [bound(code, random=draw)[:2] for code, draw in zip(codes.tolist(), draws.tolist(), strict=True)]
        except RefmathError as error:
            with pytest.raises(RefmathError, match="^" + str(error)[:20].replace("(", r"\(")):
                tables.operate(bound, (codes,), draws)
            continue
        got, flags = tables.operate(bound, (codes,), draws)
        assert list(zip(got.tolist(), flags.tolist(), strict=True)) == expected, (name, f, target, how)


@pytest.mark.parametrize("name", ["add", "hypot", "pow", "atan2", "remainder", "copysign", "compare_signaling_less", "total_order", "minimum_finite"])
@pytest.mark.parametrize(("x", "y", "to"), [("e2m1", "binary8p3se", "posit6"), ("takum7", "takum7", "takum7"), ("nf4", "int5", "e8m0")])
def test_pairs_of_small_codes(name: str, x: str, y: str, to: str) -> None:
    """Binary operations on two formats into a third, all pairs, under a random projection."""
    op = find_operation(name)
    rng, target = random.Random(name + x), parse(to) if op.kind is Kind.NUMBER else None
    how = any_projection(rng, parse(to))
    try:
        bound = operation(name, parse(x), parse(y), to=target, projection=how)
    except RefmathError:
        with pytest.raises(RefmathError, match="dialect"):
            operate(name, (parse(x), parse(y)), (np.zeros(1, np.uint8), np.zeros(1, np.uint8)), target, how)
        return
    assert isinstance(bound, Bound) and op.arity == 2
    pairs = [(a, b) for a in range(parse(x).codes) for b in range(parse(y).codes)]
    first, second = (np.array(side, np.uint8) for side in zip(*pairs, strict=True))
    draws = np.array([rng.getrandbits(how.bits or 1) for _ in pairs])
    got, flags = tables.operate(bound, (first, second), draws)
    expected = [bound(a, b, random=draw)[:2] for (a, b), draw in zip(pairs, draws.tolist(), strict=True)]
    assert list(zip(got.tolist(), flags.tolist(), strict=True)) == expected


def test_three_operands() -> None:
    """clamp and fma of three 4-bit codes: 4,096 results, a few hundred of them compared."""
    f, rng = parse("e2m1"), random.Random(4)
    operands = tuple(np.array([rng.getrandbits(4) for _ in range(400)], np.uint8) for _ in range(3))
    for name in ("fma", "clamp", "fmm"):
        how = Projection(absent_nan=AbsentNaN.ZERO)
        bound = bind(find_operation(name), (f,), f, how, None)
        got, flags = tables.operate(bound, operands, np.zeros(1, np.uint64))
        assert [(a, b) for a, b in zip(got.tolist(), flags.tolist(), strict=True)] == [
            bound(*row)[:2] for row in zip(*(x.tolist() for x in operands), strict=True)
        ]


@pytest.mark.parametrize("mode", [mode for mode in Rounding if mode.stochastic])
@pytest.mark.parametrize("name", ["convert", "round_to_integral", "exp"])
def test_every_random_operand_is_covered_by_the_steps(mode: Rounding, name: str) -> None:
    """All codes of binary8p3se with all 32 values of R of 5 bits: a table of thresholds gives what the reference gives."""
    f = parse("binary8p3se")
    how = Projection(rounding=mode, bits=5, overflow=Overflow.SATURATE_PROPAGATE)
    bound = operation(name, f, to=parse("ocp_e5m2"), projection=how)
    codes, draws = (side.reshape(-1) for side in np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(32, dtype=np.uint64)))
    got, flags = tables.operate(bound, (codes,), draws)
    expected = [bound(code, random=draw)[:2] for code, draw in zip(codes.tolist(), draws.tolist(), strict=True)]
    assert list(zip(got.tolist(), flags.tolist(), strict=True)) == expected
    assert len(tables.table_for(bound).codes) > 1


def test_few_operands_build_no_table(own_cache: Path) -> None:
    """Three operands are computed as they are, and nothing is kept."""
    f = parse("binary16")
    got, _ = operate("sin", f, (np.array([0, 0x3C00, 0x3C00], np.uint16),))
    assert got.tolist() == [operation("sin", f)(code).code for code in (0, 0x3C00, 0x3C00)]
    assert not list(own_cache.iterdir())


def test_operands_without_a_result_are_refused_as_by_the_reference() -> None:
    """A NaN into int8 is named; the finite operands beside it have results."""
    f, target = parse("ocp_e5m2"), parse("int8")
    finite = np.array([code for code in range(256) if f.magnitude(code)], np.uint8)
    operate("convert", f, (finite,), target, engine="table")
    with pytest.raises(RefmathError, match="int8 has no NaN to deliver"):
        operate("convert", f, (np.append(finite, 0x7F).astype(np.uint8),), target, engine="table")


def test_random_operands_that_do_not_fit_are_refused() -> None:
    """R of 4 bits is at most 15."""
    f = parse("ocp_e5m2")
    how = Projection(rounding=Rounding.STOCHASTIC_A, bits=4)
    with pytest.raises(RefmathError, match="16 does not fit into 4 bits"):
        operate("exp", f, (np.arange(256, dtype=np.uint8),), f, how, random=16, engine="table")


def damages(content: bytes, other: bytes) -> list[bytes]:
    """What may have become of a file: cut short, empty, extended, a bit flipped anywhere, another entry's content."""
    flipped = [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in (0, 20, 60, disk.HEAD, len(content) // 2, len(content) - 1)]
    return [b"", content[:10], content[:-1], content + b"\0", b"something else entirely", other, *flipped]


def test_a_damaged_table_is_built_again(own_cache: Path) -> None:
    """A file that is not byte for byte what was stored under its name is not used, and is replaced."""
    f = parse("e2m3")
    bounds = [operation(name, f) for name in ("exp", "log1p")]
    files, truth = [], []
    for bound in bounds:
        before = set(own_cache.iterdir()) if own_cache.exists() else set()
        truth.append(tables.table_for(bound).codes.tolist())
        files += [path for path in own_cache.iterdir() if path not in before]
    content, other = (file.read_bytes() for file in files)
    for damaged in damages(content, other):
        files[0].write_bytes(damaged)
        tables._kept.clear()
        assert tables.table_for(bounds[0]).codes.tolist() == truth[0]
        assert files[0].read_bytes() == content


def test_another_reference_does_not_use_these_tables(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table is filed under the sources of the reference: another version builds its own."""
    bound = operation("exp", parse("e2m3"))
    tables.table_for(bound)
    monkeypatch.setattr(disk, "reference_digest", lambda: b"another")
    tables._kept.clear()
    tables.table_for(bound)
    assert len(list(own_cache.iterdir())) == 2


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk, or a folder that vanished, costs nothing but time."""
    monkeypatch.setattr(disk, "folder", lambda kind: tmp_path / "not" / "there")
    tables._kept.clear()
    table = tables.table_for(operation("exp", parse("e2m3")))
    assert table.codes.shape == (1, 64)


BUILD = """
import sys
from pathlib import Path

from formats import operation, parse, tables

tables.disk.folder = lambda kind: Path(sys.argv[1])
print(tables.table_for(operation("cos", parse("e3m4"))).codes[0].tolist())
"""


def test_processes_may_build_the_same_table_at_once(tmp_path: Path) -> None:
    """Processes that race for one entry leave one whole file, and agree."""
    racing = [subprocess.Popen([sys.executable, "-c", BUILD, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(3)]
    results = [process.communicate()[0] for process in racing]
    assert all(result == results[0] for result in results) and results[0].startswith(b"[")
    assert len(list(tmp_path.iterdir())) == 1


def test_large_tables_are_built_by_several_processes(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same table comes out of a pool and of one process."""
    recipe = tables.Recipe("exp", (parse("q6.6"),), parse("q6.6"), replace(parse("q6.6").default, overflow=Overflow.SATURATE_FINITE), parse("q6.6").dialect)
    alone = tables.build(recipe)
    monkeypatch.setattr(workers, "PATIENCE", 0.0)
    together = tables.build(recipe)
    assert np.array_equal(alone.codes, together.codes) and np.array_equal(alone.flags, together.flags)


def test_a_table_is_built_where_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without semaphores, or with helpers that are killed, this process builds it."""

    def refused(*arguments: object) -> None:
        raise OSError("no semaphores")

    recipe = tables.Recipe("exp", (parse("e2m3"),), parse("e2m3"), parse("e2m3").default, parse("e2m3").dialect)
    monkeypatch.setattr(workers, "PATIENCE", 0.0)
    monkeypatch.setattr(workers, "ProcessPoolExecutor", refused)
    monkeypatch.setattr(tables, "CHUNK", 16)
    monkeypatch.setattr(workers.os, "cpu_count", lambda: 2)
    assert np.array_equal(tables.build(recipe).codes, tables.table_for(recipe.bound()).codes)


def test_the_cache_forgets_what_was_written_first(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more entries than are kept, the newest stay."""
    monkeypatch.setattr(disk, "MOST", 3)
    for i in range(5):
        disk.store("tables", disk.key_of(i), bytes([i]))
        newest = own_cache / disk.key_of(i).hex()
        os.utime(newest, (i, i))
    assert [disk.load("tables", disk.key_of(i)) for i in range(5)] == [None, None, b"\2", b"\3", b"\4"]


def test_the_reference_runs_in_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long work comes out as by one process, and the first operand without a result is told."""
    monkeypatch.setattr(workers, "PATIENCE", 0.0)
    f, rng = parse("binary32"), random.Random(5)
    codes = np.array([rng.getrandbits(32) for _ in range(500)], np.uint32)
    got, flags = operate("exp2", f, (codes,), f, engine="reference")
    bound = operation("exp2", f)
    assert [tuple(row) for row in zip(got.tolist(), flags.tolist(), strict=True)] == [bound(code)[:2] for code in codes.tolist()]
    how = Projection(overflow=Overflow.ERROR)
    with pytest.raises(RefmathError, match="beyond the greatest value of binary32"):
        operate("exp2", f, (np.append(np.zeros(400, np.uint32), np.uint32(0x7F000000)),), f, how, engine="reference")


def test_what_has_no_table_is_told() -> None:
    """Wide operands, wide results, and unlimited random bits."""
    assert "32 bits" in engine_for_operation("exp", parse("binary32"))[1]
    assert "binary128" in engine_for_operation("exp", parse("binary16"), parse("binary128"))[1]
    assert "random bits" in engine_for_operation("exp", parse("binary16"), how=Projection(rounding=Rounding.STOCHASTIC))[1]


@pytest.mark.skipif(not FULL, reason="all codes of 16-bit formats take minutes: REFMATH_FULL=1")
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", ["exp", "log", "sin", "sqrt", "rsqrt", "tanh", "round_to_integral", "next_up"])
def test_all_codes_of_sixteen_bits(source: str, name: str) -> None:
    """Every code by table and by the reference."""
    f, rng = parse(source), random.Random(name + source)
    how = replace(any_projection(rng, f), rounding=rng.choice([mode for mode in Rounding if not mode.stochastic]), bits=0)
    bound = operation(name, f, projection=how)
    codes = np.arange(f.codes, dtype=np.uint16)
    got, flags = tables.operate(bound, (codes,), np.zeros(1, np.uint64))
    for code in range(0, f.codes, 1):
        assert (got[code], flags[code]) == bound(code)[:2]
