"""The decoders against the definitions: two statements of what a code means that share no code."""

import random
from itertools import product

import pytest
import sympy
from gmpy2 import mpq

from formats import CATALOGUE, Fixed, Float, Format, Specials, parse
from formats.symbolic import MINUS_ZERO, NAR, SIGNALLING, Case, Definition, Field, Parameter, Where, natural
from refmath.datum import NEGATIVE_ZERO, NaN, NotAReal, finite
from refmath.errors import RefmathError
from refmath.symbolic import text

SMALL = [named.format for named in CATALOGUE if named.format.width <= 16]
WIDE = [named.format for named in CATALOGUE if named.format.width > 16]
OWN_WIDE = ["binary160", "e15m1000", "e18m3", "binary16p5ue", "binary24p11sf(revision=4.0)", "e6m20(bias=-7, specials=fn)", "e8m40(integer_bit=yes)"]
OWN_FIXED = ["q1.0", "q0.1", "q4.4", "q12.-4", "q-3.7", "uq0.8", "uq3.3", "uq-2.6", "uint1"]


def boundaries(fmt: Format) -> list[int]:
    """The codes on either side of every boundary between fields, with each sign, and two hundred others."""
    rng = random.Random(fmt.name)
    powers = [1 << i for i in range(fmt.width)]
    near = {power + step for power in powers for step in (-2, -1, 0, 1)} | {fmt.codes - power - step for power in powers for step in (0, 1, 2)}
    return sorted(code for code in near | {rng.getrandbits(fmt.width) for _ in range(200)} if 0 <= code < fmt.codes)


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_every_code_of_every_small_format(fmt: Format) -> None:
    """Up to 16 bits, every code decodes to the datum that the definition gives: value, signs, kind of NaN, payload."""
    definition = fmt.definition()
    assert [hex(code) for code in fmt if fmt.decode(code) != definition.decode(code)] == []


@pytest.mark.parametrize("fmt", [*WIDE, *map(parse, OWN_WIDE)], ids=str)
def test_boundary_codes_of_wide_formats(fmt: Format) -> None:
    """Beyond 16 bits, the codes around every power of two, of both signs, and random ones."""
    definition = fmt.definition()
    assert [hex(code) for code in boundaries(fmt) if fmt.decode(code) != definition.decode(code)] == []


@pytest.mark.parametrize("specials", Specials)
def test_every_tiny_float_that_can_be_written(specials: Specials) -> None:
    """All combinations of up to 3 exponent bits, precision up to 4, sign, subnormals, zero and integer bit, every code."""
    tried = 0
    for w, p, signed, subnormals, zero, integer_bit in product(range(4), range(1, 5), *[(True, False)] * 4):
        try:
            fmt = Float("tiny", w, p, 2, specials, signed, subnormals, zero, integer_bit)
        except RefmathError:
            continue
        tried += 1
        definition = fmt.definition()
        assert all(fmt.decode(code) == definition.decode(code) for code in fmt), fmt
    assert tried >= 10


@pytest.mark.parametrize("name", OWN_FIXED)
def test_every_code_of_small_fixed_point(name: str) -> None:
    """Fixed point of all shapes: no integer bits, no fraction bits, a step above 1, a range below the step of 1."""
    fmt = parse(name)
    definition = fmt.definition()
    assert all(fmt.decode(code) == definition.decode(code) for code in fmt)


@pytest.mark.parametrize("name", ["binary16", "e8m0", "binary6p3ue", "e4m3(integer_bit=yes)", "e3m2(subnormals=no)", "q4.4", "uint5"])
def test_putting_the_parameters_in_changes_no_datum(name: str) -> None:
    """An instance has no symbols but fields and abbreviations, and decodes every code alike."""
    definition = parse(name).definition()
    instance = definition.instance()
    symbols = {field.symbol for field in instance.fields}
    assert instance.piecewise().free_symbols - symbols <= {MINUS_ZERO, *sympy.symbols("Inf NaN")}
    assert all(instance.decode(code) == definition.decode(code) for code in range(1 << definition.width))


@pytest.mark.parametrize("fmt", [fmt for fmt in [*SMALL, *WIDE] if isinstance(fmt, Float)], ids=str)
def test_fields_of_floats_are_those_shown(fmt: Float) -> None:
    """A definition cuts a code where ``Format.fields`` cuts it; a field of no bits reads 0."""
    definition = fmt.definition()
    for code in boundaries(fmt)[::50]:
        shown = [int(digits, 2) for _, digits in fmt.fields(code)]
        cut = definition.split(code)
        empty = {symbol for symbol, bits in (("E", fmt.exponent_bits), ("T", fmt.trailing)) if not bits}
        assert [value for symbol, value in cut.items() if symbol not in empty] == shown
        assert all(cut[symbol] == 0 for symbol in empty)


