"""Arithmetic and conversions on arrays of 2^24 random codes, every code among them, one thread, by processor time: beside ml_dtypes, torch, gfloat on NumPy and apytypes.

The others compute on their own arrays, made beforehand, and raise no flags; of ``refmath`` both are measured, codes alone and codes with flags. gfloat has no arithmetic: its
rows decode, compute in binary64, round and encode. The slow ones get fewer elements; all times are of one element.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from time import process_time
from typing import Any

import apytypes
import gfloat
import ml_dtypes
import numpy as np
import softposit
import torch
from gfloat import formats as gfloat_formats

from benchmarks.measure import Row, side_by_side
from formats.arrays import convert, convert_codes, dtype, operate, operate_codes
from formats.notation import parse
from formats.operations import find_operation
from formats.projection import AbsentNaN
from refmath.operations.environment import Dialect

ITEMS, FEWER, FEWEST = 1 << 24, 1 << 19, 1 << 16
REPEATS = 5
FORMATS = ("binary16", "bfloat16", "ocp_e4m3", "binary32")
LIMITS = {"add": 2.5e-9, "multiply": 2.5e-9, "divide": 6e-9, "sqrt": 6e-9, "fma": 6e-9}
TARGETS = (
    "binary16",
    "bfloat16",
    "arm_half",
    "ocp_e4m3",
    "ocp_e5m2",
    "e8m0",
    "int8",
    "q4.12",
    "e2m1",
    "nf4",
    "posit8",
    "posit16",
    "takum16",
    "takum_log16",
    "lns6.9",
)
CONVERSION_LIMIT, POSIT_ADD_LIMIT = 2.5e-9, 8e-9
IN_NUMPY: dict[str, Callable[..., Any]] = {"add": np.add, "multiply": np.multiply, "divide": np.divide, "sqrt": np.sqrt}
IN_TORCH: dict[str, Callable[..., Any]] = {"add": torch.add, "multiply": torch.mul, "divide": torch.div, "sqrt": torch.sqrt}
NUMPY_TYPES = {
    "binary16": np.float16,
    "binary32": np.float32,
    "bfloat16": ml_dtypes.bfloat16,
    "ocp_e4m3": ml_dtypes.float8_e4m3fn,
    "ocp_e5m2": ml_dtypes.float8_e5m2,
    "e8m0": ml_dtypes.float8_e8m0fnu,
    "int8": np.int8,
    "e2m1": ml_dtypes.float4_e2m1fn,
}
TORCH_TYPES = {
    "binary16": torch.float16,
    "binary32": torch.float32,
    "bfloat16": torch.bfloat16,
    "ocp_e4m3": torch.float8_e4m3fn,
    "ocp_e5m2": torch.float8_e5m2,
    "e8m0": torch.float8_e8m0fnu,
    "int8": torch.int8,
}
GFLOAT_TYPES = {
    "binary16": gfloat_formats.format_info_binary16,
    "bfloat16": gfloat_formats.format_info_bfloat16,
    "ocp_e4m3": gfloat_formats.format_info_ocp_e4m3,
    "ocp_e5m2": gfloat_formats.format_info_ocp_e5m2,
    "binary32": gfloat_formats.format_info_binary32,
}
APYTYPES_LAYOUTS = {"binary16": (5, 10), "bfloat16": (8, 7), "ocp_e5m2": (5, 2), "binary32": (8, 23)}

Contenders = dict[str, tuple[Callable[[], object], int]]


@contextmanager
def one_thread() -> Iterator[None]:
    """This process on one processor, for all that is run inside."""
    processors, threads = os.sched_getaffinity(0), torch.get_num_threads()
    os.sched_setaffinity(0, {min(processors)})
    torch.set_num_threads(1)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        os.sched_setaffinity(0, processors)
        torch.set_num_threads(threads)


def codes_of(name: str, seed: int) -> np.ndarray:
    """Random codes."""
    f = parse(name)
    return np.random.default_rng(seed).integers(0, f.codes, ITEMS, dtype=np.uint64).astype(dtype(f))


def in_gfloat(function: Callable[..., Any], info: gfloat.FormatInfo, target: gfloat.FormatInfo, operands: tuple[np.ndarray, ...]) -> object:
    """Decode, compute in binary64, round, encode."""
    values = [gfloat.decode_ndarray(info, x) for x in operands]
    return gfloat.encode_ndarray(target, gfloat.round_ndarray(target, np.asarray(function(*values), np.float64)))


def in_apytypes(name: str, function: str, operands: tuple[np.ndarray, ...]) -> Callable[[], object]:
    """An operator of its arrays."""
    x, y = (its_array(name, codes) for codes in operands)
    return lambda: getattr(x, function)(y)


def its_array(name: str, codes: np.ndarray) -> apytypes.APyFloatArray:
    """Codes as an array of apytypes."""
    return apytypes.APyFloatArray.from_bits(codes.tolist(), *APYTYPES_LAYOUTS[name])


def measured(task: str, found: Contenders, limits: dict[str, float]) -> list[Row]:
    """All contenders in turns, each with its number of elements."""
    return side_by_side(
        task, {name: call for name, (call, _) in found.items()}, {name: count for name, (_, count) in found.items()}, limits, REPEATS, process_time
    )


def arithmetic(name: str, text: str) -> list[Row]:
    """Everyone who has an operation on a format."""
    f, arity = parse(text), find_operation(name).arity
    codes = tuple(codes_of(text, seed) for seed in range(arity))
    found: Contenders = {
        "refmath, codes": (partial(operate_codes, name, f, codes), ITEMS),
        "refmath, codes and flags": (partial(operate, name, f, codes), ITEMS),
    }
    if name in IN_NUMPY:
        values = [x.view(NUMPY_TYPES[text]) for x in codes]
        found["numpy" if text.startswith("binary") else "ml_dtypes"] = (partial(IN_NUMPY[name], *values), ITEMS)
        few = tuple(x[:FEWER] for x in codes)
        found["gfloat, through binary64"] = (partial(in_gfloat, IN_NUMPY[name], GFLOAT_TYPES[text], GFLOAT_TYPES[text], few), FEWER)
    if name in IN_TORCH and text != "ocp_e4m3":
        tensors = [torch.from_numpy(x.view(f"i{x.itemsize}")).view(TORCH_TYPES[text]) for x in codes]
        found["torch"] = (partial(IN_TORCH[name], *tensors), ITEMS)
    operator = {"add": "__add__", "multiply": "__mul__", "divide": "__truediv__"}.get(name)
    if operator and text in APYTYPES_LAYOUTS:
        found["apytypes"] = (in_apytypes(text, operator, tuple(x[:FEWEST] for x in codes)), FEWEST)
    limit = LIMITS[name] * (1.5 if text == "binary32" else 1)
    return measured(f"{name}, {text}", found, {"refmath, codes": limit})


def conversion(text: str) -> list[Row]:
    """Everyone who converts binary32 into a format; NaNs become zero where it has none."""
    source, target, codes = parse("binary32"), parse(text), codes_of("binary32", 5)
    how = target.default if target.has_nan or target.dialect is Dialect.POSIT else replace(target.default, absent_nan=AbsentNaN.ZERO)
    found: Contenders = {
        "refmath, codes": (partial(convert_codes, codes, source, target, how), ITEMS),
        "refmath, codes and flags": (partial(convert, codes, source, target, how), ITEMS),
    }
    values = codes.view(np.float32)
    if text in NUMPY_TYPES:
        found["numpy" if text in ("binary16", "int8") else "ml_dtypes"] = (partial(values.astype, NUMPY_TYPES[text]), ITEMS)
    if text in TORCH_TYPES:
        found["torch"] = (partial(torch.from_numpy(values).to, TORCH_TYPES[text]), ITEMS)
    if text in GFLOAT_TYPES:
        found["gfloat"] = (partial(in_gfloat, np.asarray, GFLOAT_TYPES["binary32"], GFLOAT_TYPES[text], (codes[:FEWER],)), FEWER)
    if text in APYTYPES_LAYOUTS:
        found["apytypes"] = (partial(its_array("binary32", codes[:FEWEST]).cast, *APYTYPES_LAYOUTS[text]), FEWEST)
    return measured(f"binary32 to {text}", found, {"refmath, codes": CONVERSION_LIMIT})


def posit_sums() -> list[Row]:
    """posit16 by the kernel, flags included, and by SoftPosit's C, one object at a time."""
    p = parse("posit16(es=1)")
    x, y = (codes_of("posit16", seed) for seed in (1, 2))
    theirs = [(softposit.posit16(bits=a), softposit.posit16(bits=b)) for a, b in zip(x[:FEWEST].tolist(), y[:FEWEST].tolist(), strict=True)]
    found: Contenders = {
        "refmath, codes and flags": (partial(operate, "add", p, (x, y)), ITEMS),
        "softposit": (lambda: [a + b for a, b in theirs], FEWEST),
    }
    return measured("add, posit16(es=1)", found, {"refmath, codes and flags": POSIT_ADD_LIMIT})


def run() -> list[Row]:
    """Arithmetic on each format, conversions into each target."""
    rows: list[Row] = []
    with one_thread():
        for text in FORMATS:
            for name in LIMITS:
                rows += arithmetic(name, text)
        rows += posit_sums()
        for text in TARGETS:
            rows += conversion(text)
    return rows
