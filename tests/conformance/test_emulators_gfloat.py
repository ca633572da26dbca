"""gfloat's adapter, and findings on the library that rest on nothing but rationals."""

from fractions import Fraction

import numpy as np
import pytest

from conformance.budget import QUICK
from conformance.checker import check
from conformance.claims import Claim, Draws
from conformance.emulators.calls import Calls
from conformance.verdict import Status, Verdict

gfloat = pytest.importorskip("gfloat", reason="gfloat is not installed")


@pytest.fixture(scope="module")
def adapter() -> Calls:
    from conformance.emulators import load

    return load("gfloat", "cpu")  # type: ignore[return-value]


def verdict(adapter: Calls, title: str, variant: str, call: str = "") -> Verdict:
    (claim,) = (claim for claim in adapter.claims() if claim.title == title and claim.variant == variant and claim.call.startswith(call))
    return check(claim, adapter, QUICK)


def test_every_mode_format_and_function_is_claimed(adapter: Calls) -> None:
    """Three functions in all nine modes, saturating or not, on every scalar format; both codecs both ways and between."""
    from gfloat.formats import sample_formats

    claims = [claim for claim in adapter.claims() if claim.operation == "convert" and not claim.variant.startswith("jax")]
    rounded = [claim for claim in claims if claim.call.startswith("round")]
    drawn = [claim for claim in rounded if claim.draws is Draws.GIVEN]
    assert len(drawn) == 3 * 4 * 2 * (len(sample_formats) + 6)  # three formats with other numbers of bits too
    assert {claim.variant.split(", ")[1] for claim in rounded} == {mode.name for mode in gfloat.RoundMode}
    assert len(rounded) - len(drawn) == 3 * 5 * 2 * len(sample_formats) and len(claims) - len(rounded) == 2 * (3 * len(sample_formats) - 1)


@pytest.mark.parametrize("variant", ["numpy, TiesToEven", "torch, TowardZero, sat", "float, TowardPositive"])
def test_a_right_claim_agrees(adapter: Calls, variant: str) -> None:
    """No false alarm, with infinities kept or saturated."""
    assert verdict(adapter, f"binary{32 if 'torch' in variant else 64} -> ocp_e4m3", variant).status is Status.AGREES


@pytest.mark.parametrize("variant", ["numpy, Stochastic, sat", "numpy, Stochastic"])
def test_the_first_stochastic_mode_agrees_bit_for_bit(adapter: Calls, variant: str) -> None:
    """With the random bits as an operand."""
    assert verdict(adapter, "binary64, uint8 -> e2m1", variant).status is Status.AGREES


@pytest.mark.parametrize(
    ("title", "variant"), [("binary64, uint1 -> ocp_e4m3", "numpy"), ("binary32, uint8 -> q2.6", "torch"), ("binary64, uint8 -> e2m1", "float")]
)
def test_what_no_standard_has_is_told_as_documented(adapter: Calls, title: str, variant: str) -> None:
    """StochasticOdd breaks ties of its first rounding to odd."""
    found = verdict(adapter, title, f"{variant}, StochasticOdd, sat")
    assert found.status is Status.POLICY and found.policies == ("the operand is rounded to the bits that are drawn, ties to odd, as documented",)


@pytest.mark.parametrize("variant", ["float, StochasticFastest, sat", "numpy, StochasticFast"])
def test_fast_stochastic_modes_add_in_binary64(adapter: Calls, variant: str) -> None:
    """1/4 - 2^-54 of a step and 192/256 are less than 1, and their sum in binary64 is 1: it rounds away where no bits of the operand say so."""
    x = Fraction(1, 4) - Fraction(1, 2**54)
    assert x + Fraction(192, 256) < 1 and float(x) + 192 / 256 == 1
    found = verdict(adapter, "binary64, uint8 -> ocp_e4m3", variant)
    if found.status is not Status.AGREES:
        assert found.status is Status.DIFFERS and found.mismatches < 100 and found.unexplained == 0
        assert found.deviations == ("the random bits are added in the operand's precision: what is next below a sum of 1 counts as 1",)


def test_as_many_random_bits_as_binary32_has_are_rounded(adapter: Calls) -> None:
    """The greatest of 24 bits and a half are 2^24 in binary32, so that 1, which is a value of E4M3, becomes 9/8; one draw less, and it stays."""
    torch = pytest.importorskip("torch")
    from gfloat.formats import format_info_ocp_e4m3 as info

    draws = torch.tensor([(1 << 24) - 1, (1 << 24) - 2])
    assert np.float32((1 << 25) - 1) == 1 << 25 and np.float32((1 << 25) - 3) == (1 << 25) - 4
    got = gfloat.round_ndarray(info, torch.ones(2), gfloat.RoundMode.StochasticFast, sat=True, srbits=draws, srnumbits=24)
    assert [Fraction(x) for x in got.tolist()] == [Fraction(9, 8), 1]
    for title in ("binary32, uint24 -> ocp_e4m3", "binary32, uint24 -> bfloat16"):
        found = verdict(adapter, title, "torch, StochasticFast, sat")
        assert found.unexplained == 0 and found.deviations[0].startswith("R + 1/2 and its sum with the fraction are rounded")
    assert verdict(adapter, "binary32, uint24 -> ocp_e4m3", "torch, Stochastic, sat").status is Status.AGREES


