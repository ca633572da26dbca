"""How posits are known to become integers wrongly: defects of the last step of a conversion, where small integers are told by thresholds of words and large ones by shifts."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from formats.arrays import Codes
from formats.family import Format
from formats.fixed import Fixed
from formats.posit import Posit
from formats.projection import Projection
from refmath.reals import power_of_two

WORDS_OF = (8, 16, 32)
"""Bits of the words that programs shift."""


def applies(source: Format, target: Format) -> bool:
    """Whether a conversion is one of posits into signed integers."""
    return isinstance(source, Posit) and isinstance(target, Fixed) and target.signed and target.fraction_bits == 0 and not target.symmetric


def suites(source: Posit, target: Fixed) -> list[tuple[str, ...]]:
    """The names of defects that go together."""
    named = options(source, target)
    words: list[tuple[str, ...]] = [(name,) for name in named if name.startswith("leaves")]
    return [(small, *word, "opposite_limit") for small in ("three_becomes_two", "one_below_five_halves") for word in words or [()]]


def options(source: Posit, target: Fixed) -> dict[str, str]:
    """The defects that may show, in words, by their names in ``QUIRKS``."""
    found = {
        "three_becomes_two": "3 becomes 2",
        "one_below_five_halves": "from 2 to 5/2 numbers become 1, and 3 becomes 2",
        "opposite_limit": "what overflows below becomes the opposite of the greatest value",
    }
    for word in WORDS_OF:
        if source.width <= word and (k := word - 1 - source.es) < target.width - 2 and source.value(source.greatest()) >= power_of_two(k):
            found[f"leaves_{word}"] = f"from 2^{k} to 2^{target.width - 2} numbers become 0: the unit has left a word of {word} bits"
    return found


def _between(codes: Codes, source: Posit, low: mpq, high: mpq, with_high: bool = False) -> NDArray[np.bool_]:
    """Which magnitudes lie from ``low`` on and below ``high``."""
    n = source.width
    sizes = np.where(codes >> codes.dtype.type(n - 1) != 0, (-codes.astype(np.int64)) & ((1 << n) - 1), codes.astype(np.int64))
    real = sizes != 1 << (n - 1)
    return np.asarray(real & (sizes >= _first(source, low, False)) & (sizes < _first(source, high, with_high)))


def _first(source: Posit, x: mpq, beyond: bool) -> int:
    """The least code of a number that is not less than x, or that is greater."""
    code, exact = source.code_below(x)
    return code + (beyond or not exact)


def _small(low: mpq, high: mpq, with_high: bool, size: int, step: Callable[..., Codes], codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """What lies between becomes an integer of its sign."""
    out = step(codes, source, target, how)
    if not isinstance(source, Posit):
        return out
    negative = codes >> codes.dtype.type(source.width - 1) != 0
    given = np.where(negative, out.dtype.type(target.encode(mpq(-size))), out.dtype.type(target.encode(mpq(size))))
    return np.where(_between(codes, source, low, high, with_high), given, out)


def _below_five_halves(step: Callable[..., Codes], codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    one = partial(_small, mpq(2), mpq(5, 2), False, 1, step)
    return _small(mpq(3), mpq(3), True, 2, one, codes, source, target, how)


def _opposite_limit(step: Callable[..., Codes], codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    """Numbers below the range, and the lowest value itself, become the opposite of the greatest."""
    out = step(codes, source, target, how)
    assert isinstance(target, Fixed)
    other = step(codes, source, replace(target, symmetric=True), how)
    lowest = out == out.dtype.type(target.limit(True))
    real = codes != codes.dtype.type(1 << (source.width - 1))
    return np.where(lowest & real, other, out)


def _leaves(word: int, step: Callable[..., Codes], codes: Codes, source: Format, target: Format, how: Projection) -> Codes:
    out = step(codes, source, target, how)
    if not isinstance(source, Posit):
        return out
    return np.where(_between(codes, source, power_of_two(word - 1 - source.es), power_of_two(target.width - 2)), out.dtype.type(target.zero()), out)


QUIRKS: dict[str, Callable[..., Codes]] = {
    "three_becomes_two": partial(_small, mpq(3), mpq(3), True, 2),
    "one_below_five_halves": _below_five_halves,
    "opposite_limit": _opposite_limit,
    **{f"leaves_{word}": partial(_leaves, word) for word in WORDS_OF},
}
