"""Multi-component floats: exact values, normalisation, growing, adding and multiplying, against rationals, and the bounds of the literature."""

from fractions import Fraction
from itertools import product

import pytest
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.expansion import Components, Expansion, add, grow, grow_expansion, is_normalised, multiply, multiply_pairs, nearest, negate, normalise, value
from formats.expansion_notation import NAMED, expansion_text, parse_expansion
from formats.notation import parse, parse_float
from refmath.datum import Finite, Infinity, NaN
from refmath.errors import RefmathError
from refmath.rounding import Rounding
from refmath.text import parse_exact


def exactly(f: Expansion, x: tuple[int, ...]) -> mpq:
    """The value of finite components, added up here."""
    return sum((mpq(f.component.exact(code)) for code in x), mpq(0))  # type: ignore[arg-type]


@st.composite
def expansions(draw: st.DrawFn, f: Expansion, low: int = -20, high: int = 20) -> tuple[int, ...]:
    """A normalised value, of components whose exponents are as close as they can be or far apart."""
    p = f.component.precision
    e, x = draw(st.integers(low, high)), mpq(0)
    for _ in range(f.count):
        x += draw(st.sampled_from([-1, 1])) * mpq(draw(st.integers(1 << (p - 1), (1 << p) - 1))) * mpq(2) ** (e - p + 1)
        e -= p + 1 + draw(st.integers(0, 3))
    return nearest(f, x)


FORMATS = ["bf16x2", "double_double", "triple_double", "expansion(binary16, 3)", "expansion(ieee_e4m3, 4)"]


