"""The test format of the IBM FPgen suite, ``.fptest``: reading its binary lines.

    line    := format operation [rounding] [traps] operand{1,3} "->" (result | "#") [flags]
    format  := ("b" | "d") (32 | 64 | 128), twice for conversions; the operation stands right behind it: "b32*+"
    operand := sign digit "." hexadecimal-fraction "P" exponent | sign "Inf" | sign "Zero" | "Q" | "S" | integer (the n of S, the operand of cif)
    result  := operand | integer (of cfi) | "0x0" | "0x1" (of a predicate) | class (of ?: "+normal", "-0", "qNaN", ...) | "<" | "=" | ">" | "?" (of qC and sC)
    integer := [sign] decimal-digits

Fraction digits are the trailing significand as it is stored, right-aligned: the 23 ones of binary32 are ``7FFFFF``. Q and S are any quiet and any signalling NaN,
``#`` says that a trap was taken and nothing delivered. Lines before the first case are a header. Whatever cannot be read is reported with
its line number and the reason, never skipped in silence: decimal formats, operations that are not known, garbage.

Three things the suite's own text leaves open, and its published files have no such lines: how wide the integer of cfi is (any that holds it; an invalid conversion
may deliver any integer), how the relation that qC and sC find is written (here by the signs of IEEE 754 itself), and whether eq, "equivalent", is about numbers or
about data (either answer is right where those differ: for NaNs, and for zeros of unlike signs).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gmpy2 import mpq

from formats.floats import Float, ieee
from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.flags import Flags
from refmath.operations.comparison import EQUAL, GREATER, LESS, UNORDERED
from refmath.reals import Real, scale
from refmath.rounding import Rounding

OPERATIONS = {
    "+": ("add", 2), "-": ("subtract", 2), "*": ("multiply", 2), "/": ("divide", 2), "*+": ("fma", 3), "V": ("sqrt", 1), "%": ("remainder", 2),
    "rfi": ("round_to_integral_exact", 1), "cff": ("convert", 1), "~": ("negate", 1), "A": ("abs", 1), "@": ("copysign", 2),
    "L": ("logb", 1), "Nu": ("next_up", 1), "Nd": ("next_down", 1),
    "<C": ("min_num", 2), ">C": ("max_num", 2), "<A": ("min_num_mag", 2), ">A": ("max_num_mag", 2),
    "S": ("scaleb", 2), "cp": ("copy", 1), "Na": ("next_after", 2),
    "?": ("class", 1), "?-": ("is_sign_minus", 1), "?n": ("is_normal", 1), "?f": ("is_finite", 1), "?0": ("is_zero", 1), "?s": ("is_subnormal", 1),
    "?i": ("is_infinite", 1), "?N": ("is_nan", 1), "?sN": ("is_signaling", 1),
    "cfi": ("to_integer_exact", 1), "cif": ("from_integer", 1), "qC": ("compare", 2), "sC": ("compare_signaling", 2), "eq": ("equivalent", 2),
}  # fmt: skip
"""The operations on binary numbers: the suite's symbol to our name and the number of operands."""
OWN = ("next_after", "from_integer", "compare_signaling", "equivalent")
"""Names of operations that are the suite's own: ``from_integer`` is a conversion of any integer, ``compare_signaling`` the relation that raises invalid for every NaN."""
DECIMAL = ("cfd", "cdf", "=quant", "quant")

CLASSES = {
    "sNaN": "signalingNaN", "qNaN": "quietNaN",
    **{f"{sign}{short}": f"{word}{long}" for sign, word in (("-", "negative"), ("+", "positive"))
       for short, long in (("Inf", "Infinity"), ("normal", "Normal"), ("subnormal", "Subnormal"), ("0", "Zero"))},
}  # fmt: skip
"""How the suite calls the classes."""
RELATIONS = {"<": LESS, "=": EQUAL, ">": GREATER, "?": UNORDERED}
"""How the relation of two data is written: as in IEEE 754's tables of predicates."""
BOOLEANS = {"0x0": False, "0x1": True, "0": False, "1": True}

ROUNDINGS = {
    ">": Rounding.TOWARD_POSITIVE, "<": Rounding.TOWARD_NEGATIVE, "0": Rounding.TOWARD_ZERO, "=0": Rounding.NEAREST_EVEN, "=^": Rounding.NEAREST_AWAY,
}  # fmt: skip

FLAGS = {"x": Flags.INEXACT, "u": Flags.UNDERFLOW, "o": Flags.OVERFLOW, "z": Flags.DIVIDE_BY_ZERO, "i": Flags.INVALID}
UNDERFLOWS = {"v": Flags.UNDERFLOW, "w": Flags.UNDERFLOW}
"""Underflow, where the suite tells apart by which of the definitions."""

_HEAD = re.compile(r"([bd])(32|64|128)(?:([bd])(32|64|128))?(\S+)")
_NUMBER = re.compile(r"([+-])([01])\.([0-9A-F]+)P([+-]?\d{1,6})")
_SPECIAL = re.compile(r"([+-])(Inf|Zero)")
_FLAG_SET = re.compile(r"[xuvwozi]+")
_INTEGER = re.compile(r"[+-]?[0-9]{1,4300}")


