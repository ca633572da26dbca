"""Text to multi-component format, and back.

expansion(bfloat16, 2)                          a component format and how many
expansion(e5m2, 3, rounding=toward_zero)        where components do not round to nearest even
double_double  triple_double  quad_double       2, 3, 4 components of binary64
bf16x2  float_float                             2 components of bfloat16 (Collage), of binary32
"""

import re
from dataclasses import replace

from formats.expansion import Expansion
from formats.floats import ieee
from formats.notation import parse_float, text
from refmath.errors import RefmathError, quote
from refmath.rounding import Rounding, parse_rounding

MAX_TEXT = 300

NAMED = {
    "double_double": Expansion("double_double", ieee(64), 2),
    "triple_double": Expansion("triple_double", ieee(64), 3),
    "quad_double": Expansion("quad_double", ieee(64), 4),
    "float_float": Expansion("float_float", ieee(32), 2),
    "bf16x2": Expansion("bf16x2", parse_float("bfloat16"), 2),
}
"""The named ones."""

ALIASES = {"doubledouble": "double_double", "dd": "double_double", "tripledouble": "triple_double", "qd": "quad_double", "bfloat16x2": "bf16x2"}


def parse_expansion(words: str) -> Expansion:
    """The multi-component format that a text denotes. ``RefmathError`` for any other text."""
    body = words.strip().lower().replace("-", "_")
    name = ALIASES.get(body, body)
    if name in NAMED:
        return NAMED[name]
    match = re.fullmatch(r"expansion\s*\((.+),\s*(\d{1,6})\s*(?:,\s*rounding\s*=\s*([\w ]+))?\)", body, re.ASCII) if len(body) <= MAX_TEXT else None
    if not match:
        raise RefmathError(f"{quote(words)} is no multi-component format; write expansion(bfloat16, 2), or one of {', '.join(NAMED)}.")
    rounding = parse_rounding(match[3]) if match[3] else Rounding.NEAREST_EVEN
    made = Expansion(words.strip(), parse_float(match[1].strip()), int(match[2]), rounding)
    return replace(made, name=expansion_text(made))


def expansion_text(f: Expansion) -> str:
    """The canonical text: a name, or the notation."""
    for name, known in NAMED.items():
        if known == f:
            return name
    rounding = "" if f.rounding is Rounding.NEAREST_EVEN else f", rounding={f.rounding.value}"
    return f"expansion({text(f.component)}, {f.count}{rounding})"
