"""Black boxes are recognised: planted models by their results alone, real libraries by trees whose additions are done again one by one."""

import random
from collections.abc import Callable
from functools import reduce

import numpy as np
import pytest

from conformance.accumulation import Candidate, Summation, candidates, check_dot, identify_model, same
from conformance.cases.sums import Case, cases
from conformance.claims import Claim
from conformance.emulators.sums import Library, chosen, library
from formats import Float, Format, parse
from formats.accumulate import dot, total
from refmath.accumulation import Node, Tree, parse_model
from refmath.accumulation.trees import text
from refmath.errors import RefmathError


def planted(model: str, of: str, to: str, result: str | None = None, operation: str = "dot", rounded: str | None = None) -> Summation:
    """A model as a function of an emulator."""
    f, target = parse(of), parse(result or to)

    def run(case: Case) -> int:
        if case.ys is None:
            return total(model, f, case.xs, to, result=target).code
        return dot(model, f, case.xs, case.ys, to, result=target, rounded=rounded).code

    return Summation(Claim("planted", operation, (f,) * (1 + (operation == "dot")), target, target.default, "planted"), run)


@pytest.mark.parametrize(
    ("model", "of", "to", "result", "operation", "found"),
    [
        ("sequential", "binary32", "binary32", None, "sum", "sequential in binary32"),
        ("sequential", "binary32", "binary64", "binary32", "sum", "sequential in binary64"),
        ("lanes(4, across=fold)", "binary32", "binary32", None, "sum", "lanes(4, across=fold) in binary32"),
        ("exact", "binary32", "binary32", None, "sum", "exact in binary32"),
        ("pairwise(leaf=4)", "binary64", "binary64", None, "sum", "pairwise(leaf=4) in binary64"),
        ("sequential", "binary32", "binary32", None, "dot", "sequential in binary32"),
        ("sequential(fma)", "binary32", "binary32", None, "dot", "sequential(fma) in binary32"),
        ("lanes(4, fma)", "binary32", "binary32", None, "dot", "lanes(4, fma) in binary32"),
        ("tree(((0 5) (((6 3) 1) (2 (8 (4 7))))), fma, rounded=0 3 7)", "binary32", "binary32", None, "dot", "tree(((0 5) ((1 (3 6)) (2 ((4 7) 8)))), fma, rounded=0 3 7) in binary32"),
        ("blocked(3, inner=exact)", "binary32", "binary32", None, "dot", "blocked(3, inner=exact) in binary32"),
        ("sequential", "bfloat16", "binary32", "bfloat16", "dot", "sequential in binary32"),
        ("sequential", "bfloat16", "bfloat16", None, "dot", "sequential in bfloat16"),
        ("fold", "binary16", "binary32", "binary16", "dot", "fold in binary32"),
        ("turing", "binary16", "binary32", None, "dot", "turing in binary32"),
        ("a100", "bfloat16", "binary32", "bfloat16", "dot", "a100 in binary32"),
        ("h100", "binary16", "binary32", "binary16", "dot", "h100 in binary32"),
        ("v100_binary16", "binary16", "binary16", None, "dot", "v100_binary16 in binary16"),
        ("cdna3", "bfloat16", "binary32", None, "dot", "cdna3 in binary32"),
    ],
)  # fmt: skip
def test_planted_models_are_found(model: str, of: str, to: str, result: str | None, operation: str, found: str) -> None:
    """Of nine summands each of these is told from all others by name; what refutes the others really differs."""
    function = planted(model, of, to, result, operation)
    identified = check_dot(function, 9, 60)
    assert str(identified.equal[0]) == found
    assert all(str(parse_model(str(one.candidate.model))) == str(one.candidate.model) for one in identified.rejected)
    for one in identified.rejected:
        assert function.run(one.case) == one.got
        assert one.candidate.code(function.of, one.case) == one.expected
        assert not same(function.claim.result, one.got, one.expected)


def test_products_rounded_before_a_wider_sum_are_found() -> None:
    """binary32 products added in binary64: neither all in binary32 nor all in binary64."""
    identified = check_dot(planted("sequential", "binary32", "binary64", "binary32", rounded="binary32"), 6, 60)
    assert [str(one) for one in identified.equal] == ["sequential in binary64, of products in binary32"]


def test_counterexamples_are_small() -> None:
    """The exact sum and the sequential one differ for three numbers already; no counterexample to it needs all twelve."""
    function = planted("sequential", "binary32", "binary32", operation="sum")
    tried = [Candidate(parse_model("exact"), parse("binary32"), parse("binary32"))]
    _, rejected = identify_model(function.run, tried, cases(function.of, 12, False, 40, 1), function.of)
    assert sum(code != 0 for code in rejected[0].case.xs) <= 5


def test_a_model_that_is_named_is_tried() -> None:
    """A model given by the caller comes first where it agrees, and is refuted where it does not."""
    function = planted("aligned(group=5, F=11)", "bfloat16", "binary32", "bfloat16")
    right, wrong = parse_model("aligned(group=5, F=11)"), parse_model("aligned(group=5, F=12)")
    identified = check_dot(function, 10, 60, models=(wrong, right))
    assert right in [one.model for one in identified.equal]
    assert wrong in [one.candidate.model for one in identified.rejected if one.candidate.to == parse("binary32")]


