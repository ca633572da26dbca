"""Every operand of a claim, in a stream: bounded memory, exact counts.

The operands of a claim are numbered (``conformance.numbering``). ``spans`` cuts the numbers into ranges, ``tally`` runs the emulator over one of them, chunk by
chunk, and holds what it returns to models of the claim, the first of which is what the claim says. A range that a GPU finds right is not looked at again.
Conversions are compared with runs (``formats.runs``), operations with the array engine. See ``conformance.tally`` for how ranges merge.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

import numpy as np

from conformance.accounts import Account, bare, given, runs_of
from conformance.blocks import BlockClaim
from conformance.claims import SUMS, Adapter, Answer, Claim, Codes, Draws, Partly
from conformance.compare import SPECIAL, differ, distances, is_nan, mismatch_class, zeros_apart
from conformance.counterexamples import rank
from conformance.exceptions import kinds
from conformance.functions import CORRECTLY_ROUNDED
from conformance.numbering import numbered, operands
from conformance.on_device import right_on_device
from conformance.problem import Operands
from conformance.refused import refused
from conformance.running import RaisedError, run_emulator
from conformance.search import run_apart
from conformance.tally import BLOCK, Example, Mask, Sample, Tally, candidates, choose
from formats.arrays import dtype, engine_for, engine_for_operation
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from formats.notation import text
from formats.runs import thresholds

MOST_BITS = 32
"""Up to 2^32 combinations of operands are exhausted."""
SPAN = 1 << 24
"""Operands of one range, the unit of work."""
LONG = 1024
"""Runs in a block beyond which what is expected is written out before it is compared."""
CHUNK = 1 << 22
"""Operands of one call of the emulator; where it compiles for every shape, the whole range is one call."""


def size(claim: Claim) -> int:
    """How many combinations of operands there are."""
    return 1 << sum(fmt.width for fmt in claim.operands)


def obstacle(claim: Claim) -> str:
    """Why a claim cannot be exhausted; empty where it can."""
    if isinstance(claim, BlockClaim):
        return f"a block of {text(claim.operands[0])} has more operands than can be visited"
    if claim.operation in SUMS:
        return f"a sum of {text(claim.operands[0])} numbers has more operands than can be visited"
    bits = sum(fmt.width for fmt in claim.operands)
    if bits > MOST_BITS:
        kinds = " x ".join(text(fmt) for fmt in claim.operands)
        return f"{kinds} has 2^{bits} {'codes' if len(claim.operands) == 1 else 'combinations of codes'}"
    if claim.projection.rounding.stochastic or claim.draws is not Draws.NONE:
        return "results depend on random bits"
    if claim.operation == "convert":
        source, target = claim.operands[0], claim.result
        fast = engine_for(source, target, claim.projection) == "array" or thresholds(source, target) is not None
        return "" if fast else f"no array engine converts {text(source)} into {text(target)}"
    if claim.operation not in CORRECTLY_ROUNDED:
        return f"no array engine computes {claim.operation} on {text(claim.operands[0])}"
    engine, reason = engine_for_operation(claim.operation, claim.operands, claim.result, claim.projection)
    return reason if engine == "reference" else ""


def streams(claim: Claim) -> bool:
    """Whether exhausting a claim takes a stream: not where the standard plan has all operands already."""
    widths = [fmt.width for fmt in claim.operands]
    exhausted = widths[0] <= 16 if len(widths) == 1 else len(widths) == 2 and max(widths) <= 8
    return not exhausted and not obstacle(claim)


def spans(claim: Claim, length: int = SPAN) -> list[tuple[int, int]]:
    """The first number and the length of each range; ``length`` is a multiple of ``BLOCK``."""
    assert length % BLOCK == 0
    total = size(claim)
    return [(first, min(length, total - first)) for first in range(0, total, length)]


@dataclass
class _Gathered:
    """What differs from one account, as it is gathered over a range."""

    count: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, claim: Claim, wrong: Mask, first: int, got: Codes) -> None:
        """The cases of a block."""
        count = int(np.count_nonzero(wrong))
        if not count:
            return
        self.count += count
        places = candidates(wrong, count, first)
        operands = numbered(claim.operands, places.astype(np.uint64) + np.uint64(first))
        rows = zip(*(codes.tolist() for codes in operands), strict=True)
        self.examples += [
            Example(rank(claim.operands, row), first + at, code) for row, at, code in zip(rows, places.tolist(), got[places].tolist(), strict=True)
        ]

    @property
    def sample(self) -> Sample:
        """At last."""
        return choose(self.count, self.examples, self.examples)


def tally(claim: Claim, adapter: Adapter, held_to: tuple[Account, ...], first: int, count: int) -> Tally:
    """Hold the emulator's results on ``count`` operands from the number ``first`` on to each account of ``held_to``.

    The first account is what the claim says (``accounts.said``), the second what a right implementation of the policies found gives, the third what the
    explanation gives; those beyond are single defects, each with its share. One alone will do.
    Errors: ``NonsenseError`` where the emulator raises or does not return codes of the right shape and type.
    """
    gathered = {account: _Gathered() for account in held_to}
    aliens, raised, errors = _Gathered(), _Gathered(), set[str]()
    total, chunk = Tally(), count if adapter.compiles else CHUNK
    if right_on_device(claim, adapter, held_to, first, count):
        return replace(Tally(count), samples=(Sample(),) * len(held_to))
    for at in range(first, first + count, chunk):
        length = min(chunk, first + count - at)
        answer, tried = _answer(claim, adapter, at, length)
        absent = answer.absent if isinstance(answer, Partly) else np.zeros(length, dtype=bool)
        errors.update(answer.raised.values() if isinstance(answer, Partly) else ())
        for low in range(0, length, BLOCK):
            part = slice(low, low + BLOCK)
            got = answer.codes[part] if isinstance(answer, Partly) else answer[part]
            judged = None if tried is None else tried[part]
            if isinstance(answer, Partly):
                alien = answer.alien[part]
                aliens.add(claim, alien, at + low, got)
                raised.add(claim, absent[part], at + low, got)
                missing = alien | absent[part]
                judged = ~missing if judged is None else judged & ~missing
            total = total.merge(_block(claim, held_to, gathered, at + low, got, judged))
        if tried is not None:
            total = replace(total, left_out=total.left_out + int(np.count_nonzero(~tried)))
    samples = tuple(gathered[account].sample for account in held_to)
    return replace(total, samples=samples, aliens=aliens.sample, raised=raised.sample, errors=kinds(errors))


def _answer(claim: Claim, adapter: Adapter, first: int, count: int) -> tuple[Answer, Mask | None]:
    """What the emulator returns, and on which operands it was tried, where not on all."""
    given = operands(claim.operands, first, count)
    if not claim.refuses:
        return _run(claim, adapter, given, lambda: operands(claim.operands, first, count)), None
    tried = ~refused(claim, given)
    if not tried.any():
        return np.zeros(count, dtype(claim.result)), tried
    answer = _run(claim, adapter, tuple(codes[tried] for codes in given), lambda: tuple(codes[tried] for codes in given))
    if not isinstance(answer, Partly):
        return _scattered(answer, tried), tried
    places = np.nonzero(tried)[0]
    raised = {int(places[at]): told for at, told in answer.raised.items()}
    return Partly(_scattered(answer.codes, tried), _scattered(answer.alien, tried), _scattered(answer.held, tried), answer.carrier, raised), tried


def _run(claim: Claim, adapter: Adapter, given: Operands, again: Callable[[], Operands]) -> Answer:
    """What the emulator returns on operands, which it may write to; ``again`` gives them anew, for where it raises."""
    try:
        return run_emulator(claim, adapter, [given])[0]
    except RaisedError as error:
        return run_apart(claim, adapter, again(), error)


def _scattered(some: Codes, where: Mask) -> Codes:
    """An array that has ``some`` at the places of ``where``, and 0 elsewhere."""
    out = np.zeros(len(where), some.dtype)
    out[where] = some
    return out


def _block(claim: Claim, held_to: tuple[Account, ...], gathered: dict[Account, _Gathered], first: int, got: Codes, judged: Mask | None) -> Tally:
    """What one block adds to the plain counts; what differs goes to ``gathered``. ``judged``: the cases that count, where not all do."""
    problem, count, forgiven = bare(claim), len(got), 0

    @cache
    def right(account: Account) -> Codes:
        return expected(claim, account, first, count, judged)

    if problem.either_zero:
        either = zeros_apart(claim.result, got, right(held_to[0]))
        forgiven, got = int(np.count_nonzero(either)), np.where(either, right(held_to[0]), got)
    wrong: dict[Account, Mask] = {}
    for account in gathered:
        wrong[account] = differing(claim, account, first, got, right)
        if judged is not None:
            wrong[account] &= judged
        gathered[account].add(claim, wrong[account], first, got)
    permitted = held_to[min(1, len(held_to) - 1)]
    inaccurate, kappa, _ = _apart(claim.result, got, right, held_to[0], wrong) if problem.steps else (0, 0, "")
    defects = wrong[permitted]
    if not defects.any():
        return Tally(count, (), forgiven, inaccurate, kappa)
    _, steps, kind = _apart(claim.result, got, right, permitted, wrong)
    defined = not isinstance(claim.result, Fixed) or not problem.undefined(_operands_of(claim, defects, first))
    fits = [defects & ~wrong[account] for account in held_to[2:]]
    shares = [int(np.count_nonzero(fit)) for fit in fits[1:]]
    together = int(np.count_nonzero(fits[0] & ~np.logical_or.reduce(fits[1:]))) if shares else 0
    return Tally(count, (), forgiven, inaccurate, kappa if problem.steps else steps, kind, defined, (*shares, together) if shares else ())


def _operands_of(claim: Claim, chosen: Mask, first: int) -> Operands:
    return numbered(claim.operands, np.nonzero(chosen)[0].astype(np.uint64) + np.uint64(first))


def differing(claim: Claim, account: Account, first: int, got: Codes, right: Callable[[Account], Codes]) -> Mask:
    """Where results, on operands from the number ``first`` on, differ from what an account gives, which is ``right(account)``."""
    table, target = runs_of(claim, account), claim.result
    pieces = [] if table is None else list(table.pieces(first, len(got)))
    if table is None or len(pieces) > LONG or (isinstance(target, Float) and target.explicit_integer_bit):
        return differ(target, got, right(account))
    wrong = np.empty(len(got), dtype=bool)
    for piece in pieces:
        here = slice(piece.start - first, piece.stop - first)
        if piece.code is None:
            wrong[here] = differ(target, got[here], table.results(piece.start, piece.stop - piece.start))
            continue
        np.not_equal(got[here], got.dtype.type(piece.code), out=wrong[here])
        if _is_nan(target, piece.code) and wrong[here].any():
            least = int(got[here].min())
            wrong[here] = not _is_nan(target, least) if least == int(got[here].max()) else wrong[here] & ~is_nan(target, got[here])
    return wrong


@lru_cache(maxsize=4096)
def _is_nan(target: Format, code: int) -> bool:
    return bool(is_nan(target, np.array([code], dtype(target)))[0])


def _apart(target: Format, got: Codes, right: Callable[[Account], Codes], account: Account, wrong: dict[Account, Mask]) -> tuple[int, int, str]:
    """Of the results that differ: how many are finite steps away from the right one, the most of those steps, and P3109's class where that is no number."""
    chosen = wrong[account]
    if not isinstance(target, Float) or not chosen.any():
        return 0, 0, ""
    got, true, times = got[chosen], right(account)[chosen], np.ones(1, np.int64)
    if target.width <= 8:  # the same few pairs over and over
        counts = np.bincount(got.astype(np.intp) << 8 | true)
        pairs = np.nonzero(counts)[0]
        got, true, times = (pairs >> 8).astype(got.dtype), (pairs & 0xFF).astype(got.dtype), counts[pairs]
    steps = distances(target, got, true)
    return int(np.sum((steps != SPECIAL) * times)), int(steps.max(initial=0)), mismatch_class(target, got, true)


def expected(claim: Claim, account: Account, first: int, count: int, judged: Mask | None = None) -> Codes:
    """What an account gives on ``count`` operands from the number ``first`` on; 0 for those that are not judged, where it need not give anything."""
    table = runs_of(claim, account)
    if table is not None:
        return table.results(first, count)
    asked = operands(claim.operands, first, count)
    if judged is None:
        return given(claim, account, asked)
    return _scattered(given(claim, account, tuple(codes[judged] for codes in asked)), judged) if judged.any() else np.zeros(count, dtype(claim.result))
