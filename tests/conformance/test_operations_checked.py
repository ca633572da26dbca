"""What the tester finds in operations whose behaviour was planted."""

from collections.abc import Callable
from dataclasses import replace

import ml_dtypes
import numpy as np
import pytest
from gmpy2 import mpq
from mpmath import mp

from conformance.budget import QUICK
from conformance.checker import check
from conformance.claims import Claim, Codes
from conformance.compare import distances
from conformance.expected import compute
from conformance.functions import DOCUMENTED
from conformance.operation_models import Model, evaluate
from conformance.recipes import RECIPES
from conformance.verdict import Status, Verdict
from formats.arithmetic import operation
from formats.arrays import convert, operate
from formats.notation import parse
from formats.projection import AbsentZero, Projection
from refmath.datum import Finite
from refmath.reals import floor_log2
from refmath.underflow import Subnormals

BUDGET = replace(QUICK, samples=500)


class Calculator:
    """One operation on one format, computed by ``function``."""

    name = "planted"
    views: tuple[str, ...] = ("strided",)
    compiles = False

    def __init__(self, name: str, fmt: str, arity: int, function: Callable[[Claim, tuple[Codes, ...]], Codes]) -> None:
        self.claim = Claim("planted", name, (parse(fmt),) * arity, parse(fmt), Projection(), f"planted.{name}")
        self.function = function

    def describe(self) -> str:
        return "planted 1.0, cpu"

    def claims(self) -> list[Claim]:
        return [self.claim]

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        return [self.function(claim, tuple(codes.reshape(-1) for codes in operands)).reshape(operands[0].shape) for operands in calls]


def modelled(**change: object) -> Callable[[Claim, tuple[Codes, ...]], Codes]:
    """The reference with a changed model."""

    def function(claim: Claim, operands: tuple[Codes, ...]) -> Codes:
        return evaluate(replace(Model(claim.operation, claim.projection), **change), claim.operands, claim.result, operands)  # type: ignore[arg-type]

    return function


def verdict(name: str, fmt: str, arity: int, function: Callable[[Claim, tuple[Codes, ...]], Codes]) -> Verdict:
    adapter = Calculator(name, fmt, arity, function)
    return check(adapter.claim, adapter, BUDGET)


@pytest.mark.parametrize(("name", "step"), [("sigmoid", "word_shifted"), ("tanh", "word_shifted_twice")])
def test_a_function_by_the_words_of_posits_is_told_as_documented(name: str, step: str) -> None:
    """sigmoid as (x xor 0x8000) >> 2 on words of 16 bits, tanh as 2 sigmoid(2 x) - 1 in floats that hold it: an approximation elsewhere, a policy where it is documented."""
    fmt = parse("posit16(es=0)")

    def function(claim: Claim, operands: tuple[Codes, ...]) -> Codes:
        x = operands[0] if name == "sigmoid" else operate("add", (fmt, fmt), operands * 2, fmt, fmt.default)[0]
        g = (x ^ np.uint16(0x8000)) >> np.uint16(2)
        if name == "sigmoid":
            return g
        wide = convert(g, fmt, parse("binary64"))[0].view(np.float64) * 2 - 1
        return convert(wide.view(np.uint64), parse("binary64"), fmt, fmt.default)[0]

    adapter = Calculator(name, "posit16(es=0)", 1, function)
    claim = replace(adapter.claim, projection=fmt.default, documented=(step,))
    found = check(claim, adapter, BUDGET)
    assert (found.status, found.defects, found.exhaustive) == (Status.POLICY, 0, True) and found.policies == (DOCUMENTED[step],)
    plain = check(replace(claim, documented=()), adapter, BUDGET)
    assert plain.status is Status.DIFFERS and plain.inaccurate == plain.mismatches - 1 and "NaN" in plain.deviations[0]


def test_right_operations_agree_on_all_pairs_of_8_bit_codes() -> None:
    """65,536 pairs of E4M3, exhaustively."""
    found = verdict("add", "ocp_e4m3", 2, modelled())
    assert found.status is Status.AGREES and found.exhaustive and found.cases == 65536 and found.title == "add ocp_e4m3"


@pytest.mark.parametrize(
    ("name", "fmt", "arity", "change", "words"),
    [
        ("fma", "binary16", 3, {"recipe": "unfused"}, "multiplies and adds with two roundings"),
        ("divide", "binary16", 2, {"recipe": "by_reciprocal"}, "multiplies by the rounded reciprocal"),
        ("copysign", "e4m3fnuz", 2, {"recipe": "sign_bits"}, "moves the bit of the sign, whatever code that gives"),
        (
            "multiply",
            "e8m0",
            2,
            {"via": parse("binary32"), "last": Projection(absent_zero=AbsentZero.NAN_IF_EXACT)},
            "computed in binary32, then rounded again",
        ),
        ("fma", "bfloat16", 3, {"via": parse("binary32")}, "computed in binary32, then rounded again"),
        ("multiply", "ocp_e4m3", 2, {"unsigned_zero": True}, "the sign of zero is lost"),
    ],
)
def test_a_planted_defect_is_named(name: str, fmt: str, arity: int, change: dict[str, object], words: str) -> None:
    """The deviation that was planted explains every mismatch."""
    found = verdict(name, fmt, arity, modelled(**change))
    assert found.status is Status.DIFFERS and found.deviations == (words,) and found.unexplained == 0 and found.mismatches > 0


