"""Dot products by aligned groups, as matrix units take them, on arrays: what ``refmath.accumulation.aligned`` does, in 64-bit integers.

A term is a signed significand, its exponent in base two, and the exponent by which it is aligned. In units of 2^(E - F) every cut term is an integer, and the sum of a group is
one; whoever calls has made sure that 64 bits hold it.
"""

from typing import NamedTuple

import numpy as np

from refmath.kernels.compiling import inline, kernel
from refmath.kernels.layout import Choices, Layout
from refmath.kernels.scalar import FINITE, INFINITE, INVALID, NAN, NONE, ONE, SIGNALLING, ZERO, U, bit_length, decode, project

I = np.int64  # noqa: E741
NOWHERE = -(1 << 40)
"""The exponent of what has none."""
UNDECIDED = 0x80
"""Stands among the flags where special data meet in one term: the reference decides."""


class Plan(NamedTuple):
    """An aligned model; 1 for true. What a model leaves out is ``NOWHERE``, or as far on the other side."""

    group: int
    presum: int
    interleave: int
    fraction: int
    keep: np.uint64
    """How a term is cut: as ``words.Rule.ups``."""
    final: np.uint64
    """How a sum is cut to ``final_fraction``, where ``cuts`` is 1."""
    cuts: int
    final_fraction: int
    final_emin: int
    zero: int
    least: int
    limit: int
    late: int
    sum_fraction: int
    c_fraction: int
    c_range: int
    flush: int
    """What becomes of subnormal operands."""
    nan: np.uint64
    """The code of the NaN that is delivered."""
    grid: int
    """The exponent of the least product where products are summed before they are scaled."""
    emin1: int
    """Least exponents of the factors, of the scales, and of the result."""
    emin2: int
    emin_scale: int
    emin: int


@inline
def cut(sig: np.uint64, negative: bool, shift: int, ups: np.uint64) -> int:
    """sig 2^-shift with its sign as an integer."""
    if shift <= 0:
        kept = sig << U(-shift)
    elif shift <= 64:
        kept = sig >> U(shift - 1) >> ONE
        fraction = sig << U(64 - shift)
        guard, below = fraction >> U(63), U(fraction << ONE != NONE)
        kept += ups >> ((kept & ONE) | (guard << ONE) | (below << U(2)) | (U(negative) << U(3))) & ONE
    else:
        kept = ups >> ((U(sig != NONE) << U(2)) | (U(negative) << U(3))) & ONE
    return -I(kept) if negative else I(kept)


@inline
def floored(n: int, shift: int) -> int:
    """floor(n 2^-shift)."""
    return n << -shift if shift <= 0 else n >> min(shift, 63)


@inline
def exponent(sig: np.uint64, exp: int, emin: int) -> int:
    """The exponent of a number by which it is aligned."""
    return max(exp + bit_length(sig) - 1, emin)


@inline
def factor(code: np.uint64, f: Layout, emin: int, flush: int) -> tuple[int, bool, np.uint64, int, int]:
    """Kind, sign, sig, exp and exponent for alignment."""
    kind, negative, sig, exp = decode(code, f, flush)
    if kind == FINITE:
        return kind, negative, sig, exp, exponent(sig, exp, emin)
    return kind, negative, NONE, I(0), I(0)


@inline
def times(x: tuple[int, bool, np.uint64, int, int], y: tuple[int, bool, np.uint64, int, int]) -> tuple[tuple[int, bool, np.uint64, int, int], int]:
    """A product of two factors, and the flags that it raises."""
    negative = x[1] != y[1]
    flags = INVALID if x[0] == SIGNALLING or y[0] == SIGNALLING else 0
    if x[0] >= NAN or y[0] >= NAN:
        return (I(NAN), negative, NONE, I(0), I(0)), flags
    if x[0] == INFINITE or y[0] == INFINITE:
        zero = x[0] == ZERO or y[0] == ZERO
        return (I(NAN) if zero else I(INFINITE), negative, NONE, I(0), I(0)), INVALID if zero else 0
    if x[0] == ZERO or y[0] == ZERO:
        return (I(ZERO), negative, NONE, I(0), I(0)), 0
    return (I(FINITE), negative, x[2] * y[2], x[3] + y[3], x[4] + y[4]), 0


