"""Fused groups as matrix units have them: terms aligned to the greatest exponent, cut, and summed as integers.

The aligned sum of a group of terms (v_i, e_i) with F fraction bits: E is the greatest exponent; each term is cut to a multiple of 2^(E - F) by itself, without a sticky
bit; the sum of the cut terms is exact. A group takes the sum so far as its c, so that a long dot product is a chain of groups, each rounded at its end.

Where c comes *early* it is one of the aligned terms. Where it comes *late* the products are summed without it; then the sum and c are cut to the greater of their exponents,
each to fraction bits of its own, and added.

Source: the published models of the matrix units of GPUs (arXiv 2511.10909, arXiv 2512.07004), whose parameters ``units`` names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from gmpy2 import mpq

from refmath.accumulation.model import Model, call
from refmath.accumulation.ordered import check_positive
from refmath.accumulation.terms import Accumulator, Term, infinite_beyond, rational_value
from refmath.accumulation.trees import Tree, node
from refmath.datum import Datum, Finite, NaN, finite
from refmath.errors import RefmathError
from refmath.reals import power_of_two, rational_floor_log2, rational_floor_scaled
from refmath.rounding import Rounding, round_code

MAX_FRACTION = 1 << 16
ONES = NaN(False, False, (1 << 64) - 1, 64)
"""The NaN whose payload is all ones, however wide: 0x7fffffff in binary32, 0x7fff in binary16."""


class When(Enum):
    """When c joins its group."""

    EARLY = "early"
    """It is aligned with the products."""
    LATE = "late"
    """It is added to the sum of the products."""


class NaNResult(Enum):
    """Which NaN is delivered."""

    ONES = "ones"
    """A payload of all ones."""
    CANONICAL = "canonical"
    """The canonical NaN of the format."""


@dataclass(frozen=True)
class Aligned(Model):
    """Aligned groups. The defaults are those that most units share."""

    group: int | None = None
    """Products in a group; None for all there are."""
    fraction: int = 24
    """F: fraction bits kept below the greatest exponent."""
    keep: Rounding = Rounding.TOWARD_ZERO
    """How a term is cut: toward_zero (truncation) or toward_negative (floor), or any other mode without random bits."""
    final: Rounding = Rounding.TOWARD_ZERO
    """How the sum of a group is rounded."""
    final_fraction: int | None = 23
    """To how many fraction bits; beyond the greatest value of the format it then becomes infinite. None: into the format, whose projection decides about overflow."""
    final_emin: int = -126
    """The least exponent to which these fraction bits belong: below it the result is subnormal."""
    zero: int | None = -126
    """The exponent of a term that is zero; None where zeros do not count."""
    least: int | None = None
    """The least that E can be; None where nothing holds it up."""
    presum: int = 1
    """So many products are summed exactly into one term, whose exponent is that of their scales."""
    interleave: int = 1
    """Where c is late: product i of a group belongs to part i mod interleave; each part is an aligned sum, and the parts are floored to the greatest E and added."""
    limit: int | None = None
    """A product of magnitude 2^limit or more counts as infinite."""
    c: When = When.EARLY
    """When c joins."""
    sum_fraction: int = 31
    """Where c is late: fraction bits of the sum of the products, which is floored."""
    c_fraction: int = 24
    """Where c is late: fraction bits of c, which is floored."""
    c_range: int | None = None
    """Where c is late: it is dropped where its exponent is less than that of the sum by more than this."""
    nan: NaNResult = NaNResult.ONES
    """Which NaN is delivered."""
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for parameter, value in (("group", self.group), ("presum", self.presum), ("interleave", self.interleave)):
            check_positive("aligned", parameter, 1 if value is None else value)
        for parameter, value in (("F", self.fraction), ("final_F", self.final_fraction), ("sum_F", self.sum_fraction), ("c_F", self.c_fraction)):
            if value is not None and not 0 <= value <= MAX_FRACTION:
                raise RefmathError(f"aligned: {parameter} = {value} fraction bits are impossible; give an integer from 0 to {MAX_FRACTION:,}.")
        for parameter, mode in (("keep", self.keep), ("final", self.final)):
            if mode.stochastic:
                raise RefmathError(f"aligned: {parameter} cannot be {mode.value}, which needs random bits; use toward_zero, toward_negative or nearest_even.")
        if self.group is not None and self.group % self.presum:
            raise RefmathError(f"aligned: a group of {self.group} products cannot be summed {self.presum} at a time; make group a multiple of presum.")
        if self.interleave > 1 and self.c is When.EARLY:
            raise RefmathError(f"aligned: interleave = {self.interleave} needs c=late: there is no single alignment that an early c could join.")

    def combine(self, terms: Sequence[Term], c: Term | None, into: Accumulator) -> Datum:
        size = self.group or len(terms)
        for at in range(0, len(terms), size):
            c = into.held(self._group(terms[at : at + size], c, into))
        assert c is not None
        return c.value

    def _group(self, terms: Sequence[Term], c: Term | None, into: Accumulator) -> Datum:
        """The rounded sum of one group and c."""
        summands = self._presummed(terms, into)
        data = [x.value for x in summands] + ([] if c is None else [into.take(c)])
        if not all(isinstance(x, Finite) for x in data):
            return self._special(into.sum(data), into)
        products = [(rational_value(x.value), x.exponent) for x in summands]
        addend = None if c is None else (rational_value(c.value), c.exponent)
        return self._finished(self._late(products, addend) if self.c is When.LATE else self._early(products, addend), into)

    def _presummed(self, terms: Sequence[Term], into: Accumulator) -> list[Term]:
        """The summands that are aligned: products, or exact sums of products of one scale."""
        values = [into.take(term) if self.limit is None else infinite_beyond(into.take(term), self.limit) for term in terms]
        if self.presum == 1:
            return [Term(value, term.exponent) for value, term in zip(values, terms, strict=True)]
        found = []
        for at in range(0, len(terms), self.presum):
            scales = {term.scale for term in terms[at : at + self.presum]}
            if len(scales) > 1:
                raise RefmathError(f"Terms {at} to {at + self.presum - 1} are summed before they are scaled, but their scales differ; give them one scale.")
            found.append(Term(into.sum(values[at : at + self.presum]), scales.pop()))
        return found

    def _special(self, x: Datum, into: Accumulator) -> Datum:
        """An infinity or a NaN: the IEEE sum decides which, the unit what NaN."""
        if isinstance(x, NaN):
            return into.deliver(ONES if self.nan is NaNResult.ONES else NaN())
        return into.round(x)

    def _early(self, products: list[tuple[mpq, int]], c: tuple[mpq, int] | None) -> mpq:
        """The products and c aligned together."""
        return self.aligned_sum(products if c is None else [*products, c])[0]

    def _late(self, products: list[tuple[mpq, int]], c: tuple[mpq, int] | None) -> mpq:
        """The sum of the products and c, each floored at the greater exponent of the two."""
        value, e = self._joined([products[i :: self.interleave] for i in range(self.interleave)])
        if c is None:
            return value
        e_c = self._exponent(*c)
        greatest = max((x for x in (e, e_c) if x is not None), default=0)
        value = cut(value, greatest - self.sum_fraction, Rounding.TOWARD_NEGATIVE)
        if self.c_range is not None and (e_c is None or e_c < greatest - self.c_range):
            return value
        return value + cut(c[0], greatest - self.c_fraction, Rounding.TOWARD_NEGATIVE)

    def _joined(self, parts: Sequence[Sequence[tuple[mpq, int]]]) -> tuple[mpq, int | None]:
        """The aligned sums of the parts, floored to the greatest exponent, added; and that exponent."""
        sums = [self.aligned_sum(part) for part in parts if part]
        if len(sums) == 1:
            return sums[0]
        greatest = max((e for _, e in sums if e is not None), default=None)
        if greatest is None:
            return mpq(0), None
        return sum((cut(value, greatest - self.fraction, Rounding.TOWARD_NEGATIVE) for value, _ in sums), mpq(0)), greatest

    def aligned_sum(self, terms: Sequence[tuple[mpq, int]]) -> tuple[mpq, int | None]:
        """The aligned sum of terms (value, exponent), and E; None where no term has an exponent."""
        exponents = [e for e in (self._exponent(value, e) for value, e in terms) if e is not None]
        if self.least is not None:
            exponents.append(self.least)
        if not exponents:
            return mpq(0), None
        greatest = max(exponents)
        return sum((cut(value, greatest - self.fraction, self.keep) for value, _ in terms), mpq(0)), greatest

    def _exponent(self, value: mpq, e: int) -> int | None:
        return e if value else self.zero

    def _finished(self, x: mpq, into: Accumulator) -> Datum:
        """The sum of a group in the format. A sum of zero is +0."""
        if self.final_fraction is None:
            return into.round(finite(x), self.final)
        if x:
            x = cut(x, max(rational_floor_log2(abs(x)), self.final_emin) - self.final_fraction, self.final)
        return into.round(finite(x), Rounding.NEAREST_EVEN)

    def tree(self, items: Sequence[Tree], c: Tree | None = None) -> Tree:
        """One fused node a group: a late c too is cut to the greatest exponent of the products, which outlives their sum."""
        size = self.group or len(items)
        for at in range(0, len(items), size):
            group = items[at : at + size]
            summands = [node(group[i : i + self.presum], exact=True) for i in range(0, len(group), self.presum)]
            c = node([*(() if c is None else (c,)), *summands])
        assert c is not None
        return c

    def notation(self) -> str:
        shown = [(word, attribute) for word, attribute in WORDS.items() if attribute in ALWAYS or getattr(self, attribute) != getattr(Aligned, attribute)]
        return call("aligned", *(f"{word}={self._written(attribute)}" for word, attribute in shown))

    def _written(self, attribute: str) -> str:
        """The value of a field in the notation."""
        match getattr(self, attribute):
            case None:
                return NONE[attribute]
            case Rounding() as mode if attribute == "keep":
                return CUTS.get(mode, str(mode.value))
            case Enum(value=word):
                return str(word)
            case number:
                return str(number)


WORDS = {
    "group": "group", "F": "fraction", "keep": "keep", "final": "final", "final_F": "final_fraction", "final_emin": "final_emin", "zero": "zero", "least": "least",
    "presum": "presum", "interleave": "interleave", "limit": "limit", "c": "c", "sum_F": "sum_fraction", "c_F": "c_fraction", "c_range": "c_range", "nan": "nan",
}  # fmt: skip
"""The words of the notation, and the fields that they set."""
ALWAYS = ("group", "fraction", "keep", "final")
"""The fields that the notation always states."""
NONE = {"group": "all", "final_fraction": "format", "zero": "none", "least": "none", "limit": "none", "c_range": "none"}
"""The word for None, by field."""
CUTS = {Rounding.TOWARD_ZERO: "truncate", Rounding.TOWARD_NEGATIVE: "floor"}
"""What cutting a term is called."""


def cut(x: mpq, exponent: int, mode: Rounding) -> mpq:
    """x as a multiple of 2^exponent, rounded in a mode."""
    if not x:
        return x
    negative = x < 0
    refined, exact = rational_floor_scaled(abs(x), 1 - exponent)
    code, _ = round_code(refined, 1, exact, negative, mode)
    value = code * power_of_two(exponent)
    return -value if negative else value
