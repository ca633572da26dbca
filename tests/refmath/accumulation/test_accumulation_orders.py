"""Ordered sums against sums written out by hand, with rounding by its definition."""

import random
from fractions import Fraction
from itertools import product

import pytest
from plain_sums import accumulator, nearest_even, products, terms, value

from refmath.accumulation import Model, parse_model
from refmath.datum import ZERO, Finite, Infinity, NaN, NotAReal
from refmath.flags import INVALID

P = 4
"""Bits of the toy format: few, so that almost every addition rounds."""


def r(x: Fraction) -> Fraction:
    """x in the toy format."""
    return nearest_even(x, P)


def by_hand(name: str, x: list[Fraction], y: list[Fraction]) -> Fraction:
    """Six products summed in an order written out in full."""
    p = [a * b for a, b in zip(x, y, strict=True)]
    q = [r(v) for v in p]
    match name:
        case "exact":
            return r(sum(p, Fraction(0)))
        case "sequential":
            return r(r(r(r(r(q[0] + q[1]) + q[2]) + q[3]) + q[4]) + q[5])
        case "sequential(fma)":
            return r(r(r(r(r(q[0] + p[1]) + p[2]) + p[3]) + p[4]) + p[5])
        case "sequential(reverse)":
            return r(r(r(r(r(q[5] + q[4]) + q[3]) + q[2]) + q[1]) + q[0])
        case "sequential(fma, reverse)":
            return r(r(r(r(r(q[5] + p[4]) + p[3]) + p[2]) + p[1]) + p[0])
        case "pairwise":
            return r(r(q[0] + r(q[1] + q[2])) + r(q[3] + r(q[4] + q[5])))
        case "pairwise(fma)":
            return r(r(p[0] + r(q[1] + p[2])) + r(p[3] + r(q[4] + p[5])))
        case "pairwise(leaf=3)":
            return r(r(r(q[0] + q[1]) + q[2]) + r(r(q[3] + q[4]) + q[5]))
        case "fold":
            return r(r(r(q[0] + q[3]) + r(q[2] + q[5])) + r(q[1] + q[4]))
        case "lanes(2)":
            return r(r(r(q[0] + q[2]) + q[4]) + r(r(q[1] + q[3]) + q[5]))
        case "lanes(4, fma)":
            return r(r(r(r(q[0] + q[1]) + r(q[2] + q[3])) + p[4]) + p[5])
        case "lanes(4, fma, tail=lanes, across=fold)":
            return r(r(r(q[0] + p[4]) + q[2]) + r(r(q[1] + p[5]) + q[3]))
        case "lanes(4, across=lanes(2, across=sequential))":
            return r(r(r(r(q[0] + q[2]) + r(q[1] + q[3])) + q[4]) + q[5])
        case "blocked(4)":
            return r(r(r(r(q[0] + q[1]) + q[2]) + q[3]) + r(q[4] + q[5]))
        case "blocked(2, inner=exact, outer=pairwise)":
            return r(r(p[0] + p[1]) + r(r(p[2] + p[3]) + r(p[4] + p[5])))
        case "blocked(3, inner=exact, outer=chain)":
            return r(r(p[0] + p[1] + p[2]) + p[3] + p[4] + p[5])
        case "tree(((0 5) ({1 2 3} 4)))":
            return r(r(q[0] + q[5]) + r(r(q[1] + q[2] + q[3]) + q[4]))
        case "tree(((0 5) ({1 2 3} 4)), fma)":
            return r(r(q[0] + p[5]) + r(r(p[1] + p[2] + p[3]) + p[4]))
        case "tree((((0 1) 2) ((3 4) 5)), fma, rounded=1 5)":
            return r(r(r(p[0] + q[1]) + p[2]) + r(r(q[3] + p[4]) + q[5]))
    raise AssertionError(name)


MODELS = (
    "exact", "sequential", "sequential(fma)", "sequential(reverse)", "sequential(fma, reverse)", "pairwise", "pairwise(fma)", "pairwise(leaf=3)", "fold", "lanes(2)",
    "lanes(4, fma)", "lanes(4, fma, tail=lanes, across=fold)", "lanes(4, across=lanes(2, across=sequential))", "blocked(4)", "blocked(2, inner=exact, outer=pairwise)",
    "blocked(3, inner=exact, outer=chain)", "tree(((0 5) ({1 2 3} 4)))", "tree(((0 5) ({1 2 3} 4)), fma)", "tree((((0 1) 2) ((3 4) 5)), fma, rounded=1 5)",
)  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_orders_are_those_written_out(name: str) -> None:
    """Each model of six products gives what its order, written out with rational arithmetic and rounding by definition, gives."""
    rng = random.Random(name)
    model = parse_model(name)
    for _ in range(150):
        x, y = ([Fraction(rng.randint(-15, 15), 1 << rng.randint(0, 6)) for _ in range(6)] for _ in range(2))
        assert value(model.accumulate(products(x, y), None, accumulator(P))) == by_hand(name, x, y)


