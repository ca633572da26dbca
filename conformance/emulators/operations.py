"""Which public functions of the array libraries compute which operation, by the operation's name in ``refmath``.

A function that the library defines otherwise (``torch.remainder`` takes the sign of the divisor; ``np.power`` is ``pow``) stands under the
operation that it documents, or not at all. Names with a dot are looked up from the library's module.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from conformance.claims import Claim
from formats.family import Format
from formats.notation import parse
from formats.projection import DEFAULT, AbsentNaN, Projection

UNARY_NUMPY = {
    "abs": "absolute", "negate": "negative", "sqrt": "sqrt", "cbrt": "cbrt", "reciprocal": "reciprocal", "exp": "exp", "exp2": "exp2", "expm1": "expm1", "log": "log",
    "log2": "log2", "log10": "log10", "log1p": "log1p", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "round_to_integral_nearest_even": "rint", "round_to_integral_toward_negative": "floor", "round_to_integral_toward_positive": "ceil",
    "round_to_integral_toward_zero": "trunc", "is_nan": "isnan", "is_finite": "isfinite", "is_infinite": "isinf",
}  # fmt: skip
BINARY_NUMPY = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "divide", "hypot": "hypot", "fmod": "fmod", "atan2": "arctan2", "pow": "power",
    "maximum": "maximum", "minimum": "minimum", "maximum_number": "fmax", "minimum_number": "fmin", "copysign": "copysign",
    "compare_quiet_equal": "equal", "compare_quiet_not_equal": "not_equal", "compare_quiet_less": "less", "compare_quiet_less_equal": "less_equal",
    "compare_quiet_greater": "greater", "compare_quiet_greater_equal": "greater_equal",
}  # fmt: skip
NUMPY = UNARY_NUMPY | BINARY_NUMPY

TORCH = {
    "abs": "abs", "negate": "neg", "sqrt": "sqrt", "rsqrt": "rsqrt", "reciprocal": "reciprocal", "exp": "exp", "exp2": "exp2", "expm1": "expm1", "log": "log", "log2": "log2",
    "log10": "log10", "log1p": "log1p", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "asin", "acos": "acos", "atan": "atan", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh", "asinh": "asinh", "acosh": "acosh", "atanh": "atanh", "erf": "erf", "erfc": "erfc", "lgamma": "lgamma", "sigmoid": "sigmoid",
    "softplus": "nn.functional.softplus", "silu": "nn.functional.silu", "gelu": "nn.functional.gelu", "round_to_integral_nearest_even": "round", "round_to_integral_toward_negative": "floor",
    "round_to_integral_toward_positive": "ceil", "round_to_integral_toward_zero": "trunc", "is_nan": "isnan", "is_finite": "isfinite", "is_infinite": "isinf",
    "add": "add", "subtract": "sub", "multiply": "mul", "divide": "div", "hypot": "hypot", "fmod": "fmod", "atan2": "atan2", "pow": "pow",
    "maximum": "maximum", "minimum": "minimum", "maximum_number": "fmax", "minimum_number": "fmin", "copysign": "copysign",
    "compare_quiet_equal": "eq", "compare_quiet_not_equal": "ne", "compare_quiet_less": "lt", "compare_quiet_less_equal": "le",
    "compare_quiet_greater": "gt", "compare_quiet_greater_equal": "ge",
}  # fmt: skip

JAX = {name: f"numpy.{function}" for name, function in NUMPY.items()} | {
    "rsqrt": "lax.rsqrt", "erf": "lax.erf", "erfc": "lax.erfc", "lgamma": "lax.lgamma", "sigmoid": "nn.sigmoid", "softplus": "nn.softplus", "silu": "nn.silu",
}  # fmt: skip

BOOLEAN = frozenset(name for name in (*NUMPY, *TORCH) if name.startswith(("compare_", "is_")))
"""Operations whose result is a truth value, a code of uint1."""
ARITIES = dict.fromkeys(BINARY_NUMPY, 2)
"""Operations of two operands; the others have one."""

PREDICATE = parse("uint1")


def find(module: object, path: str) -> Callable[..., Any] | None:
    """A public function by its dotted path; None where this version of the library lacks it."""
    found: Any = module
    for part in path.split("."):
        found = getattr(found, part, None)
        if found is None:
            return None
    return found  # type: ignore[no-any-return]


def projection(result: Format) -> Projection:
    """What an operation is first held to: nearest even, IEEE overflow, and a zero for the NaN that a format lacks."""
    return DEFAULT if result.has_nan else Projection(absent_nan=AbsentNaN.ZERO)


def operation_claims(adapter: str, functions: Mapping[str, str], formats: Iterable[Format], works: Callable[[str, Format], bool], **how: str) -> list[Claim]:
    """A claim for every operation and format on which the library's function works."""
    found = []
    for name, function in functions.items():
        for fmt in formats:
            if works(name, fmt):
                result = PREDICATE if name in BOOLEAN else fmt
                call = f"{how.get('prefix', '')}{function}{how.get('suffix', '')}"
                found.append(
                    Claim(adapter, name, (fmt,) * ARITIES.get(name, 1), result, projection(result), call, how.get("variant", "eager"), how.get("device", "cpu"))
                )
    return found
