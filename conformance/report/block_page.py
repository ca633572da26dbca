"""The page of a block format, and of values in it: how the scale was chosen, what was clipped and flushed, each error, several policies side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum

from gmpy2 import mpq

from conformance.report.codes import code_span
from conformance.report.data import Data, code_data, datum_data, number_data
from conformance.report.screen import Cell, Line, Span, columns, listing, row
from formats.block import Block, BlockFormat, decode, greatest_element, scale_of
from formats.block_notation import BLOCKS, block_text, size_text
from formats.block_policies import Order, ScaleRule
from formats.block_scale import greatest_finite
from formats.block_tensor import BlockTensor, quantize_tensor
from formats.floats import Float
from formats.wording import short_text
from refmath.datum import Datum, Finite, rational
from refmath.errors import RefmathError
from refmath.reals import sqrt
from refmath.text import rounded_decimal
from refmath.wording import decimal_text, number_text, power_text, scientific, special_text

SHOWN = 64
"""Elements that are shown one by one."""
BLOCKS_SHOWN = 16
"""Blocks that are shown one by one."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What names a policy in the table of elements."""
DIGITS = 3
"""Digits of an error that is summed up."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value in a block."""

    given: Datum
    code: int
    meant: Datum
    """What scale and element stand for."""
    clipped: bool
    """Whether its quotient lay beyond the greatest element."""
    flushed: bool
    """Whether it was not zero, and its element is."""
    error: mpq | None
    """meant - given; None where one of them is no number."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One block under one policy."""

    block: Block
    amax: mpq
    """The greatest finite magnitude."""
    elements: tuple[Element, ...]

    @property
    def clipped(self) -> int:
        """How many elements were."""
        return sum(element.clipped for element in self.elements)

    @property
    def flushed(self) -> int:
        """How many elements were."""
        return sum(element.flushed for element in self.elements)

    @property
    def greatest_error(self) -> mpq | None:
        """The greatest magnitude of an error; None where no error is a number."""
        return max((abs(element.error) for element in self.elements if element.error is not None), default=None)

    @property
    def mean_square(self) -> mpq | None:
        """The mean of the squares of the errors that are numbers."""
        errors = [element.error for element in self.elements if element.error is not None]
        return sum((error * error for error in errors), mpq(0)) / len(errors) if errors else None


def outcomes(fmt: BlockFormat, values: Sequence[Datum]) -> tuple[BlockTensor, list[Outcome]]:
    """What becomes of a vector of values in a block format, block by block."""
    one_axis = fmt if len(fmt.size) < 2 else replace(fmt, size=(fmt.count,))
    tensor = quantize_tensor(one_axis, list(values))
    return tensor, [_outcome(block, [values[i] for i in places]) for block, places in zip(tensor.blocks(), tensor.layout.rows(), strict=True)]


def _outcome(block: Block, values: Sequence[Datum]) -> Outcome:
    scale, top = scale_of(block), greatest_element(block.format.element)
    made = [_element(block, scale, top, *each) for each in zip(values, block.elements, decode(block), strict=True)]
    return Outcome(block, greatest_finite(values), tuple(made))


def _element(block: Block, scale: Datum, top: mpq, given: Datum, code: int, meant: Datum) -> Element:
    if not isinstance(given, Finite) or not isinstance(meant, Finite) or not isinstance(scale, Finite):
        return Element(given, code, meant, False, False, None)
    x, y = rational(given), rational(meant)
    element = block.format.element.decode(code)
    vanished = isinstance(element, Finite) and not element.value
    return Element(given, code, meant, abs(x) > top * rational(scale) and not vanished, bool(x) and vanished, y - x)


def alternatives(fmt: BlockFormat) -> list[BlockFormat]:
    """What stands beside a block format where nothing else is asked for: the other scale rules, or the other orders."""
    if fmt.tensor is None and isinstance(fmt.scale, Float) and fmt.scale.precision == 1 and fmt.policy.order is Order.EXACT:
        rules = [rule for rule in (ScaleRule.FLOOR, ScaleRule.CEIL, ScaleRule.EVEN, ScaleRule.RCEIL) if rule is not fmt.policy.rule]
        return [_named(replace(fmt, policy=replace(fmt.policy, rule=rule))) for rule in rules]
    known = [named.format for named in BLOCKS if (named.format.element, named.format.scale, named.format.tensor) == (fmt.element, fmt.scale, fmt.tensor)]
    exact = replace(fmt, policy=replace(fmt.policy, order=Order.EXACT, rule=ScaleRule.RATIO))
    found = [_named(replace(other, size=fmt.size)) for other in (*known, exact)]
    return [other for at, other in enumerate(found) if other != fmt and other not in found[:at]]


