"""Blocks checked: right quantizers agree, planted defects are found and named, whatever else a function decides is told as a policy."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from conformance.block_result import BlockResult
from conformance.blocks import BlockClaim, block_claim
from conformance.budget import Budget
from conformance.checker import check
from conformance.claims import Claim, Codes
from conformance.verdict import Status, Verdict
from formats.block_notation import parse_block
from formats.notation import parse

BINARY32 = parse("binary32")
BUDGET = Budget(samples=1024, points=1024, thorough_layouts=False)
GRID = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])
"""The values of E2M1 by their codes."""
MIDDLE = (GRID[1:] + GRID[:-1]) / 2
TIES: dict[str, list[int]] = {"even": [0, 1, 0, 1, 0, 1, 0], "away": [1] * 7, "zero": [0] * 7}
"""Whether each tie goes up."""


def floor_exponent(amax: Any) -> Any:
    """floor(log2 amax), exactly."""
    return np.frexp(amax)[1] - 1


def e2m1(x: Any, ties: str = "even", cut: bool = False) -> Any:
    """The codes of E2M1 for float64 numbers, saturating: the definition, with its ties."""
    a = np.minimum(np.abs(x), 6.0)
    if cut:
        code = np.searchsorted(GRID, a, side="right") - 1
    else:
        code = np.searchsorted(MIDDLE, a, side="left")
        for i, middle in enumerate(MIDDLE):
            code = np.where(a == middle, i + TIES[ties][i], code)
    return (code | np.where(np.signbit(x), 8, 0)).astype(np.uint8)


@dataclass
class MXFP4:
    """MXFP4 by OCP MX 6.3 in float64, which holds every quotient exactly; each option is a way of departing from it."""

    exponent: Callable[[Any], Any] = lambda amax: floor_exponent(amax) - 2
    ties: str = "even"
    cut: bool = False
    zero_scale: int = 0
    infinity: int = 255
    offset: int = 0
    axis: int = -1
    least_divisor: float = 0.0
    before: Callable[[Any], Any] = lambda x: x
    after: Callable[[Any], Any] = lambda codes: codes
    top: Callable[[Any], Any] = np.abs
    bad_rows: bool = False
    name: str = "planted"
    views: tuple[str, ...] = ()
    compiles: bool = False
    claimed: list[Claim] = field(default_factory=list)

    def describe(self) -> str:
        return "planted"

    def claims(self) -> list[Claim]:
        return self.claimed

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        raise NotImplementedError

    def quantize(self, claim: BlockClaim, calls: list[Codes]) -> list[BlockResult]:
        with np.errstate(all="ignore"):
            return [self.blocks(claim, codes) for codes in calls]

    def blocks(self, claim: BlockClaim, codes: Codes) -> BlockResult:
        k = claim.block.count
        x = np.ascontiguousarray(codes).view(np.float32).astype(np.float64)
        if claim.axis == 0:
            x = x.T
        rows = x.reshape(-1, k)
        if self.axis == 0 and len(rows) % k == 0:
            tiles = rows.reshape(-1, k, k).transpose(0, 2, 1).reshape(-1, k)
            scales, elements = self.quantized(tiles)
            elements = elements.reshape(-1, k, k).transpose(0, 2, 1).reshape(-1, k)
        else:
            scales, elements = self.quantized(rows)
        if self.bad_rows and len(rows) % 16:
            elements = elements.copy()
            elements[-1] = 0
        elements = elements.reshape(x.shape)
        if claim.axis == 0:
            scales = scales.reshape(x.shape[0], -1).T
            elements = elements.T
        return BlockResult(np.ascontiguousarray(elements), scales)

    def quantized(self, x: Any) -> tuple[Any, Any]:
        x = self.before(x)
        amax = self.top(x).max(axis=1)
        code = np.clip(self.exponent(np.where(np.isfinite(amax) & (amax > 0), amax, 1.0)) + self.offset, -127, 127) + 127
        code = np.where(amax > 0, code, self.zero_scale)
        code = np.where(np.isinf(x).any(axis=1), self.infinity, code)
        code = np.where(np.isnan(x).any(axis=1), 255, code).astype(np.uint8)
        divisor = np.maximum(np.ldexp(1.0, np.where(code == 255, 0, code).astype(int) - 127), self.least_divisor)
        return code, self.after(e2m1(np.where(np.isnan(x), 0.0, x) / divisor[:, None], self.ties, self.cut))


def verdict(adapter: MXFP4, text: str = "mxfp4(size=8)", **details: Any) -> Verdict:
    claim = block_claim("planted", BINARY32, parse_block(text), "planted", **details)
    return check(claim, adapter, BUDGET)


def ceil_exponent(amax: Any) -> Any:
    m, e = np.frexp(amax)
    return np.where(m == 0.5, e - 1, e) - 2


def even_exponent(amax: Any) -> Any:
    """amax rounded to 2 significand bits first."""
    m, e = np.frexp(amax)
    return np.where(m >= 0.875, e, e - 1) - 2


def rceil_exponent(amax: Any) -> Any:
    k = np.frexp(amax)[1]
    return np.where(amax > 6 * np.ldexp(1.0, k - 3), k - 2, k - 3)


def binary32_floor(amax: Any) -> Any:
    return np.floor(np.log2(amax).astype(np.float32)).astype(int) - 2


RULES = {"floor": lambda amax: floor_exponent(amax) - 2, "ceil": ceil_exponent, "even": even_exponent, "rceil": rceil_exponent}


@pytest.mark.parametrize("rule", RULES)
def test_right_quantizers_agree(rule: str) -> None:
    """Each scale rule, written down independently in float64."""
    found = verdict(MXFP4(RULES[rule]), f"mxfp4(size=8, rule={rule})")
    assert (found.status, found.mismatches, found.error) == (Status.AGREES, 0, "")
    assert "a NaN makes the whole block NaN" in found.treatment


@pytest.mark.parametrize("axis", [-1, 0])
def test_an_axis_that_is_asked_for_is_no_defect(axis: int) -> None:
    assert verdict(MXFP4(), axis=axis).status is Status.AGREES


def bfloat16(x: Any) -> Any:
    bits = np.asarray(x, np.float32).view(np.uint32).astype(np.uint64)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16 << 16).astype(np.uint32).view(np.float32).astype(np.float64)
    return np.where(np.isfinite(x), rounded, x)


PLANTED = {
    "scale rule ceil": MXFP4(ceil_exponent),
    "scale rule rceil": MXFP4(rceil_exponent),
    "scale rule even": MXFP4(even_exponent),
    "log2 in binary32": MXFP4(binary32_floor),
    "ties of elements go away from zero": MXFP4(ties="away"),
    "ties of elements go toward zero": MXFP4(ties="zero"),
    "elements are truncated": MXFP4(cut=True),
    "blocks lie along the other axis": MXFP4(axis=0),
    "subnormal elements become zero": MXFP4(after=lambda codes: np.where(codes & 7 == 1, codes & 8, codes)),
    "the sign of zero elements is lost": MXFP4(after=lambda codes: np.where(codes == 8, 0, codes).astype(np.uint8)),
    "scales are twice too great": MXFP4(offset=1),
    "values are divided by 2^-126 where the scale is smaller": MXFP4(least_divisor=2.0**-126),
    "the greatest value is taken for the greatest magnitude": MXFP4(top=lambda x: np.maximum(x, 0.0)),
    "values are rounded to bfloat16 first": MXFP4(before=bfloat16),
    "subnormal operands count as zero": MXFP4(before=lambda x: np.where(np.abs(x) < 2.0**-126, x * 0.0, x)),
}


@pytest.mark.parametrize("words", PLANTED)
def test_planted_defects_are_named(words: str) -> None:
    """The words of the one defect, which explains every block."""
    found = verdict(PLANTED[words])
    assert found.status is Status.DIFFERS, found.error
    assert any(text.startswith(words) for text in found.deviations), (found.deviations, found.policies, found.where)
    assert len(found.deviations) == 1
    if words != "blocks lie along the other axis":  # whose NaN blocks are not those of the claim
        assert found.unexplained == 0


def test_what_is_left_open_is_a_policy() -> None:
    """The scale of a block of zeros and what an infinity does are choices where nothing is documented, and defects where something is."""
    other = MXFP4(zero_scale=127, infinity=254)
    found = verdict(other)
    assert found.status is Status.POLICY
    assert set(found.policies) == {"a block of zeros has the scale 1", "an infinity gives the scale of an infinite amax"}
    held = verdict(other, settled=frozenset({"rule", "rounding", "zero_block"}))
    assert (held.status, held.deviations) == (Status.DIFFERS, ("a block of zeros has the scale 1",))


def test_results_that_depend_on_the_number_of_rows() -> None:
    found = verdict(MXFP4(bad_rows=True))
    assert found.status is Status.DIFFERS
    assert "17 rows" in found.layout_dependent
    assert found.counterexamples[0].layout in found.layout_dependent


def test_a_counterexample_tells_amax_scales_and_element() -> None:
    case = verdict(MXFP4(ceil_exponent)).counterexamples[0]
    block = case.block
    assert block is not None
    assert block.scale_got is not None
    assert block.scale_expected is not None
    assert int(block.scale_got.code, 16) == int(block.scale_expected.code, 16) + 1
    assert len(block.lanes) == 8
    assert case.operands[0].code == block.lanes[block.place]


@pytest.mark.parametrize(("result", "words"), [
    (BlockResult(np.zeros((3, 8), np.uint8), np.zeros(3, np.uint8)), "returned elements of shape (3, 8)"),
    (BlockResult(np.zeros(1, np.uint16), np.zeros(1, np.uint8)), "returned elements"),
])  # fmt: skip
def test_nonsense_is_a_verdict(result: BlockResult, words: str) -> None:
    class Nonsense(MXFP4):
        def blocks(self, claim: BlockClaim, codes: Codes) -> BlockResult:
            return result

    found = verdict(Nonsense())
    assert found.status is Status.FAILED
    assert words in found.error


class Summed(MXFP4):
    """Block floating point of four bits by bits: what is below the last place of a value and six times the exponent of its block is cut off, half of it added before."""

    def blocks(self, claim: BlockClaim, codes: Codes) -> BlockResult:
        x = np.ascontiguousarray(codes).view(np.float32).reshape(-1, claim.block.count)
        field = np.abs(x).max(axis=1, keepdims=True).view(np.uint32) & np.uint32(0x7F800000)
        base = field.view(np.float32) * np.float32(6)
        half, last = np.uint32(1 << 18), ~np.uint32((1 << 19) - 1)
        out = (((x + base).view(np.uint32) + half) & last).view(np.float32) - base
        bits = out.view(np.uint32)
        out = np.where(bits & np.uint32(0x7F800000) > field, (bits & np.uint32(1 << 31) | field | np.uint32(3 << 21)).astype(np.uint32).view(np.float32), out)
        return BlockResult(out.view(np.uint32).reshape(codes.shape))


def test_a_sum_that_aligns_the_values_of_a_block() -> None:
    """It rounds twice, ties go up, zeros lose their sign; where it overflows every value becomes the least; subnormal blocks are rounded as they stand."""
    fmt = parse_block("block(e0m3, e8m0, 8)")
    details = {"gives": BINARY32, "settled": frozenset({"rule"}), "refuses": ("nan", "infinity"), "most": 24}
    found = check(block_claim("planted", BINARY32, fmt, "planted", **details), Summed(), BUDGET)
    assert found.status is Status.DIFFERS and found.unexplained == 0 and found.policies == ("ties of elements go up",)
    assert set(found.deviations) == {"values are added to six times the scale in binary32, and rounded twice so", "the sign of zero elements is lost"}
