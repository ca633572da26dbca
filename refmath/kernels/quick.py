"""Arithmetic on binary64 as the carrier: kernels without branches, which compilers turn into vector instructions.

An operand becomes the binary64 number that it is. A product of significands of 26 bits is exact there; of a sum, a quotient or a root the processor gives the nearest
number, and what it lost is known exactly: from two additions more, or from a remainder. Where something was lost, the odd one of the two neighbours is taken. Rounding to
odd never hides a tie, so that the one rounding that counts, into the format of the result, comes out right in every mode. The mode is a table of 16 bits, made by the
reference: whether the kept code goes up, by sign, last bit, guard bit and sticky bit.

Flags are not computed where None stands for their array.
Infinities, NaNs and the signs of zeros are the processor's own, where both standards agree with it; flags are read off operands and result.
Source: S. Boldo and G. Melquiond, Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd (2008).
"""

from typing import NamedTuple

import numpy as np

from refmath.kernels.compiling import inline, kernel
from refmath.kernels.scalar import DIVIDE_BY_ZERO, INEXACT, INVALID, OVERFLOW, UNDERFLOW

U, F = np.uint64, np.float64
I = np.int64  # noqa: E741
NONE, ONE = U(0), U(1)
MAGNITUDE = U(0x7FFFFFFFFFFFFFFF)
SIGN = U(0x8000000000000000)
TRAILING = U(0x000FFFFFFFFFFFFF)
LEADING = U(0x0010000000000000)
INFINITY = U(0x7FF0000000000000)
ALL = U(0xFFFFFFFFFFFFFFFF)
QUOTIENT = U(0xFFFFFFFFFE000000)
"""27 leading bits of a quotient: their product with a divisor of 25 bits is exact, and no other quotient is as near to them as half a unit of binary64."""
ROOT = U(0xFFFFFFFFF0000000)
"""25 leading bits of a root, likewise."""


class Unpacking(NamedTuple):
    """How a code of a float becomes a binary64 number."""

    sign: np.uint64
    """The sign bit; 0 in a format without one."""
    sign_shift: np.uint64
    magnitude: np.uint64
    shift: np.uint64
    """From the format's trailing significand to that of binary64."""
    rebias: np.uint64
    least_normal: np.uint64
    step: float
    """The least subnormal value; 0 where subnormal operands count as zero."""
    infinity: np.uint64
    """Its magnitude code; where there is none, one that no code has."""
    greatest: np.uint64
    """The greatest magnitude code that is no NaN."""
    nan: np.uint64
    """The one code that is NaN in the place of a negative zero."""
    quiet: np.uint64
    """A NaN without any of these bits signals."""


class Packing(NamedTuple):
    """How a binary64 number becomes a code: layout, mode and policies."""

    least_exponent: int
    """Biased exponent of the least binade of full precision."""
    trailing: int
    up: np.uint64
    """Bit 8 s + 4 l + 2 g + t: whether a kept code goes up, by sign, last bit, guard bit and sticky bit."""
    greatest: np.uint64
    greatest_negative: np.uint64
    sign: np.uint64
    """The sign bit; 0 in a format without one."""
    overflow: np.uint64
    overflow_negative: np.uint64
    infinite: np.uint64
    infinite_negative: np.uint64
    infinite_flags: np.uint64
    infinite_negative_flags: np.uint64
    nan: np.uint64
    nan_flags: np.uint64
    zeros: np.uint64
    """What a zero keeps of its bits: its sign, or nothing."""
    zero_sum: np.uint64
    """The sign bit of a sum of numbers that cancel."""
    ieee: np.uint64
    """All ones where operations raise flags of their own, else 0."""
    pole: float
    """What a division by zero gives: infinity, or NaN."""
    tiny_after: bool
    """Whether underflow looks at results after rounding."""
    ones: np.uint64
    """A significand of ones throughout."""


class FixedPacking(NamedTuple):
    """How a binary64 number becomes a code of fixed point of at most 32 bits."""

    unit: int
    """Biased exponent of the step."""
    up: np.uint64
    greatest: np.uint64
    greatest_negative: np.uint64
    mask: np.uint64
    overflow: np.uint64
    overflow_negative: np.uint64
    infinite: np.uint64
    infinite_negative: np.uint64
    nan: np.uint64
    ieee: np.uint64


@inline
def as_float(bits: np.uint64) -> float:
    """The binary64 number with those bits."""
    return np.uint64(bits).view(np.float64)


@inline
def as_bits(x: float) -> np.uint64:
    """The bits of a binary64 number."""
    return np.float64(x).view(np.uint64)


