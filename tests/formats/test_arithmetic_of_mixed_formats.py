"""Operand formats, result format, dialect and policies are chosen independently, and what cannot be meant is refused in a sentence."""

import random
import re

import pytest
from gmpy2 import mpq

from formats.arithmetic import Result, operate, operation
from formats.notation import parse
from formats.operations import OPERATIONS, find_operation
from formats.projection import AbsentNaN, Projection
from refmath.datum import Finite, Infinity, NaN
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.operations import Dialect
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals


def test_one_operation_with_three_formats_rounds_once() -> None:
    """fma<e4m3, e5m2, bfloat16 -> binary32> is the exact result rounded once to binary32."""
    rng = random.Random(1)
    formats = [parse(name) for name in ("ocp_e4m3", "ocp_e5m2", "bfloat16")]
    bound = operation("fma", *formats, to="binary32")
    for _ in range(500):
        codes = [rng.randrange(1 << (f.width - 1)) & ~(1 << (f.width - 2)) for f in formats]
        x, y, z = (f.exact(code) for f, code in zip(formats, codes, strict=True))
        got = bound(*codes)
        expected, flags = parse("binary32").project(x * y + z)
        assert got == Result(expected, flags, Finite(x * y + z, x * y + z < 0))


def test_subnormal_operands_can_count_as_zeros() -> None:
    """With operands flushed, a subnormal operand is a zero of its sign, or +0; it raises nothing."""
    least = 0x0001
    for policy, expected in ((Subnormals.KEEP, 0x8001), (Subnormals.SIGNED_ZERO, 0x8000), (Subnormals.POSITIVE_ZERO, 0x0000)):
        bound = operation("add", "binary16", projection=Projection(operands=policy))
        assert bound(least | 0x8000, 0x8000 if expected != 0 else 0)[:2] == (expected, Flags.NONE)
    daz = operation("divide", "binary16", projection=Projection(operands=Subnormals.SIGNED_ZERO))
    assert daz(0x3C00, least)[:2] == (0x7C00, Flags.DIVIDE_BY_ZERO)
    assert daz(least, least)[:2] == (0x7E00, Flags.INVALID)


def test_tiny_results_can_be_flushed() -> None:
    """With results flushed, a tiny result is a zero and raises underflow and inexact, exact or not."""
    for policy, expected in ((Subnormals.SIGNED_ZERO, 0x8000), (Subnormals.POSITIVE_ZERO, 0x0000)):
        bound = operation("multiply", "binary16", projection=Projection(results=policy))
        assert bound(0x8400, 0x3800)[:2] == (expected, Flags.UNDERFLOW | Flags.INEXACT)
        assert bound(0x8400, 0x3C00)[:2] == (0x8400, Flags.NONE)


def test_the_standard_of_the_formats_chooses_the_dialect_and_an_option_overrules_it() -> None:
    """Division by zero is NaN without a flag where a P3109 format takes part, an infinity with a flag elsewhere, and either by option."""
    one, zero = 0x40, 0x00
    p3109 = parse("binary8p3se")
    assert operate("divide", "binary8p3se", (one, zero))[:2] == (p3109.nan(), Flags.NONE)
    assert operate("divide", "binary8p3se", (one, zero), dialect=Dialect.IEEE754)[:2] == (p3109.infinity(), Flags.DIVIDE_BY_ZERO)
    assert operate("divide", "binary32", (0x3F800000, 0))[:2] == (0x7F800000, Flags.DIVIDE_BY_ZERO)
    assert operate("divide", "binary32", (0x3F800000, 0), to=p3109).code == p3109.nan()
    assert operate("multiply", ("binary8p3se", "binary32"), (0xC0, 0), to="binary32").code == 0, "P3109 writes +0 into external formats"
    assert operate("divide", "binary32", (0x3F800000, 0), dialect=Dialect.P3109)[:2] == (0x7FC00000, Flags.NONE)
    assert operate("divide", "binary32", (0x3F800000, 0), dialect=Dialect.POSIT)[:2] == (0x7FC00000, Flags.NONE)


