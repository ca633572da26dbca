"""torchao: MX and NVFP4 tensors, the casts to 4 and 6 bits below them, float8, and affine integers."""

from typing import Any

import numpy as np
import torch
from torchao.prototype.custom_fp_utils import _f32_to_floatx_unpacked, _floatx_unpacked_to_f32
from torchao.prototype.mx_formats.config import ScaleCalculationMode
from torchao.prototype.mx_formats.kernels import unpack_uint4
from torchao.prototype.mx_formats.mx_tensor import to_dtype, to_mx
from torchao.prototype.mx_formats.nvfp4_tensor import nvfp4_quantize, per_tensor_amax_to_scale

from conformance.block_result import BlockResult
from conformance.blocks import BlockClaim, block_claim
from conformance.claims import Claim, Codes
from conformance.emulators.tensors import KINDS, to_codes, to_tensor
from conformance.emulators.versions import version
from formats.block import BlockFormat
from formats.block_notation import parse_block
from formats.floats import Float
from formats.notation import parse
from formats.projection import DEFAULT, AbsentNaN, Projection
from refmath.overflow import Overflow

BINARY32, BFLOAT16 = parse("binary32"), parse("bfloat16")
ELEMENTS: dict[str, Any] = {
    "mxfp8_e4m3": torch.float8_e4m3fn,
    "mxfp8_e5m2": torch.float8_e5m2,
    "mxfp6_e2m3": "fp6_e2m3",
    "mxfp6_e3m2": "fp6_e3m2",
    "mxfp4": torch.float4_e2m1fn_x2,
}
"""Block formats and the ``elem_dtype`` of ``to_mx``."""
SATURATING = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
SIGNED_NAN = 0xFF
"""Scales of NVFP4 have no sign, and are stored in a type that has one: its NaN of either sign is the one of UE4M3."""
FLOATX = tuple((e, m) for e in range(2, 7) for m in range(1, 8 - e))
"""Exponent and significand bits of the floats of fewer than 8 bits that the casts know; tested here are those of at least two exponent bits."""


