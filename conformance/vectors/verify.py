"""Recomputing every case of a file: what is right, what is wrong, and what could not be read."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from conformance.vectors import testfloat
from conformance.vectors.block import Block
from conformance.vectors.counts import USUAL, Counts, Rules
from conformance.vectors.generate import SLICE, ordered, processors
from conformance.vectors.header import Header
from conformance.vectors.lines import LineWriter
from conformance.vectors.scan import End, Item
from conformance.vectors.slips import Kind, Slip
from conformance.vectors.subject import Subject
from formats.arrays import operate
from formats.family import Format
from refmath.flags import INVALID

KEPT = 4096
"""Cases of each sort that are kept to find the cause of what is wrong."""

Results = tuple[Codes, NDArray[np.uint8]]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Wrong:
    """A case that is wrong."""

    line: int
    operands: tuple[int, ...]
    random: int
    result: int
    flags: int
    expected: int
    expected_flags: int

    @property
    def result_is_wrong(self) -> bool:
        """Whether the result differs; else only the flags do."""
        return self.result != self.expected


@dataclass
class Verdict(Counts):
    """What was found so far."""

    subject: Subject
    first: list[Wrong] = field(default_factory=list, init=False)
    """The first wrong cases."""
    wrong_sample: list[Block] = field(default_factory=list, init=False)
    right_sample: list[Block] = field(default_factory=list, init=False)


def verify(items: Iterable[Item], subject: Subject, rules: Rules = USUAL, keep: int = 10, header: Header | None = None) -> Verdict:
    """The verdict on what is in a file. ``keep``: how many wrong cases are kept one by one. ``header``: what the file says of itself."""
    verdict, own, foreign = Verdict(rules, subject), header, False
    digest = hashlib.sha256()
    writer = LineWriter(testfloat.shape(subject))
    sums, unended = header is not None, False
    for item, expected in recomputed(items, subject):
        match item:
            case Block() if foreign:
                line = int(item.lines[0]) if item.lines is not None else 0
                verdict.slip(Slip(Kind.OTHER_FUNCTION, line, "", "cases behind the header of another function", len(item)))
            case Block():
                if sums:
                    digest.update(writer(item))
                assert expected is not None
                judge(verdict, item, expected, keep)
            case Slip():
                verdict.slip(item)
            case Header():
                unended = item.count is None
                foreign = own is not None and item.subject != own.subject
                own = own or item
            case End():
                unended = False
                _compare_end(verdict, item, digest.hexdigest() if sums else None)
    if unended:
        verdict.slip(Slip(Kind.CUT_OFF, verdict.cases, "", "the last line, with the count of cases and their SHA-256, is missing"))
    return verdict


def _compare_end(verdict: Verdict, end: End, digest: str | None) -> None:
    """Hold what was read to what the file says of itself."""
    if end.count is not None and end.count != verdict.cases:
        verdict.slip(Slip(Kind.COUNT, verdict.cases, "", f"{verdict.cases:,} cases were read, and the header says {end.count:,}"))
    elif end.sha256 is not None and digest is not None and end.sha256 != digest:
        verdict.slip(Slip(Kind.SUM, verdict.cases, "", "the SHA-256 of the cases is not the one in the header"))


def recomputed(items: Iterable[Item], subject: Subject) -> Iterator[tuple[Item, Results | None]]:
    """Each item, a block with its results: by the array engine in this process, by the reference in several, in the order of the file either way."""
    if not subject.by_reference:
        yield from ((item, subject.evaluate(item.operands, item.random) if isinstance(item, Block) else None) for item in items)
        return
    parts = chain.from_iterable(slices(item) if isinstance(item, Block) else (item,) for item in items)
    work = ((part, (subject, part.operands, part.random) if isinstance(part, Block) else None) for part in parts)
    yield from ordered(_results, work, processors())


def _results(task: tuple[Subject, tuple[Codes, ...], Codes | None] | None) -> Results | None:
    if task is None:
        return None
    subject, operands, random = task
    return subject.evaluate(operands, random)


def slices(block: Block) -> Iterator[Block]:
    """A block in small parts."""
    for start in range(0, len(block), SLICE):
        yield chosen(block, slice(start, start + SLICE))


def judge(verdict: Verdict, block: Block, results: Results, keep: int) -> None:
    """Hold a block to its results, and add what is found to the verdict."""
    expected, flags = results
    wrong = block.result != expected
    if verdict.rules.check_flags:
        wrong |= block.flags != flags
    verdict.cases += len(block)
    if len(verdict.right_sample) < 1:
        verdict.right_sample.append(chosen(block, np.nonzero(~wrong)[0][:KEPT]))
    if not wrong.any():
        return
    suspects = np.nonzero(wrong)[0]
    bad_result = ~_same(verdict, block.result[suspects], expected[suspects], flags[suspects])
    bad_flags = (block.flags[suspects] != flags[suspects]) & verdict.rules.check_flags
    found = suspects[bad_result | bad_flags]
    verdict.wrong_results += int(bad_result.sum())
    verdict.wrong_flags += int((bad_flags & ~bad_result).sum())
    if sum(map(len, verdict.wrong_sample)) < KEPT and len(found):
        verdict.wrong_sample.append(chosen(block, found[:KEPT]))
    for at in found[: max(0, keep - len(verdict.first))].tolist():
        verdict.first.append(_wrong(block, at, int(expected[at]), int(flags[at])))


def _same(verdict: Verdict, got: Codes, expected: Codes, flags: NDArray[np.uint8]) -> Mask:
    """Which results are as good as the expected ones."""
    same: Mask = np.asarray(got == expected, bool)
    to = verdict.subject.to
    if to is not None and to.has_nan and not verdict.rules.check_nans:
        same |= _is("is_nan", to, got) & _is("is_nan", to, expected) & ~_is("is_signaling", to, got)
    if to is not None and not to.has_nan and verdict.rules.any_invalid_integer:
        same |= flags & INVALID != 0
    return same


def _is(predicate: str, f: Format, codes: Codes) -> Mask:
    return np.asarray(operate(predicate, (f,), (codes,))[0], bool)


def chosen(block: Block, at: NDArray[np.intp] | slice) -> Block:
    """Some cases of a block."""
    random, lines = block.random, block.lines
    return Block(
        tuple(column[at] for column in block.operands),
        None if random is None else random[at],
        block.result[at],
        block.flags[at],
        {},
        None if lines is None else lines[at],
    )


def _wrong(block: Block, at: int, expected: int, flags: int) -> Wrong:
    line = int(block.lines[at]) if block.lines is not None else at + 1
    random = 0 if block.random is None else int(block.random[at])
    return Wrong(line, tuple(int(column[at]) for column in block.operands), random, int(block.result[at]), int(block.flags[at]), expected, flags)