def test_division_by_the_zero_of_a_format_without_infinity_or_nan_is_answered_by_policy() -> None:
    """E2M1 saturates 1 / 0 under its policies, and 0 / 0 needs a policy for the NaN that it has not."""
    one, zero = 0b0010, 0
    assert operate("divide", "e2m1", (one, zero))[:2] == (0b0111, Flags.DIVIDE_BY_ZERO | Flags.OVERFLOW | Flags.INEXACT)
    with pytest.raises(RefmathError, match=re.escape("absent_nan")):
        operate("divide", "e2m1", (zero, zero))
    how = Projection(absent_nan=AbsentNaN.ZERO, overflow=Overflow.TO_NAN)
    assert operate("divide", "e2m1", (zero, zero), projection=how)[:2] == (0, Flags.INVALID)
    assert operate("divide", "e2m1", (one, zero), projection=how)[:2] == (0, Flags.INVALID | Flags.DIVIDE_BY_ZERO)
    assert operate("divide", "ocp_e4m3", (0x38, 0)).code == 0x7F


def test_all_five_flags_of_a_four_bit_format() -> None:
    """E2M1 arithmetic raises each exception where it should."""
    assert operate("multiply", "e2m1", (0b0111, 0b0111))[:2] == (0b0111, Flags.OVERFLOW | Flags.INEXACT)
    assert operate("multiply", "e2m1", (0b0001, 0b0001))[:2] == (0b0000, Flags.UNDERFLOW | Flags.INEXACT)
    assert operate("multiply", "e2m1", (0b0001, 0b0011))[:2] == (0b0010, Flags.UNDERFLOW | Flags.INEXACT)
    assert operate("add", "e2m1", (0b0010, 0b0101))[:2] == (0b0110, Flags.NONE)
    assert operate("add", "e2m1", (0b0001, 0b0110))[:2] == (0b0110, Flags.INEXACT)
    how = Projection(absent_nan=AbsentNaN.GREATEST)
    assert Flags.INVALID in operate("sqrt", "e2m1", (0b1010,), projection=how).flags
    assert Flags.DIVIDE_BY_ZERO in operate("reciprocal", "e2m1", (0,)).flags


def test_stochastic_rounding_takes_its_bits_as_an_operand() -> None:
    """1 + 2^-12 in binary16 rounds up for exactly a quarter of the random operands, whoever supplies them."""
    how = Projection(Rounding.STOCHASTIC_A, bits=8)
    bound = operation("add", "binary16", projection=how)
    ups = sum(bound(0x3C00, 0x0C00, random=r).code == 0x3C01 for r in range(256))
    assert ups == 64
    assert bound(0x3C00, 0x0C00, random=random.Random(5)).code in (0x3C00, 0x3C01)


def test_round_to_integral_rounds_stochastically_itself() -> None:
    """2.25 becomes 3 for a quarter of the random operands, and in exact proportion where their number is free."""
    bound = operation("round_to_integral", "binary16", projection=Projection(Rounding.STOCHASTIC_A, bits=6))
    assert sum(bound(0x4080, random=r).code == 0x4200 for r in range(64)) == 16
    free = operation("round_to_integral_exact", "binary16", projection=Projection(Rounding.STOCHASTIC))
    rng = random.Random(7)
    results = [free(0x4080, random=rng) for _ in range(4000)]
    assert {result.flags for result in results} == {Flags.INEXACT}
    assert 900 < sum(result.code == 0x4200 for result in results) < 1100