@pytest.mark.parametrize("name", FORMATS)
@given(x=st.fractions(-200, 200, max_denominator=10**30))
@examples(50)
def test_the_components_of_a_number(name: str, x: Fraction) -> None:
    """Each component is the remainder of those before, rounded: normalised, and off by half an ulp of the last at most."""
    f = parse_expansion(name)
    exact = mpq(x.numerator, x.denominator)
    codes, rest = nearest(f, exact), exact
    for _ in range(f.count):
        rest -= mpq(f.component.exact(f.component.round(rest)))  # type: ignore[arg-type]
    assert exactly(f, codes) == exact - rest and is_normalised(f, codes)
    last = value(f, codes)
    assert isinstance(last, Finite) and last.value == exactly(f, codes)
    least = mpq(f.component.value(f.component.least))
    assert abs(rest) <= max(abs(exact) / mpq(2) ** (f.count * (f.component.precision + 1) - 1), least / 2)


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
@examples(40)
def test_normalising_keeps_the_sum(name: str, data: st.DataObject) -> None:
    """Any components of moderate size: all of them normalised add up to the same number; the first ones are as near as the next one is small."""
    f = parse_expansion(name)
    bias = f.component.bias
    span = min(bias - 1, 60)
    codes = data.draw(
        st.lists(st.tuples(st.integers(-span // 2, span // 2), st.integers(-((1 << f.component.precision) - 1), (1 << f.component.precision) - 1)), max_size=6)
    )
    terms = [f.component.round(mpq(n) * mpq(2) ** (e - f.component.precision)) for e, n in codes]
    total = sum((mpq(f.component.exact(t)) for t in terms), mpq(0))  # type: ignore[arg-type]
    everything = Expansion("all", f.component, max(len(terms), 1))
    whole = normalise(everything, terms)
    assert exactly(everything, whole) == total and is_normalised(everything, whole)
    kept = normalise(f, terms)
    assert is_normalised(f, kept) and abs(exactly(f, kept) - total) <= abs(total) / mpq(2) ** (f.count * f.component.precision - 1)


def test_normalised_means_that_components_do_not_overlap() -> None:
    """1 + 2^-9 in bfloat16 is normalised, 1 + 2^-7 is one component, 1 + 2^-8 a tie to even; zeros come last, NaNs never."""
    f = parse_expansion("bf16x2")

    def codes(*x: str) -> tuple[int, ...]:
        return tuple(f.component.round(parse_exact(text)) for text in x)

    assert is_normalised(f, codes("1", "2^-9")) and is_normalised(f, codes("1", "2^-8")) and is_normalised(f, codes("1", "0"))
    assert not is_normalised(f, codes("1", "2^-7")) and not is_normalised(f, codes("0", "1")) and is_normalised(f, codes("0", "0"))
    assert not is_normalised(f, codes("0x1.02p0", "2^-8")) and is_normalised(f, codes("0x1.02p0", "-0x1.fcp-9"))
    assert not is_normalised(f, (f.component.nan(), 0)) and not is_normalised(f, (f.component.infinity(), 0))
    assert normalise(f, codes("0", "1")) == codes("1", "0") and normalise(f, codes("1", "2^-7")) == codes("0x1.02p0", "0")


@pytest.mark.parametrize("name", ["bf16x2", "double_double", "triple_double", "expansion(binary16, 3)"])
@given(data=st.data())
@examples(40)
def test_sums_are_exact_but_for_what_lies_below_the_last_component(name: str, data: st.DataObject) -> None:
    """x + y and x + a differ from the exact sum by less than 2^(1 - k p) of it."""
    f = parse_expansion(name)
    span = 4 if f.component.width == 16 and f.component.exponent_bits == 5 else 20
    x, y = data.draw(expansions(f, 0, span)), data.draw(expansions(f, 0, span))
    bound = mpq(2) ** (1 - f.count * f.component.precision)
    least = mpq(f.component.value(f.component.least))
    exact = exactly(f, x) + exactly(f, y)
    assert abs(exactly(f, add(f, x, y)) - exact) <= max(bound * abs(exact), least)
    exact = exactly(f, x) + exactly(f, y[:1])
    assert abs(exactly(f, grow_expansion(f, x, y[0])) - exact) <= max(bound * abs(exact), least)
    assert exactly(f, negate(f, x)) == -exactly(f, x)
    assert all(is_normalised(f, z) for z in (add(f, x, y), grow_expansion(f, x, y[0]), negate(f, x)))


@pytest.mark.parametrize("name", ["bf16x2", "double_double", "triple_double"])
@given(data=st.data())
@examples(40)
def test_products_are_exact_but_for_what_lies_below_the_last_component(name: str, data: st.DataObject) -> None:
    """x y differs from the exact product by less than 2^(1 - k p) of it."""
    f = parse_expansion(name)
    x, y = data.draw(expansions(f)), data.draw(expansions(f))
    exact = exactly(f, x) * exactly(f, y)
    assert abs(exactly(f, multiply(f, x, y)) - exact) <= mpq(2) ** (1 - f.count * f.component.precision) * abs(exact)
    assert is_normalised(f, multiply(f, x, y))


@pytest.mark.parametrize("name", ["bf16x2", "float_float", "double_double"])
@given(data=st.data())
@examples(80)
def test_the_product_of_pairs_is_within_five_units(name: str, data: st.DataObject) -> None:
    """Joldes, Muller, Popescu (2017), DWTimesDW1: the relative error of Mul is below 5 u^2, u = 2^-p."""
    f = parse_expansion(name)
    x, y = data.draw(expansions(f)), data.draw(expansions(f))
    got, exact = multiply_pairs(f.arithmetic, x, y), exactly(f, x) * exactly(f, y)
    assert abs(exactly(f, got) - exact) <= 5 * mpq(4) ** -f.component.precision * abs(exact)
    assert is_normalised(f, got)


def step(of: Components, x: mpq) -> mpq:
    """x rounded into the component format."""
    return mpq(of.format.exact(of.format.round(x, of.how)))  # type: ignore[arg-type]


@given(data=st.data())
@examples(200)
def test_growing_a_pair_rounds_the_low_part_once(data: st.DataObject) -> None:
    """Grow, for |a| <= |m| in bfloat16: m' + r' = x + round(r + (m + a - x)), x = round(m + a): nothing but that one rounding is lost."""
    f = parse_expansion("bf16x2")
    of = f.arithmetic
    m, r = data.draw(expansions(f))
    (a, _) = data.draw(expansions(f))
    am, aa, ar = (mpq(f.component.exact(code)) for code in (m, a, r))  # type: ignore[arg-type]
    if abs(aa) > abs(am):
        return
    x = step(of, am + aa)
    assert exactly(f, grow(of, (m, r), a)) == x + step(of, ar + (am + aa - x))


def test_growing_by_a_greater_component_loses_digits() -> None:
    """The condition is needed: 2^-8 + 2^-16 grown by 1 + 2^-7 in bfloat16 keeps the low part; by the rule for |a| > |m| the error of x is wrong for some."""
    f = parse_expansion("expansion(e3m2(specials=ieee), 2)")
    of, wrong = f.arithmetic, 0
    numbers = [code for code in f.component if isinstance(f.component.decode(code), Finite)]
    for m, a in product(numbers, numbers):
        am, aa = mpq(f.component.exact(m)), mpq(f.component.exact(a))  # type: ignore[arg-type]
        got = grow(of, (m, 0), a)
        if not all(isinstance(f.component.decode(code), Finite) for code in got):
            continue
        holds = exactly(f, got) == am + aa
        wrong += not holds
        if abs(aa) <= abs(am):
            assert holds
    assert wrong > 100


def test_small_pairs_grow_as_said_on_all_codes() -> None:
    """Grow on every normalised pair and component of a 5-bit format, |a| <= |m|: the identity holds whenever nothing overflows, subnormal numbers included."""
    f = parse_expansion("expansion(e3m1(specials=ieee), 2)")
    of = f.arithmetic
    numbers = [code for code in f.component if isinstance(f.component.decode(code), Finite)]
    seen = 0
    for m, r, a in product(numbers, repeat=3):
        am, ar, aa = (mpq(f.component.exact(code)) for code in (m, r, a))  # type: ignore[arg-type]
        if abs(aa) > abs(am) or abs(am + aa) > 12 or not is_normalised(f, (m, r)):
            continue
        x = step(of, am + aa)
        low = step(of, ar + (am + aa - x))
        got = grow(of, (m, r), a)
        if isinstance(f.component.decode(got[0]), Finite):
            seen += 1
            assert exactly(f, got) == x + low
    assert seen > 3000


def test_values_of_specials_are_those_of_addition() -> None:
    """A NaN component makes a NaN, an infinite one an infinity, two of unlike sign a NaN; a number beyond the range is infinite."""
    f = parse_expansion("bf16x2")
    c = f.component
    assert value(f, (c.infinity(), 0)) == Infinity(False)
    assert isinstance(value(f, (c.infinity(), c.infinity(True))), NaN) and isinstance(value(f, (c.nan(), 0)), NaN)
    assert nearest(f, parse_exact("1e40")) == (c.infinity(), c.zero())


@pytest.mark.parametrize("name", [*NAMED, "expansion(e5m2(bias=20), 3)", "expansion(tf32, 2, rounding=toward_zero)", "expansion(binary16, 64)"])
def test_notation_reads_back(name: str) -> None:
    """parse_expansion(expansion_text(f)) = f, and the text of a text is itself."""
    f = parse_expansion(name)
    assert parse_expansion(expansion_text(f)) == f and expansion_text(f) == f.name == str(f)


def test_names_are_what_they_say() -> None:
    """Two components of bfloat16 are bf16x2, three of binary64 a triple-double."""
    assert parse_expansion("expansion(bf16, 2)").name == "bf16x2" and parse_expansion("expansion(torch.float64,3)").name == "triple_double"
    assert parse_expansion("dd") is NAMED["double_double"]
    assert parse_expansion("expansion(bfloat16, 2, rounding=rtz)").rounding is Rounding.TOWARD_ZERO


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("expansion(bf16)", "is no multi-component format"),
        ("quux", "is no multi-component format"),
        ("expansion(bf16, 0)", "0 components are impossible"),
        ("expansion(bf16, 65)", "65 components are impossible"),
        ("expansion(int8, 2)", "is no float format"),
        ("expansion(e8m0, 2)", "has no zero"),
        ("expansion(bf16, 2, rounding=stochastic)", "not rounded by stochastic"),
        ("expansion(bf16, 2, rounding=best)", "not a rounding mode"),
    ],
)
def test_impossible_formats_are_told(text: str, words: str) -> None:
    """Each in a sentence with a remedy."""
    with pytest.raises(RefmathError, match=words):
        parse_expansion(text)


def test_wrong_components_are_told() -> None:
    """Too few components, a code that is none, an irrational number."""
    f = parse_expansion("bf16x2")
    for call, words in (
        (lambda: value(f, (1,)), "has 2 components, not 1"),
        (lambda: add(f, (1, 1 << 16), (0, 0)), "not a code of bfloat16"),
        (lambda: nearest(f, parse_exact("1e999999999")), "irrational"),
    ):
        with pytest.raises(RefmathError, match=words):
            call()
    assert parse("bfloat16") == parse_float("bf16")
