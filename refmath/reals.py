"""Exact reals: rationals, and reals that narrow on demand.

A result of an operation is *exact* before it is rounded. A rational one is a ``gmpy2.mpq``. Any other is a ``Real``:
it never holds digits, it answers two questions about its magnitude, exactly:

- ``floor_log2()``: the exponent of its leading bit;
- ``floor_scaled(k)``: floor(|x| * 2^k), and whether that is |x| * 2^k itself.

An ``Irrational`` answers both from enclosures that it narrows until they decide (Ziv's strategy). That terminates
because no scaled irrational is an integer: whoever constructs one has to have excluded the rational cases by theorem.
A new function therefore adds only its enclosure.
"""

from collections.abc import Callable
from typing import TypeAlias

import gmpy2
from gmpy2 import mpq, mpz

FIRST_BITS = 64
"""Relative precision, in bits, of the first enclosure that an irrational asks for; doubled until it decides."""


class Real:
    """A nonzero real number that is not held as a rational; sign and magnitude apart. What it is is its subclasses' business.

    It is no ABC: every step asks whether an exact real is one, and for an ABC that question is several times dearer.
    """

    __slots__ = ("negative",)
    negative: bool

    def floor_log2(self) -> int:
        """floor(log2(|x|))."""
        raise NotImplementedError

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        """floor(|x| * 2^k), and whether it equals |x| * 2^k."""
        raise NotImplementedError

    def negated(self) -> "Real":
        """-x."""
        raise NotImplementedError

    def equals(self, y: mpq) -> bool:
        """Whether |x| is the rational y; never, where x is irrational."""
        return False


Exact: TypeAlias = mpq | Real
"""An exact real number."""

Enclosure: TypeAlias = tuple[int, int, int]
"""(lo, hi, e) with 0 < lo * 2^e <= |x| <= hi * 2^e."""


class Irrational(Real):
    """An irrational real given by enclosures of its magnitude.

    ``enclose(bits)`` returns (lo, hi, e) with lo 2^e <= |x| <= hi 2^e and a width that shrinks to nothing, relative to |x|,
    as ``bits`` grows; about ``bits`` correct bits are asked for. ``first``, where it is known, is ``enclose(FIRST_BITS)``.
    """

    __slots__ = ("_best", "_bits", "enclose")

    def __init__(self, enclose: Callable[[int], Enclosure], negative: bool = False, first: Enclosure | None = None) -> None:
        self.enclose = enclose
        self.negative = negative
        self._bits = FIRST_BITS if first else 0
        self._best: Enclosure = first or (0, 0, 0)

    def _narrow(self, bits: int) -> None:
        self._bits = max(bits, FIRST_BITS)
        self._best = self.enclose(self._bits)

    def floor_log2(self) -> int:
        if not self._bits:
            self._narrow(FIRST_BITS)
        while True:
            lo, hi, e = self._best
            if lo > 0 and lo.bit_length() == hi.bit_length():
                return int(lo.bit_length() - 1 + e)
            self._narrow(2 * self._bits)

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        magnitude = self.floor_log2() + k
        if magnitude < 0:
            return 0, False
        if self._bits < magnitude + 16:
            self._narrow(magnitude + 32)
        while True:
            lo, hi, e = self._best
            low, high = shift(lo, e + k), shift(hi, e + k)
            if low == high:
                return int(low), False
            self._narrow(2 * self._bits)

    def negated(self) -> "Irrational":
        twin = type(self)(self.enclose, not self.negative)
        twin._bits, twin._best = self._bits, self._best
        return twin


def shift(n: int, k: int) -> int:
    """floor(n * 2^k)."""
    return n << k if k >= 0 else n >> -k


def rational_floor_log2(x: mpq) -> int:
    """floor(log2(x)) of a positive rational."""
    n, d = x.numerator, x.denominator
    e: int = n.bit_length() - d.bit_length()
    return e if (n >= d << e if e >= 0 else n << -e >= d) else e - 1


