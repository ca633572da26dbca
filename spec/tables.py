"""Tables printed from the catalogue, the notation and the policies."""

import inspect
from dataclasses import dataclass, fields
from enum import Enum
from itertools import product

from gmpy2 import mpq

import formats.notation
from formats import CATALOGUE, Fixed, Float, Format, Projection, Specials, parse, text
from formats.catalogue import AMBIGUOUS, FLOATS, INTEGERS, P3109
from refmath.datum import NaN
from refmath.overflow import ALIASES, Outcome, Overflow, resolve
from refmath.rounding import Rounding
from spec import docstrings
from spec.markdown import INFINITY, MINUS, number, table

YES, NO = "yes", "no"


def _code(fmt: Format, code: int) -> str:
    """A code in hexadecimal; nothing where it is longer than anyone reads."""
    return f"`0x{code:0{(fmt.width + 3) // 4}x}`" if fmt.width <= 64 else ""


def _extreme(fmt: Format, ordinal: int) -> str:
    """A positive value and its code."""
    return f"{number(mpq(fmt.value(ordinal)))} {_code(fmt, fmt.join(False, ordinal))}".strip()


# The notation.


def options() -> str:
    """The layouts of special data, as the options of the notation."""
    words = docstrings.of_fields(Specials)
    return table(("`specials=`", "meaning"), [(f"`{item.value}`", words[item.name]) for item in Specials])


def syntax() -> str:
    """The heads and options of the notation, in the words of the module that reads it."""
    lines = (inspect.getdoc(formats.notation) or "").splitlines()
    listed = [line.removeprefix("    ") for line in lines if line.startswith("    ")]
    rest = "\n".join(line for line in lines[1:] if not line.startswith("    ")).strip().replace("``", "`")
    return "\n".join(["```", *listed, "```", "", rest])


EXAMPLES = (
    "binary16", "binary256", "binary8p4se", "binary6p3uf(revision=4.0)", "torch.float8_e4m3fn", "bf16", "e5m2(bias=20, specials=fn)", "e4m3(specials=none)",
    "ue5m11", "e0m3", "e4m3(subnormals=no)", "ue8m0(subnormals=no, zero=no, specials=fn)", "e15m63(integer_bit=yes)", "int12", "uint3", "q8.8", "uq0.16", "q12.-4",
)  # fmt: skip


def notation() -> str:
    """Texts, the formats that they denote, and how those are printed."""
    rows = []
    for example in EXAMPLES:
        fmt = parse(example)
        match fmt:
            case Float():
                about = f"w = {fmt.exponent_bits}, p = {fmt.precision}, b = {fmt.bias}, specials {fmt.specials.value}{'' if fmt.signed else ', unsigned'}"
            case Fixed():
                about = f"n = {fmt.width}, f = {fmt.fraction_bits}{'' if fmt.signed else ', unsigned'}"
            case _:
                about = ""
        rows.append((f"`{example}`", f"`{text(fmt)}`", str(fmt.width), about))
    return table(("text", "canonical", "bits", "parameters"), rows)


def ambiguous() -> str:
    """The names that are refused, by what they may mean."""
    meanings: dict[tuple[str, ...], list[str]] = {}
    for name, candidates in AMBIGUOUS.items():
        meanings.setdefault(candidates, []).append(name)
    return table(("name", "may mean"), [(", ".join(f"`{name}`" for name in names), ", ".join(candidates)) for candidates, names in meanings.items()])


# The catalogue.


def floats() -> str:
    """The parameters of the named floats."""
    rows = []
    for named in FLOATS:
        f = named.format
        assert isinstance(f, Float)
        layout = (
            f.specials.value
            + ("" if f.subnormals else ", no subnormals")
            + ("" if f.has_zero else ", no zero")
            + (", stored integer bit" if f.explicit_integer_bit else "")
        )
        rows.append((f"`{f.name}`", str(f.width), YES if f.signed else NO, str(f.exponent_bits), str(f.precision), str(f.bias), layout, named.about))
    return table(("format", "bits", "signed", "w", "p", "b", "specials", ""), rows)


