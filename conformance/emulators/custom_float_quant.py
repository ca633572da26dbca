"""custom-float-quant: ``CustomFloat.quantize`` of single floats and ``quantize_array``, on its presets and formats of any split, in all modes.

Its presets have infinities and NaNs in the highest exponent, of ``fp8_e4m3fn`` as it documents too.
"""

from collections.abc import Iterator
from importlib.metadata import version

from custom_float_quant import PRESETS, CustomFloat

from conformance.claims import Claim, Draws
from conformance.emulators.calls import Call, Calls, each
from conformance.emulators.held import Arrays
from formats.float_parameters import Specials, default_bias
from formats.floats import Float
from formats.notation import parse
from formats.projection import Projection
from refmath.rounding import Rounding

MODES = {"rne": Rounding.NEAREST_EVEN, "truncate": Rounding.TOWARD_ZERO, "stochastic": Rounding.STOCHASTIC}
SPLITS = {f"CustomFloat({e}, {m})": (e, m) for e, m in ((6, 9), (2, 5), (4, 1), (8, 23))}
"""Formats of one's own."""


def formats() -> Iterator[tuple[str, int, int]]:
    """How a format is made, its exponent and significand bits."""
    for name, spec in PRESETS.items():
        yield f"CustomFloat.from_preset('{name}')", spec.exponent_bits, spec.mantissa_bits
    for name, (e, m) in SPLITS.items():
        yield name, e, m


def calls() -> Iterator[Call]:
    source, arrays = parse("binary64"), Arrays("numpy", "float64")
    for made, e, m in formats():
        fmt = Float(made, e, m + 1, default_bias(e), Specials.IEEE)
        for mode, rounding in MODES.items():
            for function in ("quantize", "quantize_array"):
                emulator = CustomFloat(e, m, rounding=mode, seed=1)
                how = Projection(rounding=rounding)
                draws = Draws.OWN if rounding.stochastic else Draws.NONE
                claim = Claim(
                    "custom-float-quant", "convert", (source,), fmt, how, f"{made}.{function}(x)", f"{function}, {mode}", draws=draws, silent=("overflow",)
                )
                yield Call(claim, getattr(emulator, function) if function == "quantize_array" else each(emulator.quantize), arrays)


def adapter(device: str) -> Calls:
    """The adapter; on the CPU."""
    return Calls("custom-float-quant", version("custom-float-quant"), calls())
