"""Coverage models: every case fulfils its task by a definition of the test's own, budgets are spread evenly, and nothing possible is called impossible."""

import hashlib
from collections import Counter
from collections.abc import Hashable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from full import FULL
from plans import ARITY, cases, coverage, log2, number

from conformance.cases.coverage import spread
from conformance.cases.factors import factors, low_bit
from conformance.cases.models import COVERAGE, stage
from conformance.cases.plan import applicable
from conformance.cases.scene import every_sight, precision
from conformance.cases.theorems import no_interval, no_point
from conformance.vectors.fptest import Case, read
from formats.floats import Float
from formats.notation import parse
from refmath.errors import RefmathError
from refmath.reals import power_of_two


def exact(operation: str, xs: list[Fraction]) -> Fraction:
    """The operation on rationals."""
    match operation:
        case "add":
            return xs[0] + xs[1]
        case "multiply":
            return xs[0] * xs[1]
        case "divide":
            return xs[0] / xs[1]
        case "fma":
            return xs[0] * xs[1] + xs[2]
    return xs[0]


def cut(f: Float, x: Fraction) -> tuple[int, int, int]:
    """LSB, guard and sticky of a result, cut at the unit in the last place of a number of its exponent."""
    unit = Fraction(2) ** (max(log2(x), 1 - f.bias) - f.trailing)
    kept, rest = divmod(abs(x) / unit, 1)
    return kept & 1, int(rest >= Fraction(1, 2)), int(rest not in (0, Fraction(1, 2)))


@pytest.mark.parametrize(
    ("operation", "source"), [("add", "bfloat16"), ("multiply", "binary32"), ("divide", "binary16"), ("fma", "binary64"), ("add", "ieee_e4m3")]
)
def test_rounding_decisions_are_what_they_say(operation: str, source: str) -> None:
    """B3: sign, last bit, guard and sticky of every case, on rationals."""
    p, f = coverage("B3", operation, source, budget=400), parse(source)
    assert isinstance(f, Float)
    for codes, task in cases(p):
        x = exact(operation, [number(f, code) for code in codes])
        lsb, guard, sticky = cut(f, x)
        region = "subnormal" if log2(x) < 1 - f.bias else "normal"
        assert p.tasks[task] == f"{'-' if x < 0 else '+'}LSB {lsb}, guard {guard}, sticky {sticky}, a {region} result"


def test_all_rounding_decisions_are_reached() -> None:
    """B3 of a fused sum, a product and a conversion has all 32 tasks; of a sum the 12 that need bits below the least subnormal are impossible."""
    for operation, source, to in (("fma", "bfloat16", ""), ("multiply", "binary32", ""), ("convert", "binary32", "ocp_e4m3")):
        assert len(coverage("B3", operation, source, to).tasks) == 32
    p = coverage("B3", "add", "binary32")
    assert (len(p.tasks), len(p.impossible), p.unreached) == (20, 12, ())
    assert {why for _, why in p.impossible} == {"every exact result is a multiple of the least subnormal value, so that a subnormal result is exact"}


def test_shifts_are_what_they_say() -> None:
    """B10 and B14: exponent differences and effective operations of every case, on rationals."""
    for name, operation, source in (("B10", "add", "binary32"), ("B14", "fma", "bfloat16")):
        p, f = coverage(name, operation, source, budget=500), parse(source)
        assert isinstance(f, Float)
        for codes, task in cases(p):
            xs = [number(f, code) for code in codes]
            first, second = (xs[0], xs[1]) if operation == "add" else (xs[0] * xs[1], xs[2])
            d = log2(first) - log2(second) if operation == "add" else log2(second) - log2(first)
            low, high = (-(f.precision + 4), f.precision + 4) if operation == "add" else (-(2 * f.precision + 1), f.precision + 1)
            shown = f"< {low}" if d < low else f"> {high}" if d > high else str(d)
            effective = "addition" if (first < 0) == (second < 0) else "subtraction"
            assert p.tasks[task] == f"exponent difference {shown}, effective {effective}"
        assert p.unreached == p.impossible == ()


