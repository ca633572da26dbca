"""Comparisons and the total order: IEEE 754-2019 clauses 5.6.1, 5.10 and 5.11, P3109 section 4.10, posits; one line a case, and tables 5.1 to 5.3 whole."""

import pytest
from gmpy2 import mpq
from special_cases import check, datum, lines

from refmath.datum import Datum, NaN
from refmath.operations import Dialect, Environment, apply, find

CASES = {"less": ("1", "2"), "equal": ("0", "-0"), "greater": ("inf", "-inf"), "unordered": ("nan", "1")}

TRUE_FOR = {
    "equal": "equal", "not_equal": "less greater unordered", "greater": "greater", "greater_equal": "greater equal", "less": "less",
    "less_equal": "less equal", "not_greater": "less equal unordered", "less_unordered": "less unordered", "not_less": "greater equal unordered",
    "greater_unordered": "greater unordered",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["quiet", "signaling"])
@pytest.mark.parametrize("name", TRUE_FOR)
def test_the_tables_of_predicates(name: str, kind: str) -> None:
    """Each predicate is true for its relations; the signalling one raises invalid for a quiet NaN, the quiet one only for a signalling one."""
    for relation, (x, y) in CASES.items():
        answer = "true" if relation in TRUE_FOR[name].split() else "false"
        flag = " i" if relation == "unordered" and kind == "signaling" else ""
        check(f"compare_{kind}_{name} {x} {y} -> {answer}{flag}", Environment())
    answer = "true" if "unordered" in TRUE_FOR[name] else "false"
    check(f"compare_{kind}_{name} 1 snan -> {answer} i", Environment())


IEEE754 = """
compare  1 2 -> less
compare  -0 0 -> equal
compare  2 -inf -> greater
compare  nan 1 -> unordered
compare  snan 1 -> unordered i
eq  inf inf -> true
lt  1 nan -> false i
lt_quiet  1 nan -> false
le  -inf -inf -> true
unordered  1 nan -> true
ordered  1 nan -> false
ordered  1 2 -> true
unordered  snan 1 -> true i
total_order  -0 0 -> true               # 5.10
total_order  0 -0 -> false
total_order  0 0 -> true
total_order  -inf -5 -> true
total_order  5 inf -> true
total_order  inf nan -> true
total_order  nan inf -> false
total_order  -nan -inf -> true
total_order  -inf -nan -> false
total_order  -nan nan -> true
total_order  nan -nan -> false
total_order  snan nan -> true
total_order  nan snan -> false
total_order  -nan -snan -> true
total_order  -snan -nan -> false
total_order  -snan -inf -> true
total_order  inf snan -> true
total_order_magnitude  -3 2 -> false
total_order_magnitude  2 -3 -> true
total_order_magnitude  -nan inf -> false
is_zero  -0 -> true
is_zero  1 -> false
is_one  1 -> true
is_one  -1 -> false
is_finite  inf -> false
is_finite  3 -> true
is_infinite  -inf -> true
is_nan  snan -> true
is_nan  inf -> false
is_signaling  snan -> true
is_signaling  nan -> false
is_sign_minus  -0 -> true
is_sign_minus  -nan -> true
is_sign_minus  -snan -> true
is_sign_minus  inf -> false
"""

P3109 = """
compare_equal  0 -0 -> true
compare_equal  nan nan -> false
compare_less  nan 1 -> false
compare_less  -inf inf -> true
compare_less_equal  inf inf -> true
compare_greater  inf -inf -> true
compare_greater_equal  1 nan -> false
total_order  nan -inf -> true           # NaN below all
total_order  nan nan -> true
total_order  1 nan -> false
total_order  1 2 -> true
total_order  2 1 -> false
total_order  0 -0 -> true
is_sign_minus  -0 -> false
is_sign_minus  nan -> false
is_sign_minus  -inf -> true
is_nan  nan -> true
is_one  1 -> true
"""

POSIT = """
eq  nar nar -> true
lt  nar -5 -> true
lt  -5 nar -> false
le  nar nar -> true
ne  nar 0 -> true
compare  nar 0 -> less
is_nan  nar -> true
"""


@pytest.mark.parametrize("line", lines(IEEE754))
def test_ieee754(line: str) -> None:
    """IEEE 754-2019 answers so."""
    check(line, Environment())


@pytest.mark.parametrize("line", lines(P3109))
def test_p3109(line: str) -> None:
    """P3109 answers so, without flags."""
    check(line, Environment(Dialect.P3109))


@pytest.mark.parametrize("line", lines(POSIT))
def test_posits(line: str) -> None:
    """NaR equals itself and is below all else."""
    check(line, Environment(Dialect.POSIT))


def test_the_total_order_is_total() -> None:
    """On a sample of all kinds of data, payloads included, exactly one of x before y, y before x, x is y holds, and the order is transitive by position."""
    ascending: list[Datum] = [
        NaN(True, False, 3, 9), NaN(True, False, 1, 9), NaN(True, True, 2, 9), NaN(True, True, 1, 9), *(datum(x) for x in ("-inf", "-3", "-1/2", "-0", "0", "1/2", "3", "inf")),
        NaN(False, True, 1, 9), NaN(False, True, 2, 9), NaN(False, False, 1, 9), NaN(False, False, 3, 9),
    ]  # fmt: skip
    for i, x in enumerate(ascending):
        for j, y in enumerate(ascending):
            assert apply(find("total_order"), Environment(), (x, y)) == (i <= j, 0), (x, y)


def test_irrational_reals_compare() -> None:
    """Comparison needs no rational: sqrt(2) lies between its rational bounds."""
    root = apply(find("sqrt"), Environment(), (datum("2"),))[0]
    assert apply(find("less"), Environment(), (root, datum("3/2")))[0] is True
    assert apply(find("greater"), Environment(), (root, datum("7/5")))[0] is True
    assert apply(find("equal"), Environment(), (root, root))[0] is True
    assert mpq(7, 5) ** 2 < 2 < mpq(3, 2) ** 2
