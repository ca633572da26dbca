"""The two exact terms of a sum: of x + y and x - y the operands, the sign of y turned where they are subtracted; of x y + z the product and the addend."""

from functools import lru_cache
from typing import NamedTuple

from gmpy2 import mpq

from conformance.cases.coverage import Case
from conformance.cases.kinds import with_fraction
from conformance.cases.places import at, exponent_in, value
from conformance.cases.scene import Scene, Sight, bottom, top
from conformance.cases.stream import Draws
from conformance.cases.theorems import greatest, least
from formats.family import Format
from refmath.datum import Finite
from refmath.reals import Real, floor_log2


class Terms(NamedTuple):
    """The two exact terms of a sum."""

    first: mpq
    second: mpq


def is_fused(scene: Scene) -> bool:
    """Whether the first term is a product."""
    return scene.bound.op.name == "fma"


def terms(scene: Scene, sight: Sight) -> Terms | None:
    """The terms of a case, where both are nonzero numbers."""
    numbers = [x.value if isinstance(x, Finite) and not isinstance(x.value, Real) else None for x in sight.data]
    if None in numbers or not all(numbers):
        return None
    known = [x for x in numbers if x is not None]
    if is_fused(scene):
        return Terms(known[0] * known[1], known[2])
    return Terms(known[0], -known[1] if scene.bound.op.name == "subtract" else known[1])


@lru_cache(maxsize=256)
def product_range(scene: Scene) -> tuple[int, int]:
    """The least and the greatest exponent of the first term."""
    if not is_fused(scene):
        return bottom(scene.formats[0]), top(scene.formats[0])
    f, g = scene.formats[:2]
    return floor_log2(least(f) * least(g)), floor_log2(greatest(f) * greatest(g))


def first_term(scene: Scene, draws: Draws, low: int, high: int, shape: str | None) -> tuple[Case, mpq] | None:
    """Operands of the first term, of an exponent within bounds, and its value."""
    f = scene.formats[0]
    if not is_fused(scene):
        x = placed(f, exponent_in(f, draws, low, high), shape, draws)
        size = value(f, x) if x is not None else None
        return ((x,), size) if x is not None and size else None
    g = scene.formats[1]
    e = draws.between(max(low, bottom(f) + bottom(g)), max(low, min(high, top(f) + top(g))))
    ex = exponent_in(f, draws, e - top(g) - 1, e - bottom(g))
    x, y = placed(f, ex, shape, draws), at(g, exponent_in(g, draws, e - ex - 1, e - ex), draws)
    if x is None:
        return None
    a, b = value(f, x), value(g, y)
    return ((x, y), a * b) if a and b else None


def placed(f: Format, e: int, shape: str | None, draws: Draws) -> int | None:
    """The code of a number of exponent e, its significand of a shape where one is wanted."""
    return at(f, e, draws) if shape is None else with_fraction(f, e, shape, draws)
