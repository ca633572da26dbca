"""The probe finds the order of every model, as a black box, and refuses what is no sum."""

import random
from collections.abc import Callable, Sequence
from fractions import Fraction

import pytest
from gmpy2 import mpq
from plain_sums import accumulator, value

from refmath.accumulation import UNITS, Model, Operand, Term, exponent_of, multiplied, parse_model, probe, single
from refmath.accumulation.shapes import named, shapes
from refmath.accumulation.trees import Node, Tree, canonical, from_steps, parse, text
from refmath.datum import finite
from refmath.errors import RefmathError

M = Fraction(2) ** 90
VALUES = {2: M, 1: Fraction(1), 0: Fraction(0), -1: Fraction(-1), -2: -M}


def summand(x: int) -> Operand:
    """M, one or nothing as an operand of binary32."""
    datum = finite(mpq(VALUES[x]))
    return Operand(datum, exponent_of(datum, -126))


def box(model: Model) -> Callable[[Sequence[int]], int]:
    """A model with 24 bits as a black box."""
    return lambda xs: int(value(model.accumulate([single(summand(x)) for x in xs], None, accumulator(24, -126))))


MODELS = (
    "exact", "quire(bits=400, fraction=10)", "sequential", "sequential(fma, reverse)", "pairwise", "pairwise(leaf=3)", "fold", "lanes(2)", "lanes(4, across=fold, tail=lanes)",
    "lanes(4, across=lanes(2))", "blocked(3)", "blocked(3, inner=exact)", "blocked(3, outer=exact)", "blocked(4, inner=exact, outer=chain)", "blocked(2, outer=pairwise)",
    "blocked(4, inner=lanes(2), outer=fold)", "aligned(group=3, F=20)", "aligned(group=4, F=10, keep=floor, c=late)",
    "aligned(group=all, F=30)", "aligned(group=6, F=24, c=late, interleave=3)",
    *(name for name in UNITS if name not in ("b200_nvfp4",)),
)  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_the_order_of_every_model_is_found(name: str) -> None:
    """As a black box each model shows the tree that it says it has, for every number of summands up to 9 and for 18."""
    model = parse_model(name)
    for n in (*range(1, 10), 18):
        assert text(probe(box(model), n).tree) == text(model.order(n))


def test_the_order_of_scaled_blocks_is_found() -> None:
    """b200_nvfp4: summands that are blocks of 16 products with a scale, M as a scale, are fused four at a time."""
    model = parse_model("b200_nvfp4")
    one, nothing = summand(1), summand(0)

    def sums(xs: Sequence[int]) -> int:
        terms: list[Term] = []
        for x in xs:
            scale = summand(abs(x) or 1)
            first = {2: one, 1: one, 0: nothing, -2: summand(-1)}[x]
            terms += [multiplied(first, one, (scale, one)), *[multiplied(nothing, one, (scale, one))] * 15]
        return int(value(model.accumulate(terms, None, accumulator(24, -126))))

    assert text(probe(sums, 10).tree) == "(((0 1 2 3) 4 5 6 7) 8 9)"


def random_tree(rng: random.Random, n: int) -> Tree:
    """Summands joined in random pairs, and now and then in exact groups."""
    parts: list[Tree] = list(range(n))
    while len(parts) > 1:
        rng.shuffle(parts)
        size = min(len(parts), rng.choice((2, 2, 2, 3, 4)))
        parts[:size] = [Node(tuple(parts[:size]), size > 2)]
    return parts[0]


def test_random_trees_are_found() -> None:
    """Sixty random trees with exact groups, up to 14 summands."""
    rng = random.Random(7)
    for _ in range(60):
        tree = canonical(random_tree(rng, rng.randint(1, 14)))
        model = parse_model(f"tree({text(tree)})") if isinstance(tree, Node) else parse_model("sequential")
        assert probe(box(model), 1 if isinstance(tree, int) else text(tree).count(" ") + 1).tree == tree


def eight_lanes(xs: Sequence[int]) -> int:
    """Sixty-four numbers of binary64 summed in eight lanes, which are added from left to right."""
    big = {2: 2.0**90, -2: -(2.0**90)}
    lanes = [0.0] * 8
    for i, x in enumerate(xs):
        lanes[i % 8] += big.get(x, float(x))
    return int(sum(lanes))


def test_sixty_four_summands() -> None:
    """As many as can be, of a function of Python floats: each pair is asked once."""
    found = probe(eight_lanes, 64)
    assert found.tree == parse_model("lanes(8, across=sequential)").order(64)
    assert found.calls == 64 * 63 // 2


@pytest.mark.parametrize(
    ("function", "n", "complaint"),
    [
        (lambda xs: None, 3, "no multiple of u"),
        (lambda xs: 17, 3, "17 u"),
        (lambda xs: -1, 3, "-1 u"),
        (lambda xs: xs.count(1) and 1, 6, "No tree of sums"),
        (lambda xs: random.Random(str(xs)).randint(0, 6), 8, "No tree of sums"),
        (lambda xs: 0, 65, "from 1 to 64"),
        (lambda xs: 0, 0, "from 1 to 64"),
    ],
)
def test_what_is_no_sum_is_refused(function: Callable[[Sequence[int]], int | None], n: int, complaint: str) -> None:
    """A constant, noise, no number, too many summands: a sentence."""
    with pytest.raises(RefmathError, match=complaint):
        probe(function, n)


def test_shapes_have_names() -> None:
    """The orders of common loops are found by name, at several lengths at once; a fused group and an odd tree have none."""
    for name in (
        "sequential",
        "pairwise",
        "pairwise(leaf=8)",
        "fold",
        "lanes(8)",
        "lanes(16, across=lanes(4, across=fold), tail=lanes)",
        "blocked(17)",
        "exact",
        "blocked(5, inner=exact, outer=chain)",
    ):
        model = parse_model(name)
        assert str(named([(n, model.order(n)) for n in (8, 33, 64)])) == name
    assert named([(4, parse("(0 1 2 3)"))]) is None
    assert named([(5, parse("((0 4) (2 (1 3)))"))]) is None
    assert str(named([(4, parse("(((0 1) 2) 3)")), (5, parse("((0 1) ((2 3) 4))"))])) == "pairwise(leaf=4)"
    assert named([(4, parse("(((0 1) 2) 3)")), (5, parse("(0 (1 (2 (3 4))))"))]) is None


def test_every_shape_is_a_model_with_a_text() -> None:
    """Each of the shapes is read back from its text, and none comes twice."""
    found = [str(model) for model in shapes(33)]
    assert len(set(found)) == len(found)
    assert all(str(parse_model(name)) == name for name in found)


def test_trees_of_plans() -> None:
    """A plan of two steps over three slots, its sum in slot 2."""
    assert text(from_steps([(1, 0), (2, 1)], (0, 1, 2))) == "(2 (1 0))"
