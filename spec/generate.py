"""The parts of the pages that are printed from the definitions and from the code.

A page says where: everything between ``<!-- generated: NAME -->`` and ``<!-- end -->`` is what the block NAME prints.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from conformance.campaign.schema import TABLES
from spec import blocks, expansions, families, formulas, tables
from spec.choices import choices

Block = Callable[[], str]


def ledger_tables() -> str:
    """The tables of a ledger, as SQLite has them."""
    return "```sql\n" + "".join(f"{table};\n" for table in TABLES) + "```"


BLOCKS: dict[str, Block] = {
    "float-value": formulas.float_value,
    "float-refined": formulas.float_refined,
    "float-layouts": formulas.float_layouts,
    "float-extremes": formulas.float_extremes,
    "fixed": formulas.fixed,
    "position": formulas.position,
    "modes": formulas.modes,
    "options": tables.options,
    "syntax": tables.syntax,
    "notation": tables.notation,
    "ambiguous": tables.ambiguous,
    "catalogue-floats": tables.floats,
    "catalogue-extremes": tables.extremes,
    "catalogue-integers": tables.integers,
    "catalogue-p3109": tables.p3109,
    "catalogue-others": tables.others,
    "catalogue-names": tables.names,
    "overflow": tables.overflow,
    "unsigned": tables.unsigned,
    "satnone": tables.satnone,
    "axes": tables.axes,
    "choices": choices,
    "posit": families.posit_definition,
    "posit-thresholds": families.posit_thresholds,
    "posit-extremes": families.posit_extremes,
    "quire": families.quire_definition,
    "quire-example": families.quire_example,
    "takum": families.takum_linear,
    "takum-prefixes": families.takum_prefixes,
    "takum-log": families.takum_logarithmic,
    "lns": families.logarithmic_definition,
    "lns-values": families.logarithmic_values,
    "affine": families.affine_definition,
    "nested": families.nested_shares,
    "codebooks": families.codebooks,
    "block-formats": blocks.named,
    "block-axes": blocks.axes,
    "block-choices": blocks.choices,
    "block-policies": blocks.policies,
    "block-orders": blocks.orders,
    "block-scale-rules": blocks.scale_rules,
    "block-elements": blocks.element_limits,
    "block-ties": blocks.ties,
    "block-pinned": blocks.pinned,
    "block-dissent": blocks.dissent,
    "block-reciprocal": blocks.reciprocal,
    "block-worked": blocks.worked,
    "expansion-formulas": expansions.formulas,
    "expansion-formats": expansions.named,
    "expansion-normalised": expansions.normalised,
    "expansion-census": expansions.census,
    "expansion-failures": expansions.failures,
    "expansion-grow": expansions.growth,
    "ledger-tables": ledger_tables,
}
"""Every generated part, by name."""

MARKED = re.compile(r"^<!-- generated: ([\w-]+) -->\n(.*?)^<!-- end -->$", re.DOTALL | re.MULTILINE)
MARKER = re.compile(r"^<!-- (generated:|end)", re.MULTILINE)


class PageError(Exception):
    """A page whose markers do not fit together or name no block."""


def regenerate(pages: Iterable[Path], blocks: Mapping[str, Block], *, write: bool) -> dict[Path, list[str]]:
    """The blocks of each page that were not current; with ``write`` the pages are rewritten.

    ``PageError`` for a marker without its end, an unknown name, and a block that no page shows.
    """
    shown: set[str] = set()
    stale: dict[Path, list[str]] = {}
    for page in pages:
        old = page.read_text(encoding="utf-8")
        new, names, changed = render(old, blocks, page.name)
        shown |= names
        if changed:
            stale[page] = changed
            if write:
                page.write_text(new, encoding="utf-8")
    if missing := sorted(set(blocks) - shown):
        raise PageError(f"no page shows {', '.join(missing)}: put <!-- generated: {missing[0]} --> and <!-- end --> where it belongs.")
    return stale


def render(text: str, blocks: Mapping[str, Block], name: str) -> tuple[str, set[str], list[str]]:
    """A page with its generated parts made anew, the names of those, and which of them changed."""
    found, changed = set(), []

    def fill(match: re.Match[str]) -> str:
        block, old = match[1], match[2]
        if block not in blocks:
            raise PageError(f"{name}: {block} is not a generated part; the parts are {', '.join(blocks)}.")
        found.add(block)
        body = f"\n{blocks[block]().strip()}\n\n"
        if body != old:
            changed.append(block)
        return f"<!-- generated: {block} -->\n{body}<!-- end -->"

    new = MARKED.sub(fill, text)
    if len(MARKER.findall(text)) != 2 * len(MARKED.findall(text)):
        raise PageError(f"{name}: the markers of generated parts do not pair; each <!-- generated: NAME --> needs its <!-- end --> on a line of its own.")
    return new, found, changed
