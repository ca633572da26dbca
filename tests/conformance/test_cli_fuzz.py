"""The command line on nonsense: whatever is typed, an answer or one sentence, never a traceback."""

import json
from io import StringIO

import pytest
from command_line import is_one_sentence, refmath
from effort import examples
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.exits import Exit
from formats.notation import names
from refmath.overflow import Overflow
from refmath.rounding import Rounding

NOTATIONS = st.builds(
    "{}e{}m{}{}".format,
    st.sampled_from(["", "u", "E"]),
    st.integers(0, 12),
    st.integers(0, 30),
    st.sampled_from(["", "(bias=3)", "(specials=fn)", "(", "()", "(zero=no)", "(subnormals=no, specials=none)"]),
)
P3109 = st.builds("binary{}p{}{}{}".format, st.integers(0, 20), st.integers(0, 20), st.sampled_from("sux"), st.sampled_from("efx"))
OTHERS = st.builds("{}{}".format, st.sampled_from(["int", "uint", "posit", "takum", "q4.", "uq-1.", "binary", "fixed"]), st.integers(-2, 130))
FORMATS = st.one_of(st.sampled_from(sorted(names())), NOTATIONS, P3109, OTHERS, st.just("e4m3"))
CODES = st.one_of(st.integers(0, 1 << 17).map(hex), st.integers(0, 300).map(bin), st.text("01 _", max_size=12))
NUMBERS = st.one_of(
    st.floats().map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map(float.hex),
    st.fractions().map(str),
    st.decimals(allow_nan=None).map(str),
    st.builds("{}e{}".format, st.integers(-99, 99), st.integers(-(10**12), 10**12)),
    st.builds("{}^{}".format, st.integers(-12, 12), st.integers(-400, 400)),
    st.sampled_from(["inf", "-nan", "snan", "nan(0x7)", "nar", "-0", "0x", "1_000", "1/0", "--", "-", "0x1p-99999999999999999999999999999999"]),
)
NOISE = st.text(max_size=8).filter(lambda text: not text.lstrip().startswith(("-o", "--o", "@")))
WORDS = st.one_of(FORMATS, CODES, NUMBERS, NOISE)
OPTIONS = st.one_of(
    st.tuples(st.sampled_from(["--from", "--to"]), WORDS),
    st.tuples(st.just("--rounding"), st.sampled_from([mode.value for mode in Rounding] + ["rne", "x"])),
    st.tuples(st.just("--overflow"), st.sampled_from([policy.value for policy in Overflow] + ["x"])),
    st.tuples(st.sampled_from(["--bits", "--random", "--seed"]), st.integers(-1, 300).map(str)),
    st.tuples(st.sampled_from(["--subnormals", "--subnormal-operands"]), st.sampled_from(["keep", "signed_zero", "positive_zero", ""])),
    st.tuples(
        st.sampled_from(["--nans", "--absent-nan", "--absent-zero", "--negatives", "--tininess"]),
        st.sampled_from(["canonical", "zero", "nan", "magnitude", "before", "least", "x"]),
    ),
    st.tuples(st.sampled_from(["--json", "--help", "--family", "--width", "--format", "--", "--nonsense", "-r"])),
)
COMMANDS = ["formats", "show", "table", "convert", "explain", "completion", "--debug", "--version", "shwo"]


def check(arguments: list[str]) -> None:
    """An answer, or one sentence on the standard error."""
    ran = refmath(*arguments)
    assert ran.status in (Exit.AGREES, Exit.BAD_INPUT), (arguments, ran)
    if ran.status == Exit.BAD_INPUT and arguments:
        assert is_one_sentence(ran.err), (arguments, ran)
    if ran.status == Exit.AGREES:
        assert ran.err == "", (arguments, ran)
    if ran.status == Exit.AGREES and "--json" in arguments and "--help" not in arguments and ran.out.startswith(("{", "[")):
        json.loads(ran.out)


@pytest.fixture(autouse=True, scope="module")
def nothing_to_read() -> None:
    """The standard input is empty, and nothing asks for completions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", StringIO())
        patch.delenv("REFMATH_DEBUG", raising=False)
        yield  # type: ignore[misc]


@examples(400)
@given(st.sampled_from(COMMANDS), st.lists(WORDS, max_size=3), st.lists(OPTIONS, max_size=4), st.randoms(use_true_random=False))
@example("show", ["binary16", "-0x"], [], None)
def test_any_command_line(command: str, words: list[str], options: list[tuple[str, ...]], order: object) -> None:
    """Any mixture of words and options ends in an answer or in one sentence."""
    parts = [[word] for word in words] + [list(option) for option in options]
    if order is not None:
        order.shuffle(parts)  # type: ignore[attr-defined]
    check([command, *(word for part in parts for word in part)])


@examples(300)
@given(FORMATS, st.lists(st.one_of(CODES, NUMBERS), max_size=1))
def test_any_format_and_operand(fmt: str, operands: list[str]) -> None:
    """Every format that parses can be shown, with and without a code or a value."""
    check(["show", fmt, *operands])


@examples(400)
@given(st.one_of(CODES, NUMBERS), st.one_of(st.none(), FORMATS), FORMATS, st.lists(OPTIONS, max_size=1), st.booleans())
def test_any_conversion_and_its_explanation(operand: str, source: str | None, target: str, options: list[tuple[str, ...]], explained: bool) -> None:
    """Every conversion is done and explained, or refused in one sentence."""
    words = ["explain", "convert"] if explained else ["convert"]
    check([*words, "--to", target, *(["--from", source] if source is not None else []), *(word for option in options for word in option), operand])


@examples(200)
@given(st.text(max_size=40).filter(lambda text: not text.startswith(("-", "@"))))
def test_any_text_as_a_format_and_as_a_number(text: str) -> None:
    """Free text is a format or a number only if it is one."""
    check(["show", text])
    check(["convert", "--to", "ocp_e5m2", "--", text])
