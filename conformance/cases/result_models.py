"""Models of results: B2 close to the corners, B4 overflow, B5 underflow, B6 tiny results.

Results are placed in code space: a magnitude code and the quarter of the gap behind it, exact or strictly inside. So one definition serves subnormal numbers, p = 1,
posits and fixed point; ``+ 3 ulp`` is three codes further, as if the encoding went on.
"""

from collections.abc import Callable, Hashable, Iterable

from gmpy2 import mpq

from conformance.cases.coverage import Aim, Model, Task
from conformance.cases.places import rational
from conformance.cases.scene import Position, Scene, Sight, bottom, precision
from conformance.cases.solve import operands_for, toward
from conformance.cases.stream import Draws
from conformance.cases.theorems import no_interval, no_point
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from refmath.overflow import Overflow
from refmath.reals import compare, floor_log2, floor_scaled, is_negative, power_of_two

QUARTERS = (
    "exactly",
    "below a quarter past",
    "a quarter past",
    "below a half past",
    "half past",
    "above a half past",
    "three quarters past",
    "near the end past",
)
"""The eight places of a result in the gap that begins with a code."""


def sign_of(negative: bool) -> str:
    """The sign in a task's words."""
    return "-" if negative else "+"


def sides(f: Format) -> tuple[bool, ...]:
    """The signs that a format has numbers of."""
    return (False, True) if f.signed and f.greatest(True) >= f.least else (False,)


def goes_on(f: Format) -> bool:
    """Whether values beyond the greatest have codes of their own, as if the encoding went on."""
    return isinstance(f, Float | Fixed)


def quarter(place: Position) -> int:
    """Which of ``QUARTERS`` a result with two extra bits is in."""
    return 2 * place.tail + (not place.exact)


