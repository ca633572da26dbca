"""Every operation on arrays of codes of any formats under any projection: kernels that are compiled once for all of them."""

import numpy as np

from refmath.kernels.arithmetic import over, plus, plus_both, plus_product, root, special, times, times_both
from refmath.kernels.choosing import absolute, chosen, clamped, in_order, relation
from refmath.kernels.codes import (
    ABS,
    ADD,
    ANY_NAN,
    BY_MAGNITUDE,
    COMPARE,
    CONVERT,
    COPYSIGN,
    DIVIDE,
    FAA,
    FMA,
    FMM,
    ILOGB,
    IS_CANONICAL,
    IS_FINITE,
    IS_INFINITE,
    IS_NAN,
    IS_NORMAL,
    IS_ONE,
    IS_SIGN_MINUS,
    IS_SIGNALING,
    IS_SUBNORMAL,
    IS_ZERO,
    LOGB,
    MAXIMUM,
    MINIMUM,
    MULTIPLY,
    NEGATE,
    NEXT_UP,
    NUMBER_2008,
    RECIPROCAL,
    ROUND,
    ROUND_EXACT,
    SIGNALS,
    SQRT,
    SUBTRACT,
    TOTAL_ORDER_MAGNITUDE,
    UNORDERED,
    Rules,
)
from refmath.kernels.compiling import inline, kernel
from refmath.kernels.integral import exponent, integral
from refmath.kernels.layout import FIXED, TOWARD_NEGATIVE, Choices, Layout
from refmath.kernels.scalar import FINITE, INEXACT, INFINITE, INVALID, NAN, SIGNALLING, ZERO, Carrier, Result, bit_length, decode, join, mask, project

U = np.uint64
NONE, ONE = U(0), U(1)
I = np.int64  # noqa: E741


@inline
def seen(x: Carrier, ieee: bool) -> Carrier:
    """An operand without what only IEEE 754 tells apart: -0 is 0, no NaN signals or has a sign."""
    if ieee or FINITE <= x[0] < NAN:
        return x
    return I(min(x[0], NAN)), False, NONE, I(0)


@inline
def any_nan(x: Carrier, y: Carrier, z: Carrier) -> Result:
    """The result where a NaN operand wins at once."""
    return special(NAN, False, INVALID if x[0] == SIGNALLING or y[0] == SIGNALLING or z[0] == SIGNALLING else 0)


@inline
def delivered(r: Result, x: Carrier, y: Carrier, z: Carrier, rules: Rules, f: Layout, c: Choices, random: np.uint64) -> tuple[np.uint64, int]:
    """The code and flags of a result. ``x``, ``y``, ``z``: the operands as they were decoded, from which a NaN is taken."""
    kind, negative, sig, exp, sticky, flags = r
    if not rules.ieee:
        flags = I(0)
        negative = negative and kind != ZERO
    if kind >= NAN:
        kind, negative, sig = nan_operand(x, y, z, flags, rules)
    code, more = project(kind, negative, sig, exp, sticky, f, c, random)
    if rules.invalid_range and more & INVALID:
        flags &= ~INEXACT
    return code, flags | more


@inline
def nan_operand(x: Carrier, y: Carrier, z: Carrier, flags: int, rules: Rules) -> tuple[int, bool, np.uint64]:
    """The NaN of an operand, quiet, or the default one."""
    nan, signals = x[0] >= NAN or y[0] >= NAN or z[0] >= NAN, x[0] == SIGNALLING or y[0] == SIGNALLING or z[0] == SIGNALLING
    if not rules.keeps_nan or not nan or (flags & INVALID and not signals):
        return I(NAN), rules.negative_default != 0, NONE
    if rules.addend_first:
        x, y, z = z, x, y
    least = SIGNALLING if rules.signalling_first and signals else NAN
    taken = x if x[0] >= least else y if y[0] >= least else z
    return I(NAN), taken[1], taken[2]


@inline
def with_sign(x: Carrier, negative: bool, nan_code: np.uint64, f: Layout, c: Choices, rules: Rules, random: np.uint64) -> tuple[np.uint64, int]:
    """The code and flags of x with a sign: of a NaN too, which within one format keeps all else and raises nothing."""
    if x[0] < NAN:
        return delivered((x[0], negative, x[2], x[3], False, I(0)), x, x, x, rules, f, c, random)
    if not rules.acts_on_nan:
        code, flags = project(x[0], negative and rules.ieee != 0, x[2], x[3], False, f, c, random)
        return code, I(flags)
    if rules.ieee and f.quiet_bit:
        return join(negative, nan_code & mask(f.width - f.signed), f), I(0)
    return (U(f.negative_nan) if negative and rules.ieee else U(f.nan)), I(0)


