"""qtorch: ``float_quantize`` and ``fixed_point_quantize``, nearest and stochastic, and ``quantizer``, forward and backward; its blocks are claims about blocks. It compiles C++ when it is imported first."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from itertools import product
from types import ModuleType
from typing import Any

from conformance.block_result import BlockResult
from conformance.blocks import block_claim
from conformance.claims import Claim, Codes, Draws
from conformance.emulators.block_calls import BlockCall, CallsAndBlocks
from conformance.emulators.calls import Call
from conformance.emulators.compiled import building
from conformance.emulators.held import Arrays
from conformance.emulators.qtorch_modules import quantizer_calls
from conformance.emulators.tensors import to_codes, to_tensor
from formats.block_notation import parse_block
from formats.family import Format
from formats.float_parameters import Specials, default_bias
from formats.floats import Float
from formats.notation import parse
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

FLOATS = ((4, 3), (5, 2), (5, 10), (8, 7), (3, 4), (2, 1))
"""Exponent and significand bits. Their range is not documented; it is what each library's own limits make it."""
FIXED = ((8, 4), (16, 8), (8, 7), (4, 0))
"""Word and fraction length."""
SOURCE = parse("binary32")
MODES = {"nearest": Rounding.NEAREST_EVEN, "stochastic": Rounding.STOCHASTIC}


def layout(e: int, m: int) -> Float:
    """No code is kept for infinities and NaNs, but where the range is that of binary32."""
    return Float(f"e{e}m{m} of qtorch", e, m + 1, default_bias(e), Specials.IEEE if e == 8 else Specials.NONE)


def float_calls(name: str, quant: ModuleType, layout: Callable[[int, int], Float]) -> Iterator[Call]:
    for e, m in FLOATS:
        fmt = layout(e, m)
        how = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
        for mode in MODES:
            yield call(name, fmt, how, f"float_quantize(x, {e}, {m}, '{mode}')", f"float, {mode}", partial(quant.float_quantize, exp=e, man=m, rounding=mode))


def fixed_calls(name: str, quant: ModuleType) -> Iterator[Call]:
    """With ``clamp`` within the word; without it only as far as nothing leaves it."""
    for word, fraction in FIXED:
        for symmetric in (False, True):
            for clamp in (True, False):
                fmt = parse(
                    f"q{word - fraction}.{fraction}{'(symmetric=yes)' if symmetric else ''}"
                    if fraction
                    else f"int{word}{'(symmetric=yes)' if symmetric else ''}"
                )
                how = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
                for mode in MODES:
                    words = f"fixed_point_quantize(x, {word}, {fraction}, clamp={clamp}, symmetric={symmetric}, rounding='{mode}')"
                    function = partial(quant.fixed_point_quantize, wl=word, fl=fraction, clamp=clamp, symmetric=symmetric, rounding=mode)
                    refuses = ("nan",) if clamp else ("nan", "infinity", "overflow")
                    variant = f"fixed, {mode}{'' if clamp else ', clamp=False'}{', symmetric' if symmetric else ''}"
                    yield call(name, fmt, how, words, variant, function, refuses)


def call(name: str, fmt: Format, how: Projection, words: str, variant: str, function: Callable[..., Any], refuses: tuple[str, ...] = ()) -> Call:
    stochastic = "stochastic" in variant
    how = Projection(Rounding.STOCHASTIC if stochastic else how.rounding, overflow=how.overflow, absent_nan=how.absent_nan)
    draws = Draws.OWN if stochastic else Draws.NONE
    claim = Claim(name, "convert", (SOURCE,), fmt, how, words, variant, refuses=refuses, draws=draws, silent=() if stochastic else ("ties",))
    return Call(claim, function, Arrays("torch", "float32"))


BLOCK = 16
"""Values to an exponent, where it is not the whole tensor's."""
DIMS = {0: -1, 1: 0, -1: -1}
"""By the dimension of a matrix along which each place has an exponent of its own, or -1 for one exponent in all, the axis along which blocks lie."""


