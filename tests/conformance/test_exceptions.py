"""Operands on which an emulator raises an exception: a finding of their own, and the other results are judged as ever."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import reduce

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.accounts import said
from conformance.budget import STANDARD
from conformance.checker import check
from conformance.claims import Claim, Codes, Partly, Shapes
from conformance.emulators import load
from conformance.emulators.calls import Call, Calls, each
from conformance.emulators.held import Arrays
from conformance.exceptions import kinds
from conformance.identify import identify
from conformance.report.check_page import page
from conformance.report.declaration import declaration
from conformance.report.junit import junit
from conformance.report.screen import plain
from conformance.streaming import tally
from conformance.tally import BLOCK, Tally
from conformance.verdict import Status, Verdict
from conformance.walks import conversion_projection
from formats.arithmetic import operation
from formats.notation import parse
from refmath.errors import RefmathError
from refmath.rounding import Rounding
from tests.conformance.test_exhaustive import CLAIM, SOURCE, verdict_of
from tests.support.planted import Planted, by, same

WIDE, NARROW = parse("ocp_e5m2"), parse("ocp_e4m3")
ONE = Claim("own", "convert", (WIDE,), NARROW, conversion_projection(WIDE, NARROW), "own.convert(x)", shapes=Shapes.ONE)
RIGHT = operation("convert", WIDE, to=NARROW, projection=ONE.projection)


def singly(raising: dict[int, Exception], wrong: tuple[int, ...] = (), claim: Claim = ONE) -> Verdict:
    """The verdict on a function of one code that raises on some and is a code off on others."""

    def function(code: int) -> int:
        if code in raising:
            raise raising[code]
        return RIGHT(code).code ^ (code in wrong)

    return check(claim, Calls("own", "1.0", [Call(claim, each(function, np.uint8), Arrays("numpy", "codes"))]), STANDARD)


def test_operands_that_raise_are_counted_and_the_others_judged() -> None:
    """Three raise and one result is wrong: four defects, each told as what it is, the simplest operand that raises first."""
    found = singly({0x3D: OverflowError("too far"), 0x3C: OverflowError("too far"), 0x01: ValueError("small")}, wrong=(0x40,))
    assert (found.status, found.cases, found.raised, found.mismatches, found.defects) == (Status.DIFFERS, 256, 3, 4, 4)
    assert found.deviations[:2] == ("raises OverflowError: too far", "raises ValueError: small")
    first, second = found.counterexamples
    assert (first.operands[0].code, first.got.code, first.got.value) == ("0x3c", "", "raises OverflowError: too far")
    assert (second.operands[0].code, second.expected.value) == ("0x40", "2")


def test_as_many_cases_are_kept_as_the_budget_says() -> None:
    """The one that raises, and the twelve that are wrong."""
    wrong = tuple(range(0x40, 0x4C))

    def function(code: int) -> int:
        if code == 0x3C:
            raise OverflowError
        return RIGHT(code).code ^ (code in wrong)

    adapter = Calls("own", "1.0", [Call(ONE, each(function, np.uint8), Arrays("numpy", "codes"))])
    for most in (5, 20):
        found = check(ONE, adapter, replace(STANDARD, kept=most))
        assert len(found.counterexamples) == min(most, 13) and found.counterexamples[0].got.value == "raises OverflowError"


def test_where_nothing_else_is_wrong_exceptions_explain_all() -> None:
    """Nothing remains to be explained, and policies are told as ever."""
    found = singly({code: OverflowError() for code in range(0x70, 0x7C)})
    assert (found.status, found.raised, found.defects, found.unexplained, found.deviations) == (Status.DIFFERS, 12, 12, 0, ("raises OverflowError",))


def test_a_claim_whose_every_operand_raises_fails_to_run() -> None:
    """As a whole, with what was raised first."""
    found = singly({code: ZeroDivisionError(f"on {code}") for code in range(256)})
    assert (found.status, found.error, found.raised) == (Status.FAILED, "own.convert(x) raised ZeroDivisionError: on 0", 0)


def test_exceptions_beside_results_that_are_no_values() -> None:
    """A function of floats that gives 2^-20 for one operand, and raises on another: both are told, each with its case."""

    def function(x: float) -> float:
        if x == 2:
            raise KeyError("two")
        return 2.0**-20 if x == 3 else x

    claim = replace(ONE, operands=(NARROW,))
    found = check(claim, Calls("own", "1.0", [Call(claim, each(function), Arrays("numpy", "float64"))]), STANDARD)
    assert (found.raised, found.aliens, found.defects) == (1, 1, 2)
    assert [case.got.value for case in found.counterexamples] == ["raises KeyError: 'two'", "9.5367431640625e-7"]


@given(st.lists(st.sampled_from(["A: x", "A: y", "A", "B: x", "B"]), max_size=6), st.integers(0, 6))
def test_kinds_of_parts_are_those_of_the_whole(told: list[str], cut: int) -> None:
    """However the operands were divided among ranges."""
    assert kinds((*kinds(told[:cut]), *kinds(told[cut:]))) == kinds(told)
    assert [text.partition(": ")[0] for text in kinds(told)] == sorted({text.partition(": ")[0] for text in told})


RAISING = {0x7E123: "ValueError: one", 0x1F0001: "KeyError: 'other'"}
"""Operands of which the standard plan has none."""


def function(claim: Claim, codes: Codes) -> Partly:
    out = np.asarray(by(same)(claim, codes))
    raised = {int(at): RAISING[int(codes[at])] for at in np.nonzero(np.isin(codes, list(RAISING)))[0]} if codes.ndim else {}
    out[list(raised)] = 0
    return Partly(out, np.zeros(out.shape, dtype=bool), out, claim.result, raised)


def test_exceptions_are_counted_over_all_operands() -> None:
    """Where all operands are visited, those that raise are found though no plan has to have them."""
    found = verdict_of(Planted(function))
    assert (found.status, found.raised, found.mismatches, found.defects, found.unexplained) == (Status.DIFFERS, 2, 2, 2, 0)
    assert found.deviations == ("raises KeyError: 'other'", "raises ValueError: one")
    assert int(found.counterexamples[0].operands[0].code, 16) in RAISING


def test_exceptions_of_ranges_merge_and_are_recorded() -> None:
    """Ranges in any division and order give the same tally, also by way of JSON, as the ledger of a campaign holds it; refused operands beside them stay out."""
    claim, adapter = replace(CLAIM, refuses=("nan",)), Planted(function)
    parts = [tally(claim, adapter, (said(claim),), first, BLOCK) for first in range(0, SOURCE.codes, BLOCK)]
    again = [Tally.from_data(json.loads(json.dumps(part.as_data()))) for part in reversed(parts)]
    whole = tally(claim, adapter, (said(claim),), 0, SOURCE.codes)
    assert reduce(Tally.merge, again) == reduce(Tally.merge, parts) == whole
    assert (whole.raised.count, whole.errors) == (2, ("KeyError: 'other'", "ValueError: one"))
    assert sorted(example.index for example in whole.raised.examples) == sorted(RAISING)


def test_reports_tell_exceptions() -> None:
    """The page, JSON, JUnit and the declaration."""
    found = singly({0x3C: OverflowError("too far")}, wrong=(0x40,))
    assert Verdict.from_json(json.loads(json.dumps(found.as_json()))) == found and found.as_json()["raised"] == 1
    shown = "\n".join(plain(line) for line in page("own 1.0", [found], False))
    assert "raises OverflowError: too far" in shown and "2 of 256 cases; 1 raise" in shown
    assert "0x3c: got raises OverflowError: too far, expected" in junit({"own 1.0": [found]})
    assert "raises: 1\n" in declaration({"own 1.0": [found]}, "1")


def test_what_raises_on_some_operands_is_identified_by_the_others() -> None:
    """A rounding that raises for NaN: the format and the mode are found, and NaN is said to raise; one that always raises is told in one sentence."""

    def function(x: float) -> float:
        if x != x:
            raise ValueError("no NaN, please")
        return float(np.float32(x).astype(ml_dtypes.float8_e5m2))

    def always(x: float) -> float:
        raise ValueError("no")

    claim = replace(ONE, operands=(HALF,))
    found = identify(claim, Calls("own", "1.0", [Call(claim, each(function), Arrays("numpy", "float64"))]), STANDARD)
    assert (found.format, found.rounding, found.exceptions) == ("ocp_e5m2", "nearest_even", 0)
    assert "raises ValueError: no NaN, please, taken for NaN" in found.policies
    with pytest.raises(RefmathError, match=r"own.convert\(x\) raised ValueError: no."):
        identify(claim, Calls("own", "1.0", [Call(claim, each(always), Arrays("numpy", "float64"))]), STANDARD)


def test_exponentials_of_titanfp_raise_where_they_overflow() -> None:
    """exp of a bfloat16 number of 2^31 and more, and below the range of MPFR's exponents: the rest is right."""
    ieee754 = pytest.importorskip("titanfp.arithmetic.ieee754", reason="titanfp is not installed")
    context = ieee754.ieee_ctx(8, 16)
    with pytest.raises(Exception, match="overflow"):
        ieee754.Float(2.0**33, ctx=context).exp_(ctx=context)
    adapter = load("titanfp", "cpu")
    claim = next(claim for claim in adapter.claims() if (claim.title, claim.variant) == ("exp bfloat16", "RNE"))
    found = check(claim, adapter, STANDARD)
    assert found.deviations == ("raises SignedOverflow: overflow", "raises SignedUnderflow: underflow")
    assert found.raised == found.defects > 10


