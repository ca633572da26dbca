"""The matrix units of GPUs with their formats: what one instruction multiplies, in which format it accumulates, what becomes of subnormal numbers.

``unit("a100").dot(xs, ys, c)`` is the result of the chain of instructions that a long dot product is. The models themselves are in ``refmath.accumulation.units``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import SupportsIndex

from formats.accumulate import Codes, Scales, Sum, dot
from formats.notation import parse, text
from formats.projection import DEFAULT, Projection
from refmath.accumulation.model import Model
from refmath.accumulation.units import ALIASES, UNITS
from refmath.errors import RefmathError, quote
from refmath.underflow import Subnormals

FLUSHING = Projection(operands=Subnormals.POSITIVE_ZERO, results=Subnormals.SIGNED_ZERO)
"""As CDNA2 has it: a subnormal operand counts as +0, a subnormal sum becomes a zero of its sign."""

FP8 = ("ocp_e4m3", "ocp_e5m2")
HALVES = ("binary16", "bfloat16")


@dataclass(frozen=True, slots=True)
class Unit:
    """One kind of instruction of a matrix unit."""

    name: str
    """The model that it follows, by name."""
    operands: tuple[str, ...]
    """The formats of its factors; the two may differ where there are several."""
    to: str
    """The format of c and of the result."""
    k: tuple[int, ...]
    """How many products one instruction sums, by shape."""
    about: str
    projection: Projection = DEFAULT
    """How subnormal numbers fare."""
    block: int = 0
    """Elements of a block with a scale; 0 where there are no scales."""
    scales: tuple[str, ...] = ()
    """The formats of the scales."""

    @property
    def model(self) -> Model:
        """How it sums."""
        return UNITS[self.name]

    def dot(self, xs: Codes, ys: Codes, c: SupportsIndex | None = None, of: str | tuple[str, str] | None = None, scales: Scales | None = None) -> Sum:
        """The dot product, with c added, of codes of the operand format (the first where it is not stated). binary32 codes are truncated where it is TF32.

        Errors: ``RefmathError`` for formats that the unit does not multiply, and for scales where it has none or has others.
        """
        first, second = (of, of) if not isinstance(of, tuple) else of
        f, xs = self._operand(first, xs)
        g, ys = self._operand(second, ys)
        self._check_scales(scales)
        return dot(self.model, (f, g), xs, ys, to=self.to, c=c, scales=scales, projection=self.projection)

    def _operand(self, f: str | None, codes: Codes) -> tuple[str, Codes]:
        """The format that is multiplied, and the codes in it."""
        name = self.operands[0] if f is None else text(parse(f))
        if name == "binary32" and self.operands == ("tf32",):
            return "tf32", truncated(codes)
        if name not in self.operands:
            raise RefmathError(f"{self.name} does not multiply {name}; it multiplies {' and '.join(self.operands)}.")
        return name, codes

    def _check_scales(self, scales: Scales | None) -> None:
        if scales is None:
            return
        if not self.block:
            raise RefmathError(f"{self.name} has no block scales; leave them out, or use b200_mx or b200_nvfp4.")
        if scales.block != self.block or text(scales.format) not in self.scales:
            given = f"one {text(scales.format)} for {scales.block}"
            raise RefmathError(f"{self.name} has a scale of {' or '.join(self.scales)} for each {self.block} elements, not {given}.")


def truncated(codes: Codes) -> Sequence[int]:
    """binary32 codes as TF32 codes: the low 13 bits are dropped, of NaNs too."""
    return [code.__index__() >> 13 for code in codes]


def _halves(name: str, k: tuple[int, ...], about: str, operands: tuple[str, ...] = HALVES) -> tuple[Unit, ...]:
    """The instruction with results in binary32, and that of binary16 operands with results in binary16."""
    return (Unit(name, operands, "binary32", k, about), Unit(f"{name}_binary16", ("binary16",), "binary16", k, f"{about}, results in binary16"))


def _fp8(name: str, k: tuple[int, ...], about: str) -> tuple[Unit, ...]:
    return (Unit(name, FP8, "binary32", k, about), Unit(f"{name}_binary16", FP8, "binary16", k, f"{about}, results in binary16"))


ALL = (
    *_halves("v100", (4,), "Volta", ("binary16",)),
    *_halves("turing", (8,), "Turing", ("binary16",)),
    *_halves("a100", (8, 16), "Ampere"),
    Unit("a100_tf32", ("tf32",), "binary32", (4, 8), "Ampere TF32"),
    *_halves("ada", (8, 16), "Ada Lovelace"),
    Unit("ada_tf32", ("tf32",), "binary32", (4, 8), "Ada Lovelace TF32"),
    *_fp8("ada_fp8", (32,), "Ada Lovelace FP8"),
    *_halves("h100", (16,), "Hopper"),
    Unit("h100_tf32", ("tf32",), "binary32", (8,), "Hopper TF32"),
    *_fp8("h100_fp8", (32,), "Hopper FP8"),
    *_halves("b200", (16,), "Blackwell"),
    Unit("b200_tf32", ("tf32",), "binary32", (8,), "Blackwell TF32"),
    *_fp8("b200_fp8", (32,), "Blackwell FP8"),
    Unit("b200_mx", (*FP8, "e3m2", "e2m3", "e2m1"), "binary32", (32,), "Blackwell MXFP8, MXFP6, MXFP4 by the MXFP8 path", block=32, scales=("e8m0",)),
    Unit("b200_nvfp4", ("e2m1",), "binary32", (64,), "Blackwell NVFP4", block=16, scales=("ue4m3",)),
    Unit("cdna1", ("binary16",), "binary32", (4, 8, 16), "CDNA1 binary16"),
    Unit("cdna1_bfloat16", ("bfloat16",), "binary32", (2, 4, 8), "CDNA1 bfloat16"),
    Unit("cdna2", ("binary16",), "binary32", (4, 8, 16), "CDNA2 binary16", FLUSHING),
    Unit("cdna2_bfloat16", ("bfloat16",), "binary32", (2, 4, 8), "CDNA2 bfloat16", FLUSHING),
    Unit("cdna3", HALVES, "binary32", (8, 16), "CDNA3"),
    Unit("cdna3_fp8", ("e4m3fnuz", "e5m2fnuz"), "binary32", (16, 32), "CDNA3 FP8"),
    Unit("binary64", ("binary64",), "binary64", (4, 8, 16), "binary64 on any of them"),
)
"""Every kind of instruction whose sums are known."""

BY_NAME = {one.name: one for one in ALL}


def unit(name: str) -> Unit:
    """The unit of that name. ``RefmathError`` for an unknown one."""
    key = name.strip().lower().replace("-", "_")
    found = BY_NAME.get(ALIASES.get(key, key))
    if found is None:
        raise RefmathError(f"{quote(name)} is not a matrix unit that is known; use one of {', '.join(BY_NAME)}.")
    return found
