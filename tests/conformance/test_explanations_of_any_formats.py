"""Whatever the formats, a wrong result gets a verdict: no policy and no deviation that is tried stumbles over formats it was not made for."""

from itertools import product

import numpy as np
import pytest

from conformance.budget import QUICK
from conformance.checker import check
from conformance.claims import Claim, Codes
from conformance.verdict import Status
from conformance.walks import conversion_projection
from formats.arrays import convert
from formats.notation import parse

FORMATS = (
    "e2m1",
    "e3m2",
    "e8m0",
    "ocp_e4m3",
    "e4m3fnuz",
    "ocp_e5m2",
    "binary8p1uf",
    "binary8p3se",
    "int2",
    "uint2",
    "uint4",
    "int8",
    "q3.4",
    "posit8",
    "takum8",
    "nf4",
)
PAIRS = tuple(pair for pair in product(FORMATS, repeat=2) if pair[0] != pair[1])


class Twisted:
    """Right, but for the results of a few operands, which have another last bit."""

    name = "twisted"
    views = ()
    compiles = False

    def describe(self) -> str:
        return "twisted 1.0"

    def claims(self) -> list[Claim]:
        return []

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        results = []
        for (codes,) in calls:
            out = convert(codes, claim.operands[0], claim.result, claim.projection)[0]
            results.append(np.where(codes % 5 == 1, out ^ out.dtype.type(1), out))
        return results


@pytest.mark.parametrize(("source", "target"), [*PAIRS[::3], ("x87_extended", "e3m2")], ids=lambda name: name)
def test_a_wrong_result_differs_and_nothing_stumbles(source: str, target: str) -> None:
    """A fifth of all results is wrong by the last bit of their codes."""
    s, t = parse(source), parse(target)
    claim = Claim("twisted", "convert", (s,), t, conversion_projection(s, t), "twisted.convert")
    verdict = check(claim, Twisted(), QUICK)
    assert verdict.status in (Status.DIFFERS, Status.POLICY), (verdict.status, verdict.error)
    assert verdict.mismatches > 0
