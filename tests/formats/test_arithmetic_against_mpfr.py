"""Arithmetic in IEEE formats is what MPFR computes: value, sign of zero and flags, in every mode that MPFR has."""

import random
from collections.abc import Callable

import gmpy2
import pytest
from full import count
from gmpy2 import mpfr, mpq
from mpfr_formats import MODES, code, context, flags, number, operands

from formats.arithmetic import operation
from formats.floats import Float, ieee
from formats.notation import parse_float
from formats.projection import Projection
from refmath.flags import Flags
from refmath.rounding import Rounding
from refmath.underflow import Tininess

FORMATS = (ieee(16), parse_float("bfloat16"), ieee(32), ieee(64))

COMPUTE: dict[str, tuple[int, Callable[..., mpfr]]] = {
    "add": (2, lambda c, x, y: c.add(x, y)),
    "subtract": (2, lambda c, x, y: c.sub(x, y)),
    "multiply": (2, lambda c, x, y: c.mul(x, y)),
    "divide": (2, lambda c, x, y: c.div(x, y)),
    "fma": (3, lambda c, x, y, z: c.fma(x, y, z)),
    "sqrt": (1, lambda c, x: c.sqrt(x)),
    "rsqrt": (1, lambda c, x: c.rec_sqrt(x) if x else c.div(1, x)),  # of -0 MPFR gives +infinity
    "reciprocal": (1, lambda c, x: c.div(1, x)),
    "hypot": (2, lambda c, x, y: c.hypot(x, y)),
    "remainder": (2, lambda c, x, y: c.remainder(x, y)),
    "fmod": (2, lambda c, x, y: c.fmod(x, y)),
}


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", COMPUTE)
@pytest.mark.parametrize("f", FORMATS, ids=str)
def test_random_and_boundary_operands(f: Float, name: str, mode: Rounding) -> None:
    """Random operands and operands at the edges of the format give the code and the flags of MPFR."""
    arity, compute = COMPUTE[name]
    rng = random.Random(f"{f.name} {name} {mode.value}")
    bound = operation(name, f, projection=Projection(mode))
    for _ in range(count(800, 200_000)):
        codes = [operands(f, rng) for _ in range(arity)]
        c = context(f, mode)
        expected = compute(c, *(number(f, x) for x in codes))
        got = bound(*codes)
        shown = [hex(x) for x in codes]
        assert got.code == code(f, expected), (name, shown, hex(got.code), expected)
        assert got.flags & ~Flags.UNDERFLOW == flags(c), (name, shown, got.flags, c)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", ["add", "multiply", "divide", "fma", "sqrt"])
@pytest.mark.parametrize("f", FORMATS[:3], ids=str)
def test_underflow(f: Float, name: str, mode: Rounding) -> None:
    """Underflow is raised for a tiny result that is inexact, tiny as it is before rounding or as MPFR rounds it without end of the exponents."""
    arity, compute = COMPUTE[name]
    rng = random.Random(f"underflow {f.name} {name} {mode.value}")
    before, after = (operation(name, f, projection=Projection(mode, tininess=t)) for t in Tininess)
    wide = gmpy2.context(precision=f.precision, round=MODES[mode])
    precise = gmpy2.context(precision=40 * f.precision)
    least = mpq(1, 1 << -f.emin)
    for _ in range(count(300, 50_000)):
        codes = [rng.randrange(8 << f.trailing) | rng.randrange(2) << (f.width - 1) for _ in range(arity)]
        codes[0] = codes[0] + (f.bias - 8 << f.trailing) * (name in ("multiply", "fma")) if name != "sqrt" else codes[0]
        values = [number(f, x) for x in codes]
        rounded, exact = compute(wide, *values), compute(precise, *values)
        if not gmpy2.is_finite(rounded) or not rounded:
            continue
        for bound, tiny in ((before, abs(mpq(exact)) < least), (after, abs(mpq(rounded)) < least)):
            got = bound(*codes)
            expected = tiny and Flags.INEXACT in got.flags
            assert (Flags.UNDERFLOW in got.flags) == expected, (name, [hex(x) for x in codes], got)
