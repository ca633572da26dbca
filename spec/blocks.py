"""What the page on block formats shows: the named formats, every policy axis, the stepwise orders, and worked cases, all computed."""

import inspect
from dataclasses import fields
from enum import Enum
from fractions import Fraction

from gmpy2 import mpq

import formats.block_orders
from formats import parse
from formats.block import Block, BlockFormat, decode, greatest_exponent, precision
from formats.block_dot import dot
from formats.block_notation import BLOCKS, CHOICES, parse_block, size_text, standard_policy
from formats.block_orders import tensor_scale
from formats.block_policies import GRAPHCORE, MX, ONE_LEVEL, SHARED_EXPONENT, TORCHAO, TRANSFORMER_ENGINE, Policy, ScaleRule
from formats.block_quantize import data, quantize, requantize
from formats.block_scale import greatest_finite, wanted_scale
from formats.floats import ieee
from formats.notation import text
from formats.quantizer import Division
from formats.stepwise import over, rounded, times
from refmath.datum import Datum, finite, rational
from refmath.text import parse_exact, rounded_decimal
from spec import docstrings
from spec.markdown import number, power, table

MX_63, OPEN = "OCP MX 6.3", "no standard"
SOURCES = {
    "order": "OCP MX 6.3, whose formulas have no steps",
    "rule": MX_63,
    "log2": MX_63,
    "ratio": "the formula of `rule`, taken literally",
    "scale_rounding": f"{OPEN}; powers of two in range need none",
    "scale_overflow": MX_63,
    "target": "NVIDIA's NVFP4: 448, the greatest E4M3",
    "zero_block": f"{OPEN}; as `small_scale`",
    "small_scale": MX_63,
    "nan": "OCP MX has NaN scales; when they arise is open",
    "infinity": "the same",
    "division": MX_63,
    "rounding": MX_63,
    "bits": OPEN,
    "overflow": MX_63,
    "absent_nan": OPEN,
    "integers": "OCP MX, INT8",
}
"""Who says what the default of each axis is."""

POLICIES: dict[str, Policy] = {
    "shared exponents: `msfp11`, ..., `flex16_5`": SHARED_EXPONENT,
    "scales with a significand, in one level": ONE_LEVEL,
    "`nvfp4`, and any tensor scale": TRANSFORMER_ENGINE,
    "`nvfp4_torchao`": TORCHAO,
    "`mxfp4_ue5m3`, `mxfp4_ue4m3`": GRAPHCORE,
    "elements and scales of P3109": standard_policy(parse("binary8p3sf"), parse("binary8p1uf")),
}


def named() -> str:
    """The named block formats."""
    rows = []
    for known in BLOCKS:
        f = known.format
        names = " ".join(f"`{name}`" for name in (f.name, *known.aliases))
        bits = "" if f.bits is None else rounded_decimal(f.bits, 4)
        rows.append((names, f"`{text(f.element)}`", f"`{text(f.scale)}`", size_text(f.size), f"`{text(f.tensor)}`" if f.tensor else "", bits, known.about))
    return table(("format", "element", "scale", "block", "tensor scale", "bits an element", ""), rows)


def axes() -> str:
    """Every field of a policy: default, source of the default, meaning."""
    words = docstrings.of_fields(Policy)
    rows = []
    for item in fields(Policy):
        kind = CHOICES.get(item.name)
        meaning = words.get(item.name) or (inspect.getdoc(kind) or "").splitlines()[0]
        rows.append((f"`{item.name}`", f"`{_word(item.default)}`", SOURCES[item.name], meaning))
    return table(("axis", "default", "said by", "decides"), rows)


def choices() -> str:
    """The choices of each axis that has some of its own."""
    rows = []
    for axis, kind in CHOICES.items():
        words = docstrings.of_fields(kind)
        rows += [(f"`{axis}`", f"`{choice.value}`", words.get(choice.name, "")) for choice in kind]
    return table(("axis", "choice", ""), rows)


def policies() -> str:
    """What the other standards and implementations take instead of the defaults."""
    rows = []
    for about, policy in POLICIES.items():
        changes = [(item.name, getattr(policy, item.name)) for item in fields(Policy)]
        rows.append((about, ", ".join(f"`{name}={_word(value)}`" for name, value in changes if value != getattr(MX, name))))
    return table(("formats", "differ from the defaults in"), rows)


