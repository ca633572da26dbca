"""Code and flags alone, which binary and logarithmic formats deliver sooner, are those of the whole result: every operand of small formats, and many of wide ones."""

import random
from dataclasses import replace
from itertools import product

import pytest

from formats.arithmetic import Bound, operation
from formats.notation import parse
from formats.projection import AbsentNaN, AbsentZero, Negatives, Projection
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding
from refmath.underflow import Subnormals, Tininess

SMALL = ("e2m2", "e3m1", "e2m1", "e2m2(specials=fn)", "e2m2(specials=fnuz)", "ue3m2", "e2m2(subnormals=no)", "e2m2(subnormals=no, zero=no)", "binary5p3se",
         "binary5p3uf", "posit5", "posit5(es=0)", "takum5", "q2.3", "uq2.3", "int5", "takum_log5", "takum_log7", "lns3.2", "lns1.3", "lns4.0")  # fmt: skip
WIDE = ("binary128", "binary64", "x87_extended", "e19m40", "posit64", "takum64", "int128", "q40.60", "takum_log32", "takum_log64", "lns8.23", "lns12.51")
BINARY = ("add", "subtract", "multiply", "divide", "remainder", "fmod", "hypot")
UNARY = ("sqrt", "convert", "reciprocal", "rsqrt")
TERNARY = ("fma", "faa", "fmm")


def whole(bound: Bound, codes: tuple[int, ...], drawn: int) -> tuple[int, int] | str:
    """The result, or the error."""
    try:
        result = bound(*codes, random=drawn)
    except RefmathError as error:
        return str(error)
    return result.code, int(result.flags)


def alone(bound: Bound, codes: tuple[int, ...], drawn: int) -> tuple[int, int] | str:
    """The same, code and flags alone."""
    try:
        return bound.delivered(codes, drawn)
    except RefmathError as error:
        return str(error)


def projections(width: int) -> list[Projection]:
    """Projections of every kind; one beside another for each format, so that all of them are met."""
    plain = Projection(absent_nan=AbsentNaN.GREATEST, absent_zero=AbsentZero.LEAST, negatives=Negatives.MAGNITUDE)
    modes = [replace(plain, rounding=mode) for mode in DETERMINISTIC]
    policies = [replace(plain, overflow=overflow) for overflow in Overflow]
    others = [
        replace(plain, tininess=Tininess.BEFORE), replace(plain, results=Subnormals.SIGNED_ZERO), replace(plain, operands=Subnormals.POSITIVE_ZERO),
        replace(plain, rounding=Rounding.STOCHASTIC_A, bits=3), replace(plain, rounding=Rounding.STOCHASTIC_C, bits=5), replace(plain, negatives=Negatives.OVERFLOW),
    ]  # fmt: skip
    return [*modes, *policies, *others]


@pytest.mark.parametrize("name", SMALL)
def test_small_formats_on_all_operands(name: str) -> None:
    """Every pair of codes, each operation under a projection in turn."""
    f = parse(name)
    ways = projections(f.width)
    for at, how in enumerate(ways):
        op = (*BINARY, *UNARY)[at % (len(BINARY) + len(UNARY))]
        bound = operation(op, f, projection=how)
        assert isinstance(bound, Bound)
        drawn = 5 if how.bits else 0
        for codes in product(range(f.codes), repeat=1 if op in UNARY else 2):
            assert alone(bound, codes, drawn) == whole(bound, codes, drawn), (op, how, codes)


@pytest.mark.parametrize("name", WIDE)
def test_wide_formats(name: str) -> None:
    """Codes of every kind, alike and near each other too, all operations, into the same format and others."""
    f = parse(name)
    draws = random.Random(name)
    special = [0, 1, f.codes - 1, f.codes >> 1, (f.codes >> 1) - 1, f.limit(), f.limit(True)]
    for op in (*BINARY, *UNARY, *TERNARY):
        arity = 1 if op in UNARY else 3 if op in TERNARY else 2
        for to in (f, parse("binary32"), parse("int24"), parse("takum_log20"), parse("lns8.11")):
            how = draws.choice(projections(to.width))
            try:
                bound = operation(op, f, to=to, projection=how)
            except RefmathError:  # formats of two standards
                continue
            assert isinstance(bound, Bound)
            for _ in range(60):
                first = draws.randrange(f.codes)
                codes = tuple(draws.choice((first, first ^ draws.getrandbits(3), draws.randrange(f.codes), draws.choice(special))) for _ in range(arity))
                drawn = draws.getrandbits(how.bits) if how.bits else 0
                assert alone(bound, codes, drawn) == whole(bound, codes, drawn), (op, to.name, how, codes)