@dataclass(frozen=True, slots=True)
class Case:
    """A line that was read."""

    line: int
    """Its number in the file, from 1."""
    operation: str
    """The operation by its name in this project."""
    source: Float
    """The format of the operands."""
    target: Float
    """The format of the result."""
    rounding: Rounding
    traps: Flags
    """The exceptions whose traps are enabled."""
    operands: tuple[Datum, ...]
    """What the operands mean; any NaN of its kind where it is one."""
    result: Datum | bool | str | None
    """What is delivered: a datum, a truth value or a class; None where the trap delivers nothing."""
    flags: Flags

    @property
    def codes(self) -> tuple[int, ...]:
        """The operands as codes of their format; the integer of scaleb as it is."""
        if self.operation == "scaleb":
            x, n = self.operands
            assert isinstance(n, Finite) and not isinstance(n.value, Real)
            return code_of(self.source, x), int(n.value)
        return tuple(code_of(self.source, x) for x in self.operands)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that was not read, and why."""

    line: int
    text: str
    reason: str


def read(lines: Iterable[str]) -> Iterator[Case | Unreadable]:
    """The cases of a file, in order, with what could not be read between them."""
    header = True
    for number, text in enumerate(lines, 1):
        tokens = text.split()
        if not tokens or (header and not _HEAD.fullmatch(tokens[0])):
            continue
        header = False
        try:
            yield parse_line(number, tokens)
        except ValueError as error:
            yield Unreadable(number, text.rstrip("\r\n")[:200], str(error))


def parse_line(number: int, tokens: list[str]) -> Case:
    """One line, split at its spaces. ``ValueError`` with the reason where it is no case of binary formats."""
    head = _HEAD.fullmatch(tokens[0])
    if not head:
        raise ValueError(f"{tokens[0][:20]!r} is not a format and an operation")
    if "d" in (head[1], head[3]):
        raise ValueError("decimal formats are not binary")
    if head[5] in DECIMAL:
        raise ValueError(f"{head[5]} is an operation on decimal formats")
    if head[5] not in OPERATIONS:
        raise ValueError(f"the operation {head[5][:20]!r} is not known")
    operation, arity = OPERATIONS[head[5]]
    source, target = ieee(int(head[2])), ieee(int(head[4] or head[2]))
    rest = tokens[1:]
    rounding = ROUNDINGS[rest.pop(0)] if rest and rest[0] in ROUNDINGS else Rounding.NEAREST_EVEN
    traps = flag_set(rest.pop(0)) if rest and _FLAG_SET.fullmatch(rest[0]) else Flags.NONE
    if rest[arity : arity + 1] != ["->"] or not arity + 2 <= len(rest) <= arity + 3:
        raise ValueError(f"{head[5]} needs {arity} operands, an arrow, a result and perhaps flags")
    integral = {"scaleb": 1, "from_integer": 0}.get(operation)
    operands = tuple(integer(token) if at == integral else datum(source, token) for at, token in enumerate(rest[:arity]))
    result = None if rest[arity + 1] == "#" else delivered(operation, target, rest[arity + 1])
    flags = flag_set(rest[arity + 2]) if len(rest) > arity + 2 else Flags.NONE
    return Case(number, operation, source, target, rounding, traps, operands, result, flags)


def flag_set(text: str) -> Flags:
    """Letters as flags."""
    flags = Flags.NONE
    for letter in text:
        if letter not in FLAGS | UNDERFLOWS:
            raise ValueError(f"{letter!r} is not a flag")
        flags |= (FLAGS | UNDERFLOWS)[letter]
    return flags


def delivered(operation: str, f: Float, text: str) -> Datum | bool | str:
    """What the token of a result means."""
    if operation == "class":
        if text not in CLASSES:
            raise ValueError(f"{text[:30]!r} is not a class")
        return CLASSES[text]
    if operation in ("compare", "compare_signaling"):
        if text not in RELATIONS:
            raise ValueError(f"{text[:30]!r} is not a relation; they are < = > and ?")
        return RELATIONS[text]
    if operation == "to_integer_exact":
        return integer(text)
    if operation == "equivalent" or operation.startswith("is_"):
        if text not in BOOLEANS:
            raise ValueError(f"{text[:30]!r} is not a truth value; they are 0x0 and 0x1")
        return BOOLEANS[text]
    return datum(f, text)


def integer(text: str) -> Datum:
    """What a decimal integer means."""
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"{text[:30]!r} is not an integer")
    return Finite(mpq(int(text)), int(text) < 0)


def datum(f: Float, text: str) -> Datum:
    """What a token means in a format."""
    if text in ("Q", "S"):
        return NaN(False, text == "S", int(text == "S"), f.trailing - 1)
    if special := _SPECIAL.fullmatch(text):
        negative = special[1] == "-"
        return Infinity(negative) if special[2] == "Inf" else Finite(mpq(0), negative)
    number = _NUMBER.fullmatch(text)
    if not number:
        raise ValueError(f"{text[:30]!r} is not a number")
    fraction = int(number[3], 16)
    if fraction >> f.trailing:
        raise ValueError(f"{text[:30]!r} has more than {f.trailing} fraction bits")
    value = scale(mpq((int(number[2]) << f.trailing) + fraction), int(number[4]) - f.trailing)
    negative = number[1] == "-"
    return Finite(-value if negative else value, negative)


def code_of(f: Float, x: Datum) -> int:
    """The code of a datum that the format has. ``ValueError`` where it has not."""
    return f.encode(x)