@inline
def aligned(sigs: np.ndarray, exps: np.ndarray, aligns: np.ndarray, first: int, step: int, count: int, greatest: int, plan: Plan) -> tuple[int, int]:
    """The aligned sum of every ``step``-th term from ``first`` on, in units of 2^(E - F), and E, which is at least ``greatest``."""
    for i in range(first, count, step):
        greatest = max(greatest, aligns[i])
    greatest = max(greatest, plan.least)
    total = I(0)
    if greatest > NOWHERE:
        for i in range(first, count, step):
            sig = sigs[i]
            total += cut(U(abs(sig)), sig < 0, greatest - plan.fraction - exps[i], plan.keep)
    return total, greatest


@inline
def late(
    sigs: np.ndarray, exps: np.ndarray, aligns: np.ndarray, count: int, has_c: bool, c: tuple[int, bool, np.uint64, int, int], plan: Plan
) -> tuple[int, int]:
    """The sum of the parts of a group and of a late c: an integer and its exponent."""
    total, greatest = I(0), I(NOWHERE)
    parts = min(plan.interleave, count)
    for part in range(parts):
        _, e = aligned(sigs, exps, aligns, part, plan.interleave, count, NOWHERE, plan)
        greatest = max(greatest, e)
    for part in range(parts):
        found, e = aligned(sigs, exps, aligns, part, plan.interleave, count, NOWHERE, plan)
        if e > NOWHERE:
            total += floored(found, greatest - e)
    if not has_c:
        return total, greatest - plan.fraction
    e_c = c[4] if c[0] == FINITE else I(plan.zero)
    e = greatest
    greatest = max(greatest, e_c)
    if greatest == NOWHERE:
        greatest = I(0)
    total = floored(total, greatest - plan.sum_fraction - (e - plan.fraction))
    fine = max(plan.sum_fraction, plan.c_fraction)
    total <<= fine - plan.sum_fraction
    if e_c >= greatest - plan.c_range and c[0] == FINITE:
        n = -I(c[2]) if c[1] else I(c[2])
        total += floored(n, greatest - plan.c_fraction - c[3]) << (fine - plan.c_fraction)
    return total, greatest - fine


@inline
def finished(total: int, exp: int, to: Layout, choice: Choices, plan: Plan) -> tuple[np.uint64, int]:
    """The code of the sum of a group, and its flags."""
    sig, negative = U(abs(total)), total < 0
    if sig == NONE:
        return project(ZERO, False, NONE, I(0), False, to, choice, NONE)
    if plan.cuts:
        shift = max(exp + bit_length(sig) - 1, plan.final_emin) - plan.final_fraction - exp
        if shift > 0:
            sig = U(abs(cut(sig, negative, shift, plan.final)))
            exp += shift
            if sig == NONE:
                return project(ZERO, False, NONE, I(0), False, to, choice, NONE)
    return project(FINITE, negative, sig, exp, False, to, choice, NONE)


class Factors(NamedTuple):
    """The operands of dot products, in rows, and their formats."""

    xs: np.ndarray
    ys: np.ndarray
    scales1: np.ndarray
    scales2: np.ndarray
    block: int
    """So many elements share one code of ``scales1`` and of ``scales2``; 0 for no scales."""
    f: Layout
    g: Layout
    s: Layout


class Terms(NamedTuple):
    """The terms of a group: signed significands, their exponents, and the exponents by which they are aligned."""

    sigs: np.ndarray
    exps: np.ndarray
    aligns: np.ndarray


@inline
def term_at(row: int, i: int, given: Factors, plan: Plan) -> tuple[tuple[int, bool, np.uint64, int, int], int, int, int]:
    """The product of a pair of elements and of their scales, the exponents of the scales for alignment and as they are, and the flags."""
    term, raised = times(factor(U(given.xs[row, i]), given.f, plan.emin1, plan.flush), factor(U(given.ys[row, i]), given.g, plan.emin2, plan.flush))
    scale, scale_exp = I(0), I(0)
    if given.block:
        at = i // given.block
        for code in (given.scales1[row, at], given.scales2[row, at]):
            one = factor(U(code), given.s, plan.emin_scale, plan.flush)
            scale, scale_exp = scale + one[4], scale_exp + one[3]
            term, more = times(term, one)
            raised |= more
    if term[0] == FINITE and term[3] + bit_length(term[2]) - 1 >= plan.limit:
        term = (I(INFINITE), term[1], NONE, I(0), I(0))
    return term, scale, scale_exp, raised


