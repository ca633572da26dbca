"""The kernels for posits and takums are held to the reference in every mode, codes and flags: in a full run on 10^6 cases for each kernel and mode.

Operations on two operands are one kernel, and those on one operand another: they share the cases.
"""

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from every_mode import MODES, SPECIAL, AnyBound, by_words, hold, in_modes, tell
from full import count

from formats import word_arrays
from formats.arithmetic import bind
from formats.array_layout import dtype
from formats.array_plan import significand
from formats.family import Format
from formats.floats import Float
from formats.notation import parse
from formats.operations import find_operation
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding
from refmath.underflow import Subnormals

CASES, BATCH = count(50, 1_000_000), count(60, 5000)
SHARES = {1: 3, 2: 4, 3: 1}
"""So many operations have one, two and three operands."""
SHORT = tuple(map(parse, ("posit16", "posit16(es=1)", "posit8", "posit11(es=5)", "posit13(es=3)", "posit8(es=0)", "posit3")))
LONG = tuple(map(parse, ("posit32", "posit32(es=0)", "posit27(es=3)", "posit20", "takum32", "takum16", "takum12", "takum2", "posit17(es=1)")))
OTHERS = tuple(map(parse, ("binary16", "bfloat16", "ocp_e4m3", "binary32", "tf32", "binary64", "int8", "int32", "uint16", "q8.8", "e8m0", "binary8p3se")))
FLOATS = tuple(map(parse, ("binary16", "bfloat16", "ocp_e4m3", "binary32", "tf32", "e5m2fnuz", "binary8p3se", "ue5m3", "e2m1")))
RANGE = (Overflow.POSIT, Overflow.SATURATE_FINITE, Overflow.IEEE)
BITS = (1, 4, 23, 28)


def some(f: Format, size: int, rng: random.Random) -> np.ndarray:
    """Words: ends, ones, powers of two, their neighbours, and random ones."""
    marks = [word % f.codes for k in range(f.width) for n in (1 << k, (1 << k) - 1) for word in (n, -n, n + 1)]
    draw = np.random.default_rng(rng.getrandbits(32))
    codes = draw.integers(0, f.codes, size, dtype=np.uint64)
    return np.where(draw.random(size) < 0.3, draw.choice(np.array(marks, np.uint64), size), codes).astype(dtype(f))


def bounds_of(name: str, formats: tuple[Format, ...], to: Format, modes: Sequence[Rounding], rng: random.Random) -> list[AnyBound]:
    """An operation in every mode, its random bits as many as the kernels hold."""
    how = Projection(overflow=rng.choice(RANGE), absent_nan=AbsentNaN.ZERO)
    most = word_arrays.ROOM - to.width if word_arrays.is_word(to) else word_arrays.CARRIED - 2 - significand(to)
    bits = [min(n, most) for n in rng.sample(BITS, len(BITS))]
    return in_modes(bind(find_operation(name), formats, to, how, None), bits, modes)


@pytest.mark.parametrize("kind", ["short", "long"])
@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "sqrt", "fma", "convert", "round_to_integral"])
def test_arithmetic(name: str, kind: str) -> None:
    """Posits of at most 16 bits by binary64, and longer words and takums by integers: of one format and of mixed ones."""
    rng, pool, held = random.Random(name + kind), SHORT if kind == "short" else LONG, Counter[str]()
    arity = find_operation(name).arity
    modes = DETERMINISTIC if kind == "short" else MODES
    for batch in itertools.count():
        to = rng.choice(pool)
        formats = (to,) * arity if rng.random() < 0.5 else tuple(rng.choice(pool if kind == "short" else (*SHORT, *LONG)) for _ in range(arity))
        held += hold(lambda _: {"words": by_words}, bounds_of(name, formats, to, modes, rng), tuple(some(f, BATCH, rng) for f in formats), batch, SPECIAL)
        if held["words"] >= -(-CASES // SHARES[arity]) * len(modes):
            break
    tell(f"{name}, {kind} words, in {len(modes)} modes", held)


@pytest.mark.parametrize("kind", ["from words", "to words", "floats to words"])
def test_conversions(kind: str) -> None:
    """Between words and floats or fixed point; the kernel for floats of at most 32 bits, in modes without random bits, is one of its own."""
    rng, held = random.Random(kind), Counter[str]()
    direct = kind == "floats to words"
    modes = DETERMINISTIC if direct else MODES
    for batch in itertools.count():
        f, g = rng.choice((*SHORT, *LONG)), rng.choice(FLOATS if direct else OTHERS)
        formats, to = ((f,), g) if kind == "from words" else ((g,), f)
        bounds = bounds_of("convert", formats, to, modes, rng)
        if kind == "to words":  # where subnormal operands are flushed, floats have this kernel too
            flush = rng.choice([Subnormals.SIGNED_ZERO, Subnormals.POSITIVE_ZERO]) if isinstance(g, Float) else Subnormals.KEEP
            bounds = [bind(b.op, b.formats, b.to, replace(b.how, operands=flush), b.dialect) for b in bounds]
        assert direct == word_arrays.is_direct(formats[0], to, bounds[0].how)
        held += hold(lambda _: {"words": by_words}, bounds, (some(formats[0], BATCH, rng),), batch, SPECIAL)
        if held["words"] >= CASES * len(modes):
            break
    tell(f"convert, {kind}, in {len(modes)} modes", held)
