"""Rounding as P3109 section 4.7 and IEEE 754-2019 clause 4.3 state it, by significand and exponent, against rounding in code space."""

import random

import pytest
from gmpy2 import mpq

from formats import Float, Projection, parse
from formats.floats_symbolic import position
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding
from refmath.rounding_symbolic import rounded
from refmath.symbolic import evaluator

FORMATS = [
    "binary8p1se",
    "binary8p3se",
    "binary6p6uf",
    "binary5p1ue",
    "ocp_e4m3",
    "ocp_e5m2",
    "e4m3fnuz",
    "e2m1",
    "e3m4",
    "ue5m3",
    "binary16",
    "bfloat16",
    "e1m3(specials=none)",
]
WHERE = [(item.symbol.name, evaluator(item.expression)) for item in position()]


def in_place(f: Float, x: mpq) -> dict[str, object]:
    """e, Q, s, nu and c of x by the formulas of the definition."""
    values: dict[str, object] = {"p": f.precision, "b": f.bias, "x": x}
    for name, expression in WHERE:
        values[name] = expression(values)
    return values


def inputs(f: Float) -> list[mpq]:
    """Values in the finite range: every code of a small format or many of a wide one, and points on and around the middle of the gaps above."""
    rng = random.Random(f.name)
    codes = range(f.greatest()) if f.greatest() < 256 else sorted({0, 1, 2, 1 << f.trailing, *(rng.randrange(f.greatest()) for _ in range(150))})
    offsets = [mpq(0), mpq(1, 64), mpq(1, 3), mpq(1, 2) - mpq(1, 2**70), mpq(1, 2), mpq(1, 2) + mpq(1, 2**70), mpq(7, 8), mpq(63, 64)]
    found = []
    for code in codes:
        here, above = f.value(code), f.value(code + 1)
        found += [here + offset * (above - here) for offset in offsets]
    signs = (1, -1) if f.signed else (1,)
    return [sign * x for x in found if x for sign in signs]


@pytest.mark.parametrize("name", FORMATS)
def test_deterministic_modes(name: str) -> None:
    """Every mode: the code from |x| 2^-Q, its floor and its fraction is the code that projection delivers."""
    f = parse(name)
    assert isinstance(f, Float)
    conditions = [(Projection(mode), evaluator(rounded(mode))) for mode in DETERMINISTIC]
    for x in inputs(f):
        values = in_place(f, x)
        for how, code in conditions:
            expected = code(values)
            if f.least <= expected <= f.greatest():
                assert f.round(x, how) == f.join(x < 0, expected), (x, how.rounding)
            elif expected == 0:
                assert f.magnitude(f.round(x, how)) in ((False, 0), (True, 0)), (x, how.rounding)


@pytest.mark.parametrize("mode", [mode for mode in Rounding if mode.needs_bits])
@pytest.mark.parametrize("name", ["binary8p1se", "ocp_e5m2", "binary6p6uf"])
def test_stochastic_modes(name: str, mode: Rounding) -> None:
    """Every draw of one and three random bits, likewise."""
    f = parse(name)
    assert isinstance(f, Float)
    code = evaluator(rounded(mode))
    for x in inputs(f)[::7]:
        values = in_place(f, x)
        for bits in (1, 3):
            for draw in range(1 << bits):
                expected = code({**values, "N": bits, "R": draw})
                if f.least <= expected <= f.greatest():
                    assert f.round(x, Projection(mode, bits), draw) == f.join(x < 0, expected), (x, bits, draw)


@pytest.mark.parametrize("name", FORMATS)
def test_the_rounded_value_is_the_rounded_significand(name: str) -> None:
    """Z = sgn(x) S 2^Q with S = floor(s) + [away], as P3109 writes it: the value of the delivered code, carries included."""
    f = parse(name)
    assert isinstance(f, Float)
    away = evaluator(rounded(Rounding.NEAREST_EVEN))
    for x in inputs(f):
        values = in_place(f, x)
        kept, scale = values["c"], values["Q"]
        significand = values["s"].numerator // values["s"].denominator + away(values) - kept  # type: ignore[attr-defined]
        if away(values) <= f.greatest():
            assert abs(f.exact(f.round(x, Projection(overflow=Overflow.SATURATE_FINITE)))) == significand * mpq(2) ** int(scale)  # type: ignore[call-overload]
