"""How much to try."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """How much to try."""

    samples: int = 16384
    """Random operands where the source is too wide for all."""
    points: int = 1 << 18
    """Values and thresholds of the target that are visited."""
    thorough_layouts: bool = True
    seed: int = 1
    exhaustive: bool = False
    """Whether all operands are visited where there are up to 2^32, and an engine that gives what is expected: see ``conformance.streaming``."""
    span: int = 1 << 24
    """Of those, so many are one range, the unit of work: a multiple of ``conformance.tally.BLOCK``."""
    kept: int = 5
    """Counterexamples kept of a claim: the simplest, and beyond five a spread over all."""


QUICK = Budget(samples=2048, points=4096, thorough_layouts=False)
"""For a first look."""
STANDARD = Budget()
EXHAUSTIVE = Budget(exhaustive=True)
"""All operands there are, wherever those can be visited."""
