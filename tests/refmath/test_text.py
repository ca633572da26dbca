"""Numbers as text: read exactly whatever their length, written so that they read back, refused in one sentence."""

import decimal as pydecimal
import random
import re
import time
from fractions import Fraction

import mpmath
import pytest
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.notation import parse
from refmath.datum import Finite, Infinity, NaN, NotAReal
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.reals import Real, floor_log2, floor_scaled, sqrt
from refmath.text import decimal, fraction, hexadecimal, parse_datum, parse_exact, rounded_decimal

digits = st.text("0123456789", min_size=1, max_size=40)
exponents = st.integers(-400, 400)


def rational(x: Fraction) -> mpq:
    """The same number for the package."""
    return mpq(x.numerator, x.denominator)


@given(st.sampled_from(["", "-", "+"]), digits, digits, exponents)
def test_decimals_are_read_exactly(sign: str, whole: str, places: str, exponent: int) -> None:
    """Python's Fraction reads the same decimals exactly."""
    for text in (f"{sign}{whole}", f"{sign}{whole}.{places}", f"{sign}.{places}", f"{sign}{whole}.", f"{sign}{whole}.{places}e{exponent}"):
        plain = text + "0" if text.endswith(".") else text
        assert parse_exact(text) == rational(Fraction(plain))
        assert parse_exact(f"  {text.upper()} ") == parse_exact(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_hexadecimal_floats_are_read_and_written_as_python_does(x: float) -> None:
    """float.hex gives text that reads back as the same number; what we write, float.fromhex reads."""
    assert parse_exact(x.hex()) == mpq(Fraction(x))
    written = hexadecimal(mpq(Fraction(x)))
    assert written is not None and Fraction(float.fromhex(written)) == Fraction(x)


@given(st.text("0123456789abcdef", min_size=1, max_size=30), st.text("0123456789abcdef", max_size=30), exponents)
def test_hexadecimal_digits_scale_by_sixteen(whole: str, places: str, exponent: int) -> None:
    """A hexadecimal float is an integer over a power of 16, times a power of 2."""
    expected = Fraction(int(whole + places, 16), 16 ** len(places)) * Fraction(2) ** exponent
    assert parse_exact(f"-0x{whole}.{places}p{exponent}") == rational(-expected)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("11/32", Fraction(11, 32)),
        ("-11/32", Fraction(-11, 32)),
        ("1/-2", Fraction(-1, 2)),
        ("-1/-2", Fraction(1, 2)),
        ("1.5/0x3p-1", Fraction(1)),
        ("2^-9", Fraction(1, 512)),
        ("-2^-9", Fraction(-1, 512)),
        ("+3^2", Fraction(9)),
        ("-3^2", Fraction(-9)),
        ("3^-2", Fraction(1, 9)),
        ("10**3", Fraction(1000)),
        ("2 ^ 3", Fraction(8)),
        ("0^0", Fraction(1)),
        ("1_000.5", Fraction(2001, 2)),
        ("\N{MINUS SIGN}1.5", Fraction(-3, 2)),
        ("0x10", Fraction(16)),
        ("0x.8", Fraction(1, 2)),
        ("1e3", Fraction(1000)),
        ("2^3/2^5", Fraction(1, 4)),
    ],
)
def test_other_notations(text: str, value: Fraction) -> None:
    """Fractions, powers, signs and separators; the sign of the datum is that of the value."""
    assert parse_datum(text) == Finite(rational(value), value < 0)


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("0", Finite(mpq(0), False)),
        ("-0", Finite(mpq(0), True)),
        ("-0.00e5", Finite(mpq(0), True)),
        ("-0x0p9", Finite(mpq(0), True)),
        ("-0/7", Finite(mpq(0), True)),
        ("inf", Infinity(False)),
        ("-Infinity", Infinity(True)),
        ("nan", NaN()),
        ("-qNaN", NaN(True)),
        ("snan", NaN(False, True)),
        ("nan(0x12)", NaN(payload=0x12)),
        ("-snan(5)", NaN(True, True, 5)),
        ("NaR", NotAReal()),
    ],
)
def test_data_that_are_not_plain_numbers(text: str, datum: object) -> None:
    """Zeros keep their sign; infinities, NaNs with payload and NaR have names."""
    assert parse_datum(text) == datum


