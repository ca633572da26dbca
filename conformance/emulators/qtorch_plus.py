"""qtorch-plus: what qtorch has, posits with a scale or without, and values from tables. Its sigmoid and tanh of posits are documented as approximations, and not claimed. It compiles C++ when it is imported first."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
from gmpy2 import mpq

from conformance.claims import Claim, Codes
from conformance.emulators.calls import Call
from conformance.emulators.compiled import building
from conformance.emulators.held import Arrays
from conformance.emulators.qtorch import SOURCE, QTorch, block_calls, fixed_calls, float_calls
from formats.float_parameters import Specials, default_bias
from formats.floats import Float
from formats.notation import parse
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow

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
    """Posits, to nearest: the library rounds so in its stochastic mode too. With a scale, that of what is scaled, which is taken off again."""
    for size, es in POSITS:
        fmt = parse(f"posit{size}(es={es})")
        claim = Claim("qtorch-plus", "convert", (SOURCE,), fmt, fmt.default, f"posit_quantize(x, {size}, {es})", "posit, nearest")
        yield Call(claim, partial(quant.posit_quantize, nsize=size, es=es), Arrays("torch", "float32"))
        words = f"posit_quantize(x, {size}, {es}, rounding='stochastic')"
        claim = replace(claim, call=words, variant="posit, stochastic")
        yield Call(claim, partial(quant.posit_quantize, nsize=size, es=es, rounding="stochastic"), Arrays("torch", "float32"))
        for name, times in SCALES.items():
            scaled = replace(claim, operands=(parse(times),), call=f"posit_quantize(x, {size}, {es}, scale={name}) * {name}", variant=f"posit, scale={name}")
            yield Call(scaled, _scaled(quant, size, es, float(mpq(name))), Arrays("numpy", "codes"), Arrays("torch", "float32"))


def _scaled(quant: ModuleType, size: int, es: int, scale: float) -> Callable[[Codes], Any]:
    def function(codes: Codes) -> Any:
        import torch

        return quant.posit_quantize(torch.from_numpy(codes.view(np.float32)), nsize=size, es=es, scale=scale) * scale

    return function


TABLES = {
    "new_format_quantize": "1/65536 1/32768 1/16384 1/8192 1/4096 1/2048 1/1024 1/512 1/256 1/128 3/256 1/64 5/256 3/128 7/256 1/32 9/256 5/128 3/64 7/128 "
    "1/16 9/128 5/64 3/32 7/64 1/8 9/64 3/16 1/4 3/8 1/2 1",
    "act_format_quantize": "1/4096 1/2048 1/1024 1/512 1/256 1/128 1/64 1/32 1/16 1/8 3/16 1/4 5/16 3/8 7/16 1/2 9/16 5/8 3/4 7/8 1 9/8 5/4 3/2 7/4 2 9/4 "
    "3 4 6 8 16",
    "configurable_table_quantize": "1/16 1/8 3/16 1/2 5/8 1 3/2 2 4 6",
}
"""The positive values of two functions, and those that a third is given, with zero."""


def table_calls(quant: ModuleType) -> Iterator[Call]:
    """Values from a table, to the nearest; with rounding hints half way between two values that is the same."""
    import torch

    for name, listed in TABLES.items():
        positive = [mpq(word) for word in listed.split()]
        zero = [mpq(0)] if name.startswith("configurable") else []
        how = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO if zero else AbsentNaN.GREATEST)
        fmt = parse(f"codebook({', '.join(map(str, (*(-value for value in reversed(positive)), *zero, *positive)))})")
        claim = Claim("qtorch-plus", "convert", (SOURCE,), fmt, how, f"{name}(x)", "table", silent=("ties",))
        if not zero:
            yield Call(claim, getattr(quant, name), Arrays("torch", "float32"))
            continue
        values = [*zero, *positive]
        hints = [*zero, *((low + high) / 2 for low, high in pairwise(values))]
        table, middle = (torch.tensor([float(value) for value in some], dtype=torch.float32) for some in (values, hints))
        yield Call(replace(claim, call=f"{name}(x, table)"), partial(quant.configurable_table_quantize, table_lookup=table), Arrays("torch", "float32"))
        function = partial(quant.configurable_table_quantize_rounding_hint, table_lookup=table, rounding_hint=middle)
        yield Call(replace(claim, call=f"{name}_rounding_hint(x, table, middles)", variant="table, hints"), function, Arrays("torch", "float32"))


def adapter(device: str) -> QTorch:
    """The adapter; on the CPU."""
    with building("qtorch-plus"):
        from qtorch_plus import quant

    found = [*float_calls("qtorch-plus", quant, layout), *fixed_calls("qtorch-plus", quant), *posit_calls(quant), *table_calls(quant)]
    return QTorch("qtorch-plus", version("qtorch-plus"), found, block_calls("qtorch-plus", quant))
