"""next_up, next_down, class and the predicates of an encoding, on every code of small formats."""

from itertools import pairwise

import pytest
from gmpy2 import mpq

from formats.arithmetic import operation
from formats.family import Format
from formats.notation import parse
from formats.projection import Projection
from refmath.datum import Finite, Infinity
from refmath.flags import Flags
from refmath.overflow import Overflow

FORMATS = (
    "binary16",
    "ocp_e4m3",
    "ocp_e5m2",
    "e4m3fnuz",
    "ieee_e3m4",
    "e2m1",
    "e3m2",
    "ue5m3",
    "binary8p4se",
    "binary8p3sf",
    "binary6p3ue",
    "binary5p2uf",
    "int5",
)


def key(f: Format, code: int) -> tuple[mpq, int] | None:
    """Where a code lies among the data of its format; None for a NaN."""
    match f.decode(code):
        case Finite(value, negative):
            return mpq(value), 0 if value else -int(negative)
        case Infinity(negative):
            return mpq(-(10**30) if negative else 10**30), 0
        case _:
            return None


@pytest.mark.parametrize("name", FORMATS)
def test_neighbours_are_adjacent(name: str) -> None:
    """next_up and next_down step to the adjacent datum, across both zeros at once, and raise nothing."""
    f = parse(name)
    up, down = operation("next_up", f), operation("next_down", f)
    ordered = sorted((place, code) for code in f if (place := key(f, code)) is not None and not (place == (0, 0) and f.has_negative_zero))
    for (_, a), (_, b) in pairwise(ordered):
        assert up(a) == (b, Flags.NONE, f.decode(b))
        plus_zero = f.has_zero and f.has_negative_zero and b == f.zero(True)
        assert down(f.zero() if plus_zero else b) == (a, Flags.NONE, f.decode(a)) or a == f.zero(True)


def test_neighbours_of_zero_and_of_the_ends() -> None:
    """IEEE 754-2019 5.3.1: from the least numbers to a zero of their sign; infinity stays; NaNs are quieted."""
    up, down = operation("next_up", "binary16"), operation("next_down", "binary16")
    assert [up(x).code for x in (0x8001, 0x8000, 0x0000, 0x7BFF, 0x7C00, 0xFC00)] == [0x8000, 0x0001, 0x0001, 0x7C00, 0x7C00, 0xFBFF]
    assert [down(x).code for x in (0x0001, 0x8000, 0x0000, 0xFBFF, 0x7C00, 0xFC00)] == [0x0000, 0x8001, 0x8001, 0xFC00, 0x7BFF, 0xFC00]
    assert up(0x7C01)[:2] == (0x7E00, Flags.INVALID)
    assert up(0x7E01)[:2] == (0x7E00, Flags.NONE)


def test_neighbours_beyond_the_end() -> None:
    """P3109: NaN above +infinity, and above the greatest number of a finite format; elsewhere the overflow policy answers."""
    for name, code, above in (
        ("binary8p4se", 0x7F, 0x80),
        ("binary8p4se", 0x7E, 0x7F),
        ("binary8p4sf", 0x7F, 0x80),
        ("binary8p4uf", 0xFE, 0xFF),
        ("e2m1", 7, 7),
        ("ocp_e4m3", 0x7E, 0x7F),
    ):
        assert operation("next_up", name)(code).code == above, name
    assert operation("next_down", "binary8p4se")(0xFF).code == 0x80
    assert operation("next_down", "binary8p4se")(0xFE).code == 0xFF
    assert operation("next_down", "binary8p4uf")(0x00).code == 0xFF
    assert operation("next_up", "ocp_e4m3", projection=Projection(overflow=Overflow.SATURATE_FINITE))(0x7E).code == 0x7E


def test_classes() -> None:
    """Each of the ten classes of IEEE 754 and the eight of P3109 is named as its standard names it."""
    classes = {0x0000: "positiveZero", 0x8000: "negativeZero", 0x0001: "positiveSubnormal", 0x83FF: "negativeSubnormal", 0x0400: "positiveNormal",
               0xFBFF: "negativeNormal", 0x7C00: "positiveInfinity", 0xFC00: "negativeInfinity", 0x7E00: "quietNaN", 0xFC01: "signalingNaN"}  # fmt: skip
    assert {code: operation("class", "binary16")(code).exact for code in classes} == classes
    classes = {0x00: "Zero", 0x01: "PositiveSubnormal", 0x88: "NegativeNormal", 0x87: "NegativeSubnormal", 0x40: "PositiveNormal", 0x7F: "PositiveInfinity",
               0xFF: "NegativeInfinity", 0x80: "NaN"}  # fmt: skip
    assert {code: operation("class", "binary8p4se")(code).exact for code in classes} == classes


@pytest.mark.parametrize("name", FORMATS)
def test_exactly_one_kind(name: str) -> None:
    """Every code is exactly one of normal, subnormal, zero, infinite and NaN, and finite exactly where it is one of the first three."""
    f = parse(name)
    kinds = [operation(f"is_{kind}", f) for kind in ("normal", "subnormal", "zero", "infinite", "nan")]
    finite = operation("is_finite", f)
    for code in f:
        truths = [kind(code).exact for kind in kinds]
        assert truths.count(True) == 1, (hex(code), truths)
        assert finite(code).exact is any(truths[:3])
        assert operation("is_canonical", f)(code).exact is True


def test_x87_has_codes_that_are_not_canonical() -> None:
    """Unnormals, pseudo-infinities and pseudo-NaNs are not canonical and signal as operands; a pseudo-denormal is a number of another code."""
    canonical = operation("is_canonical", "x87")
    one, unnormal, pseudo_infinity, pseudo_denormal = 0x3FFF << 64 | 1 << 63, 0x3FFF << 64, 0x7FFF << 64, 1 << 63
    assert [canonical(code).exact for code in (one, unnormal, pseudo_infinity, pseudo_denormal)] == [True, False, False, False]
    assert operation("add", "x87")(one, unnormal).flags == Flags.INVALID
    assert operation("add", "x87")(pseudo_denormal, 0)[:2] == (1 << 64 | 1 << 63, Flags.NONE)
