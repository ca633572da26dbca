"""Expressions: text to a program of instructions for a stack. Nothing here knows a format, and nothing recurs, however deep the text is nested.

    fma(1.1, x, 2^-9)    -x * 3 + 0x3c    sqrt(x) <= y % 2    max(x, -inf)

Numbers are those of ``refmath.text``; ``0x3c`` and ``0b0101`` are codes of the format. Operators, loosest first: comparisons < <= > >= == != (which do not chain), + -, * / %,
signs, and ^ or ** (to the right). % is fmod. Every operation is a function by any of its names. A sign before a literal belongs to it: -1.1 is rounded as -1.1. An integer raised to
an integer is one literal where 2^-9 is one as a number; else an integral exponent is taken exactly, as that of pown, and any other makes pow.

Source of the method: E. W. Dijkstra's shunting yard, Algol 60 translation (1961).
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

from gmpy2 import mpq

from formats.operations import AnyOperation, find_operation
from formats.tokens import Token, tokens
from refmath.datum import Datum, Finite, finite
from refmath.errors import RefmathError, quote
from refmath.operations import Environment
from refmath.operations.sign import negation
from refmath.powers import MAX_EXPONENT, power
from refmath.reals import Real
from refmath.text import parse_datum

SPECIALS = ("inf", "infinity", "nan", "qnan", "snan", "nar")
"""The names that are literals."""
POWER, SIGN, COMPARISON = 4, 3, 0
BINARY = {"^": POWER, "*": 2, "/": 2, "%": 2, "+": 1, "-": 1, **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), COMPARISON)}
"""How tightly the operators bind."""
OPERATION = {"%": "fmod"}
"""The operators that are no name of their operation."""
SHOWN = 60
"""Characters of a part that are shown."""
FOLDED_BITS = 4096
"""The longest power of a base other than 2 and 10 that is one literal."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the format, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """The value of a name."""

    text: str


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer that an operation takes as it is."""

    value: int


Action: TypeAlias = Datum | Code | Name | Integer | AnyOperation
"""Put a literal, a code, a named value or an integer on the stack; or replace the topmost operands by the result of an operation."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One step of a program, and the part of the text that it stands for."""

    action: Action
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Program:
    """An expression, read."""

    text: str
    instructions: tuple[Instruction, ...]

    def part(self, instruction: Instruction) -> str:
        """The text that an instruction stands for, its middle left out where it is long."""
        start, end = instruction.start, instruction.end
        return self.text[start:end] if end - start <= SHOWN else f"{self.text[start : start + SHOWN - 23]}...{self.text[end - 20 : end]}"


@dataclass(frozen=True, slots=True)
class _Part:
    """An operand that was read: where it stands, and where its last instruction does."""

    start: int
    end: int
    at: int
    literal: Datum | None = None
    """What it denotes, where it is one literal."""

    @property
    def integer(self) -> int | None:
        """The integer that it is, where it is one literal."""
        x = self.literal
        exact = isinstance(x, Finite) and not isinstance(x.value, Real) and x.value.denominator == 1
        return int(x.value) if exact else None  # type: ignore[union-attr, arg-type]


@dataclass(slots=True)
class _Open:
    """An operator that waits for its right operand, or a bracket that waits to be closed."""

    text: str
    start: int
    binding: int = -1
    sign: bool = False
    call: AnyOperation | None = None
    operands: int = 0
    """The operands of a call that are complete."""


def parse_expression(text: str) -> Program:
    """The program of an expression. ``RefmathError`` for text that is none, naming what is wrong and where."""
    reader = _Reader(text)
    reader.read()
    return Program(text, tuple(reader.output))


