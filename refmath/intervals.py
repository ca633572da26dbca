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
from refmath.reals import Exact, Real

MAX_EXPONENT = 1 << 29
"""Beyond 2^(2^29), or below its inverse, an operand has no MPFR number."""
BEYOND = "An operand beyond 2^(2^29), or nearer to zero than 2^(-2^29), is beyond what functions can be computed of."


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
        low, high = (other.lo, other.hi) if isinstance(other, Interval) else (other, other)
        return Interval(self.p.down.add(self.lo, low), self.p.up.add(self.hi, high), self.p)

    def __sub__(self, other: "Interval | int") -> "Interval":
        low, high = (other.lo, other.hi) if isinstance(other, Interval) else (other, other)
        return Interval(self.p.down.sub(self.lo, high), self.p.up.sub(self.hi, low), self.p)

    def __rsub__(self, other: int) -> "Interval":
        return Interval(self.p.down.sub(other, self.hi), self.p.up.sub(other, self.lo), self.p)

    def __neg__(self) -> "Interval":
        return Interval(self.p.down.minus(self.hi), self.p.up.minus(self.lo), self.p)

    def __mul__(self, other: "Interval | int") -> "Interval":
        a, b = self.lo, self.hi
        c, d = (other.lo, other.hi) if isinstance(other, Interval) else (other, other)
        down, up = self.p.down.mul, self.p.up.mul
        if a >= 0:
            return Interval(down(a if c >= 0 else b, c), up(b if d >= 0 else a, d), self.p)
        if b <= 0:
            return Interval(down(a if d >= 0 else b, d), up(b if c >= 0 else a, c), self.p)
        if c >= 0:
            return Interval(down(a, d), up(b, d), self.p)
        if d <= 0:
            return Interval(down(b, c), up(a, c), self.p)
        return Interval(min(down(a, d), down(b, c)), max(up(a, c), up(b, d)), self.p)

    def __truediv__(self, other: "Interval | int") -> "Interval":
        a, b = self.lo, self.hi
        c, d = (other.lo, other.hi) if isinstance(other, Interval) else (other, other)
        down, up = self.p.down.div, self.p.up.div
        if c > 0:
            return Interval(down(a, d if a >= 0 else c), up(b, c if b >= 0 else d), self.p)
        if d < 0:
            return Interval(down(b, d if b >= 0 else c), up(a, c if a >= 0 else d), self.p)
        raise UndecidedError

    def __rtruediv__(self, other: int) -> "Interval":
        return point(other, self.p) / self

    __radd__ = __add__
    __rmul__ = __mul__


def point(n: int, p: Precision) -> Interval:
    """An integer."""
    exact = mpfr(n, max(2, n.bit_length()))
    return Interval(exact, exact, p)


def enclose(x: Exact, p: Precision) -> Interval:
    """An exact real as an interval: a point where it is dyadic, whatever its length."""
    if isinstance(x, Real):
        return _narrowed(x, p)
    n, d = x.numerator, x.denominator
    if abs(n.bit_length() - d.bit_length()) > MAX_EXPONENT:
        raise RefmathError(BEYOND)
    if d & (d - 1):
        return Interval(p.down.div(n, d), p.up.div(n, d), p)
    if n.bit_length() <= p.bits:
        exact = p.down.div(n, d)
        return Interval(exact, exact, p)
    zeros = gmpy2.bit_scan1(n)
    short = n >> zeros
    exact = _shifted(short, zeros + 1 - d.bit_length())
    return Interval(exact, exact, p)


def _narrowed(x: Real, p: Precision) -> Interval:
    """The interval of the leading bits of a real."""
    e = x.floor_log2()
    if abs(e) > MAX_EXPONENT:
        raise RefmathError(BEYOND)
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
