"""Formats that cannot be, and texts that denote none: one sentence that names the offence, never a traceback or a hang."""

import pytest
from gmpy2 import mpq

from formats import parse
from formats.affine import affine
from formats.codebook import codebook
from formats.fixed import integer
from formats.logarithmic import logarithmic
from formats.posit import posit
from formats.takum import takum
from refmath.errors import RefmathError
from refmath.rounding import Rounding

REFUSED = {
    "q(-3.2)": "a width of -1 bits is impossible",
    "q-3.2": "a width of -1 bits is impossible",
    "q(8)": "is no fixed point; write integer and fraction bits",
    "q(8.8, 3)": "takes 1 argument in brackets, not 2",
    "int0": "a width of 0 bits is impossible",
    "uint0": "a width of 0 bits is impossible",
    "int10000000": "a width of 10,000,000 bits is impossible",
    "int1(symmetric=yes)": "a symmetric format has a sign and at least 2 bits",
    "uint8(symmetric=yes)": "a symmetric format has a sign",
    "int8(scale=0)": "the scale 0 is impossible; give a positive number",
    "int8(scale=-1/3)": "give a positive number",
    "int8(scale=nan)": "is no scale; give a finite number",
    "int8(scale=1/0)": "divides by zero",
    "int8(scale=1, zero=200)": "give one from -128 to 127",
    "int8(scale=1, zero=1.5)": "is not an integer",
    "int8(zeros=1)": "the options are scale, zero, symmetric",
    "grid(1/3)": "takes 2 arguments in brackets, not 1",
    "grid(0, 4)": "give a positive number",
    "grid(1, 0)": "a width of 0 bits is impossible",
    "posit0": "a width of 0 bits is impossible; give one from 3",
    "posit2": "give one from 3",
    "posit9999999": "a width of 9,999,999 bits is impossible",
    "posit8(es=-1)": "es = -1 is impossible",
    "posit8(es=30)": "es = 30 is impossible for 8 bits",
    "posit(8)": "takes 2 arguments in brackets, not 1",
    "posit(8, x)": "'x' is not an integer",
    "posit8(2)": "'2' is not an option; write key=value",
    "p8": "may mean posit8 (es = 2) or posit8(es=0) (before 2022); say which",
    "takum1": "a width of 1 bits is impossible; give one from 2",
    "takum0": "give one from 2",
    "takum_log2000000": "is impossible; give one from 2",
    "lns0.3": "0 integer bits of a logarithm are impossible",
    "lns25.3": "25 integer bits of a logarithm are impossible",
    "lns4.99999": "99,999 fraction bits of a logarithm are impossible",
    "quire2": "a width of 2 bits is impossible",
    "quire8(bits=32)": "give one from 98",
    "quire8(bits=99999999)": "99,999,999 bits are impossible",
    "codebook()": "0 values make no codebook; give 2 to 65,536",
    "codebook(1)": "one value makes no codebook; give 2 to 65,536",
    "codebook(1, 2, 1)": "the value 1 stands twice",
    "codebook(1/3, 2/6)": "the value 1/3 stands twice",
    "codebook(1, nan)": "'nan' is no value of a codebook",
    "codebook(1, inf)": "'inf' is no value of a codebook",
    "codebook(1, 1e999999999)": "is no value of a codebook",
    "codebook(1, two)": "'two' is not a number",
    "codebook(-0, 1)": "-0 goes with 0; add 0, or write 0 for it",
    "codebook(1, 2; ties=random)": "ties=random is not possible; use one of even, odd, away, zero, up, down",
    "codebook(1, 2; tie=even)": "the options are ties",
    "fp4": "e2m1 (OCP and NVIDIA) or bnb_fp4 (bitsandbytes)",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused_in_a_sentence(text: str) -> None:
    """An impossible or ambiguous format is refused in one sentence that says what to give instead."""
    with pytest.raises(RefmathError) as caught:
        parse(text)
    message = str(caught.value)
    assert REFUSED[text] in message
    assert message.endswith(".") and "\n" not in message and len(message) < 400


def test_the_same_from_python() -> None:
    """The constructors refuse what the notation refuses."""
    for build in (
        lambda: posit(2),
        lambda: takum(1),
        lambda: logarithmic(0, 1),
        lambda: affine(integer(8), mpq(0)),
        lambda: codebook(1),
        lambda: codebook(1, 2, ties=Rounding.TOWARD_ZERO),
        lambda: affine(parse("q4.4"), mpq(1)),  # type: ignore[arg-type]
    ):
        with pytest.raises(RefmathError):
            build()


def test_unsorted_codebooks_are_what_they_say() -> None:
    """A list may be in any order: a code is the place of its value in it, and neighbours are neighbours by value."""
    fmt = parse("codebook(3, -1, 0, 1/2)")
    assert [fmt.exact(code) for code in fmt] == [3, -1, 0, mpq(1, 2)]
    assert [fmt.round(mpq(x)) for x in (9, 1, -9, "1/3", "1/5")] == [0, 3, 1, 3, 2]
    assert fmt.next_up(3) == 0 and fmt.next_down(3) == 2 and fmt.next_up(0) is None and fmt.next_up(1) == 2


def test_codes_beyond_a_short_list_are_none() -> None:
    """A codebook of 3 values has 3 codes, though they take 2 bits."""
    fmt = parse("codebook(-1, 0, 1)")
    assert (fmt.codes, fmt.width) == (3, 2)
    with pytest.raises(RefmathError, match=r"0x3.* is not a code of codebook"):
        fmt.decode(3)


@pytest.mark.parametrize("name", ["posit1000000", "int1000000", "takum1000000", "q500000.500000"])
def test_a_million_bits_work(name: str) -> None:
    """Widths of a million bits decode, round and count at once."""
    fmt = parse(name)
    assert fmt.width == 1_000_000
    one = fmt.round(mpq(1))
    assert fmt.exact(one) == 1 and fmt.exact(fmt.round(mpq(-3, 2) * 2)) == -3


def test_long_lists_parse_and_longer_ones_are_refused() -> None:
    """A codebook may have thousands of values; other texts of that length are refused."""
    text = f"codebook({', '.join(str(n) for n in range(4096))}; ties=down)"
    fmt = parse(text)
    assert fmt.codes == 4096 and fmt.width == 12 and fmt.notation() == text
    with pytest.raises(RefmathError, match="too long for a format"):
        parse("posit8(" + " " * 1000 + "es=1)")
