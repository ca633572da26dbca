"""Operations that look at the encoding: neighbours, classes and encodings of one code. ``find_operation`` looks up these and all others.

IEEE 754-2019 clauses 5.3.1 (nextUp, nextDown), 5.7.2 (class, isNormal, isSubnormal, isCanonical); P3109 section 4.10; the posit standard (next, prior).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from formats.family import Format
from formats.floats import Float
from formats.project import project
from formats.projection import Projection
from refmath import operations
from refmath.datum import Finite, Infinity, NaN, NotAReal
from refmath.flags import INVALID
from refmath.operations.environment import Dialect
from refmath.operations.operation import Kind, Operation
from refmath.operations.table import index, look_up


@dataclass(frozen=True, slots=True)
class CodeOperation:
    """An operation on one code of one format, whose result, where it is a number, is of the same format."""

    name: str
    function: Callable[[Format, int, Dialect, Projection], tuple[Any, int]]
    """(format, code, dialect, projection) to a code, a truth value or a word, and the flags."""
    clause: str
    about: str
    aliases: tuple[str, ...] = ()
    kind: Kind = Kind.NUMBER
    arity: int = 1


def next_up(f: Format, code: int, dialect: Dialect, how: Projection) -> tuple[int, int]:
    """The least datum above x: of the least negative one it is -0, of the greatest one +infinity, of that itself."""
    return neighbour(f, code, dialect, how, up=True)


def next_down(f: Format, code: int, dialect: Dialect, how: Projection) -> tuple[int, int]:
    """The greatest datum below x, which is -nextUp(-x)."""
    return neighbour(f, code, dialect, how, up=False)


def neighbour(f: Format, code: int, dialect: Dialect, how: Projection, up: bool) -> tuple[int, int]:
    """The adjacent datum on one side; beyond the last finite one, infinity or what the overflow policy makes of it, and NaN in P3109."""
    if dialect is Dialect.POSIT:
        return (f.check_code(code) + (1 if up else -1)) % f.codes, 0
    x = f.decode(code)
    if isinstance(x, NaN):
        return project(f, replace(x, signalling=False), how, 0)[0], INVALID if x.signalling and dialect is Dialect.IEEE754 else 0
    if isinstance(x, Infinity):
        if x.negative == up:
            return f.limit(up), 0
        return (code, 0) if dialect is Dialect.IEEE754 else (f.nan(), 0)
    found = f.next_up(code) if up else f.next_down(code)
    if found is not None:
        return (f.zero(up and dialect is Dialect.IEEE754) if f.has_zero and found in (f.zero(), f.zero(True)) else found), 0
    if f.has_infinity and (up or f.signed):
        return f.infinity(not up), 0
    return (f.nan(), 0) if dialect is Dialect.P3109 else (project(f, Infinity(not up), how, 0)[0], 0)


def class_of(f: Format, code: int, dialect: Dialect, how: Projection) -> tuple[str, int]:
    """One of the ten classes of clause 5.7.2, of the eight of P3109, or of the four of posits, by the standard's own name."""
    match f.decode(code):
        case NotAReal():
            return "NaR", 0
        case NaN(_, signalling, _):
            return ("NaN" if dialect is not Dialect.IEEE754 else "signalingNaN" if signalling else "quietNaN"), 0
        case Infinity(negative):
            sign, kind = negative, "Infinity"
        case Finite(value, negative):
            if not value and dialect is not Dialect.IEEE754:
                return "Zero", 0
            sign, kind = negative, "Zero" if not value else "Subnormal" if f.is_subnormal(code) else "Normal"
    word = f"{'negative' if sign else 'positive'}{kind}"
    return (word if dialect is Dialect.IEEE754 else word[0].upper() + word[1:]), 0


def is_normal(f: Format, code: int, dialect: Dialect, how: Projection) -> tuple[bool, int]:
    """Whether x is a number that is neither zero nor subnormal."""
    found = f.magnitude(code)
    return found is not None and found[1] >= (f.least if f.least_normal is None else f.least_normal), 0


def is_subnormal(f: Format, code: int, dialect: Dialect, how: Projection) -> tuple[bool, int]:
    """Whether x is a nonzero number below the least normal one."""
    return f.is_subnormal(code), 0


def is_canonical(f: Format, code: int, dialect: Dialect, how: Projection) -> tuple[bool, int]:
    """Whether the code is the one that its datum is encoded as: only x87 has others, where the stored integer bit contradicts the exponent."""
    found = f.magnitude(code)
    if found is not None:
        return f.join(*found) == code, 0
    stored = isinstance(f, Float) and f.explicit_integer_bit
    return not stored or bool(code >> f.trailing & 1), 0  # type: ignore[attr-defined]


CODE_OPERATIONS = (
    CodeOperation("next_up", next_up, "IEEE 754-2019 5.3.1", "the next greater datum", ("nextup", "next_greater_than", "next")),
    CodeOperation("next_down", next_down, "IEEE 754-2019 5.3.1", "the next lesser datum", ("nextdown", "next_less_than", "prior")),
    CodeOperation("class", class_of, "IEEE 754-2019 5.7.2", "the class of x", ("classify", "fpclassify"), Kind.WORD),
    CodeOperation("is_normal", is_normal, "IEEE 754-2019 5.7.2", "whether x is normal", ("isnormal",), Kind.PREDICATE),
    CodeOperation("is_subnormal", is_subnormal, "IEEE 754-2019 5.7.2", "whether x is subnormal", ("issubnormal",), Kind.PREDICATE),
    CodeOperation("is_canonical", is_canonical, "IEEE 754-2019 5.7.2", "whether the code is canonical", (), Kind.PREDICATE),
)

AnyOperation = Operation | CodeOperation

OPERATIONS: dict[str, AnyOperation] = {**operations.OPERATIONS, **{op.name: op for op in CODE_OPERATIONS}}
"""Every operation by its canonical name."""

_INDEX = index(OPERATIONS.values())


def find_operation(name: str) -> AnyOperation:
    """The operation of that name or alias. ``RefmathError``, with suggestions, where there is none."""
    return look_up(name, _INDEX)
