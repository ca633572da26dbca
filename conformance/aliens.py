"""Results that are none: no values of the format that they should be of, or exceptions. Each is a finding of its own, beside whatever else differs.

An emulator that is called on one number at a time loses the result of an operand on which it raises, and no other.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Answer, Claim, Codes, Partly
from conformance.compare import is_nan
from conformance.counterexamples import case_of, counterexample, simplest
from conformance.exceptions import kinds, words
from conformance.numbers import number
from conformance.problem import Operands
from conformance.verdict import Counterexample, Number, Status
from formats.arrays import convert
from formats.family import Format
from formats.floats import Float
from formats.notation import text

WORDS = "returns what is no value of the format"


def settled(answer: Answer, expected: Codes, known: NDArray[np.bool_] | None = None) -> tuple[Codes, NDArray[np.bool_]]:
    """The codes to judge, with what was expected in place of results that are missing or no values; and which these are.

    ``known``: those that are told elsewhere; of others the code 0 stays.
    """
    if not isinstance(answer, Partly):
        return answer, np.zeros(answer.size, dtype=bool)
    missing = answer.alien.reshape(-1) | answer.absent
    told = missing if known is None else missing & known
    return np.where(told, expected, answer.codes.reshape(-1)).reshape(answer.codes.shape), missing


def with_aliens(found: dict[str, Any], claim: Claim, answer: Partly, operands: Operands, expected: Codes, most: int) -> dict[str, Any]:
    """A verdict's findings, with those of results that are no values, of which the simplest comes first of at most ``most`` cases."""
    strange = np.nonzero(answer.alien.reshape(-1))[0]
    if not (count := len(strange)):
        return found
    at = simplest(claim.operands, operands, strange, 1)[0]
    given = tuple(number(fmt, int(codes[at])) for fmt, codes in zip(claim.operands, operands, strict=True))
    got = number(answer.carrier, int(answer.held.reshape(-1)[at]))
    example = Counterexample(
        given, got, number(claim.result, int(expected[at])), f"the result is a number of {text(answer.carrier)} and none of {text(claim.result)}"
    )
    return found | {
        "status": Status.DIFFERS,
        "mismatches": found["mismatches"] + count,
        "defects": found.get("defects", 0) + count,
        "aliens": count,
        "deviations": (alien_kinds(answer, claim.result), *found.get("deviations", ())),
        "counterexamples": (example, *found["counterexamples"])[:most],
    }


def with_exceptions(found: dict[str, Any], claim: Claim, answer: Partly, operands: Operands, expected: Codes, most: int) -> dict[str, Any]:
    """A verdict's findings, with those of operands on which the emulator raises, of which the simplest comes first of at most ``most`` cases."""
    if not (count := len(answer.raised)):
        return found
    raised = np.array(sorted(answer.raised), dtype=np.int64)
    at = simplest(claim.operands, operands, raised, 1)[0]
    example = counterexample(claim, case_of(operands, at), int(expected[at]), int(expected[at]))
    example = replace(example, got=Number("", f"raises {answer.raised[at]}", "", ""))
    return found | {
        "status": Status.DIFFERS,
        "mismatches": found["mismatches"] + count,
        "defects": found.get("defects", 0) + count,
        "raised": count,
        "deviations": (*words(kinds(answer.raised.values())), *found.get("deviations", ())),
        "counterexamples": (example, *found["counterexamples"])[:most],
    }


def alien_kinds(answer: Partly, target: Format) -> str:
    """That results are no values of the format, and of what kinds they are."""
    carrier = answer.carrier
    if not isinstance(carrier, Float):
        return WORDS
    held = np.unique(answer.held.reshape(-1)[answer.alien.reshape(-1)])
    sizes = held & held.dtype.type((1 << carrier.width - 1) - 1)
    one = np.array([1], dtype=held.dtype)
    ends = (
        [int(convert(one * end, target, carrier)[0][0]) for end in (target.least, target.greatest())] if isinstance(target, Float) else [0, carrier.greatest()]
    )
    nan, infinite = is_nan(carrier, held), sizes == sizes.dtype.type(carrier.infinity())
    number = ~nan & ~infinite & (sizes != 0)
    minus = (held != sizes) & (not getattr(target, "signed", True))
    negative = number & minus
    below, beyond = (number & ~negative & outside for outside in (sizes < sizes.dtype.type(ends[0]), sizes > sizes.dtype.type(ends[1])))
    told = {
        "negative numbers": negative,
        "numbers below the least": below,
        "numbers above the greatest": beyond,
        "numbers between two values": number & ~negative & ~below & ~beyond,
        "zero": sizes == 0,
        "negative infinity": infinite & minus,
        "infinities": infinite & ~minus,
        "NaNs": nan,
    }
    met = [words for words, which in told.items() if which.any()]
    return f"{WORDS}: {', '.join(met)}" if met else WORDS
