"""Conversions as the tester sees them: what a claim is first held to, and the ways in which implementations are known to differ.

A ``Model`` is a walk through the pipeline: the source is projected into each intermediate format in turn and last into the
target. Policies change the last projection within what standards leave open; deviations change the walk.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from conformance.budget import Budget
from conformance.cases.conversions import conversion_cases
from conformance.chopping import WORDS, chops, unlimited
from conformance.claims import Claim
from conformance.compare import is_nan
from conformance.diagnose import Axis, Option
from conformance.policies import Set, absent_data, axis, flushing, nearest_ties, overflow
from conformance.problem import Operands, Problem
from conformance.quirks import QUIRKS, Step, cuts_bits, rounded
from conformance.refused import refused
from conformance.tapered import DEFECTS
from conformance.treatment import treatment
from formats.arrays import Codes, convert, convert_codes, engine_for
from formats.codebook import Codebook
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.notation import parse, text
from formats.projection import DEFAULT, AbsentNaN, NaNs, Negatives, Projection
from formats.tapered import Tapered
from refmath.flags import INVALID
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding
from refmath.underflow import Subnormals


def conversion_projection(source: Format, target: Format) -> Projection:
    """What a conversion is first held to.

    To a float: nearest even (IEEE 754-2019 clause 5.4.1 and 5.4.2), IEEE overflow. From a float to an integer: toward zero, as
    C and every array library define their casts; out of range nothing is defined, saturation is the first guess. From integer
    to integer: the low bits.
    """
    if not isinstance(target, Fixed):
        return Projection(absent_nan=AbsentNaN.ZERO) if not target.has_nan else DEFAULT
    if isinstance(source, Fixed):
        return Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.WRAP)
    return Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO, negatives=Negatives.LIMIT)


@dataclass(frozen=True)
class Model:
    """Project into each format of ``via`` in turn, then into the target by ``last``; ``quirks`` name defects of the last step, each on top of the one before."""

    last: Projection
    via: tuple[tuple[Format, Projection], ...] = ()
    quirks: tuple[str, ...] = ()
    apart: "tuple[tuple[str, Model], ...]" = ()
    """Kinds of operands (``negative``, ``infinity``, ``nan``) that take another walk; the last that fits counts."""


def evaluate(model: Model, codes: Codes, source: Format, target: Format) -> Codes:
    """The target codes that a model gives."""
    if model.apart:
        out = evaluate(replace(model, apart=()), codes, source, target)
        for kind, walk in model.apart:
            fits = KINDS[kind](codes, source)
            if fits.any():
                out[fits] = evaluate(walk, codes[fits], source, target)
        return out
    at, here, operands, last = codes, source, model.last.operands, model.last
    for fmt, how in model.via:
        at, here = _onward(at, here, fmt, replace(how, operands=operands)), fmt
        operands = Subnormals.KEEP
    last = replace(last, operands=operands)
    step: Step = rounded
    for quirk in model.quirks:
        step = partial(QUIRKS[quirk], step)
    return step(at, here, target, last)


def _onward(codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """One step of a walk. A NaN that signals stays as it is in another range of exponents with the same significands, which no conversion has: it stands for a shift."""
    out = convert_codes(codes, source, target, how)
    if not (
        isinstance(source, Float) and isinstance(target, Float) and source.trailing == target.trailing and source.specials is target.specials is Specials.IEEE
    ):
        return out
    nan = is_nan(source, codes)
    if nan.any() and how.nans is NaNs.PROPAGATE:
        bits = codes[nan].astype(np.uint64)
        sign, trailing = bits >> np.uint64(source.width - 1), bits & np.uint64((1 << source.trailing) - 1)
        out = out.copy()
        out[nan] = (sign << np.uint64(target.width - 1) | np.uint64(target.infinity()) | trailing).astype(out.dtype)
    return out


KINDS: dict[str, Callable[[Codes, Format], NDArray[np.bool_]]] = {
    "negative": lambda codes, source: np.asarray(codes >> codes.dtype.type(source.width - 1) != 0),
    "infinity": lambda codes, source: np.asarray(codes == codes.dtype.type(source.infinity())),
    "-infinity": lambda codes, source: np.asarray(codes == codes.dtype.type(source.infinity(True))),
    "nan": lambda codes, source: is_nan(source, codes),
}


def policies(source: Format, target: Format) -> list[Axis[Model]]:
    """What standards leave open on a conversion, as far as the two formats meet the question."""
    found: list[Axis[Model]] = []
    if source.signed and not target.signed:
        found.append(negatives(source, target))
    found.append(_out_of_range(source, target) if isinstance(target, Fixed) else overflow(target))
    if isinstance(target, Fixed):
        kinds = (("infinity", source.has_infinity), ("-infinity", source.has_infinity and source.signed), ("nan", source.has_nan))
        found += [_undefined(kind, target) for kind, present in kinds if present]
    elif isinstance(target, Float) and source.has_infinity and target.has_nan and not target.has_infinity:
        walk = Model(Projection(overflow=Overflow.IEEE))
        found.append(Axis("infinity", (Option("infinity gives NaN", _Infinities(walk) if source.signed else _Apart("infinity", walk)),)))
    return [*found, *absent_data(target), *flushing((source,), target)]


def _out_of_range(source: Format, target: Fixed) -> Axis[Model]:
    """Out of the range of an integer, where C and the array libraries define nothing for operands that are floats."""
    options = [
        Option("out of range saturates, NaN becomes 0", Set((("overflow", Overflow.SATURATE_FINITE), ("absent_nan", AbsentNaN.ZERO)))),
        Option("out of range saturates, NaN gives the lowest code", Set((("overflow", Overflow.SATURATE_FINITE), ("absent_nan", AbsentNaN.LOWEST)))),
        Option("out of range keeps the low bits", Set((("overflow", Overflow.WRAP), ("absent_nan", AbsentNaN.ZERO)))),
    ]
    for code, absent in (("the lowest code", AbsentNaN.LOWEST), ("the greatest code", AbsentNaN.GREATEST), ("zero", AbsentNaN.ZERO)):
        options.append(Option(f"out of range and NaN give {code}", Set((("overflow", Overflow.TO_NAN), ("absent_nan", absent)))))
    routes = _through_integers(source, target)
    return Axis("overflow", (*options, *(Option(f"out of range gives {label}", _Via(via, last)) for label, via, last in routes)))


def _undefined(kind: str, target: Fixed) -> Axis[Model]:
    """Operands for which an integer has no value at all."""
    words = kind.replace("nan", "NaN")
    codes = ((AbsentNaN.ZERO, "0"), (AbsentNaN.LOWEST, "the lowest code"), (AbsentNaN.GREATEST, "the greatest code"))
    to_nan = [Projection(overflow=Overflow.TO_NAN, absent_nan=absent) for absent, _ in codes]
    options = [Option(f"{words} becomes {code}", _Apart(kind, Model(how))) for how, (_, code) in zip(to_nan, codes, strict=True)]
    if not target.signed:
        signed = Fixed(f"int{target.width}", target.width)
        walk = Model(Projection(overflow=Overflow.WRAP), ((signed, to_nan[1]),))
        options.append(Option(f"{words} becomes 0x{1 << (target.width - 1):x}", _Apart(kind, walk)))
    return Axis(kind, tuple(options))


def negatives(source: Format, target: Format) -> Axis[Model]:
    """Negative values for a format that has none."""
    words: dict[object, str] = {
        Negatives.OVERFLOW: "negative values are out of range",
        Negatives.LIMIT: "negative values become the least value",
        Negatives.NAN: "negative values give NaN",
        Negatives.MAGNITUDE: "negative values lose their sign",
    }
    if not target.has_nan:
        del words[Negatives.NAN]
    usual = axis("negatives", words)
    if not isinstance(target, Fixed):
        return usual
    routes = tuple(Option(f"negative values give {label}", _Apart("negative", Model(last, via))) for label, via, last in _through_integers(source, target))
    return Axis("negatives", usual.options + routes)


@dataclass(frozen=True)
class _Apart:
    """Gives one kind of operands a walk of their own."""

    kind: str
    walk: Model

    def __call__(self, model: Model) -> Model:
        return replace(model, apart=(*model.apart, (self.kind, self.walk)))


@dataclass(frozen=True)
class _Infinities:
    """Gives both infinities a walk of their own."""

    walk: Model

    def __call__(self, model: Model) -> Model:
        return _Apart("-infinity", self.walk)(_Apart("infinity", self.walk)(model))


def deviations(source: Format, target: Format) -> list[Option[Model]]:
    """Known ways of getting a conversion wrong that could show on these formats, simplest first."""
    found = [Option(f"rounds twice, first to {text(via)}", _Via(((via, how),))) for via, how in _intermediates(source, target)]
    usual = conversion_projection(source, target).rounding
    words = {Rounding.TOWARD_ZERO: "truncates", Rounding.NEAREST_AWAY: "ties go away from zero", Rounding.NEAREST_ZERO: "ties go toward zero"}
    found += [Option(words.get(mode, f"rounds {mode.value}"), Set((("rounding", mode),))) for mode in DETERMINISTIC if mode is not usual]
    if isinstance(target, Float):
        found.append(Option("overflow gives infinity or NaN whatever the mode", _Quirk("infinite_in_every_mode")))
    if source.signed and isinstance(target, Fixed | Float):
        found.append(Option("the bits cut off give way to the sign bit: every negative result goes up by a code, exact ones too", _Quirk("sign_added")))
    if isinstance(target, Tapered):
        found += [Option(name, _Quirk(defect)) for defect, name in DEFECTS.items()]
    if isinstance(target, Float):
        found.append(Option("the carry out of the significand is lost", _Quirk("no_carry")))
        found.append(Option("overflows early: anything above the greatest value", _Quirk("early_overflow")))
        found.append(Option("what overflows in rounding to nearest gives infinity or NaN whatever the mode", _Quirk("overflow_of_nearest")))
        if target.specials is Specials.IEEE and target.width <= 62:
            found.append(Option("operands in the binade above the greatest value become zero", _Quirk("binade_beyond_vanishes")))
        if target.subnormals and target.trailing:
            below = "below the least normal value results are rounded twice, at last to it or to zero"
            found += [Option(f"{below}, ties {tie}", _Quirk(quirk)) for tie, quirk in (("to it", "least_normal_or_zero"), ("to zero", "zero_or_least_normal"))]
        if target.precision == 1:
            found.append(Option("everything between the least value and the next goes up", _Quirk("least_gap_up")))
        wide = one_more_bit(target)
        if wide is not None:
            found.append(Option("the sticky bit is lost", _Via(((wide, Projection(rounding=Rounding.TOWARD_ZERO)),))))
            if isinstance(source, Float) and (shifted := _shifted(source, target)) is not None:
                cut, kept = Projection(rounding=Rounding.TOWARD_ZERO, nans=NaNs.PROPAGATE), Projection(nans=NaNs.PROPAGATE)
                found.append(Option("subnormal results are shifted in the operand's precision, and what is shifted out is lost", _Via(((shifted, cut),))))
                found.append(
                    Option("subnormal results are rounded twice, first to the operand's precision at the least normal value", _Via(((shifted, kept),)))
                )
            found.append(Option("rounds twice, first to full precision below the least normal value", _Via(((unlimited(target), DEFAULT),))))
    if target.has_negative_zero and source.has_negative_zero:
        found.append(Option("the sign of zero is lost", _Quirk("negative_zero_lost")))
    found.append(Option("the tie between zero and the least value goes to the least", _Quirk("tie_up_to_least")))
    found.append(Option("the tie between the least value and the next goes to the least", _Quirk("tie_down_to_least")))
    if isinstance(target, Codebook):
        found.append(Option("what is farther than 10^5 from every value becomes 0", _Quirk("far_becomes_zero")))
    if chops(source, target):
        found += [Option(label, _Quirk(quirk)) for quirk, label in WORDS.items()]
    if isinstance(source, Float):
        found.append(Option("just below half the least value counts as the tie: half a step is added in the operand's precision", _Quirk("half_goes_up")))
        found.append(Option("just above half the least value goes to zero: half a step is added in the operand's precision", _Quirk("half_goes_down")))
        if cuts_bits(source, target):
            found.append(Option("NaNs are cut or rounded as if they were numbers", _Quirk("nan_bits")))
        if isinstance(target, Float) and target.trailing and source.name in ("binary32", "binary64"):
            found.append(Option("just below a power of two operands are rounded by the steps above it: log2 is rounded", _Quirk("rounded_log2")))
            if source.name == "binary32":
                quotient = "just below a power of two operands are rounded by the steps above it: log x / log 2 is rounded"
                found.append(Option(quotient, _Quirk("rounded_quotient")))
            found.append(Option("rounds to_odd, and exact values of even codes to the next one", _ExactToo()))
        found.append(Option("the greatest finite operand is taken for infinity", _Quirk("greatest_is_infinite")))
        if source.has_nan and (not target.has_nan or (isinstance(target, Float) and target.specials is Specials.RESERVED)):
            found.append(Option("NaNs are taken for numbers", _Quirk("nan_as_number")))
            if target.has_zero:
                found.append(Option("NaNs are taken for numbers, and those that round up beyond their codes become +0", _Quirk("nan_as_number_or_zero")))
        met = [fmt for fmt in (source, *(via for via, _ in _intermediates(source, target))) if isinstance(fmt, Float) and fmt.subnormals and fmt.trailing]
        if isinstance(target, Float) and any(target.emin - target.precision <= fmt.emin for fmt in met):
            found.append(Option("subnormal operands are read as if their leading bit were 1", _Quirk("subnormals_as_normal")))
        if isinstance(target, Float) and source.width < BINARY32.width and not source.trailing and max(source.emin, target.emin) < BINARY32.emin:
            found.append(
                Option("goes through binary32, where subnormal numbers are read as if their leading bit were 1", _Through(BINARY32, "subnormals_as_normal"))
            )
    return found


def suites(source: Format, target: Format) -> list[tuple[Option[Model], ...]]:
    """Deviations that go together in libraries that are known, in the order in which they act; of each set those that show are told."""
    if not chops(source, target):
        return []
    options = deviations(source, target)
    known = {option.apply.quirk: option for option in options if isinstance(option.apply, _Quirk)}
    modes = {option.apply.fields[0][1]: option for option in options if isinstance(option.apply, Set)}
    odd = next(option for option in options if isinstance(option.apply, _ExactToo))

    def named(*quirks: str) -> tuple[Option[Model], ...]:
        return tuple(known[quirk] for quirk in quirks if quirk in known)

    ways = [(), (odd, *named("flushed_made_odd")), *((modes[mode], *named("near_tie")) for mode in (Rounding.NEAREST_NEGATIVE, Rounding.NEAREST_POSITIVE))]
    logarithms = [name for name in ("rounded_log2", "rounded_quotient") if name in known]
    found = [(*way, *named("less_one", "binade_beyond_vanishes", log)) for way in ways for log in logarithms]
    for inner in ("below_least", "zero_or_least_normal", "least_normal_or_zero"):
        found += [named(inner, "scale_overflows"), *(named(inner, log, "no_logarithm", "scale_overflows") for log in logarithms)]
    return [(*suite, *named(zero)) for zero in ("minus_zero", "negative_zero_lost") for suite in found]


def _intermediates(source: Format, target: Format) -> list[tuple[Format, Projection]]:
    """Formats through which a conversion may go on its way, when that could change a result."""
    ways = []
    for name in ("binary32", "binary16", "bfloat16", "binary64"):
        via = parse(name)
        same = isinstance(source, Fixed) or (isinstance(source, Float) and isinstance(via, Float) and source.trailing == via.trailing and source != via)
        narrower = via.width < source.width or (same and via.width == source.width)
        if via == target or not narrower:
            continue
        ways.append((via, Projection(nans=NaNs.PROPAGATE)))
    return ways


Route = tuple[str, tuple[tuple[Format, Projection], ...], Projection]


def _through_integers(source: Format, target: Fixed) -> list[Route]:
    """A float becomes a wide integer first, whose low bits are kept: what processors without narrow conversions do.

    Results differ only out of range, where nothing is defined; so this is a policy, not a defect.
    """
    if isinstance(source, Fixed):
        return []
    found: list[Route] = []
    for bits in (32, 64):
        for signed in (True, False):
            via = Fixed(f"{'int' if signed else 'uint'}{bits}", bits, 0, signed)
            if via == target or bits < target.width:
                continue
            for rule, beyond, absent in (
                ("lowest code beyond it", Overflow.TO_NAN, AbsentNaN.LOWEST),
                ("greatest code beyond it", Overflow.TO_NAN, AbsentNaN.GREATEST),
                ("saturated", Overflow.SATURATE_FINITE, AbsentNaN.ZERO),
                ("itself wrapped", Overflow.WRAP, AbsentNaN.ZERO),
                ("itself wrapped, NaN lowest", Overflow.WRAP, AbsentNaN.LOWEST),
            ):
                how = Projection(rounding=Rounding.TOWARD_ZERO, overflow=beyond, absent_nan=absent)
                found.append((f"the low bits of {via.name} ({rule})", ((via, how),), Projection(overflow=Overflow.WRAP, absent_nan=AbsentNaN.ZERO)))
    return found


@dataclass(frozen=True)
class _Via:
    """Puts intermediate formats before the target."""

    via: tuple[tuple[Format, Projection], ...]
    last: Projection | None = None

    def __call__(self, model: Model) -> Model:
        return replace(model, via=self.via + model.via, last=self.last or model.last)


@dataclass(frozen=True)
class _ExactToo:
    """Rounds to odd, with a defect."""

    def __call__(self, model: Model) -> Model:
        return replace(model, last=replace(model.last, rounding=Rounding.TO_ODD), quirks=(*model.quirks, "even_made_odd"))


@dataclass(frozen=True)
class _Quirk:
    """Adds a defect of the last step."""

    quirk: str

    def __call__(self, model: Model) -> Model:
        return replace(model, quirks=(*model.quirks, self.quirk))


@dataclass(frozen=True)
class _Through:
    """Puts a format before the target, at whose codes a defect looks."""

    via: Format
    quirk: str

    def __call__(self, model: Model) -> Model:
        return _Quirk(self.quirk)(_Via(((self.via, DEFAULT),))(model))


def _shifted(source: Float, target: Float) -> Float | None:
    """The precision of ``source`` on the grid below the least normal value of ``target``; None where a code would not fit the carrier."""
    w = 63 - source.trailing
    if source.trailing <= target.trailing or w < max(source.exponent_bits, target.exponent_bits) or source.emin > target.emin:
        return None
    return Float(f"{source.name} at the exponents of {target.name}", min(w, source.exponent_bits + 1), source.precision, target.bias, Specials.IEEE)


def one_more_bit(target: Float) -> Float | None:
    """``target`` with its guard bit kept, the range not narrower; None where a code would not fit the carrier."""
    if target.precision + 18 > 64 or not target.subnormals or target.trailing == 0 or not target.signed:
        return None
    w = max(target.exponent_bits + 1, 2)
    return Float(f"{target.name} with a guard bit", w, target.precision + 1, target.bias, Specials.IEEE, True)


BINARY32 = Float("binary32", 8, 24, 127, Specials.IEEE)
EXAMINED = 4000
"""Cases of each kind, right and wrong, on which explanations are tried; fewer where the scalar reference has to do it."""
PAIRS = 6
SPOT_CHECKS = 64


def conversion_problem(claim: Claim, budget: Budget) -> Problem[Model]:
    """The problem that a conversion poses."""
    source, target = claim.operands[0], claim.result
    cases = conversion_cases(source, target, budget.seed, budget.samples, budget.points, claim.tries)
    expected = _expected(source, target, claim.projection, budget.seed, budget.samples, budget.points, claim.oracle, claim.tries)
    if (out := refused(claim, cases.operands)).any():
        cases, expected = cases.without(out), expected[~out]
    confirm(claim, cases.operands[0], expected)
    fast = engine_for(source, target, claim.projection) == "array"

    def undefined(operands: Operands) -> bool:
        if not isinstance(target, Fixed) or isinstance(source, Fixed):
            return False
        return bool(np.all(convert(operands[0], source, target, claim.projection)[1] & INVALID))

    return Problem(
        cases,
        expected,
        Model(claim.projection),
        lambda model, operands: evaluate(model, operands[0], source, target),
        _axes(claim),
        _deviations(claim),
        EXAMINED if fast else EXAMINED // 40,
        PAIRS if fast else 0,
        undefined,
        lambda operands, got: treatment(source, target, operands[0], got),
        suites=suites(source, target),
    )


def _axes(claim: Claim) -> list[Axis[Model]]:
    """What standards leave open, and what the emulator does not document."""
    found = policies(claim.operands[0], claim.result)
    if "overflow" in claim.silent:
        more = Option("overflow gives infinity whatever the mode", _Quirk("infinite_in_every_mode"))
        found = [replace(axis, options=(*axis.options, more)) if axis.name == "overflow" else axis for axis in found]
    found = [*(Axis(step, (Option(DOCUMENTED[step], _Quirk(step)),)) for step in claim.documented), *found]
    return [*found, nearest_ties()] if "ties" in claim.silent else found


def _deviations(claim: Claim) -> list[Option[Model]]:
    """Known defects, but for what the emulator's silence makes a policy."""
    found = deviations(claim.operands[0], claim.result)
    if "ties" not in claim.silent:
        return found
    ties = {option.apply for option in nearest_ties().options}
    return [option for option in found if option.apply not in ties]


DOCUMENTED = {"sign_added": "the sign bit is added to what is cut off toward minus infinity, as documented: exact negative values go up by a code too"}
"""Quirks that some library documents, in words."""


@lru_cache(maxsize=8)
def _expected(source: Format, target: Format, how: Projection, seed: int, samples: int, points: int, oracle: str | None, most: int) -> Codes:
    """What the reference gives on the operands of a plan; several emulators meet the same plan."""
    codes = conversion_cases(source, target, seed, samples, points, most).operands[0]
    return convert(codes, source, target, how, engine=oracle)[0] if oracle else evaluate(Model(how), codes, source, target)


def confirm(claim: Claim, codes: Codes, expected: Codes) -> None:
    """Recompute some cases by the scalar reference. The array engine is a claim like any other; a difference here is our own error."""
    step = max(1, len(codes) // SPOT_CHECKS)
    for code, out in zip(codes[::step].tolist(), expected[::step].tolist(), strict=True):
        again = claim.result.round(claim.operands[0].operand(code, claim.projection.operands), claim.projection)
        assert again == out, f"the engines disagree on {claim.title} at {code:#x}: {out:#x} and {again:#x}"
