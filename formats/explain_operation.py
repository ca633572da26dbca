"""Why an operation delivers what it delivers: its special case or its exact result, and how that was rounded.

As ``formats.explain`` for conversions, this decides nothing itself: exact result and flags are those of the operation, code and modes those of the operation bound
to each mode in turn, so that a sign of zero or an integer that depends on the mode shows too.
"""

from dataclasses import dataclass, replace

from gmpy2 import mpq

from formats.arithmetic import Bound, BoundCode
from formats.context import Draw
from formats.context import Step as ContextStep
from formats.explain import Alternative, Explanation, count_away, explain
from formats.family import Format
from formats.fixed import integer
from formats.gap import Position, find_gap
from formats.number import Number
from formats.operations import AnyOperation
from formats.projection import NaNs, Projection
from formats.rules import Step, rounding_rule
from formats.special_cases import special_case
from refmath.datum import NEGATIVE_ZERO, ZERO, Datum, Finite, Infinity, NaN
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.operations import Dialect, Environment, NaNRule, Operation, apply
from refmath.reals import floor_log2
from refmath.rounding import DETERMINISTIC, Rounding

SIGNALLING_PRODUCTS = (NaNs.ARM, NaNs.RISCV)
"""The platforms on which zero times infinity raises invalid beside a quiet NaN too."""


@dataclass(frozen=True, slots=True)
class OperationExplanation:
    """Everything there is to say about one operation on some operands."""

    op: AnyOperation | None
    """None for a literal that was rounded."""
    dialect: Dialect
    operands: tuple[Datum, ...]
    """What was operated on, after the policies for operands."""
    special: Step | None
    """The special case that the operands are, if they are one."""
    integral: Step | None
    """How an operation that rounds to an integer did so."""
    answer: Datum | bool | str
    """The exact result, the truth value or the word."""
    projected: Explanation | None
    """How the exact result was rounded into its format; None for an answer that is no number."""
    flags: Flags
    """All that was raised, by the operation and by the rounding."""


def explain_operation(bound: Bound, operands: tuple[Datum, ...], random: int = 0) -> OperationExplanation:
    """Explain what ``bound.on_data(operands, random)`` delivers. Raises what that raises."""
    op, how = bound.op, bound.how
    code, flags, exact = bound.on_data(operands, random)
    special = special_case(op, bound.dialect, operands, exact, _special_flags(op, bound.dialect, how, operands))
    integral = integral_step(op, how, operands[0], random)
    told = None
    if bound.to is not None and not isinstance(exact, bool | str):
        told = _projected(bound, operands, special, exact, code, flags, random)
    return OperationExplanation(op, bound.dialect, operands, special, integral, exact, told, flags)


def _special_flags(op: Operation, dialect: Dialect, how: Projection, operands: tuple[Datum, ...]) -> int:
    """The flags of the special case alone, in which no random bits have a say."""
    mode = Rounding.TOWARD_ZERO if how.rounding.stochastic else how.rounding
    return apply(op, Environment(dialect, mode, zero_times_infinity_signals=how.nans in SIGNALLING_PRODUCTS), operands)[1]


def _projected(bound: Bound, operands: tuple[Datum, ...], special: Step | None, exact: Datum, code: int, flags: Flags, random: int) -> Explanation:
    """How the exact result was rounded, with what the operation gives in every other mode."""
    assert bound.to is not None
    if isinstance(exact, NaN) and bound.op.nans is NaNRule.SIGN:
        return unrounded(bound.to, bound.how, exact, code, flags)
    told = explain(bound.to, exact, bound.how, random)
    draws = () if bound.op.rounds else told.draws
    policies = () if isinstance(bound.to.decode(code), Infinity) and isinstance(exact, Infinity) else told.policies
    modes = _modes(bound, operands, told, code)
    return replace(told, code=code, flags=flags, steps=_own_steps(told, special), modes=modes, draws=draws, policies=policies)


def unrounded(fmt: Format, how: Projection, exact: Datum, code: int, flags: Flags) -> Explanation:
    """A result that was not rounded."""
    return Explanation(fmt, how, 0, exact, None, (), code, flags, (), (), ())


def _own_steps(told: Explanation, special: Step | None) -> tuple[Step, ...]:
    """The steps of the rounding without those that speak of its operand, which is a result here, where the special case says it better."""
    if special is None:
        return told.steps
    said = ["infinity"]
    if told.format.has_zero and told.operand in (ZERO, NEGATIVE_ZERO):
        said.append("zero")
    if isinstance(told.operand, Infinity) and isinstance(told.format.decode(told.code), Infinity):
        said.append("policy")
    return tuple(step for step in told.steps if step.kind not in said)


