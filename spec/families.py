"""What the pages on posits, logarithms and grids show: definitions, extremes, thresholds, lists and shares, all computed."""

from itertools import pairwise

from gmpy2 import mpq

from formats import parse
from formats.codebook import Codebook
from formats.family import Format
from formats.fixed import integer
from formats.nested import share_that_differs
from formats.posit import posit
from formats.quire import Quire
from formats.symbolic import Definition
from formats.takum import takum
from refmath.rounding import Rounding
from refmath.symbolic import latex
from refmath.text import rounded_decimal
from spec.formulas import where
from spec.markdown import inline, math, number, power, table


def definition(name: str) -> str:
    """The fields of a format, its abbreviations, and what its codes stand for."""
    return formulas(parse(name).definition())


def formulas(d: Definition) -> str:
    """The same of a definition."""
    fields = "; ".join(
        f"{inline(latex(field.symbol))} ({inline(latex(field.width))} bit{'' if field.width == 1 else 's'}), {field.meaning}" for field in d.fields
    )
    parameters = "; ".join(f"{inline(latex(parameter.symbol))}: {parameter.meaning}" for parameter in d.parameters)
    parts = [f"Parameters: {parameters}. Fields: {fields}."]
    if d.where:
        parts.append(where(d.where))
    return "\n\n".join([*parts, math(d.latex())])


def posit_definition() -> str:
    """Posits, with n and es symbolic."""
    return definition("posit16")


def posit_extremes() -> str:
    """maxPos, minPos, the step at 1 and the quire of the standard formats."""
    rows = []
    for n in (8, 16, 32, 64):
        p, q = parse(f"posit{n}"), parse(f"quire{n}")
        assert isinstance(q, Quire)
        ends = [number(_rational(p, code)) for code in (p.limit(), 1)]
        rows.append((f"`posit{n}`", *ends, number(p.ulp(p.round(mpq(1)))), str(q.width), power(-q.fraction_bits), number(mpq(q.exact_products))))
    return table(("format", "maxPos", "minPos", "step above 1", "quire bits", "quire step", "products that cannot overflow"), rows)


def _rational(fmt: Format, code: int) -> mpq:
    value = fmt.exact(code)
    assert isinstance(value, type(mpq()))
    return value


def posit_thresholds() -> str:
    """The pairs of neighbours of posit8 whose threshold is not their arithmetic mean."""
    p, finer, rows = posit(8), posit(9), []
    for low, high in pairwise(range(1, 128)):
        a, b, between = p.value(low), p.value(high), finer.value(2 * low + 1)
        if 2 * between != a + b:
            rows.append((f"`0x{low:02x}`, `0x{high:02x}`", number(a), number(b), number(between), number((a + b) / 2)))
    return table(("neighbours", "from", "to", "threshold", "arithmetic mean"), rows)


def quire_definition() -> str:
    """Quires, with everything symbolic."""
    return definition("quire16")


def quire_example() -> str:
    """The sum that a quire saves."""
    p = posit(8, 0)
    two, ten = p.encode(mpq(2)), p.encode(mpq(10))
    q = parse("quire8(es=0, bits=32)")
    assert isinstance(q, Quire)
    steps, total = [], mpq(0)
    for a, b in ((two, ten), (two, ten), (two, ten), (two, two)):
        rounded = p.exact(p.round(_rational(p, a) * _rational(p, b)))
        total = _rational(p, p.round(total + rounded))
        steps.append(number(total))
    fused = p.exact(q.to_posit(q.dot((two, two, two, two), (ten, ten, ten, two))))
    return f"The partial sums of `{p.name}` are {', '.join(steps)}; the quire of {q.width} bits gives {fused}."


def takum_linear() -> str:
    """Linear takums."""
    return definition("takum16")


def takum_logarithmic() -> str:
    """What differs in logarithmic takums."""
    d = parse("takum_log16").definition()
    return "\n\n".join([where(d.where[-1:]), math(d.latex())])


def takum_prefixes() -> str:
    """The sixteen heads D, R, with the characteristics that they begin."""
    t, rows = takum(16), []
    for head in range(16):
        c, _, bits = t.characteristic(head << 11, 15)
        r = 15 - 4 - bits
        rows.append((str(head >> 3), f"{head & 7:03b}", str(r), f"{c} to {c + (1 << r) - 1}" if r else str(c), str(bits)))
    return table(("D", "R", "bits of C", "characteristics", "mantissa bits of 16"), rows)


def logarithmic_definition() -> str:
    """Logarithmic numbers."""
    return definition("lns4.3")


def logarithmic_values() -> str:
    """The nonnegative values of a small logarithmic format."""
    fmt = parse("lns2.1")
    rows = [(f"`0x{code:x}`", " ".join(part for _, part in fmt.fields(code)), str(fmt.exact(code)), rounded_decimal(fmt.exact(code), 6)) for code in range(8)]
    return table(("code", "fields", "value", ""), rows)


def affine_definition() -> str:
    """Affine integers."""
    return definition("int8(scale=1/10, zero=3)")


def nested_shares() -> str:
    """How many numbers 8 bits and then 4 change."""
    rows = []
    for about, high, low, end in (
        ("uniform on [-140, 140], a little beyond `int8`", integer(8), -140, 140),
        ("uniform on the range of `int8`, [-128, 128]", integer(8), -128, 128),
        ("uniform on [-127, 127], symmetric codes", integer(8, symmetric=True), -127, 127),
        ("uniform on the range of `uint8`, [0, 256]", integer(8, signed=False), 0, 256),
    ):
        share, floor = (share_that_differs(mpq(low), mpq(end), high, 4, mode) for mode in (Rounding.NEAREST_EVEN, Rounding.TOWARD_NEGATIVE))
        rows.append((about, str(share), f"{rounded_decimal(100 * share, 3)} %", str(floor)))
    return table(("numbers", "share that differs", "", "with floor"), rows)


def codebooks() -> str:
    """The named codebooks, code by code."""
    parts = []
    for name in ("nf4", "bnb_fp4"):
        fmt = parse(name)
        assert isinstance(fmt, Codebook)
        cells = [f"{'-' if datum.negative and not datum.value else ''}{rounded_decimal(datum.value, 9)}" for datum in fmt.data]
        listed = ", ".join(f"`0x{code:x}` {cell}" for code, cell in enumerate(cells))
        parts.append(f"`{name}`, ties by `{fmt.ties.value}` (binary32 values, here with nine digits): {listed}.")
    return "\n\n".join(parts)