def test_an_explicit_integer_bit_needs_normal_numbers() -> None:
    """With one exponent bit the pseudo-denormals would have to be read as numbers that no other code has: refused."""
    with pytest.raises(RefmathError, match="give at least 2 exponent bits, not 1"):
        parse("e1m3(integer_bit=yes)")


def test_fields_must_fill_the_code() -> None:
    """A definition whose fields leave bits of a code over is a mistake of ours and asserts."""
    right = parse("ocp_e4m3").definition()
    wrong = Definition(right.name, 9, right.fields, right.parameters, right.where, right.cases, right.extremes)
    with pytest.raises(AssertionError, match="do not fill"):
        wrong.decode(0)


def test_any_family_can_state_itself() -> None:
    """A family of another kind - fields whose width depends on earlier ones, a NaR, an invalid code - needs no line of the mechanism.

    Its codes of n bits: D, then D + 1 bits of a characteristic R, then what is left of M; the value is 2^R + M.
    """
    d, r, m, c = natural("D R M c")
    n = sympy.Symbol("n", integer=True, positive=True)
    one = sympy.Integer(1)
    toy = Definition(
        "toy",
        5,
        (Field(d, one, "direction"), Field(r, d + 1, "characteristic"), Field(m, n - d - 2, "mantissa")),
        (Parameter(n, 5, "bits"),),
        (Where(c, 2**r + m, "the value"),),
        (
            Case(sympy.And(sympy.Eq(d, 1), sympy.Eq(r, 0), sympy.Eq(m, 0)), NAR, "not a real"),
            Case(sympy.And(sympy.Eq(d, 0), sympy.Eq(r, 1), sympy.Eq(m, 7)), MINUS_ZERO, "negative zero"),
            Case(sympy.And(sympy.Eq(d, 1), sympy.Eq(r, 3)), SIGNALLING(1, m, n - 3), "invalid"),
            Case(sympy.true, c, "number"),
        ),
        (),
    )
    assert toy.split(0b10110) == {"D": 1, "R": 1, "M": 2}
    assert toy.split(0b01101) == {"D": 0, "R": 1, "M": 5}
    assert toy.decode(0b10000) == NotAReal()
    assert toy.decode(0b01111) == NEGATIVE_ZERO
    assert toy.decode(0b11110) == NaN(True, True, 2, 2)
    assert toy.decode(0b10110) == finite(mpq(4))
    assert toy.decode(0b01101) == finite(mpq(7))


def test_text_reads_like_a_standard() -> None:
    """The definition of OCP E4M3, word for word."""
    assert parse("ocp_e4m3").definition().text().splitlines() == [
        "fields  S (1 bit), E (w bits), T (p - 1 bits)",
        "with    w = 4, p = 4, b = 7",
        "where   c = T + 2^(p - 1)*E, the magnitude code",
        "  qNaN(S)                             if c = 2^(p + w - 1) - 1  NaN",
        "  -0                                  if S = 1 and c = 0        negative zero",
        "  (-1)^S*2^(1 - b)*2^(1 - p)*T        if E = 0                  zero, subnormal",
        "  (-1)^S*2^(E - b)*(1 + 2^(1 - p)*T)  otherwise                 normal",
    ]


def test_text_with_the_parameters_put_in() -> None:
    """The same with numbers for w, p and b."""
    lines = parse("ocp_e4m3").definition().instance().text().splitlines()
    assert lines[0] == "fields  S (1 bit), E (4 bits), T (3 bits)"
    assert lines[-1].split() == ["(-1)^S*2^(E", "-", "7)*(1", "+", "T/8)", "otherwise", "normal"]


def test_latex_is_one_case_a_row() -> None:
    """LaTeX has a row for each case: datum, condition, meaning."""
    definition = parse("binary16").definition()
    rows = definition.latex().split("\n")[1:-1]
    assert len(rows) == len(definition.cases)
    assert all(row.count("&") == 2 for row in rows)
    assert rows[0] == r"\left(-1\right)^{S} \infty & E = 2^{w} - 1 \wedge T = 0 & \text{infinity} \\"


def test_the_piecewise_is_self_contained() -> None:
    """One ``Piecewise`` over fields and parameters, abbreviations written out, its last condition true."""
    definition = parse("e4m3fnuz").definition()
    whole = definition.piecewise()
    assert {symbol.name for symbol in whole.free_symbols} == {"S", "E", "T", "p", "b", "NaN"}
    assert text(whole.args[0].cond) == "T + 2^(p - 1)*E = 0 and S = 1"
    assert whole.args[-1].cond == sympy.true


def test_every_family_has_a_definition() -> None:
    """Nothing in the catalogue is without one, and its name and width are the format's."""
    for named in CATALOGUE:
        definition = named.format.definition()
        assert (definition.name, definition.width) == (named.format.name, named.format.width)
        assert definition.cases[-1].condition == sympy.true
    assert {type(named.format) for named in CATALOGUE} >= {Float, Fixed}
