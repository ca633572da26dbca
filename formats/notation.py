"""Text to format, and back.

    ocp_e4m3  bf16  torch.float8_e4m3fn      names of the catalogue and their aliases
    binary16  binary256                      IEEE 754 interchange formats by width
    binary8p4se  binary6p3uf(revision=4.0)   P3109 formats
    e5m2(bias=20, specials=fn)               a float by its fields: u for unsigned, exponent and trailing significand bits
    int12  uint3  q8.8  uq0.16               integers and fixed point (integer and fraction bits)

Options of a float: bias=INTEGER, specials=ieee|fn|fnuz|none|reserved|p3109e|p3109f, subnormals=yes|no, zero=yes|no,
integer_bit=yes|no, revision=4.0|4.0.3, each default as in IEEE 754 (specials=none where the fields leave no room for infinity and NaN).
``parse`` and ``text`` are inverse to each other on every format.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from functools import cache, lru_cache

from formats.catalogue import AMBIGUOUS, CATALOGUE, Named
from formats.family import Format
from formats.fixed import Fixed, integer
from formats.floats import REVISIONS, Float, Specials, default_bias, default_specials, ieee, p3109, satnone
from refmath.errors import RefmathError, quote

MAX_TEXT = 200
Options = dict[str, str]

LIBRARIES = ("torch.", "jnp.", "jax.numpy.", "np.", "numpy.", "ml_dtypes.", "tf.")


@cache
def names() -> dict[str, Named]:
    """Every name and alias of the catalogue."""
    found: dict[str, Named] = {}
    for named in CATALOGUE:
        for name in (named.format.name, *named.aliases):
            assert name not in found and name not in AMBIGUOUS, name
            found[name] = named
    return found


@lru_cache(maxsize=4096)
def parse(text: str) -> Format:
    """The format that ``text`` denotes. ``RefmathError`` for an unknown, ambiguous or impossible one."""
    if len(text) > MAX_TEXT:
        raise RefmathError(f"{quote(text)} is too long for a format; the limit is {MAX_TEXT} characters.")
    head, options = _split(text)
    if not options:
        found = _by_name(head)
        if found is not None:
            return found
    for pattern, build in GRAMMAR:
        match = pattern.fullmatch(head)
        if match:
            return build(match, options)
    if head in names():
        raise RefmathError(
            f"{quote(text)}: the named format {names()[head].format.name} takes no options; write its fields, for example e5m2(bias=20, specials=fn)."
        )
    raise _unknown(text, head)


def parse_float(text: str) -> Float:
    """As ``parse``, for a place where only a float will do."""
    found = parse(text)
    if not isinstance(found, Float):
        raise RefmathError(f"{quote(text)} is no float format; a float is meant here, such as ocp_e4m3, ieee_e4m3, e4m3fnuz or binary8p4se for 8 bits.")
    return found


def text(fmt: Format) -> str:
    """The canonical text of a format: its name in the catalogue, or its notation."""
    for named in CATALOGUE:
        if named.format == fmt:
            return named.format.name
    notation = fmt.notation()
    if isinstance(fmt, Float) and (notation in names() or notation in AMBIGUOUS):
        return f"{notation}(specials={fmt.specials.value})"
    return notation


def _split(text: str) -> tuple[str, Options]:
    """``head(key=value, ...)`` taken apart; names are not sensitive to case."""
    match = re.fullmatch(r"\s*([\w.\-+]+)\s*(?:\(([^()]*)\))?\s*", text, re.ASCII)
    if not match:
        raise RefmathError(f"{quote(text)} is not a format; give a name such as binary16 or fields such as e5m2(bias=20, specials=fn).")
    options: Options = {}
    for item in (match[2] or "").split(",") if match[2] and match[2].strip() else ():
        key, equals, value = item.partition("=")
        key, value = key.strip().lower(), value.strip().lower()
        if not equals or not key or not value:
            raise RefmathError(f"{quote(text)}: {quote(item.strip())} is not an option; write key=value.")
        if key in options:
            raise RefmathError(f"{quote(text)}: the option {key} stands twice; give it once.")
        options[key] = value
    return match[1].lower(), options


def _by_name(head: str) -> Format | None:
    for name in _spellings(head):
        if name in AMBIGUOUS:
            raise RefmathError(f"{quote(head)} may mean {_join(AMBIGUOUS[name])}; say which.")
        if name in names():
            return names()[name].format
    return None


def _spellings(head: str) -> tuple[str, ...]:
    """A name as typed, and without the library it was taken from."""
    plain = head
    for prefix in LIBRARIES:
        plain = plain.removeprefix(prefix)
    return (head, plain, head.replace("-", "_"), plain.replace("-", "_"))


def _join(choices: tuple[str, ...]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def _unknown(text: str, head: str) -> RefmathError:
    close = get_close_matches(head, [*names(), *AMBIGUOUS], n=3, cutoff=0.6)
    hint = (
        f"did you mean {_join(tuple(close)) if len(close) > 1 else close[0]}?"
        if close
        else "'refmath formats' lists the names, and e<bits>m<bits> writes any float."
    )
    return RefmathError(f"{quote(text)} is not a known format; {hint}")


def _number(text: str, digits: str) -> int:
    if len(digits) > 9:
        raise RefmathError(f"{quote(text)}: the number {quote(digits)} is beyond what can be computed.")
    return int(digits)


def _no_options(head: str, options: Options, known: tuple[str, ...] = ()) -> None:
    for key in options:
        if key not in known:
            allowed = f"the options are {', '.join(known)}" if known else "it takes none"
            raise RefmathError(f"{quote(head)}: {quote(key)} is not an option here; {allowed}.")


def _choice(head: str, key: str, value: str, choices: dict[str, object]) -> object:
    if value not in choices:
        raise RefmathError(f"{quote(head)}: {key}={value} is not possible; use one of {', '.join(choices)}.")
    return choices[value]


def _ieee(match: re.Match[str], options: Options) -> Format:
    _no_options(match[0], options)
    return ieee(_number(match[0], match[1]))


def _p3109(match: re.Match[str], options: Options) -> Format:
    _no_options(match[0], options, ("revision",))
    k, p = _number(match[0], match[1]), _number(match[0], match[2])
    found = p3109(k, p, match[3] == "s", match[4] == "e", **options)
    return replace(found, name=found.notation())


YES_NO: dict[str, object] = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
SPECIALS: dict[str, object] = {special.value: special for special in Specials}
FLOAT_OPTIONS = ("bias", "specials", "subnormals", "zero", "integer_bit", "revision")


def _float(match: re.Match[str], options: Options) -> Format:
    head = match[0]
    _no_options(head, options, FLOAT_OPTIONS)
    w, m = _number(head, match[2]), _number(head, match[3])
    bias = options.get("bias")
    if bias is None:
        bias_value = default_bias(min(w, 64))
    elif re.fullmatch(r"[+-]?\d{1,12}", bias, re.ASCII):
        bias_value = int(bias)
    else:
        raise RefmathError(f"{quote(head)}: bias={quote(bias)} is not an integer of at most 12 digits.")
    special = _choice(head, "specials", options["specials"], SPECIALS) if "specials" in options else default_specials(w, m)
    if "revision" in options:
        _choice(head, "revision", options["revision"], dict.fromkeys(REVISIONS))
    flags = {key: bool(_choice(head, key, options[key], YES_NO)) for key in ("subnormals", "zero", "integer_bit") if key in options}
    assert isinstance(special, Specials)
    made = Float(
        name=head,
        exponent_bits=w,
        precision=m + 1,
        bias=bias_value,
        specials=special,
        signed=not match[1],
        subnormals=flags.get("subnormals", True),
        has_zero=flags.get("zero", True),
        explicit_integer_bit=flags.get("integer_bit", False),
        revision=options.get("revision", ""),
        default=satnone(options.get("revision", "")),
    )
    return replace(made, name=text(made))


def _integer(match: re.Match[str], options: Options) -> Format:
    _no_options(match[0], options)
    return integer(_number(match[0], match[2]), not match[1])


def _fixed(match: re.Match[str], options: Options) -> Format:
    _no_options(match[0], options)
    whole, fraction = (-_number(match[0], part[1:]) if part.startswith("-") else _number(match[0], part) for part in (match[2], match[3]))
    made = Fixed(match[0], whole + fraction, fraction, not match[1])
    return replace(made, name=made.notation())


GRAMMAR: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Options], Format]], ...] = (
    (re.compile(r"binary(\d+)"), _ieee),
    (re.compile(r"binary(\d+)p(\d+)([su])([ef])"), _p3109),
    (re.compile(r"(u?)e(\d+)m(\d+)"), _float),
    (re.compile(r"(u?)int(\d+)"), _integer),
    (re.compile(r"(u?)q(-?\d+)\.(-?\d+)"), _fixed),
)
"""What is not a name: the pattern of a head, and what it denotes."""
