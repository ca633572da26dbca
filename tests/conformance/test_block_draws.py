"""Blocks whose elements are drawn: right generators are not refuted, and what is wrong with others is told: no neighbour, no draw, another probability, another scale."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from conformance.block_result import BlockResult
from conformance.blocks import BlockClaim, block_claim
from conformance.budget import Budget
from conformance.checker import check
from conformance.claims import Claim, Codes, Draws
from conformance.verdict import Status, Verdict
from formats.block_notation import parse_block
from formats.notation import parse

BINARY32 = parse("binary32")
BUDGET = Budget(samples=1024, points=1024, thorough_layouts=False)
GRID = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])
"""The values of E2M1 by their codes."""
Chance = Callable[[Any, np.random.Generator], Any]


def proportional(fraction: Any, rng: np.random.Generator) -> Any:
    """Up where a draw is below the fraction of the gap."""
    return rng.random(fraction.shape) < fraction


def equal(fraction: Any, rng: np.random.Generator) -> Any:
    return (rng.random(fraction.shape) < 0.5) & (fraction > 0) | (fraction >= 1)


def nearest(fraction: Any, rng: np.random.Generator) -> Any:
    return fraction > 0.5


def three_bits(fraction: Any, rng: np.random.Generator) -> Any:
    """The fraction is cut to 3 bits, and added to a draw of 3 bits."""
    return rng.integers(0, 8, fraction.shape) + np.floor(8 * fraction) >= 8


def favoured(fraction: Any, rng: np.random.Generator) -> Any:
    """One hundredth too often up, where there is a choice."""
    return (rng.random(fraction.shape) < fraction + 0.01) & (fraction > 0)


@dataclass
class Drawing:
    """MXFP4 by OCP MX 6.3 in float64, which holds every quotient exactly, with elements that are drawn; NaNs and infinities make a block NaN."""

    chance: Chance = proportional
    shift: int = 0
    far: bool = False
    """Whether results are now and then one code further up."""
    name: str = "planted"
    views: tuple[str, ...] = ()
    compiles: bool = False
    claimed: list[Claim] = field(default_factory=list)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))

    def describe(self) -> str:
        return "planted"

    def claims(self) -> list[Claim]:
        return self.claimed

    def seed(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        raise NotImplementedError

    def quantize(self, claim: BlockClaim, calls: list[Codes]) -> list[BlockResult]:
        with np.errstate(all="ignore"):
            return [self.blocks(codes, claim.block.count) for codes in calls]

    def blocks(self, codes: Codes, size: int) -> BlockResult:
        x = np.ascontiguousarray(codes).view(np.float32).astype(np.float64)
        rows = x.reshape(-1, size or x.size)
        amax = np.abs(rows).max(axis=1)
        code = np.where(amax > 0, np.clip(np.frexp(np.where(amax > 0, amax, 1.0))[1] - 3, -127, 127) + 127, 0)
        code = np.where(np.isfinite(amax), np.minimum(code + self.shift, 254), 255).astype(np.uint8)
        scaled = np.abs(rows) / np.ldexp(1.0, np.where(code == 255, 0, code).astype(int) - 127)[:, None]
        elements = self.drawn(np.minimum(np.nan_to_num(scaled), 6.0)) | np.where(np.signbit(rows), 8, 0)
        return BlockResult(elements.astype(np.uint8).reshape(x.shape), code)

    def drawn(self, a: Any) -> Any:
        low = np.minimum(np.searchsorted(GRID, a, side="right") - 1, 6)
        up = self.chance((a - GRID[low]) / (GRID[low + 1] - GRID[low]), self.rng)
        return np.minimum(low + up + ((self.rng.random(a.shape) < 0.05) if self.far else 0), 7)


def verdict(adapter: Drawing, text: str = "mxfp4(size=8, rounding=stochastic)", draws: Draws = Draws.OWN) -> Verdict:
    return check(block_claim("planted", BINARY32, parse_block(text), "planted", draws=draws), adapter, BUDGET)


@pytest.mark.parametrize("size", ["8", "tensor"])
def test_a_right_generator_is_not_refuted(size: str) -> None:
    found = verdict(Drawing(), f"mxfp4(size={size}, rounding=stochastic)")
    assert (found.status, found.mismatches, found.deviations, found.error) == (Status.AGREES, 0, (), "")
    assert "chi-squared" in found.statistics


@pytest.mark.parametrize(
    ("chance", "words"),
    [(equal, "equal probability"), (nearest, "no draw at all"), (three_bits, "stochastic_a with 3 bits"), (favoured, "P(up) is off by +0.0")],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_another_probability_is_named(chance: Chance, words: str) -> None:
    found = verdict(Drawing(chance))
    assert (found.status, found.mismatches) == (Status.DIFFERS, 0)
    assert len(found.deviations) == 1
    assert words in found.deviations[0]


def test_few_bits_that_are_claimed_are_right() -> None:
    found = verdict(Drawing(three_bits), "mxfp4(size=8, rounding=stochastic_a, bits=3)")
    assert (found.status, found.mismatches) == (Status.AGREES, 0)


def test_equal_probability_that_is_claimed_is_right() -> None:
    assert verdict(Drawing(equal), draws=Draws.EQUAL).status is Status.AGREES


def test_what_is_no_neighbour_is_a_mismatch() -> None:
    found = verdict(Drawing(far=True))
    assert found.status is Status.DIFFERS
    assert found.mismatches == found.unexplained > 0


def test_what_is_no_neighbour_in_blocks_that_are_made_again_is_told() -> None:
    """So seldom that no case shows it: once in 1,024 makings of a block, an element that is drawn is one code too great."""

    class Seldom(Drawing):
        def drawn(self, a: Any) -> Any:
            found = super().drawn(a)
            if len(a) == 1024 and (a == a[0]).all():
                found[0, 1] ^= 4
            return found

    found = verdict(Seldom())
    assert (found.status, found.mismatches) == (Status.DIFFERS, 0)
    assert any("are neither neighbour" in words for words in found.deviations)


def test_a_wrong_scale_is_named_beside_a_right_generator() -> None:
    """What elements are drawn between follows from the scale that was found."""
    found = verdict(Drawing(shift=1))
    assert (found.status, found.deviations, found.unexplained) == (Status.DIFFERS, ("scales are twice too great",), 0)


def test_a_wrong_scale_does_not_hide_a_wrong_probability() -> None:
    found = verdict(Drawing(equal, shift=1))
    assert (found.deviations, found.unexplained) == (("scales are twice too great", "draws up or down with equal probability"), 0)
