"""The formats that have a notation instead of a name: the pattern of a head, and what it denotes with its arguments and options."""

import re
from collections.abc import Callable

from formats.affine import affine
from formats.codebook import TIES, Codebook, Middle
from formats.family import Format
from formats.fixed import fixed, integer
from formats.floats import REVISIONS, Float, Specials, default_bias, default_specials, ieee, p3109, satnone
from formats.logarithmic import logarithmic
from formats.options import Parts
from formats.posit import STANDARD_ES, posit
from formats.quire import quire
from formats.takum import takum
from refmath.errors import RefmathError, quote
from refmath.rounding import Rounding

MOST_DIGITS = 1300
"""Of a zero point: as many as the widest integer format can have."""

Build = Callable[[re.Match[str], Parts], Format]


def _ieee(match: re.Match[str], parts: Parts) -> Format:
    parts.expect()
    return ieee(parts.number(match[1]))


def _p3109(match: re.Match[str], parts: Parts) -> Format:
    parts.expect("revision")
    return p3109(parts.number(match[1]), parts.number(match[2]), match[3] == "s", match[4] == "e", **parts.options)


SPECIALS: dict[str, object] = {special.value: special for special in Specials}


def _float(match: re.Match[str], parts: Parts) -> Format:
    parts.expect("bias", "specials", "subnormals", "zero", "integer_bit", "revision")
    w, m = parts.number(match[2]), parts.number(match[3])
    special = parts.choice("specials", SPECIALS) if "specials" in parts.options else default_specials(w, m)
    if "revision" in parts.options:
        parts.choice("revision", dict.fromkeys(REVISIONS))
    assert isinstance(special, Specials)
    return Float(
        name=parts.head,
        exponent_bits=w,
        precision=m + 1,
        bias=parts.integer("bias", default_bias(min(w, 64))),
        specials=special,
        signed=not match[1],
        subnormals=parts.flag("subnormals", True),
        has_zero=parts.flag("zero", True),
        explicit_integer_bit=parts.flag("integer_bit", False),
        revision=parts.options.get("revision", ""),
        default=satnone(parts.options.get("revision", "")),
    )


def _integer(match: re.Match[str], parts: Parts) -> Format:
    parts.expect("scale", "zero", "symmetric")
    codes = integer(parts.number(match[2]), not match[1], parts.flag("symmetric", False))
    if "scale" not in parts.options and "zero" not in parts.options:
        return codes
    return affine(codes, parts.rational(parts.options.get("scale", "1"), "scale"), parts.integer("zero", 0, MOST_DIGITS))


def _fixed(match: re.Match[str], parts: Parts) -> Format:
    parts.expect("symmetric")
    return fixed(parts.number(match[2]), parts.number(match[3]), not match[1], parts.flag("symmetric", False))


def _fixed_called(match: re.Match[str], parts: Parts) -> Format:
    parts.expect("symmetric", arguments=1)
    inner = re.fullmatch(r"(-?\d+)\.(-?\d+)", parts.arguments[0], re.ASCII)
    if not inner:
        raise RefmathError(f"{quote(parts.head)}: {quote(parts.arguments[0])} is no fixed point; write integer and fraction bits such as q(8.8) or q(10.-2).")
    return fixed(parts.number(inner[1]), parts.number(inner[2]), not match[1], parts.flag("symmetric", False))


def _grid(match: re.Match[str], parts: Parts) -> Format:
    parts.expect(arguments=2)
    return affine(integer(parts.number(parts.arguments[1])), parts.rational(parts.arguments[0], "distance"))


def _posit(match: re.Match[str], parts: Parts) -> Format:
    parts.expect("es")
    return posit(parts.number(match[1]), parts.integer("es", STANDARD_ES))


def _posit_called(match: re.Match[str], parts: Parts) -> Format:
    parts.expect(arguments=2)
    return posit(*map(parts.number, parts.arguments))


def _takum(match: re.Match[str], parts: Parts) -> Format:
    parts.expect()
    return takum(parts.number(match[2]), match[1] == "_log")


def _logarithmic(match: re.Match[str], parts: Parts) -> Format:
    parts.expect()
    return logarithmic(parts.number(match[1]), parts.number(match[2]))


def _quire(match: re.Match[str], parts: Parts) -> Format:
    parts.expect("es", "bits")
    n = parts.number(match[1])
    return quire(posit(n, parts.integer("es", STANDARD_ES)), parts.integer("bits", 16 * n))


TIE_CHOICES: dict[str, object] = dict(TIES)
MIDDLES: dict[str, object] = {middle.value: middle for middle in Middle}


def _codebook(match: re.Match[str], parts: Parts) -> Format:
    parts.expect("ties", "middle", arguments=len(parts.arguments))
    ties = parts.choice("ties", TIE_CHOICES) if "ties" in parts.options else Rounding.NEAREST_EVEN
    middle = parts.choice("middle", MIDDLES) if "middle" in parts.options else Middle.ARITHMETIC
    assert isinstance(ties, Rounding) and isinstance(middle, Middle)
    return Codebook(parts.head, tuple(parts.finite(value, "value of a codebook") for value in parts.arguments), ties, middle)


GRAMMAR: tuple[tuple[re.Pattern[str], Build], ...] = (
    (re.compile(r"binary(\d+)"), _ieee),
    (re.compile(r"binary(\d+)p(\d+)([su])([ef])"), _p3109),
    (re.compile(r"(u?)e(\d+)m(\d+)"), _float),
    (re.compile(r"(u?)int(\d+)"), _integer),
    (re.compile(r"(u?)q(-?\d+)\.(-?\d+)"), _fixed),
    (re.compile(r"(u?)q"), _fixed_called),
    (re.compile(r"grid"), _grid),
    (re.compile(r"posit(\d+)"), _posit),
    (re.compile(r"posit"), _posit_called),
    (re.compile(r"takum(_log|_linear)?(\d+)"), _takum),
    (re.compile(r"lns(\d+)\.(\d+)"), _logarithmic),
    (re.compile(r"quire(\d+)"), _quire),
    (re.compile(r"codebook"), _codebook),
)
"""What is not a name: the pattern of a head, and what it denotes."""
