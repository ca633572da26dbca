"""What a coverage model looks at: an operation with its formats, and single cases of it with everything that the exact reference says of them."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import NamedTuple

from gmpy2 import mpq

from formats.arithmetic import Bound, BoundCode, decoder, operation
from formats.family import Format
from formats.floats import Float
from formats.projection import Projection
from refmath.datum import Datum, Finite
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.operations.operation import Kind
from refmath.reals import Exact, Real, floor_log2, power_of_two

ENUMERATED_BITS = 16
"""Operations whose operands have so many bits together are tried on all of them, so that what is not found is proven impossible."""


class Sight(NamedTuple):
    """A case, and what the reference delivers for it."""

    codes: tuple[int, ...]
    data: tuple[Datum, ...]
    """What the operands mean."""
    exact: Datum | bool | str
    """The result before it is rounded."""
    code: int
    flags: Flags

    @property
    def value(self) -> Exact | None:
        """The exact result where it is a nonzero number."""
        return self.exact.value if isinstance(self.exact, Finite) and self.exact.value else None


class Position(NamedTuple):
    """Where an exact result lies between the codes of its format."""

    negative: bool
    kept: int
    """The magnitude code below it."""
    tail: int
    """The bits behind it, as many as were asked for: guard bit first."""
    exact: bool
    """Whether nothing follows those bits."""


@dataclass(frozen=True)
class Scene:
    """An operation with its formats and its projection."""

    name: str
    formats: tuple[Format, ...]
    to: Format
    how: Projection

    @cached_property
    def bound(self) -> Bound | BoundCode:
        """The reference."""
        return operation(self.name, *self.formats, to=self.to, projection=self.how)

    @property
    def numeric(self) -> bool:
        """Whether the result is a number."""
        return self.bound.op.kind is Kind.NUMBER

    @property
    def bits(self) -> int:
        """Bits of all operands together."""
        return sum(f.width for f in self.formats)

    @cached_property
    def precision(self) -> int:
        """p of the result format."""
        return precision(self.to)

    def see(self, codes: tuple[int, ...]) -> Sight | None:
        """A case; None where the projection refuses to deliver anything."""
        try:
            result = self.bound(*codes)
        except RefmathError:
            return None
        data = tuple(decoder(f, self.how.operands)[code][0] for f, code in zip(self.formats, codes, strict=True))
        return Sight(codes, data, result.exact, result.code, result.flags)

    def position(self, x: Exact, extra: int) -> Position:
        """Where x != 0 lies in the result format, with ``extra`` bits behind the code."""
        negative = x.negative if isinstance(x, Real) else x < 0
        refined, exact = self.to.code_below(x, extra, negative)
        return Position(negative, refined >> extra, refined & ((1 << extra) - 1), exact)


@lru_cache(maxsize=3)
def every_sight(scene: Scene) -> tuple[Sight, ...]:
    """All cases of a scene with few operand bits that the projection delivers something for."""
    assert scene.bits <= ENUMERATED_BITS
    seen = (scene.see(codes) for codes in product(*(range(f.codes) for f in scene.formats)))
    return tuple(sight for sight in seen if sight is not None)


@lru_cache(maxsize=256)
def precision(f: Format) -> int:
    """The greatest number of significand bits that a value of the format has: p of a float."""
    if isinstance(f, Float):
        return f.precision
    greatest = f.greatest()
    places = {0, 1, greatest, greatest >> 1, (greatest >> 1) + 1, f.code_below(mpq(1))[0]}
    steps = [f.value(code) for code in sorted(places) if f.least <= code < greatest]
    counted = [_significant_bits(f, x) for x in steps if not isinstance(x, Real)]
    return max(counted, default=1)


def _significant_bits(f: Format, x: mpq) -> int:
    """Bits of the significand of x, from its leading one down to the unit in its last place."""
    code = f.code_below(x)[0]
    above = f.value(code + 1)
    step = above - x if not isinstance(above, Real) and code < f.greatest() else x
    return max(1, floor_log2(x) - floor_log2(step) + 1) if step > 0 else 1


def exponent(x: Datum) -> int | None:
    """floor(log2 |x|) of a nonzero number."""
    return floor_log2(x.value) if isinstance(x, Finite) and x.value else None


@lru_cache(maxsize=256)
def top(f: Format) -> int:
    """The exponent of the greatest magnitude."""
    return max(floor_log2(f.value(f.greatest(side), 0, side)) for side in (False, True) if f.greatest(side) >= f.least)


@lru_cache(maxsize=256)
def bottom(f: Format) -> int:
    """The exponent of the least positive value."""
    return floor_log2(f.value(f.least))


def quantum(f: Format) -> mpq | None:
    """The greatest power of two of which every value is a multiple; None where there is none."""
    least = f.value(f.least)
    if isinstance(least, Real) or least.denominator & (least.denominator - 1):
        return None
    if isinstance(f, Float) and not f.subnormals:
        return power_of_two(f.emin - f.trailing)
    return least if least.numerator == 1 else power_of_two(1 - int(least.denominator).bit_length())
