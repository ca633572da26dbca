"""Recomputing the cases of IBM's FPgen suite, whose every line says what it computes, and the known errors of the suite by name."""

from dataclasses import dataclass, field

from conformance.vectors import fptest_file
from conformance.vectors.counts import Counts, Rules
from conformance.vectors.fptest import Case
from conformance.vectors.reading import Opened
from conformance.vectors.subject import Subject
from conformance.vectors.trapped import answer
from refmath.datum import Datum, NaN
from refmath.flags import Flags
from refmath.underflow import Tininess

ERRATUM = "known error of the suite: a quiet NaN first and a signalling one behind it, and no invalid flag"


@dataclass(frozen=True)
class WrongCase:
    """A case that is wrong."""

    case: Case
    expected: Datum | bool | str | None
    expected_flags: Flags
    result_is_wrong: bool


@dataclass
class SuiteVerdict(Counts):
    """What was found in a file of the suite; its known errors are not among the wrong cases."""

    tininess: Tininess
    open: int = field(default=0, init=False)
    """Cases for which any result is right: see ``conformance.vectors.fptest``."""
    undelivered: int = field(default=0, init=False)
    """Cases that trap and deliver nothing, whose flags alone were looked at."""
    errata: list[Case] = field(default_factory=list, init=False)
    """Cases that are wrong as the suite is known to be."""
    first: list[WrongCase] = field(default_factory=list, init=False)


def is_fptest(opened: Opened, stated: Subject | None) -> bool:
    """Whether a file is one of the suite, to be read line by line."""
    return opened.syntax == "fptest" and stated is None


def verify_fptest(opened: Opened, tininess: Tininess | None, rules: Rules, keep: int) -> SuiteVerdict:
    """The verdict on a file. ``tininess``: when underflow is detected; before rounding, as the suite has it, where it is None, unless a sidecar says otherwise."""
    usual = opened.header.subject.how.tininess if opened.header is not None else Tininess.BEFORE
    verdict = SuiteVerdict(rules, tininess or usual)
    for item in fptest_file.cases(opened.parts):
        if isinstance(item, Case):
            judge(verdict, item, keep)
        else:
            verdict.slip(item)
    return verdict


def judge(verdict: SuiteVerdict, case: Case, keep: int) -> None:
    """Recompute a case."""
    verdict.cases += 1
    expected, flags = answer(case, verdict.tininess)
    verdict.undelivered += case.result is None
    verdict.open += expected is None
    wrong_result = not same(case.result, expected)
    wrong_flags = verdict.rules.check_flags and flags != case.flags
    if not (wrong_result or wrong_flags):
        return
    if not wrong_result and is_erratum(case, flags):
        verdict.errata.append(case)
        return
    verdict.wrong_results += wrong_result
    verdict.wrong_flags += wrong_flags and not wrong_result
    if len(verdict.first) < keep:
        verdict.first.append(WrongCase(case, expected, flags, wrong_result))


def same(got: Datum | bool | str | None, expected: Datum | bool | str | None) -> bool:
    """Whether a result is as good as the expected one; any quiet NaN is as good as another. None stands for nothing delivered, and for a result that is open."""
    if got is None or expected is None:
        return True
    if isinstance(got, NaN) and isinstance(expected, NaN):
        return got.signalling == expected.signalling
    return got == expected


def is_erratum(case: Case, flags: Flags) -> bool:
    """Whether a case lacks the invalid flag of a signalling NaN behind a quiet one, and nothing else."""
    kinds = [x.signalling if isinstance(x, NaN) else None for x in case.operands]
    return bool(kinds) and kinds[0] is False and True in kinds[1:] and flags == case.flags | Flags.INVALID
