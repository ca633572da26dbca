"""The kernels on binary64 are held to the reference, to the kernels for any format, and to the processor: every deterministic mode and overflow policy."""

import random
import zlib
from dataclasses import replace

import numpy as np
import pytest
from array_cases import FIXED, FLOATS, MORE, operands
from full import FULL, count

from formats.arithmetic import Bound, BoundCode, bind
from formats.array_operations import run_general
from formats.array_quick import QUICK, is_quick, run_quick
from formats.arrays import dtype, operate, operate_codes
from formats.family import Format
from formats.floats import Float
from formats.notation import parse
from formats.operations import find_operation
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC
from refmath.underflow import Tininess

TRIALS, CASES, MANY = count(8, 150), count(60, 4000), count(4000, 400_000)
PAIRS = ["ocp_e4m3", "e5m2fnuz", "binary8p3se"]
EIGHT_BITS = [f.name for f in FLOATS if f.width == 8]


def some_bound(name: str, rng: random.Random) -> Bound | BoundCode:
    """An operation on formats and with a projection that its kernel on binary64 takes."""
    op = find_operation(name)
    while True:
        formats: tuple[Format, ...] = tuple(rng.choice((*FLOATS, *MORE)) for _ in range(op.arity))
        formats = formats if rng.random() < 0.6 else (formats[0],) * op.arity
        to = rng.choice((formats[0], rng.choice((*FLOATS, *MORE)), *(FIXED[-4:] if name == "convert" else ())))
        overflow = rng.choice([policy for policy in Overflow if policy is not Overflow.ERROR])
        how = Projection(rounding=rng.choice(DETERMINISTIC), overflow=overflow, tininess=rng.choice(list(Tininess)), absent_nan=rng.choice(list(AbsentNaN)[1:]))
        bound = bind(op, formats, to, how, None)
        if is_quick(bound):
            return bound


def by_kernel(bound: Bound | BoundCode, codes: tuple[np.ndarray, ...], quick: bool) -> tuple[np.ndarray, np.ndarray]:
    """Codes and flags by one of the two kernels."""
    assert bound.to is not None
    out, flags = np.empty(len(codes[0]), dtype(bound.to) if quick else np.uint64), np.empty(len(codes[0]), np.uint8)
    if quick:
        run_quick(bound, codes, out, flags)
    else:
        run_general(bound, tuple(x.astype(np.uint64) for x in codes), np.zeros(1, np.uint64), out, flags)
    return out, flags


@pytest.mark.parametrize("name", QUICK)
def test_quick_kernels_give_what_the_reference_gives(name: str) -> None:
    """Any formats, mode, overflow policy and tininess: codes and flags of the reference on a few cases, of the kernel for any format on many."""
    rng = random.Random(zlib.crc32(name.encode()))
    for _ in range(TRIALS):
        bound = some_bound(name, rng)
        formats = tuple(f for f in bound.formats if f is not None)
        codes = operands(rng, formats, CASES)
        got, flags = by_kernel(bound, codes, True)
        expected, expected_flags = operate(name, formats, codes, bound.to, bound.how, bound.dialect, engine="reference")
        assert np.array_equal(got, expected) and np.array_equal(flags, expected_flags), bound
        draw = np.random.default_rng(rng.getrandbits(32))
        many = tuple(draw.integers(0, f.codes, MANY, dtype=np.uint64).astype(dtype(f)) for f in formats)
        got, flags = by_kernel(bound, many, True)
        expected, expected_flags = by_kernel(bound, many, False)
        assert np.array_equal(got, expected) and np.array_equal(flags, expected_flags), bound


@pytest.mark.parametrize("name", EIGHT_BITS if FULL else PAIRS)
def test_all_pairs_of_eight_bits(name: str) -> None:
    """+ - * / of all 65,536 pairs of an 8-bit float, by the array engine and by the table of the reference: nearest even, and in the full run every mode."""
    f, codes = parse(name), tuple(np.divmod(np.arange(1 << 16), 256)[k].astype(np.uint8) for k in (0, 1))
    for mode in DETERMINISTIC if FULL else DETERMINISTIC[:1]:
        how = replace(f.default, rounding=mode)
        for op in ("add", "subtract", "multiply", "divide"):
            bound = bind(find_operation(op), (f,), f, how, None)
            expected, expected_flags = operate(op, f, codes, f, how, engine="table")
            for quick in (True, False) if is_quick(bound) else (False,):
                got, flags = by_kernel(bound, codes, quick)
                assert np.array_equal(got, expected) and np.array_equal(flags, expected_flags), (op, mode, quick)


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
