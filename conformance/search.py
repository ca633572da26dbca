"""Operands on which an emulator of arrays raises, singled out by halving: the others are judged.

An emulator that is called on one number at a time tells them itself (``conformance.emulators.calls.each``), and raises on none; one that compiles for every shape is not called again.
"""

import numpy as np

from conformance.claims import Adapter, Answer, Claim, Partly
from conformance.counterexamples import simplest
from conformance.problem import Operands
from conformance.running import RaisedError, run_on_copies
from formats.arrays import convert, dtype

FEW = 500
"""Calls after which single operands from everywhere tell whether more calls will do."""
MOST = 5000
"""Calls after which an emulator raises on too many: enough for all NaNs of 16 bits."""
SPREAD, SEED = 64, 1
"""How many those are, and what they are drawn from."""
PROBES = 3
"""Ordinary operands, each alone, of which one has to have a result."""


def run_apart(claim: Claim, adapter: Adapter, operands: Operands, error: RaisedError) -> Answer:
    """What an emulator, which raised ``error`` on an array of operands, returns on its parts, and what it raises on single operands.

    That error: it raises on ordinary operands, or on an array of operands none of which it raises on alone. ``RaisedError`` with the remedy: on too many.
    """
    if adapter.compiles or not _works(claim, adapter, operands):
        raise error
    found = _parts(claim, adapter, operands)
    if found is None:
        remedy = "name kinds of operands that it is to refuse under refuses, in a file of claims"
        raise RaisedError(f"{error}, on too many operands to tell which; {remedy}") from error
    if not _together_too(claim, adapter, operands, found):
        raise error
    return found


def _together_too(claim: Claim, adapter: Adapter, operands: Operands, found: Partly) -> bool:
    """Whether the operands that have a result alone have one together: an exception that the length of an array makes is no operand's."""
    sound = np.ones(len(operands[0]), dtype=bool)
    sound[list(found.raised)] = False
    try:
        run_on_copies(claim, adapter, [tuple(codes[sound] for codes in operands)])
    except RaisedError:
        return False
    return True


def _works(claim: Claim, adapter: Adapter, operands: Operands) -> bool:
    """Whether any of the simplest operands, alone, has a result."""
    return any(_has_result(claim, adapter, operands, at) for at in simplest(claim.operands, operands, np.arange(len(operands[0])), PROBES))


def _has_result(claim: Claim, adapter: Adapter, operands: Operands, at: int) -> bool:
    """Whether an operand, alone, has one."""
    try:
        run_on_copies(claim, adapter, [tuple(codes[at : at + 1] for codes in operands)])
    except RaisedError:
        return False
    return True


def _too_many(claim: Claim, adapter: Adapter, operands: Operands) -> bool:
    """Whether, by a spread of single operands, more raise than there may be calls."""
    count = len(operands[0])
    places = np.random.default_rng(SEED).integers(count, size=SPREAD)  # which no pattern of the operands meets
    return sum(not _has_result(claim, adapter, operands, at) for at in places.tolist()) * count > MOST * SPREAD


def _parts(claim: Claim, adapter: Adapter, operands: Operands) -> Partly | None:
    """The answer put together; None where it takes too many calls."""
    count = len(operands[0])
    left, calls = [(0, count // 2), (count // 2, count)], 0
    pieces: list[tuple[int, int, Answer]] = []
    raised: dict[int, str] = {}
    while left:
        low, high = left.pop()
        if (calls := calls + 1) > MOST or (calls == FEW and _too_many(claim, adapter, operands)):
            return None
        try:
            pieces.append((low, high, run_on_copies(claim, adapter, [tuple(codes[low:high] for codes in operands)])[0]))
        except RaisedError as error:
            if high - low == 1:
                raised[low] = str(error).removeprefix(f"{claim.call} raised ")
            else:
                middle = (low + high) // 2
                left += [(low, middle), (middle, high)]
    return _together(claim, count, pieces, raised)


def _together(claim: Claim, count: int, pieces: list[tuple[int, int, Answer]], raised: dict[int, str]) -> Partly:
    """One answer of several; all of them hold results in the same way."""
    carrier = next((answer.carrier for *_, answer in pieces if isinstance(answer, Partly)), claim.result)
    codes, held, alien = np.zeros(count, dtype(claim.result)), np.zeros(count, dtype(carrier)), np.zeros(count, dtype=bool)
    for low, high, answer in pieces:
        if isinstance(answer, Partly):
            codes[low:high], held[low:high], alien[low:high] = answer.codes, answer.held, answer.alien
        else:
            codes[low:high] = answer
            held[low:high] = answer if carrier == claim.result else convert(answer, claim.result, carrier)[0]
    return Partly(codes, alien, held, carrier, raised)
