"""APyTypes: casts of fixed-point and floating-point arrays in every quantization and overflow mode, and their arithmetic.

Left out, for no format or policy of the reference says what they do: the quantization mode JAM, which sets the last bit of exact values too, and the
overflow mode NUMERIC_STD, which keeps the sign and the low bits.
"""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import apytypes
import numpy as np
from apytypes import APyFixedArray, APyFloatArray, OverflowMode, QuantizationMode

from conformance.claims import Claim, Codes, Draws
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import VALUES, Arrays
from formats.arrays import dtype
from formats.family import Format
from formats.fixed import Fixed, fixed
from formats.floats import Float
from formats.notation import parse, text
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

CODES = Arrays("numpy", "codes")
MODES = {
    "TRN": Rounding.TOWARD_NEGATIVE,
    "TRN_INF": Rounding.TOWARD_POSITIVE,
    "TRN_ZERO": Rounding.TOWARD_ZERO,
    "TRN_AWAY": Rounding.AWAY_FROM_ZERO,
    "TRN_MAG": Rounding.TOWARD_ZERO,
    "RND": Rounding.NEAREST_POSITIVE,
    "RND_ZERO": Rounding.NEAREST_ZERO,
    "RND_INF": Rounding.NEAREST_AWAY,
    "RND_MIN_INF": Rounding.NEAREST_NEGATIVE,
    "RND_CONV": Rounding.NEAREST_EVEN,
    "RND_CONV_ODD": Rounding.NEAREST_ODD,
    "JAM_UNBIASED": Rounding.TO_ODD,
}
"""Quantization modes; their other names are aliases."""
DRAWN = {"STOCH_WEIGHTED": Draws.OWN, "STOCH_EQUAL": Draws.EQUAL}
"""Those that draw from the library's generator, with a probability that is the distance, or one half."""
ADDS_SIGN = {"TRN_MAG": ("sign_added",)}
"""``TRN_MAG`` is documented as "magnitude truncation (round towards zero), fixed-point friendly variant (add sign-bit)": exact negative values get the bit too."""
OVERFLOWS = {"WRAP": Overflow.WRAP, "SAT": Overflow.SATURATE_FINITE}
FIXED_CASTS = (
    (fixed(8, 8), fixed(4, 4)),
    (fixed(8, 8), fixed(6, -1)),
    (fixed(8, 8), fixed(3, 9)),
    (fixed(2, 14), fixed(-1, 9)),
    (fixed(12, 20), fixed(8, 8)),
    (fixed(24, 24), fixed(16, 16)),
)
FLOAT_CASTS = (
    ("binary32", "binary16"),
    ("binary32", "bfloat16"),
    ("binary16", "ieee_e4m3"),
    ("binary16", "ocp_e5m2"),
    ("bfloat16", "ieee_e3m4"),
    ("binary64", "binary32"),
    ("ieee_e4m3", "binary16"),
    ("binary32", "e5m10(bias=20)"),
)
FLOATS = ("ieee_e4m3", "ocp_e5m2", "binary16", "bfloat16", "binary32")
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
}
SIGNS = {"add": "x + y", "subtract": "x - y", "multiply": "x * y", "divide": "x / y"}
BINARY64 = parse("binary64")


def fixed_array(codes: Codes, fmt: Fixed) -> Any:
    """Codes as an array of the library."""
    return APyFixedArray(codes.reshape(-1).tolist(), bits=fmt.width, int_bits=fmt.width - fmt.fraction_bits)


def float_array(codes: Codes, fmt: Float) -> Any:
    """Codes as an array of the library."""
    return APyFloatArray.from_bits(codes.reshape(-1).tolist(), fmt.exponent_bits, fmt.trailing, fmt.bias)


def array(codes: Codes, fmt: Format) -> Any:
    """Codes as an array of the library."""
    assert isinstance(fmt, Fixed | Float)
    return fixed_array(codes, fmt) if isinstance(fmt, Fixed) else float_array(codes, fmt)


def codes_of(found: Any, fmt: Format, shape: tuple[int, ...]) -> Codes:
    """The codes of an array of the library, which has to be of a format."""
    if isinstance(fmt, Fixed):
        assert (found.bits, found.frac_bits) == (fmt.width, fmt.fraction_bits), f"the result has {found.bits} bits, {found.frac_bits} of them behind the point"
    elif isinstance(fmt, Float):
        kind = found.exp_bits, found.man_bits, found.bias
        assert kind == (fmt.exponent_bits, fmt.trailing, fmt.bias), f"the result has exponent bits, significand bits and bias {kind}"
    return np.array(found.to_bits(), dtype=object).astype(dtype(fmt)).reshape(shape)


