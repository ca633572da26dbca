"""What is a code and what is a value: the rule, and every way to get it wrong."""

from io import StringIO
from pathlib import Path

import pytest
from gmpy2 import mpq

from conformance.operands import expand, read
from formats import parse
from formats.literals import is_code, nan_of, parse_code
from refmath.datum import Finite, Infinity, NaN
from refmath.errors import RefmathError

E4M3 = parse("ocp_e4m3")


@pytest.mark.parametrize("text", ["0x2b", "0X2B", "0x02b", "0b00101011", "0b0_0101_011", "0b101011", "0 0101 011", "0_0101_011", " 0x2b "])
def test_codes(text: str) -> None:
    """Hexadecimal digits after 0x, bits after 0b, and groups of bits as long as the fields are codes."""
    assert is_code(text)
    assert parse_code(text, E4M3) == 0x2B
    assert read(text, E4M3).code == 0x2B


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("43", mpq(43)),
        ("0x1.6p-2", mpq(11, 32)),
        ("0x2bp0", mpq(43)),
        ("0x2b.", mpq(43)),
        ("-0x2b", mpq(-43)),
        ("+0x2b", mpq(43)),
        ("11/32", mpq(11, 32)),
        ("2^-9", mpq(1, 512)),
        ("1_000", mpq(1000)),
        ("100_000", mpq(100000)),
        ("00101011", mpq(101011)),
        ("1e3", mpq(1000)),
        ("-.5", mpq(-1, 2)),
    ],
)
def test_values(text: str, value: mpq) -> None:
    """A sign, a point, an exponent or a digit above 1 makes a number, and so do groups of three digits."""
    assert not is_code(text)
    operand = read(text, None)
    assert (operand.code, operand.datum) == (None, Finite(value, value < 0))


def test_groups_as_long_as_the_fields_are_a_code() -> None:
    """In a format with fields of 1 and 3 bits, 1_000 is a code; in any other it is a thousand."""
    assert parse_code("1_000", parse("e3m0")) == 8
    assert parse_code("1_000", E4M3) is None


@pytest.mark.parametrize("text", ["0x100", "0b100000000", "0x" + "f" * 10_000], ids=["hexadecimal", "binary", "long"])
def test_wider_codes_are_refused(text: str) -> None:
    """A code wider than the format is an error that says how wide it may be."""
    with pytest.raises(RefmathError, match=r"wider than a code of ocp_e4m3, which has 8 bits: give one from 0x0 to 0xff\."):
        read(text, E4M3)


@pytest.mark.parametrize("text", ["0 0101 01", "0 01 01 011", "0_0101_0111", "0 1", "0 01010 11"])
def test_groups_that_are_not_the_fields_are_refused(text: str) -> None:
    """Groups of bits of other sizes are an error that says what the fields are."""
    with pytest.raises(RefmathError, match=r"write '0 0101 011'|a code of ocp_e4m3 has 8, such as '0 1111 110'"):
        read(text, E4M3)


def test_fields_of_varying_length() -> None:
    """The fields of a posit depend on the code; groups that are those of the code they make are that code."""
    posit8 = parse("posit8")
    assert parse_code("0 10 00 001", posit8) == 0x41
    assert parse_code("0 1111111", posit8) == 0x7F
    with pytest.raises(RefmathError, match="write '0 10 00 001'"):
        parse_code("0 1000 001", posit8)


def test_nan_of_a_format_that_has_nar() -> None:
    """A posit makes NaR of a NaN."""
    assert read("nan", parse("posit8")).code == read("nar", parse("posit8")).code == 0x80


@pytest.mark.parametrize("text", ["0x2b", "0b01", "0 0101 011", "0_0101_011"])
def test_code_without_a_format_is_refused(text: str) -> None:
    """A code means nothing without its format."""
    with pytest.raises(RefmathError, match="give --from FORMAT"):
        read(text, None)


@pytest.mark.parametrize("text", ["", "  ", "foo", "1.2.3", "0x", "0b2", "--1", "1e", "nan()", "1/0", "0x1g", "١", "1,5", "\x00", "e", "."])
@pytest.mark.parametrize("source", [None, E4M3])
def test_what_is_neither_is_refused(text: str, source: object) -> None:
    """Anything else is one sentence."""
    with pytest.raises(RefmathError) as caught:
        read(text, source)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_value_is_rounded_into_the_source() -> None:
    """A value that the source format lacks becomes the nearest that it has, and the operand says so."""
    operand = read("0.3", E4M3)
    assert (operand.code, operand.rounded) == (0x2A, True)
    assert operand.datum == Finite(mpq(5, 16), False)
    assert operand.written == Finite(mpq(3, 10), False)
    assert not read("0.3125", E4M3).rounded
    assert read("inf", E4M3).datum == NaN(False)
    assert read("-inf", parse("ocp_e5m2")).datum == Infinity(True)


@pytest.mark.parametrize(("text", "code"), [("nan", 0x7E00), ("snan", 0x7C01), ("nan(5)", 0x7E05), ("-snan(0x1f)", 0xFC1F), ("nan(0x1ff)", 0x7FFF)])
def test_nan_text(text: str, code: int) -> None:
    """A NaN as text keeps sign, kind and payload, the payload as an integer."""
    assert read(text, parse("binary16")).code == code


def test_impossible_nans_are_refused() -> None:
    """A payload that does not fit and a NaN for a format without one are errors."""
    with pytest.raises(RefmathError, match="does not fit a NaN of binary16"):
        nan_of(parse("binary16"), NaN(payload=0x200))
    with pytest.raises(RefmathError, match="e2m1 has no NaN"):
        read("nan", parse("e2m1"))


@pytest.mark.parametrize(("head", "digit", "tail", "code"), [("0.", "3", "", 0x2B), ("0x1.", "8", "p0", 0x3C), ("", "1", "e-10000000", 0x1E)])
def test_ten_megabyte_numerals(head: str, digit: str, tail: str, code: int) -> None:
    """Numerals of ten million digits are read exactly and rounded once: 1/3, 23/15 and 1/9 lie where a short fraction says."""
    text = head + digit * 10_000_000 + tail
    assert read(text, E4M3).code == code


def test_ten_megabytes_of_nonsense() -> None:
    """Ten megabytes that are no number give a sentence of bounded length."""
    with pytest.raises(RefmathError) as caught:
        read("1" * 10_000_000 + "x", E4M3)
    assert len(str(caught.value)) < 300


def test_files_of_operands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """@FILE and - stand for lines; comments and empty lines are left out."""
    file = tmp_path / "values.txt"
    file.write_text("0.1\n\n# nothing\n 2^-3  # a power\n0 0101 011\n", encoding="utf-8")
    assert list(expand(["1", f"@{file}", "2"])) == ["1", "0.1", "2^-3", "0 0101 011", "2"]
    monkeypatch.setattr("sys.stdin", StringIO(file.read_text(encoding="utf-8")))
    assert list(expand(["-"])) == ["0.1", "2^-3", "0 0101 011"]


@pytest.mark.parametrize("name", ["/nonexistent/values", "/", "\0"])
def test_unreadable_files(name: str) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(RefmathError, match="Cannot read"):
        list(expand([f"@{name}"]))
