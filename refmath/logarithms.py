"""Numbers b^(n 2^-k), b = 2 or e: what logarithmic formats hold. Their products, quotients and roots are such numbers, a sum is such a number times 1 +- b^-d.

Logarithmic formats round in the logarithm, so that a result only has to say its ``floor``: floor(log_b |x| 2^j). Of a power that is a shift; of a sum it is narrowed from
one exponential and one logarithm, and ends since the logarithm of a sum is irrational where it is not a power itself (see ``refmath.exponentials``).

A function here gives None where the result is zero, or is none: then it is a matter for the operation itself.
"""

from abc import abstractmethod

from gmpy2 import mpq, mpz

from refmath.exponentials import Term, power_sum, terms_of
from refmath.intervals import precision
from refmath.reals import Exact, Real, floor_log2, floor_scaled, is_negative, power_of_two, rational_floor_log2, shift

GUARD_BITS = 24
"""Bits of a logarithm beyond those asked for: about one sum in so many powers of two has to be narrowed further."""


class Logarithm(Real):
    """A nonzero real known by the logarithm of its magnitude, to base e if ``natural``, else to base 2."""

    __slots__ = ("natural",)

    natural: bool

    @abstractmethod
    def floor(self, j: int) -> tuple[int, bool]:
        """floor(log_b |x| 2^j), and whether that is exact."""

    @abstractmethod
    def form(self) -> Exact:
        """The same number as a sum of powers."""

    def floor_log2(self) -> int:
        return floor_log2(self.form())

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        return floor_scaled(self.form(), k)


class Power(Logarithm):
    """b^(n 2^-k), with a sign."""

    __slots__ = ("k", "n")

    def __init__(self, n: int, k: int, natural: bool, negative: bool) -> None:
        self.n, self.k, self.natural, self.negative = n, k, natural, negative

    def floor(self, j: int) -> tuple[int, bool]:
        up = j - self.k
        if up >= 0:
            return self.n << up, True
        kept = self.n >> -up
        return kept, kept << -up == self.n

    @property
    def term(self) -> Term:
        """The same as a term of a sum of powers."""
        exponent, sign = mpq(self.n, mpz(1) << self.k), mpq(-1 if self.negative else 1)
        return (exponent, mpq(0), sign) if self.natural else (mpq(0), exponent, sign)

    def form(self) -> Exact:
        return power_sum([self.term])

    def negated(self) -> "Power":
        return Power(self.n, self.k, self.natural, not self.negative)


class Sum(Logarithm):
    """b^(n 2^-k) (1 + b^(-d 2^-k)), or 1 - where it ``cancels``, d >= 0, with a sign; not zero, and no power."""

    __slots__ = ("cancels", "d", "k", "n")

    def __init__(self, n: int, d: int, k: int, natural: bool, negative: bool, cancels: bool) -> None:
        self.n, self.d, self.k, self.natural, self.negative, self.cancels = n, d, k, natural, negative, cancels

    def floor(self, j: int) -> tuple[int, bool]:
        n, d, k, cancels = self.n, self.d, self.k, self.cancels
        decisive = max(j, k)
        if d >> k > decisive + 4:  # the lesser term moves the logarithm by less than 2^-decisive / 4: its sign decides
            whole = shift(n, j - k)
            return whole - (cancels and shift(whole, k - j) == n), False
        extra = GUARD_BITS
        while True:
            scale = max(j + extra, k)
            middle = (n << (scale - k)) + self._logarithm(scale)
            low, high = (middle - 2) >> (scale - j), (middle + 2) >> (scale - j)
            if low == high:
                return int(low), False
            extra *= 2

    def _logarithm(self, scale: int) -> mpz:
        """log_b(1 +- b^-D) 2^scale, D = d 2^-k, with an error of less than 2.

        With w bits, b^-D <= 1 has an error of at most 2^(2-w), 1 +- b^-D one of 2^(3-w); that is at least 2^-lost, so that its logarithm, not greater than
        lost + 2, has one of less than 2^(lost+4-w). With w >= scale + lost + 6 that is less than 2^-scale, and the floor adds as much.
        """
        lost = max(1, self.k - self.d.bit_length() + 2) if self.cancels else 0
        bits = (scale + lost + 37) & ~31
        p = precision(bits).down
        exponent = p.div_2exp(-self.d, self.k)
        power = p.exp(exponent) if self.natural else p.exp2(exponent)
        whole = p.sub(1, power) if self.cancels else p.add(1, power)
        m, e = (p.log(whole) if self.natural else p.log2(whole)).as_mantissa_exp()
        return shift(m, int(e) + scale)

    def form(self) -> Exact:
        greater = Power(self.n, self.k, self.natural, self.negative)
        lesser = Power(self.n - self.d, self.k, self.natural, self.negative != self.cancels)
        return power_sum([greater.term, lesser.term])

    def negated(self) -> "Sum":
        return Sum(self.n, self.d, self.k, self.natural, not self.negative, self.cancels)


