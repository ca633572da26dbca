"""Models of the bits behind a result: B3 every rounding decision, B7 a single sticky bit, B8 runs of extra bits; B28 and B29 the same for rounding to integers.

The intermediate result is the exact one, cut where it will be rounded: at the p-th significand bit of a normal number, at the last bit of a subnormal one, at the
last bit of a posit. LSB is the last bit kept, guard the first one dropped, sticky whether any later one is set.
"""

from collections.abc import Hashable, Iterable

from gmpy2 import mpq

from conformance.cases.coverage import Aim, Case, Model, Task
from conformance.cases.places import near, rational
from conformance.cases.result_models import sides, sign_of
from conformance.cases.scene import Scene, Sight, precision, quantum
from conformance.cases.stream import Draws
from conformance.cases.tails import tail_aim
from conformance.cases.theorems import extent, grid, has_grid
from formats.floats import Float
from refmath.datum import Finite, Infinity
from refmath.reals import Real, floor_log2, floor_scaled, is_negative, power_of_two

ENDLESS = ("divide", "sqrt", "reciprocal", "rsqrt", "hypot")
"""Operations whose results go on without end, so that only the first extra bits can be wanted."""


def corners(scene: Scene) -> Model:
    """B3: sign, LSB, guard and sticky, of normal and of subnormal results."""
    f = scene.to
    normal = f.least_normal if f.least_normal is not None and f.least_normal > f.least else None
    regions = (False, True) if normal is not None else (False,)
    tasks = []
    for side in sides(f):
        for subnormal in regions:
            for bits in range(8):
                lsb, guard, sticky = bits >> 2, bits >> 1 & 1, bits & 1
                words = f"{sign_of(side)}LSB {lsb}, guard {guard}, sticky {sticky}, {'a subnormal' if subnormal else 'a normal' if normal else 'a'} result"
                low, high = (0, normal - 1) if subnormal and normal is not None else (normal or f.least, f.greatest(side))
                aim = tail_aim(scene, side, low, high, lsb, 1 + 12 * sticky, guard << (12 * sticky), loose=bool(sticky))
                tasks.append(Task((side, subnormal, bits), words, aim, never_bits(scene, subnormal, lsb, guard, sticky)))

    def keys(sight: Sight) -> Iterable[Hashable]:
        x = sight.value
        if x is None:
            return ()
        place = scene.position(x, 1)
        subnormal = normal is not None and place.kept < normal
        if place.kept > f.greatest(place.negative) or (not subnormal and place.kept < f.least):
            return ()
        return ((place.negative, subnormal, (place.kept & 1) << 2 | place.tail << 1 | (not place.exact)),)

    return Model("B3", tuple(tasks), keys)


def never_bits(scene: Scene, subnormal: bool, lsb: int, guard: int, sticky: int) -> str:
    """Why a result cannot have these bits behind it, or nothing."""
    f = scene.to
    bounds, step = extent(scene), grid(scene)
    if subnormal and f.least_normal == 2 and not (lsb or guard or sticky):
        return f"{f.name} has one subnormal value, and its code is odd"
    if subnormal and f.least_normal is not None:
        if bounds and bounds[0] >= rational(f.value(f.least_normal)):
            return "no nonzero exact result is subnormal"
        last = quantum(f)
        if step and last and (guard or sticky) and (step / last).denominator == 1:
            return "every exact result is a multiple of the least subnormal value, so that a subnormal result is exact"
    name = scene.bound.op.name
    source = scene.formats[0]
    narrow = isinstance(f, Float) and has_grid(source) and precision(source) <= scene.precision
    if name in ("divide", "sqrt") and guard and not sticky and not subnormal and narrow:
        return f"an exact {'quotient' if name == 'divide' else 'root'} has no more significand bits than its operand: it is never half way"
    if name == "convert" and (guard or sticky) and not subnormal and narrow:
        return "the source has no more significand bits than the result"
    return ""


def extra_bits(scene: Scene) -> int:
    """How many bits behind the guard bit a result can have that the model looks at."""
    p = [precision(f) for f in scene.formats]
    match scene.bound.op.name:
        case "multiply":
            extra = p[0] + p[1] - scene.precision - 1
        case "fma":
            extra = p[0] + p[1] + p[2] - scene.precision - 1
        case "convert":
            extra = p[0] - scene.precision - 1
        case "add" | "subtract" | "faa":
            extra = max(p)
        case _:
            extra = scene.precision - 1
    return max(1, min(extra, 2 * max(p)))


def _open(scene: Scene) -> bool:
    return scene.bound.op.name in ENDLESS or scene.bound.op.name not in ("add", "subtract", "multiply", "fma", "faa", "fmm", "convert", "remainder", "fmod")


def sticky(scene: Scene) -> Model:
    """B7: guard 0 and a single 1 among the extra bits; where results have no end, the first 1."""
    f, count, endless = scene.to, extra_bits(scene), _open(scene)
    tasks = []
    for side in sides(f):
        for k in range(1, count + 1):
            words = f"{sign_of(side)}guard 0, {'the first' if endless else 'a single'} 1 in extra bit {k}"
            tasks.append(Task((side, k), words, tail_aim(scene, side, *_kept(scene, side), None, k + 1, 1, loose=endless)))

    def keys(sight: Sight) -> Iterable[Hashable]:
        x = sight.value
        if x is None:
            return ()
        place = scene.position(x, count + 1)
        tail = place.tail
        if not tail or tail >> count or (not endless and (not place.exact or tail & (tail - 1))) or place.kept > f.greatest(place.negative):
            return ()
        return ((place.negative, count + 1 - tail.bit_length()),)

    return Model("B7", tuple(tasks), keys)


