"""Models of exponents: B10 to B13 of sums, B14 to B17 of fused sums: how far the terms are shifted, how much they cancel, where the result lands."""

from collections.abc import Hashable, Iterable
from itertools import product

from gmpy2 import mpq

from conformance.cases.coverage import Aim, Case, Model, Task
from conformance.cases.kinds import SHAPES, has_fraction, no_shape
from conformance.cases.operand_models import shapes
from conformance.cases.places import exponent_in, near, signed, value
from conformance.cases.scene import Scene, Sight, bottom, precision, top
from conformance.cases.stream import Draws
from conformance.cases.terms import first_term, is_fused, placed, product_range, terms
from conformance.cases.theorems import extent, has_grid
from refmath.reals import floor_log2, power_of_two

SMALL, LARGE = -(1 << 30), 1 << 30
"""What stands for all differences beyond the ends."""


def differences(scene: Scene) -> list[int]:
    """Every difference of exponents that is told apart, with those of all beyond at the ends."""
    p = scene.precision
    low, high = (-(p + 1), 2 * p + 1) if is_fused(scene) else (-(p + 4), p + 4)
    return [SMALL, *range(low, high + 1), LARGE]


def named(d: int, scene: Scene) -> str:
    """A difference in words: of fused sums it is counted as exponent(addend) - exponent(product)."""
    inner = differences(scene)[1:-1]
    sign = -1 if is_fused(scene) else 1
    if d in (SMALL, LARGE):
        end = sign * (inner[0] if d == SMALL else inner[-1])
        return f"{'>' if (d == LARGE) == (sign > 0) else '<'} {end}"
    return f"{sign * d}"


def impossible_difference(scene: Scene, d: int) -> str:
    """Why no two terms differ so much, or nothing."""
    (a, b), g = product_range(scene), scene.formats[-1]
    inner = differences(scene)[1:-1]
    lowest, highest = a - top(g), b - bottom(g)
    low, high = (SMALL, inner[0] - 1) if d == SMALL else (inner[-1] + 1, LARGE) if d == LARGE else (d, d)
    if high < lowest or low > highest:
        return f"exponents of the terms differ by {lowest} to {highest}"
    return ""


def bucket(scene: Scene, d: int) -> int:
    """The difference, or the end beyond which it lies."""
    inner = differences(scene)
    return SMALL if d < inner[1] else LARGE if d > inner[-2] else d


def drawn_difference(scene: Scene, d: int, draws: Draws) -> int:
    """A difference out of a bucket."""
    inner = differences(scene)
    (a, b), g = product_range(scene), scene.formats[-1]
    if d == SMALL:
        return draws.between(min(a - top(g), inner[1] - 1), inner[1] - 1) if draws.below(2) else inner[1] - 1 - draws.below(4)
    if d == LARGE:
        return draws.between(inner[-2] + 1, max(b - bottom(g), inner[-2] + 1)) if draws.below(2) else inner[-2] + 1 + draws.below(4)
    return d


def shifted(scene: Scene, d: int, same: bool | None, outer: tuple[str, str] | None) -> Aim:
    """Terms whose exponents differ by d, of the same or of opposite signs, with shapes of significands."""
    g = scene.formats[-1]

    def aim(draws: Draws) -> Case | None:
        difference = drawn_difference(scene, d, draws)
        found = first_term(scene, draws, bottom(g) + difference, top(g) + difference, outer[0] if outer else None)
        if found is None:
            return None
        codes, first = found
        last = placed(g, floor_log2(first) - difference, outer[1] if outer else None, draws)
        if last is None:
            return None
        second = value(g, last)
        if second and same is not None and g.signed:
            turned = (second < 0) != (scene.bound.op.name == "subtract")
            if ((first < 0) == turned) != same:
                last = near(g, -second)
        return (*codes, last)

    return aim


def shifts(scene: Scene, name: str) -> Model:
    """B10 and B14: every shift, with both effective operations."""
    tasks = []
    for d in differences(scene):
        for same in (True, False):
            words = f"exponent difference {named(d, scene)}, effective {'addition' if same else 'subtraction'}"
            never = impossible_difference(scene, d) or _one_sign(scene, same)
            tasks.append(Task((d, same), words, shifted(scene, d, same, None), never))

    def keys(sight: Sight) -> Iterable[Hashable]:
        found = terms(scene, sight)
        if found is None:
            return ()
        return ((bucket(scene, floor_log2(found.first) - floor_log2(found.second)), (found.first < 0) == (found.second < 0)),)

    return Model(name, tuple(tasks), keys)


def _one_sign(scene: Scene, same: bool) -> str:
    """Why terms cannot have the same or opposite signs, or nothing."""
    if any(f.signed for f in scene.formats):
        return ""
    return f"unsigned operands are only {'subtracted' if same else 'added'}" if same == (scene.bound.op.name == "subtract") else ""


def shaped_shifts(scene: Scene, name: str) -> Model:
    """B11 and B15: every shift, with every pair of shapes of significands: of x and y, or of the first factor and the addend."""
    tasks = []
    for d in differences(scene):
        for outer in product(SHAPES, SHAPES):
            words = f"exponent difference {named(d, scene)}, {outer[0]} and {outer[1]}"
            never = impossible_difference(scene, d) or _no_shape(scene, outer)
            tasks.append(Task((d, *outer), words, shifted(scene, d, None, outer), never))

    def keys(sight: Sight) -> Iterable[Hashable]:
        found = terms(scene, sight)
        if found is None:
            return ()
        d = bucket(scene, floor_log2(found.first) - floor_log2(found.second))
        columns = shapes(scene, sight)
        return ((d, a, b) for a, b in product(columns[0], columns[-1]))

    return Model(name, tuple(tasks), keys)


