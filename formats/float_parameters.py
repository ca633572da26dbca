"""The parameters of a float: where its special codes lie, what IEEE 754 prescribes by width, and what no format can have."""

from enum import Enum
from typing import TYPE_CHECKING

from refmath.errors import RefmathError

if TYPE_CHECKING:
    from formats.floats import Float

MAX_EXPONENT_BITS = 30
MAX_WIDTH = 1 << 20
REVISIONS = ("4.0", "4.0.3")
"""The drafts of P3109 that are told apart."""
NEWEST_REVISION = "4.0.3"


class Specials(Enum):
    """Where infinities and NaNs live; the value is the word in the notation."""

    IEEE = "ieee"
    """All-ones exponent: infinity at T = 0, NaN elsewhere (IEEE 754-2019 clause 3.4)."""
    FN = "fn"
    """No infinity; NaN is all ones in exponent and trailing significand (OCP E4M3, E8M0)."""
    FNUZ = "fnuz"
    """No infinity, no negative zero; NaN takes the code of the negative zero."""
    NONE = "none"
    """Finite numbers only."""
    RESERVED = "reserved"
    """All-ones exponent: NaN throughout, no infinity (UE5M3)."""
    P3109_EXTENDED = "p3109e"
    """P3109 extended: infinities at the greatest magnitude codes; NaN at the negative zero, or at the greatest code if unsigned."""
    P3109_FINITE = "p3109f"
    """P3109 finite: NaN at the negative zero, or at the greatest code if unsigned."""


def check_parameters(f: "Float") -> None:
    """``RefmathError`` for parameters that no format can have."""
    w, m = f.exponent_bits, f.precision - 1
    if f.precision < 1:
        raise RefmathError(f"{f.name}: precision {f.precision} is impossible; a significand has at least 1 bit.")
    if w < 0 or (w == 0 and not f.subnormals):
        raise RefmathError(f"{f.name}: {w} exponent bits without subnormal numbers leave no values; give at least 1.")
    if w > MAX_EXPONENT_BITS:
        raise RefmathError(f"{f.name}: {w} exponent bits are beyond what can be computed; the limit is {MAX_EXPONENT_BITS}.")
    if f.signed + w + m > MAX_WIDTH:
        raise RefmathError(f"{f.name}: {f.signed + w + m:,} bits are beyond what can be computed; the limit is {MAX_WIDTH:,}.")
    if abs(f.bias) > 1 << MAX_EXPONENT_BITS:
        raise RefmathError(f"{f.name}: the bias {f.bias} is beyond what can be computed; the limit is 2^{MAX_EXPONENT_BITS}.")
    if w + m < 1:
        raise RefmathError(f"{f.name}: no bits are left for a magnitude; give exponent or significand bits.")
    if f.subnormals and not f.has_zero:
        raise RefmathError(f"{f.name}: subnormal numbers include zero; drop zero=no, or add subnormals=no.")
    if f.specials is Specials.IEEE and (m < 1 or w < 1):
        raise RefmathError(
            f"{f.name}: IEEE specials need an exponent field and at least 1 trailing significand bit to tell infinity from NaN; use specials=fn or none."
        )
    if f.specials is Specials.RESERVED and w < 1:
        raise RefmathError(f"{f.name}: reserving the greatest exponent needs an exponent field; use specials=fn or none.")
    if f.specials is Specials.FNUZ and not (f.signed and f.has_zero):
        raise RefmathError(f"{f.name}: fnuz puts NaN at the negative zero, so it needs a sign and a zero; use specials=fn or none.")
    if f.specials in (Specials.P3109_EXTENDED, Specials.P3109_FINITE) and not f.has_zero:
        raise RefmathError(f"{f.name}: the P3109 layouts have a zero; drop zero=no or use specials=fn or none.")
    if f.revision and (f.revision not in REVISIONS or f.specials not in (Specials.P3109_EXTENDED, Specials.P3109_FINITE)):
        raise RefmathError(f"{f.name}: the revision {f.revision!r} is impossible; the P3109 layouts have the revisions {', '.join(REVISIONS)}.")
    if f.explicit_integer_bit and (f.specials is not Specials.IEEE or not f.subnormals):
        raise RefmathError(f"{f.name}: an explicit integer bit goes with IEEE specials and subnormal numbers only.")
    if f.explicit_integer_bit and w < 2:
        raise RefmathError(f"{f.name}: an explicit integer bit needs normal numbers; give at least 2 exponent bits, not {w}.")
    if f.finite_codes() <= (1 if f.has_zero else 0):
        raise RefmathError(f"{f.name}: no code is left for a nonzero number; give it more bits or specials=none.")


def default_bias(exponent_bits: int) -> int:
    """The bias of IEEE 754: 2^(w - 1) - 1; 0 without an exponent field."""
    return (1 << (exponent_bits - 1)) - 1 if exponent_bits else 0


def default_specials(exponent_bits: int, trailing: int) -> Specials:
    """IEEE specials wherever they fit, else none."""
    return Specials.IEEE if exponent_bits and trailing else Specials.NONE


def is_ieee_width(k: int) -> bool:
    """Whether IEEE 754 defines an interchange format of k bits."""
    return k in (16, 32, 64) or (k >= 128 and k % 32 == 0)


def ieee_exponent_bits(k: int) -> int:
    """The exponent bits of binary{k}: round(4 log2(k)) - 13 from 64 bits on; that n is the greatest with 2^(2n - 1) <= k^8."""
    return {16: 5, 32: 8}.get(k) or (k**8).bit_length() // 2 - 13
