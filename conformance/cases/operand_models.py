"""Models of operands: B1 basic kinds, B9 special significands, B19 comparisons, B21 divisions of special data, B27 NaNs through conversions."""

from collections.abc import Hashable, Iterable
from itertools import product

from gmpy2 import mpq

from conformance.cases.coverage import Aim, Case, Model, Task
from conformance.cases.kinds import SHAPES, Kind, fraction, kinds, kinds_of, no_shape, plain_kinds, shapes_of, with_fraction
from conformance.cases.places import exponent_in, rational
from conformance.cases.scene import Scene, Sight
from conformance.cases.solve import anything, operands_for
from conformance.cases.stream import Draws
from formats.family import Format
from formats.floats import Float
from formats.projection import NaNs
from refmath.datum import Finite, NaN
from refmath.reals import Real, floor_log2, power_of_two

SIMPLEST = ("0", "one", "infinity", "greatest number", "greatest normal")
"""Kinds that zeros, infinities and NaNs come from; no format lacks all of them."""


def chosen(columns: tuple[Kind, ...]) -> Aim:
    """Operands of given kinds."""

    def aim(draws: Draws) -> Case:
        return tuple(kind.draw(draws) if kind.draw is not None else 0 for kind in columns)

    return aim


def why_not(columns: tuple[Kind, ...]) -> str:
    """Why there are no operands of these kinds, or nothing."""
    return next((kind.never for kind in columns if kind.draw is None), "")


def basic(scene: Scene) -> Model:
    """B1: every tuple of basic kinds as operands, and each as the result."""
    tasks = [
        Task(("in", *(kind.name for kind in columns)), ", ".join(kind.name for kind in columns), chosen(columns), why_not(columns))
        for columns in product(*(kinds(f) for f in scene.formats))
    ]
    if scene.numeric:
        tasks += [Task(("out", kind.name), f"result {kind.name}", _result_aim(scene, kind), _no_result(scene, kind)) for kind in kinds(scene.to)]

    def keys(sight: Sight) -> Iterable[Hashable]:
        found: list[Hashable] = []
        for names in product(*(kinds_of(f, code) for f, code in zip(scene.formats, sight.codes, strict=True))):
            found.append(("in", *names))
        if scene.numeric:
            found += [("out", name) for name in kinds_of(scene.to, sight.code)]
        return found

    return Model("B1", tuple(tasks), keys)


def _result_aim(scene: Scene, kind: Kind) -> Aim:
    """Operands whose result may be of a kind."""

    def aim(draws: Draws) -> Case | None:
        if kind.draw is None:
            return None
        datum = scene.to.decode(kind.draw(draws))
        if isinstance(datum, Finite) and datum.value and draws.below(4):
            return operands_for(scene, rational(datum.value), draws) or anything(scene, draws)
        simple = bool(draws.below(2))
        columns = tuple(draws.choice([k for k in kinds(f) if k.draw is not None and (not simple or k.name[1:] in SIMPLEST)]) for f in scene.formats)
        return chosen(columns)(draws)

    return aim


def _no_result(scene: Scene, kind: Kind) -> str:
    """Why no result is of a kind, or nothing."""
    if kind.draw is None:
        return kind.never
    rounding = scene.bound.op.name not in ("copy", "negate", "abs", "copysign")
    if rounding and "signalling" in kind.name:
        return "no operation that rounds delivers a signalling NaN"
    if rounding and "quiet" in kind.name and scene.how.nans in (NaNs.CANONICAL, NaNs.RISCV):
        return "the projection delivers the default NaN alone"
    if rounding and kind.name == "-default NaN" and scene.how.nans in (NaNs.CANONICAL, NaNs.RISCV):
        return "the default NaN of the projection is positive"
    return ""


def significands(scene: Scene) -> Model:
    """B9: every combination of shapes of significands."""
    tasks = []
    for names in product(SHAPES, repeat=len(scene.formats)):
        never = next((why for f, name in zip(scene.formats, names, strict=True) if (why := no_shape(f, name))), "")
        tasks.append(Task(names, ", ".join(names), _shaped_aim(scene, names), never))

    def keys(sight: Sight) -> Iterable[Hashable]:
        return product(*shapes(scene, sight))

    return Model("B9", tuple(tasks), keys)


def shapes(scene: Scene, sight: Sight) -> list[tuple[str, ...]]:
    """The shapes of each operand's significand."""
    found = []
    for f, code in zip(scene.formats, sight.codes, strict=True):
        bits = fraction(f, code)
        found.append(shapes_of(*bits) if bits is not None else ())
    return found


def _shaped_aim(scene: Scene, names: tuple[str, ...]) -> Aim:
    def aim(draws: Draws) -> Case | None:
        base = exponent_in(scene.formats[0], draws, *((-8, 8) if draws.below(2) else ()))
        codes = [with_fraction(f, exponent_in(f, draws, base - 8, base + 8), name, draws) for f, name in zip(scene.formats, names, strict=True)]
        return None if None in codes else tuple(code for code in codes if code is not None)

    return aim


CLASSES = ("+normal", "-normal", "+subnormal", "-subnormal", "0")