def test_cancellations_are_what_they_say() -> None:
    """B12 and B17: the depth of cancellation, and the exponent of the subnormal result."""
    p, f = coverage("B12", "add", "binary32", budget=300), parse("binary32")
    assert isinstance(f, Float)
    for codes, task in cases(p):
        x, y = (number(f, code) for code in codes)
        assert p.tasks[task] == f"cancellation {log2(x + y) - max(log2(x), log2(y)):+d}"
    assert (len(p.tasks), p.impossible, p.unreached) == (26, (), ())
    p, f = coverage("B17", "fma", "ocp_e5m2", budget=300), parse("ocp_e5m2")
    assert isinstance(f, Float)
    for codes, task in cases(p):
        x, y, z = (number(f, code) for code in codes)
        total = x * y + z
        assert p.tasks[task] == f"cancellation {log2(total) - max(log2(x * y), log2(z)):+d}, result of exponent {log2(total)}"


def test_the_only_extra_bit_is_where_it_says() -> None:
    """B7: guard 0 and a single 1 at each place of the bits that a product drops."""
    p, f = coverage("B7", "multiply", "binary32", budget=200), parse("binary32")
    assert isinstance(f, Float)
    assert len(p.tasks) == 46
    for codes, task in cases(p):
        x = number(f, codes[0]) * number(f, codes[1])
        place = int(p.tasks[task].split()[-1])
        unit = Fraction(2) ** (max(log2(x), 1 - f.bias) - f.trailing)
        assert abs(x) / unit % 1 == Fraction(1, 2 ** (place + 1))


@pytest.mark.parametrize("operation", ["add", "multiply", "divide", "fma"])
def test_overflow_is_where_it_says(operation: str) -> None:
    """B4 of bfloat16: how many ulps from the greatest number each result is, and that the half way and the quarters are met exactly."""
    p, f = coverage("B4", operation, "bfloat16"), parse("bfloat16")
    assert isinstance(f, Float)
    greatest = number(f, f.greatest())
    ulp = Fraction(2) ** (log2(greatest) - f.trailing)
    words = {"exactly": 0, "a quarter past": 1, "half past": 2, "three quarters past": 3}
    inside = {"below a quarter past": 0, "below a half past": 1, "above a half past": 2, "near the end past": 3}
    for codes, task in cases(p):
        x = abs(exact(operation, [number(f, code) for code in codes]))
        if "ulp" not in p.tasks[task]:
            continue
        steps, _, where = p.tasks[task][len("+(greatest ") :].partition(" ulp), ")
        quarters = (x - greatest) / ulp * 4
        if quarters > 4:  # beyond the next power of two codes are two ulps apart
            quarters = 4 + (quarters - 4) / 2
        if where in words:
            assert quarters == 4 * int(steps) + words[where]
        else:
            assert quarters.denominator != 1
            assert quarters // 1 == 4 * int(steps) + inside[where]
    assert p.unreached == ()


@pytest.mark.parametrize(
    "source", ["e2m1", "e2m3", "e3m2", "e2m2", "e3m1(specials=fn)", "binary5p2se", "binary5p2uf", "e3m0(specials=none)", "posit6", "int5", "q3.2"]
)
def test_nothing_possible_is_called_impossible(source: str) -> None:
    """Where a theorem excludes a task, no operands of a small format fulfil it: all are tried."""
    f = parse(source)
    for operation in ("add", "subtract", "multiply", "divide", "sqrt", "remainder", "maximum", "fma", "convert", "round_to_integral"):
        arity = ARITY.get(operation, 2)
        if f.width * arity > (15 if FULL else 12):
            continue
        formats, scene = stage(operation, (f,) * arity, f, f.default)
        for name, why in applicable(operation, formats, f):
            if why is not None or name not in COVERAGE:
                continue
            model = COVERAGE[name].make(scene)
            excluded = {task.key: task for task in model.tasks if task.never}
            for sight in every_sight(scene):
                for key in model.keys(sight):
                    assert key not in excluded, (operation, name, excluded[key].words, excluded[key].never, sight)