def _modes(bound: Bound, operands: tuple[Datum, ...], told: Explanation, code: int) -> tuple[Alternative, ...]:
    """What the operation gives in each other mode, where any of them differs or the result was rounded."""
    others = [mode for mode in DETERMINISTIC if mode is not bound.how.rounding]
    tried = tuple(Alternative(mode.value, _tried(bound, replace(bound.how, rounding=mode), operands)) for mode in others)
    return tried if told.modes or any(alternative.code != code for alternative in tried) else ()


def _tried(bound: Bound, how: Projection, operands: tuple[Datum, ...]) -> int | None:
    try:
        return Bound(bound.op, bound.formats, bound.to, how, bound.dialect).on_data(operands)[0]
    except RefmathError:
        return None


def explain_code_operation(bound: BoundCode, code: int) -> OperationExplanation:
    """Explain an operation on a code: there is nothing to round."""
    found, flags, answer = bound(code)
    datum = bound.formats[0].decode(code)
    if bound.to is None:
        return OperationExplanation(bound.op, bound.dialect, (datum,), None, None, answer, None, flags)
    told = unrounded(bound.to, bound.how, bound.to.decode(found), found, flags)
    return OperationExplanation(bound.op, bound.dialect, (datum,), None, None, answer, told, flags)


def integral_step(op: AnyOperation, how: Projection, x: Datum, random: int) -> Step | None:
    """How x was rounded to an integer; None where nothing was rounded, or the operation does not do that."""
    mode = next((mode for mode in DETERMINISTIC if op.name == f"round_to_integral_{mode.value}"), how.rounding if getattr(op, "rounds", False) else None)
    if mode is None or not isinstance(x, Finite) or not x.value:
        return None
    integers = integer(max(floor_log2(x.value), 0) + 3)
    gap = find_gap(integers, x.value, x.negative)
    if gap is None or gap.position is Position.EXACT:
        return None
    draws = (how.bits, count_away(integers, x, mode, how.bits), random) if mode.stochastic else None
    unnamed = replace(gap, near=replace(gap.near, code=None), far=replace(gap.far, code=None))
    near, far = sorted((gap.near.ordinal * (-1 if x.negative else 1), gap.far.ordinal * (-1 if x.negative else 1)))
    rule = rounding_rule(integers, unnamed, replace(how, rounding=mode), x.negative, draws)
    text = rule.text.replace(" code, ", " integer, ")
    return Step("integer", f"between {near} and {far}, {gap.position.value}; {text}", "IEEE 754-2019 5.9")


def explain_step(step: ContextStep) -> OperationExplanation:
    """Explain a step of a traced context: a literal that was rounded, or an operation; without what other modes would give."""
    how, random, own = _drawn(step)
    operands = tuple(Finite(mpq(x), x < 0) if isinstance(x, int) else x.format.operand(x.code, how.operands) for x in step.operands)
    special = integral = None
    if isinstance(step.op, Operation):
        special = special_case(step.op, step.dialect, operands, step.exact, _special_flags(step.op, step.dialect, how, operands))
        integral = integral_step(step.op, replace(step.projection, bits=own.bits), operands[0], own.value)
    told = _step_projected(step, special, how, random) if isinstance(step.result, Number) else None
    return OperationExplanation(step.op, step.dialect, operands, special, integral, step.exact, told, step.flags)


def _drawn(step: ContextStep) -> tuple[Projection, int, Draw]:
    """The projection with all the random bits that were drawn for it, those bits, and those of an operation that rounds by itself."""
    own = step.draws[0] if step.draws else Draw(step.projection.bits, 0)
    draws = step.draws[1:] if isinstance(step.op, Operation) and step.op.rounds and len(step.draws) > 1 else step.draws
    random = bits = 0
    for draw in draws:
        random, bits = random << draw.bits | draw.value, bits + draw.bits
    return replace(step.projection, bits=bits or step.projection.bits), random, own


def _step_projected(step: ContextStep, special: Step | None, how: Projection, random: int) -> Explanation:
    assert isinstance(step.result, Number) and not isinstance(step.exact, bool | str)
    fmt, code = step.result.format, step.result.code
    if not isinstance(step.op, Operation | None) or (isinstance(step.exact, NaN) and (step.op is None or step.op.nans is NaNRule.SIGN)):
        return unrounded(fmt, how, step.exact, code, step.flags)
    told = explain(fmt, step.exact, how, random)
    return replace(told, code=code, flags=step.flags, steps=_own_steps(told, special), modes=(), draws=(), policies=())
