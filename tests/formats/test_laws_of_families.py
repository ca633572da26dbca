"""The laws that bind ``value`` and ``code_below``, for posits, takums, logarithms, affine integers, codebooks and quires of any parameters."""

import pytest
from any_family import codebooks, families, rational_families
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.codebook import Codebook
from formats.family import Format
from formats.fixed import Fixed
from formats.neighbours import neighbours
from formats.notation import parse, text
from formats.tapered import Tapered
from refmath.datum import Finite
from refmath.reals import Exact, Real, power_of_two, sqrt

DIGITS = 300
"""Enough leading binary digits to tell apart what the formats here hold."""


def digits(x: Exact) -> mpq:
    """A rational number as it is, an irrational one cut to its leading digits."""
    if not isinstance(x, Real):
        return x
    k = DIGITS - x.floor_log2()
    n = mpq(x.floor_scaled(k)[0]) * power_of_two(-k)
    return -n if x.negative else n


def sides(fmt: Format) -> list[bool]:
    """The signs of which the format has nonzero values."""
    return [negative for negative in (False, True) if fmt.greatest(negative) >= fmt.least]


def place(data: st.DataObject, fmt: Format, k: int) -> tuple[int, bool]:
    """A refined code within the range, often at one of its ends, and its sign."""
    negative = data.draw(st.sampled_from(sides(fmt)))
    last = fmt.greatest(negative) << k
    first = fmt.least << k
    return data.draw(st.sampled_from([first, min(first + 1, last), max(last - 1, first), last]) | st.integers(first, last)), negative


refinements = st.integers(0, 40)


@examples(600)
@given(st.data(), families(), refinements)
def test_value_increases_strictly(data: st.DataObject, fmt: Format, k: int) -> None:
    """A greater refined code has a greater value, and the least one is positive; beyond the greatest code too."""
    code, negative = place(data, fmt, k)
    low, high = fmt.value(code, k, negative), fmt.value(code + 1, k, negative)
    assert 0 < digits(low) < digits(high)


@examples(600)
@given(st.data(), families(), refinements)
def test_code_below_inverts_value(data: st.DataObject, fmt: Format, k: int) -> None:
    """The code below the value of a refined code is that code, and equal."""
    code, negative = place(data, fmt, k)
    assert fmt.code_below(fmt.value(code, k, negative), k, negative) == (code, True)


@examples(600)
@given(st.data(), families(), refinements)
def test_refining_keeps_old_codes(data: st.DataObject, fmt: Format, k: int) -> None:
    """value(2c, k + 1) = value(c, k)."""
    code, negative = place(data, fmt, k)
    assert fmt.value(2 * code, k + 1, negative) == fmt.value(code, k, negative)


@examples(600)
@given(st.data(), families(), refinements, st.integers(1, 10**9), st.integers(1, 10**9))
def test_code_below_is_the_greatest_not_above(data: st.DataObject, fmt: Format, k: int, n: int, d: int) -> None:
    """value(c) <= x < value(c + 1) for the code c below x, wherever x is within the range; above it, c is beyond the greatest."""
    code, negative = place(data, fmt, 0)
    low, high = (fmt.value(c, 0, negative) for c in (code, code + 1))
    inside = mpq(min(n, d), max(n, d) + 1)
    x = digits(low) * (1 - inside) + digits(high) * inside
    found, equal = fmt.code_below(x, k, negative)
    if digits(x) > digits(fmt.value(fmt.greatest(negative), 0, negative)) and isinstance(fmt, Tapered):
        assert found > fmt.greatest(negative) << k and not equal
        return
    here, above = fmt.value(found, k, negative), fmt.value(found + 1, k, negative)
    assert digits(here) <= digits(x) < digits(above)
    assert equal == (here == x)
    assert found >> k == code


@examples(300)
@given(st.data(), rational_families(), st.integers(0, 12))
def test_irrational_reals_find_the_same_code(data: st.DataObject, fmt: Format, k: int) -> None:
    """For x = sqrt(y), y no square, the values of the code below x and of the next one have squares on either side of y."""
    code, negative = place(data, fmt, k)
    y = fmt.value(code, k, negative) ** 2 * data.draw(st.sampled_from([mpq(2), mpq(3, 4), mpq(1, 2), mpq(5)]))  # type: ignore[operator]
    x = sqrt(y)
    assert isinstance(x, Real)
    found, equal = fmt.code_below(x, k, negative)
    if found > fmt.greatest(negative) << k and isinstance(fmt, Tapered):
        assert y > fmt.value(fmt.greatest()) ** 2  # type: ignore[operator]
        return
    low, high = fmt.value(found, k, negative), fmt.value(found + 1, k, negative)
    assert (low < 0 or low**2 < y) and y < high**2 and not equal  # type: ignore[operator]


def unused(fmt: Format, code: int) -> bool:
    """Whether the code is the one that symmetric formats leave unused."""
    base = getattr(fmt, "codes_as", fmt)
    return isinstance(base, Fixed) and base.symmetric and code == 1 << (base.width - 1)


@examples(600)
@given(st.data(), families())
def test_decode_and_encode_are_inverse(data: st.DataObject, fmt: Format) -> None:
    """The code of what a code means is that code."""
    code = data.draw(st.sampled_from([0, fmt.codes - 1, fmt.codes >> 1]) | st.integers(0, fmt.codes - 1))
    if not unused(fmt, code):
        assert fmt.encode(fmt.decode(code)) == code


