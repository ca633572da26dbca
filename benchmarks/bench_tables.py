"""Arrays of posits beside SoftPosit; functions as tables, built and looked up; arrays of dot products by aligned groups beside the scalar models.

By processor time, which other processes disturb less; only the building of a table, which several processes share, by the clock. The slow contenders get fewer elements; all
times are of one element, or one dot product.
"""

import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from time import process_time

import numpy as np
import softposit

from benchmarks.measure import Row, side_by_side
from formats import cache, tables
from formats.accumulate import dot
from formats.arithmetic import bind, operation
from formats.array_run import processors
from formats.arrays import operate
from formats.dot_arrays import dots
from formats.notation import parse
from formats.operations import find_operation
from formats.posit import Posit, posit
from formats.units import unit
from formats.word_arrays import kernel

ELEMENTS, FEW = 1 << 24, 10_000
ADD_LIMIT = 8e-9
ROWS, FEW_ROWS = 1_000_000, 100
REPEATS = 5
SIGNS = {"add": "__add__", "multiply": "__mul__", "divide": "__truediv__"}
SOFTPOSIT = {posit(16, 1): softposit.posit16, posit(32): softposit.posit32}
UNITS = (("a100", "bfloat16", 8), ("h100", "binary16", 16), ("h100_fp8", "ocp_e4m3", 32), ("cdna3", "binary16", 8))


def each(function: Callable[..., object], rows: Iterable[tuple[object, ...]]) -> None:
    """A function of every row of operands."""
    for row in rows:
        function(*row)


def posits() -> list[Row]:
    """Every code of posit16(es=1), SoftPosit's, of the standard's posit16, and random ones of posit32, by the kernel in one thread."""
    return [row for p in (posit(16, 1), posit(16), posit(32)) for name in SIGNS for row in _posit(p, name)]


def _posit(p: Posit, name: str) -> list[Row]:
    rng, kind = np.random.default_rng(1), np.uint16 if p.width == 16 else np.uint32
    x, y = (rng.integers(0, p.codes, ELEMENTS, kind) for _ in "xy")
    out, flags, draws = np.empty_like(x), np.empty(ELEMENTS, np.uint8), np.zeros(1, np.uint64)
    few = list(zip(x[:FEW].tolist(), y[:FEW].tolist(), strict=True))
    contenders: dict[str, Callable[[], object]] = {
        "refmath array": partial(kernel(bind(find_operation(name), (p,), None, None, None)), (x, y), draws, out, flags),
        "refmath scalar": partial(each, operation(name, p), few),
    }
    theirs = SOFTPOSIT.get(p)
    if theirs is not None:
        numbers = [(theirs(bits=a), theirs(bits=b)) for a, b in few]
        contenders["softposit (C, a call each)"] = partial(each, getattr(theirs, SIGNS[name]), numbers)
    items = {contender: ELEMENTS if contender == "refmath array" else FEW for contender in contenders}
    limits = {"refmath array": ADD_LIMIT} if name == "add" and p.width == 16 else {}
    return side_by_side(f"{name} in {p.name}", contenders, items, limits, REPEATS, process_time)


def functions() -> list[Row]:
    """exp of binary16: all 65,536 results built, by the clock; and looked up 2^24 times."""
    half = parse("binary16")
    bound, codes = operation("exp", half), np.random.default_rng(2).integers(0, 1 << 16, ELEMENTS, np.uint16)
    recipe = tables.recipe_of(bound)
    with tempfile.TemporaryDirectory() as place:
        kept, cache.folder = cache.folder, lambda kind: Path(place)  # type: ignore[assignment]
        rows = side_by_side("the table of exp of binary16, built", {f"refmath, {processors()} processes": partial(tables.build, recipe)}, 1, repeats=1)
        cache.folder = kept
    contenders: dict[str, Callable[[], object]] = {
        "refmath table": partial(operate, "exp", half, (codes,), engine="table"),
        "refmath scalar": partial(each, bound, [(code,) for code in codes[:FEW].tolist()]),
    }
    return rows + side_by_side("exp of binary16", contenders, {"refmath table": ELEMENTS, "refmath scalar": FEW}, None, REPEATS, process_time)


def dot_products() -> list[Row]:
    """A million dot products of one instruction of a matrix unit, with an addend each; the time of all threads counts."""
    rows, to = [], parse("binary32")
    for name, of, k in UNITS:
        f, model, rng = parse(of), unit(name).model, np.random.default_rng(k)
        numbers = np.array([f.from_float(float(x)) for x in rng.normal(size=4096)], np.uint16)
        xs, ys = (numbers[rng.integers(0, len(numbers), (ROWS, k))] for _ in "xy")
        c = np.full(ROWS, to.from_float(1.0), np.uint32)
        few = list(zip(xs[:FEW_ROWS].tolist(), ys[:FEW_ROWS].tolist(), strict=True))
        contenders: dict[str, Callable[[], object]] = {
            "refmath array": partial(dots, model, f, xs, ys, to, c, engine="array"),
            "refmath scalar": partial(each, partial(dot, model, f, to=to, c=int(c[0])), few),
        }
        task = f"{name}: {k} products of {of}, and c"
        rows += side_by_side(task, contenders, {"refmath array": ROWS, "refmath scalar": FEW_ROWS}, None, 3, process_time)
    return rows


def run() -> list[Row]:
    """Everything above."""
    return posits() + functions() + dot_products()