def _special(fmt: Format) -> tuple[str, str]:
    """The codes of the infinity and of the canonical NaN."""
    return (_code(fmt, fmt.infinity()) if fmt.has_infinity else ""), (_code(fmt, fmt.nan(NaN())) if fmt.has_nan else "")


def extremes() -> str:
    """The extremes of the named floats."""
    rows = []
    for named in FLOATS:
        f = named.format
        assert isinstance(f, Float) and f.least_normal is not None
        subnormal = _extreme(f, f.least) if f.least < f.least_normal else ""
        zeros = f"+0, {MINUS}0" if f.has_negative_zero else "0" if f.has_zero else ""
        rows.append((f"`{f.name}`", _extreme(f, f.greatest()), _extreme(f, f.least_normal), subnormal, *_special(f), zeros))
    return table(("format", "greatest", "least normal", "least subnormal", f"+{INFINITY}", "canonical NaN", "zeros"), rows)


def integers() -> str:
    """The integers of the catalogue."""
    rows = [
        (
            f"`{named.format.name}`",
            str(named.format.width),
            number(mpq(named.format.exact(named.format.limit(True)))),
            number(mpq(named.format.exact(named.format.limit()))),
        )
        for named in INTEGERS
    ]
    return table(("format", "bits", "lowest", "greatest"), rows)


def p3109() -> str:
    """The P3109 formats of the catalogue."""
    rows = []
    for named in P3109:
        f = named.format
        assert isinstance(f, Float) and f.least_normal is not None
        subnormal = _extreme(f, f.least) if f.least < f.least_normal else ""
        normal = _extreme(f, f.least_normal) if f.least_normal <= f.greatest() else ""
        infinity, nan = _special(f)
        minus = _code(f, f.infinity(True)) if f.has_infinity and f.signed else ""
        rows.append((f"`{f.name}`", str(f.exponent_bits), str(f.precision), str(f.bias), _extreme(f, f.greatest()), normal, subnormal, nan, infinity, minus))
    head = ("format", "w", "p", "b", "greatest", "least normal", "least subnormal", "NaN", f"+{INFINITY}", f"{MINUS}{INFINITY}")
    return table(head, rows)


def others() -> str:
    """The named formats of the families that have no table above."""
    rest = [named for named in CATALOGUE if named not in (*FLOATS, *INTEGERS, *P3109)]
    return table(("format", "bits", ""), [(f"`{named.format.name}`", str(named.format.width), named.about) for named in rest]) if rest else "None so far."


def names() -> str:
    """The aliases of the catalogue."""
    return table(
        ("format", "also accepted"), [(f"`{named.format.name}`", ", ".join(f"`{alias}`" for alias in named.aliases)) for named in CATALOGUE if named.aliases]
    )


# The policies.

SYMBOLS = {Outcome.LIMIT: "M", Outcome.INFINITY: INFINITY, Outcome.NAN: "NaN", Outcome.WRAP: "low bits", Outcome.ERROR: "error"}
"""How a table writes what is delivered; M is the finite value nearest to the operand."""

KINDS = ((f"{INFINITY} and NaN", True, True), ("NaN only", False, True), ("neither", False, False))
"""Formats by what they have: a heading, and whether there is an infinity and a NaN."""

GENERAL = [policy for policy in Overflow if policy not in (Overflow.SATNONE_4_0, Overflow.SATNONE_4_0_3)]