def _word(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else "none" if value is None else str(value)


def orders() -> str:
    """The formulas of the stepwise orders, in the words of the module that computes them."""
    lines = (inspect.getdoc(formats.block_orders) or "").splitlines()
    return "\n".join(["```", *(line.removeprefix("    ") for line in lines if line.startswith("    ")), "```"])


EXPONENTS = (ScaleRule.FLOOR, ScaleRule.CEIL, ScaleRule.EVEN, ScaleRule.RCEIL)


def scale_rules() -> str:
    """The scale of a block of E2M1 by each rule for exponents, and what becomes of its greatest value."""
    rows = []
    for amax in ("4.1", "6.1", "7"):
        cells = []
        for rule in EXPONENTS:
            f = BlockFormat("", parse("e2m1"), parse("e8m0"), policy=Policy(rule=rule))
            x = parse_exact(amax)
            assert isinstance(x, type(mpq()))
            block = quantize(f, [x])
            (back,) = decode(block)
            cells.append(f"{power(block.scale - 127)}: {number(rational(f.element.decode(block.elements[0])))} = {number(rational(back))}")
        rows.append((amax, *cells))
    return table(("amax", *(f"`{rule.value}`" for rule in EXPONENTS)), rows)


def element_limits() -> str:
    """The emax and the precision that the rules for exponents take, for the elements of OCP MX."""
    elements = [known.format for known in BLOCKS if known.format.policy == MX]
    rows = [(f"`{f.name}`", str(greatest_exponent(f.element)), str(precision(f.element)), number(mpq(f.element.exact(f.element.limit())))) for f in elements]
    return table(("format", "emax", "p", "greatest element"), rows)


def ties() -> str:
    """The middles between neighbours of E2M1, rounded both ways."""
    middles = [mpq(n, 4) for n in (1, 3, 5, 7, 10, 14, 20)]
    f = parse("e2m1")
    rows = []
    for rounding in ("nearest_even", "nearest_away"):
        block = BlockFormat("", f, parse("e8m0"), policy=Policy(rounding=type(MX.rounding)(rounding)))
        codes = quantize(block, [mpq(4), *middles]).elements[1:]
        rows.append((f"`{rounding}`", *(number(mpq(f.exact(code))) for code in codes)))
    return table(("", *(number(x) for x in middles)), rows)


PINNED = ("7.209771652307365e-15", "8.30072435974513e-17")


def pinned() -> str:
    """The scale that tells Graphcore's order from others: the product of its steps beside the exact quotient."""
    binary32, f = ieee(32), next(known.format for known in BLOCKS if known.format.name == "mxfp4_ue5m3_two_level")
    amax, reference = (binary32.decode(binary32.round(_exact(words))) for words in PINNED)
    level = tensor_scale(f, rational(reference))
    block = quantize(f, [rational(amax)], level)
    step = times(amax, times(level.encode, rounded(finite(mpq(1, 6)))))
    other = over(times(amax, level.encode), finite(mpq(6)))
    rows = [("amax_b (G (1 / 6)), Graphcore", _value(step), _scale(f, block.scale)), ("(amax_b G) / 6", _value(other), _scale(f, f.scale.round(other)))]
    exact = rational(amax) * 448 / rational(reference)
    rows.append(("amax_b 448 / ref, exactly", rounded_decimal(exact, 12), _scale(f, f.scale.round(exact))))
    return f"amax_b = {PINNED[0]}, ref = {PINNED[1]} (both rounded to binary32), UE5M3 scales.\n\n" + table(("steps", "before rounding", "scale"), rows)


def _exact(words: str) -> mpq:
    x = parse_exact(words)
    assert isinstance(x, type(mpq()))
    return x


def _value(x: Datum) -> str:
    return rounded_decimal(rational(x), 12)


def _scale(f: BlockFormat, code: int) -> str:
    return f"{number(mpq(f.scale.exact(code)))} `0x{code:x}`"


def dissent() -> str:
    """Blocks of one on which the orders for NVFP4 give different scales."""
    rows = []
    for pair in ((39, 52), (38, 112)):
        cells = []
        for order in (TRANSFORMER_ENGINE, TORCHAO, Policy(rule=ScaleRule.RATIO)):
            f = BlockFormat("", parse("e2m1"), parse("ue4m3"), (1,), parse("binary32"), order)
            lanes = data([Fraction(x) for x in pair])
            block = quantize(f, lanes[:1], tensor_scale(f, greatest_finite(lanes)))
            cells.append(_scale(f, block.scale))
        rows.append((f"{pair[0]} beside {pair[1]}", *cells))
    return table(("amax_b in a tensor", "TransformerEngine", "torchao", "exact"), rows)


LANES = ("4.1", "1", "0.3", "-2")


def worked() -> str:
    """Four values in several formats, and the first of those blocks in each of the others."""
    rows, lanes = [], [_exact(words) for words in LANES]
    first = quantize(parse_block("mxfp4"), lanes)
    for name in ("mxfp4", "mxfp4(rule=ceil)", "nvfp4", "mxfp8_e4m3", "mxint8", "msfp12"):
        f = parse_block(name)
        block, again = quantize(f, lanes), requantize(first, f)
        codes = " ".join(f"{code:0{(f.element.width + 3) // 4}x}" for code in block.elements)
        rows.append((f"`{name}`", f"`{block.scale:02x}`", f"`{codes}`", _lanes(block), _lanes(again)))
    exact = dot(first, first, "binary32")
    square = number(rational(parse("binary32").decode(exact.code)))
    head = table(("format", "scale", "elements", "decoded", "`mxfp4` requantized"), rows)
    return f"{head}\n\nThe dot product of the first block with itself, exact and rounded once into binary32, is {square}."


def _lanes(block: Block) -> str:
    return ", ".join(rounded_decimal(rational(x), 5) for x in decode(block))


def reciprocal() -> str:
    """The least integer amax whose quotient by 6, as the axis ``ratio`` takes it, is not the exact one rounded once."""
    f = {how: BlockFormat("", parse("e2m1"), parse("ue4m3"), policy=Policy(rule=ScaleRule.RATIO, ratio=how)) for how in Division}
    for n in range(1, 10_000):
        exact, divided, multiplied = (wanted_scale(f[how], finite(mpq(n))) for how in (Division.EXACT, Division.DIVIDE, Division.MULTIPLY))
        assert rounded(exact) == divided
        if divided != multiplied:
            return f"The least integer for which `divide` and `multiply` differ is amax = {n}: {_value(divided)} and {_value(multiplied)}."
    raise AssertionError("dividing and multiplying agree on every integer")
