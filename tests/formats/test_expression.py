"""The expression language: values against fractions, precedence, literals, depth, gigantic numbers, and every way to write nonsense."""

import operator
import string
from fractions import Fraction
from itertools import pairwise

import pytest
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats import Context, Number, parse
from formats.context import Answer
from formats.evaluation import evaluate
from formats.expression import parse_expression
from refmath.datum import Finite, finite
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.operations import OPERATIONS

F16, F64, E5M2, E2M1, Q = map(parse, ("binary16", "binary64", "ocp_e5m2", "e2m1", "q40.40"))
NAMES = {"x": Fraction(1), "y": Fraction(5, 2), "_z1": Fraction(-3)}


def value(text: str, fmt: object = F64, context: Context | None = None) -> Answer:
    """The value of an expression with x = 1, y = 5/2, _z1 = -3."""
    target = parse(fmt) if isinstance(fmt, str) else F64 if fmt is None else fmt
    assert callable(target)
    return evaluate(parse_expression(text), target, {name: target(x) for name, x in NAMES.items()}, context or Context()).answer  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("64 / 8 / 2", 4),
        ("7 % 4 * 2", 6),
        ("-7 % 4", -3),
        ("2 ^ 3 ^ 2", 512),
        ("2 ** 3 ** 2", 512),
        ("(2 ^ 3) ^ 2", 64),
        ("-2 ^ 2", -4),
        ("(-2) ^ 2", 4),
        ("-y ^ 2", Fraction(-25, 4)),
        ("2 ^ -2", Fraction(1, 4)),
        ("2 ^ -y ^ 0", Fraction(1, 2)),
        ("y * -x", Fraction(-5, 2)),
        ("y - -x", Fraction(7, 2)),
        ("- - - x", -1),
        ("+y", Fraction(5, 2)),
        ("y\N{MINUS SIGN}1", Fraction(3, 2)),
        ("4 ^ 0.5", 2),
        ("y ^ (x + x)", Fraction(25, 4)),
        ("_z1 * 0x1.8p1", -9),
        ("1_000 * .5 + 5. + 1e2 + 1.5E-1*0 + 0x10p-4", 606),
        ("fma(2, y, -sqrt(16))", 1),
        ("max(min(x, y), _z1) + abs(_z1)", 4),
        ("compareQuietLess(x, y) == compareQuietLess(x, y)", None),
        ("copysign(3, -0)", -3),
        ("scaleb(y, 2) + pown(2, 3) + rootn(27, 3)", 21),
        ("0x4008000000000000 + 0b0", 3),
    ],
)
def test_values(text: str, expected: object) -> None:
    """Operators bind as in mathematics, powers and minus as in Python; calls, codes and every way to write a number."""
    if expected is None:
        with pytest.raises(RefmathError, match="gives true, which is no number"):
            value(text)
    else:
        assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x < y", True),
        ("y <= x", False),
        ("x + x >= 2", True),
        ("-x > x", False),
        ("x == 1", True),
        ("x != 1", False),
        ("nan == nan", False),
        ("nan != 1", True),
    ],
)
def test_comparisons(text: str, expected: bool) -> None:
    """Comparisons bind loosest and give truth values."""
    assert value(text) is expected


def leaves() -> st.SearchStrategy[tuple[str, Fraction]]:
    """A small number, as text and as a fraction."""
    named = st.sampled_from(sorted(NAMES.items()))
    return named | st.integers(0, 9).map(lambda n: (str(n), Fraction(n))) | st.integers(1, 9).map(lambda n: (f"{n}.5", Fraction(2 * n + 1, 2)))


def branches(inner: st.SearchStrategy[tuple[str, Fraction]]) -> st.SearchStrategy[tuple[str, Fraction]]:
    """Two operands in brackets with an operator between, or one with a sign."""
    signs = {"+": operator.add, "-": operator.sub, "*": operator.mul}
    two = st.tuples(inner, st.sampled_from(sorted(signs)), inner).map(lambda t: (f"({t[0][0]}{t[1]} {t[2][0]})", signs[t[1]](t[0][1], t[2][1])))
    return two | inner.map(lambda t: (f"-{t[0]}" if t[0][0] == "(" else f"-({t[0]})", -t[1]))


