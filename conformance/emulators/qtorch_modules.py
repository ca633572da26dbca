"""``quantizer`` of qtorch and qtorch-plus: a number class and a rounding mode for what goes forward, others for gradients that come back.

Fixed point that zeroes the gradients of what it clamps has functions of its own, forward too.
"""

from collections.abc import Callable, Iterator
from itertools import product
from types import ModuleType
from typing import Any

from conformance.claims import Claim, Draws
from conformance.emulators.calls import Call
from conformance.emulators.held import Arrays
from formats.family import Format
from formats.notation import parse
from formats.posit import Posit
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

SOURCE = parse("binary32")
MODES = {"nearest": Rounding.NEAREST_EVEN, "stochastic": Rounding.STOCHASTIC}


def quantizer_calls(name: str, library: ModuleType, quantizer: Callable[..., Any], numbers: dict[str, tuple[Any, Format]]) -> Iterator[Call]:
    """``numbers``: the number objects of the library by the text that makes them, with their formats."""
    for (text, (number, fmt)), mode, way in product(numbers.items(), MODES, ("forward", "backward", "clamping_grad_zero")):
        if way == "clamping_grad_zero" and not isinstance(number, library.FixedPoint):
            continue
        side = "backward" if way == "backward" else "forward"
        options = {f"{side}_number": number, f"{side}_rounding": mode, **({way: True} if way == "clamping_grad_zero" else {})}
        words = f"quantizer({side}_number={text}, {side}_rounding='{mode}'{', clamping_grad_zero=True' if way == 'clamping_grad_zero' else ''})"
        function = quantizer(**options)
        yield Call(
            quantized(name, fmt, mode, words, f"quantizer, {way}, {mode}"), function if side == "forward" else _gradient(function), Arrays("torch", "float32")
        )


def quantized(name: str, fmt: Format, mode: str, words: str, variant: str) -> Claim:
    """A claim that numbers are rounded into a format to nearest, by a rule for ties that is not documented, or by the library's own draws."""
    how = fmt.default if isinstance(fmt, Posit) else Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
    how = Projection(MODES[mode], overflow=how.overflow, absent_nan=how.absent_nan)
    draws = Draws.OWN if how.rounding.stochastic else Draws.NONE
    silent = () if isinstance(fmt, Posit) or how.rounding.stochastic else ("ties",)
    refuses = () if isinstance(fmt, Posit) else ("nan",)
    return Claim(name, "convert", (SOURCE,), fmt, how, words, variant, refuses=refuses, draws=draws, silent=silent)


def _gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """What becomes of gradients on their way back."""

    def backward(gradients: Any) -> Any:
        import torch

        x = torch.zeros(gradients.shape, requires_grad=True)
        function(x).backward(gradients)
        return x.grad

    return backward
