"""Operations of libraries that take one number at a time: what the adapters of fpy2 and titanfp share, which name operations after C."""

from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from conformance.claims import Claim, Shapes
from conformance.emulators.calls import Call, each
from conformance.emulators.held import Arrays
from conformance.emulators.operations import PREDICATE
from formats.family import Format
from formats.operations import find_operation
from formats.projection import Projection
from refmath.operations.operation import Kind

SUMS_AND_PRODUCTS = {"add": "add", "subtract": "sub", "multiply": "mul", "fma": "fma"}
"""Of two or three finite numbers they are finite, or overflow. Our names, and theirs."""
ARITHMETIC = SUMS_AND_PRODUCTS | {"divide": "div", "sqrt": "sqrt"}
SELECTIONS = {"minimum_number": "fmin", "maximum_number": "fmax", "negate": "neg", "abs": "fabs", "copysign": "copysign"}
INTEGRAL = {
    "round_to_integral": "nearbyint",
    "round_to_integral_nearest_away": "round",
    "round_to_integral_toward_positive": "ceil",
    "round_to_integral_toward_negative": "floor",
    "round_to_integral_toward_zero": "trunc",
}
COMPARISONS = {
    "compare_quiet_equal": "==",
    "compare_quiet_not_equal": "!=",
    "compare_quiet_less": "<",
    "compare_quiet_less_equal": "<=",
    "compare_quiet_greater": ">",
    "compare_quiet_greater_equal": ">=",
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
FUNCTIONS = {
    name: name
    for name in (
        *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
        *("asinh", "acosh", "atanh", "pow", "cbrt", "hypot", "erf", "erfc", "tgamma", "lgamma", "remainder", "fmod"),
    )
}
TRIES = dict.fromkeys((*ARITHMETIC, *SELECTIONS), 500) | dict.fromkeys((*FUNCTIONS, "exp10"), 60) | dict.fromkeys(INTEGRAL, 200)
"""Cases of each claim; of others as many as of arithmetic."""
SIGN_OF_NAN = ("copysign", "is_sign_minus")
"""What the sign of a NaN would matter to, which is not carried into a binary64 number: they are not tried on NaNs."""


def operation(emulator: str, name: str, fmt: Format, how: Projection, words: str, variant: str, function: Callable[..., float], **more: Any) -> Call:
    """The call of an operation within a format, or on ``operands`` of another; ``more``: what else the claim says."""
    refuses = (*more.pop("refuses", ()), *(("nan",) if name in SIGN_OF_NAN else ()))
    found = find_operation(name)
    result = PREDICATE if found.kind is Kind.PREDICATE else fmt
    claim = Claim(
        emulator,
        name,
        (more.pop("operands", fmt),) * found.arity,
        result,
        how,
        words,
        variant,
        refuses=refuses,
        shapes=Shapes.ONE,
        tries=TRIES.get(name, 500),
        **more,
    )
    return Call(claim, each(function), Arrays("numpy", "float64"))
