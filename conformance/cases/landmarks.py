"""Codes of one format that are worth trying, and random ones."""

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from formats.arrays import dtype
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float


def every_code(fmt: Format) -> Codes:
    """All codes of a narrow format, ascending."""
    return np.arange(fmt.codes, dtype=np.uint64).astype(dtype(fmt))


def landmarks(fmt: Format) -> Codes:
    """Powers of two and their neighbours, zeros, the ends of the subnormal range, the extremes, every kind of special, both signs."""
    near: set[int] = set()
    bits = fmt.width - fmt.signed
    if isinstance(fmt, Float):
        stored = fmt.trailing + fmt.explicit_integer_bit
        exponents = 1 << fmt.exponent_bits
        step = max(1, exponents // 512)
        for e in {*range(0, exponents, step), exponents - 1, exponents - 2, fmt.bias, fmt.bias + 1, fmt.bias - 1}:
            first = fmt.join(False, (e & (exponents - 1)) << fmt.trailing)
            near.update(first + d for d in (-3, -2, -1, 0, 1, 2, 3))
        near.update((1 << k) + d for k in range(stored) for d in (-1, 0, 1))
        special = ((1 << fmt.exponent_bits) - 1) << stored
        near.update(special + t for k in range(stored) for t in (1 << k, (1 << k) - 1, (1 << stored) - 1 - (1 << k)))
        near.update((fmt.least_normal or 0) + d for d in (-2, -1, 0, 1, 2))
    else:
        near.update((1 << k) + d for k in range(bits + 1) for d in (-2, -1, 0, 1, 2))
        near.update(range(min(1 << bits, 1025)))
        near.update(3 << k for k in range(bits - 1))
    near.update(fmt.join(False, fmt.greatest()) + d for d in range(-3, 4))
    near.update((1 << bits) - 1 - d for d in range(4))
    magnitudes = {code % (1 << bits) for code in near}
    signs = {0, 1 << (fmt.width - 1)} if fmt.signed else {0}
    both = sorted(
        {code | sign for code in magnitudes for sign in signs}
        | ({-code % fmt.codes for code in magnitudes} if isinstance(fmt, Fixed) and fmt.signed else set())
    )
    return np.array(both, dtype=object).astype(dtype(fmt))


def scattered(fmt: Format, count: int, rng: np.random.Generator) -> Codes:
    """Random codes, spread evenly over exponents: over binades of magnitude for integers."""
    words = -(-fmt.width // 32)
    raw = rng.integers(0, 1 << 32, size=(words, count), dtype=np.uint64)
    if fmt.width > 64:
        whole = [sum(int(raw[k, i]) << (32 * k) for k in range(words)) & (fmt.codes - 1) for i in range(count)]
        return np.array([code | _integer_bit(fmt, code) for code in whole], dtype=object)
    codes: NDArray[np.uint64] = raw[0] | (raw[-1] << np.uint64(32) if words > 1 else np.uint64(0))
    codes &= np.uint64(fmt.codes - 1)
    if isinstance(fmt, Fixed):
        shift = rng.integers(0, fmt.width, size=count, dtype=np.uint64)
        codes >>= shift
        if fmt.signed:
            codes = np.where(rng.integers(0, 2, size=count, dtype=np.uint64) == 1, (~codes + np.uint64(1)) & np.uint64(fmt.codes - 1), codes)
    return codes.astype(dtype(fmt))


def _integer_bit(fmt: Format, code: int) -> int:
    """The stored integer bit that a random code of a normal x87 number has."""
    if not (isinstance(fmt, Float) and fmt.explicit_integer_bit):
        return 0
    return (1 << fmt.trailing) if (code >> (fmt.trailing + 1)) & ((1 << fmt.exponent_bits) - 1) else 0
