"""An adapter that is a list of calls: each a claim, the function that it is about, and the arrays that this takes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.claims import Answer, Claim, Codes
from conformance.emulators.held import VALUES, Arrays
from conformance.environment import theirs
from conformance.layouts import STRIDED


@dataclass(frozen=True)
class Call:
    """A claim and what computes it: ``function`` takes the arrays of the operands and gives that of the result."""

    claim: Claim
    function: Callable[..., Any]
    arrays: Arrays = VALUES
    results: Arrays | None = None
    """The arrays that it gives, where they are of another kind than those that it takes."""


class Calls:
    """The adapter of a library whose functions are called one at a time."""

    views: tuple[str, ...] = STRIDED
    compiles = False

    def __init__(self, name: str, version: str, calls: Iterable[Call], device: str = "cpu") -> None:
        self.name, self.version, self.device = name, version, device
        self.calls = {call.claim: call for call in calls}

    def describe(self) -> str:
        return f"{self.name}{self.version and ' '}{self.version}, {self.device}"

    def claims(self) -> list[Claim]:
        return list(self.calls)

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Answer]:
        chosen = self.calls[claim]
        return [_answer(chosen, operands) for operands in calls]


def _answer(call: Call, operands: tuple[Codes, ...]) -> Answer:
    """What one call gives."""
    arrays = [call.arrays.enter(codes, fmt) for codes, fmt in zip(operands, call.claim.operands, strict=True)]
    with np.errstate(all="ignore"), theirs():
        out = call.function(*arrays)
    return (call.results or call.arrays).leave(out, call.claim.result)


def each(function: Callable[..., Any], result: Any = np.float64) -> Callable[..., Any]:
    """A function of Python numbers as one of arrays."""

    def mapped(*operands: Codes) -> Codes:
        rows = zip(*(codes.reshape(-1).tolist() for codes in operands), strict=True)
        return np.array([function(*row) for row in rows], dtype=result).reshape(operands[0].shape)

    return mapped
