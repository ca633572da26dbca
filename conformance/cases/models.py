"""The models by name: which there are, to what each applies, and how its plan is made."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from conformance.cases import bit_models, exponent_models, fused_models, hard_functions, hard_models, integer_models, operand_models, result_models
from conformance.cases.combined import Combined
from conformance.cases.coverage import Coverage, Model
from conformance.cases.kinds import has_fraction
from conformance.cases.plan import Plan
from conformance.cases.scene import ENUMERATED_BITS, Scene
from conformance.cases.simple_plans import Exhaustive, TestFloat, Uniform
from formats.arithmetic import operation as bound_operation
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.operations import CodeOperation
from formats.projection import Projection
from refmath.errors import RefmathError, quote
from refmath.operations.operation import Operation
from refmath.reals import Real

SIMPLE = ("exhaustive", "random", "testfloat 1", "testfloat 2")
ALL = "coverage"
"""Every coverage model that applies."""

Reason = str | None
"""Why a model does not apply; None where it does."""


def only(*names: str) -> Callable[[Scene], Reason]:
    """A model of some operations."""
    return lambda scene: None if scene.bound.op.name in names else f"it is a model of {', '.join(names)}"


def starting(*heads: str) -> Callable[[Scene], Reason]:
    """A model of operations whose names begin so."""
    return lambda scene: None if scene.bound.op.name.startswith(heads) else f"it is a model of {', '.join(head + '...' for head in heads)}"


def numeric(scene: Scene) -> Reason:
    """A model of results."""
    return None if scene.numeric else f"{scene.bound.op.name} delivers no number"


def rounding(scene: Scene) -> Reason:
    """A model of rounding."""
    if reason := numeric(scene):
        return reason
    op = scene.bound.op
    if isinstance(op, CodeOperation):
        return f"{op.name} rounds nothing"
    if op.rounds:
        return f"{op.name} rounds to integers: B29 has the corners of that"
    exact = ("copy", "abs", "negate", "copysign", "sign", "clamp", "logb")
    if (op.name in exact or op.name.startswith(("min", "max"))) and all(f == scene.to for f in scene.formats):
        return f"{op.name} delivers one of its operands and rounds nothing"
    if op.name == "convert" and scene.formats[0] == scene.to:
        return "a conversion into the same format rounds nothing"
    return None


def fractions(scene: Scene) -> Reason:
    """A model of significands."""
    lacking = [f.name for f in scene.formats if not has_fraction(f)]
    return f"{lacking[0]} has no significands with a leading one" if lacking else None


def rational(scene: Scene) -> Reason:
    """A model of exponents of exact terms."""
    lacking = [f.name for f in scene.formats if isinstance(f.value(max(f.greatest() - 1, f.least)), Real)]
    return f"the values of {lacking[0]} are irrational" if lacking else None


def subnormal(scene: Scene) -> Reason:
    """A model of subnormal results."""
    f = scene.to
    return None if f.least_normal is not None and f.least_normal > f.least else f"{f.name} has no subnormal numbers"


def to_integers(scene: Scene) -> Reason:
    """A model of conversions to integers."""
    reason = only("convert", "to_integer", "to_integer_exact")(scene)
    return reason or (None if integer_models.is_integer_result(scene) else "it is a model of conversions into integers and fixed point")


def from_integers(scene: Scene) -> Reason:
    """A model of conversions from integers."""
    reason = only("convert")(scene)
    return reason or (None if isinstance(scene.formats[0], Fixed) and not isinstance(scene.to, Fixed) else "it is a model of conversions from integers")


def with_payloads(scene: Scene) -> Reason:
    """A model of NaNs through conversions."""
    if reason := only("convert")(scene):
        return reason
    f = scene.formats[0]
    return (
        None
        if isinstance(f, Float) and f.specials is Specials.IEEE and scene.to.has_nan
        else "it needs NaNs with payloads in the source and NaNs in the result"
    )


def always(scene: Scene) -> Reason:
    """A model of every operation."""
    return None


@dataclass(frozen=True)
class Known:
    """A coverage model."""

    about: str
    """What it is after, in a line."""
    make: Callable[[Scene], Model]
    applies: tuple[Callable[[Scene], Reason], ...]

    def reason(self, scene: Scene) -> Reason:
        """Why it does not apply."""
        return next((reason for test in self.applies if (reason := test(scene))), None)


ARITHMETIC = ("multiply", "divide", "sqrt")
"""Operations whose hard cases number theory gives."""


def hard_to_round(scene: Scene) -> Reason:
    """A model of results near to where rounding changes."""
    if reason := rounding(scene):
        return reason
    name = scene.bound.op.name
    if name in ("add", "subtract", "faa", "remainder", "fmod", "convert"):
        return f"every bit of a result of {name} can be chosen: B7 and B8 have the hard ones"
    if name in (*ARITHMETIC, "fma"):
        return None if all(isinstance(f, Float) for f in (*scene.formats, scene.to)) else "it solves for significands of one length, those of floats"
    if len(scene.formats) > 1 and scene.bits > ENUMERATED_BITS:
        return f"functions of several operands are ranked where the operands have at most {ENUMERATED_BITS} bits together"
    return rational(scene)


def hard(scene: Scene) -> Model:
    """By number theory where there is one, else by rank or search."""
    match scene.bound.op.name:
        case "fma":
            return hard_models.fused(scene)
        case name if name in ARITHMETIC:
            return hard_models.nearest_results(scene)
    return hard_functions.hard_arguments(scene)


SUMS, FUSED = only("add", "subtract"), only("fma")
COVERAGE: dict[str, Known] = {
    "B1": Known("basic kinds of operands and results", operand_models.basic, (always,)),
    "B2": Known("results one bit away from a corner", result_models.near_corners, (numeric,)),
    "B3": Known("sign, last bit, guard and sticky of the result", bit_models.corners, (rounding,)),
    "B4": Known("overflow", result_models.overflow, (numeric,)),
    "B5": Known("underflow", result_models.underflow, (numeric,)),
    "B6": Known("results below the least positive value", result_models.tiny, (rounding,)),
    "B7": Known("a single sticky bit at each place", bit_models.sticky, (rounding,)),
    "B8": Known("runs of extra bits", bit_models.runs, (rounding,)),
    "B9": Known(
        "special significands", operand_models.significands, (only("multiply", "divide", "sqrt", "remainder", "fmod", "reciprocal", "rsqrt"), fractions)
    ),
    "B10": Known("shifts of a sum", lambda scene: exponent_models.shifts(scene, "B10"), (SUMS, rational)),
    "B11": Known("shifts of a sum with special significands", lambda scene: exponent_models.shaped_shifts(scene, "B11"), (SUMS, rational, fractions)),
    "B12": Known("cancellation of a sum", lambda scene: exponent_models.cancellations(scene, "B12"), (SUMS, rational)),
    "B13": Known("cancellation with a subnormal sum", lambda scene: exponent_models.subnormal_cancellations(scene, "B13"), (SUMS, rational, subnormal)),
    "B14": Known("shifts of a fused sum", lambda scene: exponent_models.shifts(scene, "B14"), (FUSED, rational)),
    "B15": Known("shifts of a fused sum with special significands", lambda scene: exponent_models.shaped_shifts(scene, "B15"), (FUSED, rational, fractions)),
    "B16": Known("cancellation of a fused sum", lambda scene: exponent_models.cancellations(scene, "B16"), (FUSED, rational)),
    "B17": Known("cancellation with a subnormal fused sum", lambda s: exponent_models.subnormal_cancellations(s, "B17"), (FUSED, rational, subnormal)),
    "B18": Known("products that only the fused sum brings back", fused_models.fused_events, (FUSED, rational)),
    "B19": Known("comparisons", operand_models.compared, (starting("compare", "minimum", "maximum", "min_num", "max_num", "total_order"), rational)),
    "B20": Known("exact results with trailing zeros", integer_models.trailing_zeros, (only("divide", "sqrt", "remainder", "fmod"), rational)),
    "B21": Known("zeros, infinities and NaNs divided", operand_models.divisions, (only("divide", "remainder", "fmod"),)),
    "B22": Known("integers: exponents around the width", integer_models.widths, (to_integers,)),
    "B23": Known("integers: around the limits", integer_models.around_limits, (to_integers, rational)),
    "B24": Known("integers: around zero and one", integer_models.around_zero, (to_integers, rational)),
    "B25": Known("from integers: the limits", integer_models.from_limits, (from_integers,)),
    "B26": Known("from integers: every power of two", integer_models.from_intervals, (from_integers,)),
    "B27": Known("NaNs through conversions", operand_models.payloads, (with_payloads,)),
    "B28": Known("operands of a rounding to integers", bit_models.integral_kinds, (starting("round_to_integral"), rational)),
    "B29": Known("sign, last bit, guard and sticky at the binary point", bit_models.integral_corners, (starting("round_to_integral", "to_integer"),)),
    "hard": Known("results nearest to where rounding changes", hard, (hard_to_round,)),
}
NAMES = (*SIMPLE, ALL, *COVERAGE)


def make(name: str, operation: str, formats: tuple[Format, ...], result: Format, projection: Projection, budget: int | None, seed: int) -> Plan:
    """The plan of a model: see ``conformance.cases.plan.plan``."""
    chosen = canonical(name)
    formats, scene = stage(operation, formats, result, projection)
    if budget is not None and budget < 1:
        raise RefmathError(f"A budget of {budget} cases is impossible; give at least 1.")
    bits, op = random_bits(projection), scene.bound.op.name
    match chosen:
        case "exhaustive":
            return Exhaustive(chosen, op, formats, bits, budget, seed)
        case "random":
            return Uniform(chosen, op, formats, bits, budget, seed)
        case "testfloat 1" | "testfloat 2":
            return TestFloat(chosen, op, formats, bits, budget, seed, level=int(chosen[-1]))
    if chosen == ALL:
        return Combined(
            tuple(Coverage(scene, model_of(name, scene), bits, None, seed) for name, known in COVERAGE.items() if not known.reason(scene)), budget, seed
        )
    known = COVERAGE[chosen]
    if reason := known.reason(scene):
        raise RefmathError(f"{chosen} ({known.about}) does not apply to {op} on {' and '.join(f.name for f in formats)}: {reason}.")
    return Coverage(scene, model_of(chosen, scene), bits, budget, seed)


def stage(operation: str, formats: tuple[Format, ...], result: Format, projection: Projection) -> tuple[tuple[Format, ...], Scene]:
    """The format of every operand, and the scene. ``RefmathError`` for an operand that is an integer of no format: its column has none."""
    bound = bound_operation(operation, *formats, to=result, projection=projection)
    if isinstance(bound.op, Operation) and len(formats) == 1 and bound.op.arity > 1:
        if bound.op.integers:
            raise RefmathError(f"The second operand of {bound.op.name} is an integer; give it a format of its own, such as int8.")
        formats = formats * bound.op.arity
    return formats, scene_of(bound.op.name, formats, result, projection)


@lru_cache(maxsize=64)
def scene_of(name: str, formats: tuple[Format, ...], result: Format, projection: Projection) -> Scene:
    """A scene; the same one for the same question, so that what it remembers is used again."""
    return Scene(name, formats, result, projection)


@lru_cache(maxsize=64)
def model_of(name: str, scene: Scene) -> Model:
    """A coverage model for a scene; the same one for the same question, so that what was found for it is used again."""
    return COVERAGE[name].make(scene)


def canonical(name: str) -> str:
    """The name of a model as it is listed. ``RefmathError`` where there is none."""
    plain = " ".join(name.strip().lower().replace("_", " ").replace("-", " ").split())
    plain = {"testfloat": "testfloat 1", "testfloat1": "testfloat 1", "testfloat2": "testfloat 2", "all": "exhaustive"}.get(plain, plain)
    for known in NAMES:
        if plain == known.lower():
            return known
    raise RefmathError(f"{quote(name)} is not a model of cases; use one of {', '.join(SIMPLE)}, hard, B1 to B29, or coverage for all of these.")


def random_bits(projection: Projection) -> int:
    """The bits of the random operand: 0 for a mode without. ``RefmathError`` for a mode that draws as many as decide, which no column holds."""
    if not projection.rounding.stochastic:
        return 0
    if not projection.bits:
        raise RefmathError("stochastic without a number of random bits has no random operand of fixed size; state it, for example stochastic_a(8).")
    return projection.bits


def reasons(operation: str, formats: tuple[Format, ...], result: Format, projection: Projection) -> list[tuple[str, Reason]]:
    """Every model, with the reason where it does not apply."""
    formats, scene = stage(operation, formats, result, projection)
    found: list[tuple[str, Reason]] = []
    for name in SIMPLE:
        try:
            make(name, operation, formats, result, projection, None, 1)
            found.append((name, None))
        except RefmathError as error:
            found.append((name, str(error)))
    found.append((ALL, None))
    return found + [(name, known.reason(scene)) for name, known in COVERAGE.items()]
