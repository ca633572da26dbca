"""An adapter that is a list of calls, among them calls about blocks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from conformance.block_result import BlockResult
from conformance.blocks import BlockClaim
from conformance.claims import Claim, Codes
from conformance.emulators.calls import Call, Calls


@dataclass(frozen=True)
class BlockCall:
    """A claim about blocks and what computes it, from an array of source codes."""

    claim: BlockClaim
    function: Callable[[Codes], BlockResult]


class CallsAndBlocks(Calls):
    """The adapter of a library of which some functions make blocks."""

    def __init__(self, name: str, version: str, calls: Iterable[Call], blocks: Iterable[BlockCall], device: str = "cpu") -> None:
        super().__init__(name, version, calls, device)
        self.blocks = {call.claim: call for call in blocks}

    def claims(self) -> list[Claim]:
        return [*self.blocks, *super().claims()]

    def quantize(self, claim: BlockClaim, calls: list[Codes]) -> list[BlockResult]:
        with np.errstate(all="ignore"):
            return [self.blocks[claim].function(codes) for codes in calls]
