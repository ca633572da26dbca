"""``refmath identify``: which format, rounding and policies a function implements."""

from typing import Any

import click

from conformance.commands.arguments import FORMAT, INTEGER, Command
from conformance.exits import Exit
from formats import Format
from refmath.errors import RefmathError, quote

HELP = """Find which format, rounding, overflow, subnormal and NaN policy a function implements.

EMULATOR and FUNCTION name a conversion of a library as `refmath check -v` lists it: the call, or the format that it is said to deliver. With --python no claim is
needed: the function takes an array of float32 numbers (float64 where --source needs it) and gives an array of numbers. What is believed of it is only that.

The format is found by the values that come out, which must come out of themselves; then every rounding mode and every policy is tried
on operands at all thresholds of the format. The answer is the match, or the nearest one with its exceptions; -v shows the case that refutes each alternative.

\b
Examples:
  refmath identify torch float8_e4m3fn
  refmath identify ml_dtypes ocp_e4m3 --source binary64 -v
  refmath identify --python my_library:quantize
  refmath identify --python my_library:quantize --library torch
"""


@click.command("identify", cls=Command, help=HELP)
@click.argument("emulator", required=False, metavar="[EMULATOR]")
@click.argument("function", required=False, metavar="[FUNCTION]")
@click.option("--python", metavar="MODULE:FUNCTION", help="A function of arrays, instead of EMULATOR and FUNCTION.")
@click.option("--library", metavar="NAME", help="Whose arrays it takes and gives: numpy (default), torch or jax; python: one number at a time.")
@click.option("--command", "program", metavar="COMMAND", help="A program that answers lines of codes, instead; --source and --target say what its codes mean.")
@click.option("--source", type=FORMAT, metavar="FORMAT", help="The format of the operands (default binary32).")
@click.option("--target", type=FORMAT, metavar="FORMAT", help="With --command: the format in which results come out (default: that of the operands).")
@click.option("--device", default="cpu", metavar="DEVICE", help="cpu (default) or cuda.")
@click.option("--budget", type=click.Choice(("quick", "standard")), default="standard", help="How much to try.")
@click.option("--seed", type=INTEGER, default=1, metavar="SEED", help="Seed of the random operands (default 1).")
@click.option("--time-limit", type=INTEGER, default=300, metavar="SECONDS", help="Beyond it the function counts as hanging (default 300).")
@click.option("--verbose", "-v", is_flag=True, help="Every exception that is kept, and the case that refutes each alternative.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead; the schema is in spec/report.md.")
def command(emulator: str | None, function: str | None, verbose: bool, as_json: bool, **options: Any) -> int:
    from conformance.limits import Limits
    from conformance.pool import Pool
    from conformance.report.identify_page import data, page
    from conformance.report.screen import show, show_json
    from conformance.worker import Identify
    from formats.notation import parse

    source: Format = options["source"] or parse("binary32")
    limits = Limits(float(options["time_limit"]))
    name, claim = _claim(emulator, function, source, options, limits)
    answers: list[Any] = []
    with Pool(1, limits) as pool:
        pool.run([Identify(name, options["device"], claim, _budget(options))], lambda at, answer: answers.append(answer))
    (found,) = answers
    if as_json:
        show_json(data(found))
    else:
        show(page(found, verbose))
    if found.error:
        return Exit.FAILED
    return Exit.DIFFERS if found.exceptions or found.deviations else Exit.AGREES


def _budget(options: dict[str, Any]) -> Any:
    from dataclasses import replace

    from conformance.budget import QUICK, STANDARD

    return replace(QUICK if options["budget"] == "quick" else STANDARD, seed=options["seed"])


def _claim(emulator: str | None, function: str | None, source: Format, options: dict[str, Any], limits: Any) -> tuple[str, Any]:
    """The emulator's name and the claim whose function is asked."""
    from conformance.pool import listings

    given = [word for word in (emulator, options["python"], options["program"]) if word]
    if len(given) != 1:
        raise RefmathError("Name one thing to identify: EMULATOR and FUNCTION, or --python MODULE:FUNCTION, or --command COMMAND.")
    name = _known(emulator) if emulator else _described(source, options)
    (listing,) = listings([(name, options["device"])], limits)
    if listing.error:
        raise RefmathError(f"{given[0]} cannot be asked: {listing.error}.")
    claims = [claim for claim in listing.claims if claim.operation == "convert" and claim.operands == (source,)]
    return name, _chosen(claims, function, given[0], source)


def _known(emulator: str) -> str:
    from conformance.emulators import missing

    if why := missing(emulator):
        raise RefmathError(why)
    return emulator


def _described(source: Format, options: dict[str, Any]) -> str:
    """A description of a function or a program that claims nothing: its results are numbers of a wide format."""
    from conformance.outside.options import described_by_options

    arrays = {"library": options["library"], "arrays": _held(source)} if options["python"] else {}
    target = options["target"] or source
    (text,) = described_by_options(options["program"], options["python"], arrays, ("convert",), (source,), (target,), {})
    return text


def _held(source: Format) -> str:
    """The type in which a Python function is given the values of a format."""
    from conformance.emulators.held import holds
    from formats.notation import text

    found = next((kind for kind in ("float32", "float64") if holds(kind, source)), None)
    if found is None:
        raise RefmathError(
            f"A Python function is given float64 numbers, which do not hold every value of {text(source)}; state another --source, or use --command."
        )
    return found


def _chosen(claims: list[Any], function: str | None, name: str, source: Format) -> Any:
    from formats.notation import text

    if function is None and len(claims) == 1:
        return claims[0]
    named = [claim for claim in claims if function is not None and _is_named(claim, function)]
    if not named:
        calls = list(dict.fromkeys(claim.call for claim in claims))
        offer = (
            f"its conversions of {text(source)} are {', '.join(calls[:8])}{', ...' if len(calls) > 8 else ''}" if calls else f"it converts no {text(source)}"
        )
        raise RefmathError(f"{quote(function or '')} is no function of {name} here; {offer}." if function else f"Name a function of {name}: {offer}.")
    return named[0]


def _is_named(claim: Any, function: str) -> bool:
    """By the call, by what stands in its brackets, or by the format that is delivered."""
    from formats.notation import parse, text

    if function in (claim.call, text(claim.result), claim.call.rpartition("(")[2].rstrip(")")):
        return True
    try:
        return bool(parse(function) == claim.result)
    except RefmathError:
        return False
