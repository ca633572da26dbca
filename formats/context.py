"""The arithmetic context: into which format and by which policies operations round, and what was raised on the way.

    with Context("binary16", rounding="toward_positive") as ctx:
        z = x * y + 1
    print(z, ctx.flags)

A context states a result format, or none: then all numbers of an operation have to be of one format, which the result has too. Policies are those of the result
format's standard, changed by the keywords. A context is entered by ``with``, where operators and ``formats.functions`` use it, or asked itself: ``ctx.fma(x, y, z)``.
An inner ``with`` replaces the outer one, and each records for itself: its flags are sticky, its trace, if it keeps one, lists every step.

The current context belongs to the thread or task (``contextvars``); each thread starts with one of its own. One context may serve several threads.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import Any, NamedTuple, Unpack

from formats.arithmetic import bind
from formats.family import Format
from formats.literals import datum_of, parse_code, written_as
from formats.notation import parse
from formats.number import Number
from formats.operations import OPERATIONS, AnyOperation, find_operation
from formats.policies import Policies, read_policies
from formats.projection import Projection
from refmath.datum import Datum
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.operations import Dialect, Kind, parse_dialect
from refmath.rounding import RandomSource, Rounding
from refmath.text import parse_datum

CONVERT = OPERATIONS["convert"]

Answer = Number | bool | str
"""What an operation answers."""


class Draw(NamedTuple):
    """Random bits, and how many."""

    bits: int
    value: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a context did."""

    op: AnyOperation | None
    """The operation; None where a value was written down as a number."""
    operands: tuple[Number | int, ...]
    written: Datum | None
    """What was written down."""
    result: Answer
    exact: Datum | bool | str
    """The result before it was rounded."""
    flags: Flags
    projection: Projection
    """How it was rounded."""
    dialect: Dialect
    """Whose special cases held."""
    draws: tuple[Draw, ...]
    """The random bits of a stochastic mode, in the order in which they were used."""


@dataclass
class Recorder:
    """A source of random bits that remembers what was drawn."""

    source: RandomSource
    draws: list[Draw] = field(default_factory=list)

    def getrandbits(self, k: int, /) -> int:
        """k random bits of the source."""
        value = self.source.getrandbits(k)
        self.draws.append(Draw(k, value))
        return value


