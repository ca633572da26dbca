"""Numbers m 5^f 2^t whose powers are too great to write out, as text such as ``1e-999999999`` denotes them.

A decimal numeral is m 10^e = m 5^e 2^e. While the powers are small it is a rational like any other; beyond that it is a real
that narrows on demand, so that it rounds, overflows or vanishes like any other number, at once and in little memory.
"""

import gmpy2
from gmpy2 import mpq, mpz

from refmath.errors import RefmathError, quote
from refmath.reals import Enclosure, Exact, Irrational, Real, floor_log2, floor_scaled, power_of_two, shift

WRITTEN_OUT = 10**5
"""Exponents up to this are written out as integers, and so are those up to the bits of the mantissa.

A mantissa that is longer than its power can be made to lie as close to a boundary as its digits are many: 1.000...1. There the
rational costs what reading it cost, and enclosures would have to be as long.
"""
MAX_EXPONENT = 10**30
"""Beyond it an exponent is refused."""
MAX_BITS = 1 << 31
"""The greatest number of bits that is written out."""


class ScaledPower(Real):
    """m 5^f 2^t, m coprime to 10: a dyadic number exactly if f >= 0, and no power of two unless f = 0."""

    __slots__ = ("_real", "coprime", "fives", "twos")

    def __init__(self, coprime: mpz, fives: int, twos: int, negative: bool) -> None:
        assert coprime > 0 and coprime & 1 and coprime % 5
        self.coprime, self.fives, self.twos, self.negative = coprime, fives, twos, negative
        self._real = Irrational(self._enclose)

    def _enclose(self, bits: int) -> Enclosure:
        """m 2^(f log2 5): the integer part of the exponent is taken out, the rest computed with bits to spare."""
        precision = bits + self.fives.bit_length() + 32
        with gmpy2.context(precision=precision, round=gmpy2.RoundToNearest):
            power = gmpy2.log2(gmpy2.mpfr(5)) * self.fives
            whole = gmpy2.floor(power)
            n, e = (gmpy2.exp2(power - whole) * gmpy2.mpfr(self.coprime)).as_mantissa_exp()
        widen = max(precision - n.bit_length(), 0)
        n, e = mpz(n) << widen, int(e) - widen
        slack = mpz(1) << (n.bit_length() - bits)
        return n - slack, n + slack, e + int(whole) + self.twos

    def floor_log2(self) -> int:
        return self._real.floor_log2() if self.fives else int(self.coprime.bit_length()) - 1 + self.twos

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        if self.floor_log2() + k > MAX_BITS:
            raise RefmathError(f"A number of magnitude 2^{self.floor_log2():,} cannot be written out; ask for its leading digits.")
        twos = self.twos + k
        if self.fives >= 0 and twos >= 0:
            return self.coprime * mpz(5) ** self.fives << twos, True
        if not self.fives:
            return shift(self.coprime, twos), False
        return self._real.floor_scaled(k)

    def negated(self) -> "ScaledPower":
        return ScaledPower(self.coprime, self.fives, self.twos, not self.negative)

    def equals(self, y: mpq) -> bool:
        n, twos = _without(y.numerator, 2, 0)
        n, fives = _without(n, 5, 0)
        d, twos = _without(y.denominator, 2, -twos)
        d, fives = _without(d, 5, -fives)
        return bool(d == 1 and n == self.coprime) and (-fives, -twos) == (self.fives, self.twos)

    @property
    def base(self) -> int:
        """2 or 10: the number is ``mantissa`` times a power of it."""
        return 10 if self.fives else 2

    @property
    def exponent(self) -> int:
        """The exponent of ``base``."""
        return min(self.fives, self.twos) if self.fives else self.twos

    @property
    def mantissa(self) -> mpz:
        """The integer that the power of ``base`` multiplies."""
        e = self.exponent
        return self.coprime if self.base == 2 else self.coprime * mpz(5) ** (self.fives - e) << (self.twos - e)


def product(mantissa: mpz, fives: int, twos: int, negative: bool = False) -> Exact:
    """mantissa 5^fives 2^twos with that sign, exactly; mantissa > 0. ``RefmathError`` for exponents beyond 10^30."""
    if max(abs(fives), abs(twos)) > MAX_EXPONENT + mantissa.bit_length():
        raise RefmathError(f"The exponent {quote(twos)} is beyond what can be computed; the limit is 10^30.")
    odd, twos = _without(mantissa, 2, twos)
    coprime, fives = _without(odd, 5, fives)
    written_out = max(WRITTEN_OUT, mantissa.bit_length())
    if abs(fives) > written_out or abs(twos) > 4 * written_out:
        return ScaledPower(coprime, fives, twos, negative)
    factor = mpz(5) ** abs(fives)
    value = (mpq(coprime * factor) if fives >= 0 else mpq(coprime, factor)) * power_of_two(twos)
    return -value if negative else value


def _without(n: mpz, prime: int, exponent: int) -> tuple[mpz, int]:
    """n prime^exponent with a mantissa that the prime does not divide."""
    rest, times = gmpy2.remove(n, prime)
    return rest, exponent + int(times)


def power(base: int, exponent: int, mantissa: mpz | None = None, negative: bool = False) -> Exact:
    """mantissa * base^exponent with that sign, exactly; base 2 or 10, mantissa > 0 or left out."""
    return product(mpz(1) if mantissa is None else mantissa, exponent if base == 10 else 0, exponent, negative)


def times_power_of_ten(x: Exact, e: int) -> Exact:
    """|x| 10^e of a nonzero exact real, exactly."""
    if isinstance(x, ScaledPower):
        return product(x.coprime, x.fives + e, x.twos + e)
    if isinstance(x, Real):
        return _irrational_times_power_of_ten(x, e)
    x = abs(x)
    bits = x.denominator.bit_length() - 1
    if abs(e) > WRITTEN_OUT and x.denominator == mpz(1) << bits:
        return product(x.numerator, e, e - bits)
    return x * mpz(10) ** e if e >= 0 else x / mpz(10) ** -e


def _irrational_times_power_of_ten(x: Real, e: int) -> Real:
    """A nonzero rational times an irrational is irrational: the product of the enclosures narrows until it decides."""
    ten = power(10, e)
    k, ten_k = 2 - x.floor_log2(), 2 - floor_log2(ten)

    def enclose(bits: int) -> Enclosure:
        n, _ = x.floor_scaled(bits + k)
        factor, _ = floor_scaled(ten, bits + ten_k)
        return n * factor, (n + 1) * (factor + 1), -2 * bits - k - ten_k

    return Irrational(enclose)
