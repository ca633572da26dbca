"""What standards leave open about blocks, and how implementations are known to get them wrong: the axes and deviations of ``conformance.blocks``.

A choice that the function documents is no question: another one found there is a defect, with the same words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from conformance.block_quirks import LEAST, QUIRKS, SIGNED_ZERO
from conformance.blocks import BlockClaim, Model
from conformance.claims import Draws
from conformance.diagnose import Axis, Option
from formats.block_policies import InfiniteLane, Integers, Logarithm, NaNLane, Order, ScaleRule, SmallScale
from formats.codebook import Codebook, Middle
from formats.fixed import Fixed
from formats.floats import Float
from formats.notation import parse, text
from formats.projection import AbsentNaN
from formats.quantizer import Division
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding

WORDS: dict[str, dict[Enum, str]] = {
    "rule": {
        ScaleRule.FLOOR: "scale rule floor: 2^(floor(log2 amax) - emax)",
        ScaleRule.CEIL: "scale rule ceil: 2^(ceil(log2 amax) - emax)",
        ScaleRule.EVEN: "scale rule even: amax is rounded to the precision of an element before its exponent is taken",
        ScaleRule.RCEIL: "scale rule rceil: the least power of two that keeps amax in range",
        ScaleRule.RATIO: "scale rule ratio: amax / greatest element, rounded",
        ScaleRule.MAX_ABS: "scale rule max_abs: amax itself, rounded",
    },
    "log2": {Logarithm.EXACT: "log2 is exact", Logarithm.BINARY32: "log2 in binary32: wrong just below a power of two"},
    "zero_block": {
        SmallScale.LEAST: "a block of zeros has the least scale",
        SmallScale.LEAST_NORMAL: "a block of zeros has the least normal scale",
        SmallScale.ONE: "a block of zeros has the scale 1",
        SmallScale.ZERO: "a block of zeros has the scale 0",
    },
    "small_scale": {
        SmallScale.LEAST: "a scale below the range becomes the least one",
        SmallScale.LEAST_NORMAL: "a scale below the range becomes the least normal one",
        SmallScale.ONE: "a scale below the range becomes 1",
        SmallScale.ZERO: "a scale below the range becomes 0",
    },
    "nan": {NaNLane.BLOCK: "a NaN makes the whole block NaN", NaNLane.ELEMENT: "a NaN leaves the rest of its block alone"},
    "infinity": {
        InfiniteLane.BLOCK: "an infinity makes the whole block NaN",
        InfiniteLane.ELEMENT: "an infinity leaves the rest of its block alone",
        InfiniteLane.OVERFLOW: "an infinity gives the scale of an infinite amax",
        InfiniteLane.EXPONENT: "an infinity counts as 2^128",
    },
    "scale_overflow": {
        Overflow.SATURATE_FINITE: "a scale beyond the range becomes the greatest one",
        Overflow.TO_NAN: "a scale beyond the range becomes NaN",
        Overflow.IEEE: "a scale beyond the range becomes infinite",
    },
    "division": {
        Division.EXACT: "values are divided by the scale exactly",
        Division.DIVIDE: "values are divided by the scale in binary32",
        Division.MULTIPLY: "values are multiplied by the rounded reciprocal of the scale",
    },
    "ratio": {
        Division.EXACT: "amax / greatest element is exact",
        Division.DIVIDE: "amax / greatest element is rounded to binary32",
        Division.MULTIPLY: "amax is multiplied by the rounded reciprocal of the greatest element",
    },
    "scale_rounding": {
        Rounding.NEAREST_EVEN: "scales are rounded to nearest even",
        Rounding.TOWARD_ZERO: "scales are truncated",
        Rounding.AWAY_FROM_ZERO: "scales are rounded up",
        Rounding.NEAREST_AWAY: "ties of scales go up",
    },
    "overflow": {
        Overflow.SATURATE_FINITE: "elements saturate",
        Overflow.SATURATE_PROPAGATE: "elements saturate, infinities stay",
        Overflow.IEEE: "elements overflow to infinity",
        Overflow.TO_NAN: "elements overflow to NaN",
        Overflow.WRAP: "elements beyond the range keep the low bits",
    },
    "integers": {
        Integers.TWOS_COMPLEMENT: "the most negative integer is used",
        Integers.SYMMETRIC: "the most negative integer is left out",
    },
    "absent_nan": {
        AbsentNaN.ZERO: "a NaN element becomes 0",
        AbsentNaN.NEGATIVE_ZERO: "a NaN element becomes -0",
        AbsentNaN.SIGNED_ZERO: "a NaN element becomes a zero of its sign",
        AbsentNaN.GREATEST: "a NaN element becomes the greatest value",
        AbsentNaN.SIGNED_GREATEST: "a NaN element becomes the greatest value of its sign",
        AbsentNaN.LOWEST: "a NaN element becomes the lowest value",
    },
    "order": {
        Order.EXACT: "each quotient is exact",
        Order.TRANSFORMER_ENGINE: "steps in binary32 in TransformerEngine's order",
        Order.TORCHAO: "steps in binary32 in torchao's order",
        Order.GRAPHCORE: "steps in binary32 in Graphcore's order",
    },
}
ELEMENT_ROUNDING = {
    Rounding.NEAREST_EVEN: "ties of elements go to even",
    Rounding.NEAREST_AWAY: "ties of elements go away from zero",
    Rounding.NEAREST_ZERO: "ties of elements go toward zero",
    Rounding.NEAREST_POSITIVE: "ties of elements go up",
    Rounding.NEAREST_NEGATIVE: "ties of elements go down",
    Rounding.TOWARD_ZERO: "elements are truncated",
}
LEAST_WORDS = "the power of two of amax is not below {}, which is none: scales of small blocks are no powers of two"
QUIRK_WORDS = {
    "elements_flushed": "subnormal elements become zero",
    "summed": "values are added to six times the scale in binary32, and rounded twice so",
    "half_up": "values next below half the least element become that: half a step is added in the operand's precision",
    "unsigned_zero": "the sign of zero elements is lost",
    "zeros_by_value": "positive values that become zero get the code of -0, others that of 0: both stand in one sorted list",
    "operands_flushed": "subnormal operands count as zero",
    "normal_divisor": "values are divided by 2^-126 where the scale is smaller",
    "zeros_lost": "zeros become -1.5 where the reciprocal of the tensor scale overflows: 0 times infinity is a NaN, whose leading bits are kept",
    "looked_up": "scaled values are looked up in a table of 65,536 equal steps from -1 to 1",
    "rounded_thresholds": "the thresholds between elements are rounded to binary32",
    "tiny_divisor": "values are divided by 1e-38 where the scale is smaller",
    "least_1e-12": LEAST_WORDS.format("1e-12"),
    "least_1e-10": LEAST_WORDS.format("1e-10"),
    "least_1e-8": LEAST_WORDS.format("1e-8"),
    "zero_quotient": "negative values whose quotient by the scale underflows in binary32 become +0",
    "undivided": "values are not divided at all under the least scale",
    "log2_binary64": "log2 in binary64: wrong just below a power of two",
    "scale_up": "scales are twice too great",
    "scale_down": "scales are half of what they should be",
    "signed_maximum": "the greatest value is taken for the greatest magnitude",
    "axis": "blocks lie along the other axis",
}
assert set(QUIRKS) <= set(QUIRK_WORDS)


@dataclass(frozen=True)
class _Policy:
    """Sets a field of the policy."""

    field: str
    value: Any

    def __call__(self, model: Model) -> Model:
        changes: dict[str, Any] = {self.field: self.value}
        if self.field == "order" and self.value is not Order.EXACT:
            changes["rule"] = ScaleRule.RATIO
        return replace(model, fmt=replace(model.fmt, policy=replace(model.fmt.policy, **changes)))


@dataclass(frozen=True)
class _Quirk:
    quirk: str

    def __call__(self, model: Model) -> Model:
        return replace(model, quirks=(*model.quirks, self.quirk))


@dataclass(frozen=True)
class _First:
    via: Any

    def __call__(self, model: Model) -> Model:
        return replace(model, first=self.via)


def axes(claim: BlockClaim) -> list[Axis[Model]]:
    """The questions that a claim leaves open, with the choice that it names first left without words."""
    found = [Axis(field, tuple(options)) for field in OPEN if field not in claim.settled and len(options := _options(claim, field)) > 1]
    if claim.gives is not None and claim.gives.has_negative_zero and not claim.block.element.has_negative_zero:
        words = ("zeros keep the sign of what they come from", "what rounds to zero keeps its sign, and -0 becomes 0")
        found.append(Axis("zeros", tuple(Option(text, _Quirk(quirk)) for quirk, text in zip(SIGNED_ZERO, words, strict=True))))
    return found


OPEN = (
    "infinity",
    "nan",
    "absent_nan",
    "zero_block",
    "small_scale",
    "scale_overflow",
    "rule",
    "ratio",
    "scale_rounding",
    "division",
    "rounding",
    "integers",
    "overflow",
)


def deviations(claim: BlockClaim) -> list[Option[Model]]:
    """Known ways of getting blocks wrong, simplest first."""
    found = [option for field in DOCUMENTED if field in claim.settled or field == "log2" for option in _options(claim, field)[1:]]
    quirks = [name for name in QUIRK_WORDS if _meets(claim, name)]
    found += [Option(QUIRK_WORDS[name], _Quirk(name)) for name in quirks]
    source = claim.operands[0]
    for name in ("bfloat16", "binary16"):
        via = parse(name)
        if via.width < source.width:
            found.append(Option(f"values are rounded to {text(via)} first", _First(via)))
    return found


def suites(claim: BlockClaim) -> list[tuple[Option[Model], ...]]:
    """Deviations that go together in libraries that compute a power of two for the scale in binary32 and give values back."""
    if claim.gives is None or not _possible(claim, "log2", Logarithm.BINARY32) or not _meets(claim, "scale_down"):
        return []
    log2 = Option(WORDS["log2"][Logarithm.BINARY32], _Policy("log2", Logarithm.BINARY32))
    quirks = [[name for name in (*shift, least, "zero_quotient") if _meets(claim, name)] for shift in ((), ("scale_down",)) for least in LEAST]
    return [(log2, *(Option(QUIRK_WORDS[name], _Quirk(name)) for name in names)) for names in quirks]


DOCUMENTED = (
    "rule",
    "log2",
    "rounding",
    "division",
    "ratio",
    "scale_rounding",
    "zero_block",
    "small_scale",
    "scale_overflow",
    "nan",
    "infinity",
    "overflow",
    "integers",
    "order",
)


def _options(claim: BlockClaim, field: str) -> list[Option[Model]]:
    """The choices of a field that this format meets, its own first and without words."""
    policy = claim.block.policy
    words: Mapping[Any, str] = ELEMENT_ROUNDING if field == "rounding" else WORDS[field]
    own = getattr(policy, field)
    if field == "rounding" and claim.draws is not Draws.NONE:
        return [Option("", _Policy(field, own))]
    values = [value for value in words if value is not own and _possible(claim, field, value)]
    if field == "rounding" and field in claim.settled:
        values += [mode for mode in DETERMINISTIC if mode not in words and mode is not own]
    return [Option("", _Policy(field, own))] + [Option(words.get(value) or f"elements are rounded {value.value}", _Policy(field, value)) for value in values]


def _possible(claim: BlockClaim, field: str, value: Any) -> bool:
    """Whether a choice means something in a format."""
    fmt = claim.block
    scale, element, policy = fmt.scale, fmt.element, fmt.policy
    powers = isinstance(scale, Float) and scale.precision == 1
    exponents = policy.rule in (ScaleRule.FLOOR, ScaleRule.CEIL, ScaleRule.EVEN, ScaleRule.RCEIL)
    match field:
        case "rule":
            same = (ScaleRule.FLOOR, ScaleRule.CEIL, ScaleRule.EVEN, ScaleRule.RCEIL) if powers else (ScaleRule.RATIO, ScaleRule.MAX_ABS)
            return policy.order is Order.EXACT and (value in same or (not powers and exponents))
        case "log2":
            return exponents and policy.order is Order.EXACT
        case "ratio":
            return policy.rule in (ScaleRule.RATIO, ScaleRule.RCEIL) and policy.order is Order.EXACT
        case "scale_rounding":
            return not exponents
        case "zero_block" | "small_scale":
            return (value is not SmallScale.ZERO or scale.has_zero) and (value is not SmallScale.LEAST_NORMAL or not powers)
        case "scale_overflow":
            return (value is not Overflow.TO_NAN or scale.has_nan) and (value is not Overflow.IEEE or scale.has_infinity)
        case "nan" | "infinity":
            return value.value != "block" or scale.has_nan
        case "absent_nan":
            return not element.has_nan and (value not in (AbsentNaN.NEGATIVE_ZERO, AbsentNaN.SIGNED_ZERO) or element.has_negative_zero)
        case "integers":
            return isinstance(element, Fixed) and element.signed
        case "overflow":
            return not (value is Overflow.TO_NAN and not element.has_nan) and not (
                value in (Overflow.IEEE, Overflow.SATURATE_PROPAGATE) and not element.has_infinity
            )
        case "division":
            return policy.order is Order.EXACT and (value is not Division.EXACT or powers)
        case "order":
            return policy.order is not Order.EXACT or not powers
        case _:
            return True


def _meets(claim: BlockClaim, quirk: str) -> bool:
    """Whether a defect can show in a format."""
    fmt = claim.block
    match quirk:
        case _ if quirk in LEAST:
            return claim.gives is not None and isinstance(fmt.scale, Float) and fmt.scale.precision == 1
        case "axis":
            return not claim.whole and len(fmt.size) == 1
        case "zero_quotient":
            return claim.gives is not None and not fmt.element.has_negative_zero and isinstance(claim.operands[0], Float)
        case "elements_flushed":
            return isinstance(fmt.element, Float)
        case "zeros_by_value":
            return isinstance(fmt.element, Codebook) and fmt.element.has_negative_zero and fmt.scale == parse("binary32") and fmt.tensor is None
        case "summed":
            return isinstance(fmt.element, Float) and not fmt.element.exponent_bits and claim.operands[0] == parse("binary32") and fmt.tensor is None
        case "half_up":
            return claim.projection.rounding is Rounding.NEAREST_AWAY and fmt.element.has_zero and fmt.tensor is None
        case "looked_up":
            return isinstance(fmt.element, Codebook) and fmt.scale == parse("binary32") and fmt.tensor is None and fmt.element.width <= 16
        case "unsigned_zero":
            return fmt.element.has_negative_zero
        case "normal_divisor" | "undivided":
            return isinstance(fmt.scale, Float) and fmt.scale.precision == 1
        case "log2_binary64":
            return fmt.policy.rule in (ScaleRule.FLOOR, ScaleRule.CEIL) and claim.operands[0].width > 32
        case "zeros_lost":
            return fmt.tensor is not None and fmt.element == parse("e2m1")
        case "rounded_thresholds":
            return isinstance(fmt.element, Codebook) and fmt.element.middle is Middle.ARITHMETIC and fmt.policy.division is not Division.EXACT
        case "tiny_divisor":
            return fmt.scale == parse("binary32") and fmt.policy.division is Division.MULTIPLY
        case "signed_maximum":
            return isinstance(fmt.scale, Float) and fmt.scale.precision == 1
        case "scale_up" | "scale_down":
            return fmt.tensor is None
        case _:
            return True


def treatment(claim: BlockClaim, model: Model) -> tuple[str, ...]:
    """What a function was seen to do with values that no scale follows from."""
    source, policy = claim.operands[0], model.fmt.policy
    found = [(source.has_nan, "nan"), (source.has_infinity, "infinity"), (True, "zero_block")]
    return tuple(WORDS[field][getattr(policy, field)] for there, field in found if there and getattr(policy, field) in WORDS[field])
