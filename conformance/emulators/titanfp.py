"""titanfp: numbers rounded into a context of IEEE floats, posits and fixed point; operations of floats and posits.

A NaN cannot be made of a float (gmpy2 raises), so that conversions are tried on numbers and infinities. Of its overflow modes of fixed point it supports ``INFINITY`` only.
"""

from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from math import isnan
from typing import Any

from titanfp.arithmetic import fixed, ieee754, posit
from titanfp.titanic.ops import OF, RM

from conformance.emulators.calls import Call, Calls
from conformance.emulators.scalar_operations import ARITHMETIC, COMPARE, COMPARISONS, FUNCTIONS, INTEGRAL, SELECTIONS, operation
from conformance.emulators.scalars import MODES, conversion, decoding, encoding
from formats.family import Format
from formats.floats import Float
from formats.notation import parse
from formats.posit import Posit
from formats.projection import AbsentNaN, Projection

FLOATS = ("ocp_e5m2", "ieee_e4m3", "ieee_e3m4", "binary16", "bfloat16", "tf32", "binary32", "binary64")
POSITS = ("posit8", "posit16", "posit8(es=0)", "posit16(es=1)", "posit32")
FIXED = ("q5.4(symmetric=yes)", "q9.8(symmetric=yes)", "int9(symmetric=yes)", "int17(symmetric=yes)")
"""Its words of so many bits have a sign beside them."""


def rounded(kind: Any, context: Any, x: float) -> float:
    """A float rounded into a context."""
    return float(kind(x, ctx=context))


def calls() -> Iterator[Call]:
    for name in FLOATS:
        fmt = parse(name)
        assert isinstance(fmt, Float)
        for mode, rounding in MODES.items():
            context = ieee754.ieee_ctx(fmt.exponent_bits, fmt.width, getattr(RM, mode))
            words = f"ieee754.Float(x, ctx=ieee_ctx({fmt.exponent_bits}, {fmt.width}, RM.{mode}))"
            yield conversion("titanfp", fmt, Projection(rounding=rounding), words, mode, partial(rounded, ieee754.Float, context), refuses=("nan",))
    for name in POSITS:
        fmt = parse(name)
        assert isinstance(fmt, Posit)
        words = f"posit.Posit(x, ctx=posit_ctx({fmt.es}, {fmt.width}))"
        function = partial(rounded, posit.Posit, posit.posit_ctx(fmt.es, fmt.width))
        yield conversion("titanfp", fmt, fmt.default, words, "RNE", function, refuses=("nan",))
    for name in FIXED:
        fmt = parse(name)
        for mode, rounding in MODES.items():
            context, words = _fixed(fmt, mode)
            how = Projection(rounding=rounding, absent_nan=AbsentNaN.ZERO)
            # Out of range it gives an infinity, as OF.INFINITY says, which is no value of the format.
            refuses = ("nan", "infinity", "out of range")
            yield conversion("titanfp", fmt, how, f"fixed.Fixed(x, {words})", mode, partial(rounded, fixed.Fixed, context), refuses=refuses)


def _fixed(fmt: Format, mode: str) -> tuple[Any, str]:
    """The context of fixed point in a mode, and how it is written."""
    scale, bits = -getattr(fmt, "fraction_bits", 0), fmt.width - 1
    return fixed.fixed_ctx(scale, bits, getattr(RM, mode), OF.INFINITY), f"ctx=fixed_ctx({scale}, {bits}, RM.{mode})"


def coded() -> Iterator[Call]:
    """Words of floats and posits to numbers, and numbers to words."""
    for name in (*FLOATS, *POSITS):
        fmt = parse(name)
        assert isinstance(fmt, Float | Posit)
        module: Any = ieee754 if isinstance(fmt, Float) else posit
        size = (fmt.exponent_bits, fmt.width) if isinstance(fmt, Float) else (fmt.es, fmt.width)
        kind, context = (ieee754.Float, ieee754.ieee_ctx(*size)) if isinstance(fmt, Float) else (posit.Posit, posit.posit_ctx(*size))
        words, short = f"ctx={context_name(module)}{size}", module.__name__.rpartition(".")[2]
        yield decoding("titanfp", fmt, f"{short}.bits_to_digital(i, {words})", partial(decoded, module, context))
        yield encoding("titanfp", fmt, f"{short}.digital_to_bits(x, {words})", partial(encoded, module, kind, context), refuses=("nan",))


def context_name(module: Any) -> str:
    """The function that makes contexts of a module."""
    return "ieee_ctx" if module is ieee754 else "posit_ctx"


def decoded(module: Any, context: Any, code: int) -> float:
    """The number of a word."""
    return float(module.bits_to_digital(code, ctx=context))


