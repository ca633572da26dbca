"""Which format, rounding, overflow, subnormal and NaN policy does a black box implement?

First the format: its values are what comes out, and they come out of themselves. Then the projection: for each format that fits, every rounding mode and every policy
that standards leave open is tried on operands at all thresholds of that format, and the model with the fewest exceptions is the answer. The evidence: how many cases
it was tried on, its exceptions, and for every other mode and policy the simplest case that refutes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from conformance.black_box import BlackBox, Sample, alien, candidates, coded, fixed_points, held_in, probes, span
from conformance.budget import Budget
from conformance.claims import Adapter, Answer, Claim, Codes, Partly
from conformance.compare import differ, is_nan
from conformance.conversions import conversion_problem
from conformance.counterexamples import counterexample, simplest
from conformance.diagnose import Axis, Explanation, Option
from conformance.distribution import judge, points, ways
from conformance.exceptions import kinds
from conformance.exceptions import words as words_of
from conformance.explanation import explained, outputs
from conformance.policies import Set
from conformance.problem import AnyProblem, Operands
from conformance.running import NonsenseError, RaisedError, run_on_copies, some_results
from conformance.search import run_apart
from conformance.verdict import Counterexample
from conformance.walks import Model, conversion_projection
from formats.arrays import dtype
from formats.catalogue import CATALOGUE
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from formats.notation import parse, text
from refmath.errors import RefmathError
from refmath.rounding import DETERMINISTIC

MOST_FORMATS = 4
"""Formats on which projections are searched."""
SHOWN = 5
REPEATS = 1024
"""Draws of an operand where results are random."""


@dataclass(frozen=True)
class Refuted:
    """An alternative, and the case that speaks against it: ``expected`` is what it would give."""

    words: str
    cases: int
    case: Counterexample


@dataclass(frozen=True)
class Identification:
    """What a black box implements, or the nearest to it."""

    emulator: str
    call: str
    source: str
    format: str = ""
    """Empty where no format was found."""
    rounding: str = ""
    policies: tuple[str, ...] = ()
    """Overflow, subnormals, NaN and what else was found, in words."""
    deviations: tuple[str, ...] = ()
    """Defects without which the results are not those of the format."""
    cases: int = 0
    exceptions: int = 0
    """Cases in which the answer is not what the box gives."""
    examples: tuple[Counterexample, ...] = ()
    """Exceptions, the simplest first; ``expected`` is what the answer gives."""
    fixed: tuple[int, int] = (0, 0)
    """How many values of the format come out of themselves, and of how many."""
    same: tuple[str, ...] = ()
    """Other formats that fit as well."""
    refuted: tuple[Refuted, ...] = ()
    undecided: tuple[str, ...] = ()
    """Alternatives that no case tells apart from the answer."""
    remarks: tuple[str, ...] = ()
    """What it does beside its results, in words."""
    error: str = ""


NOTHING = (0, 0, 0, 0)


@cache
def _named() -> frozenset[Format]:
    return frozenset(named.format for named in CATALOGUE)


@dataclass(frozen=True)
class _Fit:
    """A format with its best projection."""

    fmt: Format
    claim: Claim
    problem: AnyProblem
    operands: Operands
    got: Codes
    found: Explanation[Any]
    exceptions: int
    passing: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """What speaks against it: exceptions, defects, that nobody has named the format (nor asked for it), data that it lacks; nothing where it is all zeros."""
        nameless = self.fmt not in _named() and self.fmt not in self.claim.operands
        return self.exceptions, len(self.found.deviations), int(nameless), len(self.passing)


def identify(claim: Claim, adapter: Adapter, budget: Budget) -> Identification:
    """The identification of the function of a claim; of the claim, only the source format is believed."""
    plain = Identification(claim.emulator, claim.call, text(claim.operands[0]))
    if len(claim.operands) != 1:
        raise RefmathError(f"{claim.call} has {len(claim.operands)} operands; a function of one number can be identified.")
    box = _box(claim, adapter)
    operands = probes(box.source, budget.seed)
    raw = box.call(operands)
    if (raw != box.call(operands)).any():
        return _random(plain, box, raw)
    sample = Sample.of(box.carrier, raw)
    fits = _fits(claim, box, sample, budget)
    if not fits:
        return replace(
            plain,
            cases=len(operands),
            error=f"{len(sample.values):,} distinct values came out, which no known format has and no float or fixed point format fits.",
        )
    best = min(fits, key=lambda fit: fit.rank)
    same = tuple(text(fit.fmt) for fit in fits if fit is not best and fit.rank == best.rank == NOTHING)
    answer = _answer(plain, box, best, same)
    if 2 * answer.exceptions > answer.cases or 2 * answer.fixed[0] < answer.fixed[1]:
        return replace(
            plain,
            cases=answer.cases,
            error=f"it does not round into a format: the nearest is {answer.format}, from which {answer.exceptions:,} of {answer.cases:,} results differ and {answer.fixed[1] - answer.fixed[0]:,} of {answer.fixed[1]:,} values do not come out of themselves.",
        )
    return answer


def _box(claim: Claim, adapter: Adapter) -> BlackBox:
    """The function of a claim as a black box whose results are held in one wide format."""
    carrier, errors = parse("binary64"), set[str]()

    def call(codes: Codes) -> Codes:
        answer = _called(claim, adapter, codes)
        raw = held_in(carrier, claim.result, answer)
        if isinstance(answer, Partly) and answer.raised:
            errors.update(kinds(answer.raised.values()))
            raw[answer.absent] = carrier.nan()
        return raw

    return BlackBox(claim.operands[0], carrier, call, errors)


def _called(claim: Claim, adapter: Adapter, codes: Codes) -> Answer:
    """What the emulator answers. ``RefmathError`` where it has no results."""
    try:
        return some_results(claim, run_on_copies(claim, adapter, [(codes,)])[0])
    except RaisedError as error:
        try:
            return run_apart(claim, adapter, (codes,), error)
        except RaisedError as reason:
            raise RefmathError(_sentence(reason)) from reason
    except NonsenseError as error:
        raise RefmathError(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    return f"{str(error).rstrip('.')}."


def _fits(claim: Claim, box: BlackBox, sample: Sample, budget: Budget) -> list[_Fit]:
    """The formats in question, each with its best projection. After one against which nothing speaks, only those with as few values to spare."""
    fits: list[_Fit] = []
    for fmt in candidates(sample, MOST_FORMATS, (claim.result, *claim.operands)):
        if any(fit.rank == NOTHING and span(fit.fmt, sample) < span(fmt, sample) for fit in fits):
            break
        fits.append(_fitted(claim, box, fmt, budget))
    return fits


def _fitted(claim: Claim, box: BlackBox, fmt: Format, budget: Budget) -> _Fit:
    """The best projection into one format."""
    how = conversion_projection(claim.operands[0], fmt) if isinstance(fmt, Float | Fixed) else fmt.default
    asked = Claim(claim.emulator, "convert", claim.operands, fmt, how, claim.call)
    problem = conversion_problem(asked, budget)
    (codes,) = problem.cases.operands
    raw = box.call(codes)
    strange = alien(box.carrier, raw, fmt)
    handed = _handed_on(box, codes, raw, strange)
    passing = _passing(box, fmt, raw, handed)
    kept = ~handed
    operands, got = (codes[kept],), coded(box.carrier, raw[kept], fmt)
    others = [option for option in problem.deviations if not any(mode.value in option.label for mode in DETERMINISTIC)]
    searched = replace(problem, axes=[_roundings(), *(axis for axis in problem.axes if axis.name != "rounding")], deviations=others)
    wrong = differ(fmt, got, searched.evaluate(searched.base, operands)) | strange[kept]
    found = explained(asked, searched, operands, got, wrong)
    exceptions = int(np.count_nonzero(differ(fmt, got, outputs(asked, searched, found, operands)) | strange[kept]))
    return _Fit(fmt, asked, searched, operands, got, found, exceptions, passing)


def _roundings() -> Axis[Model]:
    """The rounding mode as a question like any other."""
    return Axis("rounding", tuple(Option(f"rounds {mode.value}", Set((("rounding", mode),))) for mode in DETERMINISTIC))


def _handed_on(box: BlackBox, codes: Codes, raw: Codes, strange: Any) -> Any:
    """Which results are NaNs and infinities of the carrier that stand for those the format lacks: of a NaN a NaN, of anything else an infinity."""
    nan = is_nan(box.source, codes)
    infinities = np.array([box.carrier.infinity(), box.carrier.infinity(True)], dtype=raw.dtype)
    return strange & np.where(nan, is_nan(box.carrier, raw), np.isin(raw, infinities))


def _passing(box: BlackBox, fmt: Format, raw: Codes, handed: Any) -> tuple[str, ...]:
    """Data that come out though the format has none: the box hands on what its carrier can hold."""
    nan = is_nan(box.carrier, raw) & handed
    infinite = handed & ~nan
    words = []
    minus = (raw == raw.dtype.type(box.carrier.zero(True))) & (isinstance(fmt, Float) and not fmt.has_negative_zero)
    for name, where in (("NaN", nan), ("infinity", infinite), ("-0", minus)):
        if where.any():
            words.append(f"{name} comes out, of which {text(fmt)} has none")
    return tuple(words)


def _answer(plain: Identification, box: BlackBox, fit: _Fit, same: tuple[str, ...]) -> Identification:
    model: Model = fit.found.permitted
    predicted = outputs(fit.claim, fit.problem, fit.found, fit.operands)
    wrong = np.nonzero(differ(fit.fmt, fit.got, predicted))[0]
    own = fixed_points(fit.fmt, box.source)
    stays = int(np.count_nonzero(coded(box.carrier, box.call(own), fit.fmt) == coded(box.source, own, fit.fmt)))
    policies = tuple(words for words in fit.found.policies if not words.startswith("rounds "))
    treatment = fit.problem.treatment(fit.operands, fit.got)
    refuted, undecided = _alternatives(fit)
    return replace(
        plain,
        format=text(fit.fmt),
        rounding=(model.via[0][1] if model.via and isinstance(fit.fmt, Fixed) else model.last).rounding.value,
        policies=(
            *treatment,
            *(words for words in policies if not _told(words, treatment)),
            *fit.passing,
            *(f"{text}, taken for NaN" for text in words_of(kinds(box.errors))),
        ),
        deviations=fit.found.deviations,
        cases=len(fit.got),
        exceptions=fit.exceptions,
        examples=_examples(fit, predicted, wrong),
        fixed=(stays, len(own)),
        same=same,
        refuted=refuted,
        undecided=undecided,
    )


def _told(words: str, treatment: Sequence[str]) -> bool:
    """Whether what happened says a policy already."""
    return any(kind in words for kind in ("overflow", "becomes") for one in treatment if kind in one or one.startswith(words.split(" ")[0]))


def _examples(fit: _Fit, predicted: Codes, wrong: Any) -> tuple[Counterexample, ...]:
    chosen = simplest(fit.claim.operands, fit.operands, wrong, SHOWN) if len(wrong) else []
    return tuple(_case(fit, i, int(predicted[i])) for i in chosen)


def _case(fit: _Fit, i: int, expected: int) -> Counterexample:
    return counterexample(fit.claim, (int(fit.operands[0][i]),), int(fit.got[i]), expected)


def _alternatives(fit: _Fit) -> tuple[tuple[Refuted, ...], tuple[str, ...]]:
    """Every other rounding mode and policy: refuted by its simplest case, or not told apart."""
    answer = outputs(fit.claim, fit.problem, fit.found, fit.operands)
    said = fit.problem.treatment(fit.operands, fit.got)
    refuted, undecided = [], []
    for axis in fit.problem.axes:
        for option in axis.options:
            model = option.apply(fit.found.model)
            if model == fit.found.model or not option.label:
                continue
            out = fit.problem.evaluate(model, fit.operands)
            apart = np.nonzero(differ(fit.fmt, out, answer) & differ(fit.fmt, out, fit.got))[0]
            if len(apart):
                i = simplest(fit.claim.operands, fit.operands, apart, 1)[0]
                refuted.append(Refuted(option.label, len(apart), _case(fit, i, int(out[i]))))
            elif not fit.exceptions and option.label not in said and not (axis.name == "rounding" and model.via):
                undecided.append(option.label)
    refuted.sort(key=lambda one: one.cases)
    return tuple(refuted), tuple(undecided)


def _random(plain: Identification, box: BlackBox, raw: Codes) -> Identification:
    """A box whose results are random: the format, and the way of drawing."""
    found = candidates(Sample.of(box.carrier, raw), MOST_FORMATS)
    if not found:
        return replace(plain, error="results are random, and no known format has all of them.")
    fmt = found[0]
    tried = points(box.source, fmt)
    codes = np.repeat(np.array([point.code for point in tried], dtype=dtype(box.source)), REPEATS)
    got = coded(box.carrier, box.call(codes), fmt).reshape(len(tried), REPEATS)
    far = np.array([point.far for point in tried], dtype=got.dtype)[:, None]
    near = np.array([point.near for point in tried], dtype=got.dtype)[:, None]
    neither = int(np.count_nonzero((got != far) & (got != near)))
    ups = [int(n) for n in np.count_nonzero(got == far, axis=1)]
    fitting = [way.words for way in ways() if not judge(way, fmt, tried, ups, REPEATS).refuted]
    rounding = f"stochastic: {fitting[0]}" if fitting else "stochastic, by no known way of drawing"
    return replace(
        plain, format=text(fmt), rounding=rounding, cases=got.size, exceptions=neither, undecided=tuple(fitting[1:]), same=tuple(text(one) for one in found[1:])
    )