@pytest.mark.parametrize("operation", ["add", "subtract", "multiply", "divide", "sqrt", "fma", "remainder", "reciprocal", "rsqrt"])
def test_excluded_results_do_not_occur(operation: str) -> None:
    """Points and intervals that the theorems exclude hold no exact result of a five-bit float."""
    f = parse("e2m2")
    _, scene = stage(operation, (f,) * {**ARITY, "reciprocal": 1, "rsqrt": 1}.get(operation, 2), f, f.default)
    values = {sight.value for sight in every_sight(scene) if sight.value is not None}
    grid = [power_of_two(-9) * n for n in range(1, 1 << 12, 3)]
    rationals = {x for x in values if not hasattr(x, "floor_log2")}
    for t in grid:
        if no_point(scene, t):
            assert t not in rationals
        if no_interval(scene, t, t + power_of_two(-8)):
            from refmath.reals import compare

            assert not any(compare(x, t) > 0 and compare(x, t + power_of_two(-8)) < 0 for x in values)


@pytest.mark.parametrize("name", ["B1", "B3", "B11", "B13"])
def test_budgets_are_spread_evenly(name: str) -> None:
    """Shares of the tasks differ by one at most, and sum up to the budget."""
    for budget in (10, 1000, 5003):
        p = coverage(name, "add", "bfloat16", budget=budget)
        counted = Counter(task for _, task in cases(p))
        assert sum(counted.values()) == p.count == budget
        if budget >= len(p.tasks):
            assert max(counted.values()) - min(counted.get(i, 0) for i in range(len(p.tasks))) <= 1
        else:
            assert set(counted.values()) == {1}


def test_shares_fill_what_is_available() -> None:
    """Tasks with few cases leave the rest to the others."""
    assert spread(10, np.array([1, 100, 2, 100])).tolist() == [1, 4, 2, 3]
    assert spread(1000, np.array([1, 2, 3])).tolist() == [1, 2, 3]
    assert spread(2, np.array([9, 9, 9, 9])).tolist() == [1, 0, 1, 0]
    assert spread(5, np.array([], dtype=np.int64)).tolist() == []


def test_no_case_twice_where_all_are_known() -> None:
    """A small format's plan repeats no case of a task."""
    found = cases(coverage("B3", "multiply", "ocp_e4m3", budget=3000))
    assert len(set(found)) == len(found) == 3000


def test_every_kind_of_operand_is_met() -> None:
    """B1 of bfloat16 has every pair of 24 kinds; what formats lack is told with the reason."""
    p = coverage("B1", "add", "bfloat16")
    assert sum("result" not in words for words in p.tasks) == 24**2
    absent = dict(coverage("B1", "multiply", "e2m1").impossible)
    assert absent["+infinity, +one"] == "e2m1 has no infinity"
    assert absent["+some subnormal, +one"] == "e2m1 has no some subnormal" or "subnormal" in absent["+some subnormal, +one"]
    assert dict(coverage("B1", "add", "binary8p3se").impossible)["-0, +one"] == "binary8p3se has no negative zero"


def test_conversions_to_and_from_integers() -> None:
    """B22 to B26 have the limits, quarters around them, and every power of two."""
    p = coverage("B23", "convert", "binary32", "int8")
    assert (len(p.tasks), p.impossible, p.unreached) == (18, (), ())
    values = {number(parse("binary32"), codes[0]) for codes, _ in cases(p)}  # type: ignore[arg-type]
    assert values == {limit + Fraction(n, 4) for limit in (127, -128) for n in range(-4, 5)}
    assert dict(coverage("B23", "convert", "binary32", "int32").impossible)["greatest"] == "binary32 has no such value"
    assert len(coverage("B22", "convert", "binary32", "int8").tasks) == 30
    assert len(coverage("B24", "to_integer", "ocp_e4m3", "int8").tasks) == 15
    assert len(coverage("B26", "convert", "int8", "ocp_e4m3").tasks) == 15
    assert {codes[0] for codes, task in cases(coverage("B25", "convert", "int8", "binary16")) if task < 5} == {0x7F, 0x80, 0, 1, 0xFF}