@inline
def unpack(code: np.uint64, f: Unpacking) -> float:
    """The binary64 number that a code is."""
    rest = code & f.magnitude
    x = as_float((rest << f.shift) + f.rebias)
    x = x if rest >= f.least_normal else F(I(rest)) * f.step
    x = np.inf if rest == f.infinity else x
    x = np.nan if (rest > f.greatest) | (code == f.nan) else x
    return as_float(as_bits(x) | ((code & f.sign) << f.sign_shift))


@inline
def signals(code: np.uint64, x: float, f: Unpacking) -> bool:
    """Whether a code is of a signalling NaN."""
    return (x != x) & (code & f.quiet == NONE)


@inline
def goes_up(c: Packing | FixedPacking, negative: np.uint64, last_two: np.uint64, sticky: bool) -> np.uint64:
    """1 where the kept code becomes its successor; ``last_two``: its last bit and the guard bit."""
    return (c.up >> ((negative << U(3)) | (last_two << ONE) | U(sticky))) & ONE


@inline
def pack(bits: np.uint64, c: Packing) -> tuple[np.uint64, np.uint64]:
    """The code and flags of a binary64 number that was rounded to odd."""
    negative, rest = bits >> U(63), bits & MAGNITUDE
    e = I(rest >> U(52))
    sig = (rest & TRAILING) | (LEADING if rest >= LEADING else NONE)
    above = e - c.least_exponent
    cut = U(min(max(-above, I(0)) + (51 - c.trailing), I(62)))
    most = sig >> cut
    sticky = most << cut != sig
    code = (U(max(above, I(0))) << U(c.trailing)) + (most >> ONE) + goes_up(c, negative, most & U(3), sticky)
    inexact = sticky | (most & ONE != NONE)
    # With an exponent range without end, a value of the binade below the least normal one may still round up to it: of ones throughout, its last bit is one.
    w = U(51 - c.trailing)
    whole = sig >> w
    grown = (whole >> ONE == c.ones) & (goes_up(c, negative, whole & U(3), whole << w != sig) != NONE) & (above == -1)
    flags = (U(INEXACT | UNDERFLOW) if (above < 0) & ~(grown & c.tiny_after) else U(INEXACT)) if inexact else NONE
    minus = negative != NONE
    beyond, finite, nan = code > (c.greatest_negative if minus else c.greatest), rest < INFINITY, rest > INFINITY
    out = (c.infinite_negative if minus else c.infinite) if ~finite else (c.overflow_negative if minus else c.overflow)
    out = c.nan if nan else out
    raised = (c.infinite_negative_flags if minus else c.infinite_flags) if ~finite else U(OVERFLOW | INEXACT)
    raised = c.nan_flags if nan else raised
    full = (code | c.sign if minus else code) & (ALL if code != NONE else c.zeros)
    return (out if beyond else full), (raised if beyond else flags)


@inline
def pack_fixed(bits: np.uint64, c: FixedPacking) -> tuple[np.uint64, np.uint64]:
    """The code and flags of a binary64 number in fixed point; out of range and for a NaN, invalid."""
    negative, rest = bits >> U(63), bits & MAGNITUDE
    sig = (rest & TRAILING) | (LEADING if rest >= LEADING else NONE)
    cut = U(51 - min(max(I(rest >> U(52)) - c.unit, I(-11)), I(40)))
    most = sig >> cut
    sticky = most << cut != sig
    code = (most >> ONE) + goes_up(c, negative, most & U(3), sticky)
    minus = negative != NONE
    beyond, finite, nan = code > (c.greatest_negative if minus else c.greatest), rest < INFINITY, rest > INFINITY
    out = (c.infinite_negative if minus else c.infinite) if ~finite else (c.overflow_negative if minus else c.overflow)
    out = c.nan if nan else out
    full = (NONE - code if minus else code) & c.mask
    return (out if beyond else full), (U(INVALID) if beyond else U(sticky | (most & ONE != NONE)))


@inline
def odd_sum(x: float, y: float, c: Packing) -> np.uint64:
    """The bits of x + y, rounded to odd."""
    s = x + y
    t = s - x
    lost = (x - (s - t)) + (y - t)
    bits = as_bits(s)
    inexact = ((lost > 0.0) | (lost < 0.0)) & (bits & ONE == NONE)
    inward = (as_bits(lost) ^ bits) >> U(63)
    bits = bits + (ONE - (inward << ONE)) if inexact else bits
    return bits | (c.zero_sum if (bits == NONE) & ((as_bits(x) ^ as_bits(y)) >> U(63) != NONE) else NONE)


@inline
def invalid(bits: np.uint64, nan: bool, signalling: bool) -> np.uint64:
    """Invalid: a NaN of operands of which none is NaN, or a signalling operand."""
    return U(INVALID) if ((bits & MAGNITUDE > INFINITY) & ~nan) | signalling else NONE


