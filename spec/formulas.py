"""Formulas printed from the symbolic definitions, as Markdown with LaTeX."""

import sympy

from formats import Fixed, Float, Specials, parse
from formats.floats_symbolic import CODE, above_greatest, greatest, least, least_normal, magnitude, refined
from formats.floats_symbolic import position as float_position
from formats.rules import STANDARD_NAMES
from formats.symbolic import Where
from refmath.rounding import ALIASES, Rounding, refinement
from refmath.rounding_symbolic import C, away
from refmath.symbolic import Expr, latex
from spec.markdown import inline, math, table

LAYOUTS = {
    "ieee": ("binary16", "all-ones exponent: infinity at $T = 0$, NaN elsewhere, the leading bit of $T$ set in a quiet one"),
    "ieee, stored integer bit": ("x87_extended", "x87: $J$ is the integer bit; a code with $E > 0$ and $J = 0$ is an invalid operand"),
    "fn": ("ocp_e4m3", "finite but for one NaN a sign: all ones in $E$ and $T$"),
    "fnuz": ("e4m3fnuz", "finite, and the code of the negative zero is the NaN"),
    "none": ("e2m1", "finite numbers only"),
    "reserved": ("ue5m3", "all-ones exponent: NaN throughout"),
    "p3109e, signed": ("binary8p4se", "NaN at the code of the negative zero, infinities at the greatest magnitude codes"),
    "p3109f, signed": ("binary8p4sf", "NaN at the code of the negative zero"),
    "p3109e, unsigned": ("binary8p4ue", "NaN at the greatest code, infinity just below it"),
    "p3109f, unsigned": ("binary8p4uf", "NaN at the greatest code"),
    "fn, subnormals=no, zero=no": ("e8m0", "no subnormal numbers and no zero: $E = 0$ is one more binade"),
    "ieee, subnormals=no": ("e5m2(subnormals=no)", "no subnormal numbers: $E = 0$ is one more binade, but for the zero in place of its least value"),
}
"""For each way to place the special data, a format that shows it, and the rule in words."""


def _float(name: str) -> Float:
    found = parse(name)
    assert isinstance(found, Float)
    return found


def _cases(expression: Expr) -> str:
    """A Piecewise as LaTeX cases, any other expression as it is."""
    if not isinstance(expression, sympy.Piecewise):
        return latex(expression)
    rows = [
        rf"{latex(value)} & \text{{{'otherwise' if condition == sympy.true else 'if '}}}{'' if condition == sympy.true else latex(condition)}"
        for value, condition in expression.args
    ]
    return "\\begin{cases}\n" + " \\\\\n".join(rows) + "\n\\end{cases}"


def where(items: tuple[Where, ...]) -> str:
    """Abbreviations as aligned equations with their meanings."""
    rows = [rf"{latex(item.symbol)} &= {latex(item.expression)} && \text{{{item.meaning.replace('|x|', '$|x|$')}}}" for item in items]
    return math("\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}")


def float_value() -> str:
    """The magnitude of a float."""
    return math(f"c = {latex(CODE)} \\qquad V(c) = {_cases(magnitude(_float('binary16')))}")


def float_refined() -> str:
    """The magnitude of a refined code, with and without subnormal numbers."""
    fields, value = refined(_float("binary16"))
    cut = ", \\qquad ".join(f"{latex(item.symbol)} = {latex(item.expression)}" for item in fields)
    with_zero, without = (refined(_float(name))[1] for name in ("e5m2(subnormals=no)", "e5m2(subnormals=no, zero=no)"))
    return "\n\n".join(
        [
            math(f"{cut}, \\qquad V_k(c) = {_cases(value)}"),
            "Without subnormal numbers, with a zero and without one:",
            math(f"V_k(c) = {_cases(with_zero)} \\qquad V_k(c) = {_cases(without)}"),
        ]
    )


def float_layouts() -> str:
    """What the codes of each layout stand for."""
    parts = []
    for title, (name, words) in LAYOUTS.items():
        definition = parse(name).definition()
        where = f" With {inline(f'{latex(C)} = {latex(CODE)}')}." if definition.where else ""
        parts += [f"**`specials={title}`** ({'e.g. ' if name != 'x87_extended' else ''}`{name}`): {words}.{where}", math(definition.latex())]
    return "\n\n".join(parts)


def float_extremes() -> str:
    """Closed forms of the extremes; layouts with the same ones share a row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for specials in Specials:
        for signed in (True, False):
            if specials is Specials.FNUZ and not signed:
                continue
            f = Float("layout", 4, 4, 7, specials, signed)
            form = greatest(f)
            branches = form.args if isinstance(form, sympy.Piecewise) else [(form, sympy.true)]
            values = [f"{inline(latex(value))}{'' if condition == sympy.true else ' if ' + inline(latex(condition))}" for value, condition in branches]
            rows.setdefault((inline(latex(above_greatest(f))), "; ".join(reversed(values))), []).append(
                f"`{specials.value}` {'signed' if signed else 'unsigned'}"
            )
    lows = [
        (title, inline(latex(least_normal(_float(name)))), inline(latex(least(_float(name)))))
        for title, name in (("subnormals", "binary16"), ("no subnormals", "e5m2(subnormals=no)"), ("no subnormals, no zero", "e5m2(subnormals=no, zero=no)"))
    ]
    return "\n\n".join(
        [
            table(
                ("layouts", "codes above the greatest", "greatest finite value, $w \\geq 2$"), [(_merged(layouts), *forms) for forms, layouts in rows.items()]
            ),
            table(("", "least normal", "least positive"), lows),
        ]
    )


def _merged(layouts: list[str]) -> str:
    """Layouts in a cell: without the sign where it makes no difference."""
    names = [layout.rpartition(" ")[0] for layout in layouts]
    return ", ".join(dict.fromkeys(name if names.count(name) == 2 else layout for name, layout in zip(names, layouts, strict=True)))


def fixed() -> str:
    """Fixed point, signed and unsigned, with its extremes."""
    parts = []
    for title, name in (("Two's complement (`int8`, `q4.4`)", "q4.4"), ("Unsigned (`uint8`, `uq4.4`)", "uq4.4")):
        fmt = parse(name)
        assert isinstance(fmt, Fixed)
        definition = fmt.definition()
        ends = ", ".join(f"{item.meaning} {inline(latex(item.expression))}" for item in definition.extremes)
        widths = ", ".join(f"{inline(latex(field.symbol))} of {inline(latex(field.width))} bit{'' if field.width == 1 else 's'}" for field in definition.fields)
        parts += [f"{title}: {widths}; {ends}.", math(f"v = {latex(definition.cases[0].datum)}")]
    return "\n\n".join(parts)


def position() -> str:
    """Where a real lies among the codes of a float."""
    return where(float_position())


def modes() -> str:
    """The modes: names, condition, clause, and how many refinement bits they look at."""
    rows = []
    for mode in Rounding:
        condition = away(mode)
        when = "never" if condition == sympy.false else inline(latex(condition))
        clause, name = STANDARD_NAMES.get(mode, ("", ""))
        source = ", ".join(part for part in (clause, f"`{name}`" if name else "") if part) or "(in no standard)"
        bits = str(refinement(mode, 0)) if not mode.stochastic else f"$N{'' if refinement(mode, 8) == 8 else ' + 1'}$"
        aliases = ", ".join(f"`{alias}`" for alias, target in ALIASES.items() if target is mode)
        rows.append((f"`{mode.value}`", when, bits, source, aliases))
    return table(("mode", "rounds to $c + 1$ when", "bits", "source", "also accepted"), rows)
