"""Stochastic rounding: how often each mode rounds away over all draws, and that unlimited bits do so with probability nu exactly."""

import random
from fractions import Fraction
from math import ceil, floor

import pytest
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.notation import parse
from formats.projection import Projection
from refmath.errors import RefmathError
from refmath.reals import sqrt
from refmath.rounding import Rounding

POSITIONS = [Fraction(n, d) for d in (2, 3, 7, 16, 64, 100) for n in range(1, d)]


class Replay:
    """A random source that hands out what it was given, and knows how many bits were asked for."""

    def __init__(self, *draws: int) -> None:
        self.draws, self.asked = list(draws), 0

    def getrandbits(self, k: int) -> int:
        self.asked += k
        return self.draws.pop(0)


def above_one(nu: Fraction) -> mpq:
    """A number of binary16 between 1 and its successor, at that share of the gap."""
    return 1 + mpq(nu) / 1024


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_counts_over_all_draws(n: int) -> None:
    """Of the 2^N draws, as many round away as the definition of each mode makes of nu: A floors, C rounds, B rounds half a step off, the plain one ceils."""
    f16 = parse("binary16")
    for nu in POSITIONS:
        x = above_one(nu)
        scaled = nu * 2**n
        expected = {
            Rounding.STOCHASTIC_A: floor(scaled),
            Rounding.STOCHASTIC_B: (floor(2 * scaled) + 1) // 2,
            Rounding.STOCHASTIC_C: round(scaled),
            Rounding.STOCHASTIC: ceil(scaled),
        }
        for mode, count in expected.items():
            how = Projection(rounding=mode, bits=n)
            assert sum(f16.round(x, how, r) - 0x3C00 for r in range(2**n)) == count


@given(st.integers(1, 200), st.data())
def test_many_random_bits(n: int, data: st.DataObject) -> None:
    """From 1 to hundreds of bits: A rounds away exactly for the draws from 2^N - floor(nu 2^N) on."""
    f16 = parse("binary16")
    nu = data.draw(st.fractions(0, 1).filter(lambda f: 0 < f < 1))
    how = Projection(rounding=Rounding.STOCHASTIC_A, bits=n)
    first = 2**n - floor(nu * 2**n)
    assert f16.round(above_one(nu), how, first - 1) == 0x3C00
    assert first == 2**n or f16.round(above_one(nu), how, first) == 0x3C01


@given(st.integers(1, 12), st.data())
def test_unlimited_bits_are_exactly_proportional(k: int, data: st.DataObject) -> None:
    """For nu = a / 2^k, and every draw whose first k bits differ and whose later ones are 0, exactly a of 2^k round away."""
    f16 = parse("binary16")
    a = data.draw(st.integers(0, 2**k))
    x = above_one(Fraction(a, 2**k))
    how = Projection(rounding=Rounding.STOCHASTIC)
    away = sum(f16.round(x, how, Replay(r << (64 - k))) - 0x3C00 for r in range(2**k))
    assert away == a


def test_unlimited_bits_are_drawn_until_they_decide() -> None:
    """A third in binary is 0101...: a draw that begins like it needs more bits, and the first that differs decides."""
    f16, how = parse("binary16"), Projection(rounding=Rounding.STOCHASTIC)
    x, third = above_one(Fraction(1, 3)), (2**64 - 1) // 3
    for draws, expected in (
        ((third - 1,), 1),
        ((third + 1,), 0),
        ((third, third - 1), 1),
        ((third, third + 1), 0),
        ((third, third, 0), 1),
        ((third, third, 2**64 - 1), 0),
    ):
        source = Replay(*draws)
        assert f16.round(x, how, source) == 0x3C00 + expected
        assert source.asked == 64 * len(draws)


def test_irrational_numbers_round_stochastically() -> None:
    """sqrt(2) in a gap of 1/1024: rounded away for the share of seeded draws that its position in the gap is, within four deviations."""
    f16, how, source = parse("binary16"), Projection(rounding=Rounding.STOCHASTIC), random.Random(7)
    low = f16.round(sqrt(mpq(2)), Projection(rounding=Rounding.TOWARD_ZERO))
    nu, n = 0.15, 4000
    assert (Fraction(f16.to_float(low)) + Fraction(149, 1000 * 1024)) ** 2 < 2 < (Fraction(f16.to_float(low)) + Fraction(155, 1000 * 1024)) ** 2
    away = sum(f16.round(sqrt(mpq(2)), how, source) - low for _ in range(n))
    assert abs(away - n * nu) < 4 * (n * nu * (1 - nu)) ** 0.5 + n * 0.006


def test_a_recorded_generator_gives_the_same_codes() -> None:
    """The draws of random.Random, recorded and given as operands, reproduce what the generator itself gave."""
    f16 = parse("binary16")
    how = Projection(rounding=Rounding.STOCHASTIC_B, bits=10)
    live, recorded = random.Random(3), random.Random(3)
    for nu in POSITIONS:
        assert f16.round(above_one(nu), how, live) == f16.round(above_one(nu), how, recorded.getrandbits(10))


@pytest.mark.parametrize("mode", [Rounding.STOCHASTIC_A, Rounding.STOCHASTIC_B, Rounding.STOCHASTIC_C, Rounding.STOCHASTIC])
def test_exact_numbers_stay(mode: Rounding) -> None:
    """A value of the format is never moved, whatever the draw."""
    f16 = parse("binary16")
    assert all(f16.round(mpq(3, 2), Projection(rounding=mode, bits=3), r) == 0x3E00 for r in range(8))


@pytest.mark.parametrize(
    ("mode", "bits", "random_bits", "message"),
    [
        (Rounding.STOCHASTIC_A, 0, 0, "from 1 to 4096"),
        (Rounding.STOCHASTIC_A, 0, random.Random(1), "from 1 to 4096"),
        (Rounding.STOCHASTIC_C, 4097, 0, "from 1 to 4096"),
        (Rounding.STOCHASTIC_B, 3, 8, "does not fit into 3 bits"),
        (Rounding.STOCHASTIC_B, 3, -1, "does not fit into 3 bits"),
        (Rounding.STOCHASTIC, 0, 5, "give it a source"),
    ],
)
def test_bits_and_draws_that_do_not_fit_are_refused(mode: Rounding, bits: int, random_bits: object, message: str) -> None:
    """A missing, excessive or mismatched number of bits is one clear sentence."""
    with pytest.raises(RefmathError, match=message):
        parse("binary16").round(mpq(1, 3), Projection(rounding=mode, bits=bits), random_bits)  # type: ignore[arg-type]
