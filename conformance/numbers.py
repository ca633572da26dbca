"""Codes in words, for verdicts."""

from conformance.verdict import Number
from formats.family import Format
from formats.shortest import shortest
from refmath.datum import Finite
from refmath.reals import Real
from refmath.text import decimal, fraction, hexadecimal


def brief(fmt: Format, code: int) -> str:
    """A code of a finite number in decimal: exactly where a few digits do, else the shortest that identifies it."""
    value = fmt.exact(code)
    exact = None if isinstance(value, Real) or not value else decimal(value, 7)
    return exact or shortest(fmt, code)


def number(fmt: Format, code: int) -> Number:
    """A code in words."""
    digits = -(-fmt.width // 4)
    datum = fmt.decode(code)
    if not isinstance(datum, Finite) or isinstance(datum.value, Real):
        return Number(f"0x{code:0{digits}x}", shortest(fmt, code), "", "")
    exact = fraction(datum.value)
    return Number(f"0x{code:0{digits}x}", brief(fmt, code), hexadecimal(datum.value) or "", exact if len(exact) <= 80 else "")
