"""Claims about functions that make blocks: arrays of values in rows, each a block, become codes of scales and of elements.

A ``Model`` is a block format with all its policies and, where it is a known defect, a *quirk*.
"""

from dataclasses import dataclass, field, replace
from typing import Protocol

from conformance.block_result import BlockResult
from conformance.claims import Claim, Codes
from formats.block import BlockFormat
from formats.block_notation import block_text
from formats.codebook import Codebook
from formats.family import Format
from formats.projection import AbsentNaN, Projection

LONG = 100
"""Notation of a codebook that is longer than this gives way to its name."""


@dataclass(frozen=True, kw_only=True)
class BlockClaim(Claim):
    """What a function that makes blocks says it computes."""

    block: BlockFormat
    """The format, with the policies that the function documents; where it documents none, those of its standard."""
    settled: frozenset[str] = frozenset({"rule", "rounding"})
    """The fields of the policy that are documented: anything else there is a defect. Other fields are left open, for the tester to find."""
    gives: Format | None = None
    """The format of the values that come back; None where codes do."""
    axis: int = -1
    """The axis of an array along which its blocks lie, where there are two: -1 or 0."""
    ragged: bool = False
    """Whether the last block of an array of one row may be short."""
    views: bool = True
    """Whether arrays that are not contiguous are taken."""
    most: int | None = None
    """At most so many cases, for a function that is slow."""

    @property
    def result_text(self) -> str:
        """The block format, without a word on NaN elements, which no function documents."""
        if isinstance(self.block.element, Codebook) and len(self.block.element.notation()) > LONG:
            return self.block.name
        policy = replace(self.block.policy, absent_nan=AbsentNaN.REFUSE)
        return block_text(replace(self.block, policy=policy))

    @property
    def whole(self) -> bool:
        """Whether a case is a tensor, called by itself."""
        return self.block.tensor is not None or not self.block.size


def block_claim(emulator: str, source: Format, block: BlockFormat, call: str, **details: object) -> BlockClaim:
    """A claim that values of ``source`` become blocks. A NaN among elements without one is a zero until the tester knows better."""
    how = Projection(rounding=block.policy.rounding, bits=block.policy.bits)
    if not block.element.has_nan and block.policy.absent_nan is AbsentNaN.REFUSE:
        block = replace(block, policy=replace(block.policy, absent_nan=AbsentNaN.ZERO))
    return BlockClaim(emulator=emulator, operation="quantize", operands=(source,), result=block.element, projection=how, call=call, block=block, **details)  # type: ignore[arg-type]


class BlockAdapter(Protocol):
    """An adapter that has claims about blocks."""

    def quantize(self, claim: BlockClaim, calls: list[Codes]) -> list[BlockResult]:
        """What the function gives for each array of source codes, of one to three axes, blocks along ``claim.axis``."""
        ...


@dataclass(frozen=True)
class Model:
    """A way to make blocks."""

    fmt: BlockFormat
    quirks: tuple[str, ...] = ()
    """Known defects, by their names in ``conformance.block_choices.QUIRK_WORDS``."""
    first: Format | None = field(default=None)
    """A format that values are rounded into before anything else."""
