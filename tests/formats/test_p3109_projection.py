"""Projection into P3109 formats, held to the formulas of section 4.7 of the interim report, written out on fractions.

Every gap between codes is visited at its ends, near them, at its middle and around it, with both signs, in every mode and with
every value of up to three random bits; what lies beyond the range is projected with every saturation mode of both revisions.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from math import floor

import pytest
from gmpy2 import mpq

from formats.catalogue import P3109
from formats.floats import Float, p3109
from formats.projection import Projection
from refmath.datum import Infinity
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding

EPSILON = Fraction(1, 2**40)
POSITIONS = [Fraction(n, 16) for n in (0, 1, 4, 6, 8, 9, 12, 15)] + [EPSILON, Fraction(1, 2) - EPSILON, Fraction(1, 2) + EPSILON, 1 - EPSILON]
R = Rounding
NAN = "NaN"


def magnitude(code: int, p: int, bias: int) -> Fraction:
    """Section 3: a magnitude code as T and E; codes go on beyond the greatest."""
    t, e = code % 2 ** (p - 1), code // 2 ** (p - 1)
    if e == 0:
        return t * Fraction(2) ** (1 - p) * Fraction(2) ** (1 - bias)
    return (1 + t * Fraction(2) ** (1 - p)) * Fraction(2) ** (e - bias)


class Definition:
    """A format, decoded once by section 3: its finite values and their codes, its special codes."""

    def __init__(self, fmt: Float) -> None:
        self.fmt, self.k, self.p, self.signed = fmt, fmt.width, fmt.precision, fmt.signed
        self.extended = fmt.name[-1] == "e" or "e(" in fmt.name
        self.bias = 2 ** (self.k - self.p - 1) if self.signed else 2 ** (self.k - self.p)
        half, full = 2 ** (self.k - 1), 2**self.k
        self.nan = half if self.signed else full - 1
        self.infinity = (half - 1 if self.signed else full - 2) if self.extended else None
        last = (half if self.signed else full - 1) - (2 if self.extended else 1)
        self.codes = {magnitude(c, self.p, self.bias): c for c in range(last + 1)}
        self.high = magnitude(last, self.p, self.bias)
        self.low = Fraction(0)
        if self.signed:
            self.codes |= {-value: code + half for value, code in self.codes.items() if value}
            self.low = -self.high
        self.last = last

    def operands(self) -> Iterator[Fraction]:
        """Numbers in every gap, and in some beyond the greatest value, of both signs."""
        for code in range(self.last + min(2 ** (self.p + 1), 6)):
            here, above = magnitude(code, self.p, self.bias), magnitude(code + 1, self.p, self.bias)
            for position in POSITIONS:
                x = here + (above - here) * position
                yield from (x, -x) if x else (x,)


def round_to_precision(x: Fraction, p: int, bias: int) -> tuple[int, Fraction, Fraction, bool]:
    """Section 4.7.1: floor(s), nu, 2^Q and CodeIsEven."""
    if not x:
        return 0, Fraction(0), Fraction(1), True
    log = abs(x).numerator.bit_length() - abs(x).denominator.bit_length()
    log -= Fraction(2) ** log > abs(x)
    q = max(log, 1 - bias) - p + 1
    s = abs(x) * Fraction(2) ** -q
    whole = floor(s)
    even = whole % 2 == 0 if p > 1 else whole == 0 or (q + bias) % 2 == 0
    return whole, s - whole, Fraction(2) ** q, even


def round_half_even(x: Fraction) -> int:
    """RNITE."""
    return round(x)


def goes_away(mode: Rounding, nu: Fraction, even: bool, positive: bool, n: int, r: int) -> bool:
    """The column "away when"; the modes that P3109 lacks are defined in the same terms."""
    half = Fraction(1, 2)
    match mode:
        case R.TOWARD_ZERO:
            return False
        case R.TOWARD_POSITIVE:
            return nu > 0 and positive
        case R.TOWARD_NEGATIVE:
            return nu > 0 and not positive
        case R.AWAY_FROM_ZERO:
            return nu > 0
        case R.NEAREST_AWAY:
            return nu >= half
        case R.NEAREST_ZERO:
            return nu > half
        case R.NEAREST_EVEN:
            return nu > half or (nu == half and not even)
        case R.NEAREST_ODD:
            return nu > half or (nu == half and even)
        case R.NEAREST_POSITIVE:
            return nu > half or (nu == half and positive)
        case R.NEAREST_NEGATIVE:
            return nu > half or (nu == half and not positive)
        case R.TO_ODD:
            return nu > 0 and even
        case R.STOCHASTIC_A:
            return floor(nu * 2**n) + r >= 2**n
        case R.STOCHASTIC_B:
            return floor(nu * 2 ** (n + 1)) + 2 * r + 1 >= 2 ** (n + 1)
        case R.STOCHASTIC_C:
            return round_half_even(nu * 2**n) + r >= 2**n
        case _:
            raise AssertionError(mode)


def saturate(z: Fraction | str, d: Definition, policy: Overflow, mode: Rounding) -> Fraction | str:
    """Section 4.7.2, first match wins; ``satnone_4.0.3`` as the drafts after v4.0 have it."""
    if not isinstance(z, str) and d.low <= z <= d.high:
        return z
    above = z == "+Inf" or (not isinstance(z, str) and z > d.high)
    infinite = isinstance(z, str)
    limit = d.high if above else d.low
    beyond: Fraction | str = ("+Inf" if d.extended else d.high) if above else "-Inf" if d.signed and d.extended else NAN if not d.signed else d.low
    inwards = mode in ((R.TOWARD_ZERO, R.TOWARD_NEGATIVE) if above else (R.TOWARD_ZERO, R.TOWARD_POSITIVE))
    match policy:
        case Overflow.SATURATE_FINITE:
            return limit
        case Overflow.SATURATE_PROPAGATE:
            if not infinite:
                return limit
            return "+Inf" if above and d.extended else "-Inf" if not above and d.extended and d.signed else limit
        case Overflow.SATNONE_4_0:
            if infinite:
                return beyond
            if above and mode is R.TO_ODD and not d.signed and d.extended:
                return limit
            return limit if inwards else beyond
        case Overflow.SATNONE_4_0_3:
            if not infinite and inwards:
                return limit
            return beyond if d.extended else NAN
        case _:
            raise AssertionError(policy)


def encode(z: Fraction | str, d: Definition) -> int:
    """Section 3 backwards."""
    match z:
        case "NaN":
            return d.nan
        case "+Inf":
            assert d.infinity is not None
            return d.infinity
        case "-Inf":
            assert d.infinity is not None
            return d.infinity + 2 ** (d.k - 1)
        case _:
            return d.codes[z]  # type: ignore[index]


POLICIES = (Overflow.SATNONE_4_0_3, Overflow.SATNONE_4_0, Overflow.SATURATE_FINITE, Overflow.SATURATE_PROPAGATE)


@cache
def how(mode: Rounding, n: int, policy: Overflow) -> Projection:
    """The projection of a specification."""
    return Projection(rounding=mode, bits=n, overflow=policy)


def choices(largest_n: int) -> list[tuple[Rounding, int, int]]:
    """Every mode, with every draw of up to ``largest_n`` random bits where it needs them."""
    stochastic = [(mode, n, r) for mode in (R.STOCHASTIC_A, R.STOCHASTIC_B, R.STOCHASTIC_C) for n in range(1, largest_n + 1) for r in range(2**n)]
    return [(mode, 0, 0) for mode in DETERMINISTIC] + stochastic


def check(fmt: Float, modes: list[tuple[Rounding, int, int]]) -> None:
    """Projects every operand in every mode, and out of range with every policy."""
    d = Definition(fmt)
    for x in d.operands():
        whole, nu, step, even = round_to_precision(x, d.p, d.bias)
        exact = mpq(x)
        for mode, n, r in modes:
            rounded = (whole + goes_away(mode, nu, even, x > 0, n, r)) * step
            z = -rounded if x < 0 else rounded
            for policy in POLICIES if not d.low <= z <= d.high else POLICIES[:1]:
                expected = encode(saturate(z, d, policy, mode), d)
                got = fmt.round(exact, how(mode, n, policy), r)
                assert got == expected, f"{fmt} {x} {mode.value} {n} {r} {policy.value}: {got:#x} is not {expected:#x}"


@pytest.mark.parametrize("fmt", [named.format for named in P3109 if named.format.width <= 5], ids=str)
def test_projection_follows_the_formulas(fmt: Float) -> None:
    """All formats of 3 to 5 bits, all modes, every draw of one and two random bits, up to 4 bits also of three."""
    check(fmt, choices(3 if fmt.width < 5 else 2))


@pytest.mark.parametrize("fmt", [named.format for named in P3109 if named.format.width == 6], ids=str)
def test_projection_follows_the_formulas_at_six_bits(fmt: Float) -> None:
    """All formats of 6 bits, all deterministic modes."""
    check(fmt, choices(0))


@pytest.mark.parametrize("name", ["binary8p4se", "binary8p3se", "binary8p1uf", "binary8p4sf"])
def test_projection_follows_the_formulas_at_eight_bits(name: str) -> None:
    """The formats of 8 bits that every implementation has to offer, all deterministic modes."""
    fmt = next(named.format for named in P3109 if named.format.name == name)
    assert isinstance(fmt, Float)
    check(fmt, choices(0))


@pytest.mark.parametrize("fmt", [named.format for named in P3109], ids=str)
def test_infinities_follow_the_saturation_table(fmt: Float) -> None:
    """Both infinities, each policy, each mode, all 120 formats."""
    d = Definition(fmt)
    for mode, n, r in choices(1):
        for policy in POLICIES:
            for name in ("+Inf", "-Inf"):
                expected = encode(saturate(name, d, policy, mode), d)
                assert fmt.round(Infinity(name == "-Inf"), how(mode, n, policy), r) == expected


def test_default_projection_is_that_of_the_revision() -> None:
    """(NearestTiesToEven, SatNone) of the format's own revision; 232 rounds to 224 and 233 to infinity in binary8p4se."""
    for revision, policy in (("4.0", Overflow.SATNONE_4_0), ("4.0.3", Overflow.SATNONE_4_0_3)):
        fmt = p3109(8, 4, True, True, revision)
        assert fmt.default == Projection(overflow=policy)
        assert (fmt.round(232), fmt.round(233)) == (0x7E, 0x7F)


def test_revisions_differ_exactly_in_what_changed() -> None:
    """Projecting each value of each format of 4, 5 and 6 bits into each of its width, in six modes: thousands of cases differ, all of them beyond a
    finite domain, or rounded to odd beyond an unsigned extended one."""
    modes = (R.NEAREST_EVEN, R.NEAREST_AWAY, R.TOWARD_ZERO, R.TOWARD_POSITIVE, R.TOWARD_NEGATIVE, R.TO_ODD)
    differing = 0
    for k in (4, 5, 6):
        formats = [named.format for named in P3109 if named.format.width == k]
        values = {value: mpq(value) for source in formats for value in Definition(source).codes}  # type: ignore[arg-type]
        for target in formats:
            assert isinstance(target, Float)
            d = Definition(target)
            for value, exact in values.items():
                for mode in modes:
                    old, new = (target.round(exact, how(mode, 0, policy)) for policy in (Overflow.SATNONE_4_0, Overflow.SATNONE_4_0_3))
                    if old == new:
                        continue
                    differing += 1
                    assert not d.low <= value <= d.high
                    assert not d.extended or (mode is R.TO_ODD and not d.signed)
                    assert new == (d.infinity if d.extended else d.nan)
    assert differing > 2000
