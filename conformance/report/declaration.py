"""A draft of the declaration that IEEE P3109 asks of an implementation (interim report v4.0, sections 4.4 and 4.5), as YAML: what it does exactly, approximately or not.

Each entry states the operation by P3109's name, the formats, the projection, and kappa: the greatest number of finite values stepped over between exact and delivered
result, ``.nan`` or ``.inf`` where a NaN or an infinity is on one side only. It says what was tried, so that nobody takes a sample for a proof.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from conformance.verdict import Status, Verdict
from formats.float_parameters import REVISIONS
from formats.operations import find_operation

NAMES = (
    "Convert", "Negate", "Abs", "CopySign", "Add", "Subtract", "Multiply", "Divide", "FMA", "FAA", "Recip", "Sqrt", "RSqrt", "Hypot",
    "Minimum", "Maximum", "MinimumNumber", "MaximumNumber", "MinimumMagnitude", "MaximumMagnitude", "MinimumMagnitudeNumber", "MaximumMagnitudeNumber",
    "MinimumFinite", "MaximumFinite", "Clamp", "CompareLess", "CompareLessEqual", "CompareEqual", "CompareGreaterEqual", "CompareGreater",
    "TotalOrder", "IsZero", "IsOne", "IsNaN", "IsInfinite", "IsFinite", "IsSignMinus", "IsNormal", "IsSubnormal", "Class",
    "NextGreaterThan", "NextLessThan", "Exp", "Exp2", "ExpMinusOne", "Log", "Log2", "LogOnePlus", "Softplus", "Sin", "Cos", "Tan",
    "ArcSin", "ArcCos", "ArcTan", "ArcTan2", "SinPi", "CosPi", "TanPi", "ArcSinPi", "ArcCosPi", "ArcTanPi", "ArcTan2Pi",
    "Sinh", "Cosh", "Tanh", "ArcSinh", "ArcCosh", "ArcTanh",
)  # fmt: skip
"""P3109 sections 4.9 to 4.16."""

ROUNDINGS = {
    "nearest_even": "NearestTiesToEven", "nearest_away": "NearestTiesToAway", "toward_zero": "TowardZero", "toward_positive": "TowardPositive",
    "toward_negative": "TowardNegative", "to_odd": "ToOdd", "stochastic_a": "StochasticA", "stochastic_b": "StochasticB", "stochastic_c": "StochasticC",
}  # fmt: skip
SATURATIONS = {"saturate_finite": "SatFinite", "saturate_propagate": "SatPropagate", "satnone_4.0.3": "SatNone", "satnone_4.0": "SatNone (v4.0)"}


@cache
def names() -> dict[str, str]:
    """The name of an operation in ``refmath`` to that in P3109."""
    return {find_operation(name).name: name for name in NAMES}


def declaration(pages: Mapping[str, Sequence[Verdict]], version: str) -> str:
    """The YAML text: one document for all emulators, entries in the order of the check."""
    import yaml

    document = {
        "schema": "refmath-declaration/1",
        "basis": f"Checked against IEEE P3109 interim report v4.0 and the drafts up to {REVISIONS[-1]}, which must not be used for conformance purposes.",
        "refmath": version,
        "implementations": [
            {"implementation": description, "operations": [_entry(verdict) for verdict in verdicts]} for description, verdicts in pages.items()
        ],
    }
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120))


def _entry(verdict: Verdict) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "operation": names().get(verdict.operation, verdict.operation),
        "standard": "P3109" if verdict.operation in names() else "beyond P3109",
        "call": verdict.call,
        "operands": list(verdict.operands),
        "result": verdict.result,
        "projection": [ROUNDINGS.get(verdict.rounding, verdict.rounding), SATURATIONS.get(verdict.overflow, verdict.overflow)],
        "implements": implements(verdict),
    }
    if verdict.status is Status.FAILED:
        return entry | {"why": verdict.error}
    entry["kappa"] = float(verdict.kappa_class) if verdict.kappa_class else verdict.kappa
    if verdict.policies:
        entry["policies"] = list(verdict.policies)
    if verdict.status is Status.DIFFERS:
        entry["deviations"] = [re.sub(r"\s+", " ", text) for text in verdict.deviations] or ["none that is known"]
        if verdict.layout_dependent:
            entry["layouts"] = list(verdict.layout_dependent)
    if verdict.raised:
        entry["raises"] = verdict.raised
    return entry | {"evidence": {"cases": verdict.cases, "exhaustive": verdict.exhaustive, "plan": verdict.plan, "seed": verdict.seed}}


def implements(verdict: Verdict) -> str:
    """``exactly``, ``approximately`` (all differences are finite values beside finite ones), ``not``, or ``unknown`` where it did not run."""
    match verdict.status:
        case Status.AGREES | Status.POLICY:
            return "exactly"
        case Status.APPROXIMATE:
            return "approximately"
        case Status.DIFFERS:
            return "not"
        case Status.FAILED:
            return "unknown"
