"""``refmath formats``: the formats that have a name."""

import click

from conformance.commands.arguments import Command, json_option
from conformance.report.data import Data, number_data
from conformance.report.screen import Cell, Line, Span, columns, plain, show, show_json, width, wrap
from formats import CATALOGUE, Fixed, Float, Format
from formats.catalogue import Named
from formats.wording import nan_word
from refmath.errors import RefmathError, quote
from refmath.reals import Exact, Real
from refmath.wording import decimal_text, exact_text, power_text, scientific

HELP = """List the formats that have a name, all or those that match: TEXT is looked for in names, aliases and descriptions.

Any other format has a notation: binary96, e5m2(bias=20, specials=fn), ue4m3, q8.8, int12, binary10p5sf.

\b
Examples:
  refmath formats
  refmath formats e4m3
  refmath formats --width 8 --family float
  refmath formats --family p3109
"""
SHORT = 10
"""Characters of the longest exact decimal in the list."""


def family_of(fmt: Format) -> str:
    """The family of a format, in the words of ``--family``."""
    match fmt:
        case Float() if fmt.revision:
            return "p3109"
        case Fixed() if fmt.fraction_bits == 0:
            return "integer"
        case _:
            return type(fmt).__name__.lower()


FAMILIES = tuple(dict.fromkeys(family_of(named.format) for named in CATALOGUE))
"""The families that the catalogue has."""


@click.command("formats", cls=Command, help=HELP)
@click.argument("text", nargs=-1, metavar="[TEXT]")
@click.option("--family", type=click.Choice(FAMILIES, case_sensitive=False), help="Only the formats of one family.")
@click.option("--width", "bits", metavar="BITS", help="Only the formats of so many bits: 8, or 4..8.")
@json_option
def command(text: tuple[str, ...], family: str | None, bits: str | None, as_json: bool) -> None:
    wanted = " ".join(text).lower()
    widths = _widths(bits)
    found = [named for named in CATALOGUE if _matches(named, wanted) and family in (None, family_of(named.format)) and named.format.width in widths]
    if as_json:
        show_json([_data(named) for named in found])
        return
    if not found:
        raise RefmathError(f"No named format matches {quote(wanted or bits or family)}; 'refmath formats' lists all, and e<bits>m<bits> writes any float.")
    collapse = family != "p3109" and not wanted
    listed = [named for named in found if not (collapse and family_of(named.format) == "p3109")]
    show(_lines(listed, len(found) - len(listed)))


def _widths(text: str | None) -> range:
    """The widths that ``8`` or ``4..8`` means."""
    if text is None:
        return range(1 << 30)
    low, dots, high = text.replace(" ", "").partition("..")
    if not (low.isascii() and low.isdigit() and len(text) < 20 and (high.isascii() and high.isdigit() if dots else True)):
        raise RefmathError(f"{quote(text)} is not a width; give a number of bits such as 8, or a range such as 4..8.")
    return range(int(low), int(high or low) + 1)


def _matches(named: Named, wanted: str) -> bool:
    return any(wanted in name for name in (named.format.name, named.about.lower(), *named.aliases))


def _lines(listed: list[Named], collapsed: int) -> list[Line]:
    head: list[Cell] = [Span(title, "label") for title in ("name", "bits", "greatest", "least", "specials")]
    rows = [head, *map(_row, listed)]
    if collapsed:
        rows.append([Span("binary<K>p<P><s|u><e|f>", "strong"), "K", "", "", ""])
    lines = columns(rows, right={1})
    room = max(30, width() - len(plain(lines[0])) - 2)
    shown: list[Line] = [[*lines[0], "  ", Span("aliases", "label")]]
    for line, named in zip(lines[1:], listed, strict=False):
        first, *more = wrap(named.aliases, room - 4) if named.aliases else [""]
        shown.append([*line, "  ", Span(first + (" ..." if more else ""), "dim")])
    if collapsed:
        shown.append([*lines[-1][:7], Span(f"{collapsed} of P3109, and more: refmath formats --family p3109", "dim")])
    return shown


def _row(named: Named) -> list[Cell]:
    """Name, width, greatest value, least positive value, specials."""
    fmt = named.format
    return [Span(fmt.name, "strong"), str(fmt.width), brief(fmt.exact(fmt.limit())), brief(fmt.value(fmt.least)), specials(fmt)]


def brief(x: Exact) -> str:
    """A number in ten or so characters: exact where that is possible, else a few leading digits."""
    text, exact = decimal_text(x)
    if isinstance(x, Real):
        return decimal_text(x, 5)[0]
    if exact and len(text) <= SHORT:
        return text
    written = power_text(x) or exact_text(x)
    return written if written and len(written) <= SHORT else scientific(x, 5)


def specials(fmt: Format) -> str:
    """What a format has beside its numbers, in short; and what it lacks of the usual."""
    words = [
        ("\N{PLUS-MINUS SIGN}inf" if fmt.signed else "inf") if fmt.has_infinity else "",
        nan_word(fmt).lower() if fmt.has_nan else "",
        "-0" if fmt.has_negative_zero else "",
    ]
    lacks = ["no 0" if not fmt.has_zero else "", "unsigned" if not fmt.signed else ""]
    return " ".join(word for word in words + lacks if word) or "-"


def _data(named: Named) -> Data:
    fmt = named.format
    return {
        "name": fmt.name,
        "family": family_of(fmt),
        "about": named.about,
        "aliases": list(named.aliases),
        "width": fmt.width,
        "signed": fmt.signed,
        "has_zero": fmt.has_zero,
        "has_negative_zero": fmt.has_negative_zero,
        "has_infinity": fmt.has_infinity,
        "has_nan": fmt.has_nan,
        "greatest": number_data(fmt.exact(fmt.limit())),
        "least_positive": number_data(fmt.value(fmt.least)),
    }
