"""Operations as the tester sees them: every operation of ``refmath`` but conversion, and how implementations are known to differ."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from conformance import alignment
from conformance.budget import Budget
from conformance.cases.operands import operand_cases
from conformance.claims import Claim
from conformance.conversion_deviations import one_more_bit
from conformance.diagnose import Axis, Option
from conformance.expected import results
from conformance.operation_models import Model, evaluate
from conformance.policies import Set, absent_data, flushing, overflow
from conformance.problem import Problem
from conformance.quirks import NEAREST
from conformance.recipes import NAR, OF_NAR, WORDS
from conformance.refused import refused
from conformance.tapered import DEFECTS
from formats.arrays import engine_for_operation
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.notation import parse, text
from formats.operations import find_operation
from formats.tapered import Tapered
from refmath.operations.environment import Dialect
from refmath.operations.operation import Operation
from refmath.reals import compare
from refmath.rounding import Rounding

EXAMINED = 150
"""Cases of each kind, right and wrong, on which explanations are tried; many more where the array engine computes them."""
PAIRS = 4

CORRECTLY_ROUNDED = frozenset(
    [
        "add",
        "subtract",
        "multiply",
        "divide",
        "sqrt",
        "fma",
        "remainder",
        "fmod",
        "abs",
        "negate",
        "copysign",
        "reciprocal",
        "minimum",
        "maximum",
        "minimum_number",
        "maximum_number",
        "next_up",
        "round_to_integral_nearest_even",
        "round_to_integral_nearest_away",
        "round_to_integral_toward_zero",
        "round_to_integral_toward_positive",
        "round_to_integral_toward_negative",
        "compare_quiet_equal",
        "compare_quiet_not_equal",
        "compare_quiet_less",
        "compare_quiet_less_equal",
        "compare_quiet_greater",
        "compare_quiet_greater_equal",
        "is_nan",
        "is_finite",
        "is_infinite",
        "is_zero",
        "is_normal",
        "is_subnormal",
        "is_sign_minus",
        "round_to_integral",
        "logb",
    ]
)
"""Operations that every library means to deliver correctly rounded; the others are functions, judged by accuracy too."""


def operation_problem(claim: Claim, budget: Budget) -> Problem[Model]:
    """The problem that a claim about an operation poses."""
    cases = operand_cases(claim.operands, budget.seed, budget.samples, claim.tries)
    if (out := refused(claim, cases.operands)).any():
        cases = cases.without(out)
    base = Model(claim.operation, claim.projection)

    defects = deviations(claim)
    known = {option.label: option for option in defects}
    fast = engine_for_operation(claim.operation, claim.operands, claim.result, claim.projection)[0] == "array"
    expected = results(claim.operation, claim.operands, claim.result, claim.projection, cases.operands, claim.oracle)
    return Problem(
        cases,
        expected,
        base,
        lambda model, some: evaluate(model, claim.operands, claim.result, some),
        policies(claim),
        defects,
        20 * EXAMINED if fast else EXAMINED,
        PAIRS if fast else 0,
        lambda operands: False,
        either_zero=claim.operation in RIVALS,
        approximate=claim.operation not in CORRECTLY_ROUNDED,
        steps=True,
        suites=[tuple(known[words] for words in suite) for suite in SUITES if set(suite) <= set(known)],
    )


def policies(claim: Claim) -> list[Axis[Model]]:
    """What standards leave open on an operation."""
    found: list[Axis[Model]] = [*absent_data(claim.result), *flushing(claim.operands, claim.result)]
    if isinstance(claim.result, Float) and not (claim.result.has_infinity and claim.result.has_nan):
        if claim.result.has_nan and not claim.result.has_infinity:
            found.append(Axis("infinity", (Option("infinity gives NaN", _Poles()),)))  # before what also makes NaN of finite results
        found.append(overflow(claim.result, claim.operation in CORRECTLY_ROUNDED))
    if "overflow" in claim.silent and isinstance(claim.result, Float):
        modes = {claim.projection.rounding: EVERY_OVERFLOW, Rounding.NEAREST_AWAY: NEAREST_OVERFLOW}
        found.append(Axis("overflows", tuple(Option(words, _Overflows(mode)) for mode, words in modes.items())))
    if any(isinstance(fmt, Float) and fmt.specials is Specials.IEEE for fmt in claim.operands):
        found.append(Axis("quiet", (Option("signalling NaNs count as quiet", _Quiet()),)))
    found = [*(Axis(step, (Option(DOCUMENTED[step], STEPS.get(step) or _Recipe(step)),)) for step in claim.documented), *found]
    if claim.operation in RIVALS:
        options = (Option(words, _Named(name)) for name, words in RIVALS[claim.operation].items())
        found.append(Axis("meaning", tuple(options)))
    return found


DOCUMENTED = {
    "ieee_754": "special cases are those of IEEE 754, also in formats of another standard",
    "sign_added": "the sign bit is added to what is cut off, as documented: exact negative results go up by a code too",
    "word_shifted": "the leading bit of the 16-bit word is flipped and the word shifted down by two, as documented: an approximation of posits without exponent bits",
    "word_shifted_twice": "2 g(2 x) - 1 of a g that flips the leading bit of the 16-bit word and shifts it down by two, as documented",
}
"""Steps that some library documents, in words."""
EVERY_OVERFLOW = "overflow gives infinity whatever the mode"
NEAREST_OVERFLOW = "what overflows in rounding to nearest gives infinity or NaN whatever the mode"
SUITES = ((NEAREST_OVERFLOW, WORDS["pow"]["exponents_of_zero"]),)
"""Deviations that go together in a library."""
RIVALS: dict[str, dict[str, str]] = {
    "maximum": {"maximum_number": "a number beats a NaN (maximumNumber)", "max_num": "a number beats a quiet NaN (maxNum of 754-2008)"},
    "minimum": {"minimum_number": "a number beats a NaN (minimumNumber)", "min_num": "a number beats a quiet NaN (minNum of 754-2008)"},
    "maximum_number": {"maximum": "a NaN beats a number (maximum)", "max_num": "a signalling NaN beats a number (maxNum of 754-2008)"},
    "minimum_number": {"minimum": "a NaN beats a number (minimum)", "min_num": "a signalling NaN beats a number (minNum of 754-2008)"},
}
"""Operations that libraries take for one another."""


@dataclass(frozen=True)
class _Named:
    name: str

    def __call__(self, model: Model) -> Model:
        return replace(model, name=self.name)


@dataclass(frozen=True)
class _Quiet:
    def __call__(self, model: Model) -> Model:
        return replace(model, quiet=True)


@dataclass(frozen=True)
class _UnsignedZero:
    def __call__(self, model: Model) -> Model:
        return replace(model, unsigned_zero=True)


@dataclass(frozen=True)
class _ZeroSums:
    def __call__(self, model: Model) -> Model:
        return replace(model, zero_sums=True)


@dataclass(frozen=True)
class _Poles:
    def __call__(self, model: Model) -> Model:
        return replace(model, poles=True)


@dataclass(frozen=True)
class _LeastTies:
    mode: Rounding

    def __call__(self, model: Model) -> Model:
        return replace(model, least_ties=self.mode)


@dataclass(frozen=True)
class _SignAdded:
    def __call__(self, model: Model) -> Model:
        return replace(model, sign_added=True)


@dataclass(frozen=True)
class _Dialect:
    def __call__(self, model: Model) -> Model:
        return replace(model, dialect=Dialect.IEEE754)


STEPS: dict[str, Callable[[Model], Model]] = {"sign_added": _SignAdded(), "ieee_754": _Dialect()}
"""What documented steps do that are no recipes."""


@dataclass(frozen=True)
class _Unnormalized:
    def __call__(self, model: Model) -> Model:
        return replace(model, unnormalized=True)


@dataclass(frozen=True)
class _Overflows:
    mode: Rounding

    def __call__(self, model: Model) -> Model:
        return replace(model, overflows=self.mode)


@dataclass(frozen=True)
class _Via:
    via: Format
    rounding: Rounding = Rounding.NEAREST_EVEN
    flushed: bool = False

    def __call__(self, model: Model) -> Model:
        return replace(model, via=self.via, middle=self.rounding, flushed=self.flushed)


@dataclass(frozen=True)
class _Finish:
    defect: str

    def __call__(self, model: Model) -> Model:
        return replace(model, finish=self.defect)


@dataclass(frozen=True)
class _Recipe:
    recipe: str

    def __call__(self, model: Model) -> Model:
        return replace(model, recipe=self.recipe)


def deviations(claim: Claim) -> list[Option[Model]]:
    """Known ways of getting an operation wrong, simplest first."""
    found: list[Option[Model]] = []
    if claim.projection.rounding is Rounding.TOWARD_NEGATIVE and claim.operation in ("add", "subtract", "fma") and claim.result.has_negative_zero:
        found.append(Option("sums that are exactly zero are +0, toward negative infinity too", _ZeroSums()))
    if isinstance(claim.result, Float) and claim.projection.rounding not in NEAREST:
        found.append(Option(NEAREST_OVERFLOW, _Overflows(Rounding.NEAREST_AWAY)))
        found.append(Option(EVERY_OVERFLOW, _Overflows(claim.projection.rounding)))
    if "sign_added" in claim.documented and claim.operation == "multiply":
        found.append(
            Option("of products with a subnormal factor the exponent before normalization says whether they are too small for the sign bit", _Unnormalized())
        )
    if not isinstance(find_operation(claim.operation), Operation):  # on codes: nothing is rounded
        return [Option("the sign of zero is lost", _UnsignedZero())]
    for name in ("binary32", "binary64"):
        via = parse(name)
        below = _below_normal((*claim.operands, claim.result), via)
        if below or (isinstance(claim.result, Float) and claim.result.width < via.width and claim.result.precision > 1):
            found.append(Option(f"computed in {text(via)}, then rounded again", _Via(via)))
        if below:
            found.append(Option(f"computed in {text(via)}, where subnormal numbers count as zero, then rounded again", _Via(via, flushed=True)))
    found += [Option(words, _Recipe(name)) for name, words in WORDS.get(claim.operation, {}).items()]
    if isinstance(claim.result, Tapered):
        found += [Option(words, _Finish(defect)) for defect, words in DEFECTS.items()]
    if alignment.applies(claim.operation, claim.operands):
        found += [Option(alignment.words(more), _Recipe(f"{claim.operation}_aligned_{more}")) for more in alignment.MORE_BITS]
    if claim.operands[0] == claim.operands[-1] and isinstance(claim.operands[0], Tapered) and claim.operation in OF_NAR:
        found.append(Option(NAR, _Recipe(f"{claim.operation}_nar")))
    if isinstance(claim.result, Float | Fixed) and claim.projection.rounding is Rounding.NEAREST_EVEN:
        found += [Option(f"the tie between {between} goes to the least", _LeastTies(mode)) for between, mode in LEAST_TIES.items()]
    integral = claim.operation.startswith("round_to_integral")  # whose rounding is that to integers
    wide = one_more_bit(claim.result) if isinstance(claim.result, Float) and not integral else None
    if wide is not None:
        found.append(Option("the sticky bit is lost", _Via(wide, Rounding.TOWARD_ZERO)))
    found.append(Option("the sign of zero is lost", _UnsignedZero()))
    modes = {Rounding.TOWARD_ZERO: "truncates", Rounding.NEAREST_AWAY: "ties go away from zero"}
    if isinstance(claim.result, Fixed):
        modes |= {Rounding.TOWARD_NEGATIVE: "rounds toward_negative", Rounding.NEAREST_POSITIVE: "rounds nearest_positive"}
    found += [Option(words, Set((("rounding", mode),))) for mode, words in modes.items()]
    return found


LEAST_TIES = {"zero and the least value": Rounding.NEAREST_AWAY, "the least value and the next": Rounding.NEAREST_ZERO}
"""A tie that should go to the even neighbour, and the mode in which it goes to the least value."""


def _below_normal(formats: tuple[Format, ...], via: Format) -> bool:
    """Whether narrower floats have values that are subnormal in a wider one."""
    assert via.least_normal is not None
    narrower = all(isinstance(fmt, Float) and fmt.width < via.width for fmt in formats)
    return narrower and any(compare(fmt.value(fmt.least), via.value(via.least_normal)) < 0 for fmt in formats)