def known_logarithm(x: Exact, natural: bool) -> Logarithm | None:
    """A nonzero real as what is known by its logarithm to base e or 2: a power, or a sum of two, whose lesser may be too small for any enclosure to see; None of any other."""
    if isinstance(x, Logarithm):
        return x if x.natural == natural else None
    terms = terms_of(x)
    if terms is None or len(terms) > 2:
        return None
    powers = [power for term in terms if (power := power_of(term, natural)) is not None]
    if len(powers) < len(terms):
        return None
    return powers[0] if len(powers) == 1 else add(*powers)


def compare(x: Exact, y: Exact) -> int | None:
    """The sign of x - y of two different powers of one base with their signs, or of such a power and zero; None of any others."""
    (p, negative), (q, other) = ((terms_of(z), is_negative(z)) for z in (x, y))
    if p is None or q is None or len(p) > 1 or len(q) > 1:
        return None
    if negative != other or not x or not y:
        return -1 if negative or (not x and not other) else 1
    for natural in (False, True):
        a, b = power_of(p[0], natural), power_of(q[0], natural)
        if a is not None and b is not None:
            n, m, _ = _aligned(a, b)
            return 1 if (n > m) != negative else -1
    return None


def power_of(term: Term, natural: bool) -> Power | None:
    """A term as a power of b, with a sign; None where it is no such power, or where its exponent is not dyadic."""
    a, b, q = term
    factor = rational_floor_log2(abs(q))
    exponent = a if natural else b + factor
    k = exponent.denominator.bit_length() - 1
    if (b if natural else a) or abs(q) != power_of_two(0 if natural else factor) or exponent.denominator != 1 << k:
        return None
    return Power(int(exponent.numerator), k, natural, q < 0)


def multiply(x: Power, y: Power) -> Power:
    """x y."""
    n, m, k = _aligned(x, y)
    return Power(n + m, k, x.natural, x.negative != y.negative)


def divide(x: Power, y: Power) -> Power:
    """x / y."""
    n, m, k = _aligned(x, y)
    return Power(n - m, k, x.natural, x.negative != y.negative)


def reciprocal(x: Power) -> Power:
    """1 / x."""
    return Power(-x.n, x.k, x.natural, x.negative)


def sqrt(x: Power) -> Power | None:
    """The square root; None of a negative number."""
    return None if x.negative else Power(x.n, x.k + 1, x.natural, False)


def rsqrt(x: Power) -> Power | None:
    """1 / sqrt(x); None of a negative number."""
    return None if x.negative else Power(-x.n, x.k + 1, x.natural, False)


def add(x: Power, y: Power) -> Logarithm | None:
    """x + y."""
    n, m, k = _aligned(x, y)
    if n < m:
        n, m, x, y = m, n, y, x
    d, cancels = n - m, x.negative != y.negative
    if not d and cancels:
        return None
    if not x.natural and d == (cancels << k):  # 1 + 1 and 1 - 1/2, the only sums of powers of two that are such a power
        return Power(n - (1 << k) if cancels else n + (1 << k), k, False, x.negative)
    return Sum(n, d, k, x.natural, x.negative, cancels)


def subtract(x: Power, y: Power) -> Logarithm | None:
    """x - y."""
    return add(x, y.negated())


def fma(x: Power, y: Power, z: Power) -> Logarithm | None:
    """x y + z."""
    return add(multiply(x, y), z)


def fmm(x: Power, y: Power, z: Power) -> Power:
    """x y z."""
    return multiply(multiply(x, y), z)


def same(x: Power) -> Power:
    """x."""
    return x


def _aligned(x: Power, y: Power) -> tuple[int, int, int]:
    """The logarithms of both as integers of one unit, and its k."""
    if x.k == y.k:
        return x.n, y.n, x.k
    k = max(x.k, y.k)
    return x.n << (k - x.k), y.n << (k - y.k), k
