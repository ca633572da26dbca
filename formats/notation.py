"""Text to format, and back.

    ocp_e4m3  bf16  torch.float8_e4m3fn      names of the catalogue and their aliases
    binary16  binary256                      IEEE 754 interchange formats by width
    binary8p4se  binary6p3uf(revision=4.0)   P3109 formats
    e5m2(bias=20, specials=fn)               a float by its fields: u for unsigned, exponent and trailing significand bits
    int12  uint3  q8.8  uq0.16  q(10.-2)     integers and fixed point (integer and fraction bits)
    int8(scale=1/10, zero=3)  grid(1/3, 4)   affine integers; a uniform grid of that distance and bits
    posit16  posit(8, 0)  quire16            posits, by default with es = 2, and their quires
    takum16  takum_log16  lns4.3             takums, linear and logarithmic; logarithmic numbers (bits of the logarithm)
    codebook(-1, 0, 1/3, 2; ties=even)       a list of values; a tie goes even, odd, away, zero, up or down
    codebook(1, 3, 8; middle=geometric)      the same, where a tie lies at sqrt(a b) between two values

Options of a float: bias=INTEGER, specials=ieee|fn|fnuz|none|reserved|p3109e|p3109f, subnormals=yes|no, zero=yes|no,
integer_bit=yes|no, revision=4.0|4.0.3, each default as in IEEE 754 (specials=none where the fields leave no room for infinity and NaN).
Options of signed integers and fixed point: symmetric=yes|no; of posits: es=INTEGER; of quires: es=INTEGER, bits=INTEGER.
``parse`` and ``text`` are inverse to each other on every format.
"""

from dataclasses import replace
from difflib import get_close_matches
from functools import cache, lru_cache

from formats.catalogue import AMBIGUOUS, CATALOGUE, Named
from formats.family import Format
from formats.floats import Float
from formats.grammar import GRAMMAR
from formats.options import split
from refmath.errors import RefmathError, quote

MAX_TEXT = 200
MAX_CODEBOOK_TEXT = 1 << 21

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
    limit = MAX_CODEBOOK_TEXT if text[:9].lower() == "codebook(" else MAX_TEXT
    if len(text) > limit:
        raise RefmathError(f"{quote(text)} is too long for a format; the limit is {limit:,} characters.")
    parts = split(text)
    head = parts.head
    if not parts.options and not parts.arguments:
        found = _by_name(head)
        if found is not None:
            return found
    for pattern, build in GRAMMAR:
        match = pattern.fullmatch(head)
        if match:
            return _named(build(match, parts))
    if head in names():
        raise RefmathError(
            f"{quote(text)}: the named format {names()[head].format.name} takes no options; write its fields, for example e5m2(bias=20, specials=fn)."
        )
    raise _unknown(text, head)


def _named(fmt: Format) -> Format:
    """The format under its canonical name."""
    return replace(fmt, name=text(fmt))  # type: ignore[type-var]


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
    from formats.block_notation import block_names
    from formats.expansion_notation import ALIASES, NAMED

    if head in block_names() or head in ("block", "mx"):
        return RefmathError(
            f"{quote(text)} is a block format, and a format of single numbers is meant here; 'refmath show {head} --block' shows what it makes of values."
        )
    if head in NAMED or head in ALIASES or head == "expansion":
        return RefmathError(
            f"{quote(text)} is a format of several components, and one of single numbers is meant here; 'refmath show' shows what it makes of a value."
        )
    close = get_close_matches(head, [*names(), *AMBIGUOUS], n=3, cutoff=0.6)
    hint = (
        f"did you mean {_join(tuple(close)) if len(close) > 1 else close[0]}?"
        if close
        else "'refmath formats' lists the names, and e<bits>m<bits> writes any float."
    )
    return RefmathError(f"{quote(text)} is not a known format; {hint}")
