"""All operands of a claim: exact counts, whatever is planted, however the work is cut, and an explanation that was verified on every one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.accounts import Account, accounts, runs_of, said
from conformance.budget import EXHAUSTIVE, STANDARD
from conformance.checker import Examination, check, examine
from conformance.claims import Claim, Codes, Partly
from conformance.compare import differ, is_nan, zeros_apart
from conformance.exhaustive import exhaust, not_exhausted
from conformance.numbering import operands
from conformance.report.progress import Count
from conformance.streaming import obstacle, size, spans, streams, tally
from conformance.tally import BLOCK, Example, Sample, Tally, choose
from conformance.verdict import Status, Verdict
from conformance.walks import Model, conversion_projection, evaluate
from conformance.worker import Range, Study, Task, _found
from formats.arrays import convert, operate
from formats.catalogue import CATALOGUE
from formats.family import Format
from formats.notation import parse
from formats.projection import DEFAULT, AbsentNaN, Projection
from formats.runs import span
from refmath.datum import Finite, NaN, NotAReal
from refmath.rounding import Rounding
from tests.support.effort import examples
from tests.support.planted import Planted, by, by_length, early_overflow, flushing, no_carry, one_wrong_code, right, same, saturating, ties_away, truncating

SOURCE, TARGET = parse("e7m13"), parse("ocp_e4m3")
"""21 bits: two blocks, more than the standard plan takes."""
CLAIM = Claim("planted", "convert", (SOURCE,), TARGET, conversion_projection(SOURCE, TARGET), "planted.convert")


class Here:
    """Answers questions in this process, as a pool of workers would."""

    def __init__(self, adapter: Any) -> None:
        self.adapter, self.dropped, self.ranges = adapter, 0, 0

    def run(self, questions: Sequence[Any], report: Callable[[int, Any], None]) -> None:
        for at, question in enumerate(questions):
            match question:
                case Task():
                    report(at, check(question.claim, self.adapter, question.budget))
                case Study():
                    report(at, examine(question.claim, self.adapter, question.budget, question.more))
                case Range():
                    self.ranges += 1
                    report(at, tally(question.claim, self.adapter, question.held_to, question.first, question.count))

    def drop(self) -> None:
        self.dropped += 1


def verdict_of(adapter: Planted, claim: Claim = CLAIM, advance: Callable[[int, str], None] = lambda count, title: None) -> Verdict:
    """The verdict on all operands."""
    found: dict[int, Verdict] = {}
    exhaust([Task("planted", "cpu", claim, EXHAUSTIVE)], Here(adapter), found.__setitem__, advance)  # type: ignore[arg-type]
    return found[0]


def mismatches(adapter: Planted) -> int:
    """Counted on one array of all codes."""
    codes = span(SOURCE, 0, SOURCE.codes)
    expected = evaluate(Model(CLAIM.projection), codes, SOURCE, TARGET)
    return int(np.count_nonzero(differ(TARGET, np.asarray(adapter.function(CLAIM, codes)), expected)))


DEFECTS: dict[Callable[[str], Planted], tuple[str, ...]] = {
    truncating: ("truncates",),
    ties_away: ("ties go away from zero",),
    no_carry: ("the carry out of the significand is lost",),
    early_overflow: ("overflows early: anything above the greatest value",),
}


@pytest.mark.parametrize("planted", DEFECTS, ids=lambda planted: planted.__name__)
def test_planted_defects_are_counted_exactly_and_explained_on_all(planted: Callable[[str], Planted]) -> None:
    """The counts are those of a comparison of all codes at once; the explanation leaves none of them."""
    verdict = verdict_of(planted("cpu"))
    assert verdict.status is Status.DIFFERS and verdict.exhaustive and verdict.plan == "all 2,097,152" and verdict.cases == SOURCE.codes
    assert verdict.mismatches == verdict.defects == mismatches(planted("cpu")) and verdict.deviations == DEFECTS[planted] and not verdict.unexplained


@pytest.mark.parametrize("planted", [saturating, flushing])
def test_policies_are_no_defects_on_any_operand(planted: Callable[[str], Planted]) -> None:
    """A named policy that all results follow."""
    verdict = verdict_of(planted("cpu"))
    assert verdict.status is Status.POLICY and verdict.policies and not verdict.defects and verdict.mismatches == mismatches(planted("cpu"))


def test_nans_whose_bits_are_cut_are_explained_on_all() -> None:
    """Their results differ from code to code between two thresholds: those that become infinities are counted, and the explanation leaves none."""
    source, target = parse("e5m11"), parse("ocp_e5m2")
    claim = replace(CLAIM, operands=(source,), result=target, projection=Projection(rounding=Rounding.TOWARD_ZERO))
    found = verdict_of(Planted(lambda _, codes: (codes >> 9).astype(np.uint8)), claim)
    assert (found.cases, found.exhaustive, found.unexplained) == (1 << 17, True, 0)
    assert found.deviations == ("NaNs are cut or rounded as if they were numbers",)
    assert found.mismatches == 2 * ((1 << 9) - 1)  # of each sign, a payload in the bits that are cut alone


def test_ranges_on_which_the_tool_fails_are_no_crash_of_the_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says whose failure it is."""

    def fails(*_: object) -> Tally:
        raise AssertionError("a threshold is missing")

    monkeypatch.setattr("conformance.streaming.tally", fails)
    answer = _found(Range("planted", "cpu", CLAIM, EXHAUSTIVE, (said(CLAIM),), 0, BLOCK), right("cpu"))
    assert isinstance(answer, Verdict) and answer.error == f"refmath itself failed on {CLAIM.title}: AssertionError: a threshold is missing"


