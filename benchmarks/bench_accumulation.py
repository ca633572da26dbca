"""Dot products by processor time: quires beside SoftPosit, and the models of accumulation, by the reference and by the array kernel, beside NumPy's binary32.

NumPy's sum is another number than the models'; it is the floor. What is slow gets fewer rows; all times but those of quires are of one product.
"""

import random
from collections.abc import Callable
from functools import partial
from time import process_time

import ml_dtypes
import numpy as np
import softposit
from numpy.typing import NDArray

from benchmarks.measure import Row, side_by_side
from formats.dot_arrays import dots
from formats.notation import parse
from formats.quire import Quire
from refmath.accumulation import Aligned, parse_model

TERMS, DOT_LIMIT = 100_000, 2.0
ROWS, FEWER, K = 1 << 14, 1 << 6, 64
MODELS = ("exact", "sequential(fma)", "pairwise(leaf=8)", "v100", "h100_fp8", "cdna3")


def quires() -> list[Row]:
    """A dot product of 100,000 pairs of posit32 in its quire, the rounding at the end included."""
    rng, q = random.Random(3), parse("quire32")
    assert isinstance(q, Quire)
    xs, ys = ([rng.getrandbits(32) for _ in range(TERMS)] for _ in "xy")
    pairs = [(softposit.posit32(bits=a), softposit.posit32(bits=b)) for a, b in zip(xs, ys, strict=True)]
    contenders: dict[str, Callable[[], object]] = {
        "refmath quire32": partial(dot, q, xs, ys),
        "softposit quire32": partial(softposit_dot, pairs),
    }
    task = f"dot product of {TERMS:,} pairs of posit32"
    return side_by_side(task, contenders, 1, {"refmath quire32": DOT_LIMIT}, repeats=5, clock=process_time)


def dot(q: Quire, xs: list[int], ys: list[int]) -> int:
    """The rounded dot product."""
    return q.to_posit(q.dot(xs, ys))


def softposit_dot(pairs: list[tuple[object, object]]) -> object:
    """The same by SoftPosit."""
    quire = softposit.quire32()
    for a, b in pairs:
        quire = quire.qma(a, b)
    return quire.toPosit()


def models() -> list[Row]:
    """Rows of 64 products of normally distributed numbers in binary16 (or in E4M3), summed in binary32."""
    rng, rows = np.random.default_rng(4), []
    for model in MODELS:
        of = "ocp_e4m3" if model == "h100_fp8" else "binary16"
        values = [rng.standard_normal((ROWS, K)).astype(np.float32) for _ in "xy"]
        xs, ys = (codes(x, of) for x in values)
        contenders: dict[str, Callable[[], object]] = {
            "refmath, reference": partial(dots, model, of, xs[:FEWER], ys[:FEWER], "binary32", engine="reference"),
            "NumPy binary32": partial(np.einsum, "ij,ij->i", *values),
        }
        items = {"refmath, reference": FEWER * K, "NumPy binary32": ROWS * K}
        if isinstance(parse_model(model), Aligned):
            contenders["refmath, array kernel"] = partial(dots, model, of, xs, ys, "binary32", engine="array")
            items["refmath, array kernel"] = ROWS * K
        rows += side_by_side(f"dot products of {K}, {model}, {of}", contenders, items, repeats=5, clock=process_time)
    return rows


def codes(values: NDArray[np.float32], of: str) -> NDArray[np.unsignedinteger]:
    """Their codes in binary16 or OCP E4M3."""
    if of == "binary16":
        return values.astype(np.float16).view(np.uint16)
    return values.astype(ml_dtypes.float8_e4m3fn).view(np.uint8)


def run() -> list[Row]:
    """Everything above."""
    return quires() + models()
