"""Text to block format, and back; the named block formats.

    mxfp4  mxfp8_e4m3  nvfp4  msfp12         names of the table below and their aliases
    mxfp4(rule=even, rounding=rna)           a named format under another policy
    mxfp4(size=16)  mxfp4(size=16x16)        and with other blocks: a length, two lengths, or size=tensor for one block
    block(e2m1, e8m0, 32)                    element format, scale format, size
    block(e2m1, ue4m3, 16, tensor=binary32)  with a scale for the whole tensor
    block(e0m3(bias=1), e8m0, 16, rule=rceil)

An option is a field of ``formats.block_policies.Policy`` and the name of a choice. Without options, ``block`` follows ``standard_policy``. Block formats have a table
of names of their own: some of them name an element format too (mxfp8_e4m3 is ocp_e4m3 where a scalar format is meant).
``parse_block`` and ``block_text`` are inverse to each other on every block format.
"""

import re
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from enum import Enum
from functools import cache, lru_cache
from typing import Any

from formats.block import BlockFormat
from formats.block_policies import (
    GRAPHCORE,
    MX,
    ONE_LEVEL,
    SHARED_EXPONENT,
    TORCHAO,
    TRANSFORMER_ENGINE,
    InfiniteLane,
    Integers,
    Logarithm,
    NaNLane,
    Order,
    Policy,
    ScaleRule,
    SmallScale,
)
from formats.family import Format
from formats.fixed import fixed
from formats.floats import Float, satnone
from formats.notation import parse, text
from formats.projection import AbsentNaN
from formats.quantizer import Division
from refmath.errors import RefmathError, quote
from refmath.operations.environment import Dialect
from refmath.overflow import parse_overflow
from refmath.reals import Real
from refmath.rounding import parse_rounding
from refmath.text import parse_exact

MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class NamedBlock:
    """A block format with a name."""

    format: BlockFormat
    aliases: tuple[str, ...]
    about: str


E8M0, UE4M3, UE5M3, E2M1, BINARY32 = parse("e8m0"), parse("ue4m3"), parse("ue5m3"), parse("e2m1"), parse("binary32")


def _mx(name: str, element: Format) -> BlockFormat:
    return BlockFormat(name, element, E8M0, (32,), None, MX)


def _shared(name: str, bits: int) -> BlockFormat:
    """MSFP: sign, ``bits`` significand bits, and an exponent of 8 bits for 16 elements."""
    return BlockFormat(name, parse(f"e0m{bits}(bias=1)"), E8M0, (16,), None, SHARED_EXPONENT)


BLOCKS = (
    NamedBlock(_mx("mxfp8_e5m2", parse("ocp_e5m2")), (), "OCP MX: E5M2 elements, 32 to a power-of-two scale"),
    NamedBlock(_mx("mxfp8_e4m3", parse("ocp_e4m3")), (), "OCP MX: E4M3 elements"),
    NamedBlock(_mx("mxfp6_e3m2", parse("e3m2")), (), "OCP MX: E3M2 elements"),
    NamedBlock(_mx("mxfp6_e2m3", parse("e2m3")), (), "OCP MX: E2M3 elements"),
    NamedBlock(_mx("mxfp4", E2M1), ("mxfp4_e2m1",), "OCP MX: E2M1 elements"),
    NamedBlock(_mx("mxint8", fixed(2, 6)), (), "OCP MX: 8-bit integers over 64"),
    NamedBlock(BlockFormat("nvfp4", E2M1, UE4M3, (16,), BINARY32, TRANSFORMER_ENGINE), ("nvfp4_te",), "NVFP4 in TransformerEngine's order"),
    NamedBlock(BlockFormat("nvfp4_torchao", E2M1, UE4M3, (16,), BINARY32, TORCHAO), (), "NVFP4 in torchao's order, with a tensor scale"),
    NamedBlock(BlockFormat("nvfp4_torchao_one_level", E2M1, UE4M3, (16,), None, TORCHAO), (), "NVFP4 in torchao's order, without a tensor scale"),
    NamedBlock(BlockFormat("mxfp4_ue5m3", E2M1, UE5M3, (32,), None, GRAPHCORE), (), "E2M1 elements, UE5M3 scales, in Graphcore's order"),
    NamedBlock(BlockFormat("mxfp4_ue5m3_two_level", E2M1, UE5M3, (32,), BINARY32, GRAPHCORE), (), "the same with a tensor scale"),
    NamedBlock(BlockFormat("mxfp4_ue4m3", E2M1, UE4M3, (32,), None, GRAPHCORE), (), "E2M1 elements, UE4M3 scales, in Graphcore's order"),
    NamedBlock(BlockFormat("mxfp4_ue4m3_two_level", E2M1, UE4M3, (32,), BINARY32, GRAPHCORE), (), "the same with a tensor scale"),
    *(NamedBlock(_shared(f"msfp{n}", n - 9), (f"ms_fp{n}",), f"Microsoft floating point: sign, {n - 9} bits, 16 to an exponent") for n in range(11, 17)),
    NamedBlock(
        BlockFormat("flex16_5", fixed(1, 15), parse("ue5m0(specials=none, subnormals=no, zero=no)"), (), None, SHARED_EXPONENT),
        ("flexpoint", "flex16+5"),
        "Flexpoint: 16-bit integers, one exponent of 5 bits for a tensor; its bias is not stated in print, here 15",
    ),
)
"""The named block formats."""

