"""The shortest decimal that identifies a code, held to Python's and NumPy's shortest digits and to its definition."""

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from any_format import formats, places
from effort import EFFORT, examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.catalogue import CATALOGUE
from formats.family import Format
from formats.notation import parse
from formats.projection import Projection
from formats.shortest import shortest
from refmath.datum import Finite, NotAReal
from refmath.overflow import Overflow
from refmath.text import parse_datum

SMALL = [named.format for named in CATALOGUE if named.format.width <= 16]
SATURATING = Projection(overflow=Overflow.SATURATE_FINITE)


def significant(text: str) -> tuple[str, int]:
    """The digits of a decimal without zeros at either end, and the exponent of the first: what two notations share."""
    sign, digits, exponent = Decimal(text).as_tuple()
    written = "".join(map(str, digits)).lstrip("0")
    return ("-" if sign else "") + written.strip("0"), int(exponent) + len(written) if written.strip("0") else 0


def boundary_codes(fmt: Format, count: int) -> list[int]:
    """The codes at the ends of the range and of every binade, and random ones."""
    rng = random.Random(fmt.name)
    binades = [k << fmt.trailing for k in range(1 << fmt.exponent_bits)]  # type: ignore[attr-defined]
    near = {(code + step) % fmt.codes for code in binades for step in (-1, 0, 1)}
    return [code for code in sorted(near) + [rng.getrandbits(fmt.width) for _ in range(count)] if isinstance(fmt.decode(code), Finite)]


def test_binary64_has_the_digits_of_python() -> None:
    """repr of a Python float is the shortest decimal that reads back: its digits are ours, at every power of two and at random."""
    f = parse("binary64")
    for code in boundary_codes(f, 2000 * EFFORT):
        assert significant(shortest(f, code)) == significant(repr(f.to_float(code)))


@pytest.mark.parametrize(("name", "kind", "bits"), [("binary32", np.float32, np.uint32), ("binary16", np.float16, np.uint16)])
def test_binary32_and_binary16_have_the_digits_of_numpy(name: str, kind: type, bits: type) -> None:
    """NumPy writes the unique shortest decimal of these types: its digits are ours."""
    f = parse(name)
    for code in boundary_codes(f, 2000 * EFFORT):
        number = np.array([code], dtype=bits).view(kind)[0]
        assert significant(shortest(f, code)) == significant(np.format_float_scientific(number, unique=True))


@pytest.mark.parametrize("fmt", SMALL, ids=str)
def test_every_code_of_a_small_format_reads_back(fmt: Format) -> None:
    """Read and rounded to nearest even, the text gives the code; 16-bit formats are sampled."""
    for code in range(0, fmt.codes, 1 if fmt.width <= 10 else 23):
        datum = parse_datum(shortest(fmt, code))
        datum = Finite(datum.value, datum.negative) if isinstance(datum, Finite) else datum
        meant = fmt.decode(code)
        if isinstance(meant, Finite):
            assert isinstance(datum, Finite) and fmt.round(datum, SATURATING) == code
        else:
            assert type(datum) is type(meant)


def identifying(fmt: Format, code: int, digits: int) -> list[Fraction]:
    """Every decimal of so many digits that rounds to a code, among those within a factor of ten of its value."""
    x = abs(Fraction(fmt.exact(code)))
    found = []
    top = 0
    while x >= Fraction(10) ** (top + 1):
        top += 1
    while x < Fraction(10) ** top:
        top -= 1
    for exponent in (top - digits, top - digits + 1, top - digits + 2):
        for n in range(1, 10**digits):
            candidate = n * Fraction(10) ** exponent
            if fmt.project(mpq(candidate), SATURATING)[0] == code and not fmt.project(mpq(candidate), SATURATING)[1] & fmt.range_flags & ~1:
                found.append(candidate)
    return found


@pytest.mark.parametrize(
    "name", ["ocp_e4m3", "ocp_e5m2", "e2m1", "e3m2", "e8m0", "ue5m3", "uint8", "q3.5", "binary8p1uf", "e4m0(specials=none, subnormals=no, zero=no)"]
)
def test_no_decimal_is_shorter_or_closer(name: str) -> None:
    """Among all decimals of 1 to 3 digits, tried one by one, none with fewer digits identifies the code and none as short is closer."""
    fmt = parse(name)
    for code in range(1, fmt.codes // 2, 1 if fmt.codes < 64 else 7):
        if not isinstance(fmt.decode(code), Finite):
            continue
        x, text = Fraction(fmt.exact(code)), Fraction(shortest(fmt, code))
        count = len(significant(shortest(fmt, code))[0])
        for digits in range(1, min(count, 3)):
            assert not identifying(fmt, code, digits)
        if count <= 2:
            assert abs(text - x) == min(abs(candidate - x) for candidate in identifying(fmt, code, count))


@examples(100)
@given(st.data(), formats())
def test_any_format_reads_its_texts_back(data: st.DataObject, fmt: Format) -> None:
    """For formats with any parameters the text rounds back to the code."""
    code = fmt.join(False, min(data.draw(places(fmt)), fmt.greatest()))
    if fmt.greatest() >= fmt.least:
        assert fmt.round(parse_datum(shortest(fmt, code)), SATURATING) == code


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("binary256", 1, "2e-78984"),
        ("binary1024", 1, "5e-20202081"),
        ("binary128", 1, "6e-4966"),
        ("binary64", 1, "5e-324"),
        ("binary64", 0x7FEFFFFFFFFFFFFF, "1.7976931348623157e308"),
        ("binary64", 0x44B52D02C7E14AF6, "1e23"),
        ("binary64", 0x3FB999999999999A, "0.1"),
        ("binary64", 0x8000000000000000, "-0"),
        ("binary64", 0xFFF0000000000000, "-inf"),
        ("binary64", 0x7FF0000000000001, "snan"),
        ("binary64", 0xFFF8000000000000, "nan"),
        ("ocp_e4m3", 0x7E, "450"),
        ("e3m2", 0x1F, "28"),
        ("e2m1", 0x7, "6"),
        ("e8m0", 0, "6e-39"),
        ("e8m0", 254, "2e38"),
        ("e8m0", 255, "nan"),
        ("int8", 0x80, "-128"),
        ("uint1", 1, "1"),
        ("q4.4", 0x81, "-7.94"),
        ("q-3.8", 1, "0.004"),
    ],
)
def test_examples(name: str, code: int, text: str) -> None:
    """Well-known ones, and the ends of small and gigantic formats."""
    assert shortest(parse(name), code) == text


def test_a_second_code_of_a_number_has_the_same_text() -> None:
    """An x87 pseudo-denormal is the number of a canonical code and is written like it."""
    x87 = parse("x87_extended")
    assert shortest(x87, 1 << 63) == shortest(x87, (1 << 64) + (1 << 63))


def test_nar_is_written_as_such() -> None:
    """What is neither a number nor a NaN is nar."""

    class Unreal(type(parse("int8"))):  # type: ignore[misc]
        def decode(self, code: int) -> NotAReal:
            return NotAReal()

    assert shortest(Unreal("unreal", 8), 0x80) == "nar"