@inline
def gathered(row: int, start: int, stop: int, given: Factors, terms: Terms, plan: Plan) -> tuple[int, int, int]:
    """Fills the terms of a group: how many they are; the special data among them, as bits: 1 NaN, 2 infinity, 4 its negative; the flags."""
    count, inside, special, raised = 0, 0, I(0), I(0)
    for i in range(start, stop):
        term, scale, scale_exp, more = term_at(row, i, given, plan)
        raised |= more
        special |= special_bit(term[0], term[1])
        n = -I(term[2]) if term[1] else I(term[2])
        if plan.presum == 1:
            terms.sigs[count], terms.exps[count], terms.aligns[count] = n, term[3], term[4] if term[0] == FINITE else plan.zero
            count += 1
            continue
        if inside == 0:
            terms.sigs[count], terms.exps[count] = 0, plan.grid + scale_exp
        if term[0] == FINITE:
            terms.sigs[count] += n << (term[3] - terms.exps[count])
        terms.aligns[count] = scale if terms.sigs[count] else plan.zero
        inside += 1
        if inside == plan.presum or i == stop - 1:
            count, inside = count + 1, 0
    return count, special, raised


@inline
def special_bit(kind: int, negative: bool) -> int:
    """What a datum leaves among the special data of a group."""
    return I(kind >= NAN) | (I(kind == INFINITE) << (I(2) if negative else I(1)))


@inline
def special_sum(special: int, undecided: bool, to: Layout, choice: Choices, plan: Plan) -> tuple[np.uint64, int]:
    """The code of a sum of which some terms are special, and its flags."""
    raised = I(UNDECIDED) if undecided else I(0)
    if special == 6:
        raised |= INVALID
    if special & 1 or special == 6:
        return U(plan.nan), raised
    code, more = project(INFINITE, special == 4, NONE, I(0), False, to, choice, NONE)
    return code, raised | more


@inline
def finite_sum(
    terms: Terms, count: int, has_c: bool, c: tuple[int, bool, np.uint64, int, int], to: Layout, choice: Choices, plan: Plan
) -> tuple[np.uint64, int]:
    """The code of the sum of a group and of c, and its flags."""
    if plan.late:
        total, exp = late(terms.sigs, terms.exps, terms.aligns, count, has_c, c, plan)
    else:
        e_c = (c[4] if c[0] == FINITE else I(plan.zero)) if has_c else I(NOWHERE)
        total, greatest = aligned(terms.sigs, terms.exps, terms.aligns, 0, 1, count, e_c, plan)
        exp = greatest - plan.fraction
        if has_c and c[0] == FINITE:
            total += cut(c[2], c[1], exp - c[3], plan.keep)
    return finished(total, exp, to, choice, plan)


@kernel
def dots(given: Factors, cs: np.ndarray, to: Layout, choice: Choices, plan: Plan, out: np.ndarray, flags: np.ndarray) -> None:
    """Row by row the dot product of (rows, k) codes, with an addend each where ``cs`` is not empty."""
    rows, k = given.xs.shape
    size = min(plan.group, k)
    terms = Terms(np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64))
    for row in range(rows):
        has_c = len(cs) > 0
        c = factor(U(cs[row]) if has_c else NONE, to, plan.emin, plan.flush)
        raised, code = I(INVALID) if has_c and c[0] == SIGNALLING else I(0), NONE
        for start in range(0, k, size):
            count, special, more = gathered(row, start, min(start + size, k), given, terms, plan)
            raised |= more
            undecided = plan.presum > 1 and special != 0
            special |= special_bit(c[0], c[1]) if has_c else I(0)
            code, more = special_sum(special, undecided, to, choice, plan) if special else finite_sum(terms, count, has_c, c, to, choice, plan)
            raised |= more
            has_c, c = True, factor(code, to, plan.emin, 0)
        out[row], flags[row] = code, raised
