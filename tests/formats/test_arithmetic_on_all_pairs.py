"""All pairs of codes of 8-bit formats: + - * / against rationals and a rounding by search, both written here."""

from bisect import bisect_right
from fractions import Fraction
from itertools import pairwise

import pytest
from full import stride
from gmpy2 import mpq

from formats.arithmetic import operation
from formats.notation import parse
from formats.projection import Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

FORMATS = {
    "ocp_e4m3": (4, 3, 7, "fn"),
    "ocp_e5m2": (5, 2, 15, "ieee"),
    "e4m3fnuz": (4, 3, 8, "fnuz"),
    "e5m2fnuz": (5, 2, 16, "fnuz"),
    "e4m3b11fnuz": (4, 3, 11, "fnuz"),
    "ieee_e4m3": (4, 3, 7, "ieee"),
    "ieee_e3m4": (3, 4, 3, "ieee"),
    "binary8p4se": (4, 3, 8, "p3109"),
    "binary8p3se": (5, 2, 16, "p3109"),
}
"""Exponent bits, trailing bits, bias, and where the specials are."""

Value = mpq | str
"""A rational, or ``nan``, ``inf``, ``-inf``, ``-0``."""


def decode(name: str, code: int) -> Value:
    """What a code means, field by field."""
    w, m, bias, specials = FORMATS[name]
    sign, e, t = code >> 7, code >> m & ((1 << w) - 1), code & ((1 << m) - 1)
    magnitude = code & 0x7F
    if specials in ("fnuz", "p3109") and code == 0x80:
        return "nan"
    if specials == "p3109" and magnitude == 0x7F:
        return "-inf" if sign else "inf"
    if specials == "fn" and magnitude == 0x7F:
        return "nan"
    if specials == "ieee" and e == (1 << w) - 1:
        return "nan" if t else "-inf" if sign else "inf"
    if magnitude == 0:
        return "-0" if sign else mpq(0)
    value = mpq(Fraction(t, 1 << m) * Fraction(2) ** (1 - bias)) if e == 0 else mpq((1 + Fraction(t, 1 << m)) * Fraction(2) ** (e - bias))
    return -value if sign else value


class Oracle:
    """Nearest-even rounding into one format by searching the list of its values; beyond the greatest one more value stands for overflow."""

    def __init__(self, name: str) -> None:
        self.name, self.specials = name, FORMATS[name][3]
        self.table = [decode(name, code) for code in range(256)]
        self.values = [v for v in self.table[:128] if not isinstance(v, str)]
        step = self.values[-1] - self.values[-2]
        ladder = [*self.values, self.values[-1] + step]
        self.middles = [(a + b) / 2 for a, b in pairwise(ladder)]

    def round(self, x: mpq) -> int | None:
        """The code of a nonzero rational; None where it is NaN."""
        place = bisect_right(self.middles, abs(x))
        if place and self.middles[place - 1] == abs(x) and place & 1:
            place -= 1
        sign = 0x80 if x < 0 else 0
        if place < len(self.values):
            return sign | place if place or self.specials in ("fn", "ieee") else 0
        return self.infinite(x < 0)

    def zero(self, negative: bool) -> int:
        return 0x80 if negative and self.specials in ("fn", "ieee") else 0

    def infinite(self, negative: bool) -> int | None:
        """The code of an infinite result; None stands for NaN."""
        return None if self.specials in ("fn", "fnuz") else (0x80 if negative else 0) | (0x7F if self.specials == "p3109" else len(self.values))

    def result(self, op: str, a: Value, b: Value) -> int | None:
        """The code that an operation delivers; None for NaN."""
        if "nan" in (a, b):
            return None
        x, y, s, t = *map(number, (a, b)), *map(negative, (a, b))
        if op in "+-":
            t ^= op == "-"
            if infinite(a) or infinite(b):
                return None if infinite(a) and infinite(b) and s != t else self.infinite(s if infinite(a) else t)
            total = x - y if op == "-" else x + y
            return self.round(total) if total else self.zero(s and t)
        if op == "*":
            if infinite(a) or infinite(b):
                return None if not (x or infinite(a)) or not (y or infinite(b)) else self.infinite(s != t)
            return self.round(x * y) if x and y else self.zero(s != t)
        if infinite(a):
            return None if infinite(b) or (not y and self.specials == "p3109") else self.infinite(s != t)
        if infinite(b):
            return self.zero(s != t)
        if not y:
            return None if not x or self.specials == "p3109" else self.infinite(s != t)
        return self.round(x / y) if x else self.zero(s != t)


def number(x: Value) -> mpq:
    return mpq(0) if isinstance(x, str) else x


def negative(x: Value) -> bool:
    return x.startswith("-") if isinstance(x, str) else x < 0


def infinite(x: Value) -> bool:
    return isinstance(x, str) and x.endswith("inf")


@pytest.mark.parametrize("op", "+-*/")
@pytest.mark.parametrize("name", FORMATS)
def test_every_pair(name: str, op: str) -> None:
    """The result of an operation on codes is the exact result rounded to the nearest value, or the special one."""
    oracle = Oracle(name)
    how = Projection(Rounding.NEAREST_EVEN, overflow=Overflow.SATNONE_4_0 if oracle.specials == "p3109" else Overflow.IEEE)
    bound = operation(op, name, projection=how)
    isnan = [oracle.table[code] == "nan" for code in range(256)]
    for a in range(256):
        for b in range(a % stride(5), 256, stride(5)):
            expected, got = oracle.result(op, oracle.table[a], oracle.table[b]), bound(a, b).code
            assert isnan[got] if expected is None else got == expected, (name, hex(a), op, hex(b), hex(got), expected)


def test_the_list_of_formats_is_the_catalogue() -> None:
    """The parameters written here are those of the catalogue: all values agree."""
    for name in FORMATS:
        f = parse(name)
        for code in range(256):
            value = decode(name, code)
            if not isinstance(value, str):
                assert f.exact(code) == value
