"""Libraries that round one Python float at a time: what the adapters of fpy2 and titanfp share, which name rounding modes alike."""

from collections.abc import Callable
from typing import Any

import numpy as np

from conformance.claims import Claim, Shapes
from conformance.emulators.calls import Call, each
from conformance.emulators.held import Arrays
from formats.family import Format
from formats.notation import parse
from formats.projection import DEFAULT, Projection
from refmath.rounding import Rounding

MOST = 20000
"""Conversions that are tried of each claim: each costs such a library from 10 to 50 us."""
MODES = {
    "RNE": Rounding.NEAREST_EVEN,
    "RNA": Rounding.NEAREST_AWAY,
    "RTP": Rounding.TOWARD_POSITIVE,
    "RTN": Rounding.TOWARD_NEGATIVE,
    "RTZ": Rounding.TOWARD_ZERO,
    "RAZ": Rounding.AWAY_FROM_ZERO,
}
SOURCE = parse("binary64")
CODED = 2000
"""Codes of each format that are encoded and decoded."""
FLOATS, CODES = Arrays("numpy", "float64"), Arrays("numpy", "codes")


def conversion(emulator: str, target: Format, how: Projection, words: str, variant: str, function: Callable[..., float], **more: Any) -> Call:
    """The call of a conversion of binary64, or of ``source``; ``more``: what else the claim says."""
    claim = Claim(emulator, "convert", (more.pop("source", SOURCE),), target, how, words, variant, shapes=Shapes.ONE, tries=MOST, **more)
    return Call(claim, each(function), FLOATS)


def decoding(emulator: str, fmt: Format, words: str, function: Callable[[int], float]) -> Call:
    """The call that makes a number of the code of a format."""
    claim = Claim(emulator, "convert", (fmt,), SOURCE, DEFAULT, words, "decode", shapes=Shapes.ONE, tries=CODED)
    return Call(claim, each(function), CODES, FLOATS)


def encoding(emulator: str, fmt: Format, words: str, function: Callable[[float], int], **more: Any) -> Call:
    """The call that makes a code of a number of the format; ``more``: what else the claim says."""
    claim = Claim(emulator, "convert", (fmt,), fmt, DEFAULT, words, "encode", shapes=Shapes.ONE, tries=CODED, **more)
    return Call(claim, each(function, np.uint64), FLOATS, CODES)
