"""gfloat: ``round_ndarray`` on arrays of NumPy, torch and jax, ``round_float`` on Python's floats, and the codecs of both kinds, blocks by ``gfloat_blocks``."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from itertools import product
from typing import Any

import gfloat
import numpy as np
from gfloat import formats as named

from conformance.claims import Claim, Draws, Shapes
from conformance.emulators.block_calls import CallsAndBlocks
from conformance.emulators.calls import Call, Calls, each
from conformance.emulators.gfloat_blocks import block_calls
from conformance.emulators.held import Arrays
from conformance.emulators.scalars import MOST
from formats.family import Format
from formats.notation import parse
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

MODES = {
    "TiesToEven": Rounding.NEAREST_EVEN,
    "TiesToAway": Rounding.NEAREST_AWAY,
    "TowardZero": Rounding.TOWARD_ZERO,
    "TowardPositive": Rounding.TOWARD_POSITIVE,
    "TowardNegative": Rounding.TOWARD_NEGATIVE,
}
"""The modes that draw nothing."""
DOUBLE = parse("binary64")


def ours(name: str) -> Format:
    """The format that a name of the library's formats means."""
    if name == "ocp_int8":
        return parse("q2.6")  # MX: a sign, one integer bit, six fraction bits
    if name.startswith("p3109_k"):
        return parse(f"binary{name.removeprefix('p3109_k')}")
    return parse({"ocp_e2m3": "e2m3", "ocp_e3m2": "e3m2", "ocp_e2m1": "e2m1"}.get(name, name))


def _singly(library: str) -> dict[str, Any]:
    """What claims about functions of one number have more, and those that are compiled for each shape."""
    return {"shapes": Shapes.ONE, "tries": MOST} if library == "float" else {"shapes": Shapes.COMPILED} if library == "jax" else {}


def refusals(fmt: Format, saturates: bool) -> tuple[str, ...]:
    """What is documented to raise ``ValueError``: what a format cannot represent."""
    lost = () if saturates or fmt.has_infinity or fmt.has_nan else ("infinity", "overflow")
    return lost if fmt.has_nan else ("nan", *lost)


def rounding_calls() -> Iterator[Call]:
    """Every format, mode and choice of saturation, on arrays of both libraries and on single floats."""
    for info in named.sample_formats:
        fmt = ours(info.name)
        for mode, rounding in MODES.items():
            for saturates in (False, True):
                how = Projection(rounding=rounding, overflow=Overflow.SATURATE_FINITE if saturates else Overflow.IEEE, absent_nan=AbsentNaN.ZERO)
                keywords = {"rnd": gfloat.RoundMode[mode], "sat": saturates}
                for function, arrays, library in functions(info.name):
                    source = parse("binary64" if arrays.held == "float64" else "binary32")
                    words = f"{function.__name__}(info, x, RoundMode.{mode}, sat={saturates})"
                    variant = f"{library}, {mode}{', sat' if saturates else ''}"
                    claim = Claim("gfloat", "convert", (source,), fmt, how, words, variant, refuses=refusals(fmt, saturates), **_singly(library))
                    yield Call(claim, partial(_with_info, function, info, keywords), arrays)


DRAWN = {
    "Stochastic": Rounding.STOCHASTIC_C,
    "StochasticOdd": Rounding.STOCHASTIC_C,
    "StochasticFast": Rounding.STOCHASTIC_B,
    "StochasticFastest": Rounding.STOCHASTIC_A,
}
"""The modes that take random bits; ``StochasticOdd`` rounds an operand to the bits that are drawn with ties to odd, which is in no standard."""
BITS = {"ocp_e4m3": (8, 1, 16, 24), "p3109_k4p2sf": (8, 3), "bfloat16": (8, 16, 24)}
"""How many bits are drawn, by format; of others 8. Up to 8 and above the library computes in different types."""


