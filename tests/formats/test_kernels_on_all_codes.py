"""Kernels on every operand: all pairs of codes of all 8-bit formats, and all codes of 16-bit formats, in every mode, against the reference; samples unless in a full run."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from every_mode import ROUNDED, AnyBound, Run, by_general, by_quick, by_words, hold, in_modes, tell
from full import stride

from formats import array_operations, word_arrays, word_order
from formats.arithmetic import bind
from formats.array_layout import dtype, has_engine
from formats.array_plan import NUMBERS
from formats.array_quick import is_quick
from formats.catalogue import CATALOGUE
from formats.family import Format
from formats.notation import parse
from formats.operations import find_operation
from formats.posit import Posit
from formats.projection import AbsentNaN, AbsentZero
from formats.takum import Takum
from refmath.errors import RefmathError
from refmath.operations.operation import Kind, Operation

MORE = ("q4.4", "uq0.8", "q8.-2", "int8(symmetric=yes)", "posit8(es=0)", "e0m7", "e7m0(subnormals=no)")
EIGHT = [named.format for named in CATALOGUE if named.format.width == 8 and (has_engine(named.format) or isinstance(named.format, Posit | Takum))]
EIGHT += [parse(text) for text in MORE]
"""All formats of 8 bits that have kernels: floats, integers and fixed point, posits and takums."""
SIXTEEN = [parse(text) for text in ("binary16", "bfloat16", "arm_half", "e3m12", "e6m9(specials=fnuz)", "binary16p9se", "binary16p12uf", "int16", "uint16", "q8.8",
                                    "posit16", "posit16(es=1)", "takum16")]  # fmt: skip
TARGETS = tuple(map(parse, ("binary32", "ocp_e4m3", "int8", "posit8")))
EXPONENT = parse("int8")


def kernels(bound: AnyBound) -> dict[str, Run]:
    """The kernels that take an operation."""
    found: dict[str, Run] = {}
    if not array_operations.why_not(bound):
        found["general"] = by_general
        if bound.to is not None and is_quick(bound):
            found["quick"] = by_quick
    elif not word_arrays.why_not(bound):
        found["words"] = by_words
    return found


def named(arity: int) -> list[str]:
    """The operations on so many operands of one format that have kernels."""
    return [name for name in (*NUMBERS, *word_order.FUNCTIONS) if find_operation(name).arity == arity]


def bound_of(name: str, f: Format, to: Format) -> AnyBound:
    """An operation on a format, with codes for everything."""
    op = find_operation(name)
    formats = tuple(EXPONENT if isinstance(op, Operation) and at in op.integers else f for at in range(op.arity))
    how = replace(to.default, absent_nan=AbsentNaN.GREATEST, absent_zero=AbsentZero.LEAST)
    return bind(op, formats, to if op.kind is Kind.NUMBER else None, how, None)


def exhaust(bounds: Sequence[AnyBound], step: int, seed: int) -> Counter[str]:
    """Every ``step``-th combination of operand codes of bounds that differ in mode alone: how many results of each kernel were compared."""
    formats = [f for f in bounds[0].formats if f is not None]
    grid = np.meshgrid(*[np.arange(f.codes, dtype=np.uint64).astype(dtype(f)) for f in formats], indexing="ij")
    codes = tuple(np.ascontiguousarray(side.reshape(-1)[seed % step :: step]) for side in grid)
    held = hold(kernels, bounds, codes, seed)
    assert all(number % len(codes[0]) == 0 for number in held.values())
    return held


@pytest.mark.parametrize("f", EIGHT, ids=lambda f: f.name)
def test_arithmetic_on_all_pairs_of_eight_bits(f: Format) -> None:
    """+ - * / and scaleb of all 65,536 pairs, in every mode."""
    held = Counter[str]()
    for i, name in enumerate(sorted(set(named(2)) & set(ROUNDED))):
        bound = bound_of(name, f, f)
        held += exhaust(in_modes(bound, (1, 2, 3)), stride(1999), i)
    tell(f"arithmetic on all pairs of {f.name}", held)


@pytest.mark.parametrize("f", EIGHT, ids=lambda f: f.name)
def test_order_of_all_pairs_of_eight_bits(f: Format) -> None:
    """Comparisons, minima and maxima in every version, and what else has two operands and no rounding: all 65,536 pairs."""
    held = Counter[str]()
    for i, name in enumerate(sorted(set(named(2)) - set(ROUNDED))):
        held += exhaust([bound_of(name, f, f)], stride(1999), i)
    tell(f"order of all pairs of {f.name}", held)


@pytest.mark.parametrize("f", SIXTEEN, ids=lambda f: f.name)
def test_all_codes_of_sixteen_bits(f: Format) -> None:
    """Every operation on one operand, rounded into the format itself and, as conversions are, into others, in every mode: all 65,536 codes."""
    held = Counter[str]()
    for i, name in enumerate(sorted(set(named(1)))):
        for to in (f, *TARGETS) if name == "convert" else (EXPONENT,) if name.startswith("to_integer") else (f,):
            try:
                bound = bound_of(name, f, to)
            except RefmathError:  # operations of other dialects
                continue
            held += exhaust(in_modes(bound, (1, 2, 3)) if name in ROUNDED else [bound], stride(1499), i)
    tell(f"all codes of {f.name}", held)
