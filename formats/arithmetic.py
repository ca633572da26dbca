"""Operations on codes: decode each operand in its own format, compute exactly, round once into the format of the result.

``operation("fma", e4m3, e4m3, binary32, to=binary32)`` binds an operation to formats and a projection; what it returns is called with codes. ``operate`` does both at
once. Operand formats and result format are independent, so that a mixed-precision multiply-add is one operation with one rounding.

Where standards or processors differ, the projection says which one is meant: NaN results (``NaNs``), tininess, flushing, overflow, and for integer results
what takes the place of a NaN (see ``formats.platforms``).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple, SupportsIndex

from gmpy2 import mpq

from formats.family import Format
from formats.fixed import Fixed
from formats.notation import parse
from formats.operations import AnyOperation, CodeOperation, find_operation
from formats.project import finite, project
from formats.projection import NaNs, Projection
from refmath.datum import Datum, Finite, NaN
from refmath.errors import RefmathError
from refmath.flags import INEXACT, INVALID, Flags
from refmath.operations.environment import Dialect, Environment
from refmath.operations.operation import Kind, NaNRule, Operation, apply, check_arity
from refmath.reals import Real
from refmath.rounding import RandomSource, check_random
from refmath.underflow import Subnormals

CACHED_WIDTH = 16
"""Formats of at most so many bits have their decoded codes kept."""
FLAGS = [Flags(bits) for bits in range(32)]
Quick = Callable[..., Real | None]
"""An operation on operands as they are held: see ``refmath.dyadic`` and ``refmath.logarithms``."""


class Result(NamedTuple):
    """What an operation on codes delivers."""

    code: int
    """A code of the result format; of a predicate 0 or 1; of an operation that answers with a word, 0."""
    flags: Flags
    """The exceptions raised, by the special case and by the rounding."""
    exact: Datum | bool | str
    """The result before it was rounded, or the truth value, or the word."""


class Decoder(dict[int, tuple[Datum, mpq | None]]):
    """The operands of one format: code to datum, and to its rational value where it has one. Short formats are remembered."""

    def __init__(self, f: Format, subnormals: Subnormals) -> None:
        super().__init__()
        self.format, self.subnormals = f, subnormals

    def __missing__(self, code: SupportsIndex) -> tuple[Datum, mpq | None]:
        number = self.format.check_code(code)
        datum = self.format.operand(number, self.subnormals)
        value = datum.value if isinstance(datum, Finite) and not isinstance(datum.value, Real) else None
        if self.format.width <= CACHED_WIDTH:
            self[number] = datum, value
        return datum, value


@lru_cache(maxsize=256)
def decoder(f: Format, subnormals: Subnormals) -> Decoder:
    """The decoder of a format under a policy for subnormal operands."""
    return Decoder(f, subnormals)


class Integers(dict[int, tuple[Datum, mpq | None]]):
    """Operands that are integers as they stand, of any size."""

    def __missing__(self, number: SupportsIndex) -> tuple[Datum, mpq | None]:
        value = mpq(number.__index__())
        return Finite(value, value < 0), value


class Bound:
    """An operation with its formats and its projection: call it with codes."""

    def __init__(self, op: Operation, formats: tuple[Format | None, ...], to: Format | None, how: Projection, dialect: Dialect) -> None:
        self.op, self.formats, self.to, self.how, self.dialect = op, formats, to, how, dialect
        self._operands = tuple(Integers() if f is None else decoder(f, how.operands) for f in formats)
        self._rational = op.rational if to is not None else None
        self._quick, self._quick_operands = _quick(op, formats, to, how)
        self.environment = Environment(dialect, how.rounding, zero_times_infinity_signals=how.nans in (NaNs.ARM, NaNs.RISCV))

    def __call__(self, *codes: SupportsIndex, random: int | RandomSource = 0) -> Result:
        """The result for those operand codes. ``random``: the random operand of a stochastic mode, or a source of it."""
        if len(codes) != self.op.arity:
            check_arity(self.op, len(codes))
        operands = [table[code] for table, code in zip(self._operands, codes, strict=True)]  # type: ignore[index]
        if self._rational is not None:
            try:
                exact = self._rational(*[value for _, value in operands])
            except (TypeError, ZeroDivisionError):  # an operand without a rational value, or a division by zero: a special case
                exact = None
            if exact:
                assert self.to is not None
                code, flags = project(self.to, exact, self.how, random)
                return Result(code, FLAGS[flags], Finite(exact, exact < 0))
        return self.on_data(tuple(datum for datum, _ in operands), random)

    def delivered(self, codes: tuple[int, ...], random: int | RandomSource = 0) -> tuple[int, int]:
        """Code and flags of the result for operands that are known to be codes; sooner than by calling it, for binary and logarithmic formats."""
        if self._quick is not None:
            operands = [operand(code) for operand, code in zip(self._quick_operands, codes, strict=True)]
            exact = None if None in operands else self._quick(*operands)  # an operand that is not so held is a special case
            if exact is not None:
                assert self.to is not None
                return finite(self.to, exact, exact.negative, self.how, random)
        result = self(*codes, random=random)
        return result.code, int(result.flags)

    def on_data(self, operands: tuple[Datum, ...], random: int | RandomSource = 0) -> Result:
        """The result for operands as they stand, whatever their formats."""
        environment = self.environment
        if self.op.rounds and self.how.rounding.stochastic:
            environment = with_random(environment, self.how, operands[0], random)
        exact, flags = apply(self.op, environment, operands)
        if self.to is None:
            assert isinstance(exact, bool | str)
            return Result(int(exact is True), FLAGS[flags], exact)
        assert not isinstance(exact, bool | str)
        if isinstance(exact, NaN):
            if self.op.nans is NaNRule.SIGN and self.to == self.formats[0] and self.to.has_nan:
                return Result(self.to.nan(exact), FLAGS[flags], exact)
            if self.op.nans is not NaNRule.SIGN:
                exact = result_nan(nan_policy(self.to, self.how), self.op, operands, flags)
        code, more = project(self.to, exact, self.how, random)
        if more & INVALID and self.to.range_flags == INVALID:
            flags &= ~INEXACT
        return Result(code, FLAGS[flags | more], exact)


def _quick(op: Operation, formats: tuple[Format | None, ...], to: Format | None, how: Projection) -> tuple[Quick | None, tuple[Callable[[int], Any], ...]]:
    """The operation on operands as they are held, and what makes such operands of codes: where all are integers times powers of two, or powers of one base."""
    known = [f for f in formats if f is not None]
    if to is None or len(known) < len(formats) or how.operands is not Subnormals.KEEP:
        return None, ()
    if all(f.is_dyadic for f in (*known, to)):
        return op.dyadic, tuple(f.dyadic for f in known)
    if to.logarithm_base and all(f.logarithm_base == to.logarithm_base for f in known):
        return op.logarithmic, tuple(f.power for f in known)
    return None, ()


class BoundCode:
    """An operation on one code of one format: call it with a code."""

    def __init__(self, op: CodeOperation, f: Format, how: Projection, dialect: Dialect) -> None:
        self.op, self.formats, self.how, self.dialect = op, (f,), how, dialect
        self.to = f if op.kind is Kind.NUMBER else None

    def __call__(self, *codes: SupportsIndex, random: int | RandomSource = 0) -> Result:
        """The result for that operand code; nothing here is random."""
        if len(codes) != 1:
            raise RefmathError(f"{self.op.name} takes 1 operand, not {len(codes)}.")
        f = self.formats[0]
        answer, flags = self.op.function(f, f.check_code(codes[0]), self.dialect, self.how)
        if self.to is None:
            return Result(int(answer is True), FLAGS[flags], answer)
        return Result(answer, FLAGS[flags], f.decode(answer))

    def delivered(self, codes: tuple[int, ...], random: int | RandomSource = 0) -> tuple[int, int]:
        """Code and flags of the result."""
        result = self(*codes)
        return result.code, int(result.flags)


def nan_policy(to: Format, how: Projection) -> NaNs:
    """Which NaN an operation delivers; into a format that has none, what takes its place goes by the sign of the operand."""
    return how.nans if to.has_nan or how.nans.keeps else NaNs.PROPAGATE


def result_nan(policy: NaNs, op: Operation, operands: tuple[Datum, ...], flags: int) -> NaN:
    """The NaN that a policy delivers. An operation that is invalid though no operand signals has the default NaN."""
    nans = [x for x in operands if isinstance(x, NaN)]
    if policy is NaNs.ARM and op.name == "fma":
        nans = [x for x in (*operands[2:], *operands[:2]) if isinstance(x, NaN)]
    signalling = [x for x in nans if x.signalling]
    if not policy.keeps or not nans or (flags & INVALID and not signalling):
        return NaN(policy is NaNs.X86)
    return replace(signalling[0] if policy is NaNs.ARM and signalling else nans[0], signalling=False)


def with_random(environment: Environment, how: Projection, x: Datum, random: int | RandomSource) -> Environment:
    """The environment with the random operand of an operation that rounds by itself; without a number of bits, as many as x has behind its binary point."""
    bits = how.bits
    if not bits and not isinstance(random, int):
        bits = max(1, x.value.denominator.bit_length() - 1) if isinstance(x, Finite) and not isinstance(x.value, Real) else 1
    number = random if isinstance(random, int) else random.getrandbits(bits)
    check_random(how.rounding, bits, number)
    return replace(environment, bits=bits, random=number)


def operation(
    name: str, *formats: Format | str | None, to: Format | str | None = None, projection: Projection | None = None, dialect: Dialect | None = None
) -> "Bound | BoundCode":
    """The operation of that name, bound to formats.

    ``formats``: one for each operand, or one for all of them. An operand that has to be an integer (of scaleb, pown, rootn, compound) may be given as an
    integer: its format is then None, as it is where one format stands for all. ``to``: the format of the result; the first operand's where it is not stated.
    ``projection``: that of the result format's standard where it is not stated. ``dialect``: likewise.

    Errors: ``RefmathError`` for an unknown operation, the wrong number of formats, formats of different standards, or a result format that the operation
    cannot have.
    """
    op = find_operation(name)
    chosen = tuple(parse(f) if isinstance(f, str) else f for f in formats)
    target = parse(to) if isinstance(to, str) else to
    return bind(op, chosen, target, projection, dialect)


@lru_cache(maxsize=1024)
def bind(
    op: AnyOperation, formats: tuple[Format | None, ...], to: Format | None, projection: Projection | None, dialect: Dialect | None
) -> "Bound | BoundCode":
    """``operation`` with everything looked up."""
    formats = operand_formats(op, formats)
    first = next((f for f in formats if f is not None), None)
    if first is None:
        raise RefmathError(f"{op.name} needs the format of its first operand.")
    target = to if to is not None and op.kind is Kind.NUMBER else first
    how = projection or target.default
    spoken = dialect or dialect_of(op, formats, target)
    if isinstance(op, CodeOperation):
        if target != first:
            raise RefmathError(f"{op.name} delivers the format of its operand, {first.name}, not {target.name}; convert the result.")
        return BoundCode(op, first, how, spoken)
    if op.name.startswith("to_integer") and not (isinstance(target, Fixed) and not target.fraction_bits):
        raise RefmathError(f"{op.name} delivers an integer format, such as int32, not {target.name}; round_to_integral stays in a format.")
    return Bound(op, formats, target if op.kind is Kind.NUMBER else None, how, spoken)


def operand_formats(op: AnyOperation, formats: tuple[Format | None, ...]) -> tuple[Format | None, ...]:
    """The format of each operand."""
    integers = op.integers if isinstance(op, Operation) else ()
    if len(formats) == 1:
        return tuple(None if position in integers else formats[0] for position in range(op.arity))
    if len(formats) != op.arity:
        raise RefmathError(f"{op.name} takes {op.arity} operand{'s' if op.arity > 1 else ''}, not {len(formats)}; give one format for each, or one for all.")
    for position, f in enumerate(formats):
        if f is None and position not in integers:
            raise RefmathError(f"{op.name} needs a format for operand {position + 1}.")
    return formats


def dialect_of(op: AnyOperation, formats: tuple[Format | None, ...], target: Format) -> Dialect:
    """The dialect of an operation that states none: the one that its formats agree on; a conversion that leaves one standard for another follows that of its result."""
    given = tuple(f for f in formats if f is not None)
    if op.name == "convert":
        return conversion_dialect(given[0], target)
    return common_dialect(op.name, (*given, target))


def conversion_dialect(source: Format, target: Format) -> Dialect:
    """The dialect of a conversion: that of the format that is not of IEEE 754, the target's where neither is."""
    return source.dialect if target.dialect is Dialect.IEEE754 else target.dialect


def common_dialect(name: str, formats: tuple[Format, ...]) -> Dialect:
    """The dialect that the formats agree on; IEEE 754 yields to the others, which do not mix."""
    found = {f.dialect: f for f in formats if f.dialect is not Dialect.IEEE754}
    if len(found) > 1:
        (_, a), (_, b) = list(found.items())[:2]
        raise RefmathError(
            f"{name}: {a.name} and {b.name} are of standards whose special cases differ; say which dialect holds: {', '.join(d.value for d in Dialect)}."
        )
    return next(iter(found), Dialect.IEEE754)


def operate(
    op: str,
    formats: Format | str | tuple[Format | str | None, ...],
    codes: tuple[SupportsIndex, ...],
    to: Format | str | None = None,
    projection: Projection | None = None,
    dialect: Dialect | None = None,
    random: int | RandomSource = 0,
) -> Result:
    """The result of an operation on codes: ``operation`` bound and called at once."""
    given = formats if isinstance(formats, tuple) else (formats,)
    return operation(op, *given, to=to, projection=projection, dialect=dialect)(*codes, random=random)
