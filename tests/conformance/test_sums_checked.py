"""Functions that sum, as ``refmath check`` sees them: the model of accumulation is named by length and layout, and what equals none differs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_line import is_one_sentence, refmath
from gmpy2 import mpq

from conformance.budget import QUICK
from conformance.checker import check
from conformance.claims import Claim, Codes, claimed_operation
from conformance.emulators import load
from conformance.report.check_page import page
from conformance.report.junit import junit
from conformance.report.screen import plain
from conformance.streaming import obstacle, streams
from conformance.verdict import Status, Verdict
from formats.accumulate import dot, total
from formats.notation import parse
from refmath.errors import RefmathError

B32 = parse("binary32")
FEW_LENGTHS = (2, 3, 4, 8, 9)


@pytest.fixture(autouse=True)
def few_lengths(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer summands, but for real libraries."""
    if "of_libraries" not in request.node.name:
        monkeypatch.setattr("conformance.sum_checker.LENGTHS", FEW_LENGTHS)


class Adder:
    """An adapter of one function on vectors."""

    name = "planted"
    views: tuple[str, ...] = ("strided", "transposed", "offset")
    compiles = False

    def __init__(self, function: Callable[..., int], operation: str = "dot", of: str = "binary32") -> None:
        f = parse(of)
        self.claim = Claim("planted", operation, (f,) * (1 + (operation == "dot")), f, f.default, f"planted.{operation}")
        self.function = function

    def describe(self) -> str:
        return "planted 1.0, cpu"

    def claims(self) -> list[Claim]:
        return [self.claim]

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        kind = calls[0][0].dtype
        return [np.array(self.function(*operands), dtype=kind) for operands in calls]


def verdict(function: Callable[..., int], operation: str = "dot", of: str = "binary32") -> Verdict:
    adapter = Adder(function, operation, of)
    return check(adapter.claim, adapter, QUICK)


def modelled(model: str, of: str = "binary32", to: str = "binary32") -> Callable[..., int]:
    """A dot product or a sum by a model."""

    def function(*vectors: Codes) -> int:
        codes = [vector.tolist() for vector in vectors]
        return (total(model, of, *codes, to, result=parse(of)) if len(codes) == 1 else dot(model, of, *codes, to, result=parse(of))).code

    return function


@pytest.mark.parametrize(
    ("model", "of", "to", "operation", "words"),
    [
        ("sequential", "binary32", "binary32", "dot", ["n = 2, 3, 4, 8, 9: sequential in binary32"]),
        ("sequential(fma)", "binary64", "binary64", "dot", ["n = 2, 3, 4, 8, 9: sequential(fma) in binary64"]),
        ("lanes(4)", "bfloat16", "binary32", "dot", ["n = 2, 3, 4, 8, 9: lanes(4) in binary32"]),
        ("h100", "binary16", "binary32", "dot", ["n = 2, 3, 4, 8, 9: h100 in binary32"]),
        ("pairwise(leaf=4)", "binary32", "binary32", "sum", ["n = 2, 3, 4, 8, 9: pairwise(leaf=4) in binary32"]),
    ],
)
def test_the_model_is_a_policy_by_its_name(model: str, of: str, to: str, operation: str, words: list[str]) -> None:
    """A planted model is found at every length, by one name though simpler ones do the same for few summands."""
    found = verdict(modelled(model, of, to), operation, of)
    assert (found.status, found.defects, found.error) == (Status.POLICY, 0, "")
    assert list(found.policies) == words
    assert [one.n for one in found.models] == list(FEW_LENGTHS) and not any(one.exceptions for one in found.models)
    assert found.cases == 3 * 30 * len(FEW_LENGTHS) and found.layouts == 2
    assert verdict(modelled(model, of, to), operation, of) == found, "the same every time"


def test_an_exact_sum_agrees() -> None:
    """Rounded once from the exact value, nothing is left open."""
    found = verdict(modelled("exact"), "sum")
    assert (found.status, found.mismatches, found.policies) == (Status.AGREES, 0, ())


def test_arrays_with_gaps_are_asked_too() -> None:
    """Another order in strided arrays is told beside that of contiguous ones."""

    def function(xs: Codes, ys: Codes) -> int:
        return modelled("sequential" if xs.strides[0] == xs.itemsize else "sequential(reverse)")(xs, ys)

    found = verdict(function)
    assert found.policies[0].endswith(": sequential in binary32")
    assert found.policies[-1] == "strided, n = 3, 4, 8, 9: sequential(reverse) in binary32"


def test_contiguous_arrays_start_at_multiples_of_64_bytes() -> None:
    """Some libraries choose the order by where memory starts: that must not be left to chance."""
    seen: dict[int, set[int]] = {}

    def function(xs: Codes, ys: Codes) -> int:
        seen.setdefault(xs.strides[0], set()).update((xs.ctypes.data % 64, ys.ctypes.data % 64))
        return modelled("sequential")(xs, ys)

    verdict(function)
    assert seen == {4: {0, 4}, 8: {0}}


