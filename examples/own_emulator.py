"""An emulator of your own, held to the reference: ``refmath check own_emulator:adapter`` from this folder.

An adapter turns arrays of codes into whatever the emulator takes, calls the function that users call, and turns the result back. Here the
emulator is three lines of NumPy that make bfloat16 of binary32, and make it wrong: they add half a step and cut, so that ties go away
from zero, and NaNs and the greatest values fare no better.
"""

import numpy as np
from numpy.typing import NDArray

from conformance.budget import QUICK
from conformance.checker import check
from conformance.claims import Claim, Codes
from formats import Projection, parse


def to_bfloat16(x: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The emulator under test."""
    return ((x.view(np.uint32) + np.uint32(0x8000)) >> np.uint32(16)).astype(np.uint16)


class OwnEmulator:
    """All that the tester needs to know of it."""

    name = "own_emulator"
    views = ("strided", "transposed", "offset", "reversed")
    compiles = False

    def describe(self) -> str:
        return "own_emulator 0.1, cpu"

    def claims(self) -> list[Claim]:
        return [Claim(self.name, "convert", (parse("binary32"),), parse("bfloat16"), Projection(), "to_bfloat16")]

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        return [to_bfloat16(codes.view(np.float32)) for (codes,) in calls]


def adapter(device: str) -> OwnEmulator:
    """What ``refmath check own_emulator:adapter`` calls."""
    return OwnEmulator()


if __name__ == "__main__":
    emulator = OwnEmulator()
    verdict = check(emulator.claims()[0], emulator, QUICK)
    print(f"{verdict.title}: {verdict.status.value}, {verdict.defects:,} of {verdict.cases:,} cases")
    print(f"why: {'; '.join(verdict.deviations) or 'no known deviation'}; {verdict.unexplained:,} unexplained ({verdict.where})")
    case = verdict.counterexamples[0]
    print(f"simplest: {case.operands[0].hexadecimal} gives {case.got.value}, should be {case.expected.value}: {case.remark}")
