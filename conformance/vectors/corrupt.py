"""The twin of a file in which some lines are wrong on purpose: what reads it and finds nothing does not look.

Each wrong line has a wrong result, one that no reading of NaNs or of the sign of zero excuses; which lines they are is drawn from the seed and stands in the header.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from conformance.vectors.block import Block
from conformance.vectors.header import Data, Header
from conformance.vectors.reading import open_cases
from conformance.vectors.scan import Item
from conformance.vectors.streams import compression, stem
from conformance.vectors.subject import Subject
from conformance.vectors.writing import write
from refmath.datum import Datum, Finite, NaN, NotAReal
from refmath.errors import RefmathError


def twin_name(name: str) -> str:
    """What the twin of a file is called: ``add.txt.gz`` has ``add.corrupt.txt.gz``."""
    path = Path(stem(name))
    return str(path.with_name(f"{path.stem}.corrupt{path.suffix}")) + compression(name)


def write_twin(name: str, header: Header, count: int, seed: int) -> str:
    """Write the twin of a file that has been written, and say what it is called. ``RefmathError`` where the file has fewer cases than are to be wrong."""
    cases = header.count if header.count is not None else sum(len(item) for item in _items(name, header) if isinstance(item, Block))
    if not 1 <= count <= cases:
        raise RefmathError(f"{count:,} wrong lines of {cases:,} are impossible; give at least 1, and no more than there are.")
    chosen = sorted(Random(seed).sample(range(cases), count))
    wrong = tuple(_listed(name, header, chosen))
    twin = replace(header, corrupted=wrong, count=None, sha256=None)
    write(twin_name(name), twin, _corrupted(name, header, chosen))
    return twin_name(name)


def _items(name: str, header: Header) -> Iterator[Item]:
    return open_cases(name, header.syntax).items(header.subject)


def _listed(name: str, header: Header, chosen: list[int]) -> Iterator[Data]:
    """What is written in the wrong lines, and what would be right."""
    digits = header.subject.columns[-2].digits
    for block, start, positions in _touched(name, header, chosen):
        for at in positions:
            right = int(block.result[at])
            lines = {} if block.lines is None else {"line": int(block.lines[at])}
            yield {"case": start + at + 1, **lines, "right": f"{right:0{digits}X}", "written": f"{wrong_result(header.subject, right):0{digits}X}"}


def _touched(name: str, header: Header, chosen: list[int]) -> Iterator[tuple[Block, int, list[int]]]:
    """The blocks of a file, how many cases come before each, and which of its cases are to be wrong."""
    start, waiting = 0, list(reversed(chosen))
    for item in _items(name, header):
        if isinstance(item, Block):
            positions = []
            while waiting and waiting[-1] < start + len(item):
                positions.append(waiting.pop() - start)
            yield item, start, positions
            start += len(item)


def _corrupted(name: str, header: Header, chosen: list[int]) -> Iterator[Block]:
    for block, _, positions in _touched(name, header, chosen):
        result = block.result.copy()
        for at in positions:
            result[at] = wrong_result(header.subject, int(result[at]))
        yield replace(block, result=result)


def wrong_result(subject: Subject, right: int) -> int:
    """A result that is wrong by any reading: a neighbouring code where that has another value, else zero or the greatest value."""
    if subject.to is None:
        return 1 - right if not subject.words else (right + 1) % len(subject.words)
    f = subject.to
    candidates = [right ^ 1, right ^ 2, f.zero() if f.has_zero else f.limit(), f.limit()]
    known = f.decode(right)
    return next(code for code in candidates if 0 <= code < f.codes and differs(known, f.decode(code)))


def differs(right: Datum, wrong: Datum) -> bool:
    """Whether a datum is told from another even where NaNs are alike and zeros have no sign."""
    if isinstance(wrong, NaN | NotAReal):
        return False
    if isinstance(right, Finite) and isinstance(wrong, Finite):
        return bool(right.value != wrong.value)
    return right != wrong