def test_a_claim_that_leaves_out_a_policy_is_told_which() -> None:
    """A codebook without NaN and zero: one that asks for a zero in the place of a NaN, and one that is first held to what there is."""
    claim = replace(CLAIM, result=parse("codebook(-2, 2)"), projection=Projection(absent_nan=AbsentNaN.ZERO))
    assert check(claim, right("cpu"), STANDARD).error == (
        f"{claim.title} cannot be checked: codebook(-2, 2; ties=even) has neither a NaN nor a zero to deliver; "
        "say what takes the place of a NaN with absent_nan: greatest, lowest, signed_greatest."
    )
    assert check(replace(claim, projection=conversion_projection(SOURCE, claim.result)), right("cpu"), STANDARD).status is Status.AGREES


def test_what_is_right_agrees_in_one_pass() -> None:
    """All operands once."""
    pool, found = Here(right("cpu")), dict[int, Verdict]()
    exhaust([Task("planted", "cpu", CLAIM, EXHAUSTIVE)], pool, found.__setitem__, lambda count, title: None)  # type: ignore[arg-type]
    assert found[0].status is Status.AGREES and found[0].cases == SOURCE.codes and pool.ranges == 1


def test_one_wrong_code_among_all_is_found() -> None:
    """The one operand that no plan of boundaries has to have."""
    wrong = SOURCE.round(parse("binary64").exact(parse("binary64").from_float(1.2345)))

    def function(claim: Claim, codes: Codes) -> Codes:
        return np.where(codes == wrong, np.uint8(0x55), by(same)(claim, codes))

    verdict = verdict_of(Planted(function))
    assert (verdict.status, verdict.mismatches, verdict.defects, verdict.unexplained) == (Status.DIFFERS, 1, 1, 1)
    (case,) = verdict.counterexamples
    assert int(case.operands[0].code, 16) == wrong and int(case.got.code, 16) == 0x55
    assert verdict_of(one_wrong_code("cpu")).counterexamples[0].operands[0].value == "1.5"


def test_a_defect_that_the_standard_plan_misses_is_explained_in_a_second_pass() -> None:
    """Truncation in one half of one binade, away from its landmarks: found by the stream, explained by cases from it, verified on all."""
    low, high = SOURCE.round(parse("binary64").exact(parse("binary64").from_float(-3.0))), 64

    def function(claim: Claim, codes: Codes) -> Codes:
        inside = (codes >= low) & (codes < low + high) & (codes % 2 == 1)
        return np.where(inside, np.uint8(0x7F), by(same)(claim, codes))

    verdict = verdict_of(Planted(function))
    assert verdict.status is Status.DIFFERS and verdict.mismatches == verdict.defects == high // 2


