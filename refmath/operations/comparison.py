"""Comparisons: IEEE 754-2019 clauses 5.6.1, 5.11 and 5.10 (total order); P3109 section 4.10; the posit standard.

Four relations are possible between two data: less, equal, greater, unordered. A predicate names those for which it is true. Quiet predicates raise
invalid for signalling NaNs, signalling ones for any NaN. NaR is ordered: it equals itself and is below all else.
"""

from collections.abc import Callable

from refmath import algebra
from refmath.datum import Datum, NaN
from refmath.flags import INVALID
from refmath.operations.environment import Dialect, Environment
from refmath.operations.minmax import key, order
from refmath.operations.operation import Kind, NaNRule, Operation
from refmath.operations.sign import absolute, sign

Verdict = tuple[bool, int]
LESS, EQUAL, GREATER, UNORDERED = "less", "equal", "greater", "unordered"

PREDICATES = {
    "equal": (EQUAL,),
    "not_equal": (LESS, GREATER, UNORDERED),
    "greater": (GREATER,),
    "greater_equal": (GREATER, EQUAL),
    "less": (LESS,),
    "less_equal": (LESS, EQUAL),
    "not_greater": (LESS, EQUAL, UNORDERED),
    "less_unordered": (LESS, UNORDERED),
    "not_less": (GREATER, EQUAL, UNORDERED),
    "greater_unordered": (GREATER, UNORDERED),
    "unordered": (UNORDERED,),
    "ordered": (LESS, EQUAL, GREATER),
}
"""Tables 5.1 to 5.3: the relations for which each predicate is true."""

NEVER_SIGNALLING = ("unordered", "ordered")

ALIASES = {
    "compare_quiet_equal": ("eq", "equal", "==", "compare_equal"),
    "compare_quiet_not_equal": ("ne", "not_equal", "!=", "compare_not_equal"),
    "compare_signaling_equal": ("eq_signaling",),
    "compare_signaling_less": ("lt", "less", "<"),
    "compare_signaling_less_equal": ("le", "less_equal", "<="),
    "compare_signaling_greater": ("gt", "greater", ">"),
    "compare_signaling_greater_equal": ("ge", "greater_equal", ">="),
    "compare_quiet_less": ("lt_quiet", "compare_less"),
    "compare_quiet_less_equal": ("le_quiet", "compare_less_equal"),
    "compare_quiet_greater": ("compare_greater",),
    "compare_quiet_greater_equal": ("compare_greater_equal",),
    "compare_quiet_unordered": ("unordered", "is_unordered"),
    "compare_quiet_ordered": ("ordered",),
}
"""What programming languages and TestFloat call them: equality is quiet there, order signals."""


def relation(x: Datum, y: Datum) -> str:
    """Which of the four relations holds; zeros are equal."""
    if isinstance(x, NaN) or isinstance(y, NaN):
        return UNORDERED
    (a, p), (b, q) = key(x), key(y)
    difference = (a > b) - (a < b) or algebra.compare(p, q)
    return LESS if difference < 0 else GREATER if difference else EQUAL


def compare(env: Environment, x: Datum, y: Datum) -> tuple[str, int]:
    """The relation itself, quietly."""
    return relation(x, y), signals(x, y)


def signals(*operands: Datum) -> int:
    """Invalid where an operand is a signalling NaN."""
    return INVALID if any(isinstance(x, NaN) and x.signalling for x in operands) else 0


def predicate(true_for: tuple[str, ...], signalling: bool) -> Callable[[Environment, Datum, Datum], Verdict]:
    """The predicate that is true for some relations."""

    def operation(env: Environment, x: Datum, y: Datum) -> Verdict:
        found = relation(x, y)
        return found in true_for, INVALID if signalling and found is UNORDERED else signals(x, y)

    return operation


def total_order(env: Environment, x: Datum, y: Datum) -> Verdict:
    """Whether x is before y, or is y, in an order of all data: clause 5.10. P3109 section 4.10: NaN below all."""
    if env.dialect is not Dialect.IEEE754:
        return isinstance(x, NaN) or (not isinstance(y, NaN) and order(x, y) <= 0), 0
    return rank(x, y) <= 0, 0


def total_order_magnitude(env: Environment, x: Datum, y: Datum) -> Verdict:
    """The same of |x| and |y|."""
    return total_order(env, absolute(env, x)[0], absolute(env, y)[0])


def rank(x: Datum, y: Datum) -> int:
    """The sign of the distance between two data in the order of clause 5.10: -qNaN, -sNaN, numbers, +sNaN, +qNaN, payloads outward."""
    if not isinstance(x, NaN) and not isinstance(y, NaN):
        return order(x, y)
    a, b = outer(x), outer(y)
    return (a > b) - (a < b)


def outer(x: Datum) -> tuple[int, int]:
    """Where a NaN lies among NaNs: beyond all numbers on the side of its sign, quiet ones outermost, then by payload."""
    if not isinstance(x, NaN):
        return 0, 0
    side = -1 if sign(x) else 1
    return side * (1 if x.signalling else 2), side * x.payload


OPERATIONS = (
    Operation("compare", 2, compare, "IEEE 754-2019 5.11", "less, equal, greater or unordered", kind=Kind.WORD, nans=NaNRule.OWN),
    *(
        Operation(
            f"compare_{'signaling' if signalling else 'quiet'}_{name}",
            2,
            predicate(true_for, signalling),
            "IEEE 754-2019 5.6.1",
            f"whether x and y are {name.replace('_', ' or ').replace('not or', 'not')}",
            ALIASES.get(f"compare_{'signaling' if signalling else 'quiet'}_{name}", ()),
            Kind.PREDICATE,
            NaNRule.OWN,
        )
        for signalling in (False, True)
        for name, true_for in PREDICATES.items()
        if not (signalling and name in NEVER_SIGNALLING)
    ),
    Operation(
        "total_order",
        2,
        total_order,
        "IEEE 754-2019 5.7.2, 5.10",
        "whether x is not after y in the order of all data",
        ("ordered_total",),
        Kind.PREDICATE,
        NaNRule.OWN,
    ),
    Operation(
        "total_order_magnitude", 2, total_order_magnitude, "IEEE 754-2019 5.7.2", "the same of |x| and |y|", ("total_order_mag",), Kind.PREDICATE, NaNRule.OWN
    ),
)