def _kept(scene: Scene, side: bool) -> tuple[int, int]:
    """The range of magnitude codes that a kept part is drawn from."""
    f = scene.to
    return max(f.least_normal or f.least, f.least), f.greatest(side)


def runs(scene: Scene) -> Model:
    """B8: the extra bits behind the guard bit are a run of zeros and then ones, or of ones and then zeros, with every LSB and guard bit."""
    f, endless = scene.to, _open(scene)
    count = min(extra_bits(scene), max(precision(f) for f in scene.formats))
    ones = (1 << count) - 1
    shapes = {(1 << j) - 1: f"{count - j} zeros and {j} ones" for j in range(1, count + 1)}
    shapes |= {ones ^ ((1 << j) - 1): f"{count - j} ones and {j} zeros" for j in range(1, count)}
    tasks = []
    for shape, name in shapes.items():
        for bits in range(4):
            lsb, guard = bits >> 1, bits & 1
            aim = tail_aim(scene, False, *_kept(scene, False), lsb, count + 1, guard << count | shape, loose=endless)
            tasks.append(Task((bits, shape), f"LSB {lsb}, guard {guard}, extra bits of {name}", aim))

    def keys(sight: Sight) -> Iterable[Hashable]:
        x = sight.value
        if x is None:
            return ()
        place = scene.position(x, count + 1)
        if (not endless and not place.exact) or place.kept > f.greatest(place.negative):
            return ()
        return (((place.kept & 1) << 1 | place.tail >> count, place.tail & ones),)

    return Model("B8", tuple(tasks), keys)


def integral_kinds(scene: Scene) -> Model:
    """B28: operands around small integers, and of every kind."""
    f = scene.formats[0]
    quarters = [mpq(n, 4) for n in range(5, 12)]
    tasks: list[Task] = []

    def fixed(x: mpq) -> Aim:
        return lambda draws: (near(f, x),)

    for x in [mpq(0), mpq(1), *quarters]:
        for side in sides(f):
            value = -x if side else x
            code = f.zero(side) if not x and f.has_zero else near(f, value)
            datum = f.decode(code)
            exact = isinstance(datum, Finite) and datum.value == value and (not side or x or f.has_negative_zero)
            aim: Aim = lambda draws, code=code: (code,)  # type: ignore[misc]  # noqa: E731
            tasks.append(Task((side, x), f"{sign_of(side)}{x}", aim, "" if exact else f"{f.name} has no {sign_of(side)}{x}"))
    for side in sides(f):
        sign = -1 if side else 1
        tasks.append(Task((side, "between"), f"{sign_of(side)}(0, 1)", _drawn(scene, sign, -8, -1)))
        tasks.append(Task((side, "any"), f"{sign_of(side)}(1, 2^p)", _drawn(scene, sign, 0, precision(f) - 1)))
        kind = f.infinity(side) if f.has_infinity else None
        never = "" if kind is not None else f"{f.name} has no infinity"
        tasks.append(Task((side, "infinity"), f"{sign_of(side)}infinity", lambda draws, kind=kind: None if kind is None else (kind,), never))  # type: ignore[misc]
    tasks.append(Task("nan", "NaN", lambda draws: (f.nan(),) if f.has_nan else None, "" if f.has_nan else f"{f.name} has no NaN"))

    def keys(sight: Sight) -> Iterable[Hashable]:
        match sight.data[0]:
            case Infinity(negative):
                return ((negative, "infinity"),)
            case Finite(x, negative):
                if isinstance(x, Real):
                    return ()
                size = abs(x)
                found: list[Hashable] = [(negative, size)]
                if 0 < size < 1:
                    found.append((negative, "between"))
                elif 1 < size < 1 << precision(f):
                    found.append((negative, "any"))
                return found
            case _:
                return ("nan",)

    return Model("B28", tuple(tasks), keys)


def _drawn(scene: Scene, sign: int, low: int, high: int) -> Aim:
    """Any operand with an exponent from ``low`` to ``high``."""

    def aim(draws: Draws) -> Case:
        return (near(scene.formats[0], sign * (1 + mpq(draws.getrandbits(40), 1 << 40)) * power_of_two(draws.between(low, max(low, high)))),)

    return aim


def integral_corners(scene: Scene) -> Model:
    """B29: sign, LSB, guard and sticky at the binary point."""
    f = scene.formats[0]
    tasks = []
    for side in sides(f):
        for bits in range(8):
            lsb, guard, sticky = bits >> 2, bits >> 1 & 1, bits & 1
            tasks.append(Task((side, bits), f"{sign_of(side)}LSB {lsb}, guard {guard}, sticky {sticky} at the binary point", _pointed(scene, side, bits)))

    def keys(sight: Sight) -> Iterable[Hashable]:
        datum = sight.data[0]
        if not isinstance(datum, Finite) or not datum.value:
            return ()
        whole, exact = floor_scaled(datum.value, 1) if floor_log2(datum.value) >= -1 else (0, False)
        return ((is_negative(datum.value), (whole >> 1 & 1) << 2 | (whole & 1) << 1 | (not exact)),)

    return Model("B29", tuple(tasks), keys)


def _pointed(scene: Scene, side: bool, bits: int) -> Aim:
    f = scene.formats[0]
    room = precision(f)

    def aim(draws: Draws) -> Case:
        tail = draws.between(0, max(0, room - 2))
        whole = (draws.getrandbits(draws.between(0, max(0, room - 2 - tail))) & ~1) | bits >> 2
        rest = draws.between(1, (1 << tail) - 1) if bits & 1 and tail else bits & 1
        x = mpq((whole << 1 | bits >> 1 & 1) << tail | (rest if tail else 0), 2 << tail)
        if bits & 1 and not tail:
            x += mpq(1, 8)
        return (near(f, -x if side else x),)

    return aim
