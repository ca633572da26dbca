"""The problem that a claim about a conversion poses: its cases, what the reference gives, and the ways in which implementations are known to differ."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from conformance.budget import Budget
from conformance.cases.conversions import conversion_cases
from conformance.claims import Claim
from conformance.conversion_deviations import deviations, suites
from conformance.conversion_policies import policies
from conformance.diagnose import Axis, Option
from conformance.policies import nearest_ties
from conformance.posit_integers import applies
from conformance.problem import Operands, Problem
from conformance.refused import refused
from conformance.treatment import treatment
from conformance.walks import Model, Quirk, evaluate
from formats.arrays import Codes, convert, engine_for
from formats.family import Format
from formats.fixed import Fixed
from formats.projection import Projection
from refmath.flags import INVALID

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
        suites=suites(source, target) if fast or applies(source, target) else (),
    )


def _axes(claim: Claim) -> list[Axis[Model]]:
    """What standards leave open, and what the emulator does not document."""
    found = policies(claim.operands[0], claim.result)
    if "overflow" in claim.silent:
        more = Option("overflow gives infinity whatever the mode", Quirk("infinite_in_every_mode"))
        found = [replace(axis, options=(*axis.options, more)) if axis.name == "overflow" else axis for axis in found]
    found = [*(Axis(step, (Option(DOCUMENTED[step], Quirk(step)),)) for step in claim.documented), *found]
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
