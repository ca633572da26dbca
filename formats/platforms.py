"""What processors choose where IEEE 754 leaves a choice: NaN results, when tininess is detected, and integer results of invalid conversions.

Sources: RISC-V unprivileged specification, chapter F; Intel SDM volume 1, chapters 4.8 and 11.5 (SSE) and AVX-512 for unsigned integers; Arm ARM, FPProcessNaNs and
FPToFixed; the specializations of Berkeley SoftFloat 3.
"""

from dataclasses import replace
from enum import Enum

from formats.family import Format
from formats.projection import AbsentNaN, NaNs, Projection
from refmath.errors import RefmathError, quote
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Tininess


class Platform(Enum):
    """A processor architecture; the value is the canonical name."""

    RISCV = "riscv"
    """Canonical NaNs, tininess after rounding; integers saturate, a NaN becomes the greatest."""
    X86 = "x86"
    """SSE: the first operand's NaN, default NaN negative, tininess after rounding; an invalid integer is the least signed or the greatest unsigned one."""
    ARM = "arm"
    """FPCR.DN = 0: signalling NaNs first, tininess before rounding; integers saturate, a NaN becomes 0."""


def parse_platform(text: str) -> Platform:
    """The platform that ``text`` names."""
    name = text.strip().lower().replace("-", "").replace("_", "")
    for platform in Platform:
        if name in (platform.value, {"x86": "sse", "arm": "aarch64", "riscv": "rv"}[platform.value]):
            return platform
    raise RefmathError(f"{quote(text)} is not a platform; use one of {', '.join(platform.value for platform in Platform)}.")


def projection(platform: Platform, to: Format, rounding: Rounding = Rounding.NEAREST_EVEN) -> Projection:
    """How a platform delivers results in a format, floating or integer."""
    how = replace(to.default, rounding=rounding, nans=NaNs(platform.value), tininess=Tininess.BEFORE if platform is Platform.ARM else Tininess.AFTER)
    if to.has_nan or to.has_infinity:
        return how
    match platform:
        case Platform.RISCV:
            return replace(how, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.GREATEST)
        case Platform.X86:
            return replace(how, overflow=Overflow.TO_NAN, absent_nan=AbsentNaN.LOWEST if to.signed else AbsentNaN.GREATEST)
        case Platform.ARM:
            return replace(how, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
