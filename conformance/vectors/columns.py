"""Further columns of a case: the model and the task that asked for it, its exact result, and that result as hardware has it before it rounds.

``intermediate`` stands for five columns: ``sign``, ``exponent``, ``significand``, ``guard``, ``sticky``. Of a result of a float format they are those of the exact
value, normalised to the precision of the format with an exponent range without end: (-1)^sign x significand x 2^(exponent - p + 1), then the guard bit and whether
anything follows it. Of any other format, ``significand`` is the kept magnitude code and ``exponent`` that of the leading bit. A special result has nothing there.
"""

from typing import Any

import gmpy2
from gmpy2 import mpq

from conformance.claims import Codes
from conformance.vectors.dot_subject import DotSubject
from conformance.vectors.subject import Subject
from formats.family import Format
from formats.floats import Float
from refmath.datum import Datum, Finite
from refmath.errors import RefmathError, quote
from refmath.reals import Real, floor_log2, floor_scaled
from refmath.rounding import split
from refmath.wording import ALMOST, datum_text

INTERMEDIATE = ("sign", "exponent", "significand", "guard", "sticky")
CHOICES = ("intermediate", "exact", "model", "task")
MAX_BITS = 4096
"""The longest numbers that are written out."""


def names(chosen: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that the choices stand for, in their order. ``RefmathError`` for a choice that is none."""
    for choice in chosen:
        if choice not in CHOICES:
            raise RefmathError(f"{quote(choice)} is no further column; choose from {', '.join(CHOICES)}.")
    return tuple(name for choice in CHOICES if choice in chosen for name in (INTERMEDIATE if choice == "intermediate" else (choice,)))


def check(subject: Subject, found: tuple[str, ...]) -> None:
    """``RefmathError`` for columns that cases of a subject do not have."""
    if isinstance(subject, DotSubject) and {"exact", *INTERMEDIATE} & set(found):
        raise RefmathError(
            "A dot product is rounded where its model says so, not once at the end: it has no columns exact and intermediate; choose model or task."
        )


def computed(subject: Subject, chosen: tuple[str, ...], operands: tuple[Codes, ...], random: Codes | None) -> dict[str, list[Any]]:
    """The columns that need the exact result."""
    if not {"intermediate", "exact"} & set(chosen):
        return {}
    bound = subject.bound
    draws = [0] * len(operands[0]) if random is None else random.tolist()
    exact = [bound(*row, random=draw).exact for row, draw in zip(zip(*(codes.tolist() for codes in operands), strict=True), draws, strict=True)]
    found: dict[str, list[Any]] = {}
    if "intermediate" in chosen:
        rows = [intermediate(subject.to, datum) for datum in exact]
        found |= {name: [row[at] for row in rows] for at, name in enumerate(INTERMEDIATE)}
    if "exact" in chosen:
        found["exact"] = [exact_text(datum) for datum in exact]
    return found


def exact_text(exact: Datum | bool | str) -> str:
    """The exact result: a fraction or m x 2^k where it is rational, leading digits behind ``~`` where it is not or too long, else what it is in words."""
    if isinstance(exact, bool):
        return "true" if exact else "false"
    if isinstance(exact, str):
        return exact
    if isinstance(exact, Finite) and not isinstance(exact.value, Real) and exact.value and (written := fraction_text(exact.value)):
        return written
    return datum_text(exact).replace(ALMOST, "~")


def fraction_text(x: mpq) -> str | None:
    """A rational: as a fraction, or as m x 2^k where that is shorter; None where neither fits a line."""
    n, d = abs(x.numerator), x.denominator
    if n.bit_length() + d.bit_length() <= MAX_BITS:
        return str(x)
    low = int(gmpy2.bit_scan1(n) or 0)
    if d.bit_length() - 1 != gmpy2.bit_scan1(d) or (n >> low).bit_length() > MAX_BITS:
        return None
    return f"{'-' if x < 0 else ''}{n >> low} x 2^{low - d.bit_length() + 1}"


def intermediate(f: Format | None, exact: Datum | bool | str) -> tuple[int | str | None, ...]:
    """Sign, exponent, significand, guard and sticky of a nonzero finite result; five times nothing for any other."""
    if f is None or not isinstance(exact, Finite) or not exact.value:
        return (None,) * len(INTERMEDIATE)
    value, exponent = exact.value, floor_log2(exact.value)
    if isinstance(f, Float):
        refined, precise = floor_scaled(value, f.precision - exponent)
    else:
        refined, precise = f.code_below(value, 1, exact.negative)
    kept = split(refined, 1, precise)
    return int(exact.negative), int(exponent), f"{int(kept.code):X}", int(kept.guard), int(kept.sticky)
