"""Integers and exponents: IEEE 754-2019 clauses 5.3.1, 5.3.3, 5.8 and 5.9.

``round_to_integral`` rounds by the mode of the environment and raises nothing, ``round_to_integral_exact`` raises inexact as well; the forms that are named
after a mode round by it. ``to_integer`` and ``to_integer_exact`` are the same two on their way to an integer format.
"""

from collections.abc import Callable

from gmpy2 import mpq

from refmath import dyadic, logarithms
from refmath.algebra import multiply
from refmath.datum import Datum, Finite, Infinity
from refmath.extremes import scaled
from refmath.flags import INEXACT
from refmath.operations.environment import Environment, Outcome, infinity, invalid, logarithmic_pole, number, signed
from refmath.operations.operation import Operation, integer
from refmath.reals import Exact, Real, floor_log2, floor_scaled, power_of_two
from refmath.rounding import DETERMINISTIC, Rounding, refinement, round_code


def rounded(x: Datum, mode: Rounding, bits: int = 0, random: int = 0) -> Outcome:
    """The integer that x rounds to, with the sign of x, and inexact where it differs from x."""
    if not isinstance(x, Finite) or not x.value:
        return x, 0
    extra = refinement(mode, bits)
    refined, exact = floor_scaled(x.value, extra)
    n, inexact = round_code(int(refined), extra, exact, x.negative, mode, bits, random)
    return Finite(mpq(-n if x.negative else n), x.negative), INEXACT if inexact else 0


def round_to_integral(env: Environment, x: Datum) -> Outcome:
    """The integer that x rounds to in the mode of the environment."""
    return rounded(x, env.rounding, env.bits, env.random)[0], 0


def round_to_integral_exact(env: Environment, x: Datum) -> Outcome:
    """The same, raising inexact where it differs from x."""
    return rounded(x, env.rounding, env.bits, env.random)


def in_mode(mode: Rounding) -> Callable[[Environment, Datum], Outcome]:
    """Rounding to an integer in one mode, raising nothing."""
    return lambda env, x: (rounded(x, mode)[0], 0)


def scaleb(env: Environment, x: Datum, n: Datum) -> Outcome:
    """x 2^n for any integer n: clause 5.3.3."""
    if not isinstance(x, Finite) or not x.value:
        return x, 0
    k = integer(n)
    structured = isinstance(x.value, Real) and abs(k) <= SHORT
    return signed(multiply(x.value, power_of_two(k)) if structured else scaled(x.value, k), x.negative)


def logb(env: Environment, x: Datum) -> Outcome:
    """The exponent e of x = m 2^e, 1 <= |m| < 2, of subnormal numbers too: clause 5.3.3."""
    if isinstance(x, Infinity):
        return infinity()
    value = exact_value(x)
    return number(mpq(floor_log2(value))) if value else logarithmic_pole(True)


def ilogb(env: Environment, x: Datum) -> Outcome:
    """The same for an integer format: clause 5.3.3 makes it invalid for zeros and infinities."""
    return invalid() if isinstance(x, Infinity) or not exact_value(x) else logb(env, x)


def exact_value(x: Datum) -> Exact:
    """The value of a finite datum."""
    assert isinstance(x, Finite)
    return x.value


SHORT = 1 << 20
"""Powers of two of at most so many bits are multiplied out, so that sums of powers stay such sums."""

MODE_ALIASES = {
    Rounding.NEAREST_EVEN: ("roundeven", "round_to_integral_ties_to_even", "nearest_int"),
    Rounding.NEAREST_AWAY: ("round", "round_to_integral_ties_to_away"),
    Rounding.NEAREST_ZERO: ("round_to_integral_ties_to_zero",),
    Rounding.TOWARD_ZERO: ("trunc",),
    Rounding.TOWARD_POSITIVE: ("ceil",),
    Rounding.TOWARD_NEGATIVE: ("floor",),
}

OPERATIONS = (
    Operation("round_to_integral", 1, round_to_integral, "IEEE 754-2019 5.9", "the integer that x rounds to", ("nearbyint", "round_to_int"), rounds=True),
    Operation("round_to_integral_exact", 1, round_to_integral_exact, "IEEE 754-2019 5.9", "the same, raising inexact", ("rint",), rounds=True),
    *(
        Operation(
            f"round_to_integral_{mode.value}",
            1,
            in_mode(mode),
            "IEEE 754-2019 5.9",
            f"the integer that x rounds to by {mode.value}",
            MODE_ALIASES.get(mode, ()),
        )
        for mode in DETERMINISTIC
    ),
    Operation(
        "convert",
        1,
        lambda env, x: (x, 0),
        "IEEE 754-2019 5.4.2",
        "x in another format",
        ("convert_format", "from_integer", "convert_from_integer"),
        dyadic=dyadic.same,
        logarithmic=logarithms.same,
    ),
    Operation("to_integer", 1, round_to_integral, "IEEE 754-2019 5.8", "x as an integer", ("convert_to_integer",), rounds=True),
    Operation("to_integer_exact", 1, round_to_integral_exact, "IEEE 754-2019 5.8", "the same, raising inexact", ("convert_to_integer_exact",), rounds=True),
    Operation("scaleb", 2, scaleb, "IEEE 754-2019 5.3.3", "x 2^n", ("scalbn", "ldexp"), integers=(1,)),
    Operation("logb", 1, logb, "IEEE 754-2019 5.3.3", "the exponent of x"),
    Operation("ilogb", 1, ilogb, "IEEE 754-2019 5.3.3", "the exponent of x, into an integer format"),
)
