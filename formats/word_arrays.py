"""Operations on arrays of posits and linear takums of at most 32 bits by kernels, in the dialect of posits.

- Arithmetic, square roots, multiply-adds, conversions among words and rounding to integers: ``refmath.kernels.word_arithmetic``, any formats, any mode, R of stochastic modes
  given. Posits of at most 16 bits in modes without random bits have vector code (``short_words``), whose operands may be of any format of at most 16 bits without infinities.
- Conversions from and to floats and fixed point: ``refmath.kernels.word_conversions``.
- Comparisons, minima and maxima, neighbours and signs within one format: ``formats.word_order``.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from formats import word_order as order
from formats.arithmetic import Bound, BoundCode, decoder
from formats.array_layout import Codes, choices, dtype, has_engine, is_resolved, layout
from formats.array_plan import CARRIED, significand
from formats.array_quick import unpacking, unpacks
from formats.array_run import in_threads, part
from formats.family import Format
from formats.floats import Float
from formats.posit import Posit
from formats.projection import AbsentNaN, Projection
from formats.takum import Takum
from refmath.datum import Finite
from refmath.operations.environment import Dialect
from refmath.overflow import Outcome, Overflow
from refmath.rounding import Rounding, round_code
from refmath.underflow import Subnormals

ABOUT = "its kernel for posits and takums is exact here"
NOT_MINE = "only the dialect of posits has kernels for posits"

Flags = NDArray[np.uint8]
AnyBound = Bound | BoundCode

LONGEST, SHORT = 32, 16
"""Bits of a word that kernels decode, and of a code whose value a table holds."""
SIGNIFICAND, EXPONENT = 21, 400
"""What a value in such a table may have: bits, and a power of two that neither it nor its inverse exceeds."""
WIDEST_ES = 10
"""Exponent bits of posits that vector code has."""
ROOM = 60
"""Bits that a word and the random bits may have together."""

BINARY = {"add": 0, "subtract": 1, "multiply": 2, "divide": 3}
UNARY = {"sqrt": 4, "convert": 5}
INTEGRAL = {"round_to_integral": None, "round_to_integral_exact": None, **{f"round_to_integral_{mode.value}": mode for mode in Rounding if not mode.stochastic}}
ARITHMETIC = {*BINARY, *UNARY, *INTEGRAL, "fma"}


def why_not(bound: AnyBound) -> str:
    """Why these kernels do not compute an operation; empty where they do, exactly."""
    read = bound.op.name == "convert" and is_word(bound.formats[0])  # a word has nothing of which a dialect could see more or less
    if bound.dialect is not Dialect.POSIT and not read:
        return NOT_MINE
    if order.function(bound) is not None:
        return ""
    if bound.op.name not in ARITHMETIC or bound.to is None:
        return f"no kernel computes {bound.op.name} of posits"
    sources = [f for f in bound.formats if f is not None]
    if bound.op.name == "convert" and is_word(bound.to) != is_word(sources[0]):
        return _no_conversion(sources[0], bound.to, bound.how)
    objection = _no_rule(bound.to, bound.how)
    if objection or all(map(is_word, sources)):
        return objection
    if is_short(bound) and bound.op.name not in INTEGRAL and all(values(f, bound.how.operands) is not None for f in sources):
        return ""
    return "its operands are neither words nor short"


def operate(bound: AnyBound, operands: tuple[Codes, ...], random: Codes) -> tuple[Codes, Flags]:
    """Results and flags for flat arrays of valid operand codes; ``random`` holds R, one for all or one each."""
    ordered = order.function(bound)
    if ordered is not None:
        return ordered(operands), np.zeros(len(operands[0]), np.uint8)
    assert bound.to is not None
    kind = np.result_type(dtype(bound.to), *operands)
    given = tuple(codes.astype(kind, copy=False) for codes in operands)
    out, flags = np.empty(len(given[0]), kind), np.empty(len(given[0]), np.uint8)
    run = kernel(bound)

    def work(start: int, stop: int) -> None:
        run(tuple(codes[start:stop] for codes in given), part(random, start, stop), out[start:stop], flags[start:stop])

    in_threads(work, len(out))
    return out.astype(dtype(bound.to), copy=False), flags


Direct = Callable[[Codes, Codes, Flags | None], None]
Run = Callable[[tuple[Codes, ...], Codes, Codes, Flags], None]


@lru_cache(maxsize=1024)
def kernel(bound: AnyBound) -> Run:
    """What fills results and flags from operands and R."""
    from refmath.kernels import short_words, word_arithmetic

    assert bound.to is not None
    name, how = bound.op.name, bound.how
    sources = [f for f in bound.formats if f is not None]
    if name == "convert" and is_word(bound.to) != is_word(sources[0]):
        return _conversion(bound, sources[0], bound.to)
    to, ruled = word(bound.to), rule(bound.to, how)
    tables = [values(f, how.operands) for f in sources] if is_short(bound) and name not in INTEGRAL else [None]
    if all(table is not None for table in tables):
        if name in BINARY:
            return lambda codes, random, out, flags: short_words.binary(BINARY[name], *codes, *tables, to, ruled, out, flags)
        if name in UNARY:
            return lambda codes, random, out, flags: short_words.unary(UNARY[name], *codes, *tables, to, ruled, out, flags)
        return lambda codes, random, out, flags: short_words.fused(*codes, *tables, to, ruled, out, flags)
    words = [word(f) for f in sources]
    if name in BINARY:
        return lambda codes, random, out, flags: word_arithmetic.binary(BINARY[name], *codes, *words, to, ruled, random, out, flags)
    if name == "fma":
        return lambda codes, random, out, flags: word_arithmetic.fused(*codes, *words, to, ruled, random, out, flags)
    mode = INTEGRAL.get(name)
    inner = ruled if mode is None else rule(bound.to, Projection(rounding=mode, overflow=Overflow.POSIT))
    number = UNARY.get(name, word_arithmetic.ROUND)
    return lambda codes, random, out, flags: word_arithmetic.unary(number, *codes, *words, to, inner, ruled, random, out, flags)


# Formats and projections as these kernels see them.


def is_word(f: Format | None) -> bool:
    """Whether a format is one of the words that kernels decode."""
    return f is not None and f.width <= LONGEST and (isinstance(f, Posit) or (isinstance(f, Takum) and not f.logarithmic))


def is_short(bound: AnyBound) -> bool:
    """Whether results are posits with vector code."""
    return (
        isinstance(bound.to, Posit)
        and bound.to.width <= SHORT
        and bound.to.es <= WIDEST_ES
        and not bound.how.rounding.stochastic
        and not _nar(bound.to, bound.how)
    )


def word(f: Format) -> Any:
    """A posit or takum as the kernels see it."""
    from refmath.kernels.words import POSIT, TAKUM, Word

    return Word(POSIT, f.width, f.es) if isinstance(f, Posit) else Word(TAKUM, f.width, 0)


@lru_cache(maxsize=1024)
def rule(to: Format, how: Projection) -> Any:
    """Rounding into words as the kernels see it: what each mode does, asked of the reference."""
    from refmath.kernels.words import Rule

    ups = 0
    for place in range(0 if how.rounding.stochastic else 16):
        odd, guard, sticky, negative = (place >> i & 1 for i in range(4))
        ups |= (int(round_code(2 * odd + guard, 1, not sticky, bool(negative), how.rounding)[0]) - odd) << place
    return Rule(np.uint64(ups), list(Rounding).index(how.rounding) if how.rounding.stochastic else -1, how.bits, _nar(to, how), to.range_flags)


def _nar(to: Format, how: Projection) -> int:
    return sum(1 << negative for negative in (False, True) if to.outcome(False, negative, how) is Outcome.NAN)


def _no_rule(to: Format, how: Projection) -> str:
    """Why results do not become words by these kernels."""
    if not is_word(to):
        return f"no kernel for posits and takums computes into {to.name}"
    if how.rounding.stochastic and not 1 <= how.bits <= ROOM - to.width:
        return f"the kernels for {to.name} hold 1 to {ROOM - to.width} random bits"
    if how.overflow in (Overflow.WRAP, Overflow.ERROR):
        return f"words out of range by the policy {how.overflow.value} are the reference's"
    return ""


@lru_cache(maxsize=256)
def values(f: Format, operands: Subnormals) -> NDArray[np.float64] | None:
    """The values of all codes of a short format, NaN for what is no real; None where float64 does not hold them with room for arithmetic."""
    if f.width > SHORT or f.has_infinity:
        return None
    table, found = decoder(f, operands), np.full(1 << f.width, np.nan)
    for code in range(f.codes):
        datum, value = table[code]
        if isinstance(datum, Finite):
            if value is None or not _fits(value):
                return None
            found[code] = int(value.numerator) / int(value.denominator)
    return found


def _fits(value: mpq) -> bool:
    """Whether a value is a short multiple of a power of two of moderate size."""
    n, d = int(value.numerator), int(value.denominator)
    short = n.bit_length() - (n & -n).bit_length() < SIGNIFICAND
    return not n or (d & (d - 1) == 0 and short and max(n, d).bit_length() <= EXPONENT)


# Conversions between words and others.


def _no_conversion(source: Format, target: Format, how: Projection) -> str:
    other = target if is_word(source) else source
    if not has_engine(other):
        return f"no kernel decodes {other.name}"
    if is_word(target):
        return _no_rule(target, how)
    if how.rounding is Rounding.STOCHASTIC or how.overflow is Overflow.ERROR or significand(target) + how.bits + 2 > CARRIED:
        return f"words become {target.name} in this way by the reference only"
    if not target.has_nan and (how.absent_nan is AbsentNaN.REFUSE or not is_resolved(target, how)):
        return f"a NaR that {target.name} cannot hold is refused by the reference"
    return ""


def from_floats(source: Format, target: Format, how: Projection) -> Direct | None:
    """What fills results and flags of a conversion of floats into words from codes, in vector code; None where there is no such kernel.

    No flags are computed where None stands for their array.
    """
    if not is_direct(source, target, how):
        return None
    from refmath.kernels import word_conversions

    assert isinstance(source, Float)
    f, w, ruled = unpacking(source), word(target), rule(target, how)
    return lambda codes, out, flags: word_conversions.floats_to_words(codes, f, w, ruled, out, flags)


@lru_cache(maxsize=1024)
def is_direct(source: Format, target: Format, how: Projection) -> bool:
    """Whether floats become words by that kernel."""
    floats = source.width <= LONGEST and unpacks(source, 53, "convert") and how.operands is Subnormals.KEEP
    words = is_word(target) and not how.rounding.stochastic and not _no_rule(target, how)
    return floats and words and not (isinstance(target, Posit) and target.es > WIDEST_ES)


def _conversion(bound: AnyBound, source: Format, target: Format) -> Run:
    from refmath.kernels import word_conversions

    how = bound.how
    direct = from_floats(source, target, how)
    if direct is not None:
        return lambda codes, random, out, flags: direct(codes[0], out, flags)
    if is_word(source):
        f, to, c = word(source), layout(target), choices(target, how)
        return lambda codes, random, out, flags: word_conversions.from_words(*codes, f, to, c, random, out, flags)
    g, w, ruled, flush = layout(source), word(target), rule(target, how), list(Subnormals).index(how.operands)
    return lambda codes, random, out, flags: word_conversions.to_words(*codes, g, flush, w, ruled, random, out, flags)
