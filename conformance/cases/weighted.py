"""Random codes with the weights of TestFloat: extreme exponents and simple significands far more often than chance has them.

Of eight floats, three have a field of the output table and the sum of two P2 significands, one such a field and any significand, three an exponent field from one
of several ranges around the bias and such a sum, and one such a field and any significand. Of two other codes, one is the sum of three table words and one a random
word of a random size. Two words of ``stream`` make one code up to 64 bits, more a wider one.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from conformance.cases.stream import wide, words
from conformance.cases.tables import Weights, weights, within
from conformance.claims import Codes
from formats.arrays import dtype
from formats.family import Format
from formats.floats import Float


def weighted(f: Format, key: int, start: int, count: int) -> Codes:
    """The codes ``start`` to ``start + count - 1`` of the sequence of a key."""
    if f.width > 64:
        return _of_any_width(f, key, start, count)
    from conformance.cases import weighted_kernel

    out = np.empty(count, dtype(f))
    w = weights(f)
    tables = _tables(w)
    if isinstance(f, Float):
        weighted_kernel.floats(out, np.uint64(key), start, *tables, f.width, f.trailing, int(f.signed), int(f.explicit_integer_bit))
    else:
        weighted_kernel.numbers(out, np.uint64(key), start, *tables[1:], f.width)
    return within(f, out)


@lru_cache(maxsize=256)
def _tables(w: Weights) -> tuple[Any, ...]:
    return tuple(np.array(column or (0,), dtype=np.uint64) for column in (w.fields, w.patterns, w.masks, w.offsets))


def _of_any_width(f: Format, key: int, start: int, count: int) -> Codes:
    """The same on Python integers, with as many more words as the code is wide."""
    w = weights(f)
    choices = words(key, 2 * start, 2 * count)[::2].tolist()
    free = wide(key ^ 1, start, count, f.width).tolist()
    out = np.empty(count, dtype=object)
    make = _float if isinstance(f, Float) else _word
    out[:] = [make(f, w, choice, rest) for choice, rest in zip(choices, free, strict=True)]
    return out


def pick(choice: int, shift: int, n: int) -> int:
    """A number below n from 16 bits of a word."""
    return (choice >> shift & 0xFFFF) * n >> 16


def _float(f: Format, w: Weights, choice: int, free: int) -> int:
    assert isinstance(f, Float)
    m, kind = f.trailing, choice & 7
    significand = free & ((1 << m) - 1)
    if kind not in (3, 7):
        significand = (w.patterns[pick(choice, 16, len(w.patterns))] + w.patterns[pick(choice, 32, len(w.patterns))]) & ((1 << m) - 1)
    if kind < 4:
        field = w.fields[pick(choice, 48, len(w.fields))]
    else:
        which = pick(choice, 48, len(w.masks))
        field = (free >> m & w.masks[which]) + w.offsets[which]
    return f.join(bool(choice & 8), (field << m) + significand)


def _word(f: Format, w: Weights, choice: int, free: int) -> int:
    if choice & 1:
        which = pick(choice, 48, len(w.masks))
        return ((free & w.masks[which]) + w.offsets[which]) & (f.codes - 1)
    n = len(w.patterns)
    return (w.patterns[pick(choice, 16, n)] + w.patterns[pick(choice, 32, n)] + w.patterns[pick(choice, 48, n)]) & (f.codes - 1)