@pytest.mark.parametrize("title", ["e2m1 -> e2m1", "e2m1 -> binary64", "binary64 -> e2m1"])
def test_codecs_agree(adapter: Calls, title: str) -> None:
    """Encoding, decoding, and what lies between two values, toward zero."""
    assert verdict(adapter, title, "ndarray codec").status is Status.AGREES


def test_ties_away_just_below_half_the_least_value(adapter: Calls) -> None:
    """round_float adds 1/2 to 1/2 - 2^-54 in binary64, which gives 1: the value rounds up although zero is nearer."""
    from gfloat.formats import format_info_ocp_e4m3

    x = 2.0**-10 * (1 - 2.0**-53)
    least = Fraction(1, 2**9)
    assert Fraction(x) < least / 2
    got = Fraction(gfloat.round_float(format_info_ocp_e4m3, x, gfloat.RoundMode.TiesToAway))
    found = verdict(adapter, "binary64 -> ocp_e4m3", "float, TiesToAway")
    if got:
        assert got == least and found.status is Status.DIFFERS and found.unexplained == 0 and "half the least value" in found.deviations[0]
    else:
        assert found.status is Status.AGREES


def test_negative_results_of_an_unsigned_format_are_no_values(adapter: Calls) -> None:
    """A finding of its own, with its count and its simplest case in the wider type."""
    found = verdict(adapter, "binary64 -> binary8p3ue", "float, TiesToEven")
    if found.status is Status.AGREES:
        return
    assert found.aliens > 1000 and found.deviations[0] == "returns what is no value of the format: negative numbers, negative infinity"
    assert found.unexplained == 0 and found.counterexamples[0].operands[0].value == "-1" and found.counterexamples[0].got.value == "-1"


def test_several_defects_of_an_unsigned_format_come_apart(adapter: Calls) -> None:
    """Negative numbers stay negative, half a step is added in binary64, and minus infinity loses its sign."""
    found = verdict(adapter, "binary64 -> binary8p1ue", "float, TiesToAway")
    assert found.status is Status.AGREES or (found.unexplained == 0 and len(found.deviations) == 3)


def test_what_lies_below_the_least_value_is_no_value(adapter: Calls) -> None:
    """E8M0 has no zero and nothing below 2^-127, and encode_ndarray makes codes of more than 8 bits of that."""
    found = verdict(adapter, "binary64 -> e8m0", "numpy, TiesToEven")
    if found.status is not Status.AGREES:
        kinds = "negative numbers, numbers below the least, zero, negative infinity"
        assert found.unexplained == 0 and found.deviations == (f"returns what is no value of the format: {kinds}",)
    encoded = verdict(adapter, "binary64 -> e8m0", "ndarray codec")
    assert encoded.status is not Status.FAILED or "which is no code of e8m0 (8 bits)" in encoded.error


def test_elements_that_tie_away_just_below_half_the_least(adapter: Calls) -> None:
    """What round_float makes of a number it makes of an element: 1/4 - 2^-55 of the scale becomes 1/2, whatever else is found of the scale."""
    x = np.array([*[4.0] * 31, 0.25 - 2.0**-55])
    info = gfloat.formats.format_info_mxfp4_e2m1
    got = Fraction(float(gfloat.block.quantize_block(info, x, gfloat.block.compute_scale_amax, gfloat.RoundMode.TiesToAway)[-1]))
    assert Fraction(float(x[-1])) < Fraction(1, 4) and got in (0, Fraction(1, 2))
    (claim,) = (
        claim for claim in adapter.claims() if claim.operation == "quantize" and claim.title.startswith("binary64 -> mxfp4") and claim.variant == "TiesToAway"
    )
    found = check(claim, adapter, QUICK)
    named = "values next below half the least element become that: half a step is added in the operand's precision"
    assert found.unexplained == 0 and (named in found.deviations) is (got != 0)


def test_subnormal_operands_on_jax() -> None:
    """XLA takes them for zeros on the CPU, and gfloat gives back what is zero: 2^-127, which is no value of E4M3."""
    jax = pytest.importorskip("jax", reason="jax is not installed")
    from gfloat.formats import format_info_ocp_e4m3

    x = np.array([2.0**-127], np.float32)
    got = np.asarray(gfloat.round_ndarray(format_info_ocp_e4m3, jax.numpy.asarray(x)))
    from conformance.emulators import load

    found = verdict(load("gfloat", "cpu"), "binary32 -> ocp_e4m3", "jax, TiesToEven")  # type: ignore[arg-type]
    if got.view(np.uint32)[0] == x.view(np.uint32)[0]:
        assert found.deviations == ("returns what is no value of the format: numbers below the least",) and found.unexplained == 0
    else:
        assert found.status is Status.AGREES


def test_a_refused_operand_is_not_tried(adapter: Calls) -> None:
    """E2M1 has no NaN, of which the library says that it raises ValueError."""
    found = verdict(adapter, "binary64 -> e2m1", "float, TiesToEven, sat")
    assert found.status is Status.AGREES and "refused" in found.plan


def test_claims_survive_a_process_boundary(adapter: Calls) -> None:
    """Workers get claims by pickle and look the call up again."""
    import pickle

    claims: list[Claim] = pickle.loads(pickle.dumps(adapter.claims()))
    known = set(adapter.claims())
    assert all(claim in known for claim in claims)
