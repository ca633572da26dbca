"""The .fptest reader understands the suite's grammar, and the reference agrees with every binary case of the six sample files."""

from pathlib import Path

import pytest
from gmpy2 import mpq

from conformance.vectors.fptest import Case, Unreadable, read
from conformance.vectors.trapped import answer
from refmath.datum import Finite, Infinity, NaN
from refmath.flags import Flags
from refmath.rounding import Rounding
from refmath.underflow import Tininess

TRUTH = Path(__file__).parents[3] / "shared" / "truth" / "fptest"
FILES = {
    "Corner-Rounding": 256,
    "Divide-Divide-By-Zero-Exception": 32,
    "MultiplyAdd-Special-Events-Underflow": 40,
    "Rounding": 648,
    "Sticky-Bit-Calculation": 98,
    "Underflow": 2672,
}
"""The sample files and how many cases each has."""


def only(line: str) -> Case | Unreadable:
    """What becomes of a single line."""
    (found,) = read([line])
    return found


@pytest.mark.parametrize("name", FILES)
def test_the_reference_agrees_with_the_suite(name: str) -> None:
    """Value and flags of every case agree, with tininess detected before rounding, as the suite has it."""
    path = TRUTH / f"{name}.fptest"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    cases = list(read(path.read_text().splitlines(keepends=True)))
    assert len(cases) == FILES[name]
    for case in cases:
        assert isinstance(case, Case), case
        got, flags = answer(case, Tininess.BEFORE)
        quiet = isinstance(got, NaN) and isinstance(case.result, NaN) and not got.signalling
        assert quiet or got == case.result, (case, got)
        assert flags == case.flags, (case, flags)


def test_every_part_of_a_line() -> None:
    """Format, operation, rounding, traps, operands, result and flags are read; fraction digits are the stored bits."""
    case = only("b32*+ > xu +1.000000P-126 -1.7FFFFFP0 +0.000001P-126 -> -1.7FFFFEP65 xu\n")
    assert isinstance(case, Case)
    assert (case.operation, case.source.name, case.rounding) == ("fma", "binary32", Rounding.TOWARD_POSITIVE)
    assert case.traps == case.flags == Flags.INEXACT | Flags.UNDERFLOW
    assert case.codes == (0x00800000, 0xBFFFFFFF, 0x00000001)
    assert case.result == Finite(-mpq(2**24 - 2) * mpq(2) ** 42, True)


def test_specials_and_missing_parts() -> None:
    """Rounding, traps and flags may be missing; infinities, zeros, quiet and signalling NaNs and undelivered results are read."""
    case = only("b32/ -Inf +Zero -> Q")
    assert isinstance(case, Case)
    assert (case.rounding, case.traps, case.flags) == (Rounding.NEAREST_EVEN, Flags.NONE, Flags.NONE)
    assert case.operands == (Infinity(True), Finite(mpq(0), False))
    assert isinstance(case.result, NaN)
    case = only("b64+ < i S Q -> # i")
    assert isinstance(case, Case)
    assert case.result is None
    assert case.codes == (0x7FF0000000000001, 0x7FF8000000000000)


def test_conversions_have_two_formats() -> None:
    """The second format of a conversion is that of the result."""
    case = only("b64b32cff =0 +1.0000000000000P0 -> +1.000000P0 ")
    assert isinstance(case, Case)
    assert (case.source.name, case.target.name, case.operation) == ("binary64", "binary32", "convert")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("d64+ =0 +1.0P0 +1.0P0 -> +2.0P0", "decimal"),
        ("b32?? =0 +1.000000P0 -> +1.000000P0", "'??' is not known"),
        ("b32+ =0 +1.000000P0 -> +1.000000P0", "needs 2 operands"),
        ("b32+ =0 +1.000000P0 +1.000000P0 +1.000000P0", "needs 2 operands"),
        ("b32+ =0 +1.000000P0 +1.0000G0P0 -> Q", "is not a number"),
        ("b32+ =0 +1.000000P0 +1.FFFFFFP0 -> Q", "more than 23 fraction bits"),
        ("b32+ =0 +1.000000P0 +1.000000P0 -> Q xyz", "'y' is not a flag"),
        ("\x00\x01 garbage", "is not a format"),
    ],
)
def test_what_cannot_be_read_is_named(line: str, reason: str) -> None:
    """A line that is no binary case is reported with its number and the reason; the next one is read again."""
    found = list(read(["b32+ +Zero +Zero -> +Zero\n", line, "b32- +Zero +Zero -> +Zero\n"]))
    assert [type(case) for case in found] == [Case, Unreadable, Case]
    assert isinstance(found[1], Unreadable)
    assert found[1].line == 2
    assert reason in found[1].reason


def test_a_header_is_no_error() -> None:
    """Lines before the first case are a header; blank lines are nothing."""
    assert [case.line for case in read(["Floating point tests\n", "---\n", "\n", "b32+ +Zero +Zero -> +Zero\n", "\n"])] == [4]
