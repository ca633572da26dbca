"""binary32 and binary64 arithmetic is what the processor computes, in each of its four rounding modes."""

import ctypes
import ctypes.util
import platform
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from full import count
from mpfr_formats import operands

from formats.arithmetic import operation
from formats.floats import ieee
from formats.projection import Projection
from refmath.rounding import Rounding

LIBRARY = ctypes.CDLL(ctypes.util.find_library("m"))
LIBRARY.fma.restype, LIBRARY.fma.argtypes = ctypes.c_double, [ctypes.c_double] * 3
LIBRARY.fmaf.restype, LIBRARY.fmaf.argtypes = ctypes.c_float, [ctypes.c_float] * 3

CONTROL = {
    "x86_64": {Rounding.NEAREST_EVEN: 0, Rounding.TOWARD_NEGATIVE: 0x400, Rounding.TOWARD_POSITIVE: 0x800, Rounding.TOWARD_ZERO: 0xC00},
    "aarch64": {Rounding.NEAREST_EVEN: 0, Rounding.TOWARD_POSITIVE: 0x400000, Rounding.TOWARD_NEGATIVE: 0x800000, Rounding.TOWARD_ZERO: 0xC00000},
}
"""The arguments of C's ``fesetround``, by processor."""


def fma(a: Any, b: Any, c: Any) -> Any:
    """NumPy has none: the C library's, one by one."""
    function = LIBRARY.fmaf if a.dtype == np.float32 else LIBRARY.fma
    return np.array([function(*case) for case in zip(a.tolist(), b.tolist(), c.tolist(), strict=True)], a.dtype)


COMPUTE: dict[str, tuple[int, Callable[..., Any]]] = {
    "add": (2, np.add),
    "subtract": (2, np.subtract),
    "multiply": (2, np.multiply),
    "divide": (2, np.divide),
    "sqrt": (1, np.sqrt),
    "fma": (3, fma),
}


@contextmanager
def rounding(mode: Rounding) -> Iterator[None]:
    """The processor rounds that way; skips where how to tell it is not known."""
    known = CONTROL.get(platform.machine())
    if known is None:
        pytest.skip(f"the rounding control of {platform.machine()} is not known here")
    assert LIBRARY.fesetround(known[mode]) == 0
    try:
        yield
    finally:
        LIBRARY.fesetround(0)


@pytest.mark.parametrize("mode", CONTROL["x86_64"], ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", COMPUTE)
@pytest.mark.parametrize("width", [32, 64])
def test_basic_arithmetic(width: int, name: str, mode: Rounding) -> None:
    """Every result has the bits that the processor delivers; where it delivers a NaN, a NaN."""
    f, arity = ieee(width), COMPUTE[name][0]
    rng = random.Random(f"{width} {name} {mode.value}")
    codes = [[operands(f, rng) for _ in range(arity)] for _ in range(count(3_000, 1_000_000))]
    integer, real = (np.uint32, np.float32) if width == 32 else (np.uint64, np.float64)
    columns = np.array(codes, integer).T.copy().view(real)
    with rounding(mode), np.errstate(all="ignore"):
        results = COMPUTE[name][1](*columns).view(integer)
    bound = operation(name, f, projection=Projection(mode))
    isnan = np.isnan(results.view(real))
    for case, expected, nan in zip(codes, results.tolist(), isnan, strict=True):
        got = bound(*case).code
        assert got == expected or (nan and got == f.nan()), (name, [hex(x) for x in case], hex(got), hex(expected))


def test_the_modes_are_reached() -> None:
    """The processor itself tells the four modes apart, so that the test above is one of four modes and not of one."""
    one, tiny = np.array([1, -1, 1], np.float32), np.array([1e-9, -1e-9, -1e-9], np.float32)
    seen = set()
    for mode in CONTROL["x86_64"]:
        with rounding(mode):
            seen.add(tuple((one + tiny).view(np.uint32).tolist()))
    assert len(seen) == 4