def test_flushing_is_a_policy() -> None:
    """Subnormal results that become zero are a named policy."""
    found = verdict("multiply", "ocp_e5m2", 2, modelled(last=Projection(results=Subnormals.SIGNED_ZERO)))
    assert found.status is Status.POLICY and found.policies == ("subnormal results become zero",)


def test_numbers_that_are_subnormal_in_the_format_of_computation_count_as_zero() -> None:
    """E8M0 multiplied in binary32 by hardware that flushes: 2^-127, normal in E8M0, is subnormal there; a zero becomes NaN."""

    def flushing(claim: Claim, operands: tuple[Codes, ...]) -> Codes:
        least = np.float32(2.0**-126)
        x, y = (codes.view(ml_dtypes.float8_e8m0fnu).astype(np.float32) for codes in operands)
        with np.errstate(all="ignore"):
            product = np.where(x < least, 0, x) * np.where(y < least, 0, y)
        return np.where(product < least, np.float32(0), product).astype(ml_dtypes.float8_e8m0fnu).view(np.uint8)

    found = verdict("multiply", "e8m0", 2, flushing)
    assert found.deviations == ("computed in binary32, where subnormal numbers count as zero, then rounded again",) and not found.unexplained
    assert found.status is Status.DIFFERS and found.policies == ("zero becomes NaN",)


def test_a_rounding_mode_that_explains_one_case_of_many_is_not_believed() -> None:
    """All results are NaN: right for one finite operand, the greatest, if results round up. What they are held to stays nearest even."""
    found = verdict("softplus", "e8m0", 1, lambda claim, operands: np.full_like(operands[0], 0xFF))
    assert not found.policies and found.unexplained == found.defects == 255


def test_another_minimum_is_a_policy() -> None:
    """A minimum that prefers numbers to NaNs is minimumNumber under the name minimum."""
    found = verdict("minimum", "ocp_e5m2", 2, modelled(name="minimum_number"))
    assert found.status is Status.POLICY and found.policies == ("a number beats a NaN (minimumNumber)",)


def test_zeros_of_either_sign_are_a_policy_of_the_maximum() -> None:
    """A maximum that takes the first of two zeros is not held to their order."""

    def first_zero(claim: Claim, operands: tuple[Codes, ...]) -> Codes:
        out = modelled()(claim, operands)
        both = np.isin(operands[0], (0, 0x80)) & np.isin(operands[1], (0, 0x80))
        return np.where(both, operands[0], out)

    found = verdict("maximum", "ocp_e5m2", 2, first_zero)
    assert found.status is Status.POLICY and found.policies == ("a zero of either sign",)


def step_away(claim: Claim, operands: tuple[Codes, ...]) -> Codes:
    """hypot one code too great wherever the code is a multiple of 5, in the normal range."""
    out = compute(claim.operation, claim.operands, claim.result, claim.projection, operands)
    wrong = (out % 5 == 0) & (out > 16) & (out < 100)
    return np.where(wrong, out + out.dtype.type(1), out)


def test_a_function_a_step_away_approximates_with_its_kappa() -> None:
    """A result beside the right one is a matter of accuracy: the greatest distance is told, the status is not a difference."""
    found = verdict("hypot", "ocp_e5m2", 2, step_away)
    assert found.status is Status.APPROXIMATE and found.kappa == 1 and found.inaccurate == found.mismatches > 0


@pytest.mark.parametrize(
    ("name", "fmt", "recipe", "status", "words"),
    [
        ("hypot", "ocp_e4m3", "by_quotient", Status.DIFFERS, "a sqrt(1 + (b / a)^2), each step rounded"),
        ("exp2", "ocp_e4m3", "by_exp", Status.DIFFERS, "exp(x ln 2), each step rounded"),
        ("silu", "ocp_e4m3", "by_logistic", Status.DIFFERS, "x / (1 + exp(-x)) as a product, each step rounded"),
        ("silu", "ieee_e3m4", "by_sigmoid", Status.DIFFERS, "x sigmoid(x), each step rounded"),
        ("sigmoid", "ieee_e3m4", "logistic", Status.APPROXIMATE, "1 / (1 + exp(-x)), each step rounded"),
    ],
)
def test_the_steps_of_a_function_explain_every_result(name: str, fmt: str, recipe: str, status: Status, words: str) -> None:
    """What is beside the right result and what is far from it have one reason."""
    found = verdict(name, fmt, 2 if name == "hypot" else 1, modelled(recipe=recipe))
    assert found.status is status and found.deviations == (words,) and not found.unexplained and found.mismatches


