"""The laws that bind ``value`` and ``code_below``, for float and fixed-point formats with any parameters."""

from fractions import Fraction

from any_format import fixed, floats, formats, magnitudes, places
from effort import examples
from gmpy2 import mpq
from hypothesis import assume, given
from hypothesis import strategies as st

from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from refmath.datum import Finite, Infinity, NaN
from refmath.reals import Irrational, sqrt

refinements = st.integers(0, 70)


def refined(data: st.DataObject, fmt: Format, k: int) -> int:
    """A code with k refinement bits, in a gap of the format or below its least value."""
    code = data.draw(places(fmt))
    inside = data.draw(st.integers(0, (1 << k) - 1))
    lowest = -(1 << k) + 1 if not fmt.has_zero else 1
    below = data.draw(st.booleans()) and code == fmt.least
    return max(lowest, (((code - 1) if below else code) << k) + inside)


@examples(400)
@given(st.data(), formats(), refinements)
def test_value_increases_strictly(data: st.DataObject, fmt: Format, k: int) -> None:
    """A greater refined code has a greater value, and the least one is positive."""
    c = refined(data, fmt, k)
    assert 0 < fmt.value(c, k) < fmt.value(c + 1, k)


@examples(400)
@given(st.data(), formats(), refinements)
def test_code_below_inverts_value(data: st.DataObject, fmt: Format, k: int) -> None:
    """The code below the value of a refined code is that code, and equal."""
    c = refined(data, fmt, k)
    assert fmt.code_below(fmt.value(c, k), k) == (c, True)


@examples(400)
@given(st.data(), formats(), refinements)
def test_code_below_is_the_greatest_not_above(data: st.DataObject, fmt: Format, k: int) -> None:
    """value(c) <= x < value(c + 1) for the code c below x; c is equal exactly where the values are."""
    x = data.draw(magnitudes(fmt))
    c, equal = fmt.code_below(x, k)
    here = fmt.value(c, k) if c > (-1 << k if not fmt.has_zero else 0) else 0
    assert here <= x < fmt.value(c + 1, k)
    assert equal == (here == x)


@examples(400)
@given(st.data(), formats(), refinements)
def test_refining_keeps_old_codes_and_halves_their_gaps(data: st.DataObject, fmt: Format, k: int) -> None:
    """value(2c, k + 1) = value(c, k), and the new code between two old ones is their arithmetic midpoint."""
    c = refined(data, fmt, k)
    assert fmt.value(2 * c, k + 1) == fmt.value(c, k)
    assert fmt.value(2 * c + 1, k + 1) == (fmt.value(c, k) + fmt.value(c + 1, k)) / 2


@examples(400)
@given(st.data(), formats(), refinements)
def test_sign_of_the_number_does_not_move_its_code(data: st.DataObject, fmt: Format, k: int) -> None:
    """code_below looks at magnitudes only."""
    x = data.draw(magnitudes(fmt))
    assert fmt.code_below(-x, k) == fmt.code_below(x, k)


@examples(400)
@given(st.data(), formats(), st.integers(0, 12))
def test_irrational_reals_find_the_same_code(data: st.DataObject, fmt: Format, k: int) -> None:
    """For x = sqrt(y), the squares of the values of the code below x and of the next one enclose y."""
    y = data.draw(magnitudes(fmt)) ** 2 * data.draw(st.sampled_from([mpq(2), mpq(3, 4), mpq(1, 2), mpq(5)]))
    x = sqrt(y)
    assert isinstance(x, Irrational)
    c, equal = fmt.code_below(x, k)
    here = fmt.value(c, k) if c > (-1 << k if not fmt.has_zero else 0) else 0
    assert here * here < y < fmt.value(c + 1, k) ** 2
    assert not equal


@examples(400)
@given(st.data(), floats())
def test_floats_go_on_below_as_if_exponents_had_no_least(data: st.DataObject, fmt: Float) -> None:
    """code_unbounded is code_below from the least normal value up; below it, each binade down repeats the codes of the one above."""
    x, k = data.draw(magnitudes(fmt)), data.draw(refinements)
    code, equal = fmt.code_unbounded(x, k)
    assert fmt.least_normal is not None
    if x >= fmt.value(fmt.least_normal):
        assert (code, equal) == fmt.code_below(x, k)
    assert fmt.code_unbounded(2 * x, k) == (code + (1 << (fmt.trailing + k)), equal)