class Arrays16:
    """An emulator of arrays of binary16 codes that raises where a test says so, and counts its calls."""

    name = "own"
    views = ("strided", "transposed", "offset")
    compiles = False

    def __init__(self, raises: Callable[[Codes], bool], wrong: int | None = None) -> None:
        self.raises, self.wrong, self.calls = raises, wrong, 0

    def describe(self) -> str:
        return "own"

    def claims(self) -> list[Claim]:
        return [WORDS]

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        found = []
        for (codes,) in calls:
            self.calls += 1
            if self.raises(codes):
                raise FloatingPointError("not these")
            out = (codes >> 8).astype(np.uint8) ^ np.uint8(codes.ndim and (codes == self.wrong))
            codes[...] = 0
            found.append(out)
        return found


HALF = parse("binary16")
WORDS = Claim("own", "convert", (HALF,), WIDE, replace(conversion_projection(HALF, WIDE), rounding=Rounding.TOWARD_ZERO), "own.head(x)")
"""The head of a binary16 number is what it is toward zero in E5M2, but for some NaNs."""


def test_operands_on_which_arrays_raise_are_singled_out() -> None:
    """Of 65,536 operands three raise; of the others NaNs that become infinities are told as ever, and one that is wrong; no layout is blamed."""
    strange = np.array([0x3C01, 0x3C02, 0xF000], np.uint16)
    emulator = Arrays16(lambda codes: bool(np.isin(codes, strange).any()), wrong=0x4000)
    found = check(WORDS, emulator, STANDARD)
    cut = 2 * 255  # codes of NaNs whose head is an infinity's
    assert (found.raised, found.defects, found.layout_dependent) == (3, 3 + 1 + cut, ())
    assert found.deviations[0] == "raises FloatingPointError: not these" and found.counterexamples[0].operands[0].code == "0x3c02"
    assert emulator.calls < 200 and found.layouts > 10


