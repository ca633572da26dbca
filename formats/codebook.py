"""The codebook family: any finite list of values, one a code, rounded to the nearest by value.

The code of a value is its place in the list, in whatever order the list has. Magnitude codes count steps from zero on either side
(from the value nearest to zero where zero is not in the list), refined evenly, so that the middle of a gap is the arithmetic one, or in the logarithm,
so that it is the geometric one: of gaps between two values of one sign; one that ends at zero, or goes across, has no geometric middle and is refined evenly. In
ties and in rounding to odd a value is even or odd by its rank in ascending order, from 0, which is its code where the list is sorted.

A list without zero but with values on both sides has one gap across zero, like any other: a number of one sign may round to a
value of the other.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from gmpy2 import mpq

from formats.family import Format
from formats.geometric import between, place
from formats.projection import Projection
from refmath.datum import NEGATIVE_ZERO, Datum, Finite, NaN, finite, rational
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.reals import Exact, Real, compare, floor_linear
from refmath.rounding import Rounding

if TYPE_CHECKING:
    from formats.symbolic import Definition

MAX_SIZE = 1 << 16
FAR_OUT = 1 << 20
"""A number that is not held as a rational is out of range beyond 2^(2^20)."""

TIES = {
    "even": Rounding.NEAREST_EVEN,
    "odd": Rounding.NEAREST_ODD,
    "away": Rounding.NEAREST_AWAY,
    "zero": Rounding.NEAREST_ZERO,
    "up": Rounding.NEAREST_POSITIVE,
    "down": Rounding.NEAREST_NEGATIVE,
}
"""The words for the tie rules."""


class Middle(Enum):
    """What lies half way between two values."""

    ARITHMETIC = "arithmetic"
    """(a + b) / 2."""
    GEOMETRIC = "geometric"
    """sqrt(a b), where a and b are of one sign."""


@dataclass(frozen=True)
class Codebook(Format):
    """A list of values; ``data[c]`` is what code c means."""

    name: str = field(compare=False)
    data: tuple[Finite, ...]
    """The values in the order of their codes; one of them may be a negative zero."""
    ties: Rounding = Rounding.NEAREST_EVEN
    """The tie rule, as the rounding mode of the default projection."""
    middle: Middle = Middle.ARITHMETIC
    """From where on a number goes to the greater of two values in rounding to nearest."""

    def __post_init__(self) -> None:
        if not self.ties.nearest:
            raise RefmathError(f"{self.name}: {self.ties.value} is not a tie rule; use one of {', '.join(TIES)}.")
        if not 2 <= len(self.data) <= MAX_SIZE:
            count = "one value makes" if len(self.data) == 1 else f"{len(self.data):,} values make"
            raise RefmathError(f"{self.name}: {count} no codebook; give 2 to {MAX_SIZE:,}.")
        seen: set[Finite] = set()
        for datum in self.data:
            if isinstance(datum.value, Real):
                raise RefmathError(f"{self.name}: a value of a codebook is a rational number; write it as a fraction or decimal.")
            if datum in seen:
                raise RefmathError(f"{self.name}: the value {datum.value} stands twice; a codebook has one code for each value.")
            seen.add(datum)
        if NEGATIVE_ZERO in seen and finite(mpq(0)) not in seen:
            raise RefmathError(f"{self.name}: -0 goes with 0; add 0, or write 0 for it.")

    # What the list says of itself.

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The codes in ascending order of their values, without the negative zero."""
        return tuple(sorted((c for c, datum in enumerate(self.data) if datum != NEGATIVE_ZERO), key=lambda c: rational(self.data[c])))

    @cached_property
    def ascending(self) -> tuple[mpq, ...]:
        """The values in ascending order."""
        return tuple(rational(self.data[c]) for c in self.order)

    @cached_property
    def rank(self) -> dict[int, int]:
        """The place of each code in that order."""
        return {c: i for i, c in enumerate(self.order)}

    @cached_property
    def origins(self) -> tuple[int, int]:
        """For either sign, the rank of magnitude code 0: that of zero, or of the value nearest to zero on that side, which may lie outside."""
        below = bisect_right(self.ascending, mpq(0)) - 1
        return (below, below) if self.has_zero else (below + 1, below)

    @cached_property
    def sides(self) -> tuple[tuple[mpq, ...], tuple[mpq, ...]]:
        """For either sign, the magnitudes of codes 0, 1, ..."""
        positive, negative = self.origins
        return self.ascending[positive:], tuple(-v for v in reversed(self.ascending[: negative + 1]))

    @cached_property
    def below(self) -> tuple[mpq, mpq]:
        """For either sign, the magnitude of code -1 where there is no zero: across zero where the other side has values."""
        positive, negative = (side[0] if side else mpq(0) for side in self.sides)
        return (-negative, -positive) if self.spans_zero else (mpq(0), mpq(0))

    @cached_property
    def steps(self) -> tuple[mpq, mpq]:
        """For either sign, the gap that goes on beyond the last value: the last one of the list on that side."""
        return self.ascending[-1] - self.ascending[-2], self.ascending[1] - self.ascending[0]

    @cached_property
    def has_zero(self) -> bool:  # type: ignore[override]
        return any(not datum.value for datum in self.data)

    @cached_property
    def has_negative_zero(self) -> bool:  # type: ignore[override]
        return NEGATIVE_ZERO in self.data

    @cached_property
    def signed(self) -> bool:  # type: ignore[override]
        return bool(self.ascending[0] < 0)

    @cached_property
    def spans_zero(self) -> bool:  # type: ignore[override]
        return not self.has_zero and bool(self.ascending[0] < 0 < self.ascending[-1])

    @cached_property
    def parity(self) -> tuple[int, int]:  # type: ignore[override]
        return self.origins[0] & 1, self.origins[1] & 1

    @cached_property
    def width(self) -> int:  # type: ignore[override]
        return (len(self.data) - 1).bit_length()

    @cached_property
    def default(self) -> Projection:  # type: ignore[override]
        return Projection(rounding=self.ties, overflow=Overflow.SATURATE_FINITE)

    has_infinity: bool = field(default=False, init=False, compare=False, repr=False)
    has_nan: bool = field(default=False, init=False, compare=False, repr=False)
    least_normal: int | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def codes(self) -> int:
        return len(self.data)

    # Magnitudes.

    def _at(self, code: int, negative: bool) -> mpq:
        side = self.sides[negative]
        if code < 0:
            return self.below[negative]
        if code < len(side):
            return side[code]
        last = side[-1] if side else self.below[negative]
        return last + (code - len(side) + 1) * self.steps[negative]

    def _ends(self, code: int, negative: bool) -> tuple[mpq, mpq, bool]:
        """The gap above a magnitude code, and whether it is refined in the logarithm."""
        low, high = self._at(code, negative), self._at(code + 1, negative)
        return low, high, self.middle is Middle.GEOMETRIC and low > 0 and code < self.greatest(negative)

    def value(self, code: int, extra: int = 0, negative: bool = False) -> Exact:
        inside = code & ((1 << extra) - 1)
        if not inside:
            return self._at(code >> extra, negative)
        low, high, geometric = self._ends(code >> extra, negative)
        return between(low, high, inside, extra) if geometric else low + (high - low) * mpq(inside, 1 << extra)

    def code_below(self, x: Exact, extra: int = 0, negative: bool = False) -> tuple[int, bool]:
        side = self.sides[negative]
        if isinstance(x, Real) and x.floor_log2() > FAR_OUT:
            return (len(side) + 1) << extra, False
        code = _last_not_above(side, x)
        low, high, geometric = self._ends(code, negative)
        if geometric:
            inside, exact = place(x, low, high, extra)
        else:
            scale = (1 << extra) / (high - low)
            inside, exact = floor_linear(x, scale, -low * scale)
        return (code << extra) + inside, exact

    def greatest(self, negative: bool = False) -> int:
        return len(self.sides[negative]) - 1

    # Encoding.

    def join(self, negative: bool, code: int) -> int:
        if negative and not code and self.has_negative_zero:
            return self.data.index(NEGATIVE_ZERO)
        rank = self.origins[negative] + (-code if negative else code)
        return self.order[min(max(rank, 0), len(self.order) - 1)]

    def wrap(self, negative: bool, code: int) -> int:
        return self.order[(self.origins[negative] + (-code if negative else code)) % len(self.order)]

    def magnitude(self, code: int) -> tuple[bool, int]:
        datum = self.data[self.check_code(code)]
        if not datum.value:
            return datum.negative, 0
        return datum.negative, abs(self.rank[code] - self.origins[datum.negative])

    def decode(self, code: int) -> Datum:
        return self.data[self.check_code(code)]

    def infinity(self, negative: bool = False) -> int:
        raise RefmathError(f"{self.name} has no infinity.")

    def nan(self, like: NaN | None = None) -> int:
        raise RefmathError(f"{self.name} has no NaN.")

    # Description.

    def definition(self) -> "Definition":
        from formats.codebook_symbolic import definition

        return definition(self)

    def notation(self) -> str:
        word = next(word for word, mode in TIES.items() if mode is self.ties)
        middle = f", middle={self.middle.value}" if self.middle is not Middle.ARITHMETIC else ""
        return f"codebook({', '.join('-0' if datum == NEGATIVE_ZERO else str(datum.value) for datum in self.data)}; ties={word}{middle})"

    def fields(self, code: int) -> list[tuple[str, str]]:
        return [("index", f"{self.check_code(code):0{self.width}b}")]


def _last_not_above(side: tuple[mpq, ...], x: Exact) -> int:
    """The index of the greatest magnitude that is not above |x|; -1 where all are."""
    if not isinstance(x, Real):
        return bisect_right(side, abs(x)) - 1
    low, high = -1, len(side)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if compare(x, side[middle]) >= 0 else (low, middle)
    return low


def codebook(*values: mpq | int, ties: Rounding = Rounding.NEAREST_EVEN, name: str = "", middle: Middle = Middle.ARITHMETIC) -> Codebook:
    """The codebook of these values, named by its notation where no name is given."""
    data = tuple(finite(mpq(value)) for value in values)
    return Codebook(name or Codebook("codebook", data, ties, middle).notation(), data, ties, middle)
