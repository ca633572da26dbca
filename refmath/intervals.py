"""Intervals of reals with MPFR bounds: every operation rounds outward, so that it encloses the exact result.

An operation takes intervals and gives one that contains every value it can have on them. Where it cannot say anything useful (a
divisor that may be zero, a function that may have a pole or an extremum in between) it raises ``UndecidedError``, and whoever asked
comes back with more bits. Points are intervals of two equal bounds, each exact in its own precision, whatever that is.

MPFR rounds correctly, but gmpy2 leaves its exponent range at 2^30: a bound beyond is an infinity or a zero, which still encloses.
"""

from functools import lru_cache
from math import floor

import gmpy2
from gmpy2 import mpfr, mpz

from refmath.errors import RefmathError
from refmath.reals import Exact, Real, floor_log2

MAX_EXPONENT = 1 << 29
"""Beyond 2^(2^29), or below its inverse, an operand has no MPFR number."""


class UndecidedError(Exception):
    """An enclosure is too wide for what is asked of it."""


class Precision:
    """A working precision in bits: the two contexts that round down and up."""

    __slots__ = ("bits", "down", "up")

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.down = gmpy2.context(precision=bits, round=gmpy2.RoundDown)
        self.up = gmpy2.context(precision=bits, round=gmpy2.RoundUp)


@lru_cache(maxsize=64)
def precision(bits: int) -> Precision:
    """The working precision of that many bits."""
    return Precision(bits)


class Interval:
    """lo <= x <= hi, at a working precision."""

    __slots__ = ("hi", "lo", "p")

    def __init__(self, lo: mpfr, hi: mpfr, p: Precision) -> None:
        self.lo, self.hi, self.p = lo, hi, p

    def __add__(self, other: "Interval | int") -> "Interval":
        b = _operand(other, self.p)
        return Interval(self.p.down.add(self.lo, b.lo), self.p.up.add(self.hi, b.hi), self.p)

    def __sub__(self, other: "Interval | int") -> "Interval":
        b = _operand(other, self.p)
        return Interval(self.p.down.sub(self.lo, b.hi), self.p.up.sub(self.hi, b.lo), self.p)

    def __rsub__(self, other: int) -> "Interval":
        return _operand(other, self.p) - self

    def __neg__(self) -> "Interval":
        return Interval(self.p.down.minus(self.hi), self.p.up.minus(self.lo), self.p)

    def __mul__(self, other: "Interval | int") -> "Interval":
        b = _operand(other, self.p)
        down, up = self.p.down.mul, self.p.up.mul
        if self.lo >= 0 and b.lo >= 0:
            return Interval(down(self.lo, b.lo), up(self.hi, b.hi), self.p)
        pairs = [(x, y) for x in (self.lo, self.hi) for y in (b.lo, b.hi)]
        lows, highs = [down(*pair) for pair in pairs], [up(*pair) for pair in pairs]
        if any(gmpy2.is_nan(bound) for bound in lows):
            raise UndecidedError
        return Interval(min(lows), max(highs), self.p)

    def __truediv__(self, other: "Interval | int") -> "Interval":
        b = _operand(other, self.p)
        if b.lo <= 0 <= b.hi:
            raise UndecidedError
        return self * Interval(self.p.down.div(1, b.hi), self.p.up.div(1, b.lo), self.p)

    def __rtruediv__(self, other: int) -> "Interval":
        return _operand(other, self.p) / self

    __radd__ = __add__
    __rmul__ = __mul__


def _operand(x: Interval | int, p: Precision) -> Interval:
    if isinstance(x, Interval):
        return x
    exact = mpfr(x, max(2, x.bit_length()))
    return Interval(exact, exact, p)


