"""Arguments and results of any size: right in every directed mode, with their flags, at once and in little memory."""

import resource
import time
from collections.abc import Iterator

import gmpy2
import pytest

from formats.arithmetic import Bound, Result, operation
from formats.floats import Float, ieee
from formats.notation import parse, parse_float
from formats.projection import AbsentNaN, Projection
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.operations import OPERATIONS, Kind
from refmath.overflow import Overflow
from refmath.rounding import Rounding

UP, DOWN, ZERO, EVEN = Rounding.TOWARD_POSITIVE, Rounding.TOWARD_NEGATIVE, Rounding.TOWARD_ZERO, Rounding.NEAREST_EVEN
OVERFLOW, UNDERFLOW, INEXACT = Flags.OVERFLOW | Flags.INEXACT, Flags.UNDERFLOW | Flags.INEXACT, Flags.INEXACT
F64 = ieee(64)
GREATEST, INFINITY, LEAST = 0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000, 1
ONE, BELOW_ONE, ABOVE_ONE = 0x3FF0000000000000, 0x3FEFFFFFFFFFFFFF, 0x3FF0000000000001
SIGN = 1 << 63


def run(name: str, mode: Rounding, *operands: str | int) -> Result:
    """An operation on binary64 numbers given as text, or on integers as they stand."""
    bound = operation(name, F64, projection=Projection(mode))
    assert isinstance(bound, Bound)
    return bound(*(F64.from_float(float(x)) if isinstance(x, str) else x for x in operands))


CASES = [
    ("exp", ("1e300",), (INFINITY, GREATEST), OVERFLOW),
    ("exp", ("-1e300",), (LEAST, 0), UNDERFLOW),
    ("exp", ("1e-300",), (ABOVE_ONE, ONE), INEXACT),
    ("exp", ("-1e-300",), (ONE, BELOW_ONE), INEXACT),
    ("exp2", ("1e9",), (INFINITY, GREATEST), OVERFLOW),
    ("exp2", ("-1e300",), (LEAST, 0), UNDERFLOW),
    ("exp10", ("1e18",), (INFINITY, GREATEST), OVERFLOW),
    ("expm1", ("-1e300",), (SIGN | BELOW_ONE, SIGN | ONE), INEXACT),
    ("exp2m1", ("1e300",), (INFINITY, GREATEST), OVERFLOW),
    ("exp2m1", ("-1e300",), (SIGN | BELOW_ONE, SIGN | ONE), INEXACT),
    ("exp10m1", ("-12345",), (SIGN | BELOW_ONE, SIGN | ONE), INEXACT),
    ("sinh", ("-1e300",), (SIGN | GREATEST, SIGN | INFINITY), OVERFLOW),
    ("cosh", ("1e300",), (INFINITY, GREATEST), OVERFLOW),
    ("cosh", ("1e-300",), (ABOVE_ONE, ONE), INEXACT),
    ("tanh", ("1e300",), (ONE, BELOW_ONE), INEXACT),
    ("tanh", ("-30",), (SIGN | BELOW_ONE, SIGN | ONE), INEXACT),
    ("cos", ("1e-300",), (ONE, BELOW_ONE), INEXACT),
    ("cospi", ("1e-300",), (ONE, BELOW_ONE), INEXACT),
    ("erf", ("1e300",), (ONE, BELOW_ONE), INEXACT),
    ("erfc", ("1e300",), (LEAST, 0), UNDERFLOW),
    ("erfc", ("-1e300",), (0x4000000000000000, 0x3FFFFFFFFFFFFFFF), INEXACT),
    ("sigmoid", ("1e300",), (ONE, BELOW_ONE), INEXACT),
    ("sigmoid", ("-1e300",), (LEAST, 0), UNDERFLOW),
    ("sigmoid", ("1e-300",), (0x3FE0000000000001, 0x3FE0000000000000), INEXACT),
    ("softplus", ("-1e300",), (LEAST, 0), UNDERFLOW),
    ("silu", ("-1e300",), (SIGN, SIGN | LEAST), UNDERFLOW),
    ("gelu", ("-1e300",), (SIGN, SIGN | LEAST), UNDERFLOW),
    ("gelu_tanh", ("-1e300",), (SIGN, SIGN | LEAST), UNDERFLOW),
    ("tgamma", ("1e300",), (INFINITY, GREATEST), OVERFLOW),
    ("tgamma", ("1e17",), (INFINITY, GREATEST), OVERFLOW),
    ("tgamma", ("-1234567890.5",), (SIGN, SIGN | LEAST), UNDERFLOW),
    ("tgamma", ("-1234567891.5",), (LEAST, 0), UNDERFLOW),
    ("pow", ("2", "1e300"), (INFINITY, GREATEST), OVERFLOW),
    ("pow", ("3", "-1e300"), (LEAST, 0), UNDERFLOW),
    ("pow", ("-3", "-1e300"), (LEAST, 0), UNDERFLOW),
    ("pow", ("3", "1e-300"), (ABOVE_ONE, ONE), INEXACT),
    ("pow", ("0.5", "1e-300"), (ONE, BELOW_ONE), INEXACT),
    ("pown", ("-3", 10**400 + 1), (SIGN | GREATEST, SIGN | INFINITY), OVERFLOW),
    ("rootn", ("3", 10**400), (ABOVE_ONE, ONE), INEXACT),
    ("compound", ("1e-300", 10**20), (ABOVE_ONE, ONE), INEXACT),
    ("compound", ("1", 10**400), (INFINITY, GREATEST), OVERFLOW),
    ("scaleb", ("-3", 10**400), (SIGN | GREATEST, SIGN | INFINITY), OVERFLOW),
    ("scaleb", ("3", -(10**18)), (LEAST, 0), UNDERFLOW),
    ("atanpi", ("1e300",), (0x3FE0000000000000, 0x3FDFFFFFFFFFFFFF), INEXACT),
    ("acospi", ("1e-300",), (0x3FE0000000000000, 0x3FDFFFFFFFFFFFFF), INEXACT),
    ("atan2pi", ("1e-300", "-1e300"), (ONE, BELOW_ONE), INEXACT),
]


