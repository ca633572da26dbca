"""Cases in words: which of many are the simplest, what operands have in common, and where an exact result lies among the codes of its format."""

from itertools import chain

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Claim, Codes
from conformance.numbers import brief, number
from conformance.problem import Operands
from conformance.quantizers import QuantizerClaim
from conformance.verdict import SHOWN, Counterexample
from formats.arithmetic import operation
from formats.family import Format
from refmath.datum import Datum, Finite
from refmath.reals import Exact, Real, floor_log2
from refmath.text import hexadecimal

Indices = NDArray[np.int64]


def case_of(operands: Operands, i: int) -> tuple[int, ...]:
    """The operand codes of one case."""
    return tuple(int(codes[i]) for codes in operands)


def where(formats: tuple[Format, ...], operands: Operands) -> str:
    """What operands have in common: their kind, their sign, the least and greatest magnitude."""
    if not len(operands[0]):
        return ""
    texts = list(dict.fromkeys(_where(fmt, codes) for fmt, codes in zip(formats, operands, strict=True)))
    return "; ".join(texts)


def _where(source: Format, codes: Codes) -> str:
    some = [*codes[:: max(1, len(codes) // 500)].tolist(), int(codes[-1])]
    kinds = sorted({source.classify(code) for code in some})
    found = [(abs(datum.value), datum.negative) for datum in map(source.decode, some) if isinstance(datum, Finite) and not isinstance(datum.value, Real)]
    signs = {negative for _, negative in found}
    parts = [f"{' or '.join(kinds)} operands"]
    if len(signs) == 1 and source.signed:
        parts.append("negative" if True in signs else "positive")
    if len(found) == len(some) and len(found) > 1:
        low, high = min(value for value, _ in found), max(value for value, _ in found)
        if low < high < 4 * low:
            parts.append(f"{hexadecimal(low) or low} <= |x| <= {hexadecimal(high) or high}")
    return ", ".join(parts)


def simplest(formats: tuple[Format, ...], operands: Operands, indices: Indices, count: int = SHOWN) -> list[int]:
    """Indices of the simplest cases: finite operands of few significant bits near 1 first."""
    few = indices
    if len(indices) > 4000:
        few = np.unique(np.concatenate([indices[:1000], indices[:: len(indices) // 2000], indices[_roundest(operands, indices)]]))

    return sorted((int(i) for i in few), key=lambda i: rank(formats, case_of(operands, i)))[:count]


def rank(formats: tuple[Format, ...], operands: tuple[int, ...]) -> tuple[int, ...]:
    """How simple a case is: the less, the simpler."""
    each = [_complexity(fmt, code) for fmt, code in zip(formats, operands, strict=True)]
    return *map(sum, zip(*each, strict=True)), *chain.from_iterable(each)


def kept(formats: tuple[Format, ...], operands: Operands, indices: Indices, most: int) -> list[int]:
    """Indices of at most ``most`` cases: the simplest, then a spread over all, in their order."""
    return spread(simplest(formats, operands, indices, max(SHOWN, most // 2)), indices, most)


def spread(first: list[int], indices: Indices, most: int) -> list[int]:
    """``first``, and of the other ``indices`` as many as there is room for, evenly chosen."""
    others = np.setdiff1d(indices, first)
    return [*first, *others[evenly(len(others), most - len(first))].tolist()][:most]


def evenly(count: int, most: int) -> list[int]:
    """At most so many of the places 0 to ``count`` - 1, the first and the last among them."""
    room = max(0, min(most, count))
    return [at * (count - 1) // max(1, room - 1) for at in range(room)]


def _roundest(operands: Operands, indices: Indices) -> Indices:
    """The positions among ``indices`` whose codes have the most trailing zero bits."""
    if any(codes.dtype == object for codes in operands):
        return np.arange(min(1000, len(indices)))
    joined = np.bitwise_or.reduce([codes[indices].astype(np.uint64) for codes in operands])
    return np.argsort(joined & (~joined + np.uint64(1)), kind="stable")[-1000:]


def _complexity(fmt: Format, code: int) -> tuple[int, int, int, int]:
    datum = fmt.decode(code)
    if not isinstance(datum, Finite):
        return (2, 0, 0, code)
    if isinstance(datum.value, Real) or not datum.value:
        return (0, 0, 0, int(datum.negative))
    bits = int(abs(datum.value.numerator).bit_length())
    return (1, bits, abs(floor_log2(datum.value)), int(datum.negative))


def counterexample(claim: Claim, operands: tuple[int, ...], got: int, expected: int, layout: str = "") -> Counterexample:
    """A case in words."""
    target = claim.result
    numbers = tuple(number(fmt, code) for fmt, code in zip(claim.operands, operands, strict=True))
    exact = exact_result(claim, operands)
    remark = position(target, exact.value, exact.negative) if isinstance(exact, Finite) else ""
    return Counterexample(numbers, number(target, got), number(target, expected), remark, layout)


def exact_result(claim: Claim, operands: tuple[int, ...]) -> Datum | None:
    """The result before it is rounded; None where it is no number."""
    if isinstance(claim, QuantizerClaim) and claim.result != claim.affine:
        return None
    if claim.operation in ("convert", "quantize"):
        return claim.operands[0].decode(operands[0])
    result = operation(claim.operation, *claim.operands, to=claim.result, projection=claim.projection)(*operands).exact
    return result if isinstance(result, Finite) else None


def position(target: Format, value: Exact, negative: bool) -> str:
    """Where an exact value lies among the codes of the target."""
    if not value:
        return ""
    if negative and not target.signed:
        return "negative, which the format is not"
    refined, equal = target.code_below(value, 1, negative)
    below, exact = refined >> 1, equal and not refined & 1
    if below > target.greatest(negative) or (below == target.greatest(negative) and not exact):
        return "beyond the greatest finite value"
    if exact:
        return "exactly a value of the target"
    if below < target.least and not target.has_zero:
        return "below the least value"
    pair = " and ".join(f"0x{code:x} ({brief(target, code)})" for code in (_joined(target, negative, below), target.join(negative, below + 1)))
    if refined & 1 and equal:
        return f"the tie between {pair}"
    return f"just {'above' if refined & 1 else 'below'} the tie between {pair}" if _near_tie(value, target, refined) else f"between {pair}"


def _joined(target: Format, negative: bool, code: int) -> int:
    """The code of a magnitude; of zero the one that the format has."""
    return target.zero(negative) if code == 0 and target.has_zero else target.join(negative, code)


def _near_tie(value: Exact, target: Format, refined: int) -> bool:
    """Whether a value is within 2^-8 of a step of the midpoint."""
    kept = refined >> 1
    lo, hi = target.value(kept), target.value(kept + 1)  # of magnitudes
    if isinstance(value, Real) or isinstance(lo, Real) or isinstance(hi, Real):
        return False
    return bool(abs(2 * abs(value) - lo - hi) * 256 < 2 * (hi - lo))
