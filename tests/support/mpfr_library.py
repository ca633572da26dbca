"""MPFR itself as an oracle: the library that gmpy2 brings along, called directly, with the functions that gmpy2 does not pass on.

A function of rationals gives an enclosure: its value rounded down and up to many bits. Between the two bounds lies no number that a 16-bit format could tell from
the value, so that ``representative`` may stand for it in any rounding.
"""

import ctypes
from pathlib import Path

import gmpy2
import pytest
from gmpy2 import mpq

from refmath.datum import Datum, Finite, Infinity, NaN

BITS = 400
DOWN, UP = 3, 2
FAR = 1 << 16
"""Exponents beyond which all formats of these tests round alike."""


class Number(ctypes.Structure):
    """mpfr_t."""

    _fields_ = (("prec", ctypes.c_long), ("sign", ctypes.c_int), ("exp", ctypes.c_long), ("limbs", ctypes.c_void_p))


class Library:
    """The functions of MPFR, on rationals whose denominators are powers of two."""

    def __init__(self) -> None:
        found = sorted((Path(gmpy2.__file__).parents[1] / "gmpy2.libs").glob("libmpfr*"))
        if not found:
            pytest.skip("gmpy2 has no MPFR library of its own here")
        self.c = ctypes.CDLL(str(found[0]))
        self.c.mpfr_get_str.restype = ctypes.c_void_p
        self.c.mpfr_get_str.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int)
        self.c.mpfr_set_si_2exp.argtypes = (ctypes.c_void_p, ctypes.c_long, ctypes.c_long, ctypes.c_int)
        self.c.mpfr_init2.argtypes = (ctypes.c_void_p, ctypes.c_long)
        self.numbers = [Number() for _ in range(3)]
        for number in self.numbers:
            self.c.mpfr_init2(ctypes.byref(number), BITS)

    def call(self, name: str, operands: tuple[mpq, ...], mode: int, *integers: int) -> tuple[int, int, int] | str:
        """sign, digits, exponent (digits 16^exponent) of the result, or ``nan``, ``inf``, ``-inf``, ``zero``."""
        result, *arguments = (ctypes.byref(number) for number in self.numbers)
        for x, argument in zip(operands, arguments, strict=False):
            zeros = int(gmpy2.bit_scan1(x.numerator) or 0)
            odd, exponent = int(x.numerator) >> zeros, zeros + 1 - x.denominator.bit_length()
            assert x.denominator & (x.denominator - 1) == 0 and abs(odd) < 1 << 62
            self.c.mpfr_set_si_2exp(argument, odd, exponent, 0)
        function = getattr(self.c, f"mpfr_{name}")
        if name == "lgamma":
            function(result, ctypes.byref(ctypes.c_int()), arguments[0], mode)
        else:
            function(result, *arguments[: len(operands)], *(ctypes.c_long(n) for n in integers), mode)
        if self.c.mpfr_nan_p(result):
            return "nan"
        if self.c.mpfr_inf_p(result):
            return "inf" if self.numbers[0].sign > 0 else "-inf"
        if self.c.mpfr_zero_p(result):
            return "zero"
        exponent = ctypes.c_long()
        text = self.c.mpfr_get_str(None, ctypes.byref(exponent), 16, 0, result, 0)
        digits = ctypes.string_at(text).decode()
        self.c.mpfr_free_str(ctypes.c_void_p(text))
        negative = digits.startswith("-")
        digits = digits.removeprefix("-")
        return (-1 if negative else 1), int(digits, 16), exponent.value - len(digits)

    def enclose(self, name: str, operands: tuple[mpq, ...], *integers: int) -> Datum | None:
        """What stands for the exact result: a datum, its rational a representative of the enclosure."""
        return representative(self.call(name, operands, DOWN, *integers), self.call(name, operands, UP, *integers))


def representative(low: tuple[int, int, int] | str, high: tuple[int, int, int] | str) -> Datum:
    """A datum that rounds as everything strictly between the bounds, or as both where they are equal."""
    if low == "nan":
        return NaN()
    if low == high and isinstance(low, str):
        return Finite(mpq(0), False) if low == "zero" else Infinity(low == "-inf")
    a, b = _rational(low), _rational(high)
    middle = (a + b) / 2
    return Finite(middle, middle < 0)


def _rational(x: tuple[int, int, int] | str) -> mpq:
    if isinstance(x, str):
        return {"zero": mpq(0), "inf": mpq(2) ** (FAR + 8), "-inf": -(mpq(2) ** (FAR + 8))}[x]
    sign, digits, exponent = x
    top = 4 * exponent + digits.bit_length()
    if abs(top) > FAR:
        return sign * mpq(2) ** (FAR if top > 0 else -FAR)
    return sign * digits * mpq(16) ** exponent
