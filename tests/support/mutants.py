"""Operations with a planted bug: what a data path delivers that makes one well-known mistake and is right otherwise.

Each works on the exact result of the reference and goes wrong where the mistake is made: in the bits behind the result, in the carry, in the choice at the ends of the
range, in signs and special data, in flags.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gmpy2 import mpq

from conformance.cases.scene import Scene, Sight, precision
from conformance.cases.terms import terms
from formats.arithmetic import Bound
from formats.floats import Float
from formats.projection import Projection
from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.reals import Exact, Real, floor_log2
from refmath.rounding import Rounding
from refmath.underflow import Subnormals, Tininess

Delivered = tuple[int, Flags]
SUMS = ("add", "subtract", "fma")


@dataclass(frozen=True)
class Mutant:
    """A planted bug."""

    name: str
    work: Callable[[Scene, Sight], Delivered]
    never: Callable[[Scene], str]
    """Why it cannot show in a format or an operation, or nothing."""
    operations: tuple[str, ...] = ()
    """The operations that it can be planted in; all where empty."""


def project(scene: Scene, x: Exact | Datum, how: Projection) -> Delivered:
    """What a projection delivers; what the right one delivers where this one refuses."""
    try:
        return scene.to.project(x, how)
    except RefmathError:
        return scene.to.project(x, scene.how)


def changed(**fields: object) -> Callable[[Scene, Sight], Delivered]:
    """The right result under a changed projection, its flags right but for tininess."""

    def work(scene: Scene, sight: Sight) -> Delivered:
        if sight.value is None:
            return sight.code, sight.flags
        code, flags = project(scene, sight.value, replace(scene.how, **fields))  # type: ignore[arg-type]
        return code, flags if "tininess" in fields else sight.flags

    return work


def dropped_sticky(scene: Scene, sight: Sight) -> Delivered:
    """Rounds by the last bit and the guard bit alone."""
    if sight.value is None:
        return sight.code, sight.flags
    place = scene.position(sight.value, 1)
    x = scene.to.value(place.kept << 1 | place.tail, 1, place.negative)
    datum = Finite(-x if place.negative and not isinstance(x, Real) else x, place.negative)
    return project(scene, datum, scene.how)[0], sight.flags


def double_rounding(scene: Scene, sight: Sight) -> Delivered:
    """Rounds to two more bits first."""
    if sight.value is None:
        return sight.code, sight.flags
    place = scene.position(sight.value, 3)
    refined = place.kept << 3 | place.tail
    first = (refined >> 1) + (refined & 1 and (not place.exact or refined >> 1 & 1))
    x = scene.to.value(first, 2, place.negative)
    if isinstance(x, Real):
        return sight.code, sight.flags
    return project(scene, Finite(-x if place.negative else x, place.negative), scene.how)[0], sight.flags


def early_overflow(scene: Scene, sight: Sight) -> Delivered:
    """Takes what rounds to the greatest number for an overflow."""
    found = scene.to.magnitude(sight.code)
    if sight.value is None or found is None or found[1] != scene.to.greatest(found[0]) or sight.flags & Flags.OVERFLOW:
        return sight.code, sight.flags
    beyond = mpq(2) ** (floor_log2(scene.to.value(found[1], 0, found[0])) + 8)
    return project(scene, -beyond if found[0] else beyond, scene.how)


def missing_carry(scene: Scene, sight: Sight) -> Delivered:
    """Loses the carry of a rounding out of the significand."""
    if sight.value is None:
        return sight.code, sight.flags
    place, found = scene.position(sight.value, 1), scene.to.magnitude(sight.code)
    if found is None or found[1] != place.kept + 1:
        return sight.code, sight.flags
    bits = scene.to.trailing if isinstance(scene.to, Float) else max(1, precision(scene.to) - 2)
    low = (1 << bits) - 1
    return (scene.to.join(found[0], place.kept & ~low) if place.kept & low == low else sight.code), sight.flags


def flushed_operand(scene: Scene, sight: Sight) -> Delivered:
    """Reads subnormal operands as zeros."""
    if not any(f.is_subnormal(code) for f, code in zip(scene.formats, sight.codes, strict=True)):
        return sight.code, sight.flags
    bound = scene.bound
    assert isinstance(bound, Bound)
    try:
        found = Bound(bound.op, scene.formats, scene.to, replace(scene.how, operands=Subnormals.SIGNED_ZERO), bound.dialect)(*sight.codes)
    except RefmathError:
        return scene.to.greatest(), sight.flags
    return found.code, found.flags


def cancellation_sign(scene: Scene, sight: Sight) -> Delivered:
    """Gives a difference of terms with the same exponent the sign of the first."""
    found = terms(scene, sight)
    if found is None or sight.value is None or (found.first < 0) == (found.second < 0) or floor_log2(found.first) != floor_log2(found.second):
        return sight.code, sight.flags
    x = sight.value
    assert not isinstance(x, Real)
    return project(scene, -abs(x) if found.first < 0 else abs(x), scene.how)[0], sight.flags


def zero_sign(scene: Scene, sight: Sight) -> Delivered:
    """Delivers every zero as +0."""
    datum = scene.to.decode(sight.code)
    return (scene.to.zero() if isinstance(datum, Finite) and not datum.value else sight.code), sight.flags


def is_nan(x: Datum) -> bool:
    """NaN or NaR."""
    return isinstance(x, NaN | NotAReal)


def lost_nan(scene: Scene, sight: Sight) -> Delivered:
    """Computes with NaN operands as if they were numbers: the result is the greatest number."""
    if not any(is_nan(x) for x in sight.data) or not is_nan(scene.to.decode(sight.code)):
        return sight.code, sight.flags
    return scene.to.join(False, scene.to.greatest()), sight.flags


def lost_invalid(scene: Scene, sight: Sight) -> Delivered:
    """Delivers infinity, or the greatest number, for an operation of infinities and zeros that has no result."""
    if any(is_nan(x) for x in sight.data) or not is_nan(scene.to.decode(sight.code)) or sight.value is not None:
        return sight.code, sight.flags
    return (scene.to.infinity() if scene.to.has_infinity else scene.to.join(False, scene.to.greatest())), sight.flags


def saturates(scene: Scene, sight: Sight) -> Delivered:
    """Delivers the greatest number where a number overflows to infinity."""
    datum = scene.to.decode(sight.code)
    if isinstance(datum, Infinity) and sight.value is not None:
        return scene.to.limit(datum.negative), sight.flags
    return sight.code, sight.flags


def small_term_lost(scene: Scene, sight: Sight) -> Delivered:
    """Drops the smaller term of a sum altogether where it is shifted out."""
    found = terms(scene, sight)
    if found is None or abs(floor_log2(found.first) - floor_log2(found.second)) <= scene.precision + 1:
        return sight.code, sight.flags
    return project(scene, max(found, key=abs), scene.how)


def subnormal(scene: Scene) -> bool:
    """Whether the result format has subnormal numbers."""
    return scene.to.least_normal is not None and scene.to.least_normal > scene.to.least


def nothing(scene: Scene) -> str:
    """It can show everywhere."""
    return ""


def needs_subnormals(scene: Scene) -> str:
    """It shows in subnormal numbers alone."""
    return "" if subnormal(scene) else f"{scene.to.name} has no subnormal numbers"


def needs_tininess(scene: Scene) -> str:
    """It shows in the underflow flag of an inexact result beside the least normal number."""
    if scene.bound.op.name in ("add", "subtract"):
        return "a sum below the least normal number is exact"
    if scene.bound.op.name == "divide":
        return "no quotient is near enough below the least normal number to round to it in full precision"
    return needs_subnormals(scene)


def needs_zero_signs(scene: Scene) -> str:
    """It shows in negative zeros."""
    return "" if scene.to.has_negative_zero else f"{scene.to.name} has one zero"


def needs_nan(scene: Scene) -> str:
    """It shows in NaN operands."""
    return "" if any(f.has_nan for f in scene.formats) and scene.to.has_nan else f"{scene.to.name} has no NaN"


def needs_invalid(scene: Scene) -> str:
    """It shows where there is no result: of infinities, or of a division by zero."""
    if not scene.to.has_nan:
        return f"{scene.to.name} has no NaN"
    infinite = any(f.has_infinity for f in scene.formats)
    return "" if infinite or scene.bound.op.name in ("divide", "remainder") else f"operands without infinities always have a result in {scene.bound.op.name}"


def needs_infinity(scene: Scene) -> str:
    """It shows in an overflow to infinity."""
    return "" if scene.to.has_infinity else f"{scene.to.name} has no infinity"


MUTANTS = (
    Mutant("sticky bit dropped", dropped_sticky, nothing),
    Mutant("ties round up", changed(rounding=Rounding.NEAREST_POSITIVE), nothing),
    Mutant("ties round away", changed(rounding=Rounding.NEAREST_AWAY), nothing),
    Mutant("truncates", changed(rounding=Rounding.TOWARD_ZERO), nothing),
    Mutant("overflows early", early_overflow, nothing),
    Mutant("flushes subnormal results", changed(results=Subnormals.SIGNED_ZERO), needs_subnormals),
    Mutant("flushes subnormal operands", flushed_operand, needs_subnormals),
    Mutant("wrong sign after cancellation", cancellation_sign, nothing, SUMS),
    Mutant("tininess before rounding", changed(tininess=Tininess.BEFORE), needs_tininess),
    Mutant("NaN lost", lost_nan, needs_nan),
    Mutant("invalid operation not seen", lost_invalid, needs_invalid),
    Mutant("carry missing", missing_carry, nothing),
    Mutant("sign of zero lost", zero_sign, needs_zero_signs),
    Mutant("rounds twice", double_rounding, nothing),
    Mutant("saturates instead of overflowing", saturates, needs_infinity),
    Mutant("small term lost", small_term_lost, nothing, SUMS),
)