def _named(fmt: BlockFormat) -> BlockFormat:
    return replace(fmt, name=block_text(fmt))


# The page of a block format.


def format_lines(fmt: BlockFormat) -> list[Line]:
    """What a block format is, with every choice of its policy."""
    entry = next((named for named in BLOCKS if named.format == fmt), None)
    lines: list[Line] = [row("format", Span(fmt.name, "strong"), f"   {entry.about}" if entry else "")]
    if entry and entry.aliases:
        lines += listing("aliases", entry.aliases)
    lines.append(row("elements", f"{fmt.element.name}, {fmt.element.width} bits, greatest {number_text(greatest_element(fmt.element))}"))
    extent = f"{size_text(fmt.size)} elements" if fmt.size else "the whole tensor"
    lines.append(row("scale", f"{fmt.scale.name}, {fmt.scale.width} bits, one for {extent}"))
    if fmt.tensor is not None:
        lines.append(row("", f"and {fmt.tensor.name} for the whole tensor"))
    if fmt.bits is not None:
        lines.append(row("size", f"{decimal_text(fmt.bits)[0]} bits an element" + (", without the tensor scale" if fmt.tensor is not None else "")))
    return lines + listing("policy", [f"{name}={word}" for name, word in policy_words(fmt).items()])


def policy_words(fmt: BlockFormat) -> dict[str, str]:
    """Every choice of a policy, by name."""
    found = {}
    for field in fields(fmt.policy):
        value = getattr(fmt.policy, field.name)
        found[field.name] = str(value.value) if isinstance(value, Enum) else "none" if value is None else str(value)
    return found


def format_data(fmt: BlockFormat) -> Data:
    """The same as JSON data."""
    return {
        "format": fmt.name,
        "element": fmt.element.name,
        "scale": fmt.scale.name,
        "tensor_scale": None if fmt.tensor is None else fmt.tensor.name,
        "size": size_text(fmt.size),
        "bits": None if fmt.bits is None else str(fmt.bits),
        "policy": policy_words(fmt),
    }


# The page of values.


def value_lines(formats: Sequence[BlockFormat], values: Sequence[Datum]) -> list[Line]:
    """Values under several policies: a line for each block and policy, then a line for each element."""
    if len(formats) > len(LETTERS):
        raise RefmathError(f"{len(formats)} block formats do not fit side by side; give at most {len(LETTERS)}, or --json.")
    results = [(fmt, *outcomes(fmt, values)) for fmt in formats]
    lines: list[Line] = [row("values", _how_many(len(values), results[0][2])), []]
    head: list[Cell] = [
        Span(word, "label") for word in ("block", "", "policy", "scale", "", "amax becomes", "clipped", "flushed", "greatest error", "rms error")
    ]
    blocks = max(len(found) for _, _, found in results)
    rows = [head]
    for number in range(min(blocks, BLOCKS_SHOWN)):
        rows += [_block_row(number, letter, fmt, found[number]) for letter, (fmt, _, found) in zip(LETTERS, results, strict=False) if number < len(found)]
    lines += columns(rows, right=(6, 7))
    if blocks > BLOCKS_SHOWN:
        lines.append([Span(f"{blocks - BLOCKS_SHOWN:,} more blocks; --json has them all", "dim")])
    for letter, (fmt, tensor, _) in zip(LETTERS, results, strict=False):
        if fmt.tensor is not None and tensor.tensor is not None:
            lines.append(row("tensor", Span(letter, "label"), "  scale ", code_span(fmt.tensor, tensor.tensor), f" {short_text(fmt.tensor, tensor.tensor)}"))
    return [*lines, [], *_element_lines([(fmt, found) for fmt, _, found in results], values)]


def _how_many(count: int, found: Sequence[Outcome]) -> str:
    amax = number_text(max(outcome.amax for outcome in found))
    return f"{count:,} in {len(found):,} block{'s' if len(found) > 1 else ''}, amax {amax}"