@kernel
def add(a: np.ndarray, b: np.ndarray, fx: Unpacking, fy: Unpacking, c: Packing, opposite: np.uint64, out: np.ndarray, flags: np.ndarray | None) -> None:
    """Codes and flags of sums; of differences where ``opposite`` is the sign bit."""
    for i in range(len(a)):
        p, q = U(a[i]), U(b[i])
        x, y = unpack(p, fx), unpack(q, fy)
        bits = odd_sum(x, as_float(as_bits(y) ^ opposite), c)
        code, raised = pack(bits, c)
        out[i] = code
        if flags is not None:
            flags[i] = raised | (invalid(bits, (x != x) | (y != y), signals(p, x, fx) | signals(q, y, fy)) & c.ieee)


@kernel
def multiply(a: np.ndarray, b: np.ndarray, fx: Unpacking, fy: Unpacking, c: Packing, out: np.ndarray, flags: np.ndarray | None) -> None:
    """Codes and flags of products."""
    for i in range(len(a)):
        p, q = U(a[i]), U(b[i])
        x, y = unpack(p, fx), unpack(q, fy)
        bits = as_bits(x * y)
        code, raised = pack(bits, c)
        out[i] = code
        if flags is not None:
            flags[i] = raised | (invalid(bits, (x != x) | (y != y), signals(p, x, fx) | signals(q, y, fy)) & c.ieee)


@kernel
def divide(a: np.ndarray, b: np.ndarray, fx: Unpacking, fy: Unpacking, c: Packing, out: np.ndarray, flags: np.ndarray | None) -> None:
    """Codes and flags of quotients."""
    for i in range(len(a)):
        p, q = U(a[i]), U(b[i])
        x, y = unpack(p, fx), unpack(q, fy)
        quotient = x / y
        pole = (y == 0.0) & (x == x)
        quotient = quotient * c.pole if pole else quotient
        leading = as_bits(quotient) & QUOTIENT
        rest = x - as_float(leading) * y
        bits = as_bits(quotient) if (quotient != quotient) else leading | U((rest > 0.0) | (rest < 0.0))
        code, raised = pack(bits, c)
        nan = (x != x) | (y != y)
        divided = pole & (x != 0.0) & (x - x == 0.0)
        out[i] = code
        if flags is not None:
            flags[i] = raised | ((invalid(bits, nan, signals(p, x, fx) | signals(q, y, fy)) | (U(DIVIDE_BY_ZERO) if divided else NONE)) & c.ieee)


@kernel
def sqrt(a: np.ndarray, fx: Unpacking, c: Packing, out: np.ndarray, flags: np.ndarray | None) -> None:
    """Codes and flags of square roots."""
    for i in range(len(a)):
        p = U(a[i])
        x = unpack(p, fx)
        root = np.sqrt(x)
        leading = as_bits(root) & ROOT
        rest = x - as_float(leading) * as_float(leading)
        bits = as_bits(root) if (root != root) else leading | U((rest > 0.0) | (rest < 0.0))
        code, raised = pack(bits, c)
        out[i] = code
        if flags is not None:
            flags[i] = raised | (invalid(bits, x != x, signals(p, x, fx)) & c.ieee)


@kernel
def fma(
    a: np.ndarray, b: np.ndarray, d: np.ndarray, fx: Unpacking, fy: Unpacking, fz: Unpacking, c: Packing, out: np.ndarray, flags: np.ndarray | None
) -> None:
    """Codes and flags of x y + z, rounded once."""
    for i in range(len(a)):
        p, q, r = U(a[i]), U(b[i]), U(d[i])
        x, y, z = unpack(p, fx), unpack(q, fy), unpack(r, fz)
        bits = odd_sum(x * y, z, c)
        code, raised = pack(bits, c)
        nan = (x != x) | (y != y) | (z != z)
        out[i] = code
        if flags is not None:
            flags[i] = raised | (invalid(bits, nan, signals(p, x, fx) | signals(q, y, fy) | signals(r, z, fz)) & c.ieee)


@kernel
def convert(a: np.ndarray, fx: Unpacking, c: Packing, out: np.ndarray, flags: np.ndarray | None) -> None:
    """Codes and flags of conversions."""
    for i in range(len(a)):
        p = U(a[i])
        x = unpack(p, fx)
        code, raised = pack(as_bits(x), c)
        out[i] = code
        if flags is not None:
            flags[i] = raised | (U(INVALID) & c.ieee if signals(p, x, fx) else NONE)


@kernel
def convert_to_fixed(a: np.ndarray, fx: Unpacking, c: FixedPacking, out: np.ndarray, flags: np.ndarray | None) -> None:
    """Codes and flags of conversions into fixed point."""
    for i in range(len(a)):
        p = U(a[i])
        x = unpack(p, fx)
        code, raised = pack_fixed(as_bits(x), c)
        out[i] = code
        if flags is not None:
            flags[i] = raised | (U(INVALID) & c.ieee if signals(p, x, fx) else NONE)
