"""Functions on formats whose numbers are irrational: right wherever 450 bits tell, and exact where the result is a number of the format itself."""

from collections.abc import Callable

import gmpy2
import pytest
from gmpy2 import mpfr, mpq

from formats.arithmetic import operation
from formats.family import Format
from formats.notation import parse
from formats.projection import Projection
from refmath.datum import Finite
from refmath.flags import Flags
from refmath.reals import Real
from refmath.rounding import Rounding

FUNCTIONS: dict[str, Callable[[mpfr], mpfr]] = {
    "exp": gmpy2.exp, "exp2": gmpy2.exp2, "expm1": gmpy2.expm1, "log": gmpy2.log, "log2": gmpy2.log2, "log10": gmpy2.log10, "log1p": gmpy2.log1p, "sin": gmpy2.sin,
    "cos": gmpy2.cos, "tan": gmpy2.tan, "asin": gmpy2.asin, "atan": gmpy2.atan, "sinh": gmpy2.sinh, "cosh": gmpy2.cosh, "tanh": gmpy2.tanh, "asinh": gmpy2.asinh,
    "sqrt": gmpy2.sqrt, "rsqrt": gmpy2.rec_sqrt, "cbrt": gmpy2.cbrt, "erf": gmpy2.erf, "erfc": gmpy2.erfc, "lgamma": lambda x: gmpy2.lgamma(x)[0],
    "sigmoid": lambda x: 1 / (1 + gmpy2.exp(-x)), "silu": lambda x: x / (1 + gmpy2.exp(-x)), "sinpi": lambda x: gmpy2.sin(gmpy2.const_pi() * x),
    "atanpi": lambda x: gmpy2.atan(x) / gmpy2.const_pi(), "asinpi": lambda x: gmpy2.asin(x) / gmpy2.const_pi(),
}  # fmt: skip


def operand(f: Format, code: int) -> mpfr | None:
    """The value of a code to 600 bits; None where it is no nonzero number."""
    datum = f.decode(code)
    if not isinstance(datum, Finite) or not datum.value:
        return None
    if not isinstance(datum.value, Real):
        return mpfr(datum.value, 600)
    k = 600 - datum.value.floor_log2()
    size = mpfr(mpq(int(datum.value.floor_scaled(k)[0])) / mpq(2) ** k, 600)
    with gmpy2.context(precision=600):
        return -size if datum.negative else size


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("notation", ["lns4.3", "takum_log9"])
def test_every_code(notation: str, name: str) -> None:
    """Every code gives the code that the value rounds to; where it lies on a boundary to 450 bits, one of the two beside it."""
    f = parse(notation)
    for code in f:
        x = operand(f, code)
        if x is None:
            continue
        with gmpy2.context(precision=600):
            found = FUNCTIONS[name](x)
        if not gmpy2.is_finite(found) or not found or not -400 < gmpy2.get_exp(found) < 10_000:
            continue
        value = mpq(found)
        for mode in (Rounding.NEAREST_EVEN, Rounding.TOWARD_ZERO, Rounding.AWAY_FROM_ZERO):
            how = Projection(mode, overflow=f.default.overflow)
            beside = {f.project(value * (1 + sign * mpq(1, 1 << 450)), how)[0] for sign in (-1, 1)}
            assert operation(name, f, projection=how)(code).code in beside, f"{name} of {code:#x} of {notation}, {mode.value}"


def test_results_that_the_format_has_are_exact() -> None:
    """Products, quotients, powers and roots of powers of two are powers of two, and the logarithm of a power of e is its exponent."""
    f = parse("lns4.3")
    half, root_half, quarter = f.round(mpq(1, 2)), operation("sqrt", f)(f.round(mpq(1, 2))), f.round(mpq(1, 4))
    assert root_half.flags == Flags.NONE
    assert operation("multiply", f)(root_half.code, root_half.code)[:2] == (half, Flags.NONE)
    assert operation("divide", f)(half, root_half.code)[:2] == (root_half.code, Flags.NONE)
    assert operation("pown", f)(root_half.code, 4)[:2] == (quarter, Flags.NONE)
    assert operation("rootn", f)(quarter, 4)[:2] == (root_half.code, Flags.NONE)
    assert operation("hypot", f)(half, half)[:2] == (root_half.code, Flags.NONE)
    assert operation("sinpi", f)(quarter)[:2] == (root_half.code, Flags.NONE)
    assert operation("asinpi", f)(root_half.code)[:2] == (quarter, Flags.NONE)
    assert operation("subtract", f)(root_half.code, root_half.code)[:2] == (f.zero(), Flags.NONE)
    takum = parse("takum_log16")
    e = operation("exp", takum)(takum.round(mpq(1)))
    assert e.flags == Flags.NONE
    assert operation("log", takum)(e.code)[:2] == (takum.round(mpq(1)), Flags.NONE)
