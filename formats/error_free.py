"""Where the error-free transformations are error-free: every pair of finite codes of a small format, and what becomes of it.

A claim that s + e is the exact sum or product is settled by looking at all operands. What fails is told apart by how: the first result overflows, a step
inside does, or everything stays finite and the sum of the two is another number.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from gmpy2 import mpq

from formats.expansion import Components, Pair, fast_two_sum, two_product, two_sum
from refmath.datum import Finite, rational
from refmath.errors import RefmathError

MAX_WIDTH = 10
"""Formats wider than this have too many pairs to look at."""

Transformation = Callable[[Components, int, int], Pair]


class Kind(Enum):
    """What becomes of a pair."""

    EXACT = "exact"
    """The two results add up to the exact one."""
    OVERFLOW = "overflow"
    """The first result is no finite number."""
    INNER_OVERFLOW = "inner overflow"
    """The first result is finite, the second is not."""
    INEXACT = "inexact"
    """Both are finite, and add up to something else."""


@dataclass(frozen=True, slots=True)
class Case:
    """A pair of operands and what becomes of it."""

    kind: Kind
    a: mpq
    b: mpq
    exact: mpq
    """a + b, or a b."""
    first: int
    """The code of s or p."""
    second: int
    """The code of e."""


TRANSFORMATIONS: dict[str, tuple[Transformation, Callable[[mpq, mpq], mpq]]] = {
    "TwoSum": (two_sum, lambda a, b: a + b),
    "Fast2Sum": (fast_two_sum, lambda a, b: a + b),
    "TwoProduct": (two_product, lambda a, b: a * b),
}
"""Each transformation, and what its two results stand for."""


def cases(name: str, of: Components) -> Iterator[Case]:
    """Every pair of finite operands. ``RefmathError`` for a format too wide for that."""
    f = of.format
    if f.width > MAX_WIDTH:
        raise RefmathError(f"{f.name} has {f.codes:,} codes, too many to look at every pair; give a format of at most {MAX_WIDTH} bits.")
    transform, exactly = TRANSFORMATIONS[name]
    numbers = [(code, rational(datum)) for code in f if isinstance(datum := f.decode(code), Finite)]
    for a, x in numbers:
        for b, y in numbers:
            first, second = transform(of, a, b)
            exact = exactly(x, y)
            yield Case(_kind(of, first, second, exact), x, y, exact, first, second)


def _kind(of: Components, first: int, second: int, exact: mpq) -> Kind:
    s, e = of.format.decode(first), of.format.decode(second)
    if not isinstance(s, Finite):
        return Kind.OVERFLOW
    if not isinstance(e, Finite):
        return Kind.INNER_OVERFLOW
    return Kind.EXACT if rational(s) + rational(e) == exact else Kind.INEXACT


def census(name: str, of: Components) -> Counter[Kind]:
    """How many pairs there are of each kind."""
    return Counter(case.kind for case in cases(name, of))