@dataclass(frozen=True)
class Side:
    """One end of a kind of format."""

    negative: bool
    signed: bool
    infinity: bool
    nan: bool

    def outcome(self, policy: Overflow, mode: Rounding, *, infinite: bool) -> Outcome:
        """What a policy delivers there."""
        return resolve(
            policy,
            mode,
            infinite=infinite,
            negative=self.negative,
            signed=self.signed,
            has_infinity=self.infinity and (self.signed or not self.negative),
            extended=self.infinity,
            has_nan=self.nan,
        )

    def finite(self, policy: Overflow) -> str:
        """What becomes of a finite value beyond this end: the usual, then the modes with another outcome."""
        groups: dict[Outcome, list[str]] = {}
        for mode in Rounding:
            groups.setdefault(self.outcome(policy, mode, infinite=False), []).append(f"`{mode.value}`")
        usual, *others = sorted(groups, key=lambda item: -len(groups[item]))
        return "; ".join([self._symbol(usual), *(f"{self._symbol(item)} in {', '.join(groups[item])}" for item in others)])

    def infinite(self, policy: Overflow) -> str:
        """What becomes of the infinity on this side, the same in every mode."""
        (outcome,) = {self.outcome(policy, mode, infinite=True) for mode in Rounding}
        return self._symbol(outcome)

    def _symbol(self, outcome: Outcome) -> str:
        return f"{MINUS if self.negative else ''}{INFINITY}" if outcome is Outcome.INFINITY else SYMBOLS[outcome]


def overflow() -> str:
    """What each policy delivers beyond the greatest value, by what the format has."""
    words = docstrings.of_fields(Overflow)
    meanings = [
        (f"`{policy.value}`", words[policy.name], ", ".join(f"`{alias}`" for alias, target in ALIASES.items() if target is policy)) for policy in Overflow
    ]
    sides = [Side(False, True, infinity, nan) for _, infinity, nan in KINDS]
    rows = [(f"`{policy.value}`", *(side.finite(policy) for side in sides), " / ".join(side.infinite(policy) for side in sides)) for policy in GENERAL]
    head = ("policy", *(f"finite, into {kind}" for kind, _, _ in KINDS), f"{INFINITY}, into the three")
    return f"{table(('policy', 'delivers beyond the range', 'also accepted'), meanings)}\n\n{table(head, rows)}"


def unsigned() -> str:
    """What each policy delivers for negative values in unsigned formats."""
    sides = [Side(True, False, infinity, nan) for _, infinity, nan in KINDS]
    rows = [(f"`{policy.value}`", *(side.finite(policy) for side in sides), " / ".join(side.infinite(policy) for side in sides)) for policy in GENERAL]
    return table(("policy", *(f"finite, into {kind}" for kind, _, _ in KINDS), f"{MINUS}{INFINITY}, into the three"), rows)


def satnone() -> str:
    """P3109 SatNone by revision, for each kind of format, on both sides."""
    rows = []
    for signed, extended, negative in product((True, False), (True, False), (False, True)):
        side = Side(negative, signed, extended, True)
        kind = f"{'signed' if signed else 'unsigned'} {'extended' if extended else 'finite'}"
        rows.append((kind, "X < M<sup>lo</sup>" if negative else "X > M<sup>hi</sup>", side.finite(Overflow.SATNONE_4_0), side.finite(Overflow.SATNONE_4_0_3)))
        rows.append((kind, f"{MINUS if negative else ''}{INFINITY}", side.infinite(Overflow.SATNONE_4_0), side.infinite(Overflow.SATNONE_4_0_3)))
    return table(("format", "operand", "4.0", "4.0.3"), rows)


def axes() -> str:
    """The fields of a projection with their defaults, then the choices of each that is not a table of its own."""
    words = docstrings.of_fields(Projection)
    rows, choices = [], []
    for item in fields(Projection):
        default = item.default.value if isinstance(item.default, Enum) else item.default
        rows.append((f"`{item.name}`", f"`{default}`", words[item.name]))
        if isinstance(item.default, Enum) and item.name not in ("rounding", "overflow"):
            meanings = docstrings.of_fields(type(item.default))
            choices += [(f"`{item.name}`", f"`{choice.value}`", meanings.get(choice.name, "")) for choice in type(item.default)]
    return f"{table(('axis', 'default', 'says'), rows)}\n\n{table(('axis', 'choice', ''), choices)}"