@pytest.mark.parametrize(("name", "operands", "codes", "flags"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_directed_results(name: str, operands: tuple[str | int, ...], codes: tuple[int, int], flags: Flags) -> None:
    """Toward positive and toward negative deliver the two neighbours of the exact result, and raise what it raises."""
    for mode, code in zip((UP, DOWN), codes, strict=True):
        got = run(name, mode, *operands)
        assert (hex(got.code), got.flags) == (hex(code), flags), mode


NEIGHBOURS = [("sin", -1), ("tan", 1), ("asin", 1), ("atan", -1), ("sinh", 1), ("tanh", -1), ("asinh", -1), ("atanh", 1), ("expm1", 1), ("log1p", -1)]


@pytest.mark.parametrize(("name", "side"), NEIGHBOURS)
def test_functions_that_are_nearly_their_argument(name: str, side: int) -> None:
    """Of 2^-1000 and of -2^-1000 they differ from it by less than can be written, on their own side."""
    x = (1023 - 1000) << 52
    outer, inner = (x + 1, x) if side > 0 else (x, x - 1)
    assert (run(name, UP, str(2.0**-1000)).code, run(name, ZERO, str(2.0**-1000)).code) == (outer, inner)
    flips = name in ("expm1", "log1p")
    outer, inner = (x, x - 1) if flips == (side > 0) else (x + 1, x)
    assert (run(name, DOWN, str(-(2.0**-1000))).code, run(name, ZERO, str(-(2.0**-1000))).code) == (SIGN | outer, SIGN | inner)


def test_sine_of_the_greatest_binary64() -> None:
    """sin of the greatest binary64 is 0.00496195478918406, with 1024 bits of pi; of half turns it is a zero, by parity."""
    assert abs(F64.to_float(run("sin", EVEN, str(1.7976931348623157e308)).code) - 0.004961954789184062) < 1e-17
    assert run("sinpi", EVEN, str(1.7976931348623157e308))[:2] == (0, Flags.NONE)
    assert run("cospi", EVEN, str(1.7976931348623157e308))[:2] == (ONE, Flags.NONE)
    assert run("tanpi", EVEN, str(2.0**51 + 0.5)).flags == Flags.DIVIDE_BY_ZERO


def test_remainders_across_the_whole_range() -> None:
    """The remainder of the greatest number by the least one is exact: a zero; by 3 2^-1074 it is found by integers alone."""
    assert run("remainder", EVEN, str(1.7976931348623157e308), "5e-324")[:2] == (0, Flags.NONE)
    three = F64.code_below(3 * F64.value(1))[0]
    expected = ((2**53 - 1) * 2**971 * 2**1074) % 3
    bound = operation("fmod", F64)
    assert bound(GREATEST, three)[:2] == (expected, Flags.NONE)
    wide = parse("binary128")
    assert operation("fmod", wide)(wide.limit(), 3)[:2] == ((2**113 - 1) * 2 ** (16383 - 112 + 16494) % 3, Flags.NONE)


def edges(f: Float) -> Iterator[int]:
    """Codes at the ends of the range and around one, of both signs."""
    one, g = f.bias << f.trailing, f.greatest()
    least = f.least_normal
    assert least is not None
    for place in (1, least - 1, least, one - 1, one, one + 1, (f.bias + 12 << f.trailing) + 1, (f.bias + 60 << f.trailing) + 12345, g - 1, g):
        yield place
        yield place | 1 << (f.width - 1)


@pytest.mark.parametrize("name", ["binary64", "binary128", "binary256", "e15m1000", "posit64"])
def test_every_function_answers_at_once(name: str) -> None:
    """No function of one operand takes long at any edge of a wide format, and its directed results are neighbours or equal."""
    f = parse(name)
    codes = list(edges(f)) if isinstance(f, Float) else [1, 2, (1 << 62) - 1, 1 << 62, (1 << 62) + 1, (1 << 63) - 1, (1 << 64) - 1, (1 << 63) + 1]
    for op in OPERATIONS.values():
        if op.arity != 1 or op.kind is not Kind.NUMBER or op.rounds or op.name.startswith("to_integer"):
            continue
        up, down = (operation(op.name, f, projection=Projection(mode, overflow=f.default.overflow)) for mode in (UP, DOWN))
        step = operation("next_up", f)
        for code in codes:
            start = time.process_time()
            high, low = up(code), down(code)
            assert time.process_time() - start < 5, (op.name, hex(code))
            if isinstance(f, Float):
                assert high.code == low.code or step(low.code).code == high.code, (op.name, hex(code))
                assert (high.code == low.code) == (Flags.INEXACT not in high.flags), (op.name, hex(code))


@pytest.mark.parametrize("to", ["int32", "uint8", "q8.8", "binary16", "e2m1", "posit16", "takum16", "e8m0"])
def test_gigantic_results_into_any_format(to: str) -> None:
    """Results too large to be written out become what the overflow policy says, and are refused by name where only all their digits would tell."""
    target = parse(to)
    for overflow in (Overflow.SATURATE_FINITE, Overflow.TO_NAN, Overflow.WRAP):
        how = Projection(overflow=overflow, absent_nan=AbsentNaN.ZERO)
        bound = operation("exp", F64, to=target, projection=how)
        if overflow is Overflow.WRAP and to not in ("posit16", "takum16"):
            with pytest.raises(RefmathError, match="too large to be wrapped"):
                bound(F64.from_float(1e300))
            continue
        expected = {Overflow.SATURATE_FINITE: target.limit(), Overflow.TO_NAN: target.nan() if target.has_nan else 0}.get(overflow)
        if expected is not None:
            assert bound(F64.from_float(1e300)).code == expected


def test_little_memory() -> None:
    """Powers with gigantic exact results, one after the other, take no more than a few megabytes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, operands in (
        ("pow", ("2", "1e300")),
        ("pow", ("3", "1e300")),
        ("pown", ("3", 10**30)),
        ("tgamma", ("1e15",)),
        ("compound", ("0.5", 10**12)),
        ("exp10", ("123456789",)),
    ):
        run(name, EVEN, *operands)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_exact_long_powers_are_exact() -> None:
    """3^600 and 600! into a format that holds all their bits are exact, and 3^601 is not where one bit is missing."""
    wide = parse_float("e15m1000")
    power = operation("pown", "binary64", to=wide)
    assert power(F64.from_float(3.0), 600)[1:] == (Flags.NONE, power(F64.from_float(3.0), 600).exact)
    assert wide.exact(power(F64.from_float(3.0), 600).code) == 3**600
    assert power(F64.from_float(3.0), 700).flags == Flags.INEXACT
    factorial = operation("tgamma", "binary64", to=parse_float("e20m9000"))
    result = factorial(F64.from_float(1001.0))
    assert result.flags == Flags.NONE
    assert parse_float("e20m9000").exact(result.code) == gmpy2.fac(1000)
    assert operation("tgamma", "binary64", to=parse_float("e20m5000"))(F64.from_float(1001.0)).flags == Flags.INEXACT
