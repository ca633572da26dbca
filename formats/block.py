"""Block formats: elements of one scalar format that share a scale of another, in blocks of k.

A value is scale x element. A *two-level* format has one more scale for the whole tensor. The scale of a block follows from amax, the greatest magnitude in
it, by one of several rules; elements are then the values divided by the scale, rounded into their format. How all that is done differs
between standards and implementations: ``formats.block_policies`` names the choices, ``formats.block_quantize`` follows them.

Sources: OCP Microscaling Formats (MX) 1.0; P3109 interim report v4.0 section 5; NVIDIA on NVFP4; Graphcore on UE5M3 scales.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from gmpy2 import mpq

from formats.block_policies import MX, Order, Policy, ScaleRule
from formats.family import Format
from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.errors import RefmathError
from refmath.reals import Real, rational_floor_log2

MAX_SIZE = 1 << 24


@dataclass(frozen=True)
class BlockFormat:
    """A block format, with the policy by which values become blocks."""

    name: str = field(compare=False)
    element: Format
    scale: Format
    size: tuple[int, ...] = (32,)
    """The lengths of a block along the axes that are blocked, one or two of them; () where the whole tensor is one block."""
    tensor: Format | None = None
    """The format of the scale of the whole tensor; None without one."""
    policy: Policy = MX

    def __post_init__(self) -> None:
        for k in self.size:
            if not 1 <= k <= MAX_SIZE:
                raise RefmathError(f"{self.name}: a block size of {k:,} is impossible; give one from 1 to {MAX_SIZE:,}.")
        if len(self.size) > 2:
            raise RefmathError(f"{self.name}: blocks lie along one axis or two, not {len(self.size)}; give one size, or two such as 16x16.")
        for role, fmt in (("element", self.element), ("scale", self.scale), ("tensor scale", self.tensor)):
            if fmt is not None and (fmt.greatest() < fmt.least or isinstance(fmt.value(fmt.least), Real)):
                raise RefmathError(f"{self.name}: {fmt.name} cannot be the {role} format; its values have to be rational, some of them positive.")
        if self.policy.order is not Order.EXACT and self.policy.rule is not ScaleRule.RATIO:
            raise RefmathError(f"{self.name}: order={self.policy.order.value} has its own formula for scales, which are quotients; give rule=ratio with it.")

    def __str__(self) -> str:
        return self.name

    @property
    def count(self) -> int:
        """Elements of a full block; 0 where the whole tensor is one."""
        product = 1
        for k in self.size:
            product *= k
        return product if self.size else 0

    @property
    def bits(self) -> mpq | None:
        """Bits an element of a full block takes, its share of the block's scale included; None where the whole tensor is one block."""
        return self.element.width + mpq(self.scale.width, self.count) if self.count else None


@dataclass(frozen=True, slots=True)
class Block:
    """The codes of one block."""

    format: BlockFormat
    scale: int
    """The code of the scale."""
    elements: tuple[int, ...]
    """The codes of the elements; fewer than the block size in a ragged last block."""
    tensor: int | None = None
    """The code of the tensor scale in a two-level format."""

    def __post_init__(self) -> None:
        f = self.format
        f.scale.check_code(self.scale)
        for code in self.elements:
            f.element.check_code(code)
        if (f.tensor is None) != (self.tensor is None):
            raise RefmathError(f"{f.name} has {'no' if f.tensor is None else 'a'} tensor scale; {'give none' if f.tensor is None else 'give its code'}.")
        if f.tensor is not None and self.tensor is not None:
            f.tensor.check_code(self.tensor)
        if not self.elements or (f.count and len(self.elements) > f.count):
            raise RefmathError(f"{f.name}: a block of {len(self.elements):,} elements is impossible; give 1 to {f.count or MAX_SIZE:,}.")


def decode(block: Block) -> tuple[Datum, ...]:
    """What the elements stand for, exactly: scale x element, in the closed extended reals, where zero times infinity is a NaN (OCP MX 5.1; P3109 section 5)."""
    scale = scale_of(block)
    return tuple(scaled(scale, block.format.element.decode(code)) for code in block.elements)


def scale_of(block: Block) -> Datum:
    """The scale of a block, that of the tensor included."""
    f = block.format
    scale = f.scale.decode(block.scale)
    return scale if f.tensor is None or block.tensor is None else scaled(f.tensor.decode(block.tensor), scale)


def scaled(x: Datum, y: Datum) -> Datum:
    """x y, exactly."""
    if isinstance(x, Finite) and isinstance(y, Finite):
        assert not isinstance(x.value, Real) and not isinstance(y.value, Real)
        return Finite(x.value * y.value, x.negative != y.negative)
    if not isinstance(x, Finite | Infinity) or not isinstance(y, Finite | Infinity):
        return NaN()
    if any(isinstance(z, Finite) and not z.value for z in (x, y)):
        return NaN()
    return Infinity(x.negative != y.negative)


@lru_cache(maxsize=256)
def greatest_element(fmt: Format) -> mpq:
    """The greatest finite value of a format."""
    return mpq(fmt.value(fmt.greatest()))


@lru_cache(maxsize=256)
def greatest_exponent(fmt: Format) -> int:
    """emax: the exponent of the greatest finite value."""
    return rational_floor_log2(greatest_element(fmt))


@lru_cache(maxsize=256)
def precision(fmt: Format) -> int:
    """Significand bits of the greatest finite value of a format."""
    return greatest_exponent(fmt) - rational_floor_log2(fmt.ulp(fmt.join(False, fmt.greatest()))) + 1
