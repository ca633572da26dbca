"""Every conversion between binary16, bfloat16, binary32, E4M3 and E5M2 against MPFR, in all its rounding modes, with flags.

Sources up to 16 bits are exhaustive. From binary32 come 20,000 codes for each target and mode: random ones, and the neighbourhood of every
value and midpoint of the target; REFMATH_EFFORT=50 makes it a million.
"""

import random
from functools import cache
from itertools import pairwise

import gmpy2
import pytest
from effort import EFFORT
from gmpy2 import mpfr, mpq, mpz

from formats.floats import Float
from formats.notation import parse
from formats.projection import Projection
from refmath.datum import Finite, Infinity, NaN
from refmath.flags import Flags
from refmath.rounding import Rounding

NAMES = ("binary16", "bfloat16", "binary32", "ocp_e4m3", "ocp_e5m2")
MODES = {
    Rounding.NEAREST_EVEN: gmpy2.RoundToNearest,
    Rounding.TOWARD_ZERO: gmpy2.RoundToZero,
    Rounding.TOWARD_POSITIVE: gmpy2.RoundUp,
    Rounding.TOWARD_NEGATIVE: gmpy2.RoundDown,
    Rounding.AWAY_FROM_ZERO: gmpy2.RoundAwayZero,
}
PARAMETERS = {"binary16": (11, 15), "bfloat16": (8, 127), "binary32": (24, 127), "ocp_e4m3": (4, 8), "ocp_e5m2": (3, 15)}
"""Precision and greatest exponent; the least normal exponent is 1 - bias, and the bias of E4M3 is 7."""
CASES = 20_000 * EFFORT


def context(name: str, mode: Rounding) -> gmpy2.context:
    """An MPFR context that emulates a format: its exponents count significands from 1/2, and the least is that of the least subnormal number."""
    p, emax = PARAMETERS[name]
    emin = -6 if name == "ocp_e4m3" else 1 - emax
    return gmpy2.context(precision=p, emax=emax + 1, emin=emin - p + 2, subnormalize=True, round=MODES[mode])


@cache
def numbers(name: str) -> dict[int, mpfr]:
    """The finite codes of a format of at most 16 bits as MPFR numbers, signed zeros included."""
    fmt = parse(name)
    with gmpy2.context(precision=53):
        found = {}
        for code in fmt:
            datum = fmt.decode(code)
            if isinstance(datum, Finite):
                found[code] = mpfr("-0") if datum.negative and not datum.value else mpfr(datum.value)
        return found


