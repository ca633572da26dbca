"""Functions of two operands are what MPFR computes, correctly rounded in every mode: random operands and operands at the edges, 8 to 64 bits wide."""

import random
from functools import cache

import pytest
from full import count
from gmpy2 import mpq
from mpfr_formats import operands
from mpfr_library import Library

from formats.arithmetic import operation
from formats.floats import Float, ieee
from formats.notation import parse_float
from formats.projection import Projection
from refmath.datum import Datum, Finite, NaN
from refmath.flags import Flags
from refmath.rounding import DETERMINISTIC

FORMATS = [ieee(16), ieee(32), ieee(64), parse_float("bfloat16"), parse_float("ocp_e5m2"), parse_float("ieee_e3m4")]
REALS = {"pow": "pow", "powr": "powr", "atan2": "atan2", "atan2pi": "atan2pi", "hypot": "hypot"}
INTEGERS = {"pown": "pown", "rootn": "rootn_si", "compound": "compound_si"}


@cache
def library() -> Library:
    return Library()


def finite(f: Float, rng: random.Random) -> int:
    """The code of a nonzero number."""
    while True:
        code = operands(f, rng)
        datum = f.decode(code)
        if isinstance(datum, Finite) and datum.value:
            return code


def value(f: Float, code: int) -> mpq:
    """Its value."""
    exact = f.exact(code)
    assert isinstance(exact, type(mpq()))
    return exact


def expectation(to: Float, how: Projection, result: Datum) -> tuple[int, Flags]:
    """Code and flags of an exact result; a NaN stands for an invalid operation."""
    code, flags = to.project(result, how)
    return code, flags | (Flags.INVALID if isinstance(result, NaN) else Flags.NONE)


@pytest.mark.parametrize("name", REALS)
@pytest.mark.parametrize("f", FORMATS, ids=str)
def test_two_reals(f: Float, name: str) -> None:
    """Two finite nonzero operands, in a mode and a result format that change with the case."""
    rng = random.Random(f"{f.name} {name}")
    for i in range(count(800, 350_000)):
        codes = (finite(f, rng), finite(f, rng))
        if name.startswith("pow") and rng.random() < 0.5:
            codes = (codes[0], f.round(mpq(rng.choice((-1, 1)) * rng.randrange(1, 31), rng.choice((1, 1, 2, 4)))))
            if not isinstance(f.decode(codes[1]), Finite):
                continue
        x, y = (value(f, code) for code in codes)
        to, how = (f, ieee(32))[i % 5 == 0], Projection(DETERMINISTIC[i % len(DETERMINISTIC)])
        result = library().enclose(REALS[name], (x, y))
        assert result is not None
        got = operation(name, f, f, to=to, projection=how)(*codes)
        assert got[:2] == expectation(to, how, result), f"{name}({x}, {y}) to {to.name}, {how.rounding.value}: {got}"


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("f", FORMATS, ids=str)
def test_a_real_and_an_integer(f: Float, name: str) -> None:
    """A finite nonzero operand and an integer of any size up to 2^40."""
    rng = random.Random(f"{f.name} {name}")
    for i in range(count(800, 350_000)):
        code, n = finite(f, rng), rng.choice((-1, 1)) * rng.choice((rng.randrange(1, 8), rng.randrange(1, 300), rng.randrange(1, 1 << 40)))
        x = value(f, code)
        if name == "compound" and x == -1:
            continue
        to, how = (f, ieee(32))[i % 5 == 0], Projection(DETERMINISTIC[i % len(DETERMINISTIC)])
        result = library().enclose("pow_si" if name == "pown" else INTEGERS[name], (x,), n)
        assert result is not None
        got = operation(name, f, to=to, projection=how)(code, n)
        assert got[:2] == expectation(to, how, result), f"{name}({x}, {n}) to {to.name}, {how.rounding.value}: {got}"
