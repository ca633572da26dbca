"""Exact numbers as text, both ways.

Reading: integers, decimals (``1.5e-3``), hexadecimal floats (``0x1.8p-9``), fractions (``11/32``), powers (``2^-9``). Everything is
read exactly, whatever its length. A decimal exponent too great to write out yields a real that narrows on demand, so that it
rounds, overflows or vanishes like any other number.

Writing: a fraction, a hexadecimal float with exact digits, a decimal with exact or with the fewest identifying digits.
"""

import re

import gmpy2
from gmpy2 import mpq, mpz

from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal
from refmath.errors import RefmathError, quote
from refmath.powers import power, times_power_of_ten
from refmath.reals import Exact, Real, floor_log2, floor_scaled, is_negative
from refmath.rounding import Rounding, round_code

MAX_POWER_BITS = 1 << 23
"""The greatest size of a power of a base other than 2 and 10."""
LOG10_2 = mpq(301029995663981195213738894724493026768189881462108541310427461127108189274424509486, 10**84)
"""log10(2) cut to 84 digits: enough for exponents of 30 digits."""

_HEX = re.compile(r"([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?", re.ASCII | re.IGNORECASE)
_DECIMAL = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?", re.ASCII | re.IGNORECASE)
_POWER = re.compile(r"([+-]?)(\d{1,40})\s*(?:\^|\*\*)\s*([+-]?\d{1,40})", re.ASCII)
_NAN = re.compile(r"([+-]?)(s|q)?nan(?:\((0x[0-9a-f]{1,64}|\d{1,64})\))?", re.ASCII | re.IGNORECASE)
_INFINITY = re.compile(r"([+-]?)inf(?:inity)?", re.ASCII | re.IGNORECASE)


def parse_exact(text: str) -> Exact:
    """The exact real that ``text`` denotes. ``RefmathError`` where it denotes none."""
    datum = parse_datum(text)
    if not isinstance(datum, Finite):
        raise RefmathError(f"{quote(text)} is not a finite number; a finite number is needed here.")
    return datum.value


def parse_datum(text: str) -> Datum:
    """The datum that ``text`` denotes: a number, ``inf``, ``nan``, ``snan``, ``nan(0x12)`` or ``nar``; a zero keeps its sign."""
    body = text.strip().replace("_", "").replace("\N{MINUS SIGN}", "-")
    if not body:
        raise RefmathError("An empty text is not a number; give one such as 1.5, 0x1.8p0, 3/2, inf or nan.")
    negative = body[0] == "-"
    if _INFINITY.fullmatch(body):
        return Infinity(negative)
    if match := _NAN.fullmatch(body):
        payload = int(match[3], 0) if match[3] else 0
        return NaN(negative, bool(match[2]) and match[2].lower() == "s", payload)
    if body.lower() == "nar":
        return NotAReal()
    value = _fraction(text, body)
    return Finite(value, negative if not isinstance(value, Real) and not value else is_negative(value))


def _fraction(text: str, body: str) -> Exact:
    head, slash, tail = body.partition("/")
    if slash:
        n, d = _number(text, head.strip()), _number(text, tail.strip())
        if isinstance(n, Real) or isinstance(d, Real):
            raise RefmathError(f"{quote(text)}: a fraction of numbers this large cannot be computed; write it as one number.")
        if d == 0:
            raise RefmathError(f"{quote(text)} divides by zero; it is not a number.")
        return n / d
    return _number(text, body)


def _number(text: str, body: str) -> Exact:
    if (match := _HEX.fullmatch(body)) and (match[2] or match[3]):
        return _scaled(text, match[1], match[2], match[3] or "", match[4], 16)
    if (match := _DECIMAL.fullmatch(body)) and (match[2] or match[3]):
        return _scaled(text, match[1], match[2], match[3] or "", match[4], 10)
    if match := _POWER.fullmatch(body):
        base, exponent = int(match[2]), int(match[3])
        if base == 0 and exponent < 0:
            raise RefmathError(f"{quote(text)} divides by zero; it is not a number.")
        if base in (2, 10):
            return power(base, exponent, negative=match[1] == "-")
        if abs(exponent) * base.bit_length() > MAX_POWER_BITS:
            raise RefmathError(f"{quote(text)} is too large to write out; use a power of 2 or 10, or scientific notation.")
        value = mpq(base) ** exponent
        return -value if match[1] == "-" else value
    raise RefmathError(f"{quote(text)} is not a number; give one such as 1.5, -2e-3, 0x1.8p0, 3/2, 2^-9, inf or nan.")


