"""What the commands share: arguments that are formats and negative numbers, options for every policy of a projection."""

import re
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Any, Generic, TypeVar

import click
from click.shell_completion import CompletionItem

from formats import AbsentNaN, AbsentZero, Format, NaNs, Negatives, Projection, parse
from formats.notation import names
from refmath.errors import RefmathError, quote
from refmath.operations import Dialect, parse_dialect
from refmath.overflow import Overflow, parse_overflow
from refmath.rounding import RandomSource, Rounding, parse_rounding
from refmath.underflow import Subnormals, Tininess

Choice = TypeVar("Choice", bound=Enum)
Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_NEGATIVE = re.compile(r"-(?:\d|\.\d|inf|nan|snan|qnan)", re.ASCII | re.IGNORECASE)


class Command(click.Command):
    """A command whose operands may be negative numbers: ``-1.5`` is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._options_first(ctx, args))

    def is_operand(self, arg: str) -> bool:
        """Whether an argument that starts with a minus is an operand and no option."""
        return bool(_NEGATIVE.match(arg))

    def _options_first(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments with every option in front and every operand behind ``--``."""
        valued = {name for option in self.params if isinstance(option, click.Option) and not option.is_flag for name in option.opts}
        options: list[str] = []
        operands: list[str] = []
        rest = iter(args)
        for arg in rest:
            if arg == "--":
                operands += rest
            elif len(arg) < 2 or arg[0] != "-" or self.is_operand(arg):
                operands.append(arg)
            else:
                options.append(arg)
                if arg in valued:
                    value = next(rest, None)
                    if value is None:
                        if ctx.resilient_parsing:
                            return [*operands, *options]
                        raise click.UsageError(f"the option {arg} needs a value", ctx)
                    options.append(value)
        return [*options, "--", *operands] if operands else options


class FormatType(click.ParamType[Format]):
    """A format, by name, alias or notation."""

    name = "format"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Format:
        return value if isinstance(value, Format) else parse(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        head = incomplete.lower()
        return [CompletionItem(name, help=named.about) for name, named in names().items() if name.startswith(head)]


class ChoiceType(click.ParamType[Choice], Generic[Choice]):
    """One of an enumeration, by canonical name or by any name that its parser knows."""

    def __init__(self, choices: type[Choice], read: Callable[[str], Choice] | None = None) -> None:
        self.choices, self.read = choices, read
        self.name = choices.__name__.lower()

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Choice:
        if isinstance(value, self.choices):
            return value
        if self.read is not None:
            return self.read(value)
        name = value.strip().lower().replace("-", "_")
        for choice in self.choices:
            if choice.value == name:
                return choice
        option = param.opts[0] if param else "the option"
        raise RefmathError(f"{quote(value)} is no choice for {option}; use one of {', '.join(self.canonical())}.")

    def canonical(self) -> list[str]:
        """The canonical names."""
        return [str(choice.value) for choice in self.choices]

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(name) for name in self.canonical() if name.startswith(incomplete.lower())]


class Integer(click.ParamType[int]):
    """A nonnegative integer, decimal, or hexadecimal with 0x."""

    name = "integer"
    MAX_DIGITS = 1300

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        body = value.strip().replace("_", "").lower()
        if len(body) > self.MAX_DIGITS or not re.fullmatch(r"\d+|0x[0-9a-f]+|0b[01]+", body, re.ASCII):
            raise RefmathError(f"{quote(value)} is no choice for {param.opts[0] if param else 'the option'}; give a nonnegative integer.")
        return int(body, 0 if body[:2] in ("0x", "0b") else 10)


class ShownType(click.ParamType[str]):
    """A format or a block format, as a text; which of them it is, the command decides."""

    name = "format"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from formats.block_notation import block_names

        blocks = [
            CompletionItem(name, help=named.about) for name, named in block_names().items() if name.startswith(incomplete.lower()) and name not in names()
        ]
        return [*FORMAT.shell_complete(ctx, param, incomplete), *blocks]


FORMAT = FormatType()
SHOWN = ShownType()
INTEGER = Integer()
ROUNDING = ChoiceType(Rounding, parse_rounding)
OVERFLOW = ChoiceType(Overflow, parse_overflow)


