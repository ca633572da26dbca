"""Theorems on the float family, proved by sympy with exponent, significand, precision and bias left symbolic.

The formulas are those of the definition, so that what holds of them holds of every format; that the integer code computes them is
tested code by code elsewhere.
"""

from itertools import product

import pytest
import sympy
from gmpy2 import mpq
from sympy import Symbol, simplify

from formats import CATALOGUE, Float, Specials, parse
from formats.floats import p3109
from formats.floats_symbolic import (
    CODE,
    LAST,
    NORMAL,
    ONES,
    SUBNORMAL,
    TWO,
    B,
    E,
    J,
    K,
    P,
    T,
    W,
    above_greatest,
    greatest,
    least,
    least_normal,
    magnitude,
    refined,
)
from refmath.errors import RefmathError
from refmath.rounding_symbolic import C
from refmath.symbolic import Expr, evaluator

BINADE = TWO ** (P - 1)
"""Codes in a binade."""
FLOATS = [named.format for named in CATALOGUE if isinstance(named.format, Float)]
LAYOUTS = [
    *((specials, True) for specials in Specials),
    *((specials, False) for specials in Specials if specials is not Specials.FNUZ),
]


def equal(a: Expr, b: Expr) -> bool:
    """Whether sympy proves a = b."""
    return bool(simplify(sympy.expand(a - b, power_exp=True)) == 0)


def at(expression: Expr, **fields: Expr) -> Expr:
    """The expression with other fields, put in at once."""
    return expression.subs({{"E": E, "T": T, "P": P, "J": J}[name]: value for name, value in fields.items()}, simultaneous=True)


def layout(specials: Specials, signed: bool) -> Float:
    """A float with this layout; its parameters do not matter to what is proved."""
    return Float("layout", 4, 4, 7, specials, signed)


def tiny_floats(specials: Specials) -> list[Float]:
    """Every float of a layout with 2 or 3 exponent bits and precision up to 4 that can be written."""
    found = []
    for w, p, signed, subnormals, zero in product((2, 3), range(1, 5), *[(True, False)] * 3):
        try:
            found.append(Float("tiny", w, p, 1, specials, signed, subnormals, zero))
        except RefmathError:
            continue
    assert len(found) >= 7
    return found


def test_binades_join() -> None:
    """The code after the last of a binade has the value that the formula gives for T = 2^(p-1): no carry needs a case of its own."""
    assert equal(at(NORMAL, T=BINADE), at(NORMAL, E=E + 1, T=0))
    assert equal(at(CODE, T=BINADE), at(CODE, E=E + 1, T=0))


def test_subnormal_numbers_join_the_first_binade() -> None:
    """Gradual underflow: the subnormal numbers end where the normal ones begin, and both have the same step."""
    assert equal(at(SUBNORMAL, T=BINADE), at(NORMAL, E=1, T=0))
    step = at(SUBNORMAL, T=T + 1) - SUBNORMAL
    assert equal(step, at(at(NORMAL, T=T + 1) - NORMAL, E=1))
    assert equal(step, least(layout(Specials.IEEE, True)))


def test_values_increase_with_the_code() -> None:
    """Within a binade each step is 2^(E - b - p + 1) > 0; with the joins, value is strictly increasing over all codes."""
    step = simplify(at(NORMAL, T=T + 1) - NORMAL)
    assert equal(step, TWO ** (E - B - P + 1))
    assert step.is_positive
    assert simplify(at(SUBNORMAL, T=T + 1) - SUBNORMAL).is_positive


def test_the_step_doubles_from_binade_to_binade() -> None:
    """The distance between neighbours is twice as great in the next binade."""
    step = at(NORMAL, T=T + 1) - NORMAL
    assert equal(at(step, E=E + 1), 2 * step)


def test_zero_is_the_subnormal_code_zero() -> None:
    """E = T = 0 gives 0, so that zero needs no case of its own."""
    assert at(SUBNORMAL, T=0) == 0


@pytest.mark.parametrize("value", [NORMAL, SUBNORMAL], ids=["normal", "subnormal"])
def test_refinement_divides_every_gap_in_half(value: Expr) -> None:
    """With precision p + 1 the code 2c has the value of c, and 2c + 1 the arithmetic midpoint of c and c + 1."""
    assert equal(at(value, P=P + 1, T=2 * T), value)
    assert equal(at(value, P=P + 1, T=2 * T + 1), (value + at(value, T=T + 1)) / 2)