def test_arrays_that_raise_on_ordinary_operands_fail_after_few_calls() -> None:
    """Whatever it is given, or whatever is shorter than its least array: four calls tell."""
    for raises in (lambda codes: True, lambda codes: codes.size < 1000 or bool((codes == 0x3C01).any())):
        emulator = Arrays16(raises)
        found = check(WORDS, emulator, STANDARD)
        assert (found.status, found.error, emulator.calls) == (Status.FAILED, "own.head(x) raised FloatingPointError: not these", 4)


def test_arrays_that_raise_by_their_length_fail() -> None:
    """No operand is to blame, though one of them raises alone too."""
    for odd in ([], [0x3C01]):
        found = check(WORDS, Arrays16(lambda codes, odd=odd: codes.size > 40_000 or bool(np.isin(codes, odd).any())), STANDARD)  # type: ignore[misc]
        assert (found.status, found.error) == (Status.FAILED, "own.head(x) raised FloatingPointError: not these")


def test_arrays_that_raise_for_nan_are_told_for_each() -> None:
    """All 2,046 NaNs of binary16, one by one, in two calls each."""
    emulator = Arrays16(lambda codes: bool(((codes & 0x7FFF) > 0x7C00).any()))
    found = check(WORDS, emulator, STANDARD)
    assert (found.status, found.raised, found.defects, found.unexplained) == (Status.DIFFERS, 2046, 2046, 0) and emulator.calls < 5000


def test_arrays_that_raise_on_many_operands_fail_after_a_bounded_number_of_calls() -> None:
    """Every odd code: half of all. The sentence says that these are some operands only, and what can be done."""
    emulator = Arrays16(lambda codes: bool((codes & 1).any()))
    found = check(WORDS, emulator, STANDARD)
    assert found.status is Status.FAILED and emulator.calls < 600
    assert found.error.startswith("own.head(x) raised FloatingPointError: not these, on too many operands to tell which; name kinds")


def test_exceptions_that_cannot_say_what_they_are_have_their_name() -> None:
    """An exception whose text raises by itself."""

    class SilentError(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    def raises(codes: Codes) -> bool:
        raise SilentError

    assert check(WORDS, Arrays16(raises), STANDARD).error == "own.head(x) raised SilentError"


def test_ranges_of_all_operands_are_halved_too() -> None:
    """In a stream, an array of a block with two operands that raise, of an emulator that writes to what it is given."""

    def function(claim: Claim, codes: Codes) -> Codes:
        if np.isin(codes, list(RAISING)).any():
            raise ValueError("one")
        out = np.asarray(by(same)(claim, codes)).copy()
        codes[...] = 0
        return out

    found = tally(CLAIM, Planted(function), (said(CLAIM),), 0, SOURCE.codes)
    assert (found.raised.count, found.errors, found.samples[0].count) == (2, ("ValueError: one",), 0)
    assert sorted(example.index for example in found.raised.examples) == sorted(RAISING)
