"""Reals at the edges: too near to another real, too large or too small to be held as digits, and still rounded rightly.

- ``Near``: an exact real and a nonzero distance from it that is known to be smaller than some power of two: tanh(10^300), cos(2^-16000).
- ``Scaled``: a real times a power of two whose exponent is too great to write out: 2^(10^18).
- ``LongRational``: a rational of very many digits, of which the leading ones usually decide: 1.001^60000.
- ``Huge`` and ``Tiny``: beyond every exponent that a format can have: exp(10^300). No digit of them is known, and none is needed: every
  projection delivers the same for all of them.
"""

from collections.abc import Callable

from gmpy2 import mpq

from refmath.errors import RefmathError
from refmath.reals import Exact, Real, compare, floor_log2, floor_scaled, is_negative, negate, rational_floor_log2, rational_floor_scaled, scale

BEYOND = 1 << 60
"""The exponent beyond which ``Huge`` and ``Tiny`` lie: those of formats stay below 2^50."""
MAX_BITS = 1 << 27
"""The longest integer that is written out."""
NEAR_BITS = 96
"""``near`` prefers enclosures where the distance is at least 2^-NEAR_BITS of the magnitude."""


def _check_size(bits: int) -> None:
    if bits > MAX_BITS:
        raise RefmathError("A number this large cannot be written out; round it into a format with an exponent, or ask for its leading digits.")


class Near(Real):
    """A real whose magnitude is ``anchor + side * d``, with 0 < d < 2^gap and a positive anchor.

    ``side`` is +1 or -1. What the distance does not decide is asked of ``fall_back``, an enclosure of the same real.
    """

    __slots__ = ("_fall_back", "anchor", "gap", "side")

    def __init__(self, anchor: Exact, side: int, gap: int, negative: bool, fall_back: Callable[[], Real]) -> None:
        self.anchor, self.side, self.gap, self.negative, self._fall_back = anchor, side, gap, negative, fall_back

    def floor_log2(self) -> int:
        e = floor_log2(self.anchor)
        return int(self.floor_scaled(2 - e)[0]).bit_length() - 3 + e

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        _check_size(floor_log2(self.anchor) + k)
        extra = 32
        while self.gap + k + extra <= 0:
            n, exact = floor_scaled(self.anchor, k + extra)
            rest, unit = n & ((1 << extra) - 1), (1 << extra) - 1
            if exact and not rest:
                return (n >> extra) - (self.side < 0), False
            if 0 < rest < unit:
                return n >> extra, False
            extra *= 2
        return self._fall_back().floor_scaled(k)

    def negated(self) -> "Near":
        return Near(self.anchor, self.side, self.gap, not self.negative, self._fall_back)


def near(anchor: Exact, side: int, gap: int, fall_back: Callable[[], Real]) -> Real:
    """The real of magnitude ``|anchor| + side * d``, 0 < d < 2^gap, with the sign of the anchor; by enclosure where it is not very near."""
    if gap - floor_log2(anchor) > -NEAR_BITS:
        return fall_back()
    negative = is_negative(anchor)
    return Near(negate(anchor) if negative else anchor, side, gap, negative, fall_back)


class Scaled(Real):
    """x 2^k for an exact nonzero x and any integer k."""

    __slots__ = ("k", "x")

    def __init__(self, x: Exact, k: int) -> None:
        self.x, self.k, self.negative = x, k, is_negative(x)

    def floor_log2(self) -> int:
        return floor_log2(self.x) + self.k

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        e = self.floor_log2()
        if e + k < 0:
            return 0, False
        _check_size(e + k)
        return floor_scaled(self.x, self.k + k)

    def equals(self, y: mpq) -> bool:
        e = self.floor_log2()
        return rational_floor_log2(y) == e and compare(self.x, scale(y, -self.k)) == 0

    def negated(self) -> "Scaled":
        return Scaled(negate(self.x), self.k)


class LongRational(Real):
    """A rational of at least ``bits`` significant bits: its leading ones by an enclosure, all of them only where they are asked for.

    ``leading`` is the same real, enclosed; it need not know that it is rational. ``write`` gives it in full; ``bits`` is 0 where no number of bits suffices.
    """

    __slots__ = ("_write", "bits", "leading")

    def __init__(self, leading: Real, bits: int, write: Callable[[], mpq]) -> None:
        self.leading, self.bits, self._write, self.negative = leading, bits, write, leading.negative

    def floor_log2(self) -> int:
        return self.leading.floor_log2()

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        asked = self.floor_log2() + k + 1
        if asked < self.bits or not self.bits:
            return self.leading.floor_scaled(k)
        _check_size(self.bits)
        return rational_floor_scaled(self._write(), k)

    def equals(self, y: mpq) -> bool:
        if rational_floor_log2(y) != self.floor_log2() or max(y.numerator.bit_length(), y.denominator.bit_length()) < self.bits:
            return False
        _check_size(self.bits)
        return bool(self._write() == y)

    def negated(self) -> "LongRational":
        return LongRational(self.leading.negated(), self.bits, self._write)


class Huge(Real):
    """A real beyond 2^BEYOND, of which no more is known; it answers as 2^BEYOND and a little would."""

    __slots__ = ()

    def __init__(self, negative: bool) -> None:
        self.negative = negative

    def floor_log2(self) -> int:
        return BEYOND

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        _check_size(BEYOND + k)
        return (1 << (BEYOND + k) if BEYOND + k >= 0 else 0), False

    def negated(self) -> "Huge":
        return Huge(not self.negative)


class Tiny(Real):
    """A nonzero real below 2^-BEYOND, of which no more is known; it answers as 2^-BEYOND and a little would."""

    __slots__ = ()

    def __init__(self, negative: bool) -> None:
        self.negative = negative

    def floor_log2(self) -> int:
        return -BEYOND

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        _check_size(k - BEYOND)
        return (1 << (k - BEYOND) if k >= BEYOND else 0), False

    def negated(self) -> "Tiny":
        return Tiny(not self.negative)


def scaled(x: Exact, k: int) -> Exact:
    """x 2^k, exactly: written out where it is short."""
    if not isinstance(x, Real):
        if not x or k == 0:
            return x
        if abs(k) <= MAX_BITS >> 5:
            return x * (1 << k) if k > 0 else x / (1 << -k)
    elif k == 0:
        return x
    return Scaled(x, k)


def long_rational(leading: Real, bits: int, write: Callable[[], mpq]) -> Real:
    """The ``LongRational``, unless nothing is known of its digits anyway."""
    return leading if isinstance(leading, Huge | Tiny) else LongRational(leading, bits, write)