def test_nan_payloads_through_conversions() -> None:
    """B27: quiet and signalling, with bits in the kept and in the dropped part."""
    p = coverage("B27", "convert", "binary32", "binary16")
    assert len(p.tasks) == 7
    for (code,), task in cases(p):
        quiet, high, low = code >> 22 & 1, code >> 13 & 0x1FF, code & 0x1FFF
        assert p.tasks[task] == f"{'quiet' if quiet else 'signalling'}, payload kept {'not 0' if high else '0'}, dropped {'not 0' if low else '0'}"


def test_comparisons_and_integers() -> None:
    """B19 has both orders of exponents and of significands in every class; B29 every rounding decision at the binary point."""
    p = coverage("B19", "compare_quiet_less", "binary32")
    assert (len(p.tasks) >= 4 * 4 * 9 and not p.unreached) or all("subnormal" in words for words, _ in p.unreached)
    assert len(coverage("B29", "round_to_integral", "binary32").tasks) == 16
    assert len(coverage("B28", "round_to_integral", "binary16").tasks) == 25


def test_exact_quotients_end_in_zeros() -> None:
    """B20: exact quotients whose significand ends in each number of zeros."""
    p, f = coverage("B20", "divide", "binary32", budget=200), parse("binary32")
    assert isinstance(f, Float)
    for codes, task in cases(p):
        x = number(f, codes[0]) / number(f, codes[1])
        odd = abs(x.numerator) // (x.numerator & -x.numerator) if x.numerator else 0
        zeros = f.precision - odd.bit_length()
        assert f"ends in {zeros} zero" in p.tasks[task]


def test_models_refuse_what_they_are_not_for() -> None:
    """A model that does not apply says to what it does and why."""
    with pytest.raises(RefmathError, match=r"B14 .* does not apply to add on binary32 and binary32: it is a model of fma"):
        coverage("B14", "add", "binary32")
    with pytest.raises(RefmathError, match="takum_log16 are irrational"):
        coverage("B10", "add", "takum_log16")
    reasons = dict(applicable("negate", (parse("binary16"),), parse("binary16")))
    assert reasons["B3"] == "negate delivers one of its operands and rounds nothing"
    assert [name for name, why in applicable("exp", (parse("binary16"),), parse("binary16")) if why is None and name in COVERAGE] == [
        *(f"B{n}" for n in range(1, 9)),
        "hard",
    ]


def test_factors_are_prime_and_multiply_back() -> None:
    """The factors of 25- and 54-bit significands."""
    for n in (2**25 - 1, 2**24 + 43, 3**20, 2**53 - 111, 2**54 - 1, (2**27 - 39) * (2**26 - 5)):
        product = 1
        for prime in factors(n):
            product *= prime
        assert product == n
    assert factors(2**25 - 1) == (31, 601, 1801)
    assert low_bit(power_of_two(-3) * 5) == -3


def test_precision_of_families() -> None:
    """The significand bits of the most precise values: p of floats, 12 of posit16, all bits but the sign of integers."""
    assert [precision(parse(name)) for name in ("binary32", "e8m0", "posit16", "posit8", "int8", "uint8")] == [24, 1, 12, 4, 7, 8]


PINNED: dict[tuple[str, str, str], str] = {
    ("B3", "fma", "bfloat16"): "32508811083abfbe5f5f8117c8177677e263017bb23e1846aada9c3df3c5b23c",
    ("B4", "multiply", "binary32"): "49e39fd516b3cc0a80adfc3a96735e7286d8ff457b2eacf1dec1f62702e478f4",
    ("B8", "add", "posit16"): "263265820f2f5323130ac29d5a168633f30ec6565f9a9358fbaa1ebb7432a1d3",
    ("B11", "subtract", "binary64"): "be1648328b05137be17b47afc2ad18cd56e8c54a382f8c5c4d336e49ab121bd9",
    ("B1", "divide", "ocp_e4m3"): "ed08e5561dee7783fb1863e300d314f19a8b1f6cce10f6b621844aaa53043354",
    ("B9", "sqrt", "binary8p3se"): "a5abf5d3959c1481873d2e61c73df104a68c384fb8781f3c20d6701f2c3f5472",
}