def _scaled(text: str, sign: str, whole: str, fraction: str, exponent: str | None, radix: int) -> Exact:
    if exponent is not None and len(exponent) > 40:
        raise RefmathError(f"{quote(text)}: its exponent is beyond what can be computed; the limit is 10^30.")
    digits = mpz(whole + fraction, radix)
    if not digits:
        return mpq(0)
    if radix == 16:
        return power(2, int(exponent or 0) - 4 * len(fraction), digits, sign == "-")
    return power(10, int(exponent or 0) - len(fraction), digits, sign == "-")


def fraction(x: mpq) -> str:
    """A rational as integer or fraction: ``11/32``."""
    return str(x)


def hexadecimal(x: mpq) -> str | None:
    """A dyadic rational as a hexadecimal float with all its digits, ``0x1.6p-2``; None for any other rational."""
    n, d = x.numerator, x.denominator
    if n == 0:
        return "0x0p+0"
    bits = d.bit_length() - 1
    if d != mpz(1) << bits:
        return None
    sign, n = ("-" if n < 0 else ""), abs(n)
    top = n.bit_length() - 1
    pad = -top % 4
    digits = (n << pad).digits(16)[1:] if top else ""
    rest = ((n - (mpz(1) << top)) << pad).digits(16).zfill((top + pad) // 4) if top else digits
    rest = rest.rstrip("0")
    return f"{sign}0x1{'.' if rest else ''}{rest}p{top - bits:+d}"


def decimal(x: mpq, limit: int = 60) -> str | None:
    """A rational as an exact decimal of at most ``limit`` digits; None where it has none that short."""
    d = x.denominator
    twos = gmpy2.bit_scan1(d) or 0
    rest, fives = gmpy2.remove(d, 5)
    if rest != mpz(1) << twos:
        return None
    places = max(twos, int(fives))
    zeros = int(gmpy2.remove(x.numerator, 5)[1]) if x else 0
    if places > 4 * limit or x.numerator.bit_length() > 4 * (limit + zeros):
        return None
    digits = abs(x.numerator) * mpz(10) ** places // d
    written = digits.digits()
    if len(written.strip("0")) > limit:
        return None
    sign = "-" if x < 0 else ""
    return sign + _place_point(written, -places)


def _place_point(digits: str, exponent: int) -> str:
    """digits * 10^exponent as people write it: positional near 1, scientific far from it."""
    significant = digits.rstrip("0")
    exponent += len(digits) - len(significant)
    digits = significant.lstrip("0") or "0"
    if digits == "0":
        return "0"
    point = len(digits) + exponent
    if -6 < point <= 21:
        if exponent >= 0:
            return digits + "0" * exponent
        if point > 0:
            return f"{digits[:point]}.{digits[point:]}"
        return f"0.{'0' * -point}{digits}"
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{mantissa}e{point - 1}"


def rounded_decimal(x: Exact, digits: int) -> str:
    """The decimal of ``digits`` significant digits nearest to x (the even one of two)."""
    if not isinstance(x, Real) and x == 0:
        return "0"
    exponent = floor_log10_bound(x) - digits + 1
    n = _nearest_multiple(x, exponent)
    if n >= mpz(10) ** digits:
        exponent += 1
        n = _nearest_multiple(x, exponent)
    return write_decimal(n, exponent, is_negative(x))


def write_decimal(digits: int, exponent: int, negative: bool) -> str:
    """digits * 10^exponent with that sign, as people write it."""
    return ("-" if negative else "") + _place_point(mpz(digits).digits(), exponent)


def _nearest_multiple(x: Exact, exponent: int) -> mpz:
    """|x| / 10^exponent, rounded to the nearest integer, ties to even."""
    refined, exact = floor_scaled(times_power_of_ten(x, -exponent), 1)
    return mpz(round_code(refined, 1, exact, False, Rounding.NEAREST_EVEN)[0])


def floor_log10_bound(x: Exact) -> int:
    """An integer that is floor(log10(|x|)) or one less."""
    bound = floor_log2(x) * LOG10_2
    return int(bound.numerator // bound.denominator)
