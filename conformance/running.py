"""Emulators are run: what they return on operands, in the shape and the type that it must have, or a sentence that says what they did instead."""

import numpy as np

from conformance.claims import SUMS, Adapter, Answer, Claim, Codes, NotAResultError, Partly
from conformance.environment import theirs
from conformance.problem import Operands
from formats.arrays import dtype
from formats.notation import text


class NonsenseError(Exception):
    """What an emulator returned is no result: the sentence says why."""


class RaisedError(NonsenseError):
    """It raised an exception, maybe because of one operand of many."""


def first_line(error: Exception) -> str:
    """What an exception says, short: its name alone where it cannot say it."""
    try:
        told = (str(error).strip().splitlines() or [""])[0][:200]
    except Exception:
        told = ""
    return f"{type(error).__name__}{told and ': '}{told}"


def run_on_copies(claim: Claim, adapter: Adapter, calls: list[Operands]) -> list[Answer]:
    """What the emulator returns on copies of operands, which it may write to."""
    return run_emulator(claim, adapter, [tuple(codes.copy() if codes.flags.c_contiguous else codes for codes in operands) for operands in calls])


def run_emulator(claim: Claim, adapter: Adapter, calls: list[Operands]) -> list[Answer]:
    """What the emulator returns, each with the shape and type that it must have."""
    try:
        with theirs():
            results = adapter.run(claim, calls)
    except NotAResultError as error:
        raise NonsenseError(f"{claim.call} {error}") from error
    except Exception as error:
        raise RaisedError(f"{claim.call} raised {first_line(error)}") from error
    if not isinstance(results, list) or len(results) != len(calls):
        raise NonsenseError(f"{claim.call} answered {len(calls)} calls with something other than {len(calls)} arrays.")
    results = [np.asarray(out) if isinstance(out, np.generic) else out for out in results]  # NumPy makes scalars of 0-dimensional arrays
    for operands, out in zip(calls, results, strict=True):
        _check_codes(claim, operands, out.codes if isinstance(out, Partly) else out)
    return results


def some_results(claim: Claim, answer: Answer) -> Answer:
    """An answer that has any results. ``NonsenseError`` where an exception was raised on every operand."""
    if isinstance(answer, Partly) and 0 < len(answer.raised) == answer.codes.size:
        raise NonsenseError(f"{claim.call} raised {answer.raised[0]}")
    return answer


def all_results(claim: Claim, answer: Answer) -> Codes:
    """The codes of an answer. ``NonsenseError`` where any is missing."""
    if not isinstance(answer, Partly):
        return answer
    if answer.raised:
        raise NonsenseError(f"{claim.call} raised {next(iter(answer.raised.values()))}")
    if answer.alien.any():
        raise NonsenseError(f"{claim.call} returned what is no value of {text(claim.result)}.")
    return answer.codes


def _check_codes(claim: Claim, operands: Operands, out: object) -> None:
    """``NonsenseError`` where a result has not the type, the shape and the range of codes."""
    wanted = dtype(claim.result)
    shape = () if claim.operation in SUMS else operands[0].shape
    if not isinstance(out, np.ndarray):
        raise NonsenseError(f"{claim.call} returned {type(out).__name__}, not an array of codes.")
    if out.shape != shape:
        raise NonsenseError(f"{claim.call} returned shape {out.shape} for operands of shape {operands[0].shape}.")
    if out.dtype != wanted:
        raise NonsenseError(f"{claim.call} returned {out.dtype}, where codes of {text(claim.result)} are {wanted}.")
    top = int(out.max()) if out.size and claim.result.width != 8 * wanted.itemsize else 0
    if top >= claim.result.codes:
        raise NonsenseError(f"{claim.call} returned {top:#x}, which is no code of {text(claim.result)} ({claim.result.width} bits).")
