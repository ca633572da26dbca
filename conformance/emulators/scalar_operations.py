"""Operations of libraries that take one number at a time: what the adapters of fpy2 and titanfp share, which name operations after C."""

from collections.abc import Callable
from typing import Any

from conformance.claims import Claim, Shapes
from conformance.emulators.calls import Call, each
from conformance.emulators.held import Arrays
from formats.family import Format
from formats.projection import Projection

SUMS_AND_PRODUCTS = {"add": "add", "subtract": "sub", "multiply": "mul", "fma": "fma"}
"""Of two or three finite numbers they are finite, or overflow. Our names, and theirs."""
ARITHMETIC = SUMS_AND_PRODUCTS | {"divide": "div", "sqrt": "sqrt"}
SELECTIONS = {"minimum_number": "fmin", "maximum_number": "fmax", "negate": "neg", "abs": "fabs"}
"""Without copysign: the sign of a NaN is not carried into a binary64 number and back."""
FUNCTIONS = {
    name: name
    for name in (
        *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
        *("asinh", "acosh", "atanh", "pow", "cbrt", "hypot", "erf", "erfc", "tgamma", "lgamma", "remainder", "fmod"),
    )
}
TWO = ("add", "subtract", "multiply", "divide", "minimum_number", "maximum_number", "atan2", "pow", "hypot", "remainder", "fmod")
"""Operations of two operands."""
TRIES = dict.fromkeys((*ARITHMETIC, *SELECTIONS), 500) | dict.fromkeys((*FUNCTIONS, "exp10"), 60)
"""Cases of each claim."""


def operation(emulator: str, name: str, fmt: Format, how: Projection, words: str, variant: str, function: Callable[..., float], **more: Any) -> Call:
    """The call of an operation within a format; ``more``: what else the claim says."""
    formats = (fmt,) * (3 if name == "fma" else 2 if name in TWO else 1)
    claim = Claim(emulator, name, formats, fmt, how, words, variant, shapes=Shapes.ONE, tries=TRIES[name], **more)
    return Call(claim, each(function), Arrays("numpy", "float64"))