def test_models_differ_from_each_other() -> None:
    """No two of these models are the same function: on random products each pair differs somewhere."""
    rng = random.Random(1)
    results = {name: [] for name in MODELS}
    for _ in range(100):
        x, y = ([Fraction(rng.randint(-15, 15), 1 << rng.randint(0, 6)) for _ in range(6)] for _ in range(2))
        for name in MODELS:
            results[name].append(by_hand(name, x, y))
    assert len({tuple(found) for found in results.values()}) == len(MODELS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sequential", lambda c, p, q: r(r(r(c + q[0]) + q[1]) + q[2])),
        ("sequential(fma)", lambda c, p, q: r(r(r(c + p[0]) + p[1]) + p[2])),
        ("sequential(c=last)", lambda c, p, q: r(r(r(q[0] + q[1]) + q[2]) + c)),
        ("sequential(reverse)", lambda c, p, q: r(r(r(c + q[2]) + q[1]) + q[0])),
        ("pairwise", lambda c, p, q: r(r(q[0] + r(q[1] + q[2])) + c)),
        ("lanes(2)", lambda c, p, q: r(r(r(q[0] + q[1]) + q[2]) + c)),
        ("exact", lambda c, p, q: r(c + sum(p))),
        ("quire(bits=60, fraction=20)", lambda c, p, q: r(c + sum(p))),
        ("blocked(2)", lambda c, p, q: r(r(c + r(q[0] + q[1])) + q[2])),
        ("blocked(2, outer=chain)", lambda c, p, q: r(r(r(c + q[0]) + q[1]) + q[2])),
        ("blocked(2, outer=pairwise)", lambda c, p, q: r(r(r(q[0] + q[1]) + q[2]) + c)),
    ],
)
def test_where_c_is_added(name: str, expected: object) -> None:
    """c starts a sequence and is the last to join everything else, unless the name says otherwise."""
    rng = random.Random(2)
    model = parse_model(name)
    for _ in range(150):
        x, y = ([Fraction(rng.randint(-15, 15), 1 << rng.randint(0, 6)) for _ in range(3)] for _ in range(2))
        c = r(Fraction(rng.randint(-99, 99), 16))
        p = [a * b for a, b in zip(x, y, strict=True)]
        got = model.accumulate(products(x, y), terms([c])[0], accumulator(P))
        assert value(got) == expected(c, p, [r(v) for v in p])  # type: ignore[operator]


def test_all_sums_of_four_small_numbers() -> None:
    """Every sum of four numbers from -3 to 3 halves in a format of 2 bits, exhaustively: in sequence and in halves."""
    numbers = [Fraction(n, 2) for n in (-6, -3, -1, 0, 2, 3, 4)]
    sequential, pairwise = parse_model("sequential"), parse_model("pairwise")
    for a, b, c, d in product(numbers, repeat=4):
        a, b, c, d = (nearest_even(v, 2) for v in (a, b, c, d))
        found = [value(model.accumulate(terms([a, b, c, d]), None, accumulator(2))) for model in (sequential, pairwise)]
        assert found[0] == nearest_even(nearest_even(nearest_even(a + b, 2) + c, 2) + d, 2)
        assert found[1] == nearest_even(nearest_even(a + b, 2) + nearest_even(c + d, 2), 2)


EVERY = ("exact", "sequential(fma)", "pairwise", "fold", "lanes(2)", "blocked(2)", "quire(bits=60, fraction=20)", "a100", "cdna3", "cdna3_fp8")


@pytest.mark.parametrize("name", EVERY)
def test_special_data_go_the_way_of_ieee_754(name: str) -> None:
    """An infinity stays, infinities of unlike sign and zero times infinity are NaN and invalid, a NaN stays NaN, NaR wins."""
    model = parse_model(name)
    one = terms([Fraction(1)])[0]

    def result(*data: object) -> tuple[object, int]:
        into = accumulator(24, -126)
        special = [type(one)(x, 0) for x in data]  # type: ignore[arg-type]
        return model.accumulate([one, *special, one], None, into), into.flags

    assert result(Infinity(True)) == (Infinity(True), 0)
    nan, flags = result(Infinity(True), Infinity(False))
    assert isinstance(nan, NaN) and flags == INVALID
    nan, flags = result(NaN(), Infinity(False))
    assert isinstance(nan, NaN) and flags == 0
    assert result(NaN(), NotAReal())[0] == NotAReal()


@pytest.mark.parametrize("name", EVERY)
def test_a_sum_of_nothing(name: str) -> None:
    """Of no terms the sum is c, or +0."""
    model: Model = parse_model(name)
    assert model.accumulate([], None, accumulator(24)) == ZERO
    assert value(model.accumulate([], terms([Fraction(5)])[0], accumulator(24))) == 5


def test_long_sequences_do_not_recurse() -> None:
    """Five thousand terms in sequence, in halves and in lanes: more than Python would nest."""
    ones = terms([Fraction(1)]) * 5_000
    for name in ("sequential", "pairwise", "lanes(8)", "blocked(128, inner=pairwise)"):
        result = parse_model(name).accumulate(ones, None, accumulator(53))
        assert isinstance(result, Finite) and result.value == 5_000
