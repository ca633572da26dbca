"""Numbers n 2^e: what binary formats hold, and what their sums, products and remainders are; their quotients and square roots too.

Operands are pairs (n, e) of plain integers. A result is a ``Real`` that answers by shifts, where a rational with a denominator of thousands of bits is reduced at every
step. A function here gives None where the result is zero, is none, or has too many bits: then it is a matter for the operation itself.
"""

import gmpy2
from gmpy2 import mpq

from refmath.reals import Real, scale

Pair = tuple[int, int]
"""(n, e) of n 2^e."""
MAX_SHIFT = 1 << 20
"""Bits by which terms may lie apart."""


class Dyadic(Real):
    """n 2^e, n > 0, with a sign."""

    __slots__ = ("e", "n")

    def __init__(self, n: int, e: int, negative: bool) -> None:
        self.n, self.e, self.negative = n, e, negative

    def floor_log2(self) -> int:
        return self.n.bit_length() - 1 + self.e

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        shift = self.e + k
        if shift >= 0:
            return self.n << shift, True
        kept = self.n >> -shift
        return kept, kept << -shift == self.n

    def negated(self) -> "Dyadic":
        return Dyadic(self.n, self.e, not self.negative)

    def equals(self, y: mpq) -> bool:
        return bool(scale(mpq(self.n), self.e) == y)


class Quotient(Real):
    """(n / d) 2^e, n, d > 0, with a sign."""

    __slots__ = ("d", "e", "n")

    def __init__(self, n: int, d: int, e: int, negative: bool) -> None:
        self.n, self.d, self.e, self.negative = n, d, e, negative

    def floor_log2(self) -> int:
        e = self.n.bit_length() - self.d.bit_length()
        below = self.n < self.d << e if e >= 0 else self.n << -e < self.d
        return e - below + self.e

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        shift = self.e + k
        q, r = divmod(self.n << shift, self.d) if shift >= 0 else divmod(self.n, self.d << -shift)
        return q, not r

    def negated(self) -> "Quotient":
        return Quotient(self.n, self.d, self.e, not self.negative)

    def equals(self, y: mpq) -> bool:
        return bool(scale(mpq(self.n, self.d), self.e) == y)


class Root(Real):
    """sqrt(n) 2^e, n > 0."""

    __slots__ = ("e", "n")

    def __init__(self, n: int, e: int, negative: bool = False) -> None:
        self.n, self.e, self.negative = n, e, negative

    def floor_log2(self) -> int:
        return (self.n.bit_length() - 1) // 2 + self.e

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        shift = 2 * (self.e + k)
        kept = self.n << shift if shift >= 0 else self.n >> -shift
        root, rest = gmpy2.isqrt_rem(kept)
        return int(root), not rest and (shift >= 0 or kept << -shift == self.n)

    def negated(self) -> "Root":
        return Root(self.n, self.e, not self.negative)

    def equals(self, y: mpq) -> bool:
        return bool(scale(mpq(self.n), 2 * self.e) == y * y)


def real(n: int, e: int) -> Dyadic | None:
    """n 2^e; None for zero."""
    return Dyadic(n, e, False) if n > 0 else Dyadic(-n, e, True) if n else None


def add(x: Pair, y: Pair) -> Dyadic | None:
    """x + y."""
    (n, e), (m, f) = x, y
    if e >= f:
        return real((n << (e - f)) + m, f) if e - f <= MAX_SHIFT else None
    return real(n + (m << (f - e)), e) if f - e <= MAX_SHIFT else None


def subtract(x: Pair, y: Pair) -> Dyadic | None:
    """x - y."""
    m, f = y
    return add(x, (-m, f))


def multiply(x: Pair, y: Pair) -> Dyadic | None:
    """x y."""
    (n, e), (m, f) = x, y
    return real(n * m, e + f)


def divide(x: Pair, y: Pair) -> Quotient | None:
    """x / y; None where either is zero."""
    (n, e), (m, f) = x, y
    return Quotient(abs(n), abs(m), e - f, (n < 0) != (m < 0)) if n and m else None


def sqrt(x: Pair) -> Root | None:
    """The square root; None of zero and of a negative number."""
    n, e = x
    return Root(n << (e & 1), e >> 1) if n > 0 else None


def hypot(x: Pair, y: Pair) -> Root | None:
    """sqrt(x^2 + y^2)."""
    (n, e), (m, f) = x, y
    square = add((n * n, 2 * e), (m * m, 2 * f))
    return None if square is None else sqrt((square.n, square.e))


def reciprocal(x: Pair) -> Quotient | None:
    """1 / x."""
    return divide((1, 0), x)


def fma(x: Pair, y: Pair, z: Pair) -> Dyadic | None:
    """x y + z."""
    (n, e), (m, f) = x, y
    return add((n * m, e + f), z)


def faa(x: Pair, y: Pair, z: Pair) -> Dyadic | None:
    """x + y + z."""
    (n, e), (m, f) = x, y
    least = min(e, f)
    return add(((n << (e - least)) + (m << (f - least)), least), z) if abs(e - f) <= MAX_SHIFT else None


def fmm(x: Pair, y: Pair, z: Pair) -> Dyadic | None:
    """x y z."""
    (n, e), (m, f), (k, g) = x, y, z
    return real(n * m * k, e + f + g)


def remainder(x: Pair, y: Pair) -> Dyadic | None:
    """x - y n, n the integer nearest to x / y, the even one of two."""
    return modulo(x, y, nearest=True)


def fmod(x: Pair, y: Pair) -> Dyadic | None:
    """x - y n, n the integer part of x / y."""
    return modulo(x, y, nearest=False)


def modulo(x: Pair, y: Pair, nearest: bool) -> Dyadic | None:
    """The remainder of a division whose quotient is rounded to nearest, or toward zero."""
    (n, e), (m, f) = x, y
    if not m or abs(e - f) > MAX_SHIFT:
        return None
    least = min(e, f)
    b = abs(m) << (f - least)
    q, r = divmod(abs(n) << (e - least), b)
    if nearest and 2 * r + (q & 1) > b:
        r -= b
    return real(-r if n < 0 else r, least)


def same(x: Pair) -> Dyadic | None:
    """x."""
    return real(*x)