def random_binary32(target: str) -> list[int]:
    """Codes of binary32: near every value and midpoint of a small target, and spread evenly over all exponents."""
    f32, rng = parse("binary32"), random.Random(target)
    near = []
    if target != "binary32":
        values = sorted(mpq(x) for x in numbers(target).values())
        places = values + [(a + b) / 2 for a, b in pairwise(values)]
        near = [f32.round(x) + step for x in rng.sample(places, min(len(places), CASES // 6)) for step in (-1, 0, 1)]
    return [code % f32.codes for code in near] + [rng.getrandbits(32) for _ in range(CASES - len(near))]


@cache
def operands(source: str, target: str) -> list[tuple[mpfr, Finite]]:
    """What is converted: every finite number of a small source, as MPFR number and as datum."""
    fmt = parse(source)
    if source != "binary32":
        return [(x, fmt.decode(code)) for code, x in numbers(source).items()]  # type: ignore[misc]
    data = [datum for code in random_binary32(target) if isinstance(datum := fmt.decode(code), Finite)]
    with gmpy2.context(precision=53):
        return [(mpfr("-0") if datum.negative and not datum.value else mpfr(datum.value), datum) for datum in data]


def expected_number(target: str, result: mpfr, mode: Rounding) -> tuple[mpfr, bool]:
    """MPFR's result and whether it overflowed; E4M3 ends at 448, within a binade, and has no infinity."""
    if target != "ocp_e4m3":
        return result, gmpy2.is_infinite(result)
    if abs(result) <= 448:
        return result, False
    inwards = mode is Rounding.TOWARD_ZERO or mode is (Rounding.TOWARD_NEGATIVE if result > 0 else Rounding.TOWARD_POSITIVE)
    return gmpy2.copy_sign(mpfr(448), result) if inwards else gmpy2.nan(), True


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("target", NAMES)
@pytest.mark.parametrize("source", NAMES)
def test_conversion_agrees_with_mpfr(source: str, target: str, mode: Rounding) -> None:
    """Value, sign of zero, infinity or NaN, and the flags inexact, overflow and underflow (tiny after rounding, and inexact)."""
    fmt, how = parse(target), Projection(rounding=mode)
    assert isinstance(fmt, Float)
    codes = numbers(target) if target != "binary32" else None
    ctx = context(target, mode)
    infinities = {fmt.infinity(negative): (gmpy2.inf(-1) if negative else gmpy2.inf()) for negative in (False, True)} if fmt.has_infinity else {}
    for x, datum in operands(source, target):
        ctx.clear_flags()
        result = ctx.plus(x)
        expected, overflow = expected_number(target, result, mode)
        code, flags = fmt.project(datum, how)
        if code in infinities:
            got = infinities[code]
        elif codes is None:
            got = mpfr(fmt.exact(code))
        else:
            got = codes.get(code, gmpy2.nan())
        assert got == expected or (got != got and expected != expected), (x, hex(code), expected)
        assert (code >> (fmt.width - 1)) == result.is_signed() or expected != expected
        assert (Flags.INEXACT in flags) == (ctx.inexact or overflow)
        assert (Flags.OVERFLOW in flags) == (ctx.overflow or overflow) and Flags.INVALID not in flags
        assert (Flags.UNDERFLOW in flags) == (ctx.underflow and ctx.inexact), (x, hex(code))


def wide_numbers(fmt: Float, count: int) -> list[mpq]:
    """Significands of twice the precision, many just beside a tie, at exponents near both ends of the range and near 1."""
    rng, p, emax = random.Random(fmt.name), fmt.precision, fmt.bias
    found = []
    for _ in range(count):
        kept, rest = rng.getrandbits(p - 1) | 1 << (p - 1), rng.choice((0, 1, 1 << (p - 1), (1 << (p - 1)) + 1, (1 << (p - 1)) - 1, rng.getrandbits(p)))
        e = rng.choice((-emax - rng.randrange(p + 3), 2 - emax, emax, rng.randint(-100, 100)))
        n = mpz((kept << p) + rest) * rng.choice((-1, 1))
        k = e - 2 * p + 1
        found.append(mpq(n << k) if k >= 0 else mpq(n, mpz(1) << -k))
    return found


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", ["binary64", "x87_extended", "binary128", "binary256", "e15m1000", "binary512"])
def test_wide_formats_agree_with_mpfr(name: str, mode: Rounding) -> None:
    """Subnormal, normal and overflowing results of formats up to a thousand significand bits, values and flags."""
    fmt = parse(name)
    assert isinstance(fmt, Float)
    p, emax = fmt.precision, fmt.bias
    exactly = gmpy2.context(precision=2 * p, emax=emax + 99, emin=-emax - 4 * p)
    ctx = gmpy2.context(precision=p, emax=emax + 1, emin=3 - emax - p, subnormalize=True, round=MODES[mode])
    for x in wide_numbers(fmt, 60 * EFFORT if emax < 1 << 20 else 12 * EFFORT):
        with exactly:
            source = mpfr(x)
        ctx.clear_flags()
        result = ctx.plus(source)
        code, flags = fmt.project(x, Projection(rounding=mode))
        datum = fmt.decode(code)
        assert datum == Infinity(bool(result < 0)) if gmpy2.is_infinite(result) else isinstance(datum, Finite) and datum.value == mpq(result)
        assert (Flags.INEXACT in flags, Flags.OVERFLOW in flags) == (ctx.inexact, ctx.overflow)
        assert (Flags.UNDERFLOW in flags) == (ctx.underflow and ctx.inexact)


@pytest.mark.parametrize("target", NAMES)
@pytest.mark.parametrize("source", ["binary16", "bfloat16", "ocp_e5m2"])
def test_infinities_and_nans_are_converted_by_class(source: str, target: str) -> None:
    """An infinity stays one, or is NaN and invalid where there is none; a quiet NaN is NaN, a signalling one raises invalid too."""
    origin, fmt = parse(source), parse(target)
    for code in origin:
        datum = origin.decode(code)
        match datum:
            case Infinity() if fmt.has_infinity:
                result, flags = fmt.project(datum)
                assert (fmt.decode(result), flags) == (datum, Flags.NONE)
            case Infinity():
                result, flags = fmt.project(datum)
                assert (result, flags) == (fmt.nan(), Flags.INVALID)
            case NaN(_, signalling):
                result, flags = fmt.project(datum)
                assert (result, flags) == (fmt.nan(), Flags.INVALID if signalling else Flags.NONE)