AMBIGUOUS = {
    "mxfp8": ("mxfp8_e4m3", "mxfp8_e5m2"),
    "mxfp6": ("mxfp6_e3m2", "mxfp6_e2m3"),
    "mx": ("mxfp8_e4m3", "mxfp8_e5m2", "mxfp6_e3m2", "mxfp6_e2m3", "mxfp4", "mxint8"),
    "msfp": ("msfp11", "msfp12", "msfp13", "msfp14", "msfp15", "msfp16"),
}

CHOICES: dict[str, type[Enum]] = {
    "order": Order,
    "rule": ScaleRule,
    "log2": Logarithm,
    "ratio": Division,
    "zero_block": SmallScale,
    "small_scale": SmallScale,
    "nan": NaNLane,
    "infinity": InfiniteLane,
    "division": Division,
    "absent_nan": AbsentNaN,
    "integers": Integers,
}
"""The options that are choices of their own enumeration."""

assert {*CHOICES, "rounding", "scale_rounding", "overflow", "scale_overflow", "bits", "target"} == {field.name for field in fields(Policy)}


@cache
def block_names() -> dict[str, NamedBlock]:
    """Every name and alias."""
    return {name: named for named in BLOCKS for name in (named.format.name, *named.aliases)}


def standard_policy(element: Format, scale: Format, tensor: Format | None = None) -> Policy:
    """The policy of a block format that states none: that of P3109 where elements and scale are its formats, TransformerEngine's with a tensor scale, OCP MX's with scales that
    are powers of two, else a rounded quotient."""
    if isinstance(element, Float) and isinstance(scale, Float) and element.dialect is scale.dialect is Dialect.P3109 and tensor is None:
        return Policy(
            rule=ScaleRule.MAX_ABS,
            zero_block=SmallScale.ZERO,
            small_scale=SmallScale.ZERO,
            nan=NaNLane.ELEMENT,
            infinity=InfiniteLane.ELEMENT,
            overflow=satnone(element.revision).overflow,
            scale_overflow=satnone(scale.revision).overflow,
        )
    if tensor is not None:
        return TRANSFORMER_ENGINE
    return MX if isinstance(scale, Float) and scale.precision == 1 else ONE_LEVEL


@lru_cache(maxsize=1024)
def parse_block(text: str) -> BlockFormat:
    """The block format that ``text`` denotes. ``RefmathError`` for an unknown, ambiguous or impossible one."""
    if len(text) > MAX_TEXT:
        raise RefmathError(f"{quote(text)} is too long for a block format; the limit is {MAX_TEXT:,} characters.")
    match = re.fullmatch(r"\s*([\w+.\-]+)\s*(?:\((.*)\))?\s*", text, re.ASCII | re.DOTALL)
    if not match:
        raise RefmathError(f"{quote(text)} is not a block format; give a name such as mxfp4, or block(e2m1, e8m0, 32).")
    head = match[1].lower().replace("-", "_")
    arguments, options = _parts(text, match[2] or "")
    if head == "block":
        made = _block(text, arguments, options)
    else:
        if arguments:
            raise RefmathError(f"{quote(text)}: {quote(arguments[0])} is not an option; write key=value.")
        made = _named(text, head)
    made = _changed(text, made, options)
    return replace(made, name=block_text(made))


def _named(text: str, head: str) -> BlockFormat:
    if head in block_names():
        return block_names()[head].format
    if head in AMBIGUOUS:
        *others, last = AMBIGUOUS[head]
        raise RefmathError(f"{quote(text)} may mean {', '.join(others)} or {last}; say which.")
    close = get_close_matches(head, [*block_names(), *AMBIGUOUS], n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(close)}?" if close else f"the named ones are {', '.join(named.format.name for named in BLOCKS)}."
    raise RefmathError(f"{quote(text)} is not a known block format; {hint}")


def _block(text: str, arguments: list[str], options: dict[str, str]) -> BlockFormat:
    if len(arguments) != 3:
        raise RefmathError(f"{quote(text)}: block takes 3 arguments, not {len(arguments)}: the element format, the scale format and the size.")
    element, scale = parse(arguments[0]), parse(arguments[1])
    tensor = parse(options.pop("tensor")) if "tensor" in options else None
    return BlockFormat(text, element, scale, _size(text, arguments[2]), tensor, standard_policy(element, scale, tensor))


