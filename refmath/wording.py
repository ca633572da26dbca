"""Exact numbers in a line of text, however long they are.

``refmath.text`` writes a number out; here it is written so that it fits: exactly where a short form is exact (a fraction, a
power of two, a sum of two, a hexadecimal float), and as leading digits after ``\N{ALMOST EQUAL TO}`` where a decimal is longer than anyone reads.
"""

import gmpy2
from gmpy2 import mpq, mpz

from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal
from refmath.exponentials import PowerSum
from refmath.powers import ScaledPower
from refmath.reals import Exact, Real, power_of_two, rational_floor_log2, rational_floor_scaled
from refmath.text import hexadecimal, parse_exact, rounded_decimal

INTEGER_LIMIT = 12
"""Characters of the longest integer or reciprocal that is not written as a power of two times something."""
FRACTION_LIMIT = 40
"""Characters of the longest fraction."""
HEX_LIMIT = 70
"""Digits of the longest hexadecimal float: those of binary256."""
DECIMAL_LIMIT = 24
"""Digits of the longest exact decimal."""
LEADING_DIGITS = 9
LARGEST_LOG2 = 4_000_000
"""Beyond this binary exponent a decimal would take long; the number is named by its power instead."""
ALMOST = "\N{ALMOST EQUAL TO} "


def exact_text(x: mpq) -> str | None:
    """x as an integer, a fraction, m x 2^k, or 2^a - 2^b; None where none of them is short."""
    n, d = x.numerator, x.denominator
    if n.bit_length() + d.bit_length() < 4 * FRACTION_LIMIT:
        written = str(x)
        if len(written) <= (INTEGER_LIMIT if d == 1 else FRACTION_LIMIT) and (abs(n) != 1 or len(written) <= INTEGER_LIMIT):
            return written
    if d != gmpy2.bit_mask(d.bit_length() - 1) + 1:
        return None
    sign, n = ("-" if n < 0 else ""), abs(n)
    low = int(gmpy2.bit_scan1(n) or 0)
    odd, exponent = n >> low, low - (d.bit_length() - 1)
    if odd == 1:
        return f"{sign}2^{exponent}"
    if odd.bit_length() <= 40:
        return f"{sign}{odd} x 2^{exponent}"
    if odd == gmpy2.bit_mask(odd.bit_length()):
        power = f"2^{exponent + odd.bit_length()} - {1 << exponent if exponent in (0, 1) else f'2^{exponent}'}"
        return f"-({power})" if sign else power
    return None


def hexadecimal_text(x: mpq) -> str | None:
    """x as a hexadecimal float, its middle left out where it is very long; None where x is no dyadic rational."""
    n, d = x.numerator, x.denominator
    if d != gmpy2.bit_mask(d.bit_length() - 1) + 1:
        return None
    significant = n.bit_length() - int(gmpy2.bit_scan1(n) or 0)
    if significant <= 4 * HEX_LIMIT:
        low = int(gmpy2.bit_scan1(n) or 0)
        return _hexadecimal(n >> low, low - d.bit_length() + 1)
    top = n.bit_length() - 1
    leading = _hexadecimal(mpz(abs(n) >> (top - 64)), top - 64 - d.bit_length() + 1)
    digits, _, exponent = leading.partition("p")
    return f"{'-' if n < 0 else ''}{digits[:19]}...p{exponent} ({significant:,} significant bits)"


def _hexadecimal(odd: mpz, exponent: int) -> str:
    """odd 2^exponent, without writing the power out."""
    written = hexadecimal(mpq(odd))
    assert written is not None
    digits, _, top = written.partition("p")
    return f"{digits}p{int(top) + (exponent if odd else 0):+d}"


def power_text(x: mpq) -> str | None:
    """x as a power of two; None where it is none."""
    return f"2^{rational_floor_log2(x)}" if x > 0 and x == power_of_two(rational_floor_log2(x)) else None