@kernel
def unary(codes: np.ndarray, fx: Layout, f: Layout, c: Choices, rules: Rules, random: np.ndarray, out: np.ndarray, flags: np.ndarray) -> None:
    """Codes (uint64) of ``fx`` to result codes of ``f``, and flags; ``random`` holds R, one or one each."""
    last, op = len(random) - 1, rules.op
    for i in range(len(codes)):
        r = random[min(i, last)]
        given = decode(codes[i], fx, c.operands)
        x = seen(given, rules.ieee)
        if op in (ABS, NEGATE):
            out[i], flags[i] = with_sign(x, op == NEGATE and not x[1], codes[i], f, c, rules, r)
            continue
        if x[0] >= NAN:
            result = any_nan(x, x, x)
        elif op == SQRT:
            result = root(x)
        elif op == RECIPROCAL:
            result = over((I(FINITE), False, ONE, I(0)), x, rules.ieee)
        elif op == CONVERT:
            result = x[0], x[1], x[2], x[3], False, I(0)
        elif op in (ROUND, ROUND_EXACT):
            result = integral(x, c.mode if rules.argument < 0 else rules.argument, c.bits, r)
            if op == ROUND:
                result = result[0], result[1], result[2], result[3], False, I(0)
        elif op in (LOGB, ILOGB):
            result = exponent(x, op == ILOGB)
        else:
            result = (I(FINITE), x[1], ONE, I(0), False, I(0)) if x[0] != ZERO else special(ZERO, x[1], 0)
        out[i], flags[i] = delivered(result, given, given, given, rules, f, c, r)


@kernel
def binary(
    a: np.ndarray, b: np.ndarray, fx: Layout, fy: Layout, f: Layout, c: Choices, rules: Rules, random: np.ndarray, out: np.ndarray, flags: np.ndarray
) -> None:
    """The same of two operands."""
    last, op, toward_negative = len(random) - 1, rules.op, c.mode == TOWARD_NEGATIVE
    for i in range(len(a)):
        r = random[min(i, last)]
        given1, given2 = decode(a[i], fx, c.operands), decode(b[i], fy, c.operands)
        x, y = seen(given1, rules.ieee), seen(given2, rules.ieee)
        if op == COPYSIGN:
            if not rules.ieee and y[0] >= NAN:
                x = y
            out[i], flags[i] = with_sign(x, y[1], a[i], f, c, rules, r)
            continue
        nan = x[0] >= NAN or y[0] >= NAN
        signals = x[0] == SIGNALLING or y[0] == SIGNALLING
        if op in (MINIMUM, MAXIMUM):
            kind = rules.argument & ~BY_MAGNITUDE
            result = any_nan(x, y, y) if (nan and kind == ANY_NAN) or (signals and kind == NUMBER_2008) else chosen(x, y, op == MAXIMUM, rules.argument)
        elif nan:
            result = any_nan(x, y, y)
        elif op == ADD:
            result = plus(x, y, toward_negative)
        elif op == SUBTRACT:
            result = plus(x, (y[0], not y[1], y[2], y[3]), toward_negative)
        elif op == MULTIPLY:
            result = times(x, y)
        elif op == DIVIDE:
            result = over(x, y, rules.ieee)
        else:
            result = scaled(x, y)
        out[i], flags[i] = delivered(result, given1, given2, given2, rules, f, c, r)


@inline
def scaled(x: Carrier, n: Carrier) -> Result:
    """x 2^n for an integer n, whose magnitude counts up to 2^40."""
    if x[0] != FINITE:
        return x[0], x[1], x[2], x[3], False, I(0)
    by = I(0)
    if n[0] == FINITE:
        by = I(min(n[2], ONE << U(40)) << U(n[3])) if n[3] + bit_length(n[2]) <= 40 else I(1) << I(40)
    return x[0], x[1], x[2], x[3] + (-by if n[1] else by), False, I(0)


@kernel
def ternary(
    a: np.ndarray,
    b: np.ndarray,
    d: np.ndarray,
    fx: Layout,
    fy: Layout,
    fz: Layout,
    f: Layout,
    c: Choices,
    rules: Rules,
    random: np.ndarray,
    out: np.ndarray,
    flags: np.ndarray,
) -> None:
    """The same of three operands."""
    last, op, toward_negative = len(random) - 1, rules.op, c.mode == TOWARD_NEGATIVE
    for i in range(len(a)):
        r = random[min(i, last)]
        given1, given2, given3 = decode(a[i], fx, c.operands), decode(b[i], fy, c.operands), decode(d[i], fz, c.operands)
        x, y, z = seen(given1, rules.ieee), seen(given2, rules.ieee), seen(given3, rules.ieee)
        if x[0] >= NAN or y[0] >= NAN or z[0] >= NAN:
            result = any_nan(x, y, z)
            without = (x[0] == ZERO and y[0] == INFINITE) or (x[0] == INFINITE and y[0] == ZERO)
            if op == FMA and z[0] == NAN and without and rules.zero_times_infinity:
                result = special(NAN, False, INVALID)
        elif op == FMA:
            result = plus_product(x, y, z, toward_negative)
        elif op == FAA:
            result = plus_both(x, y, z, toward_negative)
        elif op == FMM:
            result = times_both(x, y, z)
        else:
            result = clamped(x, y, z)
        out[i], flags[i] = delivered(result, given1, given2, given3, rules, f, c, r)


