"""gfloat's blocks: ``quantize_block``, which gives values back, in every block format that it names."""

from collections.abc import Callable, Iterator
from typing import Any

import gfloat
import numpy as np
from gfloat import block as blocks
from gfloat import formats as named

from conformance.block_result import BlockResult
from conformance.blocks import block_claim
from conformance.claims import Codes
from conformance.emulators.block_calls import BlockCall
from formats.block_notation import parse_block
from formats.notation import parse

FORMATS = {
    "mxfp8_e5m2": "mxfp8_e5m2",
    "mxfp8_e4m3": "mxfp8_e4m3",
    "mxfp6_e3m2": "mxfp6_e3m2",
    "mxfp6_e2m3": "mxfp6_e2m3",
    "mxfp4_e2m1": "mxfp4",
    "mxint8": "mxint8",
}
"""Its names and ours."""
MODES = {"TiesToEven": "nearest_even", "TiesToAway": "nearest_away", "TowardZero": "toward_zero"}
BINARY64 = parse("binary64")
MOST = 128
"""Blocks of each claim: its functions take an element at a time."""


def block_calls() -> Iterator[BlockCall]:
    """Each format, from binary32 and binary64, in three rounding modes."""
    for name, ours in FORMATS.items():
        info = getattr(named, f"format_info_{name}")
        for source in ("binary32", "binary64"):
            for mode, rounding in MODES.items():
                fmt = parse_block(f"{ours}(rounding={rounding})")
                call = f"quantize_block({name}, compute_scale_amax, RoundMode.{mode})"
                details = {"gives": BINARY64, "refuses": ("nan", "infinity"), "most": MOST, "variant": f"{mode}"}
                claim = block_claim("gfloat", parse(source), fmt, call, **details)
                yield BlockCall(claim, _quantized(info, np.float32 if source == "binary32" else np.float64, gfloat.RoundMode[mode]))


def _quantized(info: Any, kind: Any, mode: Any) -> Callable[[Codes], BlockResult]:
    def function(codes: Codes) -> BlockResult:
        values = np.ascontiguousarray(codes).view(kind).reshape(-1, info.k)
        rows = [blocks.quantize_block(info, row, blocks.compute_scale_amax, mode) for row in values]
        return BlockResult(np.stack(rows).astype(np.float64).view(np.uint64).reshape(codes.shape))

    return function
