"""torch's affine quantizers: ``quantize_per_tensor``, ``quantize_per_channel`` and the fake quantizers, which give values back."""

import warnings
from collections.abc import Callable, Iterator

import numpy as np
import torch
from gmpy2 import mpq

from conformance.claims import Codes
from conformance.emulators.calls import Call
from conformance.emulators.held import Arrays
from conformance.emulators.tensors import to_codes, to_tensor
from conformance.quantizers import quantizer_claim
from formats.affine import Affine, affine
from formats.arrays import dtype
from formats.fixed import integer
from formats.notation import parse

BINARY32 = parse("binary32")
CODES = Arrays("numpy", "codes")
SCALES = tuple(mpq(float(np.float32(x))) for x in (0.25, 0.1, 1 / 3, 0.0078125, 3.7e-5))
"""Each a binary32 number."""
TYPES = {"qint8": (integer(8), 3), "quint8": (integer(8, signed=False), 128), "qint32": (integer(32), -7)}
FAKE = {"int8": (integer(8), 3), "uint8": (integer(8, signed=False), 128), "int4": (integer(4), 1), "uint4": (integer(4, signed=False), 8)}


def quantizers() -> Iterator[Call]:
    """Each function, type and scale."""
    for scale in SCALES:
        for name, (integers, zero) in TYPES.items():
            target = affine(integers, scale, zero)
            claim = quantizer_claim("torch", BINARY32, target, f"quantize_per_tensor(dtype={name})")
            yield Call(claim, _per_tensor(target, getattr(torch, name)), CODES)
            if name != "qint32":
                claim = quantizer_claim("torch", BINARY32, target, f"quantize_per_channel(dtype={name})", variant="per channel")
                yield Call(claim, _per_channel(target, getattr(torch, name)), CODES)
        for integers, zero in FAKE.values():
            target = affine(integers, scale, zero)
            claim = quantizer_claim("torch", BINARY32, target, "fake_quantize_per_tensor_affine", values=True, variant="fake")
            yield Call(claim, _fake(target), CODES)
            claim = quantizer_claim("torch", BINARY32, target, "fake_quantize_per_channel_affine", values=True, variant="fake, per channel")
            yield Call(claim, _fake_channel(target), CODES)


def _integers(found: torch.Tensor, target: Affine, shape: tuple[int, ...]) -> Codes:
    """Integers as codes."""
    codes: Codes = (found.reshape(-1).numpy().astype(np.int64) & (target.codes - 1)).astype(dtype(target)).reshape(shape)
    return codes


def _per_tensor(target: Affine, kind: torch.dtype) -> Callable[[Codes], Codes]:
    def function(codes: Codes) -> Codes:
        with warnings.catch_warnings(action="ignore"):  # it is deprecated
            found = torch.quantize_per_tensor(to_tensor(codes, BINARY32), float(target.scale), target.zero_point, kind)
        return _integers(found.int_repr(), target, codes.shape)

    return function


def _channels(codes: Codes, target: Affine) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Two channels, the second with the scale and zero point of the claim, and both of each."""
    row = to_tensor(np.ascontiguousarray(codes).reshape(-1), BINARY32)
    scales = torch.tensor([1.0, float(target.scale)], dtype=torch.float32)
    return torch.stack([row, row]), scales, torch.tensor([0 if target.low < 0 else 1, target.zero_point], dtype=torch.int32)


def _per_channel(target: Affine, kind: torch.dtype) -> Callable[[Codes], Codes]:
    def function(codes: Codes) -> Codes:
        rows, scales, zeros = _channels(codes, target)
        with warnings.catch_warnings(action="ignore"):
            found = torch.quantize_per_channel(rows, scales, zeros, 0, kind)
        return _integers(found.int_repr()[1], target, codes.shape)

    return function


def _fake(target: Affine) -> Callable[[Codes], Codes]:
    def function(codes: Codes) -> Codes:
        x = to_tensor(codes, BINARY32)
        return to_codes(torch.fake_quantize_per_tensor_affine(x, float(target.scale), target.zero_point, target.low, target.high), BINARY32)

    return function


def _fake_channel(target: Affine) -> Callable[[Codes], Codes]:
    def function(codes: Codes) -> Codes:
        rows, scales, zeros = _channels(codes, target)
        found = torch.fake_quantize_per_channel_affine(rows, scales, zeros, 0, target.low, target.high)
        return to_codes(found[1], BINARY32).reshape(codes.shape)

    return function