def test_two_defects_at_once_and_their_shares() -> None:
    """Rounding twice with ties away: each by itself, and what takes both."""
    adapter = Planted(by(lambda how: replace(how, rounding=Rounding.NEAREST_AWAY), (("binary16", Projection()),)))
    verdict = verdict_of(adapter)
    assert set(verdict.deviations) == {"rounds twice, first to binary16", "ties go away from zero"} and not verdict.unexplained
    assert verdict.defects == mismatches(adapter) == sum(share.cases for share in verdict.shares)


def test_results_that_depend_on_the_length_are_not_called_right() -> None:
    """Whole chunks come out right; the layouts of the standard plan do not."""
    verdict = verdict_of(by_length("cpu"))
    assert verdict.status is Status.DIFFERS and verdict.layout_dependent


def test_an_emulator_that_fails_on_the_way_fails() -> None:
    """The exception becomes the verdict, and the rest of the pass is left."""

    class Failing(Planted):
        def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
            if len(calls[0][0]) >= BLOCK:
                raise MemoryError("planted")
            return super().run(claim, calls)

    class Reporting(Here):
        def run(self, questions: Sequence[Any], report: Callable[[int, Any], None]) -> None:
            if isinstance(questions[0], Range):
                report(0, replace(failed, error="planted.convert raised MemoryError: planted"))
            else:
                super().run(questions, report)

    failed = check(CLAIM, Failing(by(same)), EXHAUSTIVE)
    found, pool = dict[int, Verdict](), Reporting(Failing(by(same)))
    exhaust([Task("planted", "cpu", CLAIM, EXHAUSTIVE)], pool, found.__setitem__, lambda count, title: None)  # type: ignore[arg-type]
    assert found[0].error == "planted.convert raised MemoryError: planted" and pool.dropped == 1


def test_what_was_visited_before_an_interruption_is_kept() -> None:
    """Ctrl-C after the first range: a verdict on as many operands."""

    def interrupt(count: int, title: str) -> None:
        raise KeyboardInterrupt

    found: dict[int, Verdict] = {}
    wide = parse("e8m17")
    claim = replace(CLAIM, operands=(wide,), projection=conversion_projection(wide, TARGET))
    with pytest.raises(KeyboardInterrupt):
        exhaust([Task("planted", "cpu", claim, EXHAUSTIVE)], Here(truncating("cpu")), found.__setitem__, interrupt)  # type: ignore[arg-type]
    assert found[0].plan == "16,777,216 of all 67,108,864, then interrupted" and not found[0].exhaustive and found[0].status is Status.DIFFERS


def test_any_cut_gives_the_same_tally() -> None:
    """Ranges of one block, in another order, and one range."""
    adapter = truncating("cpu")
    held_to = (said(CLAIM), Account(Model(replace(CLAIM.projection, rounding=Rounding.TOWARD_ZERO))))
    parts = [tally(CLAIM, adapter, held_to, first, count) for first, count in spans(CLAIM, BLOCK)]
    whole = tally(CLAIM, adapter, held_to, 0, SOURCE.codes)
    assert reduce(Tally.merge, parts, Tally()) == reduce(Tally.merge, parts[::-1], Tally()) == whole
    assert whole.cases == SOURCE.codes and whole.samples[0].count == mismatches(adapter) and whole.samples[1].count == 0
    assert Tally.from_data(whole.as_data()) == whole


places = st.sets(st.integers(0, 99), max_size=12)
samples = places.map(lambda some: [Example((index % 4,), index, 1) for index in some]).map(lambda some: choose(len(some), some, some))


def a_tally(cases: int, sample: Sample) -> Tally:
    kind = ("", "nan", "inf")[cases % 3]
    return Tally(cases, (sample,), cases, 2, cases % 4, kind, cases > 3, (cases, 1)[: cases % 3], sample, cases)


@examples(30)
@given(*(st.builds(a_tally, st.integers(1, 9), samples),) * 3)
def test_merging_is_associative_and_commutative(one: Tally, two: Tally, three: Tally) -> None:
    """With a neutral element."""
    assert one.merge(two.merge(three)) == one.merge(two).merge(three) and one.merge(two) == two.merge(one)
    assert one.merge(Tally()) == Tally().merge(one) == one and Sample().merge(one.samples[0]).count == one.samples[0].count