class _Reader:
    """The shunting yard: instructions go out, operators and brackets wait on a stack."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.output: list[Instruction] = []
        self.parts: list[_Part] = []
        self.waiting: list[_Open] = []
        self.operand_next = True
        self.name: Token | None = None
        """A name whose next word decides whether it is called."""

    def read(self) -> None:
        end = Token("end", "", len(self.text), len(self.text))
        for token in tokens(self.text):
            self.take(token)
        self.take(end)
        while self.waiting:
            if self.waiting[-1].binding < 0:
                raise RefmathError(f"The '(' at character {self.bracket(self.waiting[-1])} of {quote(self.text)} is never closed; add a ')'.")
            self.reduce()

    def bracket(self, opened: _Open) -> int:
        """Where the bracket stands, counted from 1."""
        return self.text.index("(", opened.start) + 1

    def take(self, token: Token) -> None:
        """One word."""
        name, self.name = self.name, None
        if name is not None:
            if token.text == "(":
                self.waiting.append(_Open("(", name.start, call=find_operation(name.text)))
                self.operand_next = True
                return
            self.put(parse_datum(name.text) if name.text.lower() in SPECIALS else Name(name.text), name)
        if self.operand_next:
            self.operand(token)
        else:
            self.after_operand(token)

    def operand(self, token: Token) -> None:
        """A word where an operand begins."""
        match token.kind, token.text:
            case "number", text:
                self.put(parse_datum(text), token)
            case "code", text:
                self.put(Code(text), token)
            case "name", _:
                self.name, self.operand_next = token, False
            case "operator", "(":
                self.waiting.append(_Open("(", token.start))
            case "operator", "+" | "-":
                self.waiting.append(_Open(token.text, token.start, SIGN, sign=True))
            case "operator", ")" if self.waiting and self.waiting[-1].call and not self.waiting[-1].operands:
                self.close(token)
            case _:
                raise self.missing(token)

    def missing(self, token: Token) -> RefmathError:
        """That there is no operand where one has to be."""
        if not self.text.strip():
            return RefmathError("An empty expression has no value; write one such as fma(1.1, x, 2^-9).")
        where = f"before the {quote(token.text)} at character {token.start + 1}" if token.kind != "end" else "at the end"
        return RefmathError(f"An operand is missing {where} of {quote(self.text)}; write a number, a name or a call there.")

    def after_operand(self, token: Token) -> None:
        """A word behind a complete operand."""
        match token.kind, token.text:
            case "end", _:
                pass
            case "operator", ")":
                self.close(token)
            case "operator", ",":
                self.comma(token)
            case "operator", text if text != "(":
                self.binary(token)
            case _:
                before = self.text[self.parts[-1].start : self.parts[-1].end]
                raise RefmathError(
                    f"An operator is missing between {quote(before)} and {quote(token.text)} at character {token.start + 1}; write, for example, a '*' there."
                )

    def put(self, action: Datum | Code | Name, token: Token) -> None:
        """A literal, a code or a name."""
        self.parts.append(_Part(token.start, token.end, len(self.output), None if isinstance(action, Code | Name) else action))
        self.output.append(Instruction(action, token.start, token.end))
        self.operand_next = False

    def binary(self, token: Token) -> None:
        binding = BINARY[token.text]
        while self.waiting and self.waiting[-1].binding >= binding + (binding == POWER) and self.waiting[-1].binding != COMPARISON:
            self.reduce()
        if binding == COMPARISON and self.waiting and self.waiting[-1].binding == COMPARISON:
            raise RefmathError(f"The {quote(token.text)} at character {token.start + 1} compares a truth value; comparisons do not chain.")
        self.waiting.append(_Open(token.text, token.start, binding))
        self.operand_next = True

    def innermost(self) -> _Open | None:
        """The innermost open bracket, once the operators in it are reduced."""
        while self.waiting and self.waiting[-1].binding >= 0:
            self.reduce()
        return self.waiting[-1] if self.waiting else None

    def comma(self, token: Token) -> None:
        opened = self.innermost()
        if opened is None or opened.call is None:
            raise RefmathError(f"The ',' at character {token.start + 1} parts no operands of an operation; remove it, and write decimals with a point.")
        opened.operands += 1
        self.operand_next = True

    def close(self, token: Token) -> None:
        opened = self.innermost()
        if opened is None:
            raise RefmathError(f"The ')' at character {token.start + 1} of {quote(self.text)} closes nothing; remove it, or open a '(' before it.")
        self.waiting.pop()
        if opened.call is None:
            self.parts[-1] = replace(self.parts[-1], start=opened.start, end=token.end)
            return
        count = opened.operands + (not self.operand_next)
        if count != opened.call.arity:
            plural = "s" if opened.call.arity > 1 else ""
            raise RefmathError(f"{opened.call.name} takes {opened.call.arity} operand{plural}, not {count}: {quote(self.text[opened.start : token.end])}.")
        self.call(opened.call, opened.start, token.end)
        self.operand_next = False

    def call(self, op: AnyOperation, start: int, end: int) -> None:
        """An operation on the last operands, which stands from ``start`` to ``end``."""
        operands = self.parts[-op.arity :]
        for position in getattr(op, "integers", ()):
            part = operands[position]
            if part.integer is not None:
                self.output[part.at] = Instruction(Integer(part.integer), part.start, part.end)
        self.parts[-op.arity :] = [_Part(start, end, len(self.output))]
        self.output.append(Instruction(op, start, end))

    def fold(self, datum: Datum, start: int, end: int) -> None:
        """One literal in the place of the last operand."""
        self.parts[-1] = _Part(start, end, self.parts[-1].at, datum)
        self.output[self.parts[-1].at] = Instruction(datum, start, end)

    def reduce(self) -> None:
        """The topmost operator gets its operands."""
        operator, right = self.waiting.pop(), self.parts[-1]
        if operator.sign:
            self.signed(operator, right)
        elif operator.text == "^":
            self.raised(self.parts[-2], right)
        else:
            self.call(find_operation(OPERATION.get(operator.text, operator.text)), self.parts[-2].start, right.end)

    def signed(self, operator: _Open, right: _Part) -> None:
        """A sign before an operand, which belongs to it where that is a literal."""
        if right.literal is not None:
            self.fold(negation(Environment(), right.literal)[0] if operator.text == "-" else right.literal, operator.start, right.end)
        elif operator.text == "-":
            self.call(find_operation("negate"), operator.start, right.end)
        else:
            self.parts[-1] = replace(right, start=operator.start)

    def raised(self, left: _Part, right: _Part) -> None:
        """A power: one literal where it is one as a number, pown where the exponent is a literal integer, else pow."""
        folded = None if left.integer is None or right.integer is None else literal_power(left.integer, right.integer)
        if folded is None:
            self.call(find_operation("pow" if right.integer is None else "pown"), left.start, right.end)
            return
        self.parts.pop()
        self.output.pop()
        self.fold(folded, left.start, right.end)


def literal_power(base: int, exponent: int) -> Datum | None:
    """An integer raised to an integer as one literal; None where it is too long to be one, and for a base 0."""
    if base in (2, 10) and abs(exponent) <= MAX_EXPONENT:
        return finite(power(base, exponent))
    if base and abs(exponent) * base.bit_length() <= FOLDED_BITS:
        return finite(mpq(base) ** exponent)
    return None