def edge(f: Format, code: int, quarter_index: int, negative: bool) -> mpq:
    """The value with which a quarter begins."""
    return rational(f.value((code << 2) + quarter_index // 2, 2, negative))


def gap_task(scene: Scene, key: Hashable, words: str, code: int, which: int, negative: bool) -> Task:
    """A result in one place of the gap that begins with a code."""
    low = edge(scene.to, code, which, negative)
    sign = -1 if negative else 1
    if which % 2 == 0:
        return Task(key, words, toward(scene, lambda draws: sign * low), no_point(scene, sign * low) if low else "zero is no nonzero result")
    high = edge(scene.to, code, which + 1, negative)

    def target(draws: Draws) -> mpq:
        return sign * (low + (high - low) * mpq(2 * draws.getrandbits(draws.below(20)) + 1, 1 << 21) * (1 << draws.below(2)))

    def inside(draws: Draws) -> mpq:
        bits = draws.between(1, 20)
        return sign * (low + (high - low) * mpq(draws.between(1, (1 << bits) - 1), 1 << bits))

    return Task(key, words, toward(scene, inside if low else target), no_interval(scene, low, high))


def exponent_task(scene: Scene, key: Hashable, words: str, e: int, negative: bool) -> Task:
    """A result of exponent e."""
    low = power_of_two(e)
    sign = -1 if negative else 1
    why = no_interval(scene, low, 2 * low) and no_point(scene, low)
    return Task(key, words, toward(scene, lambda draws: sign * low * (1 + mpq(draws.getrandbits(30), 1 << 30))), why)


def keyed(scene: Scene, keys: Callable[[Sight, Position], Iterable[Hashable]]) -> Callable[[Sight], Iterable[Hashable]]:
    """Keys of nonzero numbers by their place with two extra bits."""

    def of(sight: Sight) -> Iterable[Hashable]:
        x = sight.value
        return () if x is None else keys(sight, scene.position(x, 2))

    return of


def overflow(scene: Scene) -> Model:
    """B4."""
    f = scene.to
    tasks: list[Task] = []
    last = {side: f.greatest(side) for side in sides(f)}
    for side in sides(f):
        for d in range(-3, 4 if goes_on(f) else 1):
            code = last[side] + d
            if code >= f.least:
                for which, words in enumerate(QUARTERS if d < 0 or goes_on(f) else QUARTERS[:1]):
                    tasks.append(gap_task(scene, ("near", side, d, which), f"{sign_of(side)}(greatest {d:+d} ulp), {words}", code, which, side))
        far = rational(f.value(last[side], 0, side))
        sign = -1 if side else 1

        def target(draws: Draws, far: mpq = far, sign: int = sign) -> mpq:
            return sign * far * (1 + mpq(draws.getrandbits(24), 1 << 20)) * (1 << draws.below(4))

        tasks.append(Task(("beyond", side), f"{sign_of(side)}beyond the greatest", toward(scene, target), no_interval(scene, far, far * 2**64)))
        for e in range(-3, 4):
            words = f"{sign_of(side)}exponent emax{e:+d}" if e else f"{sign_of(side)}exponent emax"
            tasks.append(exponent_task(scene, ("exponent", side, e), words, floor_log2(far) + e, side))
    emax = {side: floor_log2(f.value(last[side], 0, side)) for side in sides(f)}

    def keys(sight: Sight, place: Position) -> Iterable[Hashable]:
        assert sight.value is not None
        found: list[Hashable] = [("exponent", place.negative, floor_log2(sight.value) - emax.get(place.negative, 0))]
        d = place.kept - last.get(place.negative, 0)
        if place.negative in last:
            found.append(("near", place.negative, d, quarter(place)))
            if d > 0 or (d == 0 and (place.tail or not place.exact)):
                found.append(("beyond", place.negative))
        return found

    return Model("B4", tuple(tasks), keyed(scene, keys))


def underflow(scene: Scene) -> Model:
    """B5."""
    f = scene.to
    normal = f.least_normal
    codes = {code: f"least + {code - f.least} ulp" if code >= f.least else "zero" for code in range(f.least + 4)}
    if normal is not None and normal > f.least:
        codes |= {normal + d: f"least normal {d:+d} ulp" if d else "least normal" for d in range(-3, 4) if normal + d >= 0}
    tasks: list[Task] = []
    for side in sides(f):
        for code, name in sorted(codes.items()):
            if code <= f.greatest(side):
                for which, words in enumerate(QUARTERS):
                    if code or which:
                        tasks.append(gap_task(scene, (side, code, which), f"{sign_of(side)}({name}), {words}", code, which, side))
        if normal is not None and normal > f.least:
            low, high = rational(f.value(f.least)), rational(f.value(normal))
            sign = -1 if side else 1

            def target(draws: Draws, low: mpq = low, high: mpq = high, sign: int = sign) -> mpq:
                return sign * (low + (high - low) * mpq(draws.getrandbits(40), 1 << 40))

            tasks.append(Task((side, "subnormal"), f"{sign_of(side)}any subnormal result", toward(scene, target), no_interval(scene, mpq(0), high)))
        first = f.emin if isinstance(f, Float) else bottom(f)
        for e in range(6):
            words = f"{sign_of(side)}exponent emin + {e}" if e else f"{sign_of(side)}exponent emin"
            tasks.append(exponent_task(scene, (side, "exponent", first + e), words, first + e, side))

    def keys(sight: Sight, place: Position) -> Iterable[Hashable]:
        assert sight.value is not None
        found: list[Hashable] = [(place.negative, place.kept, quarter(place)), (place.negative, "exponent", floor_log2(sight.value))]
        if normal is not None and place.kept < normal:
            found.append((place.negative, "subnormal"))
        return found

    return Model("B5", tuple(tasks), keyed(scene, keys))


def tiny(scene: Scene) -> Model:
    """B6: below the least positive value, in either half; of floats with every last bit, guard and sticky of the significand that a wider range would give."""
    f = scene.to
    m = rational(f.value(f.least))
    p = scene.precision
    tasks: list[Task] = []
    for side in sides(f):
        for upper in (False, True):
            for bits in range(8) if isinstance(f, Float) else (None,):
                tasks.append(_tiny_task(scene, side, upper, bits, m, p))

    def keys(sight: Sight) -> Iterable[Hashable]:
        x = sight.value
        if x is None:
            return ()
        if compare(x, m) >= 0:
            return ()
        if not isinstance(f, Float):
            return ((is_negative(x), compare(x, m / 2) > 0, None),)
        whole, exact = floor_scaled(x, p - floor_log2(x))
        return ((is_negative(x), compare(x, m / 2) > 0, (whole >> 1 & 1) << 2 | (whole & 1) << 1 | (not exact)),)

    return Model("B6", tuple(tasks), keys)


def _tiny_task(scene: Scene, side: bool, upper: bool, bits: int | None, m: mpq, p: int) -> Task:
    """One half of the gap between zero and the least value, with a last bit, a guard bit and a sticky bit where they are told apart."""
    if bits is None:
        low, high = (m / 2, m) if upper else (mpq(0), m / 2)
        aim = toward(scene, lambda draws: (-1 if side else 1) * (low + (high - low) * mpq(draws.between(1, 1 << 12), 1 << 12)))
        why = no_interval(scene, low, high) if upper else no_interval(scene, low, high) and no_point(scene, m / 2)
        return Task((side, upper, None), f"{sign_of(side)}({'m/2, m' if upper else '0, m/2'})", aim, why)
    lsb, guard, sticky = bits >> 2, bits >> 1 & 1, bits & 1
    words = f"{sign_of(side)}({'m/2, m' if upper else '0, m/2'}), LSB {lsb}, guard {guard}, sticky {sticky}"
    sign = -1 if side else 1

    def target(draws: Draws) -> mpq:
        e = floor_log2(m) - 1 - (0 if upper else draws.below(4))
        head = (1 << (p - 1) | draws.getrandbits(max(p - 1, 0))) & ~1 | lsb
        number = (head << 1 | guard) * power_of_two(20) + (draws.between(1, (1 << 20) - 1) if sticky else 0)
        return sign * number * power_of_two(e - p - 20)

    low, high = (m / 2, m) if upper else (mpq(0), m / 2)
    why = no_interval(scene, low, high) if upper else no_interval(scene, low, high) and no_point(scene, m / 2)
    if guard and not sticky and scene.bound.op.name in ("divide", "sqrt") and all(precision(f) <= p for f in scene.formats):
        why = "an exact quotient or root has no more significand bits than its operand"
    elif p == 1 and not lsb:
        why = "a significand of one bit ends in 1"
    elif p == 2 and upper and not bits and m.numerator == 1:
        why = "it would be m/2"
    return Task((side, upper, bits), words, toward(scene, target), why)


def near_corners(scene: Scene) -> Model:
    """B2: results one bit away from the corners."""
    f = scene.to
    bits = f.trailing if isinstance(f, Float) else f.width - f.signed
    corners = {0: "zero", f.code_below(mpq(1))[0]: "one", f.least: "the least value", f.greatest(): "the greatest value"}
    if f.least_normal is not None and f.least_normal > f.least:
        corners |= {f.least_normal - 1: "the greatest subnormal value", f.least_normal: "the least normal value"}
    wanted: dict[tuple[bool, int], list[str]] = {}
    for side in sides(f):
        for code, name in corners.items():
            for k in range(bits):
                if f.least <= code ^ (1 << k) <= f.greatest(side):
                    wanted.setdefault((side, code ^ (1 << k)), []).append(f"{name} but for bit {k}")
    tasks = [Task(key, f"{sign_of(key[0])}{' = '.join(names)}", *_corner(scene, *key)) for key, names in sorted(wanted.items())]

    def keys(sight: Sight) -> Iterable[Hashable]:
        found = f.magnitude(sight.code)
        return () if found is None else (found,)

    return Model("B2", tuple(tasks), keys)


def _corner(scene: Scene, side: bool, code: int) -> tuple[Aim, str]:
    """The aim at a delivered code, and why it is impossible."""
    f = scene.to
    x = rational(f.value(code, 0, side))
    low = rational(f.value(code - 1, 0, side)) if code > f.least else mpq(0)
    high = rational(f.value(code + 1, 0, side)) if code < f.greatest(side) else x * power_of_two(64)
    sign = -1 if side else 1

    def around(draws: Draws) -> mpq:
        part = mpq(draws.between(-(1 << 8), 1 << 8), 1 << 9)
        return sign * (x + part * (min(high, 2 * x) - x if part > 0 else x - low))

    def aim(draws: Draws) -> tuple[int, ...] | None:
        return operands_for(scene, sign * x, draws) if draws.below(2) else toward(scene, around)(draws)

    why = "" if scene.how.overflow is Overflow.WRAP else no_interval(scene, low, high) and no_point(scene, x)
    return aim, why
