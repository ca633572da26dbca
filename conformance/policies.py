"""What standards leave open on the way from an exact result to a code: axes of answers, for conversions and operations alike."""

from dataclasses import dataclass, replace
from typing import Any

from conformance.diagnose import Axis, Option
from conformance.numbers import brief
from formats.family import Format
from formats.floats import Float
from formats.projection import AbsentNaN, AbsentZero
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals, Tininess


@dataclass(frozen=True)
class Set:
    """Sets fields of a model's last projection."""

    fields: tuple[tuple[str, object], ...]

    def __call__(self, model: Any) -> Any:
        return replace(model, last=replace(model.last, **dict(self.fields)))


def axis(field: str, options: dict[Any, str], pervasive: bool = False) -> Axis[Any]:
    """The answers that set one field of the projection."""
    return Axis(field, tuple(Option(label, Set(((field, value),))) for value, label in options.items()), pervasive)


def overflow(target: Format, wraps: bool = True) -> Axis[Any]:
    """Out of the range of a float. ``wraps``: whether results may keep their low bits, which those of functions have too many of."""
    limit = extreme(target)
    found = axis(
        "overflow",
        {
            Overflow.IEEE: "overflow as in IEEE 754",
            Overflow.SATURATE_FINITE: f"overflow and infinity saturate to {limit}",
            Overflow.SATURATE_PROPAGATE: f"overflow saturates to {limit}, infinity stays",
            Overflow.TO_NAN: "overflow gives NaN",
            Overflow.WRAP: WRAPS,
        },
    )
    return found if wraps else replace(found, options=tuple(option for option in found.options if option.label != WRAPS))


WRAPS = "overflow keeps the low bits"


def absent_data(target: Format) -> list[Axis[Any]]:
    """What takes the place of a NaN or a zero that the format lacks, and ties where no standard says how to round."""
    found = []
    if not target.has_nan and isinstance(target, Float):
        words = {AbsentNaN.GREATEST: f"NaN becomes {extreme(target, False)}", AbsentNaN.SIGNED_GREATEST: f"NaN becomes {extreme(target)} by its sign"}
        found.append(axis("absent_nan", ABSENT_NAN | words))
    if not target.has_zero:
        nan = {AbsentZero.NAN_IF_EXACT: "zero becomes NaN", AbsentZero.NAN: "zero and what rounds to it become NaN"}
        found.append(axis("absent_zero", {AbsentZero.LEAST: "zero becomes the least value"} | nan))
    if isinstance(target, Float) and target.precision == 1:
        found.append(_ties())
    return found


ABSENT_NAN: dict[AbsentNaN, str] = {
    AbsentNaN.ZERO: "NaN becomes 0",
    AbsentNaN.NEGATIVE_ZERO: "NaN becomes -0",
    AbsentNaN.SIGNED_ZERO: "NaN becomes a zero of its sign",
    AbsentNaN.OPPOSITE_ZERO: "NaN becomes a zero of the opposite sign",
    AbsentNaN.LOWEST: "NaN becomes the lowest value",
}


def _ties() -> Axis[Any]:
    """Of a format that holds powers of two only, for which no standard says how to round."""
    words: dict[Rounding, str] = {
        Rounding.NEAREST_EVEN: "ties go to the even code",
        Rounding.NEAREST_AWAY: "ties go away from zero",
        Rounding.NEAREST_ZERO: "ties go toward zero",
        Rounding.TOWARD_ZERO: "rounds toward zero (floor of the logarithm)",
        Rounding.AWAY_FROM_ZERO: "rounds away from zero (ceiling of the logarithm)",
    }
    return axis("rounding", words, pervasive=True)


def nearest_ties() -> Axis[Any]:
    """Ties, of an emulator that says that it rounds to nearest and no more."""
    words: dict[Rounding, str] = {
        Rounding.NEAREST_EVEN: "ties go to the even code",
        Rounding.NEAREST_AWAY: "ties go away from zero",
        Rounding.NEAREST_ZERO: "ties go toward zero",
        Rounding.NEAREST_POSITIVE: "ties go up",
        Rounding.NEAREST_NEGATIVE: "ties go down",
        Rounding.NEAREST_ODD: "ties go to the odd code",
    }
    return axis("rounding", words, pervasive=True)


def flushing(sources: tuple[Format, ...], target: Format) -> list[Axis[Any]]:
    """Whether subnormal operands and results count as zero."""
    found = []
    if _has_subnormals(target):
        words = {Subnormals.KEEP: "", Subnormals.SIGNED_ZERO: "subnormal results become zero", Subnormals.POSITIVE_ZERO: "subnormal results become +0"}
        early = {Subnormals.SIGNED_ZERO: "zero", Subnormals.POSITIVE_ZERO: "+0"}
        options = tuple(
            Option(f"what is below the least normal value becomes {zero} before it is rounded", Set((("results", kind), ("tininess", Tininess.BEFORE))))
            for kind, zero in early.items()
        )
        late = axis("results", words)
        found.append(replace(late, options=late.options + options))
    if any(map(_has_subnormals, sources)):
        words = {Subnormals.KEEP: "", Subnormals.SIGNED_ZERO: "subnormal operands count as zero", Subnormals.POSITIVE_ZERO: "subnormal operands count as +0"}
        found.append(axis("operands", words))
    return found


def _has_subnormals(fmt: Format) -> bool:
    return isinstance(fmt, Float) and fmt.subnormals and fmt.trailing > 0


def extreme(target: Format, both: bool = True) -> str:
    """The value farthest out, in words."""
    return f"{'+-' if target.signed and both else ''}{brief(target, target.limit())}"
