"""Theorems on fixed point, proved by sympy with width and fraction bits left symbolic."""

import pytest
import sympy
from gmpy2 import mpq

from formats import CATALOGUE, Fixed, parse
from formats.fixed_symbolic import TWO, F, N, S, T
from refmath.symbolic import evaluator

SIGNED = parse("int8").definition()
UNSIGNED = parse("uint8").definition()
FIXED = [named.format for named in CATALOGUE if isinstance(named.format, Fixed)] + [parse(name) for name in ("q4.4", "q12.-4", "uq-2.6", "q1.0")]


def test_values_are_equally_spaced() -> None:
    """One step of the code is 2^-f, everywhere."""
    for definition in (SIGNED, UNSIGNED):
        value = definition.cases[0].datum
        assert sympy.simplify(value.subs(T, T + 1) - value) == TWO**-F


def test_the_sign_bit_weighs_as_much_as_all_codes_below_it() -> None:
    """Two's complement: the negative half is the positive half shifted down by 2^n 2^-f / 2."""
    value = SIGNED.cases[0].datum
    assert sympy.simplify(value.subs(S, 0) - value.subs(S, 1) - TWO ** (N - 1 - F)) == 0


def test_negation_is_the_complement() -> None:
    """The code 2^n - c means the negative of the code c: fields S, T and 1 - S, 2^(n-1) - T, for 0 < T."""
    value = SIGNED.cases[0].datum
    assert sympy.simplify(value + value.subs({S: 1 - S, T: TWO ** (N - 1) - T}, simultaneous=True)) == 0


def test_the_negative_side_reaches_one_step_further() -> None:
    """Lowest = -(greatest + one step)."""
    top, low, step = (extreme.expression for extreme in SIGNED.extremes)
    assert sympy.simplify(low + top + step) == 0


@pytest.mark.parametrize("fmt", FIXED, ids=str)
def test_closed_forms_give_the_extremes_that_are_computed(fmt: Fixed) -> None:
    """Greatest, lowest and least positive value against the values of the extreme codes."""
    values = {"n": fmt.width, "f": fmt.fraction_bits}
    top, low, step = (evaluator(extreme.expression)(values) for extreme in fmt.definition().extremes)
    assert (top, low) == (fmt.exact(fmt.limit()), fmt.exact(fmt.limit(negative=True)))
    assert step == fmt.value(1)


def test_a_code_by_hand() -> None:
    """0xf8 of q4.4 is -8 + 7 + 1/2 = -1/2."""
    assert parse("q4.4").definition().decode(0xF8).value == mpq(-1, 2)  # type: ignore[union-attr]
