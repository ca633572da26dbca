"""Conversions between codes and decimal character sequences: IEEE 754-2019 clauses 5.4.2 and 5.12, each rounded once, with its flags."""

from formats.arithmetic import FLAGS, Result
from formats.family import Format
from formats.literals import written_as
from formats.notation import parse
from formats.projection import Projection
from formats.shortest import shortest
from refmath.datum import Finite
from refmath.errors import RefmathError
from refmath.flags import INEXACT, Flags
from refmath.powers import times_power_of_ten
from refmath.reals import Exact, floor_scaled
from refmath.rounding import RandomSource, Rounding, refinement, round_code
from refmath.text import floor_log10_bound, parse_datum, write_decimal

MAX_DIGITS = 1_000_000


def from_text(text: str, to: Format | str, projection: Projection | None = None, random: int | RandomSource = 0) -> Result:
    """The code of a number written in decimal, hexadecimal or as a fraction: ``convertFromDecimalCharacter``, of any length. ``snan`` stays signalling."""
    f = parse(to) if isinstance(to, str) else to
    datum = parse_datum(text)
    code, flags = written_as(f, datum, projection or f.default, random)
    return Result(code, flags, datum)


def to_text(code: int, f: Format | str, digits: int | None = None, rounding: Rounding = Rounding.NEAREST_EVEN) -> tuple[str, Flags]:
    """A code in decimal: ``convertToDecimalCharacter``. Without a number of digits the shortest that identifies it, which raises nothing.

    Errors: ``RefmathError`` for a number of digits that is not from 1 to a million, and for stochastic rounding.
    """
    f = parse(f) if isinstance(f, str) else f
    datum = f.decode(code)
    if digits is None or not isinstance(datum, Finite) or not datum.value:
        return shortest(f, code), Flags.NONE
    if not 1 <= digits <= MAX_DIGITS:
        raise RefmathError(f"{digits:,} digits are not possible; give a number from 1 to {MAX_DIGITS:,}, or none for the shortest text.")
    if rounding.stochastic:
        raise RefmathError(f"Text is not rounded by {rounding.value}; use a mode that takes no random bits.")
    n, exponent, inexact = rounded(datum.value, digits, rounding, datum.negative)
    return write_decimal(n, exponent, datum.negative), FLAGS[INEXACT if inexact else 0]


def rounded(x: Exact, digits: int, mode: Rounding, negative: bool) -> tuple[int, int, bool]:
    """(n, e, inexact): |x| rounded to n 10^e with ``digits`` significant digits; n may be 10^digits where it carries."""
    exponent = floor_log10_bound(x) - digits + 1
    if floor_scaled(times_power_of_ten(x, -exponent), 0)[0] >= 10**digits:
        exponent += 1
    extra = refinement(mode, 0)
    refined, exact = floor_scaled(times_power_of_ten(x, -exponent), extra)
    n, inexact = round_code(int(refined), extra, exact, negative, mode)
    return n, exponent, inexact
