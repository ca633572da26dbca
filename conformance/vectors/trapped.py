"""What IEEE 754-1985 delivers to a trap handler, as the .fptest suite has it: results with their exponent wrapped.

With the underflow or the overflow trap enabled, a result that is tiny or too large is rounded as if the exponent range had no end, and delivered with its exponent
moved by 3/4 of the range: clauses 7.3 and 7.4 of that standard (8.2 of 754-2019 calls it alternate exception handling). A trapped underflow needs no loss of accuracy.
"""

from dataclasses import replace

from gmpy2 import mpq

from conformance.vectors.fptest import Case
from formats.arithmetic import operation
from formats.floats import Float
from formats.projection import Projection
from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.extremes import scaled
from refmath.flags import Flags
from refmath.operations.comparison import UNORDERED
from refmath.reals import Exact, Real, power_of_two
from refmath.reals import compare as compare_magnitude
from refmath.underflow import Tininess

Answer = tuple[Datum | bool | str | None, Flags]
"""A result, None where any is right, and flags."""

WORD = 31
"""An integer of more bits than these, beside its sign, may be too large for the one that a conversion delivers."""


def answer(case: Case, tininess: Tininess) -> Answer:
    """What the reference delivers for a case, and the flags that it raises."""
    how = Projection(case.rounding, tininess=tininess)
    match case.operation:
        case "next_after":
            return next_after(case, how)
        case "equivalent":
            return equivalent(case)
        case "to_integer_exact":
            return to_integer(case, how)
        case "from_integer":
            code, flags = case.target.project(case.operands[0], how)
            return case.target.decode(code), flags
        case "compare_signaling":
            result = operation("compare", case.source)(*case.codes)
            assert isinstance(result.exact, str)
            return result.exact, Flags.INVALID if result.exact == UNORDERED else result.flags
    result = operation(case.operation, case.source, to=case.target, projection=how)(*case.codes)
    if isinstance(result.exact, bool | str):
        return result.exact, result.flags
    if isinstance(result.exact, Finite) and result.exact.value:
        for trap, beyond, direction in ((Flags.UNDERFLOW, is_tiny, 1), (Flags.OVERFLOW, is_too_large, -1)):
            if trap in case.traps and beyond(case.target, result.exact.value, how):
                wrapped = scaled(result.exact.value, direction * wrap(case.target))
                code, flags = case.target.project(wrapped, how)
                return case.target.decode(code), flags | trap
    return case.target.decode(result.code), result.flags


def equivalent(case: Case) -> Answer:
    """Whether two numbers are equal; open for NaNs, and for zeros of unlike signs."""
    x, y = case.operands
    both = [isinstance(z, Finite) and not z.value for z in (x, y)]
    if isinstance(x, NaN) or isinstance(y, NaN) or (all(both) and x != y):
        return None, case.flags
    return x == y, Flags.NONE


def to_integer(case: Case, how: Projection) -> Answer:
    """The integer that a number rounds to, whatever its width; none is known for what no integer holds, or perhaps not that of the conversion."""
    result = operation("round_to_integral_exact", case.source, projection=how)(*case.codes)
    found = case.source.decode(result.code)
    if not isinstance(found, Finite):
        return None, Flags.INVALID
    n = found.value
    assert not isinstance(n, Real)
    if case.flags & Flags.INVALID and not -(1 << WORD) <= n < 1 << WORD:
        return None, Flags.INVALID
    return Finite(n, n < 0), result.flags


def next_after(case: Case, how: Projection) -> tuple[Datum, Flags]:
    """The neighbour of x on the side of y, of IEEE 754-1985's appendix: y where they are equal; overflow and underflow as by rounding."""
    f, (x, y) = case.source, case.operands
    if isinstance(x, NaN) or isinstance(y, NaN):
        return f.decode(f.nan()), Flags.INVALID if any(isinstance(z, NaN) and z.signalling for z in (x, y)) else Flags.NONE
    greater = operation("compare", f)(*case.codes).exact
    if greater == "equal":
        return y, Flags.NONE
    code = operation("next_up" if greater == "less" else "next_down", f, projection=how)(case.codes[0]).code
    found = f.decode(code)
    if isinstance(found, Infinity) and isinstance(x, Finite):
        return found, Flags.OVERFLOW | Flags.INEXACT
    return found, Flags.UNDERFLOW | Flags.INEXACT if f.is_subnormal(code) or (isinstance(found, Finite) and not found.value) else Flags.NONE


def wrap(f: Float) -> int:
    """By how much a delivered exponent is moved: 192 for binary32."""
    return 3 << (f.exponent_bits - 2)


def unbounded(f: Float, x: Exact, how: Projection) -> Exact:
    """x rounded to the precision of a format, with exponents to spare."""
    wide = replace(f, exponent_bits=f.exponent_bits + 4, bias=(f.bias << 4) + 15)
    return wide.exact(wide.project(x, how)[0])


def is_tiny(f: Float, x: Exact, how: Projection) -> bool:
    """Whether a nonzero result is below the least normal number, before or after rounding."""
    return below(unbounded(f, x, how) if how.tininess is Tininess.AFTER else x, power_of_two(f.emin))


def is_too_large(f: Float, x: Exact, how: Projection) -> bool:
    """Whether a rounded result exceeds the greatest number."""
    greatest = f.value(f.greatest())
    return not below(unbounded(f, x, how), greatest) and unbounded(f, x, how) not in (greatest, -greatest)


def below(x: Exact, limit: mpq) -> bool:
    """|x| < limit."""
    return compare_magnitude(x, limit) < 0 if isinstance(x, Real) else abs(x) < limit
