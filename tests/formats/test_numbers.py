"""Numbers: what makes one, how they compare, hash and print, and that operators round once, against fractions."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from decimal import Decimal
from fractions import Fraction
from math import floor, inf, nan
from operator import add, mul, sub, truediv

import pytest
from effort import examples
from gmpy2 import mpq, mpz
from hypothesis import given
from hypothesis import strategies as st

from formats import Context, Number, current, parse
from refmath.errors import RefmathError
from refmath.flags import Flags

BF16, F16, F32, F64, E4M3, E5M2, POSIT8, P3109 = map(parse, ("bfloat16", "binary16", "binary32", "binary64", "ocp_e4m3", "ocp_e5m2", "posit8", "binary8p4se"))


def value_of(code: int, exponent_bits: int, trailing: int) -> Fraction | None:
    """The value of an IEEE-like code by the formula of the standard; None where the exponent field is all ones."""
    e, t = code >> trailing & (1 << exponent_bits) - 1, code & (1 << trailing) - 1
    if e == (1 << exponent_bits) - 1:
        return None
    bias = (1 << exponent_bits - 1) - 1
    magnitude = (t if e == 0 else t + (1 << trailing)) * Fraction(2) ** (max(e, 1) - bias - trailing)
    return -magnitude if code >> exponent_bits + trailing else magnitude


def nearest_half(x: Fraction) -> Fraction:
    """The binary16 number nearest to x, the even one of two; below the overflow threshold."""
    e = -14
    while abs(x) >= Fraction(2) ** (e + 1):
        e += 1
    step = Fraction(2) ** (e - 10)
    n = floor(x / step)
    rest = x / step - n
    return (n + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and n % 2 == 1))) * step


HALVES = [x for x in range(1 << 16) if value_of(x, 5, 10) is not None]


@given(st.sampled_from(HALVES), st.sampled_from(HALVES), st.sampled_from([add, sub, mul, truediv]))
@examples(1500)
def test_operators_round_once(a: int, b: int, operator: Callable[[object, object], object]) -> None:
    """In binary16 each operator gives the number nearest to its exact result."""
    x, y = value_of(a, 5, 10), value_of(b, 5, 10)
    assert x is not None and y is not None
    if operator is truediv and y == 0:
        return
    exact = operator(x, y)
    assert isinstance(exact, Fraction)
    found = operator(F16.from_code(a), F16.from_code(b))
    assert isinstance(found, Number)
    assert found == (nearest_half(exact) if abs(exact) < 65520 else inf if exact > 0 else -inf)


@given(st.sampled_from(HALVES), st.integers(0, 255))
@examples(1000)
def test_comparison_is_exact_across_formats(a: int, b: int) -> None:
    """Numbers of binary16 and E5M2 compare as the fractions that they are."""
    x, y = value_of(a, 5, 10), value_of(b, 5, 2)
    if x is None or y is None:
        return
    here, there = F16.from_code(a), E5M2.from_code(b)
    assert (here < there, here <= there, here == there, here != there, here >= there, here > there) == (x < y, x <= y, x == y, x != y, x >= y, x > y)
    assert (here < y, y < here, here == y, y == here) == (x < y, y < x, x == y, x == y)
    if x == y:
        assert hash(here) == hash(there)


@pytest.mark.parametrize("code", [0x0000, 0x8000, 0x3C00, 0x3555, 0xC000, 0x0001, 0x7BFF, 0x7C00, 0xFC00])
def test_numbers_are_keys_beside_those_of_python(code: int) -> None:
    """A number equals the int, Fraction, float, Decimal and mpq of its value, from either side, and has their hash."""
    x = F16.from_code(code)
    there = float(x)
    others: list[object] = [there, Decimal(there)] if abs(there) == inf else [there, Decimal(there), Fraction(there), mpq(there), F64(x), parse("binary128")(x)]
    for other in others:
        assert x == other and other == x
        assert hash(x) == hash(other)
    assert {there: "found"}[x] == "found"  # type: ignore[index]


def test_nan_equals_nothing_and_nar_itself() -> None:
    """NaN is unordered, also with itself; the NaR of posits equals itself and is below every number."""
    x = F16(nan)
    assert x != x and x != nan and x not in (F16(nan), F16(1))
    assert not any((x < 1, x <= x, x > 1, x >= x))
    nar = POSIT8("nar")
    assert nar == nar and hash(nar) == hash(POSIT8(nan))
    assert all(nar < POSIT8.from_code(code) for code in POSIT8 if code != 0x80)


def test_order_signals_and_equality_does_not() -> None:
    """Less than with a NaN raises invalid in the context, equality nothing; numbers raise nothing."""
    with Context() as ctx:
        assert F16(nan) != 1 and F16(1) < 2
        assert ctx.flags == Flags.NONE
        assert not F16(nan) < 1
        assert ctx.flags == Flags.INVALID
    with Context() as ctx:
        assert not P3109(nan) < 1
        assert ctx.flags == Flags.NONE


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.5, 0x3FC0),
        (0.1, 0x3DCD),
        (3, 0x4040),
        (mpz(3), 0x4040),
        (257, 0x4380),
        (Fraction(1, 3), 0x3EAB),
        (mpq(1, 3), 0x3EAB),
        (Decimal("0.1"), 0x3DCD),
        (Decimal("-0"), 0x8000),
        (Decimal("sNaN"), 0x7F81),
        (-0.0, 0x8000),
        (inf, 0x7F80),
        (-inf, 0xFF80),
        (nan, 0x7FC0),
        ("1/3", 0x3EAB),
        ("0x1.8p0", 0x3FC0),
        ("0x3fc0", 0x3FC0),
        ("0 01111111 1000000", 0x3FC0),
        ("snan(0x3)", 0x7F83),
        ("-nan(0x3)", 0xFFC3),
        ("1e999999999999", 0x7F80),
    ],
)
def test_what_makes_a_number(value: object, code: int) -> None:
    """A format called with a number of Python, exactly, or with text, rounds it; a code in text is that code."""
    assert BF16(value).code == code


def test_a_number_of_another_format_is_converted() -> None:
    """Calling a format with a number rounds it into the format, in the mode of the context."""
    with Context(rounding="rtp") as ctx:
        assert BF16(F32(1 + 2.0**-20)) == 1 + Fraction(1, 128)
        assert ctx.flags == Flags.INEXACT


@given(st.integers(0, 0xFFFF))
@examples(300)
def test_prints_as_the_shortest_decimal(code: int) -> None:
    """What is printed is read back as the same code, and with one digit less it is not."""
    x = BF16.from_code(code)
    if x != x:
        return
    assert BF16(str(x)).code == code
    sign, digits, exponent = Decimal(str(x)).normalize().as_tuple()
    if isinstance(exponent, int) and len(digits) > 1:
        least = int("".join(map(str, digits))) // 10
        for shorter in (least, least + 1):
            assert BF16(Decimal((sign, tuple(map(int, str(shorter))), exponent + 1))).code != code


def test_representation_names_the_format() -> None:
    """repr gives the format and the value; a NaN shows what it carries."""
    assert repr(F16(1.5)) == "binary16('1.5')"
    assert repr(BF16("nan(0x12)")) == "bfloat16('nan(0x12)')"
    assert repr(parse("e5m2(bias=20)")(1)) == "e5m2(bias=20)('1')"


def test_numbers_are_immutable_and_checked() -> None:
    """No attribute can be set, and no code is wider than its format."""
    x = BF16(1)
    with pytest.raises(FrozenInstanceError):
        x.code = 3  # type: ignore[misc]
    with pytest.raises(RefmathError, match="is not a code of bfloat16"):
        BF16.from_code(1 << 16)
    assert not BF16(0) and not BF16("-0") and BF16(nan) and BF16(2)


def test_python_numbers_have_to_be_exact() -> None:
    """A number of Python beside a number stands for the equal one of its format, from either side, and is refused where there is none."""
    x = BF16(1.5)
    assert (x + 1, 1 + x, 2 * x, x - 0.5, Fraction(1, 2) - x, mpq(3) / x, 3 % x, Decimal(3) * x) == (2.5, 2.5, 3, 1, -1, 2, 0, 4.5)
    before = current().flags
    for value in (257, 0.1, Fraction(1, 3), 10**5000, Decimal("0.1"), mpq(1, 3)):
        with pytest.raises(RefmathError, match="is no value of bfloat16; call bfloat16 with it"):
            x + value
    for other in ("1", None, [], 1j):
        with pytest.raises(TypeError):
            x * other
        assert x != other
    with pytest.raises(RefmathError, match="a bool is no operand"):
        x + True
    assert current().flags == before


def test_powers_and_signs() -> None:
    """** is pown for an int, which need not be a value of the format, and pow for a number; minus and abs act on the sign alone."""
    assert parse("e3m0")(2) ** -1 == Fraction(1, 2)
    assert E4M3(1) ** 10**30 == 1
    assert F16(2) ** F16(0.5) == F16(Fraction(1448, 1024))
    assert 2 ** F16(-3) == Fraction(1, 8)
    assert (-F16(0)).code == 0x8000 and abs(F16("-inf")) == inf and +F16(2) == 2
    assert 7 % F16(-4) == 3 and -7 % F16(4) == -3


def test_conversions_to_python() -> None:
    """float, int and Fraction take the value; what has none is an error."""
    x = F16(-2.5)
    assert (float(x), int(x), x.as_integer_ratio(), Fraction(*x.as_integer_ratio())) == (-2.5, -2, (-5, 2), Fraction(-5, 2))
    assert x.exact == mpq(-5, 2)
    for odd in (F16(inf), F16(nan), POSIT8("nar"), parse("takum_log16")(3)):
        with pytest.raises(RefmathError):
            int(odd)
