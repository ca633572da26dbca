"""qtorch-plus: what qtorch has, and posits. It compiles C++ when it is imported first."""

from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from types import ModuleType

from conformance.claims import Claim
from conformance.emulators.calls import Call, Calls
from conformance.emulators.compiled import building
from conformance.emulators.held import Arrays
from conformance.emulators.qtorch import SOURCE, QTorch, fixed_calls, float_calls
from formats.float_parameters import Specials, default_bias
from formats.floats import Float
from formats.notation import parse

POSITS = ((8, 0), (8, 1), (8, 2), (16, 1), (16, 2), (6, 1))
"""Size and exponent bits."""


def layout(e: int, m: int) -> Float:
    """Below 2^(1 - 2^(e - 1)) there is only zero, and from 2^(2^(e - 1)) on nothing: as many binades as there are exponent codes but 0; of binary32 those it has."""
    if e == 8:
        return Float(f"e{e}m{m} of qtorch-plus", e, m + 1, default_bias(e), Specials.RESERVED)
    return Float(f"e{e}m{m} of qtorch-plus", e, m + 1, 1 << (e - 1), Specials.NONE)


def posit_calls(quant: ModuleType) -> Iterator[Call]:
    """Posits, to nearest: the library rounds so in its stochastic mode too."""
    for size, es in POSITS:
        fmt = parse(f"posit{size}(es={es})")
        claim = Claim("qtorch-plus", "convert", (SOURCE,), fmt, fmt.default, f"posit_quantize(x, {size}, {es})", "posit, nearest")
        yield Call(claim, partial(quant.posit_quantize, nsize=size, es=es), Arrays("torch", "float32"))


def adapter(device: str) -> Calls:
    """The adapter; on the CPU."""
    with building("qtorch-plus"):
        from qtorch_plus import quant

    found = [*float_calls("qtorch-plus", quant, layout), *fixed_calls("qtorch-plus", quant), *posit_calls(quant)]
    return QTorch("qtorch-plus", version("qtorch-plus"), found)
