"""The words of expressions: numbers, codes, names, operators."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from refmath.errors import RefmathError, quote

MAX_TEXT = 1 << 20
"""Characters of the longest expression."""

_TOKEN = re.compile(
    r"""
    (?P<number> 0x[0-9a-f_]*\.[0-9a-f_]*(?:p[+-]?\d+)?
              | 0x[0-9a-f_]+p[+-]?\d+
              | [sq]?nan\((?:0x[0-9a-f]{1,64}|\d{1,64})\) )
  | (?P<code>   0x[0-9a-f](?:_?[0-9a-f])* | 0b[01](?:_?[01])* )
  | (?P<decimal>(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d+)? )
  | (?P<name>   [a-z_]\w* )
  | (?P<operator> \*\* | <= | >= | == | != | [-+*/%^<>(),\N{MINUS SIGN}] )
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_SPELLINGS = {"**": "^", "\N{MINUS SIGN}": "-"}


class Token(NamedTuple):
    """A word of an expression and where it stands."""

    kind: str
    """number, code, name, or operator."""
    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The words of an expression. ``RefmathError`` where something is no word."""
    if len(text) > MAX_TEXT:
        raise RefmathError(f"The expression {quote(text)} is too long; the limit is {MAX_TEXT:,} characters.")
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise RefmathError(f"{quote(text[at])} at character {at + 1} of {quote(text)} is no part of an expression; write one such as fma(1.1, x, 2^-9).")
        kind, word = match.lastgroup or "", match[0]
        yield Token("number" if kind == "decimal" else kind, _SPELLINGS.get(word, word), at, match.end())
        at = match.end()
