"""Other ways to compute an operation than to round its exact result once: each is several operations, rounded one by one."""

from collections.abc import Callable

import numpy as np
from gmpy2 import mpq

from conformance import alignment
from conformance.claims import Codes
from conformance.compare import is_nan
from formats.arithmetic import operation
from formats.arrays import dtype, engine_for_operation, operate
from formats.family import Format
from formats.posit import posit
from formats.projection import Projection
from refmath.operations.environment import Dialect

Steps = Callable[..., Codes]
"""Arrays of codes in, an array of codes out."""
MANY = 5000
"""Operands from which on a table is worth building."""


def rounded(name: str, formats: tuple[Format, ...], to: Format, how: Projection, dialect: Dialect | None = None) -> Steps:
    """An operation with one rounding, in the dialect of its formats where none is stated. A table is worth building for many cases only."""
    if dialect is not None:
        exact = operation(name, *formats, to=to, projection=how, dialect=dialect)
        return lambda *codes: np.array([exact(*row).code for row in zip(*(each.tolist() for each in codes), strict=True)], dtype(to))
    exact_kernel = engine_for_operation(name, formats, to, how)[0] == "array"
    return lambda *codes: operate(name, formats, codes, to, how, engine=None if exact_kernel or len(codes[0]) >= MANY else "reference")[0]


