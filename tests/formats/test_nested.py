"""Nested integers against integer arithmetic: narrowing in two steps, and in one."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from effort import EFFORT
from gmpy2 import mpq

from formats.fixed import Fixed, fixed, integer
from formats.nested import direct, narrow, nested, share_that_differs, two_step
from formats.projection import Projection
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import Rounding

MODES = {
    Rounding.NEAREST_EVEN: lambda q, rest, half, negative: q + (rest > half or (rest == half and q % 2 == 1)),
    Rounding.NEAREST_ODD: lambda q, rest, half, negative: q + (rest > half or (rest == half and q % 2 == 0)),
    Rounding.NEAREST_AWAY: lambda q, rest, half, negative: q + (rest > half or (rest == half and not negative)),
    Rounding.NEAREST_ZERO: lambda q, rest, half, negative: q + (rest > half or (rest == half and negative)),
    Rounding.NEAREST_POSITIVE: lambda q, rest, half, negative: q + (rest >= half),
    Rounding.NEAREST_NEGATIVE: lambda q, rest, half, negative: q + (rest > half),
    Rounding.TOWARD_NEGATIVE: lambda q, rest, half, negative: q,
}


def by_integers(w: int, h: int, l: int, signed: bool, mode: Rounding) -> int:  # noqa: E741
    """clamp(round(w / 2^(h - l))), by shifts."""
    if h == l:
        return w
    k = h - l
    q = MODES[mode](w >> k, w & ((1 << k) - 1), 1 << (k - 1), w < 0)
    low, high = (-(1 << (l - 1)), (1 << (l - 1)) - 1) if signed else (0, (1 << l) - 1)
    return max(low, min(high, q))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(("h", "l"), [(8, 4), (8, 8), (8, 7), (8, 2), (6, 3), (4, 1), (10, 4)])
def test_narrowing_is_a_rounded_shift(h: int, l: int, signed: bool, mode: Rounding) -> None:  # noqa: E741
    """Every h-bit integer narrows to l bits as shifts and comparisons of integers say, with each tie rule and with floor."""
    high = integer(h, signed)
    how = Projection(rounding=mode, overflow=Overflow.SATURATE_FINITE)
    for code in high:
        w = code - (1 << h) if signed and code >> (h - 1) else code
        assert narrow(code, high, l, how) == by_integers(w, h, l, signed, mode) % (1 << l)


def test_the_floor_variant_keeps_the_leading_bits() -> None:
    """Rounding down, W_l is the leading l bits of the word, and two steps are always one."""
    high, how = integer(8), Projection(rounding=Rounding.TOWARD_NEGATIVE, overflow=Overflow.SATURATE_FINITE)
    assert all(narrow(code, high, 4, how) == code >> 4 for code in high)
    assert share_that_differs(mpq(-140), mpq(140), high, 4, Rounding.TOWARD_NEGATIVE) == 0


def test_nested_formats_have_the_range_of_the_whole() -> None:
    """The 4 bits inside int8 count sixteens, those inside q4.4 count ones; the symmetric stays symmetric."""
    assert nested(integer(8), 4) == fixed(8, -4) and nested(fixed(4, 4), 4) == integer(4)
    assert nested(integer(8, symmetric=True), 4).symmetric
    for bits in (0, 9, -1):
        with pytest.raises(RefmathError, match="give 1 to 8"):
            nested(integer(8), bits)


def sampled(low: int, end: int, high: Fixed, bits: int, mode: Rounding) -> float:
    """The share of random numbers for which two steps differ from one."""
    rng, how = random.Random(1), Projection(rounding=mode, overflow=Overflow.SATURATE_FINITE)
    count = 20_000 * EFFORT
    numbers = (mpq(rng.randint(low * 10**9, end * 10**9), 10**9) for _ in range(count))
    return sum(two_step(x, high, bits, how, how) != direct(x, high, bits, how) for x in numbers) / count


@pytest.mark.parametrize(("low", "end", "high", "share"), [
    (-140, 140, integer(8), mpq(3, 112)),
    (-128, 128, integer(8), mpq(15, 512)),
    (-127, 127, integer(8, symmetric=True), mpq(7, 254)),
    (0, 256, integer(8, False), mpq(15, 512)),
])  # fmt: skip
def test_the_share_that_two_steps_change(low: int, end: int, high: Fixed, share: mpq) -> None:
    """One half step of int8 at each middle of two 4-bit values goes the other way, whatever the tie rule; random numbers show it too."""
    for mode in MODES:
        if mode is not Rounding.TOWARD_NEGATIVE:
            assert share_that_differs(mpq(low), mpq(end), high, 4, mode) == share
    assert abs(sampled(low, end, high, 4, Rounding.NEAREST_EVEN) - float(share)) < 0.005


def test_the_example_prints_the_share() -> None:
    """examples/nested_integers.py runs and prints 2.68 %."""
    example = Path(__file__).resolve().parents[2] / "examples" / "nested_integers.py"
    run = subprocess.run([sys.executable, str(example)], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and "2.68 %" in run.stdout and not run.stderr
