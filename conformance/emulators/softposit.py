"""SoftPosit by its Python classes: posit8 (es = 0), posit16 (es = 1), posit32 (es = 2), posit_2 of any width (es = 2), and their quires."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np
import softposit

from conformance.claims import Claim, Codes
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import VALUES, Arrays
from formats.arrays import dtype
from formats.family import Format
from formats.notation import parse
from formats.posit import Posit, posit
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

CODES = Arrays("numpy", "codes")
WIDTHS = (3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 28, 31, 32)
"""Widths of posit_2 that are checked."""
BINARY = {
    "add": "__add__",
    "subtract": "__sub__",
    "multiply": "__mul__",
    "divide": "__truediv__",
}
SIGNS = {"add": "x + y", "subtract": "x - y", "multiply": "x * y", "divide": "x / y"}
COMPARISONS = {"compare_quiet_equal": "__eq__", "compare_quiet_less": "__lt__", "compare_quiet_less_equal": "__le__"}
INT64, BINARY64, TRUTH = parse("int64"), parse("binary64"), parse("uint1")
NAR = AbsentNaN.LOWEST


class Kind:
    """A class of the library, with the format that its words are."""

    def __init__(self, name: str, fmt: Posit, make: Callable[..., Any], quire: Callable[[], Any], shift: int = 0) -> None:
        self.name, self.fmt, self.make, self.quire, self.shift = name, fmt, make, quire, shift

    def word(self, x: Any) -> int:
        """The word of a number of the library."""
        return int(x.v.v) >> self.shift


def kinds() -> Iterator[Kind]:
    """The three fixed classes, then posit_2 in some widths."""
    for n, es in ((8, 0), (16, 1), (32, 2)):
        made = getattr(softposit, f"posit{n}")
        yield Kind(f"posit{n}", posit(n, es), made, getattr(softposit, f"quire{n}"))
    for n in WIDTHS:
        yield Kind(f"posit_2(x={n})", posit(n, 2), _posit_2(n), partial(softposit.quire_2, n), 32 - n)


def _posit_2(n: int) -> Callable[..., Any]:
    def make(value: Any = None, bits: int | None = None) -> Any:
        return softposit.posit_2(value, x=n, bits=bits)

    return make


def mapped(function: Callable[..., int], result: Format) -> Callable[..., Codes]:
    """A function of words as one of arrays of words."""

    def each(*operands: Codes) -> Codes:
        rows = zip(*(codes.reshape(-1).tolist() for codes in operands), strict=True)
        return np.array([function(*row) for row in rows], dtype=dtype(result)).reshape(operands[0].shape)

    return each


def _calls() -> Iterator[Call]:
    every = list(kinds())
    for kind in every:
        yield from _operations(kind)
        yield from _numbers(kind)
        for other in every:
            method = f"toPosit{other.fmt.width}" if other.name.startswith("posit") and "_2" not in other.name else "toPosit_2"
            if other is not kind and hasattr(kind.make(0), method) and (method != "toPosit_2" or other.fmt.width in (8, 16, 32)):
                yield _posits(kind, other, method)


def _call(kind: Kind, operation: str, words: str, function: Callable[..., int], count: int, result: Format | None = None) -> Call:
    claim = Claim("softposit", operation, (kind.fmt,) * count, result or kind.fmt, (result or kind.fmt).default, f"{kind.name}: {words}", kind.name)
    return Call(claim, mapped(function, result or kind.fmt), CODES)


def _operations(kind: Kind) -> Iterator[Call]:
    make, word = kind.make, kind.word
    for name, method in BINARY.items():
        yield _call(kind, name, SIGNS[name], lambda a, b, m=method: word(getattr(make(bits=a), m)(make(bits=b))), 2)
    yield _call(kind, "sqrt", "x.sqrt()", lambda a: word(make(bits=a).sqrt()), 1)
    yield _call(kind, "round_to_integral_nearest_even", "x.rint()", lambda a: word(make(bits=a).rint()), 1)
    yield _call(kind, "negate", "-x", lambda a: word(-make(bits=a)), 1)
    yield _call(kind, "abs", "abs(x)", lambda a: word(abs(make(bits=a))), 1)
    yield _call(kind, "fma", "z.fma(x, y)", lambda a, b, c: word(make(bits=c).fma(make(bits=a), make(bits=b))), 3)
    yield _call(
        kind,
        "fma",
        "quire.qma(x, y).qma(z, 1).toPosit()",
        lambda a, b, c: word(kind.quire().qma(make(bits=a), make(bits=b)).qma(make(bits=c), make(1)).toPosit()),
        3,
    )
    for name, method in COMPARISONS.items():
        yield _call(kind, name, method, lambda a, b, m=method: int(bool(getattr(make(bits=a), m)(make(bits=b)))), 2, TRUTH)


def _numbers(kind: Kind) -> Iterator[Call]:
    """To and from integers and floats."""
    make, word = kind.make, kind.word
    of_floats = Claim("softposit", "convert", (BINARY64,), kind.fmt, kind.fmt.default, f"{kind.name}(x)", kind.name)
    yield Call(of_floats, _of_floats(kind), VALUES, CODES)
    yield Call(Claim("softposit", "convert", (kind.fmt,), BINARY64, BINARY64.default, "float(x)", kind.name), _floats(kind), CODES)
    of_integers = mapped(lambda a: word(make(a - (1 << 64) if a >> 63 else a)), kind.fmt)
    yield Call(Claim("softposit", "convert", (INT64,), kind.fmt, kind.fmt.default, f"{kind.name}(n)", kind.name), of_integers, CODES)
    for method, rounding in (("toRInt", Rounding.NEAREST_EVEN), ("toInt", Rounding.TOWARD_ZERO)):
        how = Projection(rounding=rounding, overflow=Overflow.SATURATE_FINITE, absent_nan=NAR)
        function = mapped(lambda a, m=method: getattr(make(bits=a), m)() & ((1 << 64) - 1), INT64)
        yield Call(Claim("softposit", "convert", (kind.fmt,), INT64, how, f"x.{method}()", f"{kind.name}, {method}"), function, CODES)


def _of_floats(kind: Kind) -> Callable[[Codes], Codes]:
    def function(values: Codes) -> Codes:
        return np.array([kind.word(kind.make(float(x))) for x in values.reshape(-1)], dtype=dtype(kind.fmt)).reshape(values.shape)

    return function


def _floats(kind: Kind) -> Callable[[Codes], Codes]:
    def function(codes: Codes) -> Codes:
        return np.array([float(kind.make(bits=a)) for a in codes.reshape(-1).tolist()], np.float64).reshape(codes.shape).view(np.uint64)

    return function


def _posits(kind: Kind, other: Kind, method: str) -> Call:
    def function(a: int) -> int:
        x = kind.make(bits=a)
        return other.word(getattr(x, method)(other.fmt.width) if method == "toPosit_2" else getattr(x, method)())

    claim = Claim("softposit", "convert", (kind.fmt,), other.fmt, other.fmt.default, f"x.{method}()", kind.name)
    return Call(claim, mapped(function, other.fmt), CODES)


class SoftPosit(Calls):
    """Its numbers are objects of one word: arrays are called element by element, so that layouts do not matter."""

    views = ()


def adapter(device: str) -> SoftPosit:
    """The adapter."""
    return SoftPosit("softposit", version("softposit"), _calls())
