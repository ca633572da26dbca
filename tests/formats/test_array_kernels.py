"""The kernels for any formats where they meet their limits: wider formats, what the carrier cannot hold, formats without trailing bits."""

import random

import numpy as np
import pytest
from array_cases import operands, random_projection
from full import count

from formats.arrays import engine_for_operation, operate
from formats.family import Format
from formats.notation import parse
from formats.operations import find_operation
from formats.projection import AbsentNaN, Projection
from refmath.operations.environment import Dialect
from refmath.overflow import Overflow
from refmath.rounding import Rounding

CASES = count(60, 5000)


def same(
    name: str,
    formats: tuple[Format, ...],
    codes: tuple[np.ndarray, ...],
    to: Format | None,
    how: Projection,
    dialect: Dialect,
    draws: np.ndarray,
    engine: str | None = "array",
) -> None:
    """Both engines give the same codes and flags."""
    got, got_flags = operate(name, formats, codes, to, how, dialect, draws, engine)
    expected, expected_flags = operate(name, formats, codes, to, how, dialect, draws, "reference")
    wrong = np.nonzero((got != expected) | (got_flags != expected_flags))[0]
    if wrong.size:
        i = wrong[0]
        shown = [hex(int(x[i])) for x in codes]
        raise AssertionError((name, formats, to, how, dialect, shown, int(draws[i]), hex(int(got[i])), got_flags[i], hex(int(expected[i])), expected_flags[i]))


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "sqrt", "fma"])
def test_wider_formats_where_their_results_fit_the_carrier(name: str) -> None:
    """binary64 and x86-like 48-bit floats, alone and into binary32."""
    rng = random.Random(name)
    for text in ("binary64", "e11m36", "binary64"):
        f = parse(text)
        for to in (f, parse("binary32")):
            how = random_projection(rng, (1, 2))
            if engine_for_operation(name, f, to, how)[0] == "array":
                same(
                    name,
                    (f,) * find_operation(name).arity,
                    operands(rng, (f,) * find_operation(name).arity, CASES),
                    to,
                    how,
                    Dialect.IEEE754,
                    np.zeros(CASES, np.uint64),
                )
    assert engine_for_operation(name, parse("binary64"))[0] == "array"


@pytest.mark.parametrize(
    ("name", "formats", "to", "how", "words"),
    [
        ("divide", "binary64", "binary64", Projection(), "significands of binary64"),
        ("add", "binary128", "binary32", Projection(), "no kernel decodes binary128"),
        ("exp", "binary32", "binary32", Projection(), "no kernel computes exp"),
        ("add", "posit64", "posit64", Projection(), "posits"),
        ("divide", "binary64", "binary64", Projection(overflow=Overflow.ERROR), "with saturation instead it has no kernel either"),
        ("add", "binary32", "binary32", Projection(rounding=Rounding.STOCHASTIC), "random bits"),
        ("add", "binary32", "binary32", Projection(rounding=Rounding.STOCHASTIC_A, bits=40), "40 random bits need more"),
        ("add", "binary32", "int32", Projection(overflow=Overflow.WRAP, absent_nan=AbsentNaN.ZERO), "wrapped results"),
    ],
)
def test_what_the_carrier_cannot_hold_is_refused_with_the_reason(name: str, formats: str, to: str, how: Projection, words: str) -> None:
    """The reference runs, and the reason is told."""
    chosen, reason = engine_for_operation(name, parse(formats), parse(to), how)
    assert chosen == "reference" and words in reason


@pytest.mark.parametrize("text", ["e3m0(subnormals=no)", "e3m0(subnormals=no, specials=fnuz)", "e4m0(subnormals=no, bias=3)", "e3m0"])
@pytest.mark.parametrize("name", ["add", "multiply", "divide", "minimum", "compare_quiet_less", "fma"])
def test_zero_and_powers_of_two(text: str, name: str) -> None:
    """Formats without trailing bits mean the same with and without subnormal numbers: all pairs, into themselves and into binary16."""
    f, rng, op = parse(text), random.Random(text + name), find_operation(name)
    grid = tuple(side.reshape(-1).astype(np.uint8) for side in np.meshgrid(*[np.arange(f.codes)] * op.arity))
    few = np.array(sorted(rng.sample(range(len(grid[0])), min(len(grid[0]), 400))))
    for to in (f, parse("binary16")):
        draws = np.array([rng.getrandbits(2) for _ in few], np.uint64)
        same(name, (f,) * op.arity, tuple(x[few] for x in grid), to, random_projection(rng, (2,)), Dialect.IEEE754, draws)
