"""Operands of sums and dot products on which models of accumulation part: random vectors, in every other of which summands cancel."""

import random
from dataclasses import dataclass

from formats.family import Format
from formats.floats import Float
from refmath.errors import RefmathError
from refmath.reals import power_of_two, rational_floor_log2

SPREADS = (0, 1, 3, 8)
"""The exponents of the operands of a case lie within so many binades of 1; narrower formats take what fits."""
REACH = 16
"""The binades by which summands that cancel stand out, and others stay below 1, at most."""


@dataclass(frozen=True)
class Case:
    """The operands of one sum: codes, and those of the other factors where it is a dot product."""

    xs: tuple[int, ...]
    ys: tuple[int, ...] | None = None


def cases(of: Format, n: int, two: bool, count: int, seed: int) -> list[Case]:
    """Random vectors of numbers with full significands, both signs, and exponents spread a little or much.

    In every other case a few summands are great and cancel each other, so that what was lost beside them is all that is left of the rounding.
    """
    if not isinstance(of, Float):
        raise RefmathError(f"Random operands for sums are made of floats, and {of.name} is none; give a format such as binary32.")
    rng = random.Random(seed)
    top = rational_floor_log2(of.exact(of.limit()))
    reach = min(max((top - 4) // (2 if two else 1), 0), REACH)
    found = []
    for i in range(count):
        spread = min(SPREADS[i // 2 % len(SPREADS)], reach // 2)
        low = -rng.randint(0, reach) if i % 2 else 0
        xs, ys = ([_number(of, rng, spread, low) for _ in range(n)] for _ in range(2))
        if i % 2 and n > 1:
            for _ in range(rng.randint(1, 2)):
                _cancel(of, rng, xs, ys, rng.randint(0, reach))
        found.append(Case(tuple(xs), tuple(ys) if two else None))
    return found


def _number(of: Float, rng: random.Random, spread: int, exponent: int) -> int:
    """A code with a random significand, sign and exponent."""
    magnitude = of.code_below(power_of_two(exponent + rng.randint(-spread, spread)))[0] + rng.getrandbits(of.trailing)
    return of.join(rng.random() < 0.5, magnitude)


def _cancel(of: Float, rng: random.Random, xs: list[int], ys: list[int], exponent: int) -> None:
    """Make two of the summands of this exponent and of opposite sign."""
    i, j = rng.sample(range(len(xs)), 2)
    for vector in (xs, ys):
        vector[i] = vector[j] = _number(of, rng, 0, exponent)
    negative, magnitude = of.magnitude(xs[i]) or (False, 0)
    xs[j] = of.join(not negative, magnitude)