@pytest.mark.parametrize("case", PINNED, ids=" ".join)
def test_plans_are_the_same_bytes_everywhere(case: tuple[str, str, str]) -> None:
    """The SHA-256 of several plans is pinned."""
    name, operation, source = case
    found = cases(coverage(name, operation, source, budget=300))
    assert hashlib.sha256(repr(found).encode()).hexdigest() == PINNED[case]


def test_seeds_choose_other_cases() -> None:
    """Another seed has the same tasks and other operands."""
    one, two = (coverage("B3", "multiply", "binary32", budget=100, seed=seed) for seed in (1, 2))
    assert one.tasks == two.tasks
    assert cases(one) != cases(two)


def test_long_plans_come_in_chunks() -> None:
    """A plan of more than a chunk goes on where the chunk before ended."""
    p = coverage("B21", "divide", "ocp_e5m2", budget=70000)
    sizes = [len(chunk) for chunk in p.chunks()]
    assert sum(sizes) == p.count
    assert all(size == 65536 for size in sizes[:-1])


SUITE = Path(__file__).parents[3] / "shared" / "truth" / "fptest"


def suite_tasks(name: str) -> dict[str, dict[str, tuple[set[Hashable], set[Hashable]]]]:
    """For each operation on binary32 in a file of IBM's suite, and each model that applies: the tasks that its cases fulfil, and those that are excluded."""
    path = SUITE / f"{name}.fptest"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    found: dict[str, dict[str, tuple[set[Hashable], set[Hashable]]]] = {}
    groups: dict[str, list[Case]] = {}
    for case in read(path.read_text().splitlines(keepends=True)):
        assert isinstance(case, Case)
        groups.setdefault(case.operation, []).append(case)
    for operation, group in groups.items():
        f = group[0].source
        _, scene = stage(operation, (f,) * len(group[0].codes), f, f.default)
        sights = [sight for case in group if (sight := scene.see(case.codes)) is not None]
        for model in ("B3", "B4", "B5", "B6", "B7", "B10", "B12", "B14", "B16", "B18", "B20"):
            if COVERAGE[model].reason(scene) is None:
                made = COVERAGE[model].make(scene)
                keys = {key for sight in sights for key in made.keys(sight)}
                excluded = {task.key for task in made.tasks if task.never}
                found.setdefault(operation, {})[model] = ({task.key for task in made.tasks} & keys, excluded)
    return found


@pytest.mark.parametrize("name", ["Corner-Rounding", "Rounding", "Sticky-Bit-Calculation", "Underflow", "MultiplyAdd-Special-Events-Underflow"])
def test_the_suite_fulfils_nothing_impossible(name: str) -> None:
    """No case of IBM's suite fulfils a task that a theorem excludes."""
    for operation, models in suite_tasks(name).items():
        for model, (fulfilled, excluded) in models.items():
            assert not fulfilled & excluded, (operation, model)


def test_the_suites_rounding_file_is_b3() -> None:
    """Rounding.fptest has all 16 decisions of normal sums, products and fused sums, and of quotients the 12 that are not proven impossible."""
    found = suite_tasks("Rounding")
    counts = {operation: sum(not subnormal for _, subnormal, _ in models["B3"][0]) for operation, models in found.items()}  # type: ignore[misc]
    assert counts == {"add": 16, "subtract": 16, "multiply": 16, "fma": 16, "divide": 12, "sqrt": 5}
    assert len(suite_tasks("Corner-Rounding")["multiply"]["B6"][0]) == 27