@pytest.mark.parametrize("planted", [no_carry, early_overflow, flushing, saturating])
def test_accounts_have_runs_that_are_theirs(planted: Callable[[str], Planted]) -> None:
    """Quirks, policies, walks through other formats: their table is what they give code by code."""
    explanation = examine(CLAIM, planted("cpu"), EXHAUSTIVE).explanation
    assert explanation is not None
    codes = span(SOURCE, 0, SOURCE.codes)
    for account in accounts(explanation, CLAIM):
        table = runs_of(CLAIM, account)
        assert table is not None and np.array_equal(table.results(0, SOURCE.codes), evaluate(account.model, codes, SOURCE, TARGET))


def test_operands_that_are_refused_are_left_out() -> None:
    """An emulator that raises for NaN says so; the others are all visited, and one wrong among them is found."""
    claim = replace(CLAIM, refuses=("nan",))

    def function(claim: Claim, codes: Codes) -> Codes:
        if is_nan(SOURCE, codes).any():
            raise ValueError("no NaN, please")
        return np.where(codes == 0x80001, np.uint8(1), by(same)(claim, codes))

    verdict = verdict_of(Planted(function), claim)
    assert verdict.status is Status.DIFFERS and (verdict.mismatches, verdict.defects) == (1, 1)
    assert verdict.plan == "all 2,097,152 - 16,382 refused" and verdict.cases == SOURCE.codes - 2 * ((1 << 13) - 1)


def test_results_that_are_no_values_are_counted_and_shown() -> None:
    """One operand, which no plan has to have, gives a number of the wider type that the target does not have."""
    wide, wrong = parse("binary32"), 0x7E123

    def function(claim: Claim, codes: Codes) -> object:
        out = by(same)(claim, codes)
        alien = codes == wrong
        held = np.where(alien, np.uint32(0x3F800001), convert(out, TARGET, wide)[0])
        return Partly(np.where(alien, np.uint8(0), out), alien, held, wide)

    verdict = verdict_of(Planted(function))
    assert (verdict.status, verdict.aliens, verdict.mismatches, verdict.defects, verdict.unexplained) == (Status.DIFFERS, 1, 1, 1, 0)
    assert int(verdict.counterexamples[0].operands[0].code, 16) == wrong and verdict.counterexamples[0].got.code == "0x3f800001"


class Adding:
    """Adds codes of two formats, with one pair wrong."""

    name = "adding"
    views: tuple[str, ...] = ()
    compiles = False

    def describe(self) -> str:
        return "adding 1.0"

    def claims(self) -> list[Claim]:
        return []

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        found = []
        for x, y in calls:
            out = operate("add", claim.operands, (x, y), claim.result, claim.projection)[0]
            out = np.where((x == 0x12) & (y == 0x34), np.uint8(0x77), out)
            x[...] = 0  # what it does to its operands is its own affair
            found.append(out)
        return found


def test_pairs_are_visited_all() -> None:
    """All 2^16 pairs of two formats of 8 bits: the one wrong pair."""
    fmt = parse("ocp_e4m3")
    claim = Claim("adding", "add", (fmt, fmt), fmt, DEFAULT, "adding.add")
    found = tally(claim, Adding(), (said(claim),), 0, size(claim))
    (example,) = found.samples[0].simplest
    assert (found.cases, found.samples[0].count, example.index, example.got) == (1 << 16, 1, 0x1234, 0x77)
    assert (found.inaccurate, found.kappa) == (1, 0x77 - int(operate("add", fmt, (np.array([0x12], np.uint8), np.array([0x34], np.uint8)))[0][0]))


@pytest.mark.parametrize("names", [("ocp_e4m3", "e2m3"), ("e2m1", "e2m1", "e3m2"), ("binary16", "e2m1")])
def test_operands_by_number(names: tuple[str, ...]) -> None:
    """The first operand is the highest part of the number; whole rows and any other range give the same."""
    formats = [parse(name) for name in names]
    total = 1 << sum(fmt.width for fmt in formats)
    whole = operands(formats, 0, total)
    joined = np.zeros(total, np.uint64)
    for fmt, codes in zip(formats, whole, strict=True):
        joined = (joined << np.uint64(fmt.width)) | codes.astype(np.uint64)
    assert np.array_equal(joined, np.arange(total, dtype=np.uint64))
    for part, codes in zip(operands(formats, 5, 77), whole, strict=True):
        assert part.dtype == codes.dtype and np.array_equal(part, codes[5:82])