def _changed(text: str, made: BlockFormat, options: dict[str, str]) -> BlockFormat:
    """A block format with what the options say."""
    known = [field.name for field in fields(Policy)]
    for key in options:
        if key not in (*known, "size"):
            raise RefmathError(f"{quote(text)}: {quote(key)} is not an option here; the options are size, {', '.join(known)}.")
    size = _size(text, options["size"]) if "size" in options else made.size
    policy = replace(made.policy, **{key: _option(text, key, value) for key, value in options.items() if key != "size"})
    return BlockFormat(text, made.element, made.scale, size, made.tensor, policy)


def _option(text: str, key: str, value: str) -> Any:
    """What the value of an option stands for."""
    if key in ("rounding", "scale_rounding"):
        return parse_rounding(value)
    if key in ("overflow", "scale_overflow"):
        return parse_overflow(value)
    if key == "bits":
        if not re.fullmatch(r"\d{1,6}", value, re.ASCII):
            raise RefmathError(f"{quote(text)}: bits={quote(value)} is no number of random bits.")
        return int(value)
    if key == "target":
        if value == "none":
            return None
        target = parse_exact(value)
        if isinstance(target, Real):
            raise RefmathError(f"{quote(text)}: target={quote(value)} is no scale; give a number such as 448.")
        return target
    choices = CHOICES[key]
    for choice in choices:
        if choice.value == value:
            return choice
    raise RefmathError(f"{quote(text)}: {key}={quote(value)} is not possible; use one of {', '.join(str(choice.value) for choice in choices)}.")


def _size(text: str, words: str) -> tuple[int, ...]:
    """``32``, ``16x16`` or ``tensor``."""
    if words == "tensor":
        return ()
    if not re.fullmatch(r"\d{1,9}(x\d{1,9})*", words, re.ASCII):
        raise RefmathError(f"{quote(text)}: {quote(words)} is not a block size; give a length such as 32, two such as 16x16, or tensor for one block.")
    return tuple(int(word) for word in words.split("x"))


def _parts(text: str, inside: str) -> tuple[list[str], dict[str, str]]:
    """What stands in the brackets: arguments, then options. Brackets inside belong to the format that they follow."""
    arguments: list[str] = []
    options: dict[str, str] = {}
    for item in _items(text, inside):
        option = re.fullmatch(r"([a-z_0-9]+)\s*=\s*(.+)", item, re.ASCII | re.DOTALL)
        if option is None:
            if options or not item:
                raise RefmathError(f"{quote(text)}: {quote(item)} is not an option; write key=value.")
            arguments.append(item)
        elif option[1] in options:
            raise RefmathError(f"{quote(text)}: the option {option[1]} stands twice; give it once.")
        else:
            options[option[1]] = option[2].strip()
    return arguments, options


def _items(text: str, inside: str) -> list[str]:
    """The parts between commas that stand in no further brackets, in lower case."""
    if not inside.strip():
        return []
    items, depth = [""], 0
    for character in inside.lower():
        depth += (character == "(") - (character == ")")
        if depth < 0:
            raise RefmathError(f"{quote(text)}: the brackets do not pair; write block(element, scale, size) with one bracket closed for each that is opened.")
        if character == "," and not depth:
            items.append("")
        else:
            items[-1] += character
    if depth:
        raise RefmathError(f"{quote(text)}: the brackets do not pair; close each that is opened.")
    return [item.strip() for item in items]


def block_text(fmt: BlockFormat) -> str:
    """The canonical text of a block format: its name, its name with options, or its notation where that takes fewer of them."""
    tensor = [f"tensor={text(fmt.tensor)}"] if fmt.tensor is not None else []
    options = _differences(standard_policy(fmt.element, fmt.scale, fmt.tensor), fmt.policy)
    best, fewest = f"block({', '.join([text(fmt.element), text(fmt.scale), size_text(fmt.size), *tensor, *options])})", len(options)
    for known in (named.format for named in reversed(BLOCKS)):
        if (known.element, known.scale, known.tensor) == (fmt.element, fmt.scale, fmt.tensor):
            options = _differences(known.policy, fmt.policy)
            if len(options) <= fewest:
                written = ([f"size={size_text(fmt.size)}"] if known.size != fmt.size else []) + options
                best, fewest = f"{known.name}({', '.join(written)})" if written else known.name, len(options)
    return best


def size_text(size: tuple[int, ...]) -> str:
    """A block size as the notation has it."""
    return "x".join(map(str, size)) if size else "tensor"


def _differences(usual: Policy, here: Policy) -> list[str]:
    """The options that turn one policy into another."""
    found = []
    for field in fields(Policy):
        value = getattr(here, field.name)
        if value != getattr(usual, field.name):
            word = value.value if isinstance(value, Enum) else "none" if value is None else str(value)
            found.append(f"{field.name}={word}")
    return found
