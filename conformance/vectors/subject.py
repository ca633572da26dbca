"""What the cases of a file compute: an operation, bound to formats and to a projection, and the columns that its cases have."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formats.arithmetic import Bound, BoundCode, bind
from formats.arrays import Codes, dtype, engine_for_operation, operate
from formats.family import Format
from formats.notation import parse
from formats.operations import AnyOperation, find_operation
from formats.platforms import Platform
from formats.platforms import projection as platform_projection
from formats.projection import AbsentNaN, Projection
from refmath.errors import RefmathError
from refmath.operations import Dialect, Kind, Operation
from refmath.operations.comparison import EQUAL, GREATER, LESS, UNORDERED

FLAG_BITS = 5
INTEGER = "int32"
"""The format of an operand that has to be an integer, where none is stated."""

CLASSES = ("Infinity", "Normal", "Subnormal", "Zero")
WORDS = {
    "compare": (LESS, EQUAL, GREATER, UNORDERED),
    Dialect.IEEE754: ("signalingNaN", "quietNaN", *(f"negative{c}" for c in CLASSES), *(f"positive{c}" for c in reversed(CLASSES))),
    Dialect.P3109: ("NaN", *(f"Negative{c}" for c in CLASSES[:3]), "Zero", *(f"Positive{c}" for c in reversed(CLASSES[:3]))),
    Dialect.POSIT: ("NaR", "NegativeNormal", "Zero", "PositiveNormal"),
}
"""The answers of ``compare``, and of ``class`` in each dialect: a file holds the index of the answer."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the cases."""

    name: str
    bits: int
    """No value has more."""

    @property
    def digits(self) -> int:
        """Hexadecimal digits of a value."""
        return 2 if self.name == "flags" else -(-self.bits // 4)


@dataclass(frozen=True)
class Subject:
    """An operation with everything that decides its results."""

    operation: str
    """Its canonical name."""
    formats: tuple[Format, ...]
    """The format of each operand."""
    to: Format | None
    """The format of the result; None for a truth value or a word."""
    how: Projection
    dialect: Dialect
    """Whose special cases hold."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    @cached_property
    def op(self) -> AnyOperation:
        """The operation itself."""
        return find_operation(self.operation)

    @property
    def clause(self) -> str:
        """Where the operation is defined."""
        return self.op.clause

    @property
    def sources(self) -> tuple[Format, ...]:
        """The formats that a header states."""
        return self.formats

    @property
    def bound(self) -> Bound | BoundCode:
        """The scalar reference for it."""
        return bind(self.op, self.formats, self.to, self.how, self.dialect)

    @property
    def target(self) -> Format:
        """The format of the result, or where that is no number of the first operand."""
        return self.to or self.formats[0]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The answers of an operation that answers with a word, by the index that stands for each."""
        if self.op.kind is not Kind.WORD:
            return ()
        return WORDS["compare"] if self.operation == "compare" else WORDS[self.dialect]

    @cached_property
    def random_bits(self) -> int:
        """Bits of the random operand of a stochastic mode, which is a column of its own; 0 in any other mode."""
        return self.how.bits if self.how.rounding.stochastic else 0

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns of the operands are called."""
        return tuple("abcdefgh"[: len(self.formats)])

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Operands, the random operand if there is one, result, flags."""
        operands = [Column(name, f.width) for name, f in zip(self.names, self.formats, strict=True)]
        random = [Column("random", self.random_bits)] if self.random_bits else []
        return *operands, *random, Column("result", self.result_bits), Column("flags", FLAG_BITS)

    @cached_property
    def result_bits(self) -> int:
        """Bits of a result: of a word, those of the greatest index."""
        if self.to is not None:
            return self.to.width
        return max(1, (len(self.words) - 1).bit_length())

    @cached_property
    def by_reference(self) -> bool:
        """Whether the scalar reference computes its cases, one by one."""
        return self.op.kind is Kind.WORD or engine_for_operation(self.operation, self.formats, self.to, self.how, self.dialect)[0] == "reference"

    def evaluate(self, operands: tuple[Codes, ...], random: Codes | None = None) -> tuple[Codes, NDArray[np.uint8]]:
        """Results and flags, by the fastest engine that is exact; the index of the word where the answer is one."""
        if self.op.kind is Kind.WORD:
            return self._words(operands)
        draws: Codes | int = 0 if random is None else random
        return operate(self.operation, self.formats, operands, self.to, self.how, self.dialect, draws)

    def one(self, row: tuple[int, ...]) -> tuple[int, int]:
        """Result and flags of one case, by the reference; in a stochastic mode R stands behind the operands."""
        count = len(self.formats)
        found = self.bound(*row[:count], random=row[count] if self.random_bits else 0)
        return self.words.index(str(found.exact)) if self.words else found.code, found.flags

    def _words(self, operands: tuple[Codes, ...]) -> tuple[Codes, NDArray[np.uint8]]:
        rows = zip(*(codes.tolist() for codes in operands), strict=True)
        found = [self.one(row) for row in rows]
        return np.array([index for index, _ in found], np.uint8), np.array([flags for _, flags in found], np.uint8)

    @property
    def shown(self) -> str:
        """``add binary16``, ``convert binary32 -> ocp_e4m3``."""
        sources = list(dict.fromkeys(f.name for f in self.formats))
        target = f" -> {self.to.name}" if self.to is not None and sources != [self.to.name] else ""
        return f"{self.operation} {' x '.join(sources)}{target} {self.how.rounding.value}"


def make(
    operation: str,
    formats: Sequence[Format],
    to: Format | None = None,
    policies: dict[str, Any] | None = None,
    platform: Platform | None = None,
    dialect: Dialect | None = None,
) -> Subject:
    """The subject that these words describe.

    ``formats``: one for each operand, or one for all; an operand that has to be an integer then has int32. ``to``: the format of the result, where it is not that
    of all operands. ``policies``: the fields of the projection that differ from the default of the result's format, or from those of ``platform``; an integer
    result, whose default refuses NaN, is RISC-V's where nothing else is said. Errors: ``RefmathError`` for whatever does not go together.
    """
    op = find_operation(operation)
    integers = op.integers if isinstance(op, Operation) else ()
    sources = tuple(parse(INTEGER) if at in integers else formats[0] for at in range(op.arity)) if len(formats) == 1 else tuple(formats)
    numbers = {f for at, f in enumerate(sources) if at not in integers}
    target = to if op.kind is Kind.NUMBER else None
    if target is None and op.kind is Kind.NUMBER:
        if len(numbers) != 1:
            raise RefmathError(f"{op.name} of {' and '.join(sorted(f.name for f in numbers)) or 'nothing'}: say which format the result has, with --to FORMAT.")
        target = next(iter(numbers))
    how = replace(_base(target or sources[0], platform, policies or {}), **(policies or {}))
    if how.rounding.stochastic and not how.bits:
        raise RefmathError(
            f"{how.rounding.value} needs its number of random bits, which are an operand of every case; give it, as --bits 8 on the command line or bits=8 in a request."
        )
    bound = bind(op, sources, target, how, dialect)
    return Subject(op.name, sources, target, how, bound.dialect)


def _base(target: Format, platform: Platform | None, policies: dict[str, Any]) -> Projection:
    """The projection that stands where no policy is stated."""
    if platform is not None:
        return platform_projection(platform, target)
    refuses = not target.has_nan and target.default.absent_nan is AbsentNaN.REFUSE and "absent_nan" not in policies
    return platform_projection(Platform.RISCV, target) if refuses and not target.has_infinity else target.default


@cache
def column_dtype(bits: int) -> np.dtype[Any]:
    """The NumPy type that holds values of so many bits."""
    for size in (8, 16, 32, 64):
        if bits <= size:
            return np.dtype(f"u{size // 8}")
    return np.dtype(object)


__all__ = ["Column", "Subject", "column_dtype", "dtype", "make"]
