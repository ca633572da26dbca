"""Every function of one operand is what MPFR computes, correctly rounded in every mode: all codes of all 8-bit floats, and 16-bit ones in strides.

In a full run all codes of both in all modes.

Operands that are infinite, NaN or zero are the business of the tables of special cases.
"""

import random
from collections.abc import Callable
from functools import cache, lru_cache

import gmpy2
import pytest
from full import FULL, count, stride
from gmpy2 import mpfr, mpq
from mpfr_formats import operands
from mpfr_library import Library

from formats.arithmetic import operation
from formats.catalogue import CATALOGUE
from formats.floats import Float, ieee
from formats.notation import parse_float
from formats.projection import Projection
from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.flags import Flags
from refmath.operations import Dialect
from refmath.rounding import DETERMINISTIC, Rounding

NAMES = {
    "exp": "exp", "exp2": "exp2", "exp10": "exp10", "expm1": "expm1", "exp2m1": "exp2m1", "exp10m1": "exp10m1",
    "log": "log", "log2": "log2", "log10": "log10", "log1p": "log1p", "log2p1": "log2p1", "log10p1": "log10p1",
    "sin": "sin", "cos": "cos", "tan": "tan", "asin": "asin", "acos": "acos", "atan": "atan",
    "sinpi": "sinpi", "cospi": "cospi", "tanpi": "tanpi", "asinpi": "asinpi", "acospi": "acospi", "atanpi": "atanpi",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "asinh", "acosh": "acosh", "atanh": "atanh",
    "sqrt": "sqrt", "rsqrt": "rec_sqrt", "cbrt": "cbrt", "erf": "erf", "erfc": "erfc", "tgamma": "gamma", "lgamma": "lgamma",
}  # fmt: skip
"""Our name, MPFR's name."""

COMPOSED: dict[str, Callable[[mpfr], mpfr]] = {
    "sigmoid": lambda x: 1 / (1 + gmpy2.exp(-x)),
    "softplus": lambda x: gmpy2.log1p(gmpy2.exp(x)),
    "silu": lambda x: x / (1 + gmpy2.exp(-x)),
    "gelu": lambda x: x * gmpy2.erfc(-x / gmpy2.sqrt(mpfr(2))) / 2,
    "gelu_tanh": lambda x: x / (1 + gmpy2.exp(-2 * gmpy2.sqrt(2 / gmpy2.const_pi()) * (x + mpfr(mpq(44715, 10**6)) * x**3))),
}
"""What MPFR lacks, composed at so many bits that only the side of a limit can be lost."""

LIMITS: dict[str, Callable[[mpq], mpq]] = {
    "sigmoid": lambda x: mpq(1),
    "softplus": lambda x: x,
    "silu": lambda x: x,
    "gelu": lambda x: x,
    "gelu_tanh": lambda x: x,
}
"""What they tend to for large x: from above softplus, from below all others."""

EIGHT_BITS = [named.format for named in CATALOGUE if isinstance(named.format, Float) and named.format.width == 8]
SIXTEEN_BITS = [ieee(16), parse_float("bfloat16")]
ODD_POLES = ("tanpi", "lgamma", "tgamma")
"""Where P3109 has NaN instead of an infinity."""


@cache
def library() -> Library:
    return Library()


@lru_cache(maxsize=4096)
def exact(name: str, x: mpq) -> Datum:
    """What stands for the exact result at a nonzero rational."""
    if name in NAMES:
        found = library().enclose(NAMES[name], (x,))
        assert found is not None
        return found
    bits = 600 + 2 * x.denominator.bit_length()
    with gmpy2.context(precision=bits):
        found = COMPOSED[name](mpfr(x, bits))
    step, tiny, limit = mpq(1, 1 << 450), mpq(1, 1 << (1 << 14)), LIMITS[name](x)
    if not found or (gmpy2.is_finite(found) and gmpy2.get_exp(found) < -(1 << 14)):
        value = -tiny if found < 0 or gmpy2.is_signed(found) else tiny
    else:
        value = mpq(found) if gmpy2.is_finite(found) else limit
    if x > 0 and abs(value / limit - 1) < step:
        value = limit * (1 + step if name == "softplus" else 1 - step)
    return Finite(value, value < 0)


def check(f: Float, name: str, code: int, mode: Rounding, to: Float) -> None:
    """One operand: code and flags are those of the exact result projected once; in a full run in every mode, beginning with ``mode``."""
    operand = f.decode(code)
    if not isinstance(operand, Finite) or not operand.value:
        return
    how = Projection(mode, overflow=to.default.overflow)
    others = [Projection(other, overflow=to.default.overflow) for other in DETERMINISTIC if FULL and other is not mode]
    value = operand.value
    assert isinstance(value, type(mpq()))
    result, special = exact(name, value), Flags.NONE
    p3109 = Dialect.P3109 in (f.dialect, to.dialect)
    if isinstance(result, Infinity):
        result, special = (NaN(), Flags.NONE) if p3109 and name in ODD_POLES else (result, Flags.DIVIDE_BY_ZERO)
    elif isinstance(result, NaN):
        special = Flags.INVALID
    elif isinstance(result, Finite) and not result.value and not p3109 and name in ("sinpi", "tanpi"):
        result = Finite(mpq(0), (value < 0) != (name == "tanpi" and int(value) % 2 == 1))
    expected, flags = to.project(result, how)
    got = operation(name, f, to=to, projection=how)(code)
    shown = f"{name} of {code:#x} of {f.name} = {value} to {to.name}, {mode.value}"
    assert got.code == expected, f"{shown}: {got.code:#x}, not {expected:#x}"
    assert got.flags == flags | (Flags.NONE if p3109 else special), f"{shown}: {got.flags}"
    assert not isinstance(got.exact, bool | str)
    for other in others:  # what was computed once is projected in every mode
        assert to.project(got.exact, other) == to.project(result, other), f"{shown}, but {other.rounding.value}"


@pytest.mark.parametrize("name", [*NAMES, *COMPOSED])
def test_all_8_bit_floats(name: str) -> None:
    """Every code of every 8-bit float of the catalogue, each in a mode that changes with the code; in all modes in a full run."""
    for i, f in enumerate(EIGHT_BITS):
        for code in f:
            check(f, name, code, DETERMINISTIC[(code + i) % len(DETERMINISTIC)], f)


@pytest.mark.parametrize("name", [*NAMES, *COMPOSED])
@pytest.mark.parametrize("f", SIXTEEN_BITS, ids=str)
def test_16_bit_floats(f: Float, name: str) -> None:
    """Codes of binary16 and bfloat16 in strides, into the format itself and into binary32; all codes in all modes in a full run."""
    for code in range(0 if FULL else 3, 1 << 16, stride(211)):
        mode = DETERMINISTIC[code % len(DETERMINISTIC)]
        check(f, name, code, mode, f)
        if code % 4 == 0:
            check(f, name, code, mode, ieee(32))


@pytest.mark.parametrize("name", [*NAMES, *COMPOSED])
def test_binary64(name: str) -> None:
    """Random codes of binary64 and codes at its edges, up to the greatest and the least number."""
    rng, f = random.Random(name), ieee(64)
    for i in range(count(100, 20_000)):
        check(f, name, operands(f, rng), DETERMINISTIC[i % len(DETERMINISTIC)], f)
