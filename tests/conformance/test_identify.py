"""Black boxes are identified: the format by what comes out, the projection by what goes in; what is not right is told as exceptions or defects."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import planted
import pytest
from command_line import is_one_sentence, refmath
from full import FULL

from conformance.budget import QUICK
from conformance.claims import Claim, Codes
from conformance.identify import Identification, identify
from formats.arrays import convert
from formats.family import Format
from formats.notation import parse, text
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals

BINARY32 = parse("binary32")


class Box:
    """A function of codes of a format that gives codes of it, and says nothing else of itself."""

    name = "box"
    views = ()
    compiles = False

    def __init__(self, function: Callable[[Codes], Codes], source: Format = BINARY32) -> None:
        self.function, self.source = function, source

    def describe(self) -> str:
        return "box 1.0"

    def claims(self) -> list[Claim]:
        return [Claim("box", "convert", (self.source,), self.source, Projection(), "box.quantize")]

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        return [self.function(codes) for (codes,) in calls]


def through(name: str, how: Projection, source: Format = BINARY32) -> Callable[[Codes], Codes]:
    """Rounds into a format and hands the values on as numbers of the source."""
    fmt = parse(name)
    return lambda codes: convert(convert(codes, source, fmt, how)[0], fmt, source)[0]


def asked(function: Callable[[Codes], Codes], source: Format = BINARY32) -> Identification:
    box = Box(function, source)
    return identify(box.claims()[0], box, QUICK)


SATURATING = Projection(Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE)
BOXES = {
    "ocp_e4m3": Projection(Rounding.NEAREST_AWAY, overflow=Overflow.SATURATE_FINITE),
    "ocp_e5m2": Projection(Rounding.TOWARD_POSITIVE),
    "bfloat16": Projection(Rounding.TO_ODD),
    "e3m2": Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO),
    "e5m2(bias=20, specials=fn)": Projection(Rounding.TOWARD_NEGATIVE),
    "q4.4": Projection(Rounding.NEAREST_ZERO, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO),
    "posit8": Projection(overflow=Overflow.POSIT),
}


@pytest.mark.parametrize("name", BOXES)
def test_format_and_rounding_of_a_black_box_are_found(name: str) -> None:
    """Formats of the catalogue, a float of no name, fixed point and a posit, each in another mode, without a single exception."""
    found = asked(through(name, BOXES[name]))
    assert not found.error and found.exceptions == 0 and not found.deviations, found
    assert parse(name) in {parse(found.format), *map(parse, found.same)}, (found.format, found.same)
    assert found.rounding == BOXES[name].rounding.value
    assert found.fixed[0] == found.fixed[1] > 0


@pytest.mark.parametrize("name", ["posit32", "takum32"] if FULL else ["posit32"])
def test_words_of_32_bits_are_found(name: str) -> None:
    """Formats of more than 16 bits that kernels convert, beside the floats and fixed point that have as many values."""
    found = asked(through(name, Projection(overflow=Overflow.POSIT), parse("binary64")), parse("binary64"))
    assert (found.format, found.rounding, found.exceptions, found.deviations) == (name, "nearest_even", 0, ()), found


def test_every_other_rounding_mode_is_refuted_by_a_case() -> None:
    """And each case is one in which that mode gives something else than what comes out."""
    found = asked(through("ocp_e4m3", BOXES["ocp_e4m3"]))
    modes = {one.words for one in found.refuted if one.words.startswith("rounds ")}
    assert len(modes) == 10 and "rounds nearest_away" not in modes
    for one in found.refuted:
        assert one.case.got != one.case.expected and one.cases > 0


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (Projection(overflow=Overflow.SATURATE_FINITE), ("overflow gives the greatest value", "infinity gives the greatest value")),
        (Projection(overflow=Overflow.TO_NAN), ("overflow gives NaN", "infinity gives NaN")),
        (Projection(results=Subnormals.SIGNED_ZERO), ("overflow gives NaN", "infinity gives NaN", "subnormal results become zero")),
    ],
)
def test_overflow_and_flushing_are_told(how: Projection, words: tuple[str, ...]) -> None:
    """The policies of E4M3."""
    assert asked(through("ocp_e4m3", how)).policies == words


def test_data_that_the_format_lacks_and_the_carrier_has_are_told() -> None:
    """A quantizer to E2M1 that hands NaN on."""

    def passing(codes: Codes) -> Codes:
        out = through("e2m1", Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO))(codes)
        return np.where(np.isnan(codes.view(np.float32)), codes, out)

    found = asked(passing)
    assert (found.format, found.exceptions) == ("e2m1", 0)
    assert "NaN comes out, of which e2m1 has none" in found.policies


def test_a_defect_is_named_beside_the_format() -> None:
    """A lost carry is no policy."""
    adapter = planted.no_carry("cpu")
    found = identify(adapter.claims()[0], adapter, QUICK)
    assert (found.format, found.rounding, found.exceptions) == ("ocp_e4m3", "nearest_even", 0)
    assert found.deviations == ("the carry out of the significand is lost",)


def test_exceptions_are_counted_and_shown() -> None:
    """One operand goes wrong, by a value of the format."""

    def once(codes: Codes) -> Codes:
        out = through("ocp_e4m3", Projection())(codes)
        return np.where(codes == np.uint32(0x3FC00000), np.float32(1.75).view(np.uint32), out)

    found = asked(once)
    assert (found.format, found.rounding, found.exceptions) == ("ocp_e4m3", "nearest_even", 1)
    assert (found.examples[0].operands[0].value, found.examples[0].got.value, found.examples[0].expected.value) == ("1.5", "1.75", "1.5")


def test_stochastic_rounding_is_recognised() -> None:
    """Format and way of drawing of a box whose results are random."""
    rng = np.random.default_rng(5)

    def drawn(codes: Codes) -> Codes:
        how = Projection(Rounding.STOCHASTIC_B, bits=48, overflow=Overflow.SATURATE_FINITE)
        fmt = parse("ocp_e4m3")
        return convert(convert(codes, BINARY32, fmt, how, rng.integers(0, 1 << 48, size=codes.shape, dtype=np.uint64))[0], fmt, BINARY32)[0]

    found = asked(drawn)
    assert (found.format, found.rounding, found.exceptions) == ("ocp_e4m3", "stochastic: proportional to the distance", 0)


def test_what_no_format_explains_is_said_to_be_so() -> None:
    """Thirds are values of no format here."""

    def thirds(codes: Codes) -> Codes:
        with np.errstate(all="ignore"):
            return (np.trunc(codes.view(np.float32) * np.float32(1e-30)) / np.float32(3)).view(np.uint32)

    found = asked(thirds)
    assert "does not round into a format" in found.error or "no known format" in found.error


def test_the_page_answers_first_and_the_exit_status_says_whether_it_matches() -> None:
    """ml_dtypes' E4M3, on the screen and as JSON."""
    shown = refmath("identify", "ml_dtypes", "ocp_e4m3", "--budget", "quick")
    assert shown.status == 0, shown.err
    assert shown.lines[2].split()[:2] == ["format", "ocp_e4m3"] and shown.lines[3].split() == ["rounding", "nearest_even"]
    told = refmath("identify", "ml_dtypes", "ocp_e4m3", "--budget", "quick", "--json").data
    assert (told["schema"], told["format"], told["exceptions"]) == ("refmath-identify/1", "ocp_e4m3", 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name one thing to identify"),
        (("ml_dtypes",), "Name a function of ml_dtypes"),
        (("ml_dtypes", "nonsense"), "is no function of ml_dtypes here; its conversions of binary32 are"),
        (("nonsense", "x"), "is not a known emulator"),
        (("ml_dtypes", "ocp_e4m3", "--python", "a:b"), "Name one thing to identify"),
        (("planted:unstartable", "ocp_e4m3"), "planted refusal to start"),
    ],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], words: str) -> None:
    """With exit status 2."""
    ran = refmath("identify", *arguments)
    assert ran.status == 2 and words in ran.err and ran.err.count("\n") == 1 and not ran.out


