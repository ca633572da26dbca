"""Quantization of a million binary32 values into block formats, by processor time: arrays of codes, the scalar reference, torchao on one thread, gfloat.

Values are normally distributed, the size of each block spread over 2^16. The slow ones get fewer values; all times are of one value, the limit is 10 s a million.
"""

from collections.abc import Callable
from functools import partial
from time import process_time

import gfloat
import numpy as np
import torch
from gfloat import block as gfloat_blocks
from gfloat import formats as gfloat_formats
from numpy.typing import NDArray
from torchao.prototype.mx_formats.mx_tensor import to_mx
from torchao.prototype.mx_formats.nvfp4_tensor import nvfp4_quantize

from benchmarks.bench_kernels import one_thread
from benchmarks.measure import Row, side_by_side
from formats.block import BlockFormat
from formats.block_arrays import quantize_codes
from formats.block_notation import parse_block
from formats.block_quantize import quantize
from formats.notation import parse

VALUES, FEWER, K = 1_000_000, 3_200, 32
LIMIT = 10 / VALUES
FORMATS = ("mxfp4", "mxfp8_e4m3", "mxfp6_e2m3", "mxint8", "mxfp4(rule=rceil)", "nvfp4", "nvfp4_torchao_one_level", "mxfp4_ue5m3", "msfp12")
IN_TORCHAO: dict[str, Callable[[torch.Tensor], object]] = {
    "mxfp4": lambda x: to_mx(x, torch.float4_e2m1fn_x2, K),
    "mxfp8_e4m3": lambda x: to_mx(x, torch.float8_e4m3fn, K),
    "mxfp6_e2m3": lambda x: to_mx(x, "fp6_e2m3", K),
    "nvfp4_torchao_one_level": lambda x: nvfp4_quantize(x, 16, None),
}
IN_GFLOAT = {
    "mxfp4": gfloat_formats.format_info_mxfp4_e2m1,
    "mxfp8_e4m3": gfloat_formats.format_info_mxfp8_e4m3,
    "mxint8": gfloat_formats.format_info_mxint8,
}


def made() -> NDArray[np.float32]:
    """The values, a row for each block of 32."""
    rng = np.random.default_rng(5)
    sizes = np.ldexp(np.float32(1), rng.integers(-8, 9, (VALUES // K, 1)))
    return (rng.standard_normal((VALUES // K, K)) * sizes).astype(np.float32)


def scalar(fmt: BlockFormat, rows: list[list[int]]) -> None:
    """Row after row by the scalar reference, from codes."""
    source, k = parse("binary32"), fmt.count
    for row in rows:
        for at in range(0, K, k):
            quantize(fmt, [source.decode(code) for code in row[at : at + k]])


def in_gfloat(info: gfloat.BlockFormatInfo, values: NDArray[np.float32]) -> None:
    """Row after row by gfloat."""
    for row in values:
        gfloat_blocks.quantize_block(info, row, gfloat_blocks.compute_scale_amax, gfloat.RoundMode.TiesToEven)


def run() -> list[Row]:
    """Every format in turn."""
    values, rows = made(), []
    codes, few = values.view(np.uint32), FEWER // K
    with one_thread():
        for name in FORMATS:
            fmt = parse_block(name)
            contenders: dict[str, Callable[[], object]] = {
                "refmath, arrays of codes": partial(quantize_codes, fmt, codes, parse("binary32")),
                "refmath, scalar reference": partial(scalar, fmt, codes[:few].tolist()),
            }
            items = {"refmath, arrays of codes": codes.size, "refmath, scalar reference": few * K}
            if name in IN_TORCHAO:
                contenders["torchao"], items["torchao"] = partial(IN_TORCHAO[name], torch.from_numpy(values)), codes.size
            if name in IN_GFLOAT:
                contenders["gfloat"], items["gfloat"] = partial(in_gfloat, IN_GFLOAT[name], values[:few]), few * K
            limits = {"refmath, arrays of codes": LIMIT}
            rows += side_by_side(f"{codes.size:,} values into {name}", contenders, items, limits, repeats=3, clock=process_time)
    return rows