def stochastic_calls() -> Iterator[Call]:
    """Every mode that takes random bits, on every format, saturating or not."""
    for info in named.sample_formats:
        fmt = ours(info.name)
        for mode, bits, saturates in product(DRAWN, BITS.get(info.name, (8,)), (True, False)):
            how = Projection(rounding=DRAWN[mode], bits=bits, overflow=Overflow.SATURATE_FINITE if saturates else Overflow.IEEE, absent_nan=AbsentNaN.ZERO)
            refuses = tuple("beyond" if kind == "overflow" else kind for kind in refusals(fmt, saturates))  # whether it overflows depends on the draw
            documented = ("draws_odd",) if mode == "StochasticOdd" else ()
            for function, arrays, library in functions(info.name) if bits == 8 else FUNCTIONS:
                operands = parse("binary64" if arrays.held == "float64" else "binary32"), parse(f"uint{bits}")
                words = f"{function.__name__}(info, x, RoundMode.{mode}, sat={saturates}, srbits=r, srnumbits={bits})"
                variant = f"{library}, {mode}{', sat' if saturates else ''}"
                more: dict[str, Any] = {"draws": Draws.GIVEN, "documented": documented} | _singly(library)
                claim = Claim("gfloat", "convert", operands, fmt, how, words, variant, refuses=refuses, **more)
                keywords = {"rnd": gfloat.RoundMode[mode], "sat": saturates, "srnumbits": bits}
                yield Call(claim, partial(_drawn, function, info, keywords), arrays)


def _drawn(function: Callable[..., Any], info: Any, keywords: dict[str, Any], values: Any, random: Any) -> Any:
    if function is gfloat.round_float:
        return each(lambda x, r: function(info, x, srbits=int(r), **keywords))(values, random)
    return function(info, values, srbits=random.long() if hasattr(random, "long") else random.astype(np.int64), **keywords)


def _with_info(function: Callable[..., Any], info: Any, keywords: dict[str, Any], values: Any) -> Any:
    if function is gfloat.round_float:
        return each(lambda x: function(info, x, **keywords))(values)
    return function(info, values, **keywords)


FUNCTIONS = (
    (gfloat.round_ndarray, Arrays("numpy", "float64"), "numpy"),
    (gfloat.round_ndarray, Arrays("torch", "float32"), "torch"),
    (gfloat.round_float, Arrays("numpy", "float64"), "float"),
)


COMPILED = ("ocp_e4m3", "bfloat16", "p3109_k8p3ue")
"""Formats that are tried on arrays of jax too, which compiles each step for each shape."""


def functions(name: str) -> tuple[tuple[Callable[..., Any], Arrays, str], ...]:
    """Those that are tried on a format."""
    return (*FUNCTIONS, (gfloat.round_ndarray, Arrays("jax", "float32"), "jax")) if name in COMPILED and find_spec("jax") else FUNCTIONS


CODECS = {
    "ndarray": (gfloat.encode_ndarray, gfloat.decode_ndarray),
    "float": (
        lambda info, values: each(lambda x: gfloat.encode_float(info, x), np.uint64)(values),
        lambda info, codes: each(lambda i: gfloat.decode_float(info, i).fval)(codes),
    ),
}
"""Encoding and decoding, of arrays and of single floats."""


def codec_calls() -> Iterator[Call]:
    """Encoding the values of a format, decoding its codes, and encoding what lies between, which is documented to go toward zero."""
    codes, values = Arrays("numpy", "codes"), Arrays("numpy", "float64")
    for info in named.sample_formats:
        fmt = ours(info.name)
        unsigned = () if info.is_signed else ("negative",)
        for name, (encode, decode) in CODECS.items():
            encoding = Claim("gfloat", "convert", (fmt,), fmt, Projection(), f"encode_{name}(info, x)", f"{name} codec", **_singly(name))
            decoding = replace(encoding, result=DOUBLE, call=f"decode_{name}(info, code)")
            between = replace(
                encoding,
                operands=(DOUBLE,),
                projection=Projection(rounding=Rounding.TOWARD_ZERO, absent_nan=AbsentNaN.ZERO),
                refuses=("nan", "infinity", "beyond", *unsigned),
            )
            yield Call(encoding, partial(encode, info), values, codes)
            yield Call(decoding, partial(decode, info), codes, values)
            if fmt != DOUBLE:
                yield Call(between, partial(encode, info), values, codes)


def adapter(device: str) -> Calls:
    """The adapter; on the CPU."""
    return CallsAndBlocks("gfloat", version("gfloat"), [*rounding_calls(), *stochastic_calls(), *codec_calls()], block_calls())