class TorchAO:
    """``to_mx``, ``nvfp4_quantize`` and the casts."""

    name = "torchao"
    views: tuple[str, ...] = ("strided", "transposed", "offset")
    compiles = False

    def describe(self) -> str:
        return f"torchao {version('torchao')} with torch {version('torch')}, cpu"

    def claims(self) -> list[Claim]:
        return [*self.blocks(), *self.casts(), *self.decodings()]

    def blocks(self) -> list[Claim]:
        found: list[Claim] = []
        for source in (BINARY32, BFLOAT16):
            for name, kind in ELEMENTS.items():
                for mode in ScaleCalculationMode:
                    fmt = parse_block(f"{name}(rule={mode.value})")
                    call = f"to_mx({_dtype(kind)}, scaling_mode={mode.name})"
                    found.append(block_claim("torchao", source, fmt, call, views=False))
            for name in ("nvfp4_torchao_one_level", "nvfp4_torchao"):
                call = "nvfp4_quantize(per_tensor_scale)" if name == "nvfp4_torchao" else "nvfp4_quantize"
                fmt = parse_block(name)
                refuses = ("nan", "infinity") if fmt.tensor is not None else ()  # the tensor scale comes from a calibration, of numbers
                settled = frozenset({"rounding", "order", "zero_block", "small_scale"})
                found.append(block_claim("torchao", source, fmt, call, views=False, settled=settled, refuses=refuses))
        return found

    def casts(self) -> list[Claim]:
        found = []
        for e, m in FLOATX:
            fmt = _floatx(e, m)
            found.append(Claim("torchao", "convert", (BINARY32,), fmt, SATURATING, f"_f32_to_floatx_unpacked(ebits={e}, mbits={m})", refuses=("nan",)))
            found.append(Claim("torchao", "convert", (fmt,), BINARY32, DEFAULT, f"_floatx_unpacked_to_f32(ebits={e}, mbits={m})"))
        for source in (BINARY32, BFLOAT16, parse("binary16")):
            for name in ("ocp_e4m3", "ocp_e5m2", "e4m3fnuz", "e5m2fnuz"):
                target = parse(name)
                how = Projection(overflow=Overflow.SATURATE_FINITE)
                found.append(Claim("torchao", "convert", (source,), target, how, f"to_fp8_saturated({_dtype(KINDS[name])})"))
        return found

    def decodings(self) -> list[Claim]:
        """Back to values: element times scale, in one format or the other."""
        found = []
        for name in ELEMENTS:
            fmt = parse_block(name)
            for target in (BINARY32, BFLOAT16):
                found.append(Claim("torchao", "multiply", (fmt.element, fmt.scale), target, DEFAULT, f"to_dtype({_dtype(ELEMENTS[name])})"))
        return found

    # Blocks.

    def quantize(self, claim: BlockClaim, calls: list[Codes]) -> list[BlockResult]:
        return [self.block(claim, to_tensor(codes, claim.operands[0])) for codes in calls]

    def block(self, claim: BlockClaim, values: torch.Tensor) -> BlockResult:
        fmt = claim.block
        if claim.call.startswith("nvfp4"):
            return self.nvfp4(fmt, values)
        kind = ELEMENTS[_named(fmt)]
        scales, elements = to_mx(values, kind, 32, ScaleCalculationMode(fmt.policy.rule.value))
        if kind is torch.float4_e2m1fn_x2:
            elements = unpack_uint4(elements)
        return BlockResult(to_codes(elements, fmt.element).reshape(values.shape), to_codes(scales, fmt.scale))

    def nvfp4(self, fmt: BlockFormat, values: torch.Tensor) -> BlockResult:
        shape = values.shape
        values = values.reshape(-1, shape[-1])
        scale = per_tensor_amax_to_scale(torch.amax(torch.abs(values))) if fmt.tensor is not None else None
        scales, elements = nvfp4_quantize(values, 16, scale)
        codes = to_codes(scales, parse("ocp_e4m3"))
        codes = np.where(codes == SIGNED_NAN, codes & 0x7F, codes)
        tensor = None if scale is None else int(scale.view(torch.int32)) & 0xFFFFFFFF
        return BlockResult(to_codes(unpack_uint4(elements), fmt.element).reshape(shape), codes.astype(np.uint8), tensor)

    # Elements.

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        return [self.element(claim, operands) for operands in calls]

    def element(self, claim: Claim, operands: tuple[Codes, ...]) -> Codes:
        if claim.operation == "multiply":
            return self.dequantize(claim, *operands)
        source = claim.operands[0]
        if claim.call.startswith("to_fp8"):
            from torchao.float8.float8_utils import to_fp8_saturated

            return to_codes(to_fp8_saturated(to_tensor(operands[0], source), KINDS[claim.result.name]), claim.result)
        narrow = source if claim.result == BINARY32 else claim.result
        assert isinstance(narrow, Float)
        if claim.result == BINARY32:
            return to_codes(_floatx_unpacked_to_f32(torch.from_numpy(operands[0]), narrow.exponent_bits, narrow.trailing), BINARY32)
        return to_codes(_f32_to_floatx_unpacked(to_tensor(operands[0], BINARY32), narrow.exponent_bits, narrow.trailing), narrow)

    def dequantize(self, claim: Claim, elements: Codes, scales: Codes) -> Codes:
        """Each element under a scale of its own: blocks of one, of two where two share a byte."""
        kind = next(kind for name, kind in ELEMENTS.items() if parse_block(name).element == claim.operands[0])
        flat, shape = np.ascontiguousarray(elements).reshape(-1), elements.shape
        scale = to_tensor(np.ascontiguousarray(scales).reshape(-1, 1), parse("e8m0"))
        if kind is torch.float4_e2m1fn_x2:
            packed = torch.from_numpy(flat | (flat << np.uint8(4))).reshape(-1, 1)
            values = to_dtype(packed, scale, kind, 2, KINDS[claim.result.name]).reshape(-1, 2)[:, 0]
        else:
            words = torch.from_numpy(flat.astype(np.uint8)).reshape(-1, 1)
            data = words if isinstance(kind, str) else words.view(kind)
            values = to_dtype(data, scale, kind, 1, KINDS[claim.result.name])
        return to_codes(values, claim.result).reshape(shape)


def _named(fmt: BlockFormat) -> str:
    """Which of ``ELEMENTS`` has these elements."""
    return next(name for name in ELEMENTS if parse_block(name).element == fmt.element)


def _dtype(kind: Any) -> str:
    return str(kind).removeprefix("torch.")


def _floatx(e: int, m: int) -> Float:
    """The float of that many bits without infinities and NaNs."""
    fmt = parse(f"e{e}m{m}(specials=none)")
    assert isinstance(fmt, Float)
    return fmt


def adapter(device: str) -> TorchAO:
    """The adapter; what runs on a GPU only is not checked."""
    return TorchAO()