def casts() -> Iterator[Call]:
    """``cast``, in every mode."""
    for mode in (*MODES, *DRAWN):
        rounding, draws = MODES.get(mode, Rounding.STOCHASTIC), DRAWN.get(mode, Draws.NONE)
        for source, target in FIXED_CASTS:
            if mode in DRAWN and target.fraction_bits >= source.fraction_bits:
                continue  # nothing is drawn
            for name, overflow in OVERFLOWS.items():
                how = Projection(rounding=rounding, overflow=overflow)
                words = f"APyFixedArray.cast(quantization={mode}, overflow={name})"
                keywords: dict[str, Any] = {"quantization": QuantizationMode[mode], "overflow": OverflowMode[name]}
                keywords |= {"bits": target.width, "int_bits": target.width - target.fraction_bits}
                claim = Claim("apytypes", "convert", (source,), target, how, words, f"{mode}, {name}", draws=draws, documented=ADDS_SIGN.get(mode, ()))
                yield Call(claim, _cast(source, target, keywords), CODES)
        for one, other in FLOAT_CASTS:
            wide, narrow = parse(one), parse(other)
            assert isinstance(wide, Float) and isinstance(narrow, Float)
            if mode in DRAWN and narrow.precision >= wide.precision:
                continue
            keywords = {"exp_bits": narrow.exponent_bits, "man_bits": narrow.trailing, "bias": narrow.bias, "quantization": QuantizationMode[mode]}
            how = Projection(rounding=rounding)
            claim = Claim("apytypes", "convert", (wide,), narrow, how, f"APyFloatArray.cast(quantization={mode})", mode, draws=draws)
            yield Call(claim, _cast(wide, narrow, keywords), CODES)


def _cast(source: Format, target: Format, keywords: dict[str, Any]) -> Callable[[Codes], Codes]:
    return lambda codes: codes_of(array(codes, source).cast(**keywords), target, codes.shape)


def of_floats() -> Iterator[Call]:
    """From binary64: to fixed point as documented to nearest, ties away, keeping the low bits; to floats to nearest even."""
    for target in (fixed(4, 4), fixed(16, 16), fixed(-2, 10)):
        how = Projection(rounding=Rounding.NEAREST_AWAY, overflow=Overflow.WRAP, absent_nan=AbsentNaN.ZERO)
        claim = Claim("apytypes", "convert", (BINARY64,), target, how, "APyFixedArray.from_array", "from floats", refuses=("nan", "infinity"))
        yield Call(claim, _from_array(target), VALUES, CODES)
    for name in ("binary16", "bfloat16", "ieee_e4m3", "ocp_e5m2", "binary32"):
        narrow = parse(name)
        claim = Claim("apytypes", "convert", (BINARY64,), narrow, narrow.default, "APyFloatArray.from_float", "from floats")
        yield Call(claim, _from_array(narrow), VALUES, CODES)


def _from_array(target: Format) -> Callable[[Codes], Codes]:
    def function(values: Codes) -> Codes:
        flat = np.ascontiguousarray(values).reshape(-1)
        found: Any
        if isinstance(target, Fixed):
            found = APyFixedArray.from_array(flat, bits=target.width, int_bits=target.width - target.fraction_bits)
        else:
            assert isinstance(target, Float)
            found = APyFloatArray.from_float(flat, target.exponent_bits, target.trailing, target.bias)
        return codes_of(found, target, values.shape)

    return function


def arithmetic() -> Iterator[Call]:
    """+ - * / of floats in every quantization mode, of fixed point into the format that holds the result."""
    for mode, rounding in MODES.items():
        for name in FLOATS:
            fmt = parse(name)
            for operation in OPERATIONS:
                words = f"{SIGNS[operation]} in APyFloatQuantizationContext({mode})"
                claim = Claim("apytypes", operation, (fmt, fmt), fmt, Projection(rounding=rounding), words, mode, documented=ADDS_SIGN.get(mode, ()))
                yield Call(claim, _computed(operation, fmt, fmt, fmt, QuantizationMode[mode]), CODES)
    for x, y in ((fixed(4, 4), fixed(4, 4)), (fixed(3, 5), fixed(6, 2)), (fixed(8, 8), fixed(4, 12))):
        for operation, result in _grown(x, y):
            how = Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.WRAP, absent_nan=AbsentNaN.ZERO)
            refuses = ("zero divisor",) if operation == "divide" else ()
            claim = Claim("apytypes", operation, (x, y), result, how, f"{SIGNS[operation]} of {text(x)} and {text(y)}", "fixed point", refuses=refuses)
            yield Call(claim, _computed(operation, x, y, result, QuantizationMode.RND_CONV), CODES)


def _grown(x: Fixed, y: Fixed) -> Iterator[tuple[str, Fixed]]:
    """The format of each result, as the library has it: that of zeros."""
    one, other = fixed_array(np.ones(1, np.uint64), x), fixed_array(np.ones(1, np.uint64), y)
    for operation, function in OPERATIONS.items():
        found = function(one, other)
        yield operation, fixed(found.int_bits, found.frac_bits)


def _computed(operation: str, x: Format, y: Format, result: Format, mode: QuantizationMode) -> Callable[[Codes, Codes], Codes]:
    def function(a: Codes, b: Codes) -> Codes:
        with apytypes.APyFloatQuantizationContext(mode):
            return codes_of(OPERATIONS[operation](array(a, x), array(b, y)), result, a.shape)

    return function


class APyTypes(Calls):
    """Its arrays are built from lists of codes, so that views do not matter."""

    views = ()

    def seed(self, number: int) -> None:
        """Start its generators anew."""
        apytypes.set_fixed_quantization_seed(number)
        apytypes.set_float_quantization_seed(number)


def adapter(device: str) -> APyTypes:
    """The adapter."""
    return APyTypes("apytypes", version("apytypes"), [*casts(), *of_floats(), *arithmetic()])