def _block_row(number: int, letter: str, fmt: BlockFormat, outcome: Outcome) -> list[Cell]:
    code = outcome.block.scale
    greatest = max(outcome.elements, key=lambda e: abs(rational(e.given)) if isinstance(e.given, Finite) else -1)
    error, mean = outcome.greatest_error, outcome.mean_square
    return [
        f"{number}",
        Span(letter, "label"),
        Span(fmt.name, "strong"),
        code_span(fmt.scale, code),
        _scale_text(fmt, code),
        _datum_text(greatest.meant),
        Span(f"{outcome.clipped:,}", "warn" if outcome.clipped else ""),
        Span(f"{outcome.flushed:,}", "warn" if outcome.flushed else ""),
        "" if error is None else f"{_error_text(error)}{_percent(error, outcome.amax)}",
        "" if mean is None else rounded_decimal(sqrt(mean), DIGITS) if mean else "0",
    ]


def _scale_text(fmt: BlockFormat, code: int) -> str:
    datum = fmt.scale.decode(code)
    power = power_text(rational(datum)) if isinstance(datum, Finite) else None
    return power or short_text(fmt.scale, code)


def _datum_text(datum: Datum) -> str:
    if not isinstance(datum, Finite):
        return special_text(datum)
    return "-0" if datum.negative and not datum.value else decimal_text(datum.value, 6)[0]


def _error_text(error: mpq) -> str:
    written, exact = decimal_text(error, DIGITS)
    return written if exact and len(written) < 10 else scientific(error, DIGITS)


def _percent(error: mpq, of: mpq) -> str:
    return f" ({rounded_decimal(100 * error / of, DIGITS)} % of amax)" if of and error else ""


def _element_lines(results: Sequence[tuple[BlockFormat, list[Outcome]]], values: Sequence[Datum]) -> list[Line]:
    """A line for each value: what it became under each policy, and the error."""
    flat = [[element for outcome in found for element in outcome.elements] for _, found in results]
    head: list[Cell] = [Span("element", "label"), Span("value", "label")]
    for letter, _ in zip(LETTERS, results, strict=False):
        head += [Span(letter, "label"), "", Span("error", "label")]
    rows = [head]
    for at, given in enumerate(values[:SHOWN]):
        line: list[Cell] = [f"{at}", _datum_text(given)]
        for (fmt, _), elements in zip(results, flat, strict=True):
            element = elements[at]
            line += [code_span(fmt.element, element.code), _meant(element), "" if element.error is None else _error_text(element.error)]
        rows.append(line)
    more: list[Line] = [[Span(f"{len(values) - SHOWN:,} more elements; --json has them all", "dim")]] if len(values) > SHOWN else []
    return [*columns(rows), *more]


def _meant(element: Element) -> Cell:
    text = _datum_text(element.meant)
    return Span(f"{text} clipped", "warn") if element.clipped else Span(f"{text} flushed", "warn") if element.flushed else text


def value_data(formats: Sequence[BlockFormat], values: Sequence[Datum]) -> Data:
    """The same as JSON data, with everything."""
    found = []
    for fmt in formats:
        tensor, blocks = outcomes(fmt, values)
        scale = None if fmt.tensor is None or tensor.tensor is None else code_data(fmt.tensor, tensor.tensor)
        found.append({**format_data(fmt), "tensor_scale_code": scale, "blocks": [_block_data(fmt, outcome) for outcome in blocks]})
    return {"values": [datum_data(value) for value in values], "policies": found}


def _block_data(fmt: BlockFormat, outcome: Outcome) -> Data:
    error, mean = outcome.greatest_error, outcome.mean_square
    return {
        "scale": code_data(fmt.scale, outcome.block.scale),
        "amax": number_data(outcome.amax),
        "clipped": outcome.clipped,
        "flushed": outcome.flushed,
        "greatest_error": None if error is None else number_data(error),
        "mean_square_error": None if mean is None else number_data(mean),
        "elements": [
            {
                "code": code_data(fmt.element, element.code)["code"],
                "value": datum_data(element.meant),
                "clipped": element.clipped,
                "flushed": element.flushed,
                "error": None if element.error is None else number_data(element.error),
            }
            for element in outcome.elements
        ],
    }