def enclose(x: Exact, p: Precision) -> Interval:
    """An exact real as an interval: a point where it is dyadic, whatever its length."""
    if not isinstance(x, Real) and not x:
        return _operand(0, p)
    e = floor_log2(x)
    if abs(e) > MAX_EXPONENT:
        raise RefmathError("An operand beyond 2^(2^29), or nearer to zero than 2^(-2^29), is beyond what functions can be computed of.")
    if isinstance(x, Real):
        return _narrowed(x, e, p)
    d = x.denominator
    k = d.bit_length() - 1
    if d == mpz(1) << k:
        n = x.numerator
        zeros = gmpy2.bit_scan1(n)
        n >>= zeros
        bits = max(2, n.bit_length())
        point = precision(bits).down.mul_2exp(mpfr(n, bits), zeros) if zeros else precision(bits).down.div_2exp(mpfr(n, bits), k)
        return Interval(point, point, p)
    return Interval(p.down.div(x.numerator, d), p.up.div(x.numerator, d), p)


def _narrowed(x: Real, e: int, p: Precision) -> Interval:
    """The interval of the leading bits of a real."""
    k = p.bits - 2 - e
    n, exact = x.floor_scaled(k)
    lo, hi = (-n - (not exact), -n) if x.negative else (n, n + (not exact))
    return Interval(_shifted(mpz(lo), -k), _shifted(mpz(hi), -k), p)


def _shifted(n: mpz, k: int) -> mpfr:
    """n 2^k, exactly."""
    bits = max(2, n.bit_length())
    return precision(bits).down.mul_2exp(mpfr(n, bits), k) if k >= 0 else precision(bits).down.div_2exp(mpfr(n, bits), -k)


# Functions that increase, or decrease, wherever they are defined.


def exp(x: Interval) -> Interval:
    return Interval(x.p.down.exp(x.lo), x.p.up.exp(x.hi), x.p)


def exp2(x: Interval) -> Interval:
    return Interval(x.p.down.exp2(x.lo), x.p.up.exp2(x.hi), x.p)


def exp10(x: Interval) -> Interval:
    return Interval(x.p.down.exp10(x.lo), x.p.up.exp10(x.hi), x.p)


def expm1(x: Interval) -> Interval:
    return Interval(x.p.down.expm1(x.lo), x.p.up.expm1(x.hi), x.p)


def log(x: Interval) -> Interval:
    _positive(x)
    return Interval(x.p.down.log(x.lo), x.p.up.log(x.hi), x.p)


def log2(x: Interval) -> Interval:
    _positive(x)
    return Interval(x.p.down.log2(x.lo), x.p.up.log2(x.hi), x.p)


def log10(x: Interval) -> Interval:
    _positive(x)
    return Interval(x.p.down.log10(x.lo), x.p.up.log10(x.hi), x.p)


def log1p(x: Interval) -> Interval:
    if x.lo <= -1:
        raise UndecidedError
    return Interval(x.p.down.log1p(x.lo), x.p.up.log1p(x.hi), x.p)


def sqrt(x: Interval) -> Interval:
    if x.lo < 0:
        raise UndecidedError
    return Interval(x.p.down.sqrt(x.lo), x.p.up.sqrt(x.hi), x.p)


def asin(x: Interval) -> Interval:
    _within_one(x)
    return Interval(x.p.down.asin(x.lo), x.p.up.asin(x.hi), x.p)


def acos(x: Interval) -> Interval:
    _within_one(x)
    return Interval(x.p.down.acos(x.hi), x.p.up.acos(x.lo), x.p)


def atan(x: Interval) -> Interval:
    return Interval(x.p.down.atan(x.lo), x.p.up.atan(x.hi), x.p)


def sinh(x: Interval) -> Interval:
    return Interval(x.p.down.sinh(x.lo), x.p.up.sinh(x.hi), x.p)


def cosh(x: Interval) -> Interval:
    if x.lo < 0 < x.hi:
        raise UndecidedError
    low, high = (x.lo, x.hi) if x.lo >= 0 else (x.hi, x.lo)
    return Interval(x.p.down.cosh(low), x.p.up.cosh(high), x.p)


def tanh(x: Interval) -> Interval:
    return Interval(x.p.down.tanh(x.lo), x.p.up.tanh(x.hi), x.p)


