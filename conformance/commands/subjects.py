"""What ``vectors``, ``verify`` and ``serve`` share: the options that say what cases compute."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from conformance.commands.arguments import FORMAT, INTEGER, PROJECTION_OPTIONS, ChoiceType, policies
from conformance.vectors.dot_subject import DOT, make_dot
from conformance.vectors.functions import function, is_function
from conformance.vectors.subject import Subject, make
from formats import Format
from formats.operations import find_operation
from formats.platforms import Platform, parse_platform
from refmath.errors import RefmathError
from refmath.operations import Dialect, parse_dialect
from refmath.underflow import Tininess

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

SUBJECT_OPTIONS = (
    click.option("--format", "fmt", type=FORMAT, metavar="FORMAT", help="The format of operands and result."),
    click.option("--from", "froms", type=FORMAT, multiple=True, metavar="FORMAT", help="The format of the operands: once for all, or once for each."),
    click.option("--to", type=FORMAT, metavar="FORMAT", help="The format of the result."),
    click.option("--platform", type=ChoiceType(Platform, parse_platform), metavar="NAME", help="NaNs, tininess and invalid integers of riscv, x86 or arm."),
    click.option("-exact/-notexact", "--exact/--notexact", "exact", default=None, help="Whether rounding to an integer raises inexact."),
    click.option("-tininessbefore", "tiny", flag_value="before", help="As --tininess before."),
    click.option("-tininessafter", "tiny", flag_value="after", help="As --tininess after."),
    click.option("--dialect", type=ChoiceType(Dialect, parse_dialect), metavar="STANDARD", help="Whose special cases hold, where not those of the formats."),
)
DOT_OPTIONS = (
    click.option("--model", metavar="MODEL", help="Of dot: how it accumulates, such as h100, exact, aligned(group=8, F=24); see spec/accumulation.md."),
    click.option("--length", type=INTEGER, metavar="K", help="Of dot: the number of products."),
    click.option("--scale", type=FORMAT, metavar="FORMAT", help="Of dot: the format of block scales, such as e8m0."),
    click.option("--block", type=INTEGER, metavar="N", help="Of dot: elements that share a scale (usually 32)."),
)
OF_DOT = ("model", "length", "scale", "block")
DRAWN = ("random", "seed")
"""Options of a projection that have no place here: a file has its random bits in a column."""


def subject_options(command: Decorated) -> Decorated:
    """Every option that says what cases compute."""
    own = [option for option in PROJECTION_OPTIONS if _name(option) not in DRAWN]
    for option in reversed((*SUBJECT_OPTIONS, *DOT_OPTIONS, *own)):
        command = option(command)
    return command


def _name(option: Callable[..., Any]) -> str:
    """The parameter that an option fills."""
    probe = option(lambda: None)
    return str(probe.__click_params__[0].name)


def subject(operation: str, options: dict[str, Any]) -> Subject:
    """The subject that an operation and the options name. ``RefmathError`` for what does not go together."""
    chosen = {**options, "random": None, "seed": None}
    fmt, froms, to = chosen.pop("fmt"), chosen.pop("froms"), chosen.pop("to")
    platform, exact, dialect, tiny = chosen.pop("platform"), chosen.pop("exact"), chosen.pop("dialect"), chosen.pop("tiny")
    if tiny is not None:
        chosen["tininess"] = Tininess(tiny)
    given = {name: chosen.pop(name) for name in OF_DOT}
    stated = policies(chosen)
    if operation == DOT:
        _refuse(DOT, {"--platform": platform, "--exact": exact, "--dialect": dialect})
        return _dot(fmt, froms, to, given, stated)
    _refuse(operation, {f"--{name}": value for name, value in given.items()})
    if is_function(operation):
        if fmt is not None or froms or to is not None:
            raise RefmathError(f"{operation} states its formats itself; leave out --format, --from and --to.")
        return function(operation, stated, exact, platform)
    op = find_operation(operation)
    if exact is not None:
        if op.name.removesuffix("_exact") not in ("to_integer", "round_to_integral"):
            raise RefmathError(f"--exact belongs to operations that round to an integer; {op.name} is none.")
        op = find_operation(op.name.removesuffix("_exact") + ("_exact" if exact else ""))
    return make(op.name, _sources(op.name, fmt, froms), to if to is not None or froms else _result(op.name, fmt), stated, platform, dialect)


def _refuse(operation: str, given: dict[str, Any]) -> None:
    """``RefmathError`` for the first option that the operation has no use for."""
    for option, value in given.items():
        if value is not None:
            raise RefmathError(f"{operation} has no use for {option}; leave it out{' (it belongs to dot)' if option[2:] in OF_DOT else ''}.")


def _dot(fmt: Format | None, froms: tuple[Format, ...], to: Format | None, given: dict[str, Any], stated: dict[str, Any]) -> Subject:
    """The subject of a dot product."""
    of, target = _sources(DOT, fmt, froms), to or fmt
    if target is None:
        raise RefmathError("dot: say in which format it accumulates and delivers, with --to FORMAT.")
    if given["model"] is None or given["length"] is None:
        raise RefmathError("dot: say how it accumulates and how many products it has, as in --model h100 --length 16.")
    return make_dot(given["model"], of, target, given["length"], given["scale"], given["block"], stated)


def _sources(operation: str, fmt: Format | None, froms: tuple[Format, ...]) -> tuple[Format, ...]:
    if froms:
        return froms
    if fmt is None:
        raise RefmathError(f"{operation}: in which format? Give --format FORMAT, or --from FORMAT and --to FORMAT.")
    return (fmt,)


def _result(operation: str, fmt: Format | None) -> Format | None:
    """The format of the result where only one format is stated: of an integer result none."""
    return None if operation.startswith("to_integer") else fmt
