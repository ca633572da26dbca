"""Lines of hexadecimal fields of fixed width, written and read in place: one column at a time into, or out of, one buffer of bytes.

A buffer holds lines of ``stride`` bytes each; a column is ``digits`` upper-case digits, most significant first, from byte ``offset`` of every line on.
"""

import numpy as np

from refmath.kernels.compiling import inline, kernel

U = np.uint64
BAD, LOWER = 0x80, 0x40
"""Marks of a line: a byte that is not what it has to be; a lower-case digit, which reads as its upper-case twin."""


def _digit_values() -> np.ndarray:
    """For each byte, the value of the digit that it is, and the marks that it leaves."""
    values = np.full(256, BAD, np.uint8)
    for digit, character in enumerate(b"0123456789ABCDEF"):
        values[character] = digit
    for digit, character in enumerate(b"abcdef", 10):
        values[character] = digit | LOWER
    return values


_VALUES = _digit_values()


@inline
def _spread(x: np.uint64) -> np.uint64:
    """Eight digits as eight bytes of text, the most significant digit in the most significant byte."""
    x = (x | x << U(16)) & U(0x0000FFFF0000FFFF)
    x = (x | x << U(8)) & U(0x00FF00FF00FF00FF)
    x = (x | x << U(4)) & U(0x0F0F0F0F0F0F0F0F)
    letters = ((x + U(0x0606060606060606)) >> U(4)) & U(0x0101010101010101)
    return x + U(0x3030303030303030) + letters * U(7)


@inline
def _put8(x: np.uint64, at: np.uint64, out: np.ndarray) -> None:
    """Eight digits; the compiler makes one store of the eight."""
    text = _spread(x & U(0xFFFFFFFF))
    out[at] = text >> U(56)
    out[at + U(1)] = (text >> U(48)) & U(255)
    out[at + U(2)] = (text >> U(40)) & U(255)
    out[at + U(3)] = (text >> U(32)) & U(255)
    out[at + U(4)] = (text >> U(24)) & U(255)
    out[at + U(5)] = (text >> U(16)) & U(255)
    out[at + U(6)] = (text >> U(8)) & U(255)
    out[at + U(7)] = text & U(255)


@inline
def _put4(x: np.uint64, at: np.uint64, out: np.ndarray) -> None:
    """Four digits."""
    text = _spread(x & U(0xFFFF))
    out[at] = (text >> U(24)) & U(255)
    out[at + U(1)] = (text >> U(16)) & U(255)
    out[at + U(2)] = (text >> U(8)) & U(255)
    out[at + U(3)] = text & U(255)


@kernel
def write_column(values: np.ndarray, digits: int, offset: int, stride: int, out: np.ndarray) -> None:
    """The values (unsigned, of any size up to 64 bits) as a column of ``digits`` <= 16 digits."""
    if digits == 4:
        for i in range(len(values)):
            _put4(U(values[i]), U(i * stride + offset), out)
    elif digits == 8:
        for i in range(len(values)):
            _put8(U(values[i]), U(i * stride + offset), out)
    elif digits == 16:
        for i in range(len(values)):
            _put8(U(values[i]) >> U(32), U(i * stride + offset), out)
            _put8(U(values[i]), U(i * stride + offset + 8), out)
    else:
        for i in range(len(values)):
            text, at = _spread(U(values[i]) & U(0xFFFFFFFF)), U(i * stride + offset + digits - 1)
            for k in range(min(digits, 8)):
                out[at - U(k)] = (text >> U(8 * k)) & U(255)
            text = _spread(U(values[i]) >> U(32))
            for k in range(8, digits):
                out[at - U(k)] = (text >> U(8 * (k - 8))) & U(255)


@kernel
def read_column(text: np.ndarray, digits: int, offset: int, stride: int, values: np.ndarray, marks: np.ndarray) -> None:
    """A column of ``digits`` <= 16 digits into ``values`` (unsigned, wide enough); ``marks`` of a line gains what its bytes leave."""
    for i in range(len(values)):
        at, value, mark = U(i * stride + offset), U(0), np.uint8(0)
        for k in range(digits):
            digit = _VALUES[text[at + U(k)]]
            mark |= digit
            value = value << U(4) | U(digit & np.uint8(15))
        values[i] = value
        marks[i] |= mark & np.uint8(BAD | LOWER)


@kernel
def read_constant(text: np.ndarray, byte: int, offset: int, stride: int, marks: np.ndarray) -> None:
    """Marks the lines in which the byte at ``offset`` is not the one that it has to be."""
    for i in range(len(marks)):
        if text[U(i * stride + offset)] != byte:
            marks[i] |= np.uint8(BAD)


@kernel
def read_limit(values: np.ndarray, limit: int, marks: np.ndarray) -> None:
    """Marks the lines whose value is not below ``limit``."""
    for i in range(len(values)):
        if U(values[i]) >= U(limit):
            marks[i] |= np.uint8(BAD)