def test_an_integer_operand_may_be_any_integer() -> None:
    """scaleb takes its exponent as an integer format's code, as an integer-valued float, or as an integer of any size."""
    assert operation("scaleb", "binary16")(0x3C00, -24).code == 0x0001
    assert operation("scaleb", "binary16", "int8", to="binary16")(0x3C00, 0xE8).code == 0x0001
    assert operation("scaleb", "binary16", "binary64")(0x3C00, 0x4008000000000000).code == 0x4800
    assert operation("scaleb", "binary16")(0x3C00, 10**400)[:2] == (0x7C00, Flags.OVERFLOW | Flags.INEXACT)
    assert operation("scaleb", "binary16", projection=Projection(Rounding.TOWARD_POSITIVE))(0x3C00, -(10**400)).code == 0x0001
    with pytest.raises(RefmathError, match="needs an integer"):
        operation("scaleb", "binary16", "binary16")(0x3C00, 0x3E00)


REFUSED = [
    (("ad", "binary16"), {}, "'ad' is not a known operation; did you mean add"),
    (("add", "binary16", "binary16", "binary16"), {}, "add takes 2 operands, not 3"),
    (("fma", "binary16", "binary16"), {}, "fma takes 3 operands, not 2"),
    (("add",), {}, "add takes 2 operands, not 0"),
    (("to_integer", "binary16"), {}, "delivers an integer format"),
    (("to_integer", "binary16"), {"to": "q4.4"}, "delivers an integer format"),
    (("next_up", "binary16"), {"to": "binary32"}, "delivers the format of its operand"),
    (("add", "float17"), {}, "is not a known format"),
    (("add", "e4m3"), {}, "may mean"),
    (("add", None, "binary16"), {}, "needs a format for operand 1"),
]


@pytest.mark.parametrize(("arguments", "options", "words"), REFUSED)
def test_what_cannot_be_bound_is_refused(arguments: tuple[str, ...], options: dict[str, str], words: str) -> None:
    """An operation that makes no sense is an error that names the offence."""
    with pytest.raises(RefmathError, match=re.escape(words)):
        operation(*arguments, **options)  # type: ignore[arg-type]


def test_what_cannot_be_called_is_refused() -> None:
    """The wrong number of operands, and codes wider than their format, are errors that name the offence."""
    bound = operation("add", "binary16")
    with pytest.raises(RefmathError, match="add takes 2 operands, not 1"):
        bound(1)
    with pytest.raises(RefmathError, match="is not a code of binary16"):
        bound(1, 0x10000)
    with pytest.raises(RefmathError, match="is not a code of binary16"):
        bound(-1, 1)
    with pytest.raises(RefmathError, match="takes 1 operand, not 2"):
        operation("next_up", "binary16")(1, 2)


def test_every_operation_is_found_by_every_name() -> None:
    """Canonical names, aliases, and the names of IEEE 754 and P3109 in their own spelling lead to the operation."""
    for op in OPERATIONS.values():
        assert all(find_operation(name) is op for name in (op.name, op.name.upper(), *op.aliases))
    spelled = {"fusedMultiplyAdd": "fma", "compareQuietLessEqual": "compare_quiet_less_equal", "roundToIntegralTiesToAway": "round_to_integral_nearest_away",
               "nextUp": "next_up", "isSignMinus": "is_sign_minus", "CopySign": "copysign", "MinimumMagnitudeNumber": "minimum_magnitude_number",
               "NextGreaterThan": "next_up", "RSqrt": "rsqrt", "TotalOrder": "total_order", "mulAdd": "fma", "le_quiet": "compare_quiet_less_equal"}  # fmt: skip
    for name, canonical in spelled.items():
        assert find_operation(name).name == canonical


def test_the_exact_result_comes_with_the_code() -> None:
    """A result carries what was rounded: a rational, a real that narrows, an infinity or a NaN, or the answer of a predicate."""
    assert operate("divide", "binary16", (0x3C00, 0x4200)).exact == Finite(mpq(1, 3), False)
    assert operate("reciprocal", "binary16", (0x8000,)).exact == Infinity(True)
    assert isinstance(operate("sqrt", "binary16", (0xBC00,)).exact, NaN)
    assert operate("less", "binary16", (0, 1)) == Result(1, Flags.NONE, True)
    assert operate("class", "binary16", (0x8000,)) == Result(0, Flags.NONE, "negativeZero")