@kernel
def predicates(a: np.ndarray, b: np.ndarray, fx: Layout, fy: Layout, c: Choices, rules: Rules, out: np.ndarray, flags: np.ndarray) -> None:
    """Truth values of comparisons."""
    op = rules.op
    for i in range(len(a)):
        x, y = seen(decode(a[i], fx, c.operands), rules.ieee), seen(decode(b[i], fy, c.operands), rules.ieee)
        flags[i] = 0
        if op == COMPARE:
            found = relation(x, y)
            out[i] = rules.argument & found != 0
            signals = x[0] == SIGNALLING or y[0] == SIGNALLING or (found == UNORDERED and rules.argument & SIGNALS != 0)
            flags[i] = INVALID if signals and rules.ieee else 0
        elif op == TOTAL_ORDER_MAGNITUDE:
            out[i] = in_order(absolute(x), absolute(y), fx.trailing, fy.trailing, rules.ieee)
        else:
            out[i] = in_order(x, y, fx.trailing, fy.trailing, rules.ieee)


@kernel
def classes(codes: np.ndarray, fx: Layout, c: Choices, rules: Rules, out: np.ndarray, flags: np.ndarray) -> None:
    """Truth values of one datum; normal and subnormal look at the code, whatever becomes of subnormal operands."""
    op = rules.op
    for i in range(len(codes)):
        at_code = op in (IS_NORMAL, IS_SUBNORMAL)
        x = seen(decode(codes[i], fx, 0 if at_code else c.operands), rules.ieee)
        below = codes[i] & mask(fx.width - fx.signed) < U(fx.least_normal)
        flags[i] = 0
        if op == IS_SIGN_MINUS:
            out[i] = x[1]
        elif op == IS_ZERO:
            out[i] = x[0] == ZERO
        elif op == IS_ONE:
            out[i] = x[0] == FINITE and not x[1] and bit_length(x[2]) + x[3] == 1 and x[2] & (x[2] - ONE) == NONE
        elif op == IS_FINITE:
            out[i] = x[0] <= FINITE
        elif op == IS_INFINITE:
            out[i] = x[0] == INFINITE
        elif op == IS_NAN:
            out[i] = x[0] >= NAN
        elif op == IS_SIGNALING:
            out[i] = x[0] == SIGNALLING
        elif op == IS_NORMAL:
            out[i] = x[0] == FINITE and not below
        elif op == IS_SUBNORMAL:
            out[i] = x[0] == FINITE and below
        else:
            out[i] = op == IS_CANONICAL


@kernel
def neighbours(codes: np.ndarray, f: Layout, c: Choices, rules: Rules, out: np.ndarray, flags: np.ndarray) -> None:
    """The adjacent data of floats and of fixed point, upwards or downwards."""
    up, ieee = rules.op == NEXT_UP, rules.ieee != 0
    least = U(f.has_zero)
    for i in range(len(codes)):
        kind, negative, sig, _ = decode(codes[i], f, 0)
        flags[i] = 0
        if kind >= NAN:
            out[i], _ = project(I(NAN), negative, sig, I(0), False, f, c, NONE)
            flags[i] = INVALID if kind == SIGNALLING and ieee else 0
            continue
        if kind == INFINITE:
            inward = U(f.negative_limit) if up else U(f.limit)
            out[i] = inward if negative == up else codes[i] if ieee else U(f.nan)
            continue
        place = sig if f.family == FIXED else codes[i] & mask(f.width - f.signed)
        if kind == ZERO:
            negative = not up
        outward = negative != up
        if outward:
            if place < (U(f.greatest_negative) if negative else U(f.greatest)) and not (negative and not f.signed):
                out[i] = join(negative, place + ONE, f)
                continue
        elif place > least:
            out[i] = join(negative, place - ONE, f)
            continue
        elif f.has_zero:
            out[i] = U(f.negative_zero) if up and ieee else U(f.zero)
            continue
        elif f.signed:
            out[i] = join(not negative, least, f)
            continue
        if f.has_infinity and (up or f.signed):
            out[i] = U(f.infinity) if up else U(f.negative_infinity)
        elif ieee:
            out[i], _ = project(I(INFINITE), not up, NONE, I(0), False, f, c, NONE)
        else:
            out[i] = U(f.nan)