@given(st.recursive(leaves(), branches, max_leaves=12))
@examples(300)
def test_arithmetic_is_that_of_fractions(case: tuple[str, Fraction]) -> None:
    """In a format with room for every result, an expression has the value of the same tree of fractions."""
    text, exact = case
    if abs(exact) < 2**39 and (exact * 2**40).denominator == 1:
        found = value(text, parse("binary256"))
        assert found == exact


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["+", "-", "*", "-", "**"])), min_size=2, max_size=9))
@examples(300)
def test_precedence_is_that_of_python(words: list[tuple[int, str]]) -> None:
    """A chain of digits and operators without brackets, and with signs, has the value that Python gives it."""
    text = " ".join(f"{n} {sign}" for n, sign in words).rsplit(" ", 1)[0]
    exponents = [later for (_, sign), (later, _) in pairwise(words) if sign == "**"]
    if sum(exponents) > 30 or any(a == "**" == b for (_, a), (_, b) in pairwise(words)):
        return
    assert value(text, parse("binary256")) == eval(text)


def test_a_sign_belongs_to_its_literal() -> None:
    """-1.1 toward positive is -1, not minus the number above 1.1; a power of two integers is one literal, rounded once."""
    context = Context(rounding="rtp", trace=True)
    assert value("-1.1", E5M2, context) == -1
    assert value("- 2 ^ -9", E5M2, context) == Fraction(-1, 512)
    assert value("3 ^ 2", E2M1, Context(overflow="saturate_finite", trace=True)) == 6
    assert [step.written for step in context.steps] == [finite(mpq(-11, 10)), finite(mpq(-1, 512))]
    (zero,) = [value("-0", F16)]
    assert isinstance(zero, Number) and zero.code == 0x8000
    assert value("-nan", F16) != 0


def test_integral_exponents_need_not_be_values_of_the_format() -> None:
    """x^9 is the ninth power in a format without 9, and scaleb takes its integer as it is."""
    assert value("(x + x) ^ 9", E5M2) == 512
    assert value("scaleb(x, 10^18)", F16, Context(overflow="saturate_finite")) == 65504
    assert value("pown(x, -1000000007)", E5M2) == 1


def test_depth_is_no_limit() -> None:
    """Brackets, signs, calls and powers nested 10,000 deep are read and computed."""
    n = 10_000
    for text, expected in [
        ("(" * n + "y" + ")" * n, Fraction(5, 2)),
        ("-" * n + "y", Fraction(5, 2)),
        ("abs(" * n + "_z1" + ")" * n, 3),
        ("^".join(["x"] * n), 1),
        ("x+(" * n + "x" + ")" * n, n + 1),
        ("+".join(["x"] * n), n),
    ]:
        assert value(text) == expected
    for text in ("(" * n, "sqrt(" * n, "-" * n, ")" * n, "(" * n + "1" + ")" * (n - 1), "(" * (n - 1) + "1" + ")" * n):
        with pytest.raises(RefmathError) as caught:
            value(text)
        assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pow(2, 1e300)", "inf"),
        ("10^1000000000000", "inf"),
        ("2^1e100000", "inf"),
        ("2^(10^40)", "inf"),
        ("3^-1000000000000", "0"),
        ("(-3)^1000000000001", "-inf"),
        ("scaleb(1, 10^18)", "inf"),
        ("scaleb(1, -10^18)", "0"),
        ("1e-999999999999999", "0"),
        ("exp(1e308)", "inf"),
        ("7^123456", "inf"),
    ],
)
def test_gigantic_numbers(text: str, expected: str) -> None:
    """What no exponent can hold overflows or vanishes, at once."""
    context = Context()
    assert str(value(text, F64, context)) == expected
    assert context.flags in (Flags.OVERFLOW | Flags.INEXACT, Flags.UNDERFLOW | Flags.INEXACT)