def test_a_policy_without_a_result_for_some_operand_explains_nothing() -> None:
    """Whoever varies the overflow of exp2 meets 2^(2^127), which has no low bits to keep."""

    def one_wrong(claim: Claim, operands: tuple[Codes, ...]) -> Codes:
        out = modelled()(claim, operands)
        return np.where(operands[0] == 0x86, np.uint8(0xDB), out)

    found = verdict("exp2", "e8m0", 1, one_wrong)
    assert found.status is Status.DIFFERS and found.defects == 1 and not found.error


def test_a_wrong_special_case_of_an_approximating_function_is_a_difference() -> None:
    """hypot(inf, NaN) must be infinity: a NaN there is no matter of accuracy."""

    def nan_wins(claim: Claim, operands: tuple[Codes, ...]) -> Codes:
        out = step_away(claim, operands)
        special = np.isin(operands[0], (0x7C, 0xFC)) & np.isin(operands[1], (0x7D, 0x7E, 0x7F))
        return np.where(special, out.dtype.type(0x7E), out)

    found = verdict("hypot", "ocp_e5m2", 2, nan_wins)
    assert found.status is Status.DIFFERS and found.kappa == 1 and found.unexplained == 0
    assert found.deviations == ("special case: (inf, NaN) gives nan", "special case: (-inf, NaN) gives nan")
    assert found.counterexamples[0].got.value == "nan" and found.counterexamples[0].expected.value == "inf"


def test_distances_across_the_whole_line_of_binary64_are_told() -> None:
    """From the lowest to the greatest binary64 there are more steps than 64 bits hold signed; the greatest of them is told instead."""
    fmt = parse("binary64")
    ends = np.array([fmt.limit(True), fmt.round(1)], dtype=np.uint64)
    found = distances(fmt, ends, np.array([fmt.limit(), fmt.round(1) + 3], dtype=np.uint64))
    assert found.tolist() == [(1 << 63) - 1, 3]


@pytest.mark.parametrize("more", [0, 2, 3])
def test_an_alignment_that_drops_bits_is_named(more: int) -> None:
    """An adder that cuts the lesser operand, computed here on rationals."""
    fmt = parse("ocp_e5m2")

    def cutting(claim: Claim, operands: tuple[Codes, ...]) -> Codes:
        return np.array([added(*row) for row in zip(*(codes.tolist() for codes in operands), strict=True)], dtype=np.uint8)

    def added(a: int, b: int) -> int:
        x, y = fmt.decode(a), fmt.decode(b)
        if not (isinstance(x, Finite) and isinstance(y, Finite) and x.value and y.value):
            return operation("add", fmt)(a, b).code
        exponent = max(floor_log2(x.value), floor_log2(y.value), -14)
        unit = mpq(2) ** (exponent - 2 - more)
        cut = [mpq(int(z.value / unit)) * unit for z in (x, y)]  # int cuts toward zero
        total = cut[0] + cut[1]
        return fmt.round(total) if total else fmt.zero(x.negative and y.negative)

    found = verdict("add", "ocp_e5m2", 2, cutting)
    assert found.status is Status.DIFFERS and found.unexplained == 0
    (words,) = found.deviations
    assert words.startswith("the sticky bit is lost: alignment keeps")


def test_a_product_without_its_sticky_bit_is_named() -> None:
    """A multiplier that looks at the guard bit alone."""
    fmt = parse("ocp_e4m3")

    def multiplied(a: int, b: int) -> int:
        x, y = fmt.decode(a), fmt.decode(b)
        if not (isinstance(x, Finite) and isinstance(y, Finite) and x.value * y.value):
            return operation("multiply", fmt)(a, b).code
        exact = x.value * y.value
        unit = mpq(2) ** (max(floor_log2(exact), -6) - 4)
        cut = mpq(int(exact / unit)) * unit
        return fmt.round(cut) if cut else fmt.zero(x.negative != y.negative)

    found = verdict(
        "multiply", "ocp_e4m3", 2, lambda claim, operands: np.array([multiplied(*row) for row in zip(*(c.tolist() for c in operands), strict=True)], np.uint8)
    )
    assert found.deviations == ("the sticky bit is lost",) and found.unexplained == 0 < found.defects


def test_exp2_by_exp_is_what_its_steps_give_by_hand() -> None:
    """ln 2 in bfloat16 is 177/256: exp(88.5) = 2.7216e38 and exp(177/128) = 3.9862, by mpmath, between whose neighbours 0x7f4c to 0x7f4e and 0x407e to 0x4080 they are nearest to these."""
    fmt = parse("bfloat16")
    for x, nearest in ((0x4300, 0x7F4D), (0x4000, 0x407F)):
        exact = mp.exp(mp.mpf(int(fmt.exact(x))) * 177 / 256)
        distance = [abs(mp.mpf(fmt.exact(code).numerator) / fmt.exact(code).denominator - exact) for code in (nearest - 1, nearest, nearest + 1)]
        assert distance[1] == min(distance)
        assert RECIPES["by_exp"]((fmt,), fmt, Projection())(np.array([x], np.uint16)).tolist() == [nearest]
