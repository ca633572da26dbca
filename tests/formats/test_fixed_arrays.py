"""Arrays of fixed point and integers, and conversions into codebooks and other short grids by thresholds: as the reference has them, and as Python's integers do."""

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from full import count

from formats import run_arrays
from formats.arithmetic import operation
from formats.arrays import engine_for_operation, operate
from formats.family import Format
from formats.notation import parse
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.reals import negate
from refmath.rounding import Rounding
from refmath.underflow import Subnormals

MODES = [mode for mode in Rounding if mode is not Rounding.STOCHASTIC]
SMALL = ("int4", "uint4", "q2.2", "uq1.3", "int4(symmetric=yes)", "q6.-2")
WIDE = ("int32", "uint32", "q16.16", "uq0.32", "int16", "q8.8", "q1.31", "uint8", "int32(symmetric=yes)")
SIZE = count(40, 4000)
"""Operands of each case; the heavy run has 4,000."""
GRIDS = (
    "nf4",
    "codebook(-3, 5)",
    "codebook(0, 1/3, 7/5, -2)",
    "bnb_fp4",
    "takum12",
    "takum_log9",
    "lns5.3",
    "posit10(es=1)",
    "codebook(1, 2, 4, 100)",
    "codebook(-3, -1/3, 0, 1/2, 5; middle=geometric)",
    "codebook(1, 2, 4, 100; ties=away, middle=geometric)",
    "codebook(-1, -0, 0, 9)",
)
SOURCES = ("binary32", "binary64", "q8.16", "posit32", "takum32", "tf32")


def any_projection(rng: random.Random, mode: Rounding, overflow: list[Overflow] | None = None) -> Projection:
    """A mode with any policies that always deliver."""
    policies = overflow or [Overflow.SATURATE_FINITE, Overflow.WRAP, Overflow.IEEE, Overflow.POSIT]
    return Projection(
        rounding=mode,
        bits=rng.choice((1, 3)) if mode.stochastic else 0,
        overflow=rng.choice(policies),
        absent_nan=rng.choice([AbsentNaN.ZERO, AbsentNaN.SIGNED_GREATEST]),
        negatives=rng.choice(list(Negatives)),
        operands=rng.choice(list(Subnormals)),
    )


def check(
    name: str, formats: tuple[Format, ...], operands: tuple[np.ndarray, ...], to: Format, how: Projection, draws: np.ndarray, engine: str | None = "array"
) -> None:
    """Values and flags of the engine are those of the reference."""
    got, flags = operate(name, formats, operands, to, how, random=draws, engine=engine)
    bound = operation(name, *formats, to=to, projection=how)
    for i, row in enumerate(zip(*(codes.tolist() for codes in operands), draws.tolist(), strict=True)):
        expected = bound(*row[:-1], random=row[-1])
        assert (got[i], flags[i]) == (expected.code, expected.flags), (name, formats, to, how, [hex(code) for code in row])


