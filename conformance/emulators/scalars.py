"""Libraries that round one Python float at a time: what the adapters of fpy2 and titanfp share, which name rounding modes alike."""

from collections.abc import Callable
from typing import Any

from conformance.claims import Claim, Shapes
from conformance.emulators.calls import Call, each
from conformance.emulators.held import Arrays
from formats.family import Format
from formats.notation import parse
from formats.projection import Projection
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


def conversion(emulator: str, target: Format, how: Projection, words: str, variant: str, function: Callable[..., float], **more: Any) -> Call:
    """The call of a conversion of floats; ``more``: what else the claim says."""
    claim = Claim(emulator, "convert", (SOURCE,), target, how, words, variant, shapes=Shapes.ONE, tries=MOST, **more)
    return Call(claim, each(function), Arrays("numpy", "float64"))