def _unfused(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """round(round(x y) + z)."""
    product, total = rounded("multiply", formats[:2], middle, how), rounded("add", (middle, formats[2]), middle, how)
    return lambda x, y, z: total(product(x, y), z)


def _by_reciprocal(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """round(x round(1 / y))."""
    inverse, product = rounded("reciprocal", formats[1:], middle, how), rounded("multiply", (formats[0], middle), middle, how)
    return lambda x, y: product(x, inverse(y))


def _by_root(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """round(1 / round(sqrt(x)))."""
    root, inverse = rounded("sqrt", formats, middle, how), rounded("reciprocal", (middle,), middle, how)
    return lambda x: inverse(root(x))


def _by_exp(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """round(exp(round(x round(ln 2))))."""
    two = np.array([middle.round(mpq(2))], dtype(middle))
    scale = rounded("log", (middle,), middle, how)(two)
    product, power = rounded("multiply", (formats[0], middle), middle, how), rounded("exp", (middle,), middle, how)
    return lambda x: power(product(x, np.full(np.shape(x), scale[0])))


def _logistic(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """round(1 / round(1 + round(exp(-x))))."""
    opposite, power = rounded("negate", formats, formats[0], how), rounded("exp", formats, middle, how)
    total, inverse = rounded("add", (middle, middle), middle, how), rounded("reciprocal", (middle,), middle, how)
    one = np.array(middle.round(mpq(1)), dtype(middle))
    return lambda x: inverse(total(np.full(np.shape(x), one), power(opposite(x))))


def _by_sigmoid(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """round(x round(sigmoid(x)))."""
    sigmoid, product = rounded("sigmoid", formats, middle, how), rounded("multiply", (formats[0], middle), middle, how)
    return lambda x: product(x, sigmoid(x))


def _by_logistic(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """round(x round(1 / round(1 + round(exp(-x)))))."""
    sigmoid, product = _logistic(formats, middle, how), rounded("multiply", (formats[0], middle), middle, how)
    return lambda x: product(x, sigmoid(x))


def _by_quotient(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """round(a round(sqrt(round(1 + round(round(b / a)^2))))) of the magnitudes a >= b; 0 of two zeros, infinity beside one."""
    size, same = [rounded("abs", (fmt,), middle, how) for fmt in formats], (middle, middle)
    greater, lesser, quotient, product, total = (rounded(name, same, middle, how) for name in ("maximum", "minimum", "divide", "multiply", "add"))
    root = rounded("sqrt", (middle,), middle, how)
    one, zero = (dtype(middle).type(middle.round(mpq(n))) for n in (1, 0))

    def steps(x: Codes, y: Codes) -> Codes:
        sizes = size[0](x), size[1](y)
        a, b = greater(*sizes), lesser(*sizes)
        q = quotient(b, np.where(a == zero, one, a))
        out = np.where(a == zero, a, product(a, root(total(np.full(np.shape(x), one), product(q, q)))))
        if not middle.has_infinity:
            return out
        infinity = dtype(middle).type(middle.infinity())
        return np.where((sizes[0] == infinity) | (sizes[1] == infinity), infinity, out)

    return steps


def _sign_bits(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """A code that is no NaN, with the sign bit of the second: where negative zero would be, formats may have a NaN."""
    sign = dtype(middle).type(1 << middle.width - 1)
    return lambda x, y: np.where(is_nan(formats[0], x), x, (x & ~sign) | (y & sign))


def _aligned(name: str, more: int) -> Callable[[tuple[Format, ...], Format, Projection], Steps]:
    """A sum or a difference of operands that are cut as they are aligned."""

    def steps(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
        total = rounded(name, formats, middle, how)
        return lambda x, y: total(*alignment.cut(formats[0], x, y, more))

    return steps


WORD = posit(16, 0)
"""The posits without exponent bits of which sigmoid is approximated in their words; shorter ones lead a word of 16 bits."""


def _shifted(x: Codes, width: int) -> Codes:
    """The word, its leading bit flipped, shifted down by two: near to the sigmoid of it."""
    return ((x.astype(np.uint16) << np.uint16(WORD.width - width)) ^ np.uint16(1 << (WORD.width - 1))) >> np.uint16(2)


def _word_shifted(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """That approximation of sigmoid."""
    last = rounded("convert", (WORD,), middle, how)
    return lambda x: last(_shifted(x, formats[0].width))


def _word_shifted_twice(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """2 g(2 x) - 1 of that approximation g, 2 x rounded: near to tanh."""
    same, one = (WORD, WORD), np.array(WORD.round(mpq(1)), np.uint16)
    twice, total, less = rounded("add", formats * 2, formats[0], how), rounded("add", same, WORD, how), rounded("subtract", same, middle, how)

    def steps(x: Codes) -> Codes:
        g = _shifted(twice(x, x), formats[0].width)
        return less(total(g, g), np.full(np.shape(x), one))

    return steps


def _exponents_of_zero(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
    """x^y where an infinite y, and a NaN, is 0."""
    power, target = rounded("pow", formats, middle, how), formats[1]

    def steps(x: Codes, y: Codes) -> Codes:
        infinities = [target.infinity(sign) for sign in (False, True)] if target.has_infinity else []
        strange = is_nan(target, y) | np.isin(y, np.array(infinities, y.dtype))
        return power(x, np.where(strange, y.dtype.type(target.zero()), y))

    return steps


NAR = "a NaR is what a NaN is elsewhere: no number is above it, below it or equal to it, and a number beats it"
"""In posits a NaR is less than every number and equal to itself (Posit Standard (2022) 5.3)."""


def _nar_as_nan(name: str) -> Callable[[tuple[Format, ...], Format, Projection], Steps]:
    """A comparison, a minimum or a maximum of posits that treats NaR so."""

    def recipe(formats: tuple[Format, ...], middle: Format, how: Projection) -> Steps:
        usual = rounded(name, formats, middle, how)

        def steps(x: Codes, y: Codes) -> Codes:
            out, first, second = usual(x, y), is_nan(formats[0], x), is_nan(formats[1], y)
            if name.startswith("compare"):
                return np.where(first | second, out.dtype.type(name == "compare_quiet_not_equal"), out)
            return np.where(first, y, np.where(second, x, out))

        return steps

    return recipe


OF_NAR = (
    *("minimum_number", "maximum_number", "compare_quiet_equal", "compare_quiet_not_equal"),
    *("compare_quiet_less", "compare_quiet_less_equal", "compare_quiet_greater", "compare_quiet_greater_equal"),
)


RECIPES: dict[str, Callable[[tuple[Format, ...], Format, Projection], Steps]] = {
    "unfused": _unfused,
    "by_reciprocal": _by_reciprocal,
    "by_root": _by_root,
    "by_exp": _by_exp,
    "logistic": _logistic,
    "by_sigmoid": _by_sigmoid,
    "by_logistic": _by_logistic,
    "by_quotient": _by_quotient,
    "sign_bits": _sign_bits,
    "word_shifted": _word_shifted,
    "word_shifted_twice": _word_shifted_twice,
    "exponents_of_zero": _exponents_of_zero,
    **{f"{name}_nar": _nar_as_nan(name) for name in OF_NAR},
    **{f"{name}_aligned_{more}": _aligned(name, more) for name in ("add", "subtract") for more in alignment.MORE_BITS},
}
WORDS = {
    "pow": {"exponents_of_zero": "an exponent that is infinite or a NaN counts as zero"},
    "copysign": {"sign_bits": "moves the bit of the sign, whatever code that gives"},
    "exp2": {"by_exp": "exp(x ln 2), each step rounded"},
    "fma": {"unfused": "multiplies and adds with two roundings"},
    "divide": {"by_reciprocal": "multiplies by the rounded reciprocal"},
    "hypot": {"by_quotient": "a sqrt(1 + (b / a)^2), each step rounded"},
    "silu": {"by_sigmoid": "x sigmoid(x), each step rounded", "by_logistic": "x / (1 + exp(-x)) as a product, each step rounded"},
    "rsqrt": {"by_root": "takes the reciprocal of the rounded square root"},
    "sigmoid": {"logistic": "1 / (1 + exp(-x)), each step rounded"},
}
"""By operation, in words: the recipes that implementations are known to follow."""