def test_k_refinement_bits_place_a_value_in_proportion() -> None:
    """With precision p + k the code 2^k c + j lies j 2^-k of the way from c to c + 1."""
    j = Symbol("j", integer=True, nonnegative=True)
    inside = at(NORMAL, P=P + K, T=TWO**K * T + j)
    assert equal(inside, NORMAL + j * TWO**-K * (at(NORMAL, T=T + 1) - NORMAL))


def test_rounding_the_significand_is_rounding_the_code() -> None:
    """The kept code of x = (sigma + nu) 2^Q, and its value sigma 2^Q, in the normal and in the subnormal range (P3109 section 4.7)."""
    e = Symbol("e", integer=True)
    sigma = Symbol("sigma", integer=True, nonnegative=True)
    kept = sigma + BINADE * (e + B - 1)
    assert equal(at(CODE, E=e + B, T=sigma - BINADE), kept)
    assert equal(at(NORMAL, E=e + B, T=sigma - BINADE), sigma * TWO ** (e + 1 - P))
    assert equal(at(CODE, E=0, T=sigma), kept.subs(e, 1 - B))
    assert equal(at(SUBNORMAL, T=sigma), sigma * TWO ** (1 - B + 1 - P))


def test_code_parity_is_the_parity_that_p3109_rounds_by() -> None:
    """CodeIsEven of P3109 section 4.7 - floor(s) even for P > 1; for P = 1 floor(s) = 0 or Q + B even - says that the kept code is even."""
    e = Symbol("e", integer=True)
    sigma = Symbol("sigma", integer=True, nonnegative=True)
    beyond_one = Symbol("q", integer=True, positive=True)
    above = Symbol("d", integer=True, nonnegative=True)  # e = 1 - b + d
    kept = (sigma + BINADE * (e + B - 1)).subs(e, 1 - B + above)
    assert (kept - sigma).subs(P, beyond_one + 1).is_even
    q_plus_b = (e + 1 - P + B).subs({e: 1 - B + above, P: 1}, simultaneous=True)
    assert simplify(kept.subs({P: 1, sigma: 1}) - q_plus_b) == 0
    assert kept.subs({P: 1, sigma: 0, above: 0}) == 0


def test_precision_one_has_powers_of_two_only() -> None:
    """For p = 1 the significand field is empty: the value of code c is 2^(c - b), and 0 for c = 0 with subnormals."""
    assert equal(NORMAL.subs({P: 1, T: 0}), TWO ** (E - B))
    assert CODE.subs({P: 1, T: 0}) == E
    scale = parse("e8m0").definition().instance()
    assert equal(scale.cases[-1].datum.subs(T, 0), TWO ** (E - 127))


def test_an_explicit_integer_bit_changes_no_value() -> None:
    """x87: with J = 1 in normal and J = 0 in subnormal codes the formulas are the implicit ones; a pseudo-denormal equals E = 1."""
    subnormal = TWO ** (1 - B) * (J + TWO ** (1 - P) * T)
    cases = parse("x87").definition().cases
    assert equal(cases[-2].datum, (-1) ** Symbol("S", integer=True, nonnegative=True) * subnormal)
    assert equal(at(subnormal, J=0), SUBNORMAL)
    assert equal(at(subnormal, J=1), at(NORMAL, E=1))


@pytest.mark.parametrize(("specials", "signed"), LAYOUTS)
def test_closed_form_of_the_greatest_value(specials: Specials, signed: bool) -> None:
    """For each layout, the closed form is the value at the greatest finite code, for every precision, exponent width and bias."""
    f = layout(specials, signed)
    code = LAST - above_greatest(f)
    if above_greatest(f) == BINADE:
        tops = {None: (ONES - 1, BINADE - 1)}
    else:
        r = int(above_greatest(f))
        tops = {p: divmod(-1 - r, 1 << (p - 1)) for p in range(1, r + 1)}
        tops = {p: (ONES + 1 + e, t) for p, (e, t) in tops.items()} | {None: (ONES, BINADE - 1 - r)}
    for p, (e, t) in tops.items():
        fixed = {} if p is None else {P: p}
        closed = greatest(f).subs(fixed)
        if isinstance(closed, sympy.Piecewise):
            closed = closed.args[-1].expr
        assert equal(at(CODE, E=e, T=t).subs(fixed), code.subs(fixed))
        assert equal(at(NORMAL, E=e, T=t).subs(fixed), closed)


