"""What the page on multi-component floats shows: formulas, the named formats, and where transformations are error-free, all computed."""

import inspect
from collections import Counter
from dataclasses import replace
from functools import cache

from gmpy2 import mpq

import formats.expansion
from formats.error_free import Case, Kind, cases
from formats.expansion import Components, components, grow, nearest
from formats.expansion_notation import ALIASES, NAMED, parse_expansion
from formats.floats import Float
from formats.notation import parse_float, text
from refmath.datum import Finite, rational
from refmath.reals import rational_floor_log2
from refmath.rounding import Rounding
from refmath.text import rounded_decimal
from spec.markdown import number, power, table

SMALL = ("e3m2(specials=ieee)", "e2m3(specials=ieee)", "binary6p3se", "e3m2")
NAMES = ("TwoSum", "Fast2Sum", "TwoProduct")
HEAD = ("format", "rounding", "transformation", "exact", "s or p overflows", "a step inside overflows", "inexact")


def formulas() -> str:
    """The operations, in the words of the module that has them."""
    lines = (inspect.getdoc(formats.expansion) or "").splitlines()
    return "\n".join(["```", *(line.removeprefix("    ") for line in lines if line.startswith("    ")), "```"])


def named() -> str:
    """The named multi-component formats."""
    rows = []
    for name, f in NAMED.items():
        others = ", ".join(f"`{alias}`" for alias, meant in ALIASES.items() if meant == name)
        rows.append((f"`{name}`", f"`{text(f.component)}`", str(f.count), str(f.count * f.component.width), others))
    return table(("format", "component", "how many", "bits", "also accepted"), rows)


def normalised() -> str:
    """The components of 1/10, and what is lost."""
    rows = []
    for name in ("bf16x2", "float_float", "double_double", "triple_double"):
        f, x = parse_expansion(name), mpq(1, 10)
        parts = [mpq(f.component.exact(code)) for code in nearest(f, x)]
        error = abs(sum(parts, mpq(0)) - x) / x
        rows.append((f"`{name}`", ", ".join(rounded_decimal(part, 4) for part in parts), power(rational_floor_log2(error))))
    return table(("format", "components of 1/10 (four digits)", "relative error, its binade"), rows)


@cache
def _cases(name: str, fmt: str, rounding: Rounding) -> tuple[Case, ...]:
    return tuple(cases(name, _components(fmt, rounding)))


def _components(fmt: str, rounding: Rounding = Rounding.NEAREST_EVEN) -> Components:
    f = parse_float(fmt)
    return components(f, replace(f.default, rounding=rounding))


def census() -> str:
    """How many pairs of all finite codes are error-free."""
    rows = []
    for fmt, rounding in (*((fmt, Rounding.NEAREST_EVEN) for fmt in SMALL), (SMALL[0], Rounding.TOWARD_ZERO)):
        for name in NAMES:
            rows.append(_row(fmt, rounding, name, _cases(name, fmt, rounding)))
            if name == "Fast2Sum":
                f = parse_float(fmt)
                kept = tuple(case for case in _cases(name, fmt, rounding) if _exponent(f, case.a) >= _exponent(f, case.b))
                rows.append(_row(fmt, rounding, "the same where the exponent of a is no less", kept))
    return table(HEAD, rows)


def _row(fmt: str, rounding: Rounding, name: str, found: tuple[Case, ...]) -> tuple[str, ...]:
    counts = Counter(case.kind for case in found)
    return (f"`{fmt}`", f"`{rounding.value}`", name, *(str(counts[kind]) for kind in Kind))


def _exponent(f: Float, x: mpq) -> int:
    return max(f.emin, rational_floor_log2(abs(x))) if x else f.emin


def failures() -> str:
    """For each way to fail the pair of least |a| + |b|, in the first of the formats, rounded to nearest even."""
    fmt, rows = SMALL[0], []
    f = parse_float(fmt)
    for name in NAMES:
        for kind in Kind:
            found = [case for case in _cases(name, fmt, Rounding.NEAREST_EVEN) if case.kind is kind]
            if kind is not Kind.EXACT and found:
                case = min(found, key=lambda one: (abs(one.a) + abs(one.b), -one.a, -one.b))
                rows.append((name, kind.value, number(case.a), number(case.b), number(case.exact), _said(f, case.first), _said(f, case.second)))
    return table(("", "fails by", "a", "b", "exact", "s or p", "e"), rows)


def _said(f: Float, code: int) -> str:
    datum = f.decode(code)
    return number(rational(datum)) if isinstance(datum, Finite) else f.classify(code)


def growth() -> str:
    """Grow on a pair of one component, for all finite m and a of the first of the formats, by which of the two is the greater."""
    f, of = parse_float(SMALL[0]), _components(SMALL[0])
    numbers = [(code, rational(datum)) for code in f if isinstance(datum := f.decode(code), Finite)]
    counts: Counter[tuple[bool, str]] = Counter()
    for m, x in numbers:
        for a, y in numbers:
            parts = [f.decode(code) for code in grow(of, (m, f.zero()), a)]
            finite = all(isinstance(part, Finite) for part in parts)
            total = sum((rational(part) for part in parts if isinstance(part, Finite)), mpq(0))
            counts[abs(y) <= abs(x), "overflows" if not finite else "exact" if total == x + y else "inexact"] += 1
    kinds = ("exact", "overflows", "inexact")
    rows = [(about, *(str(counts[held, kind]) for kind in kinds)) for held, about in ((True, "|a| at most |m|"), (False, "|a| greater than |m|"))]
    return table((f"m + a in `{SMALL[0]}`, r = 0", *kinds), rows)
