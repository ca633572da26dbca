"""Posits by the words of the standard, on strings of bits: what a string stands for, and which one a real number becomes."""

from bisect import bisect_right
from functools import cache

from gmpy2 import mpq


def real(string: str, es: int) -> mpq | None:
    """What a string of bits stands for: section 3.3, read on the two's complement of a negative one. None for NaR."""
    n, word = len(string), int(string, 2)
    if word == 0:
        return mpq(0)
    if word == 1 << (n - 1):
        return None
    if string[0] == "1":
        positive = real(f"{(1 << n) - word:0{n}b}", es)
        assert positive is not None
        return -positive
    body = string[1:]
    run = len(body) - len(body.lstrip(body[0]))
    regime = run - 1 if body[0] == "1" else -run
    rest = body[run + 1 :]
    exponent, fraction = rest[:es].ljust(es, "0"), rest[es:]
    significand = 1 + (mpq(int(fraction, 2), 1 << len(fraction)) if fraction else 0)
    return significand * mpq(2) ** ((1 << es) * regime + (int(exponent, 2) if exponent else 0))


@cache
def positive(n: int, es: int) -> tuple[mpq, ...]:
    """What the strings 0...0, 0...01, up to 01...1 stand for."""
    found = [real(f"{word:0{n}b}", es) for word in range(1 << (n - 1))]
    assert all(x is not None for x in found)
    return tuple(x for x in found if x is not None)


def word_of(x: mpq, n: int, es: int) -> int:
    """The word that x becomes: section 4.1. Comparison is with the word of n + 1 bits between two words of n bits."""
    if x == 0:
        return 0
    words, magnitude = positive(n, es), abs(x)
    if magnitude >= words[-1]:
        word = len(words) - 1
    elif magnitude <= words[1]:
        word = 1
    else:
        low = bisect_right(words, magnitude) - 1
        between = positive(n + 1, es)[2 * low + 1]
        up = magnitude > between or (magnitude == between and low % 2 == 1)
        word = low + 1 if up and magnitude != words[low] else low
    return word if x > 0 else (1 << n) - word