def encoded(module: Any, kind: Any, context: Any, x: float) -> int:
    """The word of a number."""
    return int(module.digital_to_bits(kind(x, ctx=context), ctx=context))


def operations() -> Iterator[Call]:
    """Arithmetic and functions of floats and of fixed point in every mode, and of posits."""
    for name in FLOATS:
        fmt = parse(name)
        assert isinstance(fmt, Float)
        for mode, rounding in MODES.items():
            context = ieee754.ieee_ctx(fmt.exponent_bits, fmt.width, getattr(RM, mode))
            words = f"ctx=ieee_ctx({fmt.exponent_bits}, {fmt.width}, RM.{mode})"
            yield from _operations(fmt, Projection(rounding=rounding), EVERY, words, mode, ieee754.Float, context)
            if fmt.width < WIDE.width:
                how, variant = Projection(rounding=rounding), f"{mode}, binary32 operands"
                yield from _operations(fmt, how, ARITHMETIC, words, variant, ieee754.Float, context, operands=WIDE, source=ieee754.ieee_ctx(8, 32))
        yield from _predicates(fmt, ieee754.Float, ieee754.ieee_ctx(fmt.exponent_bits, fmt.width), TESTS | {"is_normal": "isnormal"})
    for name in POSITS:
        posits = parse(name)
        assert isinstance(posits, Posit)
        words = f"ctx=posit_ctx({posits.es}, {posits.width})"
        context = posit.posit_ctx(posits.es, posits.width)
        yield from _operations(posits, posits.default, EVERY, words, "RNE", posit.Posit, context)
        yield from _predicates(posits, posit.Posit, context, TESTS)
    for name in FIXED:
        grid = parse(name)
        for mode, rounding in MODES.items():
            context, words = _fixed(grid, mode)
            how = Projection(rounding=rounding, absent_nan=AbsentNaN.ZERO)
            yield from _operations(grid, how, EVERY, words, mode, fixed.Fixed, context, refuses=("unused", "out of range", "no number"))
        yield from _predicates(grid, fixed.Fixed, _fixed(grid, "RNE")[0], TESTS, refuses=("unused",))


WIDE = parse("binary32")
EVERY = ARITHMETIC | SELECTIONS | INTEGRAL | FUNCTIONS
TESTS = {"is_nan": "isnan", "is_infinite": "isinf", "is_finite": "isfinite", "is_sign_minus": "signbit"}


def _operations(fmt: Format, how: Projection, names: dict[str, str], words: str, variant: str, kind: Any, context: Any, **more: Any) -> Iterator[Call]:
    source = more.pop("source", context)
    for name, theirs in names.items():
        method = THEIRS.get(theirs, theirs)
        function = partial(operated, method, kind, source, context)
        yield operation("titanfp", name, fmt, how, f"{kind.__name__}.{method}(..., {words})", variant, function, **more)


def _predicates(fmt: Format, kind: Any, context: Any, tests: dict[str, str], **more: Any) -> Iterator[Call]:
    """Comparisons, and what is true of one number; these know no rounding mode."""
    how = Projection(absent_nan=AbsentNaN.ZERO)
    for name, sign in COMPARISONS.items():
        yield operation("titanfp", name, fmt, how, f"{kind.__name__}(x) {sign} {kind.__name__}(y)", "RNE", partial(compared, sign, kind, context), **more)
    for name, method in tests.items():
        yield operation("titanfp", name, fmt, how, f"{kind.__name__}(x).{method}", "RNE", partial(tested, method, kind, context), **more)


THEIRS = {"exp": "exp_"}


def operated(method: str, kind: Any, source: Any, context: Any, *operands: float) -> float:
    """What a method gives on numbers of one context, rounded into another or the same; a NaN is made as such."""
    first, *others = (number(kind, source, x) for x in operands)
    return float(getattr(first, method)(*others, ctx=context))


def number(kind: Any, context: Any, x: float) -> Any:
    """A number of a context."""
    return kind(isnan=True, ctx=context) if isnan(x) else kind(x, ctx=context)


def compared(sign: str, kind: Any, context: Any, x: float, y: float) -> bool:
    """Whether a relation holds."""
    return bool(COMPARE[sign](number(kind, context, x), number(kind, context, y)))


def tested(method: str, kind: Any, context: Any, x: float) -> bool:
    """What a method without operands says of a number, or a property."""
    found = getattr(number(kind, context, x), method)
    return bool(found() if callable(found) else found)


def adapter(device: str) -> Calls:
    """The adapter; on the CPU."""
    return Calls("titanfp", version("titanfp"), [*calls(), *coded(), *operations()])
