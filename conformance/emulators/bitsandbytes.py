"""bitsandbytes on the CPU: ``quantize_4bit`` with its codebooks NF4 and FP4, ``quantize_blockwise`` with its dynamic map of 8 bits, and rows of int8."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from bitsandbytes import functional
from gmpy2 import mpq

from conformance.block_result import BlockResult
from conformance.blocks import block_claim
from conformance.claims import Codes
from conformance.emulators.block_calls import BlockCall, CallsAndBlocks
from conformance.emulators.tensors import to_codes, to_tensor
from conformance.emulators.versions import version
from formats.block import BlockFormat
from formats.block_policies import InfiniteLane, Policy, ScaleRule, SmallScale
from formats.codebook import Codebook, codebook
from formats.family import Format
from formats.notation import parse
from formats.quantizer import Division
from refmath.overflow import Overflow

BINARY32 = parse("binary32")
SOURCES = ("binary32", "bfloat16", "binary16")
SIZES = (32, 64)
OPEN = frozenset({"rule"})
"""Nothing but the division by the greatest magnitude is documented; how ties go is found out."""


def absmax(name: str, element: Format, size: int) -> BlockFormat:
    """Elements of a codebook whose values lie in [-1, 1], scaled by the greatest magnitude of a block."""
    policy = Policy(
        rule=ScaleRule.MAX_ABS,
        infinity=InfiniteLane.OVERFLOW,
        scale_overflow=Overflow.IEEE,
        zero_block=SmallScale.ZERO,
        small_scale=SmallScale.ZERO,
        division=Division.MULTIPLY,
        rounding=element.default.rounding,
    )
    return BlockFormat(f"{name}, absmax of {size}", element, BINARY32, (size,), None, policy)


def book(name: str, values: torch.Tensor) -> Codebook:
    """The codebook that a tensor of values is."""
    return codebook(*(mpq(x) for x in values.tolist()), name=name)


def blocks() -> Iterator[BlockCall]:
    """Each codebook, source and block size."""
    for quant_type in ("nf4", "fp4"):
        element = parse({"nf4": "nf4", "fp4": "bnb_fp4"}[quant_type])
        for source in SOURCES:
            for size in SIZES:
                call = f"quantize_4bit(quant_type={quant_type!r}, blocksize={size})"
                claim = block_claim("bitsandbytes", parse(source), absmax(quant_type, element, size), call, settled=OPEN, views=True, ragged=True)
                yield BlockCall(claim, _four_bits(parse(source), element, quant_type, size))
    dynamic = book("dynamic", functional.create_dynamic_map())
    for source in SOURCES:
        call = "quantize_blockwise(blocksize=64)"
        claim = block_claim("bitsandbytes", parse(source), absmax("dynamic", dynamic, 64), call, settled=OPEN, views=True, ragged=True)
        yield BlockCall(claim, _blockwise(parse(source), dynamic, 64))


def _four_bits(source: Format, element: Format, quant_type: str, size: int) -> Callable[[Codes], BlockResult]:
    def function(codes: Codes) -> BlockResult:
        values = to_tensor(codes, source)
        flat = values.numel()
        packed, state = functional.quantize_4bit(values, quant_type=quant_type, blocksize=size)
        pairs = packed.reshape(-1).numpy()
        nibbles = np.stack([pairs >> 4, pairs & 15], axis=1).reshape(-1)[:flat]
        return BlockResult(nibbles.reshape(codes.shape), to_codes(state.absmax, BINARY32))

    return function


def _blockwise(source: Format, element: Format, size: int) -> Callable[[Codes], BlockResult]:
    def function(codes: Codes) -> BlockResult:
        found, state = functional.quantize_blockwise(to_tensor(codes, source), blocksize=size)
        return BlockResult(found.numpy().reshape(codes.shape), to_codes(state.absmax, BINARY32))

    return function


def adapter(device: str) -> CallsAndBlocks:
    """The adapter; what needs a GPU is not checked."""
    return CallsAndBlocks("bitsandbytes", f"{version('bitsandbytes')} with torch {version('torch')}", [], blocks())