def some(f: Format, size: int, rng: random.Random) -> np.ndarray:
    """Codes: the ends, their neighbours, powers of two, and random ones."""
    marks = [0, 1, f.codes - 1, f.codes // 2, f.codes // 2 - 1, f.codes // 2 + 1]
    codes = [rng.choice(marks) if rng.random() < 0.25 else 1 << rng.randrange(f.width) if rng.random() < 0.2 else rng.getrandbits(f.width) for _ in range(size)]
    return np.array(codes, np.uint64)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide"])
def test_all_pairs_of_small_fixed_point(name: str, mode: Rounding) -> None:
    """All pairs of 4-bit fixed-point codes, of like and unlike formats, wrapped and saturated, into a third."""
    rng = random.Random(name + mode.value)
    pairs = list(product(SMALL, SMALL, SMALL))
    for x, y, to in rng.sample(pairs, count(3, len(pairs))):
        f, g, target = parse(x), parse(y), parse(to)
        codes = np.array(list(product(range(f.codes), range(g.codes))), np.uint8)
        how = any_projection(rng, mode)
        check(name, (f, g), (codes[:, 0], codes[:, 1]), target, how, np.array([rng.getrandbits(how.bits or 1) for _ in codes]))


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_wide_fixed_point(mode: Rounding) -> None:
    """+ - * / and the square root of formats of up to 32 bits, into any other, wrapped and saturated."""
    rng = random.Random(mode.value)
    for name in ("add", "subtract", "multiply", "divide", "sqrt", "convert"):
        for _ in range(3):
            formats = tuple(parse(rng.choice(WIDE)) for _ in range(operation(name, parse("int8")).op.arity))
            to, how = parse(rng.choice(WIDE)), any_projection(rng, mode)
            draws = np.array([rng.getrandbits(how.bits or 1) for _ in range(SIZE)])
            engine, reason = engine_for_operation(name, formats, to, how)
            assert engine == "array" or "wrapped results need more bits" in reason
            check(name, formats, tuple(some(f, SIZE, rng) for f in formats), to, how, draws, engine)


@pytest.mark.parametrize("name", ["int32", "uint32", "int16", "uint8"])
def test_integers_wrap_as_the_integers_of_machines_do(name: str) -> None:
    """+ - * and multiply-add modulo 2^n, the quotient toward zero: Python's integers say what they are."""
    f, rng = parse(name), random.Random(name)
    how = Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.WRAP, absent_nan=AbsentNaN.ZERO)
    x, y, z = (some(f, 50 * SIZE, rng) for _ in range(3))
    a, b, c = ([code - f.codes if f.signed and code >> (f.width - 1) else code for code in codes.tolist()] for codes in (x, y, z))
    exact = {
        "add": [p + q for p, q in zip(a, b, strict=True)],
        "subtract": [p - q for p, q in zip(a, b, strict=True)],
        "multiply": [p * q for p, q in zip(a, b, strict=True)],
        "divide": [0 if q == 0 else abs(p) // abs(q) * (1 if (p < 0) == (q < 0) else -1) for p, q in zip(a, b, strict=True)],
    }
    for op, expected in exact.items():
        nonzero = np.array(b) != 0 if op == "divide" else np.ones(len(x), bool)
        got, _ = operate(op, f, (x, y), f, how, engine="array")
        assert np.array_equal(got[nonzero], np.array([value % f.codes for value in expected], np.uint64)[nonzero]), op
    if name != "uint32":
        got, _ = operate("fma", f, (x, y, z), f, how, engine="array")
        assert got.tolist() == [(p * q + r) % f.codes for p, q, r in zip(a, b, c, strict=True)]


def test_an_overflow_that_is_an_error() -> None:
    """Sums in range are delivered; the first one out of range is told, as is a division by zero."""
    f, how = parse("int16"), Projection(overflow=Overflow.ERROR)
    assert engine_for_operation("add", f, how=how) == ("array", "its kernel is exact here, and nothing may overflow")
    x, y = np.array([1, 0x7FFE, 0x8000], np.uint16), np.array([2, 1, 0], np.uint16)
    assert operate("add", f, (x, y), f, how)[0].tolist() == [3, 0x7FFF, 0x8000]
    with pytest.raises(RefmathError, match="beyond the greatest value of int16"):
        operate("add", f, (np.append(x, 0x7FFF).astype(np.uint16), np.append(y, 1).astype(np.uint16)), f, how)
    half = parse("binary16")
    assert operate("multiply", half, (np.array([0x3C00, 0x7C01]), np.array([0x4000, 0x3C00])), half, how)[1].tolist() == [0, 16]
    with pytest.raises(RefmathError, match="beyond the greatest value of binary16"):
        operate("multiply", half, (np.array([0x7BFF]), np.array([0x7BFF])), half, how)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("grid", GRIDS)
def test_conversions_of_wide_codes_into_short_grids(grid: str, mode: Rounding, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes beside every threshold, and random ones, of wide sources into codebooks, takums, logarithmic numbers and posits: every mode."""
    monkeypatch.setattr(run_arrays, "WORTHWHILE", 1 << 17)  # thresholds, however few the codes
    rng, to = random.Random(grid + mode.value), parse(grid)
    for name in rng.sample(SOURCES, count(1, len(SOURCES))):
        f = parse(name)
        how = replace(any_projection(rng, mode, [Overflow.SATURATE_FINITE, Overflow.POSIT]), absent_nan=AbsentNaN.GREATEST)
        engine = engine_for_operation("convert", f, to, how)[0]
        if engine == "reference":
            assert "thresholds" in engine_for_operation("convert", f, to, how)[1] and how.rounding.stochastic
            continue
        sides = [(negative, rng.randrange(to.greatest(negative) + 1)) for negative in (False, to.signed) for _ in range(SIZE // 4)]
        middles = [(negative, to.value(code, 1, negative)) for negative, code in sides]
        near = [f.round(negate(middle) if negative else middle) for negative, middle in middles]
        codes = np.array([(code + step) % f.codes for code in near for step in (-1, 0, 1)] + [rng.getrandbits(f.width) for _ in range(SIZE)], np.uint64)
        check("convert", (f,), (codes,), to, how, np.array([rng.getrandbits(how.bits or 1) for _ in codes]), engine)


@pytest.mark.parametrize("name", ["nf4", "codebook(0, 1/3, 7/5, -2)", "codebook(-3, 5)"])
def test_all_pairs_of_small_codebooks(name: str) -> None:
    """+ - * / of all pairs by table, in some modes."""
    f, rng = parse(name), random.Random(name)
    codes = np.array(list(product(range(f.codes), repeat=2)), np.uint8)
    for op in ("add", "subtract", "multiply", "divide"):
        for mode in rng.sample(MODES, count(2, len(MODES))):
            how = replace(any_projection(rng, mode, [Overflow.SATURATE_FINITE]), absent_nan=AbsentNaN.GREATEST)
            check(op, (f, f), (codes[:, 0], codes[:, 1]), f, how, np.array([rng.getrandbits(how.bits or 1) for _ in codes]), "table")


def test_a_codebook_of_many_values() -> None:
    """Thirds from -1,000 to 1,000 (a codebook of 13 bits): conversions from binary32 are those of integers rounded."""
    to = parse(f"codebook({', '.join(f'{n}/3' for n in range(-3000, 3001))})")
    assert engine_for_operation("convert", parse("binary32"), to)[0] == "table"
    rng = np.random.default_rng(3)
    x = (rng.normal(size=1000) * 400).astype(np.float32)
    got, flags = operate("convert", parse("binary32"), (x.view(np.uint32),), to)
    exact = [min(max(round(3 * float(v).as_integer_ratio()[0] / float(v).as_integer_ratio()[1]), -3000), 3000) for v in x]
    assert got.tolist() == [n + 3000 for n in exact] and flags.all()


def test_a_nan_that_a_codebook_cannot_hold_is_refused() -> None:
    """Only where one occurs."""
    f, to, how = parse("binary32"), parse("nf4"), replace(parse("nf4").default, absent_nan=AbsentNaN.REFUSE)
    assert operate("convert", f, (np.array([0x3F800000], np.uint32),), to, how, engine="table")[0].tolist() == [15]
    with pytest.raises(RefmathError, match="has no NaN to deliver"):
        operate("convert", f, (np.array([0x3F800000, 0x7FC00000], np.uint32),), to, how, engine="table")
