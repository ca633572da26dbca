"""Sums of powers of e and of 2 with rational exponents: the reals that logarithmic formats hold.

Every such sum has one form, the sum of q e^a 2^b over distinct pairs (a, b) of rationals, 0 <= b < 1, q a nonzero rational. Different forms
are different numbers: over the algebraic numbers, powers of e with distinct algebraic exponents are linearly independent
(Lindemann and Weierstrass); over the rationals, so are powers of 2 with distinct exponents from [0, 1), since x^n - 2 is irreducible
(Eisenstein). So sums, differences and products are exact, equality is decided by comparing forms, and a sum is rational exactly
when it is empty or its only term has a = b = 0: only then it is an ``mpq``, elsewhere narrowing an enclosure decides anything else.
"""

from collections.abc import Iterable
from typing import TypeAlias

import gmpy2
from gmpy2 import mpq

from refmath.enclosures import UNPROVEN_BITS, irrational
from refmath.errors import RefmathError
from refmath.extremes import LongRational, Near, Scaled, near
from refmath.intervals import Interval, Precision, enclose, exp, exp2, log, log2, precision
from refmath.reals import Exact, Real, floor_log2, is_negative, negate, power_of_two, rational_floor_log2, shift

MPQ, MPZ = type(mpq()), type(gmpy2.mpz())

ZERO, ONE = mpq(0), mpq(1)

Term: TypeAlias = tuple[mpq, mpq, mpq]
"""(a, b, q): q e^a 2^b."""


class PowerSum(Real):
    """A sum of powers that is not rational; made by ``power_sum`` alone."""

    __slots__ = ("_real", "terms")

    def __init__(self, terms: tuple[Term, ...]) -> None:
        self.terms = terms
        self._real: Real | None = None
        self.negative = terms[0][2] < 0 if len(terms) == 1 else self.real.negative

    @property
    def real(self) -> Real:
        """The same number as something that narrows, made when it is first asked for."""
        if self._real is None:
            self._real = self._beside_rational() or irrational(self._evaluate)
        return self._real

    def _beside_rational(self) -> Real | None:
        """The same where all other terms are tiny beside a rational one, as in 1 - 2^(-10^6 / 3): its side decides, which no enclosure would see."""
        anchor = next((q for a, b, q in self.terms if not a and not b), None)
        if anchor is None:
            return None
        rest = PowerSum(tuple(term for term in self.terms if term[0] or term[1]))
        return near(anchor, 1 if rest.negative == (anchor < 0) else -1, rest.floor_log2() + 1, lambda: irrational(self._evaluate))

    def _evaluate(self, p: Precision) -> Interval:
        first, *rest = (_term(p, *term) for term in self.terms)
        return sum(rest, start=first)

    def floor_log2(self) -> int:
        return self.real.floor_log2()

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        return self.real.floor_scaled(k)

    def negated(self) -> "PowerSum":
        twin = PowerSum.__new__(PowerSum)
        twin.terms, twin.negative = tuple((a, b, -q) for a, b, q in self.terms), not self.negative
        twin._real = self._real.negated() if self._real else None
        return twin

    def __mul__(self, other: "mpq | int | PowerSum") -> Exact:
        return _product(self.terms, other.terms if isinstance(other, PowerSum) else ((mpq(0), mpq(0), mpq(other)),))

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PowerSum) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.terms)

    def __repr__(self) -> str:
        return f"PowerSum({self})"

    def __str__(self) -> str:
        return " + ".join(_text(*term) for term in self.terms)


def _term(p: Precision, a: mpq, b: mpq, q: mpq) -> Interval:
    power = exp(enclose(a, p)) if a else None
    if b:
        power = exp2(enclose(b, p)) if power is None else power * exp2(enclose(b, p))
    if power is None:
        return enclose(q, p)
    return power if q == 1 else power * enclose(q, p)


def _text(a: mpq, b: mpq, q: mpq) -> str:
    """``3/2 e^(1/4) 2^(1/3)``; a power of two joins the exponent."""
    k = rational_floor_log2(abs(q))
    if b and abs(q) == power_of_two(k):
        b, q = b + k, mpq(1 if q > 0 else -1)
    powers = [f"{base}^({exponent})" if exponent.denominator != 1 else f"{base}^{exponent}" for base, exponent in (("e", a), ("2", b)) if exponent]
    factor = "" if q == 1 else "-" if q == -1 else f"{q} "
    return factor + " ".join(powers) if powers else str(q)


def power_sum(terms: Iterable[Term]) -> Exact:
    """The sum of q e^a 2^b for any rational a, b, q: an ``mpq`` where it is rational."""
    found: dict[tuple[mpq, mpq], mpq] = {}
    for a, b, q in terms:
        whole = b.numerator // b.denominator
        key = (a, b - whole)
        found[key] = found.get(key, mpq(0)) + q * power_of_two(int(whole))
    form = tuple(sorted((a, b, q) for (a, b), q in found.items() if q))
    if not form:
        return mpq(0)
    return form[0][2] if len(form) == 1 and not form[0][0] and not form[0][1] else PowerSum(form)


