"""Operands that claims of operations leave out, by kind: held to the definition, on rationals, over all operands of small formats."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from conformance.cases.landmarks import every_code
from conformance.claims import Claim, Codes
from conformance.refused import refused
from formats.family import Format
from formats.notation import parse
from formats.projection import AbsentNaN, Projection
from refmath.datum import Finite, Infinity, NaN
from refmath.overflow import Overflow
from refmath.rounding import Rounding

HOW = Projection(absent_nan=AbsentNaN.ZERO, overflow=Overflow.SATURATE_PROPAGATE)
EXACT: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "add": lambda x, y: x + y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
}


def pairs(fmt: Format) -> tuple[Codes, Codes]:
    grid = np.meshgrid(every_code(fmt), every_code(fmt), indexing="ij")
    return grid[0].reshape(-1), grid[1].reshape(-1)


def fraction(fmt: Format, code: int) -> Fraction:
    return Fraction(str(fmt.exact(code)))


def left_out(operation: str, fmt: Format, kind: str, rounding: Rounding = Rounding.NEAREST_EVEN) -> dict[tuple[int, int], bool]:
    """By pair of codes, whether it is left out."""
    claim = Claim("own", operation, (fmt, fmt), fmt, Projection(rounding, absent_nan=AbsentNaN.ZERO, overflow=HOW.overflow), "own", refuses=(kind,))
    operands = pairs(fmt)
    found = refused(claim, operands)
    return {(int(x), int(y)): bool(out) for x, y, out in zip(*operands, found, strict=True)}


@pytest.mark.parametrize("operation", EXACT)
@pytest.mark.parametrize("kind", ["out of range", "overflow", "beyond"])
@pytest.mark.parametrize("rounding", [Rounding.NEAREST_EVEN, Rounding.TOWARD_ZERO, Rounding.TOWARD_POSITIVE])
def test_results_out_of_range(operation: str, kind: str, rounding: Rounding) -> None:
    """E2M1 ends at 6, and the next value would be 8: nearest goes there from 7 on, toward zero from 8 on, away from anything above 6."""
    fmt = parse("e2m1")
    for (x, y), out in left_out(operation, fmt, kind, rounding).items():
        a, b = fraction(fmt, x), fraction(fmt, y)
        if operation == "divide" and not b:
            continue
        exact = EXACT[operation](a, b)
        away = rounding is Rounding.TOWARD_POSITIVE and exact > 0
        over = abs(exact) >= 7 if rounding is Rounding.NEAREST_EVEN else abs(exact) > 6 if away else abs(exact) >= 8
        brought_back = rounding is Rounding.TOWARD_ZERO or (rounding is Rounding.TOWARD_POSITIVE and exact < 0)
        expected = {"out of range": over, "overflow": over and not brought_back, "beyond": abs(exact) > 6}[kind]
        assert out == expected, (operation, a, b)


@pytest.mark.parametrize("operation", ["add", "multiply"])
def test_results_out_of_range_of_fixed_point(operation: str) -> None:
    """Q3.1 holds the halves from -4 to 7/2; what rounds to a half beyond is out of range."""
    fmt = parse("q3.1")
    for (x, y), out in left_out(operation, fmt, "out of range").items():
        exact = EXACT[operation](fraction(fmt, x), fraction(fmt, y))
        assert out == (not -8 <= round(2 * exact) <= 7), (x, y)


@pytest.mark.parametrize("name", ["e2m1", "q3.1", "ocp_e5m2"])
def test_quotients_that_are_no_numbers(name: str) -> None:
    """Divisors of zero, and where the format has any, infinities and NaNs; finite over infinity is a number."""
    fmt = parse(name)
    for (x, y), out in left_out("divide", fmt, "no number").items():
        a, b = fmt.decode(x), fmt.decode(y)
        number = isinstance(a, Finite) and ((isinstance(b, Finite) and b.value != 0) or isinstance(b, Infinity))
        assert out == (not number), (x, y)


def test_kinds_of_operands_are_those_of_any() -> None:
    """A NaN, an infinity or a minus sign in either place; a NaN has none."""
    fmt = parse("ocp_e5m2")

    def negative(code: int) -> bool:
        return code >= 0x80 and not isinstance(fmt.decode(code), NaN)

    tests: dict[str, Callable[[int], bool]] = {
        "nan": lambda code: isinstance(fmt.decode(code), NaN),
        "infinity": lambda code: isinstance(fmt.decode(code), Infinity),
        "negative": negative,
    }
    for kind, test in tests.items():
        assert all(out == (test(x) or test(y)) for (x, y), out in left_out("copysign", fmt, kind).items()), kind


def test_the_lowest_code_of_a_symmetric_range_is_unused() -> None:
    """No result is -8 in Q4.4 without its lowest value; elsewhere every code is one that results have."""
    assert {pair for pair, out in left_out("add", parse("q3.1(symmetric=yes)"), "unused").items() if out} == {
        (x, y) for x in range(16) for y in range(16) if 8 in (x, y)
    }
    for name in ("q3.1", "e2m1", "ocp_e5m2"):
        assert not any(left_out("add", parse(name), "unused").values())