def by_the_fields(fmt: Float, code: int) -> Fraction | str:
    """The meaning of a code, read off its bit string field by field, from the definitions of the layouts."""
    bits = f"{code:0{fmt.width}b}"
    sign = -1 if fmt.signed and bits[0] == "1" else 1
    bits = bits[fmt.signed :]
    exponent, integer, trailing = bits[: fmt.exponent_bits], "", bits[fmt.exponent_bits :]
    if fmt.explicit_integer_bit:
        integer, trailing = trailing[0], trailing[1:]
    e, t = int(exponent or "0", 2), int(trailing or "0", 2)
    ones, zeros = "0" not in bits, "1" not in bits
    match fmt.specials:
        case Specials.IEEE if "0" not in exponent:
            if integer == "0":
                return "nan"
            return "nan" if t else "inf" if sign > 0 else "-inf"
        case Specials.RESERVED if "0" not in exponent:
            return "nan"
        case Specials.FN if ones:
            return "nan"
        case Specials.FNUZ if sign < 0 and zeros:
            return "nan"
        case Specials.P3109_EXTENDED | Specials.P3109_FINITE:
            extended = fmt.specials is Specials.P3109_EXTENDED
            if (sign < 0 and zeros) if fmt.signed else ones:
                return "nan"
            if extended and (ones if fmt.signed else int(bits, 2) == (1 << len(bits)) - 2):
                return "inf" if sign > 0 else "-inf"
    if e == 0 and fmt.subnormals:
        return sign * (int(integer or "0") + Fraction(t, 1 << fmt.trailing)) * Fraction(2) ** (1 - fmt.bias)
    if zeros and fmt.has_zero:
        return Fraction(0)
    if integer == "0":
        return "nan"
    return sign * (1 + Fraction(t, 1 << fmt.trailing)) * Fraction(2) ** (e - fmt.bias)


def in_words(fmt: Format, code: int) -> Fraction | str:
    """What ``decode`` says, in the terms of ``by_the_fields``."""
    match fmt.decode(code):
        case Finite(value, negative):
            assert negative == (value < 0) or value == 0
            return Fraction(value)
        case Infinity(negative):
            return "-inf" if negative else "inf"
        case _:
            return "nan"


@examples(400)
@given(st.data(), floats())
def test_float_codes_mean_what_their_fields_say(data: st.DataObject, fmt: Float) -> None:
    """A code decodes to what its sign, exponent and significand fields denote by the definition of its layout."""
    top = fmt.codes - 1
    landmarks = [0, 1, top, top - 1, top >> 1, (top >> 1) + 1, (top >> 1) - 1, fmt.join(False, fmt.greatest())]
    code = data.draw(st.sampled_from(landmarks) | st.integers(0, top)) & top
    assert in_words(fmt, code) == by_the_fields(fmt, code)


@examples(400)
@given(st.data(), fixed())
def test_fixed_codes_are_scaled_twos_complement(data: st.DataObject, fmt: Fixed) -> None:
    """A code is an integer, in two's complement where signed, over 2^f."""
    code = data.draw(st.integers(0, fmt.codes - 1))
    integer = int.from_bytes(code.to_bytes(9, "little"), "little")
    if fmt.signed and f"{code:0{fmt.width}b}"[0] == "1":
        integer -= 2**fmt.width
    assert in_words(fmt, code) == integer / Fraction(2) ** fmt.fraction_bits


@examples(400)
@given(st.data(), formats())
def test_decode_and_encode_are_inverse(data: st.DataObject, fmt: Format) -> None:
    """The code of what a code means is that code; of two codes of one datum it is the canonical one."""
    code = data.draw(st.integers(0, fmt.codes - 1))
    datum = fmt.decode(code)
    fields = dict(fmt.fields(code))
    if "integer bit" in fields:
        assume((fields["integer bit"] == "1") == ("1" in fields["exponent"]) or isinstance(datum, Finite))
    again = fmt.encode(datum)
    twice = "integer bit" in fields or (isinstance(fmt, Float) and fmt.specials is Specials.RESERVED and isinstance(datum, NaN))
    assert again == code or (twice and fmt.decode(again) == datum)


@examples(400)
@given(st.data(), formats())
def test_magnitude_and_join_are_inverse(data: st.DataObject, fmt: Format) -> None:
    """Every finite code is the join of its sign and magnitude code, whose value it has."""
    code = data.draw(st.integers(0, fmt.codes - 1))
    found = fmt.magnitude(code)
    datum = fmt.decode(code)
    assert (found is None) == (not isinstance(datum, Finite))
    if found is None:
        return
    negative, ordinal = found
    assert isinstance(datum, Finite) and abs(datum.value) == (fmt.value(ordinal) if ordinal or not fmt.has_zero else 0)
    assert datum.negative == negative
    assert ordinal <= fmt.greatest(negative) or ordinal == 0
    assert fmt.join(negative, ordinal) == code or (isinstance(fmt, Float) and fmt.explicit_integer_bit)
