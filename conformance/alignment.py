"""The alignment of an addition that drops what it shifts out: the defect of an adder without a sticky bit.

The operand of less magnitude loses the bits below the last place of the greater one but for a few more; then the sum is rounded as ever.
"""

import numpy as np

from conformance.claims import Codes
from formats.family import Format
from formats.floats import Float

MORE_BITS = (0, 1, 2, 3)
"""Bits that adders keep below the last place: none, guard, guard and round, one more."""


def applies(operation: str, formats: tuple[Format, ...]) -> bool:
    """Whether an operation aligns operands of one format whose fields can be cut."""
    f = formats[0]
    alike = len(formats) == 2 and formats[0] == formats[1]
    return (
        operation in ("add", "subtract") and alike and isinstance(f, Float) and f.width <= 64 and f.subnormals and f.trailing > 0 and not f.explicit_integer_bit
    )


def words(more: int) -> str:
    """The defect in words."""
    kept = f"{more} bit{'s' if more > 1 else ''} below the last place" if more else "the last place"
    return f"the sticky bit is lost: alignment keeps {kept} and drops the rest"


def cut(f: Format, a: Codes, b: Codes, more: int) -> tuple[Codes, Codes]:
    """The operands as such an adder sees them, with ``more`` bits kept below the last place of the greater one."""
    assert isinstance(f, Float)
    kind, mask = a.dtype.type, (1 << (f.width - f.signed)) - 1
    places = [np.maximum((codes & kind(mask)) >> kind(f.trailing), kind(1)).astype(np.int64) for codes in (a, b)]
    greater = np.maximum(*places)
    found = [_cut(f, codes, greater - place - more) for codes, place in zip((a, b), places, strict=True)]
    return found[0], found[1]


def _cut(f: Float, codes: Codes, bits: np.ndarray) -> Codes:
    """Codes with so many low bits of the significand cleared; a zero of the sign where none remain. What is not finite stays."""
    kind = codes.dtype.type
    drop = np.clip(bits, 0, f.trailing + 1).astype(codes.dtype)
    magnitude = codes & kind((1 << (f.width - f.signed)) - 1)
    cleared = np.where(drop > f.trailing, codes ^ magnitude, codes >> np.minimum(drop, kind(f.trailing)) << np.minimum(drop, kind(f.trailing)))
    finite = magnitude <= kind(f.greatest())
    return np.where(finite & (drop > 0), cleared, codes)
