"""Stochastic emulators: with given random bits bit for bit, with a generator of their own by how often each neighbour is delivered."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from conformance.budget import QUICK, STANDARD
from conformance.checker import check
from conformance.claims import Claim, Codes, Draws
from conformance.distribution import points
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import Arrays
from conformance.verdict import Status, Verdict
from formats.arrays import convert
from formats.notation import parse
from formats.projection import Projection
from refmath.datum import Finite
from refmath.overflow import Overflow
from refmath.rounding import Rounding

Function = Callable[[Claim, tuple[Codes, ...], np.random.Generator], Codes]


class Stochastic:
    """An emulator of one stochastic claim."""

    name = "stochastic"
    views = ()
    compiles = False

    def __init__(self, claim: Claim, function: Function) -> None:
        self.claim, self.function = claim, function
        self.rng = np.random.default_rng(0)

    def describe(self) -> str:
        return "stochastic 1.0, cpu"

    def claims(self) -> list[Claim]:
        return [self.claim]

    def seed(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        return [self.function(claim, operands, self.rng) for operands in calls]


def given(how: Projection, function: Function, target: str = "ocp_e4m3") -> Verdict:
    operands = (parse("binary32"), parse(f"uint{how.bits}"))
    claim = Claim("stochastic", "convert", operands, parse(target), how, "stochastic.given", draws=Draws.GIVEN)
    return check(claim, Stochastic(claim, function), QUICK)


def own(how: Projection, function: Function, target: str = "ocp_e4m3", draws: Draws = Draws.OWN, thorough: bool = False) -> Verdict:
    claim = Claim("stochastic", "convert", (parse("binary32"),), parse(target), how, "stochastic.own", draws=draws)
    return check(claim, Stochastic(claim, function), STANDARD if thorough else QUICK)


def by(how: Projection, complement: bool = False) -> Function:
    """Rounds as ``how`` says, with the draws of the last operand."""

    def function(claim: Claim, operands: tuple[Codes, ...], rng: np.random.Generator) -> Codes:
        codes, draws = operands
        return convert(codes, claim.operands[0], claim.result, how, ((1 << how.bits) - 1 - draws.astype(np.uint64)) if complement else draws)[0]

    return function


def drawing(how: Projection) -> Function:
    """Rounds as ``how`` says, with draws of the generator."""

    def function(claim: Claim, operands: tuple[Codes, ...], rng: np.random.Generator) -> Codes:
        draws = rng.integers(0, 1 << how.bits, size=operands[0].shape, dtype=np.uint64)
        return convert(operands[0], claim.operands[0], claim.result, how, draws)[0]

    return function


def bits(mode: Rounding, n: int) -> Projection:
    return Projection(mode, bits=n)


PROPORTIONAL = Projection(Rounding.STOCHASTIC)
NEARLY_PROPORTIONAL = bits(Rounding.STOCHASTIC_B, 48)


@pytest.mark.parametrize("mode", [Rounding.STOCHASTIC_A, Rounding.STOCHASTIC_B, Rounding.STOCHASTIC_C], ids=lambda mode: mode.value)
@pytest.mark.parametrize("n", [1, 8, 13])
def test_given_bits_are_held_to_the_reference_exactly(mode: Rounding, n: int) -> None:
    """The right emulator agrees; one that uses the bits otherwise is named."""
    assert given(bits(mode, n), by(bits(mode, n))).status is Status.AGREES
    other = Rounding.STOCHASTIC_B if mode is not Rounding.STOCHASTIC_B else Rounding.STOCHASTIC_A
    wrong = given(bits(mode, n), by(bits(other, n)))
    assert wrong.status is Status.DIFFERS and wrong.deviations == (f"rounds {other.value}",) and wrong.unexplained == 0
    backwards = given(bits(mode, n), by(bits(mode, n), complement=True))
    assert backwards.deviations == ("uses the complement of the random bits",) and backwards.unexplained == 0


def summed(claim: Claim, operands: tuple[Codes, ...], rng: np.random.Generator) -> Codes:
    """E4M3 by a significand that grows by one where its fraction and the draw are 1 in binary32; mode A."""
    x, r = operands[0].view(np.float32), operands[1].astype(np.float32)
    steps = np.minimum(np.nan_to_num(np.abs(x)), np.float32(2.0**20)) * np.float32(2.0**9)
    exponents = np.maximum(np.frexp(steps)[1] - 4, 0)
    scaled = np.ldexp(steps, -exponents)
    floors = np.floor(scaled)
    up = (scaled - floors) + r / np.float32(2**claim.projection.bits) >= 1
    out = np.minimum(np.ldexp(floors + up, exponents) * 2.0**-9, 448.0)
    signed = np.where(np.isnan(x), np.float32(np.nan), np.copysign(out, x)).astype(np.float32)
    return convert(signed.view(np.uint32), claim.operands[0], claim.result, Projection())[0]


@pytest.mark.parametrize("n", [1, 3, 8, 16])
def test_a_sum_of_fraction_and_draw_that_rounds_is_named(n: int) -> None:
    """Next below 2^-10, half a step, and half of all draws: less than 1 exactly, and 1 in binary32."""
    x = np.float32(2.0**-10 * (1 - 2.0**-24))
    assert Fraction(float(x)) * 2**9 + Fraction(1, 2) < 1 and np.float32(x * np.float32(2**9)) + np.float32(0.5) == 1
    found = given(replace(bits(Rounding.STOCHASTIC_A, n), overflow=Overflow.SATURATE_FINITE), summed)
    assert found.status is Status.DIFFERS and found.unexplained == 0
    assert found.deviations == ("the random bits are added in the operand's precision: what is next below a sum of 1 counts as 1",)


def test_ignored_bits_are_named() -> None:
    """Nearest even whatever the bits."""
    found = given(bits(Rounding.STOCHASTIC_A, 8), lambda claim, operands, rng: convert(operands[0], claim.operands[0], claim.result, Projection())[0])
    assert found.deviations == ("ignores the random bits and rounds nearest_even",)


@pytest.mark.parametrize(("target", "seeds"), [("ocp_e4m3", (1, 2, 3)), ("bfloat16", (1, 2, 3)), ("posit8", (1,))])
def test_a_right_generator_is_not_refuted(target: str, seeds: tuple[int, ...]) -> None:
    """Exactly proportional drawing, over several seeds of the whole test."""
    for seed in seeds:
        claim = Claim("stochastic", "convert", (parse("binary32"),), parse(target), PROPORTIONAL, "stochastic.own", draws=Draws.OWN)
        found = check(claim, Stochastic(claim, drawing(NEARLY_PROPORTIONAL)), replace(QUICK, seed=seed))
        assert found.status is Status.AGREES, (target, seed, found)


def test_few_bits_are_told_from_proportion_and_named() -> None:
    """Eight bits of mode A where exact proportion was promised; and the other way round."""
    found = own(PROPORTIONAL, drawing(bits(Rounding.STOCHASTIC_A, 8)), thorough=True)
    assert found.status is Status.DIFFERS and found.deviations == ("draws stochastic_a with 8 bits",)
    found = own(bits(Rounding.STOCHASTIC_A, 4), drawing(NEARLY_PROPORTIONAL))
    assert found.deviations == ("draws proportional to the distance",)


def test_equal_probability_is_its_own_way() -> None:
    """Up or down with a coin: right where that is promised, named where proportion is."""

    def coin(claim: Claim, operands: tuple[Codes, ...], rng: np.random.Generator) -> Codes:
        source = claim.operands[0]
        down = convert(operands[0], source, claim.result, Projection(Rounding.TOWARD_ZERO))[0]
        up = convert(operands[0], source, claim.result, Projection(Rounding.AWAY_FROM_ZERO))[0]
        return np.where(rng.integers(0, 2, size=down.shape) == 1, up, down)

    assert own(PROPORTIONAL, coin, draws=Draws.EQUAL).status is Status.AGREES
    assert own(PROPORTIONAL, coin).deviations == ("draws up or down with equal probability",)


def test_a_generator_that_never_draws_is_named() -> None:
    """Rounding to nearest is no stochastic rounding."""
    found = own(PROPORTIONAL, lambda claim, operands, rng: convert(operands[0], claim.operands[0], claim.result, Projection())[0])
    assert found.status is Status.DIFFERS and found.deviations == ("draws no draw at all: the same result every time",)


def test_a_small_bias_is_refuted_with_its_size() -> None:
    """One draw in fifty always goes up."""

    def biased(claim: Claim, operands: tuple[Codes, ...], rng: np.random.Generator) -> Codes:
        out = drawing(NEARLY_PROPORTIONAL)(claim, operands, rng)
        up = convert(operands[0], claim.operands[0], claim.result, Projection(Rounding.AWAY_FROM_ZERO))[0]
        return np.where(rng.integers(0, 50, size=out.shape) == 0, up, out)

    (words,) = own(PROPORTIONAL, biased).deviations
    assert words.startswith("P(up) is off by +0.01") and words.endswith("by no known way of drawing")


def test_a_result_that_is_no_neighbour_is_a_plain_mismatch() -> None:
    """Two steps away once in a thousand."""

    def jumping(claim: Claim, operands: tuple[Codes, ...], rng: np.random.Generator) -> Codes:
        out = drawing(NEARLY_PROPORTIONAL)(claim, operands, rng)
        return np.where((rng.integers(0, 1000, size=out.shape) == 0) & (out & 0x7F < 0x70), out + out.dtype.type(2), out)

    found = own(PROPORTIONAL, jumping)
    assert found.status is Status.DIFFERS and found.deviations == ("delivers what is no neighbour of the operand",)
    assert found.mismatches == found.defects > 0 and "neither of its neighbours" in found.counterexamples[0].remark


def test_steps_above_a_power_of_two_that_are_used_below_it_are_named() -> None:
    """Next below a power of two the steps are half as wide: values of odd codes there become the code before."""

    def rounded_log2(claim: Claim, operands: tuple[Codes, ...], rng: np.random.Generator) -> Codes:
        out = drawing(NEARLY_PROPORTIONAL)(claim, operands, rng)
        return np.where(out & 3 == 3, out - out.dtype.type(1), out)

    found = own(PROPORTIONAL, rounded_log2, target="ocp_e5m2")
    assert (
        found.deviations == ("just below a power of two operands are rounded by the steps above it: log2 is rounded",)
        and found.unexplained == 0 < found.defects
    )


def test_a_widening_conversion_has_nothing_to_draw_for() -> None:
    """Every result is exact, and has to be that."""
    how = Projection(Rounding.STOCHASTIC)
    claim = Claim("stochastic", "convert", (parse("ocp_e4m3"),), parse("binary32"), how, "stochastic.own", draws=Draws.OWN)

    def widen(claim: Claim, operands: tuple[Codes, ...], rng: np.random.Generator) -> Codes:
        return convert(operands[0], claim.operands[0], claim.result, Projection())[0]

    assert check(claim, Stochastic(claim, widen), QUICK).status is Status.AGREES
    wrong = check(claim, Stochastic(claim, lambda claim, operands, rng: widen(claim, operands, rng) ^ np.uint32(1)), QUICK)
    assert wrong.status is Status.DIFFERS and wrong.mismatches > 200
    calls = Calls("stochastic", "", [Call(claim, lambda codes: widen(claim, (codes,), np.random.default_rng(0)), Arrays("numpy", "codes"))])
    assert check(claim, calls, QUICK).status is Status.AGREES


def test_verdicts_repeat_with_the_seed() -> None:
    """The emulator's generator is seeded where it can be, so that the same run gives the same verdict."""
    assert own(PROPORTIONAL, drawing(NEARLY_PROPORTIONAL)) == own(PROPORTIONAL, drawing(NEARLY_PROPORTIONAL))


def test_operands_lie_strictly_inside_their_gaps() -> None:
    """By rationals: between the two neighbours, which are neighbours in the format."""
    source, target = parse("binary32"), parse("ocp_e4m3")
    tried = points(source, target)
    assert len(tried) > 150 and any(point.near & 0x7F < 8 for point in tried) and any(point.far & 0x7F == 0x7E for point in tried)
    for point in tried:
        near, far = (
            abs(Fraction(int(d.value.numerator), int(d.value.denominator))) for d in map(target.decode, (point.near, point.far)) if isinstance(d, Finite)
        )
        x = source.exact(point.code)
        assert near < abs(Fraction(int(x.numerator), int(x.denominator))) < far and point.far == point.near + 1  # type: ignore[union-attr]