def test_what_equals_no_model_differs_from_the_nearest() -> None:
    """One case in some gets one unit more: the nearest model is named with its exceptions, and a counterexample says what it gives."""

    def function(xs: Codes, ys: Codes) -> int:
        code = modelled("sequential")(xs, ys)
        return code + (int(xs[0]) % 8 == 1 and len(xs) == 8)

    found = verdict(function)
    assert found.status is Status.DIFFERS and found.defects == found.unexplained > 0
    nearest = next(text for text in found.policies if "nearest" in text)
    assert nearest == f"n = 8: nearest to sequential in binary32, but for {found.defects} of 30 cases"
    case = found.counterexamples[0]
    assert "of 8, the others are zero" in case.remark and case.remark.startswith("sequential in binary32; products ")
    places = [int(one) for one in case.remark.split("products ")[1].split(" of ")[0].split(", ")]
    xs, ys = [0] * 8, [0] * 8
    for at, (x, y) in zip(places, zip(case.operands[::2], case.operands[1::2], strict=True), strict=True):
        xs[at], ys[at] = int(x.code, 16), int(y.code, 16)
    expected = dot("sequential", B32, xs, ys).code
    assert (int(case.expected.code, 16), int(case.got.code, 16)) == (expected, expected + 1)


def test_products_one_by_one_in_rationals() -> None:
    """The verdict "sequential in binary32" means what it says: each product and each sum rounded once, by rationals."""

    def function(xs: Codes, ys: Codes) -> int:
        value = mpq(0)
        for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
            product = B32.exact(B32.round(B32.exact(x) * B32.exact(y)))  # type: ignore[operator]
            value = B32.exact(B32.round(value + product))  # type: ignore[assignment, operator]
        return B32.round(value)

    assert verdict(function).policies == ("n = 2, 3, 4, 8, 9: sequential in binary32",)


def test_the_page_json_and_junit_tell_the_model() -> None:
    found = verdict(modelled("h100", "binary16"), of="binary16")
    assert found.models[0].model == "h100 in binary32"
    assert Verdict.from_json(found.as_json()) == found
    lines = [" ".join(plain(line).split()) for line in page("planted 1.0, cpu", [found], False)]
    assert "planted.dot binary16 n = 2, 3, 4, 8, 9 h100 in binary32" in lines
    assert 'name="planted.dot dot binary16 (eager, cpu)"' in (text := junit({"planted": [found]})) and "h100 in binary32" in text


def test_functions_that_raise_fail_and_formats_without_random_operands_are_refused() -> None:
    def raises(*vectors: Codes) -> int:
        raise ValueError("no kernel\nsecond line")

    found = verdict(raises)
    assert (found.status, found.error) == (Status.FAILED, "planted.dot raised ValueError: no kernel")
    assert "int8 is none" in verdict(lambda xs, ys: 0, of="int8").error


def test_sums_are_no_stream_and_go_by_their_names() -> None:
    claim = Adder(lambda xs, ys: 0, of="ocp_e4m3").claim
    assert not streams(claim) and obstacle(claim) == "a sum of ocp_e4m3 numbers has more operands than can be visited"
    assert [claimed_operation(name) for name in ("dot", "matmul", "sum", "quantize", "sub")] == ["dot", "dot", "sum", "quantize", "subtract"]
    with pytest.raises(RefmathError, match="not a known operation"):
        claimed_operation("dott")


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_dot_products_of_libraries_equal_a_model(name: str) -> None:
    """Small matrix products of binary32 and bfloat16 equal a model at every length."""
    pytest.importorskip(name)
    adapter = load(name, "cpu")
    claims = [claim for claim in adapter.claims() if claim.call.endswith("matmul") and claim.operands[0].name in ("binary32", "bfloat16")]
    assert len(claims) == 2
    for claim in claims:
        found = check(claim, adapter, QUICK)
        assert (found.status, found.defects) == (Status.POLICY, 0), found.policies


FUNCTIONS = """
import numpy as np


def dot(x, y):
    total = np.float32(0)
    for a, b in zip(x, y):
        total = total + a * b
    return total
"""


def test_a_function_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--python`` with ``--operation dot``: vectors in, a number out; a program is told to be something else."""
    (tmp_path / "my_sums.py").write_text(FUNCTIONS)
    monkeypatch.syspath_prepend(tmp_path)
    ran = refmath("check", "--python", "my_sums:dot", "--arrays", "float32", "--operation", "dot", "--source", "binary32", "--budget", "quick")
    assert (ran.status, ran.err) == (0, "")
    assert "my_sums:dot(x) binary32 n = 2, 3, 4, 8, 16, 17, 32, 33 sequential in binary32" in [" ".join(line.split()) for line in ran.lines]
    ran = refmath("check", "--command", "cat", "--operation", "matmul", "--source", "binary32")
    assert ran.status == 2 and is_one_sentence(ran.err) and "ask a Python function" in ran.err