def test_a_function_that_is_no_sum_equals_nothing() -> None:
    """Noise has no tree, which is said, and no model."""
    f = parse("binary32")
    noise = Summation(Claim("planted", "sum", (f,), f, f.default, "noise"), lambda case: random.Random(str(case)).randrange(1 << 23))
    identified = check_dot(noise, 5, 20)
    assert identified.tree is None and "M is too small" in identified.why_not
    assert identified.equal == ()


def test_formats_too_narrow_to_probe_are_refused() -> None:
    """In OCP E4M3 nothing is small enough beside the greatest number; codes that are no floats cannot be drawn."""
    identified = check_dot(planted("sequential", "ocp_e4m3", "binary32"), 4, 10)
    assert identified.tree is None and "no numbers far enough apart" in identified.why_not
    assert "sequential in binary32" in [str(one) for one in identified.equal]
    with pytest.raises(RefmathError, match="int8 is none"):
        cases(parse("int8"), 4, False, 10, 1)


def test_cases_are_full_significands_of_both_signs() -> None:
    """Random operands have all their bits, both signs and, every other time, two summands that cancel exactly; none overflows in its own format."""
    for name in ("binary32", "binary16", "bfloat16"):
        f = parse(name)
        assert isinstance(f, Float)
        found = cases(f, 8, True, 100, 1)
        assert found == cases(f, 8, True, 100, 1) != cases(f, 8, True, 100, 2)
        codes = [code for case in found for code in (*case.xs, *(case.ys or ()))]
        assert {code >> (f.width - 1) for code in codes} == {0, 1}
        assert sum(code & 1 for code in codes) > len(codes) // 3
        for case in found[1::2]:
            products = [f.exact(x) * f.exact(y) for x, y in zip(case.xs, case.ys or (), strict=True)]  # type: ignore[operator]
            assert any(-p in products for p in products)


# Real libraries.


def added_up(tree: Tree, values: list[np.floating]) -> np.floating:
    """The sum of values in the order of a tree, each addition done by NumPy."""
    if not isinstance(tree, Node):
        return values[tree]
    assert not tree.exact
    return reduce(lambda a, b: a + b, (added_up(child, values) for child in tree.children))


def numpy_value(codes: tuple[int, ...], f: Format) -> list[np.floating]:
    """Codes as NumPy scalars."""
    kinds = {"binary32": (np.uint32, np.float32), "binary64": (np.uint64, np.float64), "binary16": (np.uint16, np.float16)}
    words, kind = kinds[f.name]
    return list(np.array(codes, dtype=words).view(kind))


@pytest.mark.parametrize("name", ["numpy", "torch"])
@pytest.mark.parametrize("of", ["binary32", "binary64"])
def test_the_tree_of_a_sum_gives_its_results(name: str, of: str) -> None:
    """numpy.sum and torch.sum of 9, 24 and 40 numbers: their additions, done one by one in the order that the probe found, give their results bit for bit."""
    pytest.importorskip(name)
    f = parse(of)
    (function,) = chosen(library(name, "cpu"), ["sum"], [f])
    for n in (9, 24, 40):
        identified = check_dot(function, n, 1)
        assert identified.tree is not None
        for case in cases(f, n, False, 60, 3):
            expected = added_up(identified.tree, numpy_value(case.xs, f))
            assert function.run(case) == int(expected.view(f"u{f.width // 8}"))


@pytest.mark.parametrize("name", ["numpy", "torch", "jax"])
def test_small_dot_products_equal_a_model(name: str) -> None:
    """The dot product and the matrix product of every library, of 12 binary32 and of 12 binary16 numbers, equal one of the models: none is left without."""
    pytest.importorskip(name)
    for function in chosen(library(name, "cpu"), ["dot", "matmul"], [parse("binary32"), parse("binary16")]):
        identified = check_dot(function, 12, 40)
        assert identified.equal, f"{function.claim.call}: {identified.why_not or text(identified.tree)}"  # type: ignore[arg-type]


def test_functions_are_chosen_by_name_and_format() -> None:
    """A name is the last part or all of it; what is not there is refused with what is."""
    found: Library = library("numpy", "cpu")
    assert {one.claim.call for one in chosen(found, ["sum"], [])} == {"numpy.sum"}
    assert {one.claim.call for one in chosen(found, ["add.reduce", "numpy.dot"], [])} == {"numpy.add.reduce", "numpy.dot"}
    for names, of, complaint in (
        (["cumsum"], [], "use numpy.sum or"),
        ([], [parse("bfloat16")], "is not probed on bfloat16; use binary32 or binary64 or binary16"),
    ):
        with pytest.raises(RefmathError, match=complaint):
            chosen(found, names, of)
    with pytest.raises(RefmathError, match="no sums that are known"):
        library("scipy", "cpu")


def test_candidates_are_not_tried_twice() -> None:
    """No candidate stands in the list twice, for sums and for products, with and without a tree."""
    tree_of: Callable[[str], Tree] = lambda name: parse_model(name).order(9)  # noqa: E731
    for of, operation in (("binary32", "dot"), ("bfloat16", "dot"), ("binary32", "sum")):
        function = planted("lanes(2)", of, "binary32", operation=operation)
        for tree in (tree_of("lanes(2)"), tree_of("fold"), None):
            found = candidates(function, tree)
            assert len(set(found)) == len(found) > 3