@examples(600)
@given(st.data(), families())
def test_magnitude_and_join_are_inverse(data: st.DataObject, fmt: Format) -> None:
    """Every finite code is the join of its sign and magnitude code, whose value it has."""
    code = data.draw(st.integers(0, fmt.codes - 1))
    found, datum = fmt.magnitude(code), fmt.decode(code)
    assert (found is None) == (not isinstance(datum, Finite))
    if found is None:
        return
    negative, ordinal = found
    assert fmt.join(negative, ordinal) == code
    assert isinstance(datum, Finite) and datum.negative == negative
    if datum.value:
        value = fmt.value(ordinal, 0, negative)
        assert digits(datum.value) == (-digits(value) if negative else digits(value))


@examples(300)
@given(families().filter(lambda fmt: fmt.has_zero), refinements, st.booleans(), st.integers(1, 10**6))
def test_below_the_least_refined_value_lies_zero(fmt: Format, k: int, negative: bool, n: int) -> None:
    """A number below every refined code has the code of zero below it, and is not equal to it."""
    if negative not in sides(fmt):
        return
    tiny = digits(fmt.value(1, k, negative)) / (n + 1)
    assert fmt.code_below(tiny, k, negative) == (0, False)


@examples(300)
@given(families())
def test_notation_prints_back(fmt: Format) -> None:
    """The notation of a format parses to the same format, whose name it then is."""
    found = parse(fmt.notation())
    assert found == fmt and parse(text(fmt)) == fmt
    assert parse(found.name) == fmt


@examples(300)
@given(st.data(), families())
def test_next_values_are_the_adjacent_ones(data: st.DataObject, fmt: Format) -> None:
    """No value lies between a code and its next one up, and down leads back."""
    code, negative = place(data, fmt, 0)
    here = fmt.join(negative, code)
    above = fmt.next_up(here)
    if above is None:
        assert here == fmt.limit()
        return
    low, high = fmt.decode(here), fmt.decode(above)
    assert isinstance(low, Finite) and isinstance(high, Finite)
    assert digits(low.value) < digits(high.value)
    assert fmt.next_down(above) == here or (not high.value and fmt.has_negative_zero)


@examples(400)
@given(st.data(), rational_families(), st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_neighbours_enclose_a_number(data: st.DataObject, fmt: Format, n: int, d: int) -> None:
    """The two neighbours of x are adjacent values with x between them; of a value of the format, both are its code."""
    code, negative = place(data, fmt, 0)
    scale = fmt.value(code, 0, negative)
    x = mpq(n, d) * scale * data.draw(st.sampled_from([mpq(1), mpq(1, 10**6), mpq(1, 10**9)]))  # type: ignore[operator]
    below, above = neighbours(fmt, x)
    assert below is None or fmt.exact(below) <= x  # type: ignore[operator]
    assert above is None or fmt.exact(above) >= x  # type: ignore[operator]
    if below is None:
        assert above is not None and fmt.next_down(above) is None
    elif above != below:
        assert fmt.next_up(below) == above
    value = fmt.exact(fmt.join(negative, code))
    assert {None if c is None else fmt.exact(c) for c in neighbours(fmt, value)} == {value}


@examples(60)
@given(st.data(), families())
def test_definitions_say_what_the_decoder_computes(data: st.DataObject, fmt: Format) -> None:
    """The symbolic definition and the integer decoder agree, code by code."""
    definition = fmt.definition()
    for code in {0, fmt.codes - 1, fmt.codes >> 1, *data.draw(st.lists(st.integers(0, fmt.codes - 1), max_size=20))}:
        assert definition.decode(code) == fmt.decode(code)


SMALL = [
    *(f"posit{n}(es={es})" for n in range(3, 9) for es in range(4)),
    *(f"takum{kind}{n}" for n in (2, 3, 5, 8, 11, 12, 13) for kind in ("", "_log")),
    "lns1.0", "lns2.0", "lns1.4", "lns4.3", "int5(symmetric=yes)", "q2.3(symmetric=yes)", "uint4(scale=5/7, zero=15)", "int4(scale=2, symmetric=yes)",
    "int5(scale=1/3, zero=2)", "nf4", "bnb_fp4", "codebook(-1, 0, 1/3, 2; ties=even)", "codebook(3, 1, -0, 0; ties=down)", "quire3(es=0, bits=6)",
]  # fmt: skip


@pytest.mark.parametrize("name", SMALL)
def test_definitions_of_small_formats(name: str) -> None:
    """The symbolic definition and the integer decoder agree on every code, and the bit fields are those of the code."""
    fmt = parse(name)
    definition = fmt.definition()
    for code in fmt:
        assert definition.decode(code) == fmt.decode(code)
        assert "".join(part for _, part in fmt.fields(code)) == f"{code:0{fmt.width}b}"
    assert definition.text() and definition.latex() and definition.instance().text()


@examples(200)
@given(codebooks())
def test_codebooks_print_their_list(fmt: Codebook) -> None:
    """A codebook's notation lists its values in the order of their codes."""
    inner = fmt.notation().removeprefix("codebook(").partition(";")[0]
    assert [mpq(item.strip()) for item in inner.split(",")] == [datum.value for datum in fmt.data]
