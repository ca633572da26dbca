"""The tables that TestFloat takes its operands from, for any format.

A float is an exponent field beside a trailing significand of m bits. With p its precision and exponents e that have a field in the format:

    inputs      the field of zero and subnormal numbers, the least normal one, e = -p, -2, -1, 0, 1, 2, p, the greatest finite field, the field of all ones
    outputs     the same, and the neighbours of the least and the greatest exponent, e = -4 .. 4, and where integers and narrower formats end:
                e = 29 .. 32, 61 .. 64, -129 .. -126, 127 .. 129, -1025 .. -1022, 1023 .. 1025
    P1          {0, 1, all ones, all ones - 1}
    P2          {0, single ones, leading runs of ones, walking zeros, trailing runs of ones}: 4 m - 4 of them

For every other family the whole code, w bits, is a word: P1 is the P2 of w bits, and P2 the sums of two of those. Runs of ones and zeros are the regimes of posits.

Source: the construction of Berkeley TestFloat 3e. Where two of its fields coincide, as in small formats, they count once. Its single-precision inputs have the
exponent 126 where a negative number should have 127, and its quadruple P2 lacks one entry; both are regular here.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from conformance.claims import Codes
from formats.arrays import dtype
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float

LANDMARKS = (*range(-4, 5), *range(29, 33), *range(61, 65), *range(-129, -125), *range(127, 130), *range(-1025, -1021), *range(1023, 1026))
"""Exponents among the outputs of every format that has them."""
LEAST_WEIGHTED_BITS = 3
"""The narrowest range of exponent fields that the weighted distribution has, in bits."""


def patterns(bits: int) -> list[int]:
    """Zero, single ones, leading runs of ones, walking zeros, trailing runs of ones; each number once."""
    ones = (1 << bits) - 1
    single = [1 << k for k in range(bits)]
    leading = [ones ^ ((1 << k) - 1) for k in range(bits - 2, -1, -1)]
    walking = [ones ^ (1 << k) for k in range(1, bits)]
    trailing = [(1 << k) - 1 for k in range(bits - 2, 1, -1)]
    return list(dict.fromkeys([0, *single, *leading, *walking, *trailing]))


def ends(bits: int) -> list[int]:
    """0, 1, all ones, all ones - 1; each once."""
    ones = (1 << bits) - 1
    return list(dict.fromkeys(x for x in (0, 1, ones, ones - 1) if 0 <= x <= ones))


def fields(f: Float, exponents: tuple[int, ...], margin: int) -> list[int]:
    """Exponent fields, ascending: the ends of the range, ``margin`` neighbours of them inwards, and those of exponents that the format has."""
    last = (1 << f.exponent_bits) - 1
    greatest = f.greatest() >> f.trailing
    first = int(f.subnormals)
    wanted = {0, last, *range(first, first + margin + 1), *range(greatest - margin, greatest + 1)}
    wanted |= {e + f.bias for e in exponents}
    return sorted(field for field in wanted if 0 <= field <= last and (field <= greatest or field == last))


def input_fields(f: Float) -> list[int]:
    """The exponent fields of operands among several."""
    return fields(f, (-f.precision, -2, -1, 0, 1, 2, f.precision), 0)


def output_fields(f: Float) -> list[int]:
    """The exponent fields of single operands, and of random ones."""
    return fields(f, (-f.precision, f.precision, *LANDMARKS), 1)


@dataclass(frozen=True)
class Table:
    """Codes in the order in which TestFloat goes through them."""

    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)


def as_codes(f: Format, numbers: list[int]) -> Codes:
    """Python integers as an array of codes."""
    found = np.empty(len(numbers), dtype=object)
    found[:] = numbers
    return found.astype(dtype(f))


def within(f: Format, numbers: Codes) -> Codes:
    """Numbers of the width of a format as codes of it: of a codebook whose codes are fewer, the remainders."""
    codes: Codes = numbers if f.codes == 1 << f.width else numbers % numbers.dtype.type(f.codes)
    return codes


def table(f: Format, level: int, several: bool) -> Table:
    """The table of an operand: of level 1 or 2, one among several operands or a single one."""
    if not isinstance(f, Float):
        single = patterns(f.width)
        if level == 1:
            return Table(as_codes(f, list(dict.fromkeys(x % f.codes for x in single))))
        return Table(as_codes(f, [(x + y) % f.codes for i, x in enumerate(single) for y in single[i:]]))
    exponents = input_fields(f) if several else output_fields(f)
    significands = ends(f.trailing) if level == 1 else patterns(f.trailing)
    signs = (False, True) if f.signed else (False,)
    return Table(as_codes(f, [f.join(sign, (field << f.trailing) + t) for sign in signs for field in exponents for t in significands]))


@dataclass(frozen=True)
class Weights:
    """The weighted distribution of random codes, as plain integers. Of a float: magnitude codes and a sign; of any other family: words."""

    is_float: bool
    fields: tuple[int, ...]
    """Exponent fields to choose from."""
    patterns: tuple[int, ...]
    """Significands, of which two are added; words, of which three are."""
    masks: tuple[int, ...]
    """Bits kept of a random exponent field, or of a random word."""
    offsets: tuple[int, ...]
    """What is then added to it."""


@lru_cache(maxsize=256)
def weights(f: Format) -> Weights:
    """The weighted distribution of a format."""
    if not isinstance(f, Float):
        signed = isinstance(f, Fixed) and f.signed
        sizes = range(f.width, 3, -1) if isinstance(f, Fixed) and f.width > 4 else [f.width]
        offsets = [f.codes - (1 << (k - 1)) if signed and k < f.width else 0 for k in sizes]
        return Weights(False, (), tuple(patterns(f.width)), tuple((1 << k) - 1 for k in sizes), tuple(offsets))
    w = f.exponent_bits
    sizes = range(w - 1, LEAST_WEIGHTED_BITS - 1, -1)
    highest = (1 << w) - 1
    starts = [max(0, min(f.bias + 1 - (1 << (k - 1)), highest + 1 - (1 << k))) for k in sizes]
    return Weights(True, tuple(output_fields(f)), tuple(patterns(f.trailing)), (highest, highest, *((1 << k) - 1 for k in sizes)), (0, 0, *starts))