def compared(scene: Scene) -> Model:
    """B19: classes of both operands, the order of their exponents and of their significands."""
    f, g = scene.formats
    tasks = []
    for a, b in product(CLASSES, repeat=2):
        never = _no_class(f, a) or _no_class(g, b)
        for order, significand in product((-1, 0, 1), repeat=2):
            words = f"{a} and {b}, exponent {'<=>'[order + 1]}, significand {'<=>'[significand + 1]}"
            plain = "" if "0" not in (a, b) or order == significand == 0 else "zero has neither exponent nor significand"
            tasks.append(Task((a, b, order, significand), words, _compared_aim(scene, a, b, order, significand), never or plain))

    def keys(sight: Sight) -> Iterable[Hashable]:
        x, y = sight.data
        if not (isinstance(x, Finite) and isinstance(y, Finite)) or isinstance(x.value, Real) or isinstance(y.value, Real):
            return ()
        order = significand = 0
        if x.value and y.value:
            ex, ey = floor_log2(x.value), floor_log2(y.value)
            order = (ex > ey) - (ex < ey)
            sx, sy = abs(x.value) * power_of_two(-ex), abs(y.value) * power_of_two(-ey)
            significand = (sx > sy) - (sx < sy)
        return ((_class(f, sight.codes[0], x), _class(g, sight.codes[1], y), order, significand),)

    return Model("B19", tuple(tasks), keys)


def _class(f: Format, code: int, x: Finite) -> str:
    if not x.value:
        return "0"
    return f"{'-' if x.negative else '+'}{'subnormal' if f.is_subnormal(code) else 'normal'}"


def _no_class(f: Format, name: str) -> str:
    """Why a format has no number of a class, or nothing."""
    if name == "0":
        return "" if f.has_zero else f"{f.name} has no zero"
    if "subnormal" in name and (f.least_normal is None or f.least_normal <= f.least):
        return f"{f.name} has no subnormal numbers"
    return f"{f.name} has no negative numbers" if name[0] == "-" and (not f.signed or f.greatest(True) < f.least) else ""


def _of_class(f: Format, name: str, draws: Draws) -> int:
    """A code of a class."""
    if name == "0":
        return f.zero(f.has_negative_zero and bool(draws.below(2)))
    side, normal = name[0] == "-", f.least_normal or f.least
    low, high = (f.least, normal - 1) if "subnormal" in name else (max(normal, f.least), f.greatest(side))
    return f.join(side, draws.between(low, max(low, high)))


def _compared_aim(scene: Scene, a: str, b: str, order: int, significand: int) -> Aim:
    """One operand of its class, the other made from it by a step of exponent and of significand."""
    f, g = scene.formats

    def aim(draws: Draws) -> Case | None:
        x = _of_class(f, a, draws)
        datum = f.decode(x)
        if not draws.below(3) or "0" in (a, b) or not isinstance(datum, Finite) or not datum.value:
            return x, _of_class(g, b, draws)
        size = abs(rational(datum.value))
        e = floor_log2(size)
        scaled = size * power_of_two(-e)
        part = mpq(draws.getrandbits(30), 1 << 30)
        other = scaled if not significand else 1 + (scaled - 1) * part if significand > 0 else scaled + (2 - scaled) * part
        y = other * power_of_two(e - order * draws.between(1, 4))
        code = g.code_below(y)[0]
        return (x, g.join(b[0] == "-", min(code, g.greatest(b[0] == "-")))) if code >= g.least else None

    return aim


def divisions(scene: Scene) -> Model:
    """B21: zero, a number, infinity and NaN of either sign, by each of them."""
    tasks = [
        Task(tuple(kind.name for kind in columns), " by ".join(kind.name for kind in columns), chosen(columns), why_not(columns))
        for columns in product(*(plain_kinds(f) for f in scene.formats))
    ]

    def keys(sight: Sight) -> Iterable[Hashable]:
        return product(*([k.name for k in plain_kinds(f) if k.holds(code)] for f, code in zip(scene.formats, sight.codes, strict=True)))

    return Model("B21", tuple(tasks), keys)


def payloads(scene: Scene) -> Model:
    """B27: quiet and signalling NaNs, with and without bits in the part of the payload that the result keeps and in the part that it drops."""
    f, to = scene.formats[0], scene.to
    assert isinstance(f, Float)
    stored = f.trailing - 1
    kept = min(stored, max(to.trailing - 1, 0)) if isinstance(to, Float) else 0
    dropped = stored - kept
    tasks = []
    for signalling, upper, lower in product((False, True), repeat=3):
        words = f"{'signalling' if signalling else 'quiet'}, payload kept {'not 0' if upper else '0'}, dropped {'not 0' if lower else '0'}"
        never = ""
        if (upper and not kept) or (lower and not dropped):
            never = f"{f.name} has {stored} payload bits, of which {to.name} keeps {kept}"
        elif signalling and not upper and not lower:
            never = "a signalling NaN without payload would be infinity"
        aim: Aim = lambda draws, a=signalling, b=upper, c=lower: (_payload(f, kept, dropped, a, b, c, draws),)  # type: ignore[misc]  # noqa: E731
        tasks.append(Task((signalling, upper, lower), words, aim, never))

    def keys(sight: Sight) -> Iterable[Hashable]:
        x = sight.data[0]
        if not isinstance(x, NaN):
            return ()
        return ((x.signalling, bool(x.payload >> dropped), bool(x.payload & ((1 << dropped) - 1))),)

    return Model("B27", tuple(tasks), keys)


def _payload(f: Float, kept: int, dropped: int, signalling: bool, upper: bool, lower: bool, draws: Draws) -> int:
    high = draws.between(1, (1 << kept) - 1) if upper and kept else 0
    low = draws.between(1, (1 << dropped) - 1) if lower and dropped else 0
    stored = f.trailing - 1
    t = high << dropped | low | (0 if signalling else 1 << stored)
    return f.join(f.signed and bool(draws.below(2)), f.greatest() + 1 + t)
