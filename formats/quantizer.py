"""Affine quantization as implementations compute it: exactly, or step by step in binary32; for a tensor or each channel of one.

What frameworks call q = clamp(round(x / s) + z) differs in what is rounded on the way, each a named choice here. A step in binary32
rounds to nearest even; the projection rounds to the integer and saturates, or follows whatever overflow policy it names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gmpy2 import mpq

from formats.affine import Affine, affine
from formats.floats import ieee
from formats.projection import Projection
from refmath.datum import Datum, Finite, Infinity, NaN, finite, rational
from refmath.errors import RefmathError
from refmath.reals import Real

BINARY32 = ieee(32)


class Division(Enum):
    """How x is divided by the scale."""

    EXACT = "exact"
    """x / s, not rounded before it becomes an integer."""
    DIVIDE = "divide"
    """x / s rounded to binary32: ONNX QuantizeLinear."""
    MULTIPLY = "multiply"
    """x times 1 / s, both rounded to binary32: the kernels of PyTorch."""


class ZeroPoint(Enum):
    """When the zero point is added."""

    AFTER = "after"
    """To the rounded integer: ONNX QuantizeLinear."""
    BEFORE = "before"
    """To x / s, rounded to binary32 unless the division is exact; the sum is then rounded to an integer: PyTorch for 32 bits."""
    FUSED = "fused"
    """The same with x / s, or the product with the rounded inverse, not rounded before: a fused multiply-add, as in PyTorch's kernels for 8 bits."""


@dataclass(frozen=True, slots=True)
class Quantizer:
    """Affine quantization with one scale and zero point for all, or one for each index along an axis."""

    channels: tuple[Affine, ...]
    """One for all, or as many as the tensor is long along the axis."""
    axis: int | None = None
    """Which index of the tensor tells the channel, from 0; None where one serves all."""
    projection: Projection | None = None
    """How an integer is rounded and saturated; None for the default of the format."""
    division: Division = Division.EXACT
    zero_point: ZeroPoint = ZeroPoint.AFTER

    def __post_init__(self) -> None:
        if not self.channels or (self.axis is None and len(self.channels) > 1):
            raise RefmathError(f"{len(self.channels)} channels without an axis are impossible; give one format, or the axis that tells them apart.")

    def quantize(self, x: Any) -> Any:
        """The codes of a tensor: of nested sequences of data or exact numbers, as deep as the axis asks for; nested lists of its shape."""
        return self._each(x, self._quantize)

    def dequantize(self, codes: Any) -> Any:
        """The values of a tensor of codes, as nested lists."""
        return self._each(codes, self._dequantize)

    def _each(self, x: Any, function: Callable[[Any, Affine], Any], depth: int = 0, channel: int = 0) -> Any:
        if not isinstance(x, Sequence):
            if self.axis is not None and depth <= self.axis:
                raise RefmathError(f"A tensor of {depth} dimensions has no axis {self.axis}; axes count from 0.")
            return function(x, self.channels[channel])
        if depth == self.axis and len(x) != len(self.channels):
            raise RefmathError(f"The tensor is {len(x)} long along axis {self.axis}, and there are {len(self.channels)} channels; give one each.")
        return [self._each(part, function, depth + 1, i if depth == self.axis else channel) for i, part in enumerate(x)]

    def _quantize(self, x: Any, fmt: Affine) -> int:
        how = self.projection or fmt.default
        datum: Datum = x if isinstance(x, Finite | Infinity | NaN) else finite(mpq(x))
        if isinstance(datum, Finite):
            datum = divided(datum, fmt.scale, self.division, rounded=self.zero_point is not ZeroPoint.FUSED)
        if not isinstance(datum, Finite):
            return fmt.round(datum, how)
        if self.zero_point is ZeroPoint.AFTER:
            return affine(fmt.codes_as, mpq(1), fmt.zero_point).round(datum, how)
        shifted = rational(datum) + fmt.zero_point
        return fmt.codes_as.round(shifted if self.division is Division.EXACT else binary32(shifted), how)

    def _dequantize(self, code: int, fmt: Affine) -> mpq:
        steps = fmt.integer(code) - fmt.zero_point
        if self.division is Division.EXACT:
            return fmt.scale * steps
        factor = binary32(mpq(steps))
        product = binary32(scale_of(fmt.scale) * rational(factor)) if isinstance(factor, Finite) else factor
        if not isinstance(product, Finite):
            raise RefmathError(f"The value of code {code:#x} of {fmt.name} is beyond binary32; use exact division.")
        return rational(product)


def divided(x: Finite, scale: mpq, division: Division, rounded: bool = True) -> Datum:
    """x / scale as the division names it, the result rounded unless said otherwise; where it is in binary32, x and the scale are rounded to that first."""
    if isinstance(x.value, Real):
        raise RefmathError("Affine quantization is of rational numbers; round the number into a float format first.")
    if division is Division.EXACT:
        return finite(x.value / scale)
    s, operand = scale_of(scale), binary32(x.value)
    if not isinstance(operand, Finite) or not operand.value:
        return operand
    inverse = finite(1 / s) if division is Division.DIVIDE else binary32(1 / s)
    if not isinstance(inverse, Finite):
        return Infinity(operand.negative)
    ratio = rational(operand) * rational(inverse)
    return binary32(ratio) if rounded else finite(ratio)


def binary32(x: mpq) -> Datum:
    """x rounded to binary32."""
    return BINARY32.decode(BINARY32.round(x))


def scale_of(scale: mpq) -> mpq:
    """The scale as a binary32 number; ``RefmathError`` where it is none that is finite and positive."""
    rounded = binary32(scale)
    if not isinstance(rounded, Finite) or not rounded.value:
        raise RefmathError(f"The scale {scale} is no finite positive binary32 number; use exact division or another scale.")
    return rational(rounded)
