"""qtorch-plus: what qtorch has, posits with a scale or without, sigmoid and tanh of posits, and values from tables. It compiles C++ when it is imported first."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from itertools import pairwise, product
from types import ModuleType
from typing import Any

import numpy as np
from gmpy2 import mpq

from conformance.claims import Claim, Codes, Draws
from conformance.emulators.calls import Call
from conformance.emulators.compiled import building
from conformance.emulators.held import Arrays
from conformance.emulators.qtorch import SOURCE, QTorch, block_calls, fixed_calls, float_calls, numbers
from conformance.emulators.qtorch_modules import quantized, quantizer_calls
from formats.codebook import Codebook, Middle, codebook
from formats.float_parameters import Specials, default_bias
from formats.floats import Float
from formats.notation import parse
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

POSITS = ((8, 0), (8, 1), (8, 2), (16, 1), (16, 2), (6, 1))
"""Size and exponent bits."""


def layout(e: int, m: int) -> Float:
    """Below 2^(1 - 2^(e - 1)) there is only zero, and from 2^(2^(e - 1)) on nothing: as many binades as there are exponent codes but 0; of binary32 those it has."""
    if e == 8:
        return Float(f"e{e}m{m} of qtorch-plus", e, m + 1, default_bias(e), Specials.RESERVED)
    return Float(f"e{e}m{m} of qtorch-plus", e, m + 1, 1 << (e - 1), Specials.NONE)


SCALES = {"4": "e8m23(bias=125)", "1/4": "e8m23(bias=129)"}
"""Scales, and binary32 numbers that count as so many times what they are."""


def posit_calls(quant: ModuleType) -> Iterator[Call]:
    """Posits, to nearest or stochastic. With a scale, that of what is scaled, which is taken off again."""
    for size, es in POSITS:
        fmt = parse(f"posit{size}(es={es})")
        claim = Claim("qtorch-plus", "convert", (SOURCE,), fmt, fmt.default, f"posit_quantize(x, {size}, {es})", "posit, nearest")
        yield Call(claim, partial(quant.posit_quantize, nsize=size, es=es), Arrays("torch", "float32"))
        drawn = quantized("qtorch-plus", fmt, "stochastic", f"posit_quantize(x, {size}, {es}, rounding='stochastic')", "posit, stochastic")
        yield Call(drawn, partial(quant.posit_quantize, nsize=size, es=es, rounding="stochastic"), Arrays("torch", "float32"))
        for name, times in SCALES.items():
            scaled = replace(claim, operands=(parse(times),), call=f"posit_quantize(x, {size}, {es}, scale={name}) * {name}", variant=f"posit, scale={name}")
            yield Call(
                scaled, _scaled(partial(quant.posit_quantize, nsize=size, es=es), float(mpq(name))), Arrays("numpy", "codes"), Arrays("torch", "float32")
            )


FUNCTIONS = {
    "posit_sigmoid": ("sigmoid", ("word_shifted",)),
    "posit_tanh": ("tanh", ("word_shifted_twice",)),
    "posit_tanh_enhanced": ("tanh", ()),
}
"""What the library offers of posits without exponent bits, the operation that it approximates, and by which steps as documented."""


def function_calls(quant: ModuleType) -> Iterator[Call]:
    for (name, (operation, documented)), size in product(FUNCTIONS.items(), (8, 16)):
        fmt = parse(f"posit{size}(es=0)")
        claim = Claim("qtorch-plus", operation, (fmt,), fmt, fmt.default, f"{name}(x, {size})", name, documented=documented)
        yield Call(claim, partial(getattr(quant, name), nsize=size), Arrays("torch", "float32"))


def _scaled(function: Callable[..., Any], scale: float) -> Callable[[Codes], Any]:
    def scaled(codes: Codes) -> Any:
        import torch

        return function(torch.from_numpy(codes.view(np.float32)), scale=scale) * scale

    return scaled


TABLES = {
    "new_format_quantize": "1/65536 1/32768 1/16384 1/8192 1/4096 1/2048 1/1024 1/512 1/256 1/128 3/256 1/64 5/256 3/128 7/256 1/32 9/256 5/128 3/64 7/128 "
    "1/16 9/128 5/64 3/32 7/64 1/8 9/64 3/16 1/4 3/8 1/2 1",
    "act_format_quantize": "1/4096 1/2048 1/1024 1/512 1/256 1/128 1/64 1/32 1/16 1/8 3/16 1/4 5/16 3/8 7/16 1/2 9/16 5/8 3/4 7/8 1 9/8 5/4 3/2 7/4 2 9/4 "
    "3 4 6 8 16",
    "configurable_table_quantize": "1/16 1/8 3/16 1/2 5/8 1 3/2 2 4 6",
}
"""The positive values of two functions, and those that a third is given, with zero."""


def table_calls(quant: ModuleType) -> Iterator[Call]:
    """Values from a table, to the nearest; with rounding hints half way between two values that is the same; with a scale, and stochastic."""
    import torch

    for name, listed in TABLES.items():
        positive = [mpq(word) for word in listed.split()]
        zero = [mpq(0)] if name.startswith("configurable") else []
        how = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO if zero else AbsentNaN.GREATEST)
        fmt = _book(positive, zero)
        values = [*zero, *positive]
        table = torch.tensor([float(value) for value in values], dtype=torch.float32)
        function = partial(getattr(quant, name), table_lookup=table) if zero else getattr(quant, name)
        claim = Claim("qtorch-plus", "convert", (SOURCE,), fmt, how, f"{name}({'x, table' if zero else 'x'})", "table", silent=("ties",))
        yield Call(claim, function, Arrays("torch", "float32"))
        scaled = replace(claim, operands=(parse(SCALES["4"]),), call=f"{claim.call[:-1]}, scale=4) * 4", variant="table, scale=4")
        yield Call(scaled, _scaled(function, 4.0), Arrays("numpy", "codes"), Arrays("torch", "float32"))
        drawn = replace(how, rounding=Rounding.STOCHASTIC)
        claim = replace(claim, projection=drawn, draws=Draws.OWN, silent=(), call=f"{claim.call[:-1]}, rounding='stochastic')", variant="table, stochastic")
        yield Call(claim, partial(function, rounding="stochastic"), Arrays("torch", "float32"))
        if not zero:
            continue
        hints = [*zero, *((low + high) / 2 for low, high in pairwise(values))]
        middle = torch.tensor([float(value) for value in hints], dtype=torch.float32)
        claim = Claim("qtorch-plus", "convert", (SOURCE,), fmt, how, f"{name}_rounding_hint(x, table, middles)", "table, hints", silent=("ties",))
        function = partial(quant.configurable_table_quantize_rounding_hint, table_lookup=table, rounding_hint=middle)
        yield Call(claim, function, Arrays("torch", "float32"))


GEOMETRIC = ("1/16 1/4 1 9/4 9 36", "1/16 1/8 3/16 1/2 5/8 1 3/2 2 4 6")
"""Positive values of tables: with rational geometric means, and with others."""


def geometric_calls(quant: ModuleType) -> Iterator[Call]:
    """Values from a table, from the geometric mean of two on to the greater; with a scale too."""
    import torch

    for listed in GEOMETRIC:
        positive = [mpq(word) for word in listed.split()]
        fmt = _book(positive, [], middle=Middle.GEOMETRIC)
        how = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.GREATEST)
        table = torch.tensor([float(value) for value in positive], dtype=torch.float32)
        function = partial(quant.configurable_table_quantize_geomean, table_lookup=table)
        words = "configurable_table_quantize_geomean(x, table"
        claim = Claim("qtorch-plus", "convert", (SOURCE,), fmt, how, f"{words})", "table, geometric", silent=("ties",))
        yield Call(claim, function, Arrays("torch", "float32"))
        scaled = replace(claim, operands=(parse(SCALES["4"]),), call=f"{words}, scale=4) * 4", variant="table, geometric, scale=4")
        yield Call(scaled, _scaled(function, 4.0), Arrays("numpy", "codes"), Arrays("torch", "float32"))


def _book(positive: list[mpq], zero: list[mpq], middle: Middle = Middle.ARITHMETIC) -> Codebook:
    """The values of a table, and their opposites."""
    return codebook(*(-value for value in reversed(positive)), *zero, *positive, middle=middle)


def adapter(device: str) -> QTorch:
    """The adapter; on the CPU."""
    with building("qtorch-plus"):
        import qtorch_plus
        from qtorch_plus import quant

    found = [*float_calls("qtorch-plus", quant, layout), *fixed_calls("qtorch-plus", quant), *posit_calls(quant), *function_calls(quant)]
    found += [*table_calls(quant), *geometric_calls(quant)]
    made = numbers(qtorch_plus, layout) | {"Posit(nsize=8, es=1)": (qtorch_plus.Posit(nsize=8, es=1), parse("posit8(es=1)"))}
    found += quantizer_calls("qtorch-plus", qtorch_plus, quant.quantizer, made)
    return QTorch("qtorch-plus", version("qtorch-plus"), found, block_calls("qtorch-plus", quant, qtorch_plus))
