"""Models as text: what is written is read back, and what cannot be is refused in a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath.accumulation import (
    UNITS,
    Addend,
    Aligned,
    Blocked,
    Exact,
    Fold,
    Given,
    Lanes,
    Model,
    NaNResult,
    Node,
    Ordered,
    Pairwise,
    Quire,
    Sequential,
    Tail,
    Tree,
    When,
    parse_model,
)
from refmath.accumulation.trees import drawing, leaves, parse, text
from refmath.errors import RefmathError
from refmath.rounding import DETERMINISTIC

SIZES = st.integers(1, 300)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """A tree of binary and exact nodes over 0, 1, ..."""
    parts: list[Tree] = list(draw(st.permutations(range(draw(st.integers(1, 12))))))
    while len(parts) > 1:
        size = draw(st.integers(2, min(4, len(parts))))
        at = draw(st.integers(0, len(parts) - size))
        parts[at : at + size] = [Node(tuple(parts[at : at + size]), size > 2)]
    return parts[0]


@st.composite
def given_trees(draw: st.DrawFn) -> Given:
    """A tree as a model."""
    tree, fma = draw(trees()), draw(st.booleans())
    rounded = draw(st.lists(st.sampled_from(sorted(leaves(tree))), unique=True)) if fma else []
    return Given(tree, fma, tuple(sorted(rounded)))


def ordered() -> st.SearchStrategy[Ordered]:
    """A model of rounded sums of two."""
    plain = st.one_of(
        st.builds(Sequential, st.booleans(), st.booleans(), st.sampled_from(Addend)),
        st.builds(Pairwise, SIZES, st.booleans()),
        st.builds(Fold, st.booleans()),
        given_trees(),
    )
    return st.recursive(plain, lambda inner: st.builds(Lanes, SIZES, st.booleans(), inner, st.sampled_from(Tail)), max_leaves=3)


@st.composite
def aligned(draw: st.DrawFn) -> Aligned:
    """Aligned groups with any parameters."""
    bits, maybe = st.integers(0, 99), st.none() | st.integers(-200, 200)
    presum, late = draw(st.integers(1, 5)), draw(st.sampled_from(When))
    modes = st.sampled_from(DETERMINISTIC)
    return Aligned(
        draw(st.none() | SIZES.map(lambda n: n * presum)), draw(bits), draw(modes), draw(modes), draw(st.none() | bits), draw(st.integers(-200, 0)), draw(maybe), draw(maybe),
        presum, draw(st.integers(1, 3)) if late is When.LATE else 1, draw(maybe), late, draw(bits), draw(bits), draw(maybe), draw(st.sampled_from(NaNResult)),
    )  # fmt: skip


def models() -> st.SearchStrategy[Model]:
    """Any model."""
    plain = st.one_of(
        ordered(),
        aligned(),
        st.just(Exact()),
        st.just(Quire()),
        st.builds(Quire, st.integers(2, 999), st.integers(-99, 99)),
        st.sampled_from(list(UNITS.values())),
    )
    return st.recursive(plain, lambda inner: st.builds(Blocked, SIZES, inner, st.none() | inner), max_leaves=4)


@given(models())
def test_what_is_written_is_read_back(model: Model) -> None:
    """parse(str(m)) and parse(m.notation()) are m."""
    assert parse_model(str(model)) == model
    assert parse_model(model.notation()) == model


@given(trees())
def test_trees_are_read_back(tree: Tree) -> None:
    """parse(text(t)) is t, and a drawing of it shows each summand."""
    assert parse(text(tree)) == tree
    drawn = " ".join(drawing(tree))
    assert sorted(int(word) for word in "".join(c if c.isdigit() else " " for c in drawn).split()) == sorted(leaves(tree))


def test_a_drawing_of_a_tree() -> None:
    """One line a node, its children indented below it; a node of summands alone is one line."""
    assert drawing(parse("(((0 1) (2 3)) {4 5 6})")) == ["+", "├ +", "│ ├ (0 1)", "│ └ (2 3)", "└ {4 5 6}"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("aligned(group=8, F=24, keep=truncate, final=toward_zero)", Aligned(group=8)),
        ("Sequential( fma )", Sequential(True)),
        ("ampere", UNITS["a100"]),
        ("MI300X", UNITS["cdna3"]),
        ("blocked(4, inner=pairwise)", UNITS["cdna1"]),
        ("aligned(group=all, F=25)", Aligned(fraction=25)),
        ("aligned(final=rne, final_F=format)", Aligned(final=DETERMINISTIC[0], final_fraction=None)),
    ],
)
def test_spellings(written: str, meant: Model) -> None:
    """Names, aliases and short forms mean what they say."""
    assert parse_model(written) == meant


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "not a model of accumulation"),
        ("kahan", "not a model of accumulation; use one of exact"),
        ("sequental", "did you mean sequential"),
        ("aligned(group=0)", "group = 0 is impossible"),
        ("aligned(F=-1)", "F = -1 fraction bits are impossible"),
        ("aligned(F=99999999)", "impossible"),
        ("aligned(F=x)", "is not an integer"),
        ("aligned(F=1, F=2)", "stands twice"),
        ("aligned(G=1)", "'G' is not an option"),
        ("aligned(keep=stochastic)", "needs random bits"),
        ("aligned(keep=nicely)", "not a rounding mode"),
        ("aligned(c=never)", "use one of early, late"),
        ("aligned(group=10, presum=4)", "multiple of presum"),
        ("aligned(interleave=2)", "needs c=late"),
        ("lanes", "needs the number of lanes"),
        ("lanes(0)", "width = 0 is impossible"),
        ("lanes(4, across=exact)", "does not add two at a time"),
        ("blocked(-4)", "size = -4 is impossible"),
        ("blocked(4, inner=nothing)", "'nothing' is not a model"),
        ("blocked(4", "not a model"),
        ("blocked(4, inner=pairwise(leaf=2)", "brackets do not pair"),
        ("sequential(fma,)", "nothing stands between"),
        ("sequential(fma, fma)", "'fma' is not an option here"),
        ("pairwise(leaf=0)", "leaf = 0 is impossible"),
        ("exact(3)", "'3' is not an option"),
        ("quire(bits=1, fraction=0)", "bits = 1 is impossible"),
        ("quire(bits=64)", "go together"),
        ("v100(group=8)", "has no options"),
        ("tree", "needs a tree"),
        ("tree((0 0))", "does not name each summand"),
        ("tree((0 2))", "does not name each summand"),
        ("tree((0))", "needs at least two summands"),
        ("tree((0 1}))", "do not pair"),
        ("tree((0 1})", "not a tree"),
        ("tree((0 1 2))", "is a fused group"),
        ("tree((0 1), rounded=0)", "without fma all are"),
        ("tree((0 1), fma, rounded=7)", "has to name leaves"),
        ("tree(" + "(" * 5000 + ")" * 5000 + ")", "not a tree"),
        ("blocked(2, inner=" * 50 + "exact" + ")" * 50, "nests models more than 20 deep"),
        ("x" * 30_000, "too long"),
    ],
)
def test_what_cannot_be_is_refused(written: str, complaint: str) -> None:
    """An error names the offence, in one sentence of bounded length."""
    with pytest.raises(RefmathError, match=complaint) as caught:
        parse_model(written)
    assert len(str(caught.value)) < 700


@given(st.text(st.sampled_from("sequential(fma,) tree01{}=-4lanesblocked\n"), max_size=40))
def test_nonsense_is_refused_or_read(written: str) -> None:
    """Any text is a model or a sentence, nothing else."""
    try:
        model = parse_model(written)
    except RefmathError:
        return
    assert parse_model(str(model)) == model