def decimal_text(x: Exact, digits: int = LEADING_DIGITS) -> tuple[str, bool]:
    """x as a decimal, and whether it is exact: every digit where they are few, else ``digits`` leading ones."""
    if isinstance(x, ScaledPower):
        return _scaled_text(x)
    if isinstance(x, Real):
        return (rounded_decimal(_leading(x), digits), False) if abs(x.floor_log2()) < LARGEST_LOG2 else (_about(x.floor_log2(), x.negative), False)
    if x and abs(rational_floor_log2(abs(x))) > LARGEST_LOG2:
        return _about(rational_floor_log2(abs(x)), x < 0), False
    if x.numerator.bit_length() + x.denominator.bit_length() < 1 << 20:
        written = rounded_decimal(x, DECIMAL_LIMIT)
        if parse_exact(written) == x:
            return written, True
    return rounded_decimal(_leading(x), digits), False


def scientific(x: mpq, digits: int) -> str:
    """x to ``digits`` significant digits, with an exponent rather than zeros to fill: ``1.8447e19``."""
    written = rounded_decimal(x, digits)
    whole = written.lstrip("-").partition(".")[0]
    if "e" in written or len(whole) <= digits:
        return written
    significant = whole.rstrip("0")
    point = f".{significant[1:]}" if len(significant) > 1 else ""
    return f"{'-' if x < 0 else ''}{significant[0]}{point}e{len(whole) - 1}"


def _scaled_text(x: ScaledPower) -> tuple[str, bool]:
    """m x 10^e or m x 2^e; m cut to leading digits where it is long."""
    sign, power = "-" if x.negative else "", f"{x.base}^{x.exponent}"
    m = x.mantissa
    if m == 1:
        return sign + power, True
    if m.bit_length() < 3 * DECIMAL_LIMIT:
        return f"{sign}{m} x {power}", True
    return f"{sign}{rounded_decimal(_leading(mpq(m)), LEADING_DIGITS)} x {power}", False


def _about(exponent: int, negative: bool) -> str:
    return f"{'-' if negative else ''}2^{exponent}"


def _leading(x: Exact) -> mpq:
    """The leading 256 bits of x, so that what follows does not depend on how long it is."""
    if isinstance(x, Real):
        k = 256 - x.floor_log2()
        low = x.floor_scaled(k)[0] * power_of_two(-k)
        return -low if x.negative else low
    if x.numerator.bit_length() < 1 << 14 and x.denominator.bit_length() < 1 << 14:
        return x
    k = 256 - rational_floor_log2(abs(x))
    low = rational_floor_scaled(abs(x), k)[0] * power_of_two(-k)
    return -low if x < 0 else low


def number_text(x: Exact) -> str:
    """Everything known of a number in one line: ``11/32 = 0x1.6p-2 = 0.34375``."""
    written, exact = decimal_text(x)
    if isinstance(x, PowerSum):
        return f"{x} {ALMOST}{written}"
    if isinstance(x, Real):
        return written if exact else ALMOST + written
    if not x:
        return "0"
    forms = dict.fromkeys(form for form in (exact_text(x), hexadecimal_text(x), written if exact else None) if form)
    if exact or (forms and written.lstrip("-").startswith("2^")):
        return " = ".join(forms)
    return f"{' = '.join(forms)} {ALMOST}{written}".strip()


def special_text(datum: Infinity | NaN | NotAReal) -> str:
    """An infinity, a NaN with what it carries, or NaR, as ``refmath.text`` reads it."""
    match datum:
        case Infinity(negative):
            return "-inf" if negative else "inf"
        case NaN(negative, signalling, payload, _):
            name = f"{'-' if negative else ''}{'s' if signalling else ''}nan"
            return f"{name}({payload:#x})" if payload else name
        case NotAReal():
            return "nar"


def datum_text(datum: Datum) -> str:
    """A datum in one line: a number as ``number_text`` has it, or the name of what it is."""
    if isinstance(datum, Finite):
        return "-0" if datum.negative and not datum.value else number_text(datum.value)
    return special_text(datum)
