"""binary32 and binary64 arithmetic is what the processor computes, to nearest even."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from full import count
from mpfr_formats import operands

from formats.arithmetic import operation
from formats.floats import ieee

COMPUTE: dict[str, tuple[int, Callable[..., Any]]] = {
    "add": (2, np.add),
    "subtract": (2, np.subtract),
    "multiply": (2, np.multiply),
    "divide": (2, np.divide),
    "sqrt": (1, np.sqrt),
}


@pytest.mark.parametrize("name", COMPUTE)
@pytest.mark.parametrize("width", [32, 64])
def test_basic_arithmetic(width: int, name: str) -> None:
    """Every result has the bits that the processor delivers; where it delivers a NaN, a NaN."""
    f, arity = ieee(width), COMPUTE[name][0]
    rng = random.Random(f"{width} {name}")
    codes = [[operands(f, rng) for _ in range(arity)] for _ in range(count(10_000, 1_000_000))]
    integer, real = (np.uint32, np.float32) if width == 32 else (np.uint64, np.float64)
    columns = np.array(codes, integer).T.copy().view(real)
    with np.errstate(all="ignore"):
        results = COMPUTE[name][1](*columns).view(integer).tolist()
    bound = operation(name, f)
    isnan = np.isnan(np.array(results, integer).view(real))
    for case, expected, nan in zip(codes, results, isnan, strict=True):
        got = bound(*case).code
        assert got == expected or (nan and got == f.nan()), (name, [hex(x) for x in case], hex(got), hex(expected))