def power_of_e(a: mpq) -> Exact:
    """e^a."""
    return PowerSum(((a, ZERO, ONE),)) if a else ONE


def rational_power_of_two(b: mpq) -> Exact:
    """2^b."""
    return power_sum([(mpq(0), b, mpq(1))])


def terms_of(x: Exact) -> tuple[Term, ...] | None:
    """The form of a real that has one; None for any other."""
    if isinstance(x, PowerSum):
        return x.terms
    return None if isinstance(x, Real) else ((mpq(0), mpq(0), x),)


def add(x: Exact, y: Exact) -> Exact | None:
    """x + y where both have a form, else None."""
    a, b = terms_of(x), terms_of(y)
    return None if a is None or b is None else power_sum(a + b)


def multiply(x: Exact, y: Exact) -> Exact | None:
    """x y where both have a form, else None."""
    left, right = terms_of(x), terms_of(y)
    return None if left is None or right is None else _product(left, right)


def _product(left: tuple[Term, ...], right: tuple[Term, ...]) -> Exact:
    return power_sum((a + c, b + d, q * r) for a, b, q in left for c, d, r in right)


def reciprocal(x: Exact) -> Exact | None:
    """1 / x where x is a single term, else None."""
    terms = terms_of(x)
    if terms is None or len(terms) != 1:
        return None
    ((a, b, q),) = terms
    return power_sum([(-a, -b, 1 / q)])


def root(x: Exact, n: int) -> Exact | None:
    """The n-th root of a positive single term whose factor is, times a power of two, an n-th power; else None."""
    terms = terms_of(x)
    if terms is None or len(terms) != 1:
        return None
    ((a, b, q),) = terms
    k = int(gmpy2.bit_scan1(q.numerator) or 0) - int(gmpy2.bit_scan1(q.denominator) or 0)
    odd = q * power_of_two(-k)
    (top, exact_top), (bottom, exact_bottom) = gmpy2.iroot(odd.numerator, n), gmpy2.iroot(odd.denominator, n)
    return power_sum([(a / n, (b + k) / n, mpq(top, bottom))]) if exact_top and exact_bottom else None


def logarithm(x: Exact, natural: bool) -> mpq | None:
    """ln |x|, or log2 |x|, of a nonzero real where it is rational; None where it is not.

    ln is rational for powers of e alone, log2 for powers of 2 alone; any other real here has no form and is no such power.
    """
    if isinstance(x, Scaled) and not natural:
        known = logarithm(x.x, False)
        return None if known is None else known + x.k
    terms = terms_of(x)
    if terms is None or len(terms) != 1:
        return None
    ((a, b, q),) = terms
    if natural:
        return a if not b and abs(q) == 1 else None
    k = rational_floor_log2(abs(q))
    return b + k if not a and abs(q) == power_of_two(k) else None


def _beside(x: Near, natural: bool, k: int) -> int | None:
    """floor of the scaled logarithm of a real that is very near to a power: its side decides. None where it is not near enough.

    A relative distance r < 1/2 moves the logarithm to base e by at most 2 r, to base 2 by at most 3 r.
    """
    known = logarithm(x.anchor, natural)
    if known is None:
        return None
    scaled = known * power_of_two(k)
    n = scaled.numerator // scaled.denominator
    room = n + 1 - scaled if x.side > 0 else scaled - n or mpq(1)
    if rational_floor_log2(room) < x.gap - floor_log2(x.anchor) + 2 + k:
        return None
    return int(n) - (x.side < 0 and scaled == n)


def floor_logarithm(x: Exact, natural: bool, k: int) -> tuple[int, bool]:
    """floor(ln |x| 2^k), or floor(log2 |x| 2^k), and whether that is exact; |log2 |x|| < 2^29.

    Narrowing ends since an irrational scaled by a power of two is no integer.
    """
    known = logarithm(x, natural)
    if known is not None:
        scaled = known * power_of_two(k)
        return int(scaled.numerator // scaled.denominator), scaled.denominator == 1
    x = negate(x) if is_negative(x) else x
    if isinstance(x, LongRational):
        x = x.leading
    elif isinstance(x, PowerSum):
        x = x.real
    if isinstance(x, Near):
        beside = _beside(x, natural, k)
        if beside is not None:
            return beside, False
    function = log if natural else log2
    bits = max(64, k + abs(floor_log2(x)).bit_length() + 16)
    while True:
        p = precision(bits)
        interval = function(enclose(x, p))
        low, high = (shift(m, int(e) + k) for m, e in (interval.lo.as_mantissa_exp(), interval.hi.as_mantissa_exp()))
        if low == high:
            return int(low), False
        bits *= 2
        if bits > UNPROVEN_BITS:
            raise RefmathError(
                f"The logarithm of a result agrees with a value where its rounding changes to {bits // 2:,} bits; whether it is that value is not proven, and it is given up."
            )
