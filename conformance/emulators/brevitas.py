"""brevitas: its MX quantizers of activations, its float quantizers without a scale, and ``IntQuant``; all give values back."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch

from conformance.block_result import BlockResult
from conformance.blocks import block_claim
from conformance.claims import Claim, Codes
from conformance.emulators.block_calls import BlockCall, CallsAndBlocks
from conformance.emulators.calls import Call
from conformance.emulators.held import Arrays
from conformance.emulators.tensors import to_codes, to_tensor
from conformance.emulators.torch_quantizers import FAKE, SCALES
from conformance.emulators.versions import version
from conformance.quantizers import quantizer_claim
from formats.affine import Affine, affine
from formats.block_notation import parse_block
from formats.notation import parse
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

with warnings.catch_warnings(action="ignore"):  # it warns of what it imports itself
    from brevitas.core.function_wrapper import CeilSte, FloorSte, Identity, RoundSte, RoundToZeroSte, TensorClamp
    from brevitas.core.quant import IntQuant
    from brevitas.nn import QuantIdentity
    from brevitas.quant import float_quant_fnuz, float_quant_ocp
    from brevitas.quant.mx_quant_ocp import MXFloat8e4m3Act, MXInt8Act

BINARY32 = parse("binary32")
FLOATS = Arrays("torch", "float32")
CODES = Arrays("numpy", "codes")
WIDTHS = {"mxfp8_e4m3": (4, 3), "mxfp8_e5m2": (5, 2), "mxfp6_e3m2": (3, 2), "mxfp6_e2m3": (2, 3), "mxfp4": (2, 1)}
"""Block formats, and the exponent and significand bits of their elements."""
NAMED = {
    "ocp_e4m3": (float_quant_ocp, "Fp8e4m3OCPAct"),
    "ocp_e5m2": (float_quant_ocp, "Fp8e5m2OCPAct"),
    "e4m3fnuz": (float_quant_fnuz, "Fp8e4m3FNUZAct"),
    "e5m2fnuz": (float_quant_fnuz, "Fp8e5m2FNUZAct"),
}
ROUNDINGS = {
    "RoundSte": (RoundSte, Rounding.NEAREST_EVEN),
    "FloorSte": (FloorSte, Rounding.TOWARD_NEGATIVE),
    "CeilSte": (CeilSte, Rounding.TOWARD_POSITIVE),
    "RoundToZeroSte": (RoundToZeroSte, Rounding.TOWARD_ZERO),
}


def blocks() -> Iterator[BlockCall]:
    """The MX quantizers, groups along the last axis."""
    for name, (e, m) in WIDTHS.items():
        quantizer = MXFloat8e4m3Act.let(bit_width=1 + e + m, exponent_bit_width=e, mantissa_bit_width=m)
        words = f"QuantIdentity(MXFloat8e4m3Act.let(exponent_bit_width={e}, mantissa_bit_width={m}))"
        yield BlockCall(block_claim("brevitas", BINARY32, parse_block(name), words, gives=BINARY32), _grouped(quantizer))
    yield BlockCall(block_claim("brevitas", BINARY32, parse_block("mxint8"), "QuantIdentity(MXInt8Act)", gives=BINARY32), _grouped(MXInt8Act))


def _module(quantizer: Any, **details: Any) -> Any:
    """A module that quantizes what passes through it."""
    with warnings.catch_warnings(action="ignore"):
        module = QuantIdentity(act_quant=quantizer, **details)
    return module.eval()


def _grouped(quantizer: Any) -> Callable[[Codes], BlockResult]:
    module = _module(quantizer, group_dim=1)

    def function(codes: Codes) -> BlockResult:
        values = to_tensor(codes, BINARY32)
        with torch.no_grad(), warnings.catch_warnings(action="ignore"):
            found = module(values.reshape(-1, values.shape[-1]))
        return BlockResult(to_codes(found, BINARY32).reshape(codes.shape))

    return function


def floats() -> Iterator[Call]:
    """Floats of eight bits, whose values come back as binary32 numbers."""
    for name, (module, quantizer) in NAMED.items():
        fmt = parse(name)
        how = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
        claim = Claim("brevitas", "convert", (BINARY32,), fmt, how, f"QuantIdentity({quantizer})")
        yield Call(claim, _plain(getattr(module, quantizer)), FLOATS)


def _plain(quantizer: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    module = _module(quantizer)

    def function(values: torch.Tensor) -> torch.Tensor:
        with torch.no_grad(), warnings.catch_warnings(action="ignore"):
            found: torch.Tensor = module(values)
        return found

    return function


def integers() -> Iterator[Call]:
    """``IntQuant`` with each way of rounding."""
    for name, (kind, rounding) in ROUNDINGS.items():
        for scale in SCALES[:3]:
            for fixed, zero in FAKE.values():
                target = affine(fixed, scale, zero)
                claim = quantizer_claim("brevitas", BINARY32, target, f"IntQuant(float_to_int_impl={name})", values=True, variant=name, rounding=rounding)
                yield Call(claim, _integers(target, kind), CODES)


def _integers(target: Affine, kind: Any) -> Callable[[Codes], Codes]:
    module = IntQuant(False, target.low < 0, Identity(), kind(), TensorClamp())
    numbers = [torch.tensor(float(x)) for x in (target.scale, target.zero_point, target.width)]

    def function(codes: Codes) -> Codes:
        with torch.no_grad():
            return to_codes(module(*numbers, to_tensor(codes, BINARY32)), BINARY32)

    return function


def adapter(device: str) -> CallsAndBlocks:
    """The adapter, on the CPU."""
    return CallsAndBlocks("brevitas", f"{version('brevitas')} with torch {version('torch')}", [*floats(), *integers()], blocks())
