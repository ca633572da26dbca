"""What the array engine computes: which kernel an operation has, and where that kernel is exact.

A carrier has 60 bits of every result and a sticky bit for the rest. That decides every rounding into fewer than 58 bits, random bits included; what needs
more runs by the reference.
"""

from functools import lru_cache
from typing import Any

from formats.arithmetic import Bound, BoundCode, nan_policy
from formats.array_layout import has_engine, is_resolved
from formats.family import Format
from formats.fixed import Fixed, integer
from formats.floats import Float
from formats.operations import OPERATIONS
from formats.projection import NaNs, Projection
from refmath.kernels import codes
from refmath.operations.comparison import EQUAL, GREATER, LESS, PREDICATES, UNORDERED
from refmath.operations.environment import Dialect
from refmath.operations.operation import Operation
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding

NOT_MINE = "no kernel for any formats knows the special cases of posits"
CARRIED = 58
"""Bits of a result that may take part in a rounding where a sticky bit stands for more."""
MAX_RANDOM_BITS = 61
INT64 = integer(64)

ARITHMETIC = {"add": codes.ADD, "subtract": codes.SUBTRACT, "multiply": codes.MULTIPLY, "divide": codes.DIVIDE, "sqrt": codes.SQRT, "reciprocal": codes.RECIPROCAL,
              "fma": codes.FMA, "faa": codes.FAA, "fmm": codes.FMM}  # fmt: skip
"""Operations whose exact result may not fit the carrier."""
SIGNIFICANDS = {codes.DIVIDE: 32, codes.RECIPROCAL: 32, codes.FAA: 32, codes.FMM: 32}
"""Bits of an operand's significand, where not 61 of them can be held."""
EXACT = {"copysign": codes.COPYSIGN, "scaleb": codes.SCALEB, "clamp": codes.CLAMP, "abs": codes.ABS, "negate": codes.NEGATE, "sign": codes.SIGN,
         "convert": codes.CONVERT, "logb": codes.LOGB, "ilogb": codes.ILOGB}  # fmt: skip
CLASSES = {"is_sign_minus": codes.IS_SIGN_MINUS, "is_zero": codes.IS_ZERO, "is_one": codes.IS_ONE, "is_finite": codes.IS_FINITE,
           "is_infinite": codes.IS_INFINITE, "is_nan": codes.IS_NAN, "is_signaling": codes.IS_SIGNALING, "is_normal": codes.IS_NORMAL,
           "is_subnormal": codes.IS_SUBNORMAL, "is_canonical": codes.IS_CANONICAL}  # fmt: skip
NEIGHBOURS = {"next_up": codes.NEXT_UP, "next_down": codes.NEXT_DOWN}
RELATIONS = {LESS: codes.LESS, EQUAL: codes.EQUAL, GREATER: codes.GREATER, UNORDERED: codes.UNORDERED}
MINMAX_FORMS = {"": codes.ANY_NAN, "_number": codes.NUMBER, "_magnitude": codes.BY_MAGNITUDE, "_magnitude_number": codes.BY_MAGNITUDE | codes.NUMBER,
                "_num": codes.NUMBER_2008, "_num_mag": codes.BY_MAGNITUDE | codes.NUMBER_2008, "_finite": codes.FINITE_FIRST}  # fmt: skip


def _table() -> dict[str, tuple[int, int]]:
    """Operation to its number and argument in the kernels."""
    found = {name: (number, 0) for group in (ARITHMETIC, EXACT, CLASSES, NEIGHBOURS) for name, number in group.items()}
    for number, words in ((codes.MINIMUM, ("minimum", "min")), (codes.MAXIMUM, ("maximum", "max"))):
        found |= {f"{words[form.startswith('_num') and form != '_number']}{form}": (number, argument) for form, argument in MINMAX_FORMS.items()}
    for word, relations in PREDICATES.items():
        mask = sum(RELATIONS[relation] for relation in relations)
        found |= {f"compare_quiet_{word}": (codes.COMPARE, mask), f"compare_signaling_{word}": (codes.COMPARE, mask | codes.SIGNALS)}
    found |= {"total_order": (codes.TOTAL_ORDER, 0), "total_order_magnitude": (codes.TOTAL_ORDER_MAGNITUDE, 0)}
    for name, number in (("round_to_integral", codes.ROUND), ("to_integer", codes.ROUND)):
        found |= {name: (number, -1), f"{name}_exact": (codes.ROUND_EXACT, -1)}
    found |= {f"round_to_integral_{mode.value}": (codes.ROUND, list(Rounding).index(mode)) for mode in DETERMINISTIC}
    return {name: numbers for name, numbers in found.items() if name in OPERATIONS}


NUMBERS = _table()


def operands(bound: Bound | BoundCode) -> tuple[Format, ...]:
    """The operand formats, with int64 for an operand that is an integer as it stands."""
    return tuple(INT64 if f is None else f for f in bound.formats)