def test_payload_as_text_is_an_integer() -> None:
    """nan(0x12) has the payload 0x12 in any width, a bare snan the least one; converted between formats, leading bits stay."""
    f16, f32 = parse("binary16"), parse("binary32")
    assert (f16.encode(parse_datum("nan(0x12)")), f32.encode(parse_datum("nan(0x12)"))) == (0x7E12, 0x7FC00012)
    assert (f16.encode(parse_datum("snan")), f16.encode(parse_datum("-snan(0x12)"))) == (0x7C01, 0xFC12)
    assert f32.nan(f16.decode(0x7E12)) == 0x7FC00000 + (0x12 << 13)  # type: ignore[arg-type]
    tiny = parse("e4m1")
    assert tiny.nan(NaN(signalling=True)) == tiny.nan() == 0x1F  # one trailing bit is the quiet bit: infinity must not come out
    with pytest.raises(RefmathError, match="e4m1 has no code"):
        tiny.encode(NaN(signalling=True))
    for refused in ("nan(0x200)", "snan(0x200)"):
        with pytest.raises(RefmathError, match="binary16 has no code"):
            f16.encode(parse_datum(refused))


BAD = [
    "",
    "  ",
    "_",
    ".",
    "-",
    "+",
    "e5",
    "1e",
    "1e+",
    "0x",
    "0x.p1",
    "0xg",
    "1.2.3",
    "--1",
    "1/0",
    "0x0/0",
    "1/2/3",
    "1/",
    "/2",
    "1/inf",
    "0^-1",
    "2^",
    "^2",
    "2^1.5",
]
BAD += [
    "nan()",
    "nan(x)",
    "nan(-1)",
    "infinit",
    "1,5",
    "1 2",
    "½",
    "١",
    "1e5/1e9999999",
    "9" * 41 + "^2",
    "7^99999999",
    "1e" + "9" * 31,
    "1e" + "9" * 50,
    "2^" + "9" * 35,
    "\x00",
    "None",
]


@pytest.mark.parametrize("text", BAD)
def test_text_that_is_no_number_is_refused_in_one_sentence(text: str) -> None:
    """The message is one line that ends in a full stop and shows the text."""
    with pytest.raises(RefmathError) as caught:
        parse_datum(text)
    message = str(caught.value)
    assert re.fullmatch(r"[^\n]{10,300}\.", message)
    assert repr(text[:8])[1:-1] in message or not text.strip() or "exponent" in message or text == "_"


def test_an_infinity_is_no_finite_number() -> None:
    """Where a finite number is needed, others are refused."""
    for text in ("inf", "nan", "nar"):
        with pytest.raises(RefmathError, match="finite number is needed"):
            parse_exact(text)


@given(st.text(max_size=30) | st.text("0123456789.eExXpPabcdef+-/^*_() nsif", max_size=25))
def test_any_text_is_a_datum_or_refused(text: str) -> None:
    """Whatever is typed, it denotes a datum or the user is told; nothing else is raised."""
    try:
        datum = parse_datum(text)
    except RefmathError as error:
        assert str(error).endswith(".") and "\n" not in str(error)
    else:
        assert isinstance(datum, Finite | Infinity | NaN | NotAReal)


def numeral(length: int) -> str:
    """A random integer of so many digits."""
    return str(random.Random(1).randrange(1, 9)) + "".join(random.Random(2).choices("0123456789", k=length - 1))


TEN_MILLION = numeral(10**7)


@pytest.mark.parametrize(
    ("text", "code", "flags"),
    [
        (TEN_MILLION, 0x7F800000, Flags.OVERFLOW | Flags.INEXACT),
        ("-0." + TEN_MILLION, None, Flags.INEXACT),
        ("1." + "0" * 10**7 + "1", 0x3F800000, Flags.INEXACT),
        ("0." + "0" * 10**7 + "1", 0, Flags.UNDERFLOW | Flags.INEXACT),
        ("1" + "0" * 10**7 + "e-10000000", 0x3F800000, Flags.NONE),
        ("0x" + "f" * 10**7, 0x7F800000, Flags.OVERFLOW | Flags.INEXACT),
        ("0x1." + "0" * 10**7 + "1", 0x3F800000, Flags.INEXACT),
        ("16777217" + "." + "0" * 10**7, 0x4B800000, Flags.INEXACT),
        ("16777217" + "." + "0" * 10**7 + "1", 0x4B800001, Flags.INEXACT),
    ],
    ids=lambda value: f"{str(value)[:12]}",
)
def test_ten_megabyte_numerals(text: str, code: int | None, flags: Flags) -> None:
    """Ten million digits are read and rounded correctly, within seconds: the last digit decides a tie."""
    start = time.process_time()
    result, raised = parse("binary32").project(parse_datum(text))
    assert time.process_time() - start < 20
    assert raised == flags
    if code is None:
        short = ("-0." if text[0] == "-" else "0.") + TEN_MILLION[:60]
        code = parse("binary32").round(parse_exact(short))
    assert result == code