def rational_floor_scaled(x: mpq, k: int) -> tuple[int, bool]:
    """floor(x * 2^k) of a positive rational, and whether it is exact."""
    n, d = x.numerator, x.denominator
    if k >= 0:
        n <<= k
    else:
        d <<= -k
    if d == 1:
        return n, True
    q, r = gmpy2.f_divmod(n, d)
    return q, not r


def floor_log2(x: Exact) -> int:
    """floor(log2(|x|)) of a nonzero exact real."""
    return x.floor_log2() if isinstance(x, Real) else rational_floor_log2(abs(x))


def floor_scaled(x: Exact, k: int) -> tuple[int, bool]:
    """floor(|x| * 2^k) of a nonzero exact real, and whether it is exact."""
    return x.floor_scaled(k) if isinstance(x, Real) else rational_floor_scaled(abs(x), k)


def is_negative(x: Exact) -> bool:
    """x < 0."""
    return x.negative if isinstance(x, Real) else x < 0


def negate(x: Exact) -> Exact:
    """-x."""
    return x.negated() if isinstance(x, Real) else -x


def power_of_two(k: int) -> mpq:
    """2^k."""
    return mpq(mpz(1) << k) if k >= 0 else mpq(1, mpz(1) << -k)


def shifted(n: int, k: int) -> mpq:
    """n * 2^k, of an integer."""
    return mpq(mpz(n) << k) if k >= 0 else mpq(n, mpz(1) << -k)


def scale(x: mpq, k: int) -> mpq:
    """x * 2^k."""
    return x * power_of_two(k)


def compare(x: Exact, y: mpq) -> int:
    """The sign of |x| - y for a rational y >= 0."""
    if not isinstance(x, Real):
        return int(gmpy2.cmp(abs(x), y))
    if y == 0:
        return 1
    if x.equals(y):
        return 0
    difference = x.floor_log2() - rational_floor_log2(y)
    if difference:
        return 1 if difference > 0 else -1
    bits, k = 64, -x.floor_log2()
    while True:
        (a, a_exact), (b, b_exact) = x.floor_scaled(k + bits), rational_floor_scaled(y, k + bits)
        if a != b:
            return 1 if a > b else -1
        if a_exact or b_exact:
            return int(b_exact) - int(a_exact)
        bits *= 2


class Root(Irrational):
    """An irrational root of a positive rational, which it remembers."""

    __slots__ = ("degree", "radicand")

    def __init__(self, radicand: mpq, degree: int, negative: bool = False) -> None:
        super().__init__(self._around, negative)
        self.radicand, self.degree = radicand, degree

    def _around(self, bits: int) -> Enclosure:
        x, n = self.radicand, self.degree
        k = bits - rational_floor_log2(x) // n
        lo = gmpy2.iroot(mpz(rational_floor_scaled(x, n * k)[0]), n)[0]
        return lo, lo + 1, -k

    def negated(self) -> "Root":
        return Root(self.radicand, self.degree, not self.negative)


def root(x: mpq, n: int) -> Exact:
    """The positive n-th root of a positive rational, n >= 2: rational when it is one, else narrowing on demand.

    The n-th root of a fraction in lowest terms is rational exactly when numerator and denominator are both perfect n-th powers.
    """
    numerator, exact_numerator = gmpy2.iroot(x.numerator, n)
    if exact_numerator:
        denominator, exact_denominator = gmpy2.iroot(x.denominator, n)
        if exact_denominator:
            return mpq(numerator, denominator)
    return Root(x, n)


def sqrt(x: mpq) -> Exact:
    """The square root of a positive rational."""
    return root(x, 2)


def floor_linear(x: Exact, a: mpq, b: mpq) -> tuple[int, bool]:
    """floor(a |x| + b) for rationals a > 0 and b, and whether it is exact; |x| is no greater than can be written out."""
    if not isinstance(x, Real):
        y = a * abs(x) + b
        return int(y.numerator // y.denominator), y.denominator == 1
    k = 64
    while True:
        n, exact = x.floor_scaled(k)
        low = a * scale(mpq(n), -k) + b
        high = a * scale(mpq(n + (not exact)), -k) + b
        floor = low.numerator // low.denominator
        if exact:
            return int(floor), low.denominator == 1
        if high <= floor + 1:
            return int(floor), False
        k *= 2
