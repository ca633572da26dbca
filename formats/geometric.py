"""Gaps between two positive numbers that are refined in the logarithm: the number at i/2^k of the way from a to b is a (b/a)^(i/2^k), the middle sqrt(a b).

A place is rational in two ways only. If x^n is rational and x lies at i/2^j in lowest terms, then (x/a)^(n 2^j) = (b/a)^(n i); where the exponents of every prime
are compared, b/a turns out to be a 2^j-th power up to the powers of two in n. So with r = (b/a)^(1/2^J), J as great as r is rational, (x/a)^n is a power of r, and that
is tried. Every other place is narrowed until it decides.
"""

from functools import lru_cache

import gmpy2
from gmpy2 import mpq

from refmath.enclosures import UNPROVEN_BITS, irrational
from refmath.errors import RefmathError
from refmath.exponentials import logarithm
from refmath.intervals import Interval, Precision, enclose, exp, log, precision
from refmath.reals import Exact, Irrational, Real, Root, compare, power_of_two, root, shift

MOST_ROOTS = 64
"""The greatest root of a power of two that is looked at by itself."""


@lru_cache(maxsize=1024)
def _deepest(ratio: mpq) -> tuple[mpq, int]:
    """The rational 2^j-th root of a ratio with the greatest j, and j."""
    j = 0
    while not isinstance(half := root(ratio, 2), Real):
        ratio, j = half, j + 1
    return ratio, j


class Place(Irrational):
    """A number between two others that is irrational, and remembers where it lies: i/2^k of the way from a to b."""

    __slots__ = ("a", "b", "i", "k")

    def __init__(self, a: mpq, b: mpq, i: int, k: int, negative: bool = False) -> None:
        t = mpq(i) * power_of_two(-k)
        super().__init__(irrational(lambda p: enclose(a, p) * exp(log(enclose(b / a, p)) * enclose(t, p))).enclose, negative)
        self.a, self.b, self.i, self.k = a, b, i, k

    def negated(self) -> "Place":
        return Place(self.a, self.b, self.i, self.k, not self.negative)


def between(a: mpq, b: mpq, i: int, k: int) -> Exact:
    """a (b/a)^(i/2^k), 0 < a < b; the same object for the same number of a gap."""
    zeros = min(gmpy2.bit_scan1(i), k) if i else k
    return _lowest(a, b, i >> zeros, k - zeros)


@lru_cache(maxsize=1 << 14)
def _lowest(a: mpq, b: mpq, i: int, k: int) -> Exact:
    """The same of a fraction in lowest terms."""
    base, j = _deepest(b / a)
    if k <= j:
        return a * base ** (i << (j - k))
    return root(a * b, 2) if k == 1 else Place(a, b, i, k)


def place(x: Exact, a: mpq, b: mpq, k: int) -> tuple[int, bool]:
    """floor(2^k log(|x|/a) / log(b/a)) for 0 < a <= |x| < b, and whether that is exact."""
    if isinstance(x, Place) and (x.a, x.b) == (a, b):
        return shift(x.i, k - x.k), x.k <= k
    if compare(x, a) == 0:
        return 0, True
    power, n = _rational_power(x)
    if power is not None and k <= 1:
        beyond = gmpy2.cmp(power**2, (a * b) ** n)
        return int(k and beyond >= 0), bool(k and beyond == 0)
    if power is not None:
        exact = _power_of(power / a**n, b / a)
        if exact is not None:
            scaled = exact / n * power_of_two(k)
            return int(scaled.numerator // scaled.denominator), scaled.denominator == 1
    return _narrowed(x, a, b, k, power is not None), False


def _rational_power(x: Exact) -> tuple[mpq | None, int]:
    """|x|^n that is rational, and n; (None, 0) of reals that are no roots."""
    if not isinstance(x, Real):
        return abs(x), 1
    if isinstance(x, Root):
        return x.radicand, x.degree
    exponent = logarithm(x, False)
    if exponent is None or exponent.denominator > MOST_ROOTS or abs(exponent.numerator) > UNPROVEN_BITS:
        return None, 0
    return power_of_two(int(exponent.numerator)), int(exponent.denominator)


def _power_of(y: mpq, ratio: mpq) -> mpq | None:
    """t with y = ratio^t, y >= 1, where t is i/2^j; None where there is none."""
    base, j = _deepest(ratio)
    low, high = 0, 1
    while base**high < y:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if base**middle <= y else (low, middle)
    found = next((i for i in (low, high) if base**i == y), None)
    return None if found is None else mpq(found) * power_of_two(-j)


def _narrowed(x: Exact, a: mpq, b: mpq, k: int, proven: bool) -> int:
    """floor of a scaled place that is no integer; of one of which that is not ``proven`` up to a stated limit."""
    bits = 64 + k
    while proven or bits <= UNPROVEN_BITS:
        p = precision(bits)
        found = _quotient(x, a, b, p)
        low, high = (shift(m, int(e) + k) for m, e in (found.lo.as_mantissa_exp(), found.hi.as_mantissa_exp()))
        if low == high:
            return int(low)
        bits *= 2
    raise RefmathError(f"A result agrees with a place between two values to {bits // 2:,} bits; whether it is that place is not proven, and it is given up.")


def _quotient(x: Exact, a: mpq, b: mpq, p: Precision) -> Interval:
    size = enclose(x, p)
    size = -size if size.hi < 0 else size
    return log(size / enclose(a, p)) / log(enclose(b / a, p))
