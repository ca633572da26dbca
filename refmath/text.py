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
from refmath.reals import Enclosure, Exact, Irrational, Real, power_of_two, rational_floor_log2

MAX_EXPONENT = 10**5
"""The greatest decimal or binary exponent whose power is written out as an integer."""
HUGE_EXPONENT = 10**30
"""Beyond it a decimal exponent is refused."""

_HEX = re.compile(r"([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?", re.ASCII | re.IGNORECASE)
_DECIMAL = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?", re.ASCII | re.IGNORECASE)
_POWER = re.compile(r"([+-]?)(\d{1,40})\s*(?:\^|\*\*)\s*([+-]?\d{1,40})", re.ASCII)
_NAN = re.compile(r"([+-]?)(s|q)?nan(?:\((0x[0-9a-f]{1,64}|\d{1,64})\))?", re.ASCII | re.IGNORECASE)
_INFINITY = re.compile(r"([+-]?)inf(?:inity)?", re.ASCII | re.IGNORECASE)


class ScaledPower(Real):
    """m 10^e or m 2^e with an exponent too great to write out; m a positive rational, e an integer.

    Where the exponent exceeds the bits of m, 10^e cannot cancel against m, and the enclosures of its digits decide.
    """

    __slots__ = ("_log2", "_real", "base", "exponent", "mantissa")

    def __init__(self, mantissa: mpq, base: int, exponent: int, negative: bool) -> None:
        self.mantissa, self.base, self.exponent, self.negative = mantissa, base, exponent, negative
        self._real = Irrational(self._enclose)

    def _enclose(self, bits: int) -> Enclosure:
        """m base^e = m 2^(e log2 base): the integer part of the exponent is taken out, the rest computed outward."""
        precision = bits + self.exponent.bit_length() + 32
        with gmpy2.context(precision=precision) as context:
            context.round = gmpy2.RoundToNearest
            power = gmpy2.log2(gmpy2.mpfr(self.base)) * self.exponent
            whole = gmpy2.floor(power)
            fraction = gmpy2.exp2(power - whole) * gmpy2.mpfr(self.mantissa)
            n, e = fraction.as_mantissa_exp()
        n, e = mpz(n), int(e)
        widen = precision - n.bit_length()
        n, e = n << max(widen, 0), e - max(widen, 0)
        slack = mpz(1) << (n.bit_length() - bits)
        return n - slack, n + slack, e + int(whole)

    def floor_log2(self) -> int:
        if self.base == 2:
            return rational_floor_log2(self.mantissa) + self.exponent
        return self._real.floor_log2()

    def floor_scaled(self, k: int) -> tuple[int, bool]:
        if self.base == 2:
            scaled = self.mantissa * power_of_two(self.exponent + k) if abs(self.exponent + k) <= 64 * MAX_EXPONENT else None
            if scaled is None:
                if self.exponent + k < 0:
                    return 0, False
                raise RefmathError("A number this large cannot be written out; ask for its leading digits.")
            n, d = scaled.numerator, scaled.denominator
            return int(n // d), d == 1
        return self._real.floor_scaled(k)

    def negated(self) -> "ScaledPower":
        return ScaledPower(self.mantissa, self.base, self.exponent, not self.negative)


def power(base: int, exponent: int, mantissa: mpq, negative: bool = False) -> Exact:
    """mantissa * base^exponent, exactly; base 2 or 10, mantissa > 0."""
    if abs(exponent) <= max(MAX_EXPONENT, mantissa.numerator.bit_length()):
        factor = mpz(base) ** abs(exponent)
        value = mantissa * factor if exponent >= 0 else mantissa / factor
        return -value if negative else value
    if abs(exponent) > HUGE_EXPONENT:
        raise RefmathError(f"The exponent {quote(exponent)} is beyond what can be computed; the limit is 10^30.")
    return ScaledPower(mantissa, base, exponent, negative)


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
        return NaN(negative, bool(match[2]) and match[2].lower() == "s", payload, payload.bit_length())
    if body.lower() == "nar":
        return NotAReal()
    value = _number(text, body)
    return Finite(value, negative)


def _number(text: str, body: str) -> Exact:
    head, slash, tail = body.partition("/")
    if slash:
        n, d = _number(text, head.strip()), _number(text, tail.strip())
        if isinstance(n, Real) or isinstance(d, Real):
            raise RefmathError(f"{quote(text)}: a fraction of numbers this large cannot be computed; write it as one number.")
        if d == 0:
            raise RefmathError(f"{quote(text)} divides by zero; it is not a number.")
        return n / d
    if (match := _HEX.fullmatch(body)) and (match[2] or match[3]):
        return _scaled(text, match[1], match[2], match[3] or "", match[4], 16)
    if (match := _DECIMAL.fullmatch(body)) and (match[2] or match[3]):
        return _scaled(text, match[1], match[2], match[3] or "", match[4], 10)
    if match := _POWER.fullmatch(body):
        base, exponent = int(match[2]), int(match[3])
        if base == 0 and exponent < 0:
            raise RefmathError(f"{quote(text)} divides by zero; it is not a number.")
        if base in (2, 10):
            return power(base, exponent, mpq(1), match[1] == "-")
        if abs(exponent) * max(base.bit_length(), 1) > 64 * MAX_EXPONENT:
            raise RefmathError(f"{quote(text)} is too large to write out; use a power of 2 or 10, or scientific notation.")
        value = mpq(base) ** exponent
        return -value if match[1] else value
    raise RefmathError(f"{quote(text)} is not a number; give one such as 1.5, -2e-3, 0x1.8p0, 3/2, 2^-9, inf or nan.")


def _scaled(text: str, sign: str, whole: str, fraction: str, exponent: str | None, radix: int) -> Exact:
    if exponent is not None and len(exponent) > 40:
        raise RefmathError(f"{quote(text)}: its exponent is beyond what can be computed; the limit is 10^30.")
    digits = mpz(whole + fraction, radix)
    if not digits:
        return mpq(0)
    if radix == 16:
        return power(2, int(exponent or 0) - 4 * len(fraction), mpq(digits), sign == "-")
    return power(10, int(exponent or 0) - len(fraction), mpq(digits), sign == "-")


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
    if places > 4 * limit:
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
    exponent = _floor_log10(x) - digits + 1
    n = _nearest_multiple(x, exponent)
    if n >= mpz(10) ** digits:
        n, exponent = n // 10, exponent + 1
    sign = "-" if (x.negative if isinstance(x, Real) else x < 0) else ""
    return sign + _place_point(n.digits(), exponent)


def _nearest_multiple(x: Exact, exponent: int) -> mpz:
    """|x| / 10^exponent, rounded to the nearest integer, ties to even."""
    if isinstance(x, Real):
        k = 64 + max(0, -x.floor_log2()) + 4 * abs(exponent)
        low, _ = x.floor_scaled(k)
        value = mpq(low) * power_of_two(-k)
    else:
        value = abs(x)
    scaled = value / mpz(10) ** exponent if exponent >= 0 else value * mpz(10) ** -exponent
    floor, twice = scaled.numerator // scaled.denominator, 2 * (scaled.numerator % scaled.denominator)
    return floor + (twice > scaled.denominator or (twice == scaled.denominator and floor & 1))


def _floor_log10(x: Exact) -> int:
    """floor(log10(|x|))."""
    if isinstance(x, Real):
        k = 64 + max(0, -x.floor_log2())
        x = mpq(x.floor_scaled(k)[0]) * power_of_two(-k)
    x = abs(x)
    guess = rational_floor_log2(x) * 30103 // 100000
    while x >= mpq(10) ** (guess + 1):
        guess += 1
    while x < mpq(10) ** guess:
        guess -= 1
    return int(guess)
