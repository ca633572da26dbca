"""An adapter that is a list of calls: each a claim, the function that it is about, and the arrays that this takes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from conformance.claims import Answer, Claim, Codes, Partly
from conformance.emulators.held import VALUES, Arrays
from conformance.environment import theirs
from conformance.layouts import STRIDED
from conformance.running import first_line
from formats.family import Format


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
    leave, fmt = (call.results or call.arrays).leave, call.claim.result
    return _with_gaps(leave(out.results, fmt), fmt, out.raised, operands[0].shape) if isinstance(out, Some) else leave(out, fmt)


@dataclass(frozen=True)
class Some:
    """What a function gave on some numbers, and what it raised on the others."""

    results: Codes
    """In their order, without gaps."""
    raised: Mapping[int, str]
    """The exceptions, by the place of the operand."""


def _with_gaps(answer: Answer, fmt: Format, raised: Mapping[int, str], shape: tuple[int, ...]) -> Partly:
    """An answer in codes of ``fmt``, with the gaps that exceptions left."""
    returned = np.ones(prod(shape), dtype=bool)
    returned[list(raised)] = False

    def spread(some: Codes) -> Codes:
        out = np.zeros(len(returned), some.dtype)
        out[returned] = some
        return out.reshape(shape)

    if isinstance(answer, Partly):
        return Partly(spread(answer.codes), spread(answer.alien), spread(answer.held), answer.carrier, raised)
    codes = spread(answer)
    return Partly(codes, np.zeros(shape, dtype=bool), codes, fmt, raised)


def each(function: Callable[..., Any], result: Any = np.float64) -> Callable[..., Any]:
    """A function of Python numbers as one of arrays. An exception takes the result of its operand only."""

    def mapped(*operands: Codes) -> Codes | Some:
        found, raised = [], {}
        for at, row in enumerate(zip(*(codes.reshape(-1).tolist() for codes in operands), strict=True)):
            try:
                found.append(function(*row))
            except Exception as error:
                raised[at] = first_line(error)
        results = np.array(found, dtype=result)
        return Some(results, raised) if raised else results.reshape(operands[0].shape)

    return mapped