def asinh(x: Interval) -> Interval:
    return Interval(x.p.down.asinh(x.lo), x.p.up.asinh(x.hi), x.p)


def acosh(x: Interval) -> Interval:
    if x.lo < 1:
        raise UndecidedError
    return Interval(x.p.down.acosh(x.lo), x.p.up.acosh(x.hi), x.p)


def atanh(x: Interval) -> Interval:
    if x.lo <= -1 or x.hi >= 1:
        raise UndecidedError
    return Interval(x.p.down.atanh(x.lo), x.p.up.atanh(x.hi), x.p)


def erf(x: Interval) -> Interval:
    return Interval(x.p.down.erf(x.lo), x.p.up.erf(x.hi), x.p)


def erfc(x: Interval) -> Interval:
    return Interval(x.p.down.erfc(x.hi), x.p.up.erfc(x.lo), x.p)


def pi(p: Precision) -> Interval:
    return Interval(p.down.const_pi(), p.up.const_pi(), p)


def _positive(x: Interval) -> None:
    if x.lo <= 0:
        raise UndecidedError


def _within_one(x: Interval) -> None:
    if x.lo < -1 or x.hi > 1:
        raise UndecidedError


# Functions that turn. Their derivative changes its sign, or has its pole, at most once in an interval as short as those below:
# where it has the same sign at both ends, the function is monotone in between.


def sin(x: Interval) -> Interval:
    if x.lo is x.hi:
        return Interval(x.p.down.sin(x.lo), x.p.up.sin(x.hi), x.p)
    return _monotone(x, "sin", _same_sign(x, x.p.down.cos(x.lo), x.p.down.cos(x.hi)) > 0)


def cos(x: Interval) -> Interval:
    if x.lo is x.hi:
        return Interval(x.p.down.cos(x.lo), x.p.up.cos(x.hi), x.p)
    return _monotone(x, "cos", _same_sign(x, x.p.down.sin(x.lo), x.p.down.sin(x.hi)) < 0)


def tan(x: Interval) -> Interval:
    if x.lo is not x.hi:
        _same_sign(x, x.p.down.cos(x.lo), x.p.down.cos(x.hi))
    return Interval(x.p.down.tan(x.lo), x.p.up.tan(x.hi), x.p)


def log_gamma(x: Interval) -> Interval:
    """ln |gamma(x)|, away from its poles. Its derivative, digamma, increases from one pole to the next."""
    if x.lo is x.hi:
        return Interval(x.p.down.lgamma(x.lo)[0], x.p.up.lgamma(x.hi)[0], x.p)
    low, high = (x.lo, x.hi) if _between_poles(x) else (x.hi, x.lo)
    return Interval(x.p.down.lgamma(low)[0], x.p.up.lgamma(high)[0], x.p)


def gamma(x: Interval) -> Interval:
    """gamma(x), away from its poles."""
    if x.lo is x.hi:
        return Interval(x.p.down.gamma(x.lo), x.p.up.gamma(x.hi), x.p)
    rising = _between_poles(x) == (x.lo > 0 or floor(x.lo) % 2 == 0)
    return _monotone(x, "gamma", rising)


def _between_poles(x: Interval) -> bool:
    """Whether |gamma| rises on an interval without a pole and without an extremum of it."""
    if x.lo <= 0 and floor(x.lo) != floor(x.hi):
        raise UndecidedError
    return _same_sign(x, x.p.down.digamma(x.lo), x.p.down.digamma(x.hi)) > 0


def _monotone(x: Interval, name: str, rising: bool) -> Interval:
    down, up = getattr(x.p.down, name), getattr(x.p.up, name)
    return Interval(down(x.lo), up(x.hi), x.p) if rising else Interval(down(x.hi), up(x.lo), x.p)


def _same_sign(x: Interval, at_lo: mpfr, at_hi: mpfr) -> int:
    """The sign that two values share; ``UndecidedError`` where they do not, or where the interval is not short."""
    if x.hi - x.lo >= 1 or not at_lo * at_hi > 0:
        raise UndecidedError
    return 1 if at_lo > 0 else -1
