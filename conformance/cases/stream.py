"""Random words that are the same on every machine: SplitMix64, addressed by number.

The n-th word of a key is mix(key + (n + 1) 0x9E3779B97F4A7C15) modulo 2^64, where mix is two rounds of xor-shift and multiplication (Steele, Lea and Flood
2014). No word depends on another, so that any part of a plan can be made by itself, in chunks of any size. A key is the first 8 bytes, little-endian, of the
SHA-256 of the seed and of labels that say what the words are for.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes

T = TypeVar("T")

GOLDEN = 0x9E3779B97F4A7C15
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
BLOCK = 1024
"""Words that ``Draws`` makes at a time."""


def key_of(seed: int, *labels: object) -> int:
    """The key of a seed and labels."""
    text = "\0".join(["refmath", str(seed), *map(str, labels)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def words(key: int, start: int, count: int) -> NDArray[np.uint64]:
    """The words ``start`` to ``start + count - 1`` of a key."""
    first = (key + (start + 1) * GOLDEN) & (2**64 - 1)
    z = np.arange(count, dtype=np.uint64) * np.uint64(GOLDEN) + np.uint64(first)
    z ^= z >> np.uint64(30)
    z *= np.uint64(FIRST)
    z ^= z >> np.uint64(27)
    z *= np.uint64(SECOND)
    z ^= z >> np.uint64(31)
    return z


def wide(key: int, start: int, count: int, bits: int) -> Codes:
    """Uniform integers of ``bits`` bits: uint64 up to 64 of them, Python integers beyond. The n-th takes the words n k to n k + k - 1, low ones first."""
    each = -(-bits // 64)
    raw = words(key, start * each, count * each)
    if each == 1:
        return raw & np.uint64((1 << bits) - 1)
    data = raw.astype("<u8").tobytes()
    mask, size = (1 << bits) - 1, 8 * each
    found = np.empty(count, dtype=object)
    found[:] = [int.from_bytes(data[i : i + size], "little") & mask for i in range(0, len(data), size)]
    return found


class Draws:
    """The words of a key one after another, as the choices that a search makes."""

    def __init__(self, seed: int, *labels: object) -> None:
        self.key = key_of(seed, *labels)
        self.used = 0
        self._block: list[int] = []

    def word(self) -> int:
        """The next word."""
        at = self.used % BLOCK
        if at == 0:
            self._block = words(self.key, self.used, BLOCK).tolist()
        self.used += 1
        return self._block[at]

    def getrandbits(self, bits: int) -> int:
        """A uniform integer of ``bits`` bits."""
        number = 0
        for shift in range(0, bits, 64):
            number |= self.word() << shift
        return number & ((1 << bits) - 1)

    def below(self, n: int) -> int:
        """An integer from 0 to n - 1, n >= 1, uniform but for 2^-64."""
        bits = n.bit_length() + 64
        return self.getrandbits(bits) * n >> bits

    def between(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + self.below(high - low + 1)

    def choice(self, items: Sequence[T]) -> T:
        """One of several."""
        return items[self.below(len(items))]