@pytest.mark.parametrize("name", ["binary32", "binary256", "bfloat16", "ocp_e4m3", "e8m0", "x87_extended"])
def test_gigantic_exponents_vanish_or_overflow_at_once(name: str) -> None:
    """1e-999999999 is as good as the least thing above zero, 1e999999999 beyond everything, in each direction of rounding."""
    fmt = parse(name)
    for tiny in ("1e-999999999", "0x1p-999999999", "123e-999999999999999999999"):
        assert fmt.round(parse_exact(tiny)) == fmt.round(mpq(1, 2 ** (2**20)))
    for huge in ("1e999999999", "0x1p999999999", "2^999999999999999999999", "9.99e9999999999999"):
        assert fmt.project(parse_exact(huge)) == fmt.project(mpq(2) ** (2**20))
        assert fmt.project(parse_exact("-" + huge)) == fmt.project(-(mpq(2) ** (2**20)))


def test_gigantic_numbers_into_integers() -> None:
    """An integer saturates at once; wrapping needs bits that nobody can write out, and says so."""
    from formats.projection import Projection
    from refmath.overflow import Overflow

    int8 = parse("int8")
    assert int8.project(parse_exact("1e999999999")) == (127, Flags.INVALID)
    assert int8.project(parse_exact("-2^999999999999")) == (0x80, Flags.INVALID)
    assert int8.project(parse_exact("1e-999999999")) == (0, Flags.INEXACT)
    assert int8.round(parse_exact("2^300000") + 5, Projection(overflow=Overflow.WRAP)) == 5
    with pytest.raises(RefmathError, match="too large to be wrapped"):
        int8.round(parse_exact("1e999999999"), Projection(overflow=Overflow.WRAP))


def test_numbers_too_large_to_write_out_say_so() -> None:
    """Asked for every bit of 1e999999999999, memory is spared."""
    huge = parse_exact("1e999999999999")
    assert isinstance(huge, Real)
    with pytest.raises(RefmathError, match="cannot be written out"):
        floor_scaled(huge, 0)


@given(st.integers(-(10**25), 10**25), st.integers(0, 30))
def test_exact_decimals_read_back(n: int, places: int) -> None:
    """An exact decimal denotes the number that was written; what has no short decimal gives none."""
    x = mpq(n, 10**places)
    written = decimal(x)
    assert written is not None and Fraction(written) == Fraction(n, 10**places)
    assert decimal(x / 3) is None or (x / 3 * 10**places).denominator == 1
    assert parse_exact(fraction(x / 7)) == x / 7


def test_exact_decimals_are_not_longer_than_asked_for() -> None:
    """Digits are counted without the zeros at either end; gigantic powers of two are refused at once."""
    assert decimal(mpq(10) ** 300) == "1e300" and decimal(mpq(1, 2), 1) == "0.5" and decimal(mpq(3, 8), 2) is None
    assert decimal(mpq(2) ** (10**7)) is None and decimal(mpq(1, 2) ** (10**7)) is None
    assert decimal(mpq(0)) == "0" and decimal(mpq(-5, 4)) == "-1.25" and decimal(mpq(10**21)) == "1e21"


@given(st.fractions(max_denominator=10**12), st.integers(-200, 200), st.integers(1, 40))
def test_rounded_decimals_are_those_of_the_decimal_module(x: Fraction, scale: int, count: int) -> None:
    """Division in a decimal context of so many digits rounds half even too."""
    x *= Fraction(10) ** scale
    with pydecimal.localcontext(prec=count, rounding=pydecimal.ROUND_HALF_EVEN, Emax=10**6, Emin=-(10**6)):
        expected = Fraction(pydecimal.Decimal(x.numerator) / pydecimal.Decimal(x.denominator))
    assert Fraction(rounded_decimal(rational(x), count)) == expected


def powers_of_two() -> list[tuple[str, int, str]]:
    """Gigantic powers of two, to 12 digits, by logarithms of mpmath."""
    with mpmath.workdps(60):
        found = []
        for k in (-999999999, 999999999, 500000):
            whole = mpmath.floor(k * mpmath.log10(2))
            leading = mpmath.nstr(mpmath.mpf(10) ** (k * mpmath.log10(2) - whole), 12)
            found.append((f"2^{k}", 12, f"{leading}e{int(whole)}"))
        return found


def test_rounded_decimals_of_irrational_and_gigantic_numbers() -> None:
    """Leading digits without writing the number out; ties of gigantic decimals go to even."""
    assert rounded_decimal(sqrt(mpq(2)), 30) == "1.41421356237309504880168872421"
    assert rounded_decimal(sqrt(mpq(2) * mpq(10) ** 50), 12) == "1.41421356237e25"
    for text, count, expected in (
        ("-2.5e999999999", 1, "-2e999999999"),
        ("3.5e-999999999", 1, "4e-999999999"),
        ("9.96e999999999", 2, "1e1000000000"),
        *powers_of_two(),
    ):
        x = parse_exact(text)
        assert rounded_decimal(x, count) == expected
        assert abs(floor_log2(x)) > 10**5