@pytest.mark.parametrize("specials", Specials)
def test_closed_forms_give_the_extremes_that_are_computed(specials: Specials) -> None:
    """Greatest, least normal and least positive value: closed form with the numbers put in against ``Float.value`` of the code."""
    catalogued = [f for f in FLOATS if f.specials is specials]
    for f in catalogued + tiny_floats(specials):
        values = {"w": f.exponent_bits, "p": f.precision, "b": f.bias}
        if f.exponent_bits >= 2:
            assert evaluator(greatest(f))(values) == f.value(f.greatest()), f
        assert f.least_normal is not None
        assert evaluator(least_normal(f))(values) == f.value(f.least_normal), f
        assert evaluator(least(f))(values) == f.value(f.least), f


@pytest.mark.parametrize("specials", Specials)
def test_refined_codes_have_the_value_that_the_definition_gives(specials: Specials) -> None:
    """``Float.value(code, extra)`` for every code and some beyond, with 0 to 3 refinement bits, the gap below the least value included."""
    for f in tiny_floats(specials):
        where, value = refined(f)
        fields = [(item.symbol.name, evaluator(item.expression)) for item in where]
        compiled = evaluator(value)
        for extra in range(4):
            for code in range((f.least - 1) << extra, (f.greatest() + 3) << extra):
                values = {"p": f.precision, "b": f.bias, "k": extra, "c": code}
                values |= {name: field(values) for name, field in fields}
                assert compiled(values) == f.value(code, extra), (f, code, extra)


def test_refinement_of_none_is_the_magnitude() -> None:
    """With k = 0 the refined value is the plain one."""
    f = parse("binary16")
    assert isinstance(f, Float)
    assert refined(f)[1].subs(K, 0) == magnitude(f)
    assert [item.expression.subs(K, 0) for item in refined(f)[0]] == [sympy.floor(C * TWO ** (1 - P)), sympy.Mod(C, BINADE)]


@pytest.mark.parametrize("signed", [True, False])
def test_p3109_puts_one_in_the_middle(signed: bool) -> None:
    """P3109 section 3: with bias 2^(K-P-1) signed, 2^(K-P) unsigned, the code of 1 is 2^(K-2) signed, 2^(K-1) unsigned, for all K and P."""
    k = Symbol("K", integer=True, positive=True)
    bias = TWO ** (k - P - 1) if signed else TWO ** (k - P)
    assert equal(at(NORMAL, E=B, T=0), sympy.Integer(1))
    assert equal(at(CODE, E=bias, T=0), TWO ** (k - 2) if signed else TWO ** (k - 1))
    for width, precision in ((3, 1), (8, 4), (16, 7)):
        f = p3109(width, precision, signed, extended=True)
        assert f.bias == bias.subs({k: width, P: precision})


@pytest.mark.parametrize(("specials", "signed"), [item for item in LAYOUTS if item[0].value.startswith("p3109")])
def test_p3109_special_codes(specials: Specials, signed: bool) -> None:
    """P3109 section 3: the table of the codes of NaN and the infinities, as numbers of K bits."""
    f = p3109(8, 4, signed, extended=specials is Specials.P3109_EXTENDED)
    nan, top = (1 << 7, (1 << 7) - 1) if signed else ((1 << 8) - 1, (1 << 8) - 2)
    words = {code: str(type(f.definition().decode(code)).__name__) for code in range(256)}
    infinities = {top, 255} if signed else {top}
    expected = dict.fromkeys(range(256), "Finite") | {nan: "NaN"}
    if specials is Specials.P3109_EXTENDED:
        expected |= dict.fromkeys(infinities, "Infinity")
    assert words == expected


def test_a_binade_of_e4m3_by_hand() -> None:
    """0x2b of OCP E4M3 is 0 0101 011: (1 + 3/8) 2^(5 - 7) = 11/32."""
    definition = parse("ocp_e4m3").definition()
    assert definition.split(0x2B) == {"S": 0, "E": 5, "T": 3}
    assert definition.decode(0x2B).value == mpq(11, 32)  # type: ignore[union-attr]
    assert W in greatest(layout(Specials.IEEE, True)).free_symbols