@lru_cache(maxsize=4096)
def rules(bound: Bound | BoundCode) -> Any:
    """An operation, its dialect and its NaN policy, as the kernels see them."""
    number, argument = NUMBERS[bound.op.name]
    nans, to = bound.how.nans, bound.to
    keeps = nans.keeps if to is None else nan_policy(to, bound.how).keeps
    return codes.Rules(
        op=number,
        argument=argument,
        ieee=int(bound.dialect is Dialect.IEEE754),
        keeps_nan=int(keeps),
        signalling_first=int(nans is NaNs.ARM),
        addend_first=int(nans is NaNs.ARM and number == codes.FMA),
        negative_default=int(nans is NaNs.X86),
        zero_times_infinity=int(nans in (NaNs.ARM, NaNs.RISCV)),
        acts_on_nan=int(to is not None and to == bound.formats[0] and to.has_nan),
        invalid_range=int(to is not None and to.range_flags == Fixed.range_flags),
    )


def why_not(bound: Bound | BoundCode) -> str:
    """Why the array engine does not compute this, in words; empty where it does, exactly."""
    name = bound.op.name
    if name not in NUMBERS:
        return f"no kernel computes {name}"
    if bound.dialect is Dialect.POSIT:
        return NOT_MINE
    for f in (*operands(bound), *(() if bound.to is None else (bound.to,))):
        if not has_engine(f):
            return f"no kernel decodes {f.name}"
    if not is_resolved(bound.to or operands(bound)[0], bound.how):
        return "the zero that takes the place of a NaN has no code"
    if bound.to is None:
        return ""
    how = bound.how
    if how.overflow is Overflow.ERROR:
        return "an overflow that is an error is told by the reference"
    if how.rounding is Rounding.STOCHASTIC or how.bits > MAX_RANDOM_BITS:
        return f"the kernels hold at most {MAX_RANDOM_BITS} random bits"
    if isinstance(bound, BoundCode):
        return "" if bound.to.has_nan or bound.dialect is Dialect.IEEE754 else "the NaN beside the last number has no code"
    return _of_numbers(bound, bound.op, how)


def _of_numbers(bound: Bound, op: Operation, how: Projection) -> str:
    assert bound.to is not None
    number, given = NUMBERS[op.name][0], operands(bound)
    if op.name == "scaleb" and (how.overflow is Overflow.WRAP or not (isinstance(given[1], Fixed) and given[1].fraction_bits <= 0)):
        return "scaleb has a kernel for exponents that are integers, where no result is wrapped"
    if op.name not in ARITHMETIC:
        return ""
    limit = SIGNIFICANDS.get(number, 61)
    for f in given:
        if significand(f) > limit:
            return f"the significands of {f.name} are beyond the carrier of {op.name}"
    if significand(bound.to) + how.bits + 2 > CARRIED:
        return f"{bound.to.name} and {how.bits} random bits need more bits of a result than the carrier has"
    if how.overflow is Overflow.WRAP and isinstance(bound.to, Fixed) and reach(number, given) + bound.to.fraction_bits > CARRIED and not _held(number, given):
        return "wrapped results need more bits than the carrier has"
    return ""


def _held(number: int, given: tuple[Format, ...]) -> bool:
    """Whether a sum, a product or a multiply-add of fixed point fits into 64 bits to its last bit."""
    if number not in (codes.ADD, codes.SUBTRACT, codes.MULTIPLY, codes.FMA) or not all(isinstance(f, Fixed) for f in given):
        return False
    places = [(-f.fraction_bits, f.width - f.signed - f.fraction_bits) for f in given if isinstance(f, Fixed)]
    if number in (codes.MULTIPLY, codes.FMA):
        (low1, top1), (low2, top2) = places[:2]
        places = [(low1 + low2, top1 + top2), *places[2:]]
    top = max(top for _, top in places) + (len(places) > 1) + any(f.signed for f in given)
    return top - min(low for low, _ in places) <= 64


def significand(f: Format) -> int:
    """Bits of the longest significand."""
    return f.precision if isinstance(f, Float) else f.width


def bounds(f: Format) -> tuple[int, int]:
    """Exponents of two between which every nonzero magnitude lies."""
    if isinstance(f, Fixed):
        return -f.fraction_bits, f.width - f.fraction_bits
    assert isinstance(f, Float)
    return f.emin - f.trailing - 1, f.emin + (f.greatest() >> f.trailing) + 1


def reach(number: int, given: tuple[Format, ...]) -> int:
    """An exponent of two that no result of arithmetic exceeds."""
    lows, tops = [bounds(f)[0] for f in given], [bounds(f)[1] for f in given]
    match number:
        case codes.MULTIPLY | codes.FMM:
            return sum(tops)
        case codes.DIVIDE:
            return tops[0] - lows[1]
        case codes.RECIPROCAL:
            return 1 - lows[0]
        case codes.SQRT:
            return abs(tops[0]) + 1
        case codes.FMA:
            return max(tops[0] + tops[1], tops[2]) + 1
        case _:
            return max(tops) + 2