def _no_shape(scene: Scene, outer: tuple[str, str]) -> str:
    return no_shape(scene.formats[0], outer[0]) or no_shape(scene.formats[-1], outer[1])


def depths(scene: Scene) -> range:
    """Cancellations: exponent of the result minus that of the greater term."""
    p = scene.precision
    return range(-(2 * p + 1) if is_fused(scene) else -p, 2)


def cancelled(scene: Scene, depth: int, landing: int | None) -> Aim:
    """Terms that cancel to a depth, the result having an exponent where one is wanted."""
    g = scene.formats[-1]

    def aim(draws: Draws) -> Case | None:
        low, high = product_range(scene)
        if landing is not None:
            low, high = landing - depth - 1, landing - depth
        elif depth < -1:
            low = max(low, bottom(scene.to) - depth)
        found = first_term(scene, draws, low, max(low, high), draws.choice((None, None, "all zeros", "all ones")) if has_fraction(scene.formats[0]) else None)
        if found is None:
            return None
        codes, first = found
        e = (floor_log2(first) if draws.below(2) or not depth > 0 else floor_log2(first) - 1) + depth
        rest = (
            signed(scene.to, (1 + mpq(draws.getrandbits(12), 1 << 12)) * power_of_two(e), draws) if draws.below(4) else signed(scene.to, power_of_two(e), draws)
        )
        second = (rest if draws.below(8) else mpq(0)) - first
        return (*codes, near(g, -second if scene.bound.op.name == "subtract" else second))

    if not is_fused(scene):
        return aim
    return lambda draws: (_deep(scene, depth, draws) if draws.below(2) and depth < -scene.precision // 2 else None) or aim(draws)


def _deep(scene: Scene, depth: int, draws: Draws) -> Case | None:
    """A product whose low bits alone are left when the addend takes the high ones."""
    p, q = precision(scene.formats[0]), precision(scene.formats[1])
    x = 1 << (p - 1) | draws.getrandbits(max(p - 1, 0)) | 1
    left = p + q + depth
    wanted = 1 << max(left - 1, 0) | draws.getrandbits(max(left - 1, 0))
    y = wanted * pow(x, -1, 1 << q) % (1 << q)
    if not y:
        return None
    ex, ey = exponent_in(scene.formats[0], draws), exponent_in(scene.formats[1], draws)
    a, b = x * power_of_two(ex - p + 1), y * power_of_two(ey - q + 1)
    a, b = signed(scene.formats[0], a, draws), signed(scene.formats[1], b, draws)
    codes = near(scene.formats[0], a), near(scene.formats[1], b)
    total = a * b
    unit = abs(total) / (x * y)
    high = total - (wanted % (1 << max(left, 0))) * unit * (1 if total > 0 else -1)
    return (*codes, near(scene.formats[2], -high))


def cancellations(scene: Scene, name: str) -> Model:
    """B12 and B16: every depth of cancellation."""
    tasks = [Task(c, f"cancellation {c:+d}", cancelled(scene, c, None), _no_depth(scene, c)) for c in depths(scene)]

    def keys(sight: Sight) -> Iterable[Hashable]:
        depth = _depth(scene, sight)
        return () if depth is None else (depth,)

    return Model(name, tuple(tasks), keys)


def _depth(scene: Scene, sight: Sight) -> int | None:
    """The cancellation of a case."""
    found = terms(scene, sight)
    if found is None or sight.value is None:
        return None
    return floor_log2(sight.value) - max(floor_log2(found.first), floor_log2(found.second))


def _no_depth(scene: Scene, depth: int) -> str:
    """Why terms cannot cancel so far, or nothing."""
    bounds = extent(scene)
    _, b = product_range(scene)
    highest = max(b, top(scene.formats[-1]))
    if bounds is not None and highest + depth < floor_log2(bounds[0]):
        return f"terms have exponents up to {highest} and no result is below 2^{floor_log2(bounds[0])}"
    if depth >= -1:
        return ""
    p = [precision(f) for f in scene.formats]
    bits = max(sum(p[:-1]), p[-1])
    if depth < -bits and all(has_grid(f) for f in scene.formats):
        return f"terms of at most {bits} significand bits, their exponents at most 1 apart, leave nothing smaller"
    return _one_sign(scene, False)


def subnormal_exponents(scene: Scene) -> range:
    """The exponents of subnormal results."""
    f = scene.to
    assert f.least_normal is not None
    return range(bottom(f), floor_log2(f.value(f.least_normal)))


def subnormal_cancellations(scene: Scene, name: str) -> Model:
    """B13 and B17: every depth of cancellation with every exponent of a subnormal result."""
    tasks = []
    bounds = extent(scene)
    for c, e in product(depths(scene), subnormal_exponents(scene)):
        never = _no_depth(scene, c)
        if bounds is not None and power_of_two(e + 1) <= bounds[0]:
            never = f"no nonzero exact result is below 2^{floor_log2(bounds[0])}"
        _, b = product_range(scene)
        if e - c > max(b, top(scene.formats[-1])):
            never = f"no term has the exponent {e - c}"
        tasks.append(Task((c, e), f"cancellation {c:+d}, result of exponent {e}", cancelled(scene, c, e), never))

    def keys(sight: Sight) -> Iterable[Hashable]:
        depth = _depth(scene, sight)
        return () if depth is None or sight.value is None else ((depth, floor_log2(sight.value)),)

    return Model(name, tuple(tasks), keys)