def test_a_function_that_fails_is_told_with_its_error() -> None:
    """Exit status 3."""
    ran = refmath("identify", "planted:raising", "ocp_e4m3")
    assert ran.status == 3 and "raised OverflowError: planted trouble" in ran.out and "Traceback" not in ran.out + ran.err


def test_formats_that_have_no_name_are_found_where_they_are_stated_and_values_beyond_binary64_are_refused() -> None:
    """A program that gives back what it gets: of takum12 it implements takum12, and of wide formats no binary64 number tells it."""
    found = refmath("identify", "--command", "cat", "--source", "takum12", "--budget", "quick", "--json").data
    assert (found["format"], found["exceptions"]) == ("takum12", 0)
    ran = refmath("identify", "--command", "cat", "--source", "posit64", "--budget", "quick", "--json")
    assert ran.status == 3 and ran.data["error"].startswith("Its results are no binary64 numbers, such as ")
    ran = refmath("identify", "--python", "math:sin", "--source", "posit64")
    assert (ran.status, ran.out) == (2, "") and is_one_sentence(ran.err) and "posit64" in ran.err


def test_an_answer_that_is_none_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "listing.py").write_text("def numbers(x):\n    return [1]\n\n\ndef fails(x):\n    raise ValueError('no.')\n")
    monkeypatch.chdir(tmp_path)
    for name, words in (("numbers", "listing:numbers(x) returned list, not an array."), ("fails", "listing:fails(x) raised ValueError: no.")):
        assert refmath("identify", "--python", f"listing:{name}", "--source", "binary16", "--json").data["error"] == words


def test_text_names_what_was_found() -> None:
    """The format found can be written back: its text is parsed to the same format."""
    found = asked(through("e5m2(bias=20, specials=fn)", Projection()))
    assert text(parse(found.format)) == found.format


def test_a_plain_function_of_arrays_needs_no_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quantizer of NumPy arrays, and a program that cuts binary32 to bfloat16, NaNs too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quantizers.py").write_text("import numpy as np\n\ndef quarters(x):\n    return np.clip(np.rint(x * 4), -8, 7).astype(np.float32) / 4\n")
    found = refmath("identify", "--python", "quantizers:quarters", "--budget", "quick", "--json").data
    assert (found["format"], found["rounding"]) == ("q2.2", "nearest_even"), found
    (tmp_path / "cut.py").write_text("import sys\nfor line in sys.stdin:\n    print(line[:4])\n")
    ran = refmath("identify", "--command", f"{sys.executable} cut.py", "--target", "bfloat16", "--budget", "quick", "--json")
    assert (ran.data["format"], ran.data["rounding"]) == ("bfloat16", "toward_zero"), ran.data
    assert ran.status == 1 and ran.data["deviations"] == ["NaNs are cut or rounded as if they were numbers"]