def test_every_step_is_traced_with_its_text() -> None:
    """Literals and operations, in order, each with the part of the text that it is."""
    found = evaluate(parse_expression("fma(1.1, x, 2^-9) - (x)"), E5M2, {"x": E5M2(1)}, Context(rounding="rtp", trace=True))
    assert [(traced.text, str(traced.step.result), traced.step.flags) for traced in found.steps] == [
        ("1.1", "1.2", Flags.INEXACT),
        ("2^-9", "0.002", Flags.NONE),
        ("fma(1.1, x, 2^-9)", "1.5", Flags.INEXACT),
        ("fma(1.1, x, 2^-9) - (x)", "0.5", Flags.NONE),
    ]
    assert found.steps[2].step.exact == Finite(mpq(641, 512), False)
    assert evaluate(parse_expression("x"), E5M2, {"x": E5M2(1)}, Context(trace=True)).steps == ()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "An empty expression has no value"),
        (" \t\n", "An empty expression has no value"),
        ("1 +", "An operand is missing at the end of '1 +'"),
        ("* 2", "An operand is missing before the '*' at character 1"),
        ("()", "An operand is missing before the ')' at character 2"),
        ("max(1,)", "An operand is missing before the ')' at character 7"),
        ("max(,1)", "An operand is missing before the ',' at character 5"),
        ("((1)", "The '(' at character 1 of '((1)' is never closed"),
        ("sqrt(1", "The '(' at character 5 of 'sqrt(1' is never closed"),
        ("1)", "The ')' at character 2 of '1)' closes nothing"),
        ("1, 2", "The ',' at character 2 parts no operands of an operation"),
        ("(1, 2)", "The ',' at character 3 parts no operands"),
        ("2x", "An operator is missing between '2' and 'x' at character 2"),
        ("x y", "An operator is missing between 'x' and 'y'"),
        ("(x)(y)", "An operator is missing between '(x)' and '(' at character 4"),
        ("sqrt(1)2", "An operator is missing between 'sqrt(1)' and '2'"),
        ("0x", "An operator is missing between '0' and 'x'"),
        ("1 < 2 < 3", "The '<' at character 7 compares a truth value; comparisons do not chain"),
        ("(1 < 2) + 1", "'1 < 2' gives true, which is no number; add needs numbers"),
        ("class(1) * 2", "'class(1)' gives positiveNormal, which is no number"),
        ("sinn(1)", "'sinn' is not a known operation; did you mean sin"),
        ("fma(1, 2)", "fma takes 3 operands, not 2: 'fma(1, 2)'"),
        ("sqrt()", "sqrt takes 1 operand, not 0: 'sqrt()'"),
        ("sqrt", "'sqrt' is an operation; call it with its operands: sqrt(x)"),
        ("fma + 1", "'fma' is an operation; call it with its operands: fma(x, y, z)"),
        ("_z2", "'_z2' has no value; did you mean _z1?"),
        ("qqq", "'qqq' has no value; give it one (qqq=1.5)"),
        ("a$b", "'$' at character 2 of 'a$b' is no part of an expression"),
        ("1 = 1", "'=' at character 3"),
        ("\N{GREEK SMALL LETTER PI}", "is no part of an expression"),
        ("\x00", "is no part of an expression"),
        ("0x1ffffffffffffffff", "is wider than a code of binary64"),
        ("to_integer(1.5)", "to_integer delivers an integer format, such as int32, not binary64"),
        ("scaleb(1, 0.5)", "scaleb needs an integer as its second operand, not 1/2"),
        ("scaleb(1, 1e999999)", "scaleb needs an integer as its second operand, not an infinity"),
        ("nan(0xffffffffffffffff)", "The payload 0xffffffffffffffff does not fit"),
        ("1" * (1 << 21), "is too long; the limit is"),
    ],
)
def test_nonsense_is_one_sentence(text: str, part: str) -> None:
    """What is wrong, where, and what to do about it."""
    with pytest.raises(RefmathError) as caught:
        value(text)
    message = str(caught.value)
    assert part in message
    assert message[0] in string.ascii_letters + "'" and message.endswith((".", "?")) and "\n" not in message and len(message) < 400


def test_formats_that_lack_what_is_asked() -> None:
    """0 / 0 in a format without NaN, and 1 / 0 in one without infinity, are what the policy says, by name."""
    with pytest.raises(RefmathError, match="e2m1 has no NaN to deliver; say what takes its place with absent_nan: zero"):
        value("0 / 0", E2M1)
    assert value("0 / 0", E2M1, Context(absent_nan="lowest")) == -6
    assert value("1 / 0", E2M1) == 6
    with pytest.raises(RefmathError, match="e2m1 has no infinity and the overflow policy allows no substitute"):
        value("1 / 0", E2M1, Context(overflow="error"))


WORDS = [*"+-*/%^<>(),", "**", "==", "<=", " ", "x", "y", "1.5", "2", "0x3c", "0b1", "nan", "inf", "-", "1e999999999", "10^18", ".", "_", "0x1p", "nan(0x1)"]


@given(st.lists(st.sampled_from([*WORDS, *(f"{name}(" for name in OPERATIONS), *OPERATIONS]), max_size=12).map("".join) | st.text(max_size=20))
@examples(700)
def test_any_text_is_a_value_or_an_error(text: str) -> None:
    """Whatever is written is a number, a truth value or a word, or a RefmathError."""
    try:
        found = value(text, E5M2)
    except RefmathError as error:
        assert str(error)
    else:
        assert isinstance(found, Number | bool | str)