def listed(choices: type[Enum]) -> str:
    """The values of an enumeration for a help text."""
    return ", ".join(str(choice.value) for choice in choices)


def json_option(command: Decorated) -> Decorated:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead; the schema is in spec/cli-json.md.")(command)


PROJECTION_OPTIONS = (
    click.option("--rounding", "-r", type=ROUNDING, metavar="MODE", help=f"{listed(Rounding)}; short forms such as rne, rtz, rtp, rtn."),
    click.option("--overflow", type=OVERFLOW, metavar="POLICY", help=f"Beyond the greatest finite value: {listed(Overflow)}."),
    click.option("--bits", type=INTEGER, metavar="N", help="Number of random bits of a stochastic mode."),
    click.option("--random", type=INTEGER, metavar="R", help="The random bits, 0 <= R < 2^N."),
    click.option("--seed", type=INTEGER, metavar="SEED", help="Draw the random bits from a generator with this seed."),
    click.option("--tininess", type=ChoiceType(Tininess), metavar="WHEN", help=f"When underflow looks at a result: {listed(Tininess)} rounding."),
    click.option("--subnormals", type=ChoiceType(Subnormals), metavar="POLICY", help=f"Tiny results: {listed(Subnormals)}."),
    click.option("--subnormal-operands", type=ChoiceType(Subnormals), metavar="POLICY", help=f"Subnormal operands: {listed(Subnormals)}."),
    click.option("--nans", type=ChoiceType(NaNs), metavar="POLICY", help=f"Which NaN is delivered: {listed(NaNs)}."),
    click.option("--absent-nan", type=ChoiceType(AbsentNaN), metavar="POLICY", help=f"NaN where the format has none: {listed(AbsentNaN)}."),
    click.option("--absent-zero", type=ChoiceType(AbsentZero), metavar="POLICY", help=f"Zero where the format has none: {listed(AbsentZero)}."),
    click.option("--negatives", type=ChoiceType(Negatives), metavar="POLICY", help=f"Negative values in an unsigned format: {listed(Negatives)}."),
)


def dialect_option(command: Decorated) -> Decorated:
    """``--dialect``."""
    text = f"Whose special cases hold, where not those of the formats: {listed(Dialect)}."
    return click.option("--dialect", type=ChoiceType(Dialect, parse_dialect), metavar="STANDARD", help=text)(command)


def projection_options(command: Decorated) -> Decorated:
    """An option for every policy of a projection, in the order of the help."""
    for option in reversed(PROJECTION_OPTIONS):
        command = option(command)
    return command


FIELDS = {"subnormals": "results", "subnormal_operands": "operands"}
"""The options whose field in ``Projection`` bears another name."""


def policies(options: dict[str, Any]) -> dict[str, Any]:
    """The policies that the options state, by their names in ``Projection``."""
    return {FIELDS.get(name, name): value for name, value in options.items() if value is not None and name not in ("random", "seed")}


def projection(fmt: Format, options: dict[str, Any], compares: bool = False) -> Projection:
    """The projection of a format, with what the options change. A command that ``compares`` modes has a use for ``--bits`` in every mode."""
    how = replace(fmt.default, **policies(options))
    if not how.rounding.stochastic:
        if options["random"] is not None or options["seed"] is not None:
            raise RefmathError(f"--random and --seed belong to the stochastic modes; {how.rounding.value} draws nothing.")
        if options["bits"] is not None and not compares:
            raise RefmathError(f"--bits belongs to the stochastic modes; {how.rounding.value} draws nothing.")
        return how
    if options["random"] is None and options["seed"] is None:
        raise RefmathError(f"{how.rounding.value} needs random bits; give them with --random R, 0 <= R < 2^N, or draw them with --seed SEED.")
    if options["random"] is not None and options["seed"] is not None:
        raise RefmathError("--random and --seed exclude each other; give the random bits, or the seed that they are drawn with.")
    if not how.bits and (how.rounding.needs_bits or options["random"] is not None):
        raise RefmathError(f"{how.rounding.value} needs its number of random bits; give --bits N, for example --bits 8.")
    return how


def random_bits(options: dict[str, Any]) -> int | RandomSource:
    """The random bits that the options give, or the generator that draws them."""
    if options["seed"] is None:
        return options["random"] or 0
    from random import Random

    return Random(options["seed"])