def test_why_a_claim_is_not_exhausted() -> None:
    """Too many operands, random bits, no engine: each with its reason; narrow claims need no stream."""
    f64, f32, f16, takum = map(parse, ("binary64", "binary32", "binary16", "takum_log32"))

    def claim(operation: str, *formats: Any, how: Projection = DEFAULT) -> Claim:
        return Claim("x", operation, formats[:-1], formats[-1], how, "x")

    assert obstacle(claim("convert", f64, f16)) == "binary64 has 2^64 codes"
    assert obstacle(claim("add", f32, f32, f32)) == "binary32 x binary32 has 2^64 combinations of codes"
    assert obstacle(claim("convert", takum, f32)) == "no array engine converts takum_log32 into binary32"
    assert obstacle(claim("exp", f32, f32)) == "no array engine computes exp on binary32"
    assert obstacle(claim("convert", f32, f16, how=Projection(rounding=Rounding.STOCHASTIC_A, bits=4))) == "results depend on random bits"
    assert streams(claim("convert", f32, f16)) and streams(claim("convert", parse("posit32"), parse("posit8"))) and not streams(claim("convert", f16, f32))
    assert not_exhausted([claim("convert", f64, f16), claim("convert", f64, f32), claim("convert", f32, f16)]) == [
        "binary64 has 2^64 codes, which cannot be exhausted; the standard plan is used for its 2 claims."
    ]


def test_conversions_without_runs_are_computed_one_by_one() -> None:
    """Into a format with a code for every operand there is no table; the array engine gives what is expected."""
    source, target = parse("e8m15"), parse("binary64")
    claim = Claim("planted", "convert", (source,), target, DEFAULT, "planted.convert")
    wrong = 0x123456

    def function(claim: Claim, codes: Codes) -> Codes:
        return np.where(codes == wrong, np.uint64(1), convert(codes, source, target, DEFAULT)[0])

    found = tally(claim, Planted(function), (said(claim),), 1 << 20, 1 << 20)
    assert runs_of(claim, said(claim)) is None and found.samples[0].count == 1 and found.samples[0].simplest[0].index == wrong


def test_an_examination_is_plain_data() -> None:
    """What goes to workers and back survives it: examinations with their explanation, ranges with their accounts."""
    import pickle

    found = examine(CLAIM, no_carry("cpu"), EXHAUSTIVE)
    assert found.explanation is not None and isinstance(pickle.loads(pickle.dumps(found)), Examination)
    question = Range("planted", "cpu", CLAIM, EXHAUSTIVE, accounts(found.explanation, CLAIM), 0, BLOCK)
    assert pickle.loads(pickle.dumps(question)) == question


SMALL = [named.format for named in CATALOGUE if named.format.width <= 8] + [parse(name) for name in ("takum8", "lns4.3", "e4m3(subnormals=no)", "ue4m3")]


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_nans_and_zeros_are_told_from_codes(fmt: Format) -> None:
    """Which codes are NaNs, and which are zeros of different signs: as decoding each says."""
    codes = np.arange(fmt.codes, dtype=np.uint8)
    data = [fmt.decode(code) for code in fmt]
    assert is_nan(fmt, codes).tolist() == [isinstance(datum, NaN | NotAReal) for datum in data]
    zeros = [code for code, datum in enumerate(data) if isinstance(datum, Finite) and not datum.value]
    apart = [(one, other) for one in fmt for other in fmt if zeros_apart(fmt, codes[one : one + 1], codes[other : other + 1]).any()] if fmt.width <= 4 else []
    assert set(apart) == ({(one, other) for one in zeros for other in zeros if one != other} if fmt.width <= 4 else set())


def test_progress_has_the_rate_since_the_first_operands() -> None:
    """The time of the standard plan does not count; a second pass makes the total greater."""
    count = Count(4 << 30)
    assert count.add(1 << 30, 100.0) == "1.07 of 4.29 G operands"
    assert count.add(1 << 30, 110.0) == "2.15 of 4.29 G operands  107 M/s, 0:20 left"
    assert count.add(3 << 30, 120.0) == "5.37 of 5.37 G operands  215 M/s, 0:00 left"