class Context:
    """How operations round, and what they raised."""

    def __init__(
        self,
        to: Format | str | None = None,
        *,
        dialect: Dialect | str | None = None,
        random: int | RandomSource | None = None,
        trace: bool = False,
        **policies: Unpack[Policies],
    ) -> None:
        """``to``: the format of results. ``dialect``: whose special cases hold, where not those of the formats. ``random``: for stochastic modes the random
        operand, the same for every step, or a source of it such as ``random.Random(1)``. ``trace``: whether ``steps`` are kept. The policies are the fields of
        ``Projection``, by member or by name.
        """
        self.to = parse(to) if isinstance(to, str) else to
        self.dialect = parse_dialect(dialect) if isinstance(dialect, str) else dialect
        self.policies = read_policies(policies)
        self.random, self.trace = random, trace
        mode = self.policies.get("rounding")
        if isinstance(mode, Rounding) and mode.stochastic and random is None:
            raise RefmathError(f"{mode.value} needs random bits; give the context random=R, 0 <= R < 2^bits, or a source of them such as random.Random(1).")
        self._flags = Flags.NONE
        self._steps: list[Step] = []
        self._lock = Lock()
        self._projections: dict[Format, Projection] = {}

    # What was raised.

    @property
    def flags(self) -> Flags:
        """What any step has raised since the context was made or cleared."""
        return self._flags

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps so far, where they are kept."""
        return tuple(self._steps)

    def clear(self) -> None:
        """Forget flags and steps."""
        with self._lock:
            self._flags = Flags.NONE
            self._steps.clear()

    def record(self, flags: Flags, step: Step | None = None) -> None:
        """Raise flags, and keep the step."""
        with self._lock:
            self._flags |= flags
            if step is not None:
                self._steps.append(step)

    # How it rounds.

    def projection(self, to: Format) -> Projection:
        """How results are rounded into a format."""
        found = self._projections.get(to)
        if found is None:
            found = self._projections[to] = replace(to.default, **self.policies)  # type: ignore[arg-type]
        return found

    def number(self, fmt: Format, value: object) -> Number:
        """The number of a format that a value becomes: a number of another format, a value of Python (a float as the binary64 number that it is), or
        text: a value or a code, as on the command line. It is rounded like any result, and raises what that raises.
        """
        if isinstance(value, Number):
            return self._applied(CONVERT, (value,), fmt)  # type: ignore[return-value]
        if isinstance(value, str):
            code = parse_code(value, fmt)
            if code is not None:
                return Number(fmt, code)
        written = parse_datum(value) if isinstance(value, str) else datum_of(value)
        if written is None:
            raise RefmathError(f"A {type(value).__name__} is no exact number; make one of {fmt.name} of an int, Fraction, Decimal, mpq, float or text.")
        return self.literal(fmt, written)

    def literal(self, fmt: Format, written: Datum) -> Number:
        """The number of a format that is written as that datum."""
        how, source = self.projection(fmt), self._source()
        code, flags = written_as(fmt, written, how, source)
        result = Number(fmt, code)
        self.record(flags, Step(None, (), written, result, written, flags, how, fmt.dialect, _draws(source, how)) if self.trace else None)
        return result

    def apply(self, operation: AnyOperation | str, *operands: object) -> Answer:
        """The result of an operation on numbers, rounded once: a number, a truth value, or a word.

        An int, Fraction, Decimal, mpq or float stands for the number of the operands' format that it equals; an int where an operation wants an integer
        (the n of scaleb, pown, rootn, compound) is that integer.

        Errors: ``RefmathError`` for an unknown operation, the wrong number of operands, formats that do not go together, a value that is none of its format, and
        whatever the policies refuse.
        """
        op = find_operation(operation) if isinstance(operation, str) else operation
        if len(operands) != op.arity:
            raise RefmathError(f"{op.name} takes {op.arity} operand{'s' if op.arity > 1 else ''}, not {len(operands)}.")
        numbers = self._numbers(op, operands)
        return self._applied(op, numbers, self._target(op, numbers) if op.kind is Kind.NUMBER else None)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The operation of that name in this context."""
        return partial(self.apply, operation_named(name))

    def _applied(self, op: AnyOperation, numbers: tuple[Number | int, ...], to: Format | None) -> Answer:
        formats = tuple(x.format if isinstance(x, Number) else None for x in numbers)
        first = next(fmt for fmt in formats if fmt is not None)
        how, source = self.projection(to or first), self._source()
        bound = bind(op, formats, to, how, self.dialect)
        code, flags, exact = bound(*(x.code if isinstance(x, Number) else x for x in numbers), random=source)
        result = exact if isinstance(exact, bool | str) else Number(to or first, code)
        self.record(flags, Step(op, numbers, None, result, exact, flags, how, bound.dialect, _draws(source, how)) if self.trace else None)
        return result

    def _source(self) -> int | RandomSource:
        if self.random is None or isinstance(self.random, int):
            return self.random or 0
        return Recorder(self.random) if self.trace else self.random

    def _numbers(self, op: AnyOperation, operands: tuple[object, ...]) -> tuple[Number | int, ...]:
        """The operands as numbers, and as integers where the operation wants them."""
        integers = getattr(op, "integers", ())
        homes = {x.format for x in operands if isinstance(x, Number)}
        home = next(iter(homes)) if len(homes) == 1 else self.to
        return tuple(
            x if isinstance(x, Number) or (position in integers and isinstance(x, int)) else equal_number(op, home, x) for position, x in enumerate(operands)
        )

    def _target(self, op: AnyOperation, numbers: tuple[Number | int, ...]) -> Format:
        """The format of the result."""
        if self.to is not None:
            return self.to
        formats = list(dict.fromkeys(x.format for x in numbers if isinstance(x, Number)))
        if len(formats) > 1:
            a, b = formats[:2]
            raise RefmathError(
                f"{op.name} has operands of {a.name} and {b.name}, and nothing says which format the result has; "
                f"state it in a context, with Context({a.name!r}), or convert an operand: {a.name}(y)."
            )
        return formats[0]

    # Being the current one.

    def __enter__(self) -> "Context":
        _STACK.set((*_STACK.get(), self))
        return self

    def __exit__(self, *error: object) -> None:
        stack = _STACK.get()
        last = max(at for at, context in enumerate(stack) if context is self)
        _STACK.set(stack[:last] + stack[last + 1 :])

    def __repr__(self) -> str:
        stated = {"to": self.to, "dialect": self.dialect, **self.policies}
        words = [f"{name}={getattr(value, 'value', value)}" for name, value in stated.items() if value is not None]
        return f"<Context {' '.join(words)} flags: {self.flags}>".replace("  ", " ")


def equal_number(op: AnyOperation, home: Format | None, value: object) -> Number:
    """The number of a format that equals a value of Python. ``RefmathError`` where there is none."""
    datum = None if isinstance(value, bool) else datum_of(value)
    if datum is None:
        raise RefmathError(f"{op.name}: a {type(value).__name__} is no operand; give a number, such as bfloat16(1.5).")
    shown = shown_value(value)
    if home is None:
        raise RefmathError(f"{op.name}: {shown} belongs to no format; make a number of it first, such as bfloat16(1.5).")
    try:
        return Number(home, home.encode(datum))
    except RefmathError:
        raise RefmathError(f"{op.name}: {shown} is no value of {home.name}; call {home.name} with it to round it into one first.") from None


def shown_value(value: object) -> str:
    """A value of Python in a sentence: as it is written, where that is short."""
    try:
        text = repr(value)
    except ValueError:  # an int of more digits than Python writes
        text = ""
    return text if 0 < len(text) <= 60 else f"this {type(value).__name__}"


def _draws(source: int | RandomSource, how: Projection) -> tuple[Draw, ...]:
    if isinstance(source, Recorder):
        return tuple(source.draws)
    return (Draw(how.bits, source),) if how.rounding.stochastic and isinstance(source, int) else ()


_STACK: ContextVar[tuple[Context, ...]] = ContextVar("refmath contexts", default=())


def current() -> Context:
    """The current context: the innermost ``with`` of this thread or task, else one that belongs to the thread or task."""
    stack = _STACK.get()
    if not stack:
        stack = (Context(),)
        _STACK.set(stack)
    return stack[-1]


def operation_named(name: str) -> AnyOperation:
    """The operation that an attribute names; ``AttributeError`` where there is none."""
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return find_operation(name)
    except RefmathError as error:
        raise AttributeError(str(error)) from None
