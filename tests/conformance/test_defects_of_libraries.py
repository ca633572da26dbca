"""Defects that libraries were seen to have, planted by the arithmetic that has them: each is named, and explains every case."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from conformance.budget import QUICK
from conformance.checker import check
from conformance.claims import Claim, Draws
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import Arrays
from conformance.verdict import Status, Verdict
from formats.float_parameters import Specials
from formats.floats import Float
from formats.notation import parse
from formats.projection import AbsentNaN, AbsentZero, Negatives, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

E4M3 = Float("e4m3 without specials", 4, 4, 7, Specials.NONE)


def verdict(function: Callable[..., Any], source: str, target: Any, how: Projection, **more: Any) -> Verdict:
    """What is found about a function of binary32 or binary64 numbers, of which infinities and NaNs are left out."""
    fmt = parse(target) if isinstance(target, str) else target
    operands = (parse(source), parse(f"uint{how.bits}")) if how.bits else (parse(source),)
    claim = Claim("planted", "convert", operands, fmt, how, "f(x)", **{"refuses": ("nan", "infinity")} | more)
    held = Arrays("numpy", "float32" if source == "binary32" else "float64")
    return check(claim, Calls("planted", "", [Call(claim, function, held)]), QUICK)


def by_log2(x: np.ndarray, m: int, emin: int, rounding: Callable[[Any], Any]) -> np.ndarray:
    """Magnitudes rounded on the grid of the binade that the logarithm names, as it rounds."""
    e = np.maximum(np.floor(np.log2(np.maximum(np.abs(x), 2.0**-1000))), emin)
    return np.copysign(rounding(np.abs(x) * 2.0 ** (m - e)) * 2.0 ** (e - m), x)


def test_a_rounded_logarithm() -> None:
    """The largest binary64 number below 2^3 has a log2 that rounds to 3: truncated to three bits it becomes 6, not 7."""
    found = verdict(
        lambda x: by_log2(x, 2, -14, np.floor), "binary64", "ocp_e5m2", Projection(rounding=Rounding.TOWARD_ZERO), refuses=("nan", "infinity", "beyond")
    )
    assert found.deviations == ("just below a power of two operands are rounded by the steps above it: log2 is rounded",) and not found.unexplained
    assert np.nextafter(8.0, 0) > 7 and by_log2(np.array([np.nextafter(8.0, 0)]), 2, -14, np.floor)[0] == 6


def test_ties_that_a_tolerance_decides() -> None:
    """What is nearer than 10^-6 to the middle is taken for the middle, and goes up."""

    def function(x: np.ndarray) -> np.ndarray:
        def rounding(q: np.ndarray) -> np.ndarray:
            return np.where(np.abs(q - np.floor(q) - 0.5) < 1e-6, np.floor(q) + 1, np.rint(q))

        _, e = np.frexp(x)
        step = 2.0 ** (np.maximum(e - 1, -14) - 2)
        return np.copysign(rounding(np.abs(x) / step) * step, x)

    found = verdict(function, "binary64", "ocp_e5m2", Projection(rounding=Rounding.NEAREST_AWAY), refuses=("nan", "infinity", "beyond"))
    assert found.deviations == ("what is within 10^-6 of a step from a tie counts as the tie",) and not found.unexplained


def bits_rounded_up(x: np.ndarray) -> np.ndarray:
    """binary32 numbers to e4m3 with 16 exponents and no specials: half a step is added to the bits; below 2^-6 that number is added before and taken away after."""
    bits = x.view(np.uint32)
    sign = bits & np.uint32(1 << 31)
    small = np.abs(x) < np.float32(2.0**-6)
    shift = (sign | np.uint32(121 << 23)).view(np.float32)
    moved = np.where(small, x + shift, x).astype(np.float32).view(np.uint32)
    moved = moved + np.uint32(1 << 19) & ~np.uint32((1 << 20) - 1)
    beyond = ~small & (moved << np.uint32(1) >> np.uint32(24) > 135)
    moved = np.where(beyond, sign | np.uint32(135 << 23 | 0x700000), moved).astype(np.uint32)
    return np.where(small, moved.view(np.float32) - shift, moved.view(np.float32)).astype(np.float32)


def test_bits_of_nans_and_sums_at_the_least_normal_value() -> None:
    """NaNs are numbers, of which some carry into the sign; subnormal results are rounded twice; their zeros are positive."""
    how = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
    found = verdict(bits_rounded_up, "binary32", E4M3, how, refuses=(), silent=("ties",))
    words = " ".join(found.deviations)
    assert "NaNs are taken for numbers" in words and "the sign of zero is lost" in words and "rounded twice, first to the operand's precision" in words
    assert not found.unexplained and "ties go away from zero" in found.policies
    assert sum(share.cases for share in found.shares) == found.defects


def test_nans_that_round_up_beyond_their_codes() -> None:
    """Half a step is added to the bits of whatever comes; below 2^-7 there is zero or that, beyond 240 that, and what wraps around is +0."""

    def function(x: np.ndarray) -> np.ndarray:
        bits = x.view(np.uint32)
        sign = bits & np.uint32(1 << 31)
        moved = bits + np.uint32(1 << 19) & ~np.uint32((1 << 20) - 1)
        size = moved & np.uint32((1 << 31) - 1)
        below, beyond = size < np.uint32(120 << 23), size >= np.uint32(135 << 23)
        least = np.where(size > np.uint32(119 << 23), sign | np.uint32(120 << 23), np.uint32(0))
        return np.where(below, least, np.where(beyond, sign | np.uint32(134 << 23 | 0x700000), moved)).astype(np.uint32).view(np.float32)

    assert function(np.array([0x7FFFFFFF], np.uint32).view(np.float32))[0] == 0 and function(np.array([np.nan], np.float32))[0] == 240
    target = Float("e4m3 from 2^-7 on", 4, 4, 8, Specials.NONE)
    how = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
    found = verdict(function, "binary32", target, how, refuses=(), silent=("ties",))
    assert (
        found.policies == ("ties go away from zero",)
        and not found.unexplained
        and set(found.deviations)
        == {
            "below the least normal value results are rounded twice, at last to it or to zero, ties to zero",
            "the sign of zero is lost",
            "NaNs are taken for numbers, and those that round up beyond their codes become +0",
        }
    )


@pytest.mark.parametrize(("up", "words"), [(True, "to it"), (False, "to zero")])
def test_no_subnormal_numbers_but_the_nearer_of_zero_and_the_least_normal(up: bool, words: str) -> None:
    """Of a number that is rounded to four bits: 2^-7 and above goes to 2^-6, or only what is above it."""

    def function(x: np.ndarray) -> np.ndarray:
        _, e = np.frexp(x)
        y = np.rint(np.ldexp(x, 4 - e)) * 2.0 ** (e - 4)
        normal = np.abs(y) >= 2.0**-7 if up else np.abs(y) > 2.0**-7
        return np.where(np.abs(y) >= 2.0**-6, y, np.copysign(np.where(normal, 2.0**-6, 0.0), x))

    found = verdict(function, "binary64", "ieee_e4m3", Projection(), refuses=("nan", "infinity", "beyond"))
    assert found.deviations == (f"below the least normal value results are rounded twice, at last to it or to zero, ties {words}",) and not found.unexplained


def test_the_leading_bit_of_subnormal_operands() -> None:
    """Half the least normal value of binary32 is read as the whole of it."""

    def function(x: np.ndarray) -> np.ndarray:
        bits = x.view(np.uint32)
        return np.where(bits & np.uint32(0x7FFFFF) != 0, (bits >> np.uint32(23)) + 1, bits >> np.uint32(23)).astype(np.uint8)

    source, target = parse("binary32"), parse("e8m0")
    how = Projection(rounding=Rounding.AWAY_FROM_ZERO, overflow=Overflow.SATURATE_FINITE)
    claim = Claim("planted", "convert", (source,), target, how, "f(x)", refuses=("nan", "infinity", "negative", "beyond"))
    found = check(claim, Calls("planted", "", [Call(claim, function, Arrays("numpy", "float32"), Arrays("numpy", "codes"))]), QUICK)
    assert found.deviations == ("subnormal operands are read as if their leading bit were 1",) and not found.unexplained


def test_subnormal_numbers_on_the_way() -> None:
    """The least value of E8M0 is subnormal in binary32, where half of the least normal value is read as three quarters of it and goes up."""
    fmt = parse("e8m0")
    claim = Claim("planted", "convert", (fmt,), fmt, Projection(rounding=Rounding.AWAY_FROM_ZERO), "f(x)")
    found = check(claim, Calls("planted", "", [Call(claim, lambda codes: np.maximum(codes, np.uint8(1)), Arrays("numpy", "codes"))]), QUICK)
    assert found.deviations == ("goes through binary32, where subnormal numbers are read as if their leading bit were 1",) and not found.unexplained


def test_a_search_that_begins_with_an_error() -> None:
    """The nearest of some values, of those that are nearer than 10^5; else zero stays."""
    values = np.array([0, 0.5, 1, 3], np.float32)

    def function(x: np.ndarray) -> np.ndarray:
        errors = np.abs(values - np.abs(x)[..., None])
        best = np.argmin(errors, axis=-1)
        return np.copysign(np.where(errors.min(axis=-1) < np.float32(1e5), values[best], np.float32(0)), x)

    assert function(np.array([100002.9, 100003], np.float32)).tolist() == [3, 0]
    how = Projection(rounding=Rounding.NEAREST_ZERO, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
    found = verdict(function, "binary32", "codebook(-3, -1, -1/2, 0, 1/2, 1, 3)", how)
    assert found.deviations == ("what is farther than 10^5 from every value becomes 0",) and not found.unexplained


def test_a_scale_in_the_operands_own_width() -> None:
    """A quarter of a subnormal number is rounded to binary32 first, and then to bfloat16."""
    source = parse("e8m23(bias=129)")

    def function(codes: np.ndarray) -> np.ndarray:
        bits = (codes.view(np.float32) * np.float32(0.25)).view(np.uint32)
        return (bits + np.uint32(0x7FFF) + (bits >> np.uint32(16) & np.uint32(1)) >> np.uint32(16)).astype(np.uint16)

    claim = Claim("planted", "convert", (source,), parse("bfloat16"), Projection(), "f(x)", refuses=("nan",))
    found = check(claim, Calls("planted", "", [Call(claim, function, Arrays("numpy", "codes"))]), QUICK)
    assert found.deviations == ("rounds twice, first to binary32",) and not found.unexplained


def test_what_is_no_value_says_nothing_of_policies() -> None:
    """Zero for zero, of a format that has none, is no special case of another rule for ties."""
    values = np.array([0.25, 0.5, 1], np.float32)

    def function(x: np.ndarray) -> np.ndarray:
        return np.where(x == 0, x, np.copysign(values[np.argmin(np.abs(values - np.minimum(np.abs(x), 1)[..., None]), axis=-1)], x))

    how = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.GREATEST)
    found = verdict(function, "binary32", "codebook(-1, -1/2, -1/4, 1/4, 1/2, 1)", how, refuses=("nan", "infinity"), silent=("ties",))
    assert found.deviations == ("returns what is no value of the format: zero",) and found.policies == ("ties go toward zero",) and not found.unexplained


def test_odd_values_for_exact_even_ones() -> None:
    """Rounding to odd that moves even integers of steps which are exact."""

    def function(x: np.ndarray) -> np.ndarray:
        _, e = np.frexp(x)
        step = 2.0 ** (np.maximum(e - 1, -14) - 2)
        q = np.floor(np.abs(x) / step)
        return np.copysign(np.where((x != 0) & (q % 2 == 0), q + 1, q) * step, x)

    found = verdict(function, "binary64", "ocp_e5m2", Projection(rounding=Rounding.TO_ODD), refuses=("nan", "infinity", "beyond"))
    assert found.deviations == ("rounds to_odd, and exact values of even codes to the next one",) and not found.unexplained


def test_what_is_given_one_answer_in_a_range() -> None:
    """Operands whose scaling overflows come out as infinity."""
    found = verdict(lambda x: np.where((np.abs(x) < 2.0**-1021) & (x != 0), np.inf, x.astype(np.float16).astype(float)), "binary64", "binary16", Projection())
    assert found.deviations == ("gives inf (only operands below 2^-1021)",) and not found.unexplained


def test_random_bits_of_an_operand_that_is_rounded_first() -> None:
    """What rounds to a value by the bits that are drawn is cut off instead: 15/16 + 1/256 - 2^-20 of a step."""

    def function(x: np.ndarray, draws: np.ndarray) -> np.ndarray:
        _, e = np.frexp(x)
        step = 2.0 ** (np.maximum(e - 1, -14) - 2)
        q = np.abs(x) / step
        parts = np.rint((q - np.floor(q)) * 256)
        up = (parts % 256 != 0) & (parts + draws >= 256)
        return np.copysign((np.floor(q) + up) * step, x)

    how = Projection(rounding=Rounding.STOCHASTIC_C, bits=8, overflow=Overflow.SATURATE_FINITE)
    found = verdict(function, "binary64", "ocp_e5m2", how, refuses=("nan", "infinity", "beyond"), draws=Draws.GIVEN)
    words = "an operand that its first rounding, to the bits that are drawn, makes a value of the format is cut off"
    assert found.deviations == (words,) and not found.unexplained


@pytest.mark.parametrize("target", ["binary8p1ue", "binary8p3uf", "e8m0"])
def test_no_reason_stumbles_over_formats_without_a_sign(target: str) -> None:
    """Magnitudes of what has none: whatever explains that, all known defects were tried on it."""
    fmt, source = parse(target), parse("binary16")
    claim = Claim("planted", "convert", (source,), fmt, Projection(absent_nan=AbsentNaN.ZERO, negatives=Negatives.NAN, absent_zero=AbsentZero.LEAST), "f(x)")
    planted = Call(claim, lambda codes: (codes >> np.uint16(9)).astype(np.uint8), Arrays("numpy", "codes"))
    assert check(claim, Calls("planted", "", [planted]), QUICK).status is Status.DIFFERS
