"""Models of integers and exact results: B20 exact quotients, B22 to B24 conversions to integers, B25 and B26 from integers."""

from collections.abc import Hashable, Iterable

from gmpy2 import mpq

from conformance.cases.coverage import Aim, Case, Model, Task
from conformance.cases.factors import low_bit
from conformance.cases.places import near, value
from conformance.cases.result_models import sides, sign_of
from conformance.cases.scene import Scene, Sight, bottom, precision, top
from conformance.cases.solve import operands_for
from conformance.cases.stream import Draws
from conformance.cases.theorems import has_grid
from formats.family import Format
from formats.fixed import Fixed
from refmath.datum import Finite
from refmath.reals import Real, floor_log2, power_of_two


def trailing_zeros(scene: Scene) -> Model:
    """B20: exact results whose significand of p bits ends in 1, 10, 100, ..., a single one and zeros."""
    p = scene.precision
    tasks = []
    for side in sides(scene.to):
        for zeros in range(p):
            words = f"{sign_of(side)}exact, significand ends in {zeros} zero{'s' if zeros != 1 else ''}"
            tasks.append(Task((side, zeros), words, _ending(scene, side, zeros), _no_ending(scene, side, zeros)))

    def keys(sight: Sight) -> Iterable[Hashable]:
        x = sight.value
        if x is None or isinstance(x, Real):
            return ()
        low = low_bit(x)
        return () if low is None else ((x < 0, p - 1 - (floor_log2(x) - low)),)

    return Model("B20", tuple(tasks), keys)


def _no_ending(scene: Scene, side: bool, zeros: int) -> str:
    """Why no exact result ends so, or nothing."""
    f, p, name = scene.formats[0], scene.precision, scene.bound.op.name
    if name == "sqrt" and side:
        return "no root is negative"
    if name == "sqrt" and has_grid(f) and 2 * (p - zeros) - 1 > precision(f):
        return f"the square of such a root has more than the {precision(f)} bits of the operand"
    if name == "divide" and has_grid(f) and p - zeros > precision(f):
        return f"an exact quotient has at most the {precision(f)} significand bits of the dividend"
    return ""


def _ending(scene: Scene, side: bool, zeros: int) -> Aim:
    bits = scene.precision - zeros

    def aim(draws: Draws) -> Case | None:
        odd = 1 << (bits - 1) | draws.getrandbits(max(bits - 1, 0)) | 1
        x = odd * power_of_two(draws.between(max(bottom(scene.to), -40), min(top(scene.to), 40)) - bits + 1)
        return operands_for(scene, -x if side else x, draws)

    return aim


def is_integer_result(scene: Scene) -> bool:
    """Whether results are fixed point, and operands are not."""
    return isinstance(scene.to, Fixed) and not isinstance(scene.formats[0], Fixed)


def widths(scene: Scene) -> Model:
    """B22: operands of every exponent from below the unit to beyond the width."""
    f, to = scene.formats[0], scene.to
    assert isinstance(to, Fixed)
    tasks = []
    for side in sides(f):
        for e in range(-to.fraction_bits - 3, to.width - to.fraction_bits + 4):
            never = "" if bottom(f) <= e <= top(f) else f"{f.name} has exponents from {bottom(f)} to {top(f)}"
            tasks.append(Task((side, e), f"{sign_of(side)}exponent {e}", _exponent(f, side, e), never))

    def keys(sight: Sight) -> Iterable[Hashable]:
        x = sight.data[0]
        return ((x.negative, floor_log2(x.value)),) if isinstance(x, Finite) and x.value else ()

    return Model("B22", tuple(tasks), keys)


def _exponent(f: Format, side: bool, e: int) -> Aim:
    return lambda draws: (near(f, (-1 if side else 1) * (1 + mpq(draws.getrandbits(60), 1 << 60) * mpq(4095, 4096)) * power_of_two(e)),)


def points(scene: Scene, name: str, wanted: list[tuple[str, mpq]]) -> Model:
    """Operands of given values."""
    f = scene.formats[0]
    tasks = []
    for words, x in wanted:
        code = near(f, x) if x or not f.has_zero else f.zero()
        never = "" if value(f, code) == x else f"{f.name} has no such value"
        aim: Aim = lambda draws, code=code: (code,)  # type: ignore[misc]  # noqa: E731
        tasks.append(Task(x, words, aim, never))

    def keys(sight: Sight) -> Iterable[Hashable]:
        x = sight.data[0]
        return (x.value,) if isinstance(x, Finite) and not isinstance(x.value, Real) else ()

    return Model(name, tuple({task.key: task for task in tasks}.values()), keys)


def around_limits(scene: Scene) -> Model:
    """B23: the limits of the integer format and quarters around them."""
    to = scene.to
    assert isinstance(to, Fixed)
    step = power_of_two(-to.fraction_bits)
    limits = [("greatest", to.greatest() * step), ("lowest", -to.greatest(True) * step)]
    return points(scene, "B23", [(f"{name} {mpq(n, 4)} steps off" if n else name, limit + step * mpq(n, 4)) for name, limit in limits for n in range(-4, 5)])


def around_zero(scene: Scene) -> Model:
    """B24: quarters around -1, 0 and 1."""
    to = scene.to
    assert isinstance(to, Fixed)
    step = power_of_two(-to.fraction_bits)
    return points(scene, "B24", [(f"{mpq(n, 4)} steps", step * mpq(n, 4)) for n in range(-7, 8)])


def from_limits(scene: Scene) -> Model:
    """B25: the limits of the integer format, 0, 1, -1, and any other."""
    f = scene.formats[0]
    assert isinstance(f, Fixed)
    corners = {"greatest": f.greatest(), "lowest": f.greatest(True), "0": 0, "+1": 1, "-1": 1}
    tasks = []
    for name, size in corners.items():
        side = name in ("lowest", "-1")
        never = "" if not side or f.greatest(True) else f"{f.name} has no negative numbers"
        code = f.join(side, min(size, f.greatest(side)))
        tasks.append(Task(name, name, lambda draws, code=code: (code,), never))  # type: ignore[misc]
    tasks.append(Task("any", "any other", lambda draws: (draws.below(f.codes),)))

    def keys(sight: Sight) -> Iterable[Hashable]:
        negative, size = f.magnitude(sight.codes[0])
        found = [name for name, other in corners.items() if (size == other and negative == (name in ("lowest", "-1") and size > 0))]
        return found or ["any"]

    return Model("B25", tuple(tasks), keys)


def from_intervals(scene: Scene) -> Model:
    """B26: an integer between any two powers of two."""
    f = scene.formats[0]
    assert isinstance(f, Fixed)
    tasks = []
    for side in sides(f):
        for k in range(f.greatest(side).bit_length()):
            high = min((2 << k) - 1, f.greatest(side))
            aim: Aim = lambda draws, side=side, k=k, high=high: (f.join(side, draws.between(1 << k, high)),)  # type: ignore[misc]  # noqa: E731
            tasks.append(Task((side, k), f"{sign_of(side)}[2^{k}, 2^{k + 1}) steps", aim))

    def keys(sight: Sight) -> Iterable[Hashable]:
        negative, size = f.magnitude(sight.codes[0])
        return ((negative, size.bit_length() - 1),)

    return Model("B26", tuple(tasks), keys)
