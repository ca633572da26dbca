"""The kernels on binary64 are held to the processor, and give the same codes with and without flags."""

import random
from dataclasses import replace

import numpy as np
import pytest
from array_cases import operands
from full import count

from formats.arrays import convert, dtype, operate, operate_codes
from formats.floats import Float
from formats.notation import parse
from formats.operations import find_operation


@pytest.mark.parametrize(("name", "kind"), [("binary16", np.float16), ("binary32", np.float32)])
def test_the_processor_agrees(name: str, kind: type) -> None:
    """+ - * / sqrt, nearest even, on random and boundary codes; the processor's binary16 goes through binary32, which is harmless for these."""
    f, rng = parse(name), random.Random(name)
    assert isinstance(f, Float)
    draw = np.random.default_rng(1)
    dense = operands(rng, (f, f), 2000)
    x, y = (np.concatenate((draw.integers(0, f.codes, count(100_000, 10_000_000), dtype=np.uint64).astype(dtype(f)), part)) for part in dense)
    for op, function in (("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply), ("divide", np.divide), ("sqrt", np.sqrt)):
        codes = (x, y)[: find_operation(op).arity]
        with np.errstate(all="ignore"):
            theirs = function(*(c.view(kind) for c in codes))
        ours = operate_codes(op, f, codes)
        expected = np.where(np.isnan(theirs), dtype(f).type(f.nan()), theirs.view(dtype(f)))
        assert np.array_equal(ours, expected), op


def test_codes_alone_are_those_beside_flags() -> None:
    """``operate_codes`` and ``operate`` agree, by whichever engine, in parts of threads too."""
    draw = np.random.default_rng(2)
    for name, text in (("add", "binary16"), ("fma", "bfloat16"), ("multiply", "ocp_e4m3"), ("hypot", "e2m1"), ("minimum", "binary32")):
        f = parse(text)
        size = 300_000 if name in ("add", "multiply") else 1000
        codes = tuple(draw.integers(0, f.codes, size, dtype=np.uint64).astype(dtype(f)) for _ in range(find_operation(name).arity))
        how = replace(f.default, absent_nan=list(type(f.default.absent_nan))[1])
        assert np.array_equal(operate_codes(name, f, codes, projection=how), operate(name, f, codes, projection=how)[0])


@pytest.mark.parametrize("bias", [1023 - 127, 1023 + 127, 1023 + 900])
def test_binary64_with_another_bias_is_not_taken_for_binary64(bias: int) -> None:
    """Quotients of blocks by their scales are such numbers: they are converted as the reference has it."""
    source, target = parse(f"e11m52(bias={bias})"), parse("ocp_e4m3")
    codes = np.array([source.round(x) for x in (0, 1, 17, 448, 449, 1000)] + [1, source.infinity(), source.nan()], np.uint64)
    found, flags = convert(codes, source, target)
    expected = [target.project(source.decode(code)) for code in codes.tolist()]
    assert found.tolist() == [code for code, _ in expected] and flags.tolist() == [int(raised) for _, raised in expected]
