"""Plans for dot products: tasks are what they say, every case has a result under its model, and units that align differently are told apart."""

import hashlib
from collections import Counter

import pytest
from gmpy2 import mpq

from conformance.cases.dots import DotPlan, dot_plan
from formats.accumulate import dot
from formats.notation import parse
from refmath.datum import Finite
from refmath.errors import RefmathError
from refmath.reals import floor_log2


def made(model: str, source: str, to: str, length: int, budget: int | None = None, scale: str = "") -> DotPlan:
    """A plan from names."""
    f = parse(source)
    return dot_plan(model, (f, f), parse(to), length, parse(scale) if scale else None, budget=budget)


def product(p: DotPlan, case: tuple[int, ...], i: int) -> mpq:
    """The exact product of one lane, 0 where it is no number."""
    x, y = p.of[0].decode(case[i]), p.of[1].decode(case[p.length + i])
    return x.value * y.value if isinstance(x, Finite) and isinstance(y, Finite) else mpq(0)  # type: ignore[operator]


def test_terms_are_shifted_as_far_as_they_say() -> None:
    """The lesser of two products lies within one binade of the wanted distance, wherever the formats reach so far."""
    p = made("a100", "bfloat16", "binary32", 8, budget=600)
    far = 0
    for chunk in p.chunks():
        assert chunk.tasks is not None
        for case, task in zip(zip(*(c.tolist() for c in chunk.operands), strict=True), chunk.tasks.tolist(), strict=True):
            words = p.tasks[task]
            if not words.startswith("a term"):
                continue
            sizes = sorted((floor_log2(q) for i in range(8) if (q := product(p, case, i))), reverse=True)
            assert len(sizes) == 2
            assert abs(sizes[0] - sizes[1] - int(words.split()[2][3:])) <= 1
            far += 1
    assert far >= 29


def test_every_lane_is_alone_once() -> None:
    """One product beside c, in each lane."""
    p = made("h100_fp8", "ocp_e4m3", "binary32", 32)
    lanes = Counter()
    for chunk in p.chunks():
        assert chunk.tasks is not None
        for case, task in zip(zip(*(c.tolist() for c in chunk.operands), strict=True), chunk.tasks.tolist(), strict=True):
            if "alone" in p.tasks[task]:
                (lane,) = [i for i in range(32) if product(p, case, i)]
                assert p.tasks[task].startswith(f"product {lane + 1} ")
                lanes[lane] += 1
    assert set(lanes) == set(range(32))


def test_the_budget_is_spread_evenly() -> None:
    """Tasks take their turns."""
    p = made("h100", "binary16", "binary32", 4, budget=1000)
    counts = Counter(task for chunk in p.chunks() if chunk.tasks is not None for task in chunk.tasks.tolist())
    assert sum(counts.values()) == p.count == 1000
    assert max(counts.values()) - min(counts.values()) <= 1
    assert len(counts) == len(p.tasks)


@pytest.mark.parametrize(("one", "other"), [("a100", "h100"), ("h100_fp8", "b200_fp8"), ("v100", "exact"), ("exact", "sequential"), ("sequential", "pairwise")])
def test_units_that_differ_are_told_apart(one: str, other: str) -> None:
    """Some case of the plan for one unit has another result under the other."""
    source = "ocp_e4m3" if "fp8" in one else "binary16"
    p = made(one, source, "binary32", 8, budget=400)
    assert any(found.code != dot(other, p.of, case[:8], case[8:16], to=p.to, c=case[16]).code for case, found in p.rows())


def test_blocks_have_their_scales() -> None:
    """MX: 64 elements in two blocks have two scales a vector; the exact model agrees with the products written out."""
    p = made("exact", "e2m1", "binary32", 64, budget=60, scale="e8m0")
    assert len(p.formats) == 64 + 64 + 4 + 1
    checked = 0
    for case, found in p.rows():
        scales = [parse("e8m0").decode(code) for code in case[128:132]]
        c = p.to.decode(case[-1])
        if not all(isinstance(s, Finite) for s in scales) or not isinstance(c, Finite):
            continue
        sums = [sum((product(p, case, i) for i in range(32 * b, 32 * b + 32)), mpq(0)) for b in range(2)]
        total = sum((scales[b].value * scales[2 + b].value * sums[b] for b in range(2)), mpq(0)) + c.value  # type: ignore[union-attr]
        if total:
            assert found.code == p.to.round(total)
            checked += 1
    assert checked > 30


def test_the_header_names_the_model() -> None:
    """What a file needs to be computed again."""
    header = made("b200_mx", "ocp_e4m3", "binary32", 32, scale="e8m0").header
    assert header == {
        "operation": "dot", "model": "b200_mx", "formats": ["ocp_e4m3", "ocp_e4m3"], "result": "binary32", "length": 32, "scale": "e8m0", "block": 32,
    }  # fmt: skip


def test_what_is_impossible_is_refused() -> None:
    """Unknown models and lengths are one sentence."""
    with pytest.raises(RefmathError):
        made("z9000", "binary16", "binary32", 4)
    with pytest.raises(RefmathError, match="give a length from 1 up"):
        made("exact", "binary16", "binary32", 0)


def test_plans_are_the_same_bytes_everywhere() -> None:
    """The SHA-256 of a plan is pinned."""
    p = made("h100", "binary16", "binary32", 4, budget=300)
    found = [column.tolist() for chunk in p.chunks() for column in chunk.operands]
    assert hashlib.sha256(repr(found).encode()).hexdigest() == "1e31aa4b1c41dfd8e8f7b476678eed0f4830eff7fef1df231ea777b3a081907e"