def block_calls(name: str, quant: ModuleType, library: ModuleType) -> Iterator[BlockCall]:
    """Block floating point, by the function or by ``quantizer``: a sign and the other bits of the word, under the exponent of the greatest of a block. The rule for ties is not documented."""
    for mode, word, dim in product(MODES, (8, 4, 12), DIMS):
        how = ", rounding=stochastic" if mode == "stochastic" else ""
        fmt = parse_block(f"block(e0m{word - 1}, e8m0, {BLOCK if dim >= 0 else 'tensor'}{how})")
        claim = block_claim(
            name,
            SOURCE,
            fmt,
            f"block_quantize(x, {word}, dim={dim}, rounding='{mode}')",
            gives=SOURCE,
            variant=f"block, {mode}" + (", columns" if dim == 1 else ""),
            settled=frozenset({"rule"}),
            refuses=("nan", "infinity"),
            most=128,
            axis=DIMS[dim],
            draws=Draws.OWN if how else Draws.NONE,
        )
        around = {0: _rows, 1: _columns, -1: _whole}[dim]
        yield BlockCall(claim, around(partial(quant.block_quantize, wl=word, dim=dim, rounding=mode)))
        if word == 8 and dim < 1:
            words = f"quantizer(forward_number=BlockFloatingPoint(wl=8, dim={dim}), forward_rounding='{mode}')"
            function = quant.quantizer(forward_number=library.BlockFloatingPoint(wl=8, dim=dim), forward_rounding=mode)
            yield BlockCall(replace(claim, call=words, variant=f"quantizer, block, {mode}"), around(function))


def _rows(function: Callable[..., Any]) -> Callable[[Codes], BlockResult]:
    def blocks(codes: Codes) -> BlockResult:
        found = function(to_tensor(codes, SOURCE).reshape(-1, BLOCK))
        return BlockResult(to_codes(found, SOURCE).reshape(codes.shape))

    return blocks


def _columns(function: Callable[..., Any]) -> Callable[[Codes], BlockResult]:
    """Blocks below each other are set side by side."""

    def blocks(codes: Codes) -> BlockResult:
        side = to_tensor(codes, SOURCE).reshape(-1, BLOCK, codes.shape[1]).transpose(0, 1)
        found = function(side.reshape(BLOCK, -1)).reshape(side.shape).transpose(0, 1)
        return BlockResult(to_codes(found, SOURCE).reshape(codes.shape))

    return blocks


def _whole(function: Callable[..., Any]) -> Callable[[Codes], BlockResult]:
    return lambda codes: BlockResult(to_codes(function(to_tensor(codes, SOURCE)), SOURCE))


def numbers(library: ModuleType, layout: Callable[[int, int], Float]) -> dict[str, tuple[Any, Format]]:
    """Number objects as users make them, with their formats."""
    found: dict[str, tuple[Any, Format]] = {"FixedPoint(wl=8, fl=4)": (library.FixedPoint(wl=8, fl=4), parse("q4.4"))}
    found["FixedPoint(wl=8, fl=4, symmetric=True)"] = library.FixedPoint(wl=8, fl=4, symmetric=True), parse("q4.4(symmetric=yes)")
    found["FloatingPoint(exp=5, man=2)"] = library.FloatingPoint(exp=5, man=2), layout(5, 2)
    return found


class QTorch(CallsAndBlocks):
    """One of the two libraries. The stochastic modes draw from torch's generator for fixed point; for floats from one that the library seeds by itself."""

    @staticmethod
    def seed(seed: int) -> None:
        import torch

        torch.manual_seed(seed)


def adapter(device: str) -> QTorch:
    """The adapter; on the CPU."""
    with building("qtorch"):
        import qtorch
        from qtorch import quant

    found = [*float_calls("qtorch", quant, layout), *fixed_calls("qtorch", quant)]
    found += quantizer_calls("qtorch", qtorch, quant.quantizer, numbers(qtorch, layout))
    return QTorch("qtorch", version("qtorch"), found, block_calls("qtorch", quant, qtorch))
