"""Explanations of operations: the result and every mode as the operation gives them, special cases with their clauses, exact results in words."""

import pytest
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from formats import Context, Format, Number, operate, parse
from formats.arithmetic import Bound, BoundCode, bind
from formats.exactness import exactness_text
from formats.explain_operation import OperationExplanation, explain_code_operation, explain_operation, explain_step
from formats.literals import written_as
from formats.operations import OPERATIONS
from formats.projection import AbsentNaN, Projection
from refmath.datum import Finite, Infinity
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.operations import Operation
from refmath.rounding import DETERMINISTIC, Rounding
from refmath.text import parse_datum

FORMATS = {name: parse(name) for name in ("ocp_e4m3", "binary16", "binary8p4se", "binary4p2uf", "posit8", "e2m1", "e4m3fnuz", "takum8", "x87_extended")}
NAMES = sorted(set(OPERATIONS) - {"to_integer", "to_integer_exact"})


def explained(name: str, fmt: Format, codes: tuple[int, ...], how: Projection) -> OperationExplanation:
    """The explanation of an operation on codes of a format; an integer operand is the code itself."""
    op = OPERATIONS[name]
    bound = bind(op, (fmt,), None, how, None)
    if isinstance(bound, BoundCode):
        return explain_code_operation(bound, codes[0])
    assert isinstance(op, Operation) and isinstance(bound, Bound)
    data = tuple(Finite(mpq(code), False) if at in op.integers else fmt.operand(code, how.operands) for at, code in enumerate(codes))
    return explain_operation(bound, data)


@given(st.data(), st.sampled_from(sorted(FORMATS)), st.sampled_from(NAMES), st.sampled_from(DETERMINISTIC))
@examples(500)
def test_what_is_explained_is_what_is_delivered(data: st.DataObject, fmt_name: str, name: str, mode: Rounding) -> None:
    """Code, flags, truth value or word are those of the operation; each other mode is the operation in that mode."""
    fmt, op = FORMATS[fmt_name], OPERATIONS[name]
    how = Projection(rounding=mode, overflow=fmt.default.overflow, absent_nan=AbsentNaN.ZERO)
    codes = tuple(data.draw(st.integers(0, fmt.codes - 1)) for _ in range(op.arity))
    try:
        expected = operate(name, fmt, codes, projection=how)
    except RefmathError:
        with pytest.raises(RefmathError):
            explained(name, fmt, codes, how)
        return
    told = explained(name, fmt, codes, how)
    assert told.flags == expected.flags
    if told.projected is None:
        assert told.answer == expected.exact
        return
    assert (told.projected.code, told.projected.flags) == (expected.code, expected.flags)
    assert told.special is None or told.special.text
    for alternative in told.projected.modes:
        other = operate(name, fmt, codes, projection=Projection(rounding=Rounding(alternative.choice), overflow=how.overflow, absent_nan=how.absent_nan))
        assert alternative.code == other.code


CASES = [
    ("add inf -inf", "the infinite terms have unlike signs, and cancel to nothing", "IEEE 754-2019 7.2"),
    ("fma 0 inf 1", "zero times infinity has no value", "IEEE 754-2019 7.2"),
    ("fma 1 inf -inf", "the infinite terms have unlike signs", "IEEE 754-2019 7.2"),
    ("multiply 0 -inf", "zero times infinity has no value", "IEEE 754-2019 7.2"),
    ("divide 0 0", "0 / 0 has no value", "IEEE 754-2019 7.2"),
    ("divide inf inf", "infinity / infinity has no value", "IEEE 754-2019 7.2"),
    ("divide -1 0", "divide(-1, 0) is a pole: an exact infinity of finite operands", "IEEE 754-2019 7.3"),
    ("log 0", "log(0) is a pole", "IEEE 754-2019 7.3"),
    ("atanh 1", "atanh(1) is a pole", "IEEE 754-2019 7.3"),
    ("sqrt -1", "a negative number has no real square root", "IEEE 754-2019 7.2"),
    ("remainder 1 0", "x is infinite, or y is zero", "IEEE 754-2019 7.2"),
    ("log -2", "a negative number has no real logarithm", "IEEE 754-2019 7.2"),
    ("sin inf", "at infinity it has no limit", "IEEE 754-2019 7.2"),
    ("acosh 0.5", "x is less than 1", "IEEE 754-2019 7.2"),
    ("pow -8 0.5", "a negative number has no real power that is not integral", "IEEE 754-2019 7.2"),
    ("clamp 1 3 2", "the lower bound lies above the upper one", "IEEE 754-2019 7.2"),
    ("add nan 1", "x is a NaN, and so is the result", "IEEE 754-2019 6.2.3"),
    ("add 1 snan", "y is a signalling NaN: invalid is raised", "IEEE 754-2019 6.2, 7.2"),
    ("abs -nan", "abs acts on the sign alone", "IEEE 754-2019 5.5.1"),
    ("minimum_number nan 3", "x is a NaN, but the result is none: a number wins over a NaN", "IEEE 754-2019 9.6"),
    ("hypot nan -inf", "the result is the same for every number in its place", "IEEE 754-2019 9.2.1"),
    ("pow nan 0", "the result is the same for every number in its place", "IEEE 754-2019 9.2.1"),
    ("atan2 nan 1", "y is a NaN, and so is the result", "IEEE 754-2019 6.2.3"),
    ("add inf 1", "an operand is infinite, and the result is stated", "IEEE 754-2019 6.1"),
    ("atan inf", "an operand is infinite, and the result is stated", "IEEE 754-2019 9.2.1"),
    ("exp -0", "an operand is zero, and the result is stated", "IEEE 754-2019 9.2.1"),
    ("add 1 -1", "of unlike signs it is +0, in toward_negative -0", "IEEE 754-2019 6.3"),
    ("multiply -0 3", "the result is a zero, whose sign is a rule of its own", "IEEE 754-2019 6.3"),
    ("minimum 0 -0", "-0 counts as less than +0 here", "IEEE 754-2019 9.6"),
    ("log2 8", "log2(8) is rational: an exact case, known by theorem", ""),
    ("pow 0.25 1.5", "pow(0.25, 1.5) is rational", ""),
    ("sqrt 4", "sqrt(4) is rational", ""),
    ("less nan 1", "x is a NaN, so the operands are unordered; that raises invalid", "IEEE 754-2019 5.11"),
    ("eq 1 nan", "y is a NaN, so the operands are unordered, which is quiet here", "IEEE 754-2019 5.11"),
    ("is_zero nan", "x is a NaN; is_zero looks at the datum and raises nothing", "IEEE 754-2019 5.7.2"),
    ("binary8p4se divide 1 0", "divide(1, 0) is nan: a pole has no value in this standard", "P3109 4.0 section 4.9 and following"),
    ("posit8 divide 1 0", "divide(1, 0) is nar: a pole has no value in this standard", "Posit Standard (2022) section 5"),
    ("posit8 add nar 1", "x is NaR, and so is the result", "Posit Standard (2022) section 5"),
    ("posit8 less nar 1", "NaR equals itself and is less than every number", "Posit Standard (2022) section 5"),
]


def call(line: str) -> OperationExplanation:
    """The explanation of ``[FORMAT] OPERATION VALUE...``, in binary16 where no format is named."""
    words = line.split()
    fmt = FORMATS[words.pop(0)] if words[0] in FORMATS else FORMATS["binary16"]
    operands = tuple(fmt.decode(written_as(fmt, parse_datum(text), fmt.default)[0]) for text in words[1:])
    bound = bind(OPERATIONS.get(words[0]) or parse_operation(words[0]), (fmt,), None, None, None)
    assert isinstance(bound, Bound)
    return explain_operation(bound, operands)


def parse_operation(name: str) -> Operation:
    """An operation by an alias."""
    found = next(op for op in OPERATIONS.values() if name in op.aliases)
    assert isinstance(found, Operation)
    return found


@pytest.mark.parametrize(("line", "text", "clause"), CASES)
def test_special_cases_are_named(line: str, text: str, clause: str) -> None:
    """Each special case is named, with the clause that it stands in."""
    told = call(line)
    assert told.special is not None
    assert text in told.special.text
    assert told.special.clause == clause


@pytest.mark.parametrize(
    "line", ["add 1 2", "fma 1 2 3", "exp 1", "sin 2", "less 1 2", "minimum 1 2", "round_to_integral 2.5", "pow 2 0.5", "atan2 1 2", "divide 1 3"]
)
def test_ordinary_cases_are_not_special(line: str) -> None:
    """Operands and results that are ordinary have no special case."""
    assert call(line).special is None


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("round_to_integral 2.5", "between 2 and 3, half way exactly; nearest_even: a tie goes to the even integer, 2"),
        ("round_to_integral_toward_negative -2.25", "between -3 and -2, less than half way; toward_negative: always the lesser neighbour, -3"),
        ("round_to_integral 0.75", "between 0 and 1, more than half way; nearest_even: more than half way, so the nearer neighbour, 1"),
        ("rint -0.5", "between -1 and 0, half way exactly; nearest_even: a tie goes to the even integer, 0"),
    ],
)
def test_rounding_to_an_integer_is_explained(line: str, text: str) -> None:
    """The two integers, the position between them, and the rule."""
    told = call(line)
    assert told.integral is not None and told.integral.text == text


def test_modes_show_what_depends_on_them_in_the_operation() -> None:
    """An exact zero sum is -0 in toward_negative, and an integer that was rounded to is another in other modes."""
    zero = call("add 1 -1").projected
    assert zero is not None and {alternative.choice for alternative in zero.modes if alternative.code == 0x8000} == {"toward_negative"}
    three = call("round_to_integral 2.5").projected
    up = {"nearest_away", "nearest_odd", "toward_positive", "away_from_zero", "to_odd", "nearest_positive"}
    assert three is not None and {alternative.choice for alternative in three.modes if alternative.code == 0x4200} == up
    assert call("add 1 2").projected.modes == ()  # type: ignore[union-attr]


def words(line: str, fmt: Format) -> str:
    """The exact result of an operation on operands as they are written, in words."""
    name, *texts = line.split()
    op = OPERATIONS[name]
    assert isinstance(op, Operation)
    told = explain_operation(Bound(op, (None,) * op.arity, fmt, fmt.default, fmt.dialect), tuple(map(parse_datum, texts)))
    assert isinstance(told.answer, Finite)
    return exactness_text(told.answer.value, fmt)


@pytest.mark.parametrize(
    ("line", "function"), [("exp 1", "exp(1)"), ("sin 1e22", "sin(10**22)"), ("sqrt 2", "sqrt(2)"), ("log 3", "log(3)"), ("atan 7", "atan(7)")]
)
@pytest.mark.parametrize("name", ["bfloat16", "binary64", "binary128"])
def test_irrational_results_have_digits_enough(line: str, function: str, name: str) -> None:
    """The digits are those of mpmath, and tell the result from its neighbours and from the middle between them."""
    fmt = parse(name)
    text = words(line, fmt)
    assert text.endswith(", irrational")
    digits = text.split("\N{ALMOST EQUAL TO} ")[1].split(",")[0]
    with mp.workdps(80):
        exact = eval(f"mp.{function}")
        assert abs(mp.mpf(digits) - exact) <= mp.mpf(10) ** (mp.floor(mp.log10(abs(exact))) - len(digits.strip("-0.").replace(".", "")) + 1)
    for mode in (Rounding.NEAREST_EVEN, Rounding.TOWARD_ZERO, Rounding.AWAY_FROM_ZERO):
        how = Projection(rounding=mode)
        value = parse_datum(digits)
        assert fmt.round(value, how) == Bound(OPERATIONS[line.split()[0]], (None,), fmt, how, fmt.dialect).on_data((parse_datum(line.split()[1]),))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("exp 1", "e^1 \N{ALMOST EQUAL TO} 2.71828183, irrational"),
        ("sqrt 2", "2^(1/2) \N{ALMOST EQUAL TO} 1.41421356, irrational"),
        ("divide 1 3", "1/3 \N{ALMOST EQUAL TO} 0.333333333"),
        ("erf 0.5", "\N{ALMOST EQUAL TO} 0.520499878, not proven to be irrational"),
        ("tanh 1e300", "just short of 1, by less than 2^-1152921504606846975"),
        ("cosh 2^-600", "just beyond 1, by less than 2^-1198"),
        ("exp 1e300", "beyond 2^(2^60), too large for any format"),
        ("sinh -1e300", "below -2^(2^60), too large for any format"),
        ("exp -1e300", "between 0 and 2^(-2^60), too small for any format"),
        ("scaleb 3 10^18", "3 x 2^1000000000000000000"),
        ("scaleb -1 10^18", "-2^1000000000000000000"),
        ("pow 3 1e4", "\N{ALMOST EQUAL TO} 1.63135019e4771, a rational number of very many digits"),
        ("fma 1.25 1 2^-9", "641/512 = 0x1.408p+0 = 1.251953125"),
    ],
)
def test_exact_results_in_words(line: str, text: str) -> None:
    """Rationals as they are; of other reals digits and kind; the gigantic and the nearly rational by what is known of them."""
    assert words(line, parse("bfloat16")) == text


@given(
    st.data(),
    st.sampled_from(["ocp_e4m3", "binary16", "posit8"]),
    st.sampled_from(["add", "fma", "divide", "sqrt", "exp", "sin", "round_to_integral", "abs", "scaleb"]),
)
@examples(300)
def test_steps_of_a_trace_are_explained_as_they_were_done(data: st.DataObject, fmt_name: str, name: str) -> None:
    """The explanation of a recorded step has its code and flags, and its rounding gives them again with the bits that were drawn."""
    fmt, op = FORMATS[fmt_name], OPERATIONS[name]
    random = data.draw(st.randoms(use_true_random=False))
    mode = data.draw(st.sampled_from(["nearest_even", "toward_positive", "stochastic_a", "stochastic"]))
    ctx = Context(rounding=mode, random=random, trace=True, bits=5 if mode == "stochastic_a" else 0)
    integers = getattr(op, "integers", ())
    operands = [data.draw(st.integers(-40, 40)) if at in integers else fmt.from_code(data.draw(st.integers(0, fmt.codes - 1))) for at in range(op.arity)]
    result = ctx.apply(name, *operands)
    (step,) = ctx.steps
    told = explain_step(step)
    assert isinstance(result, Number) and told.projected is not None
    assert (told.projected.code, told.flags) == (result.code, ctx.flags)
    if not isinstance(step.exact, Infinity | Finite) or told.projected.gap is None:
        return
    again, flags = fmt.project(step.exact, told.projected.projection, told.projected.random)
    assert again == result.code and flags | ctx.flags == ctx.flags


def test_literals_are_explained() -> None:
    """A step that wrote a value down is explained as its rounding; a NaN that was written down is not rounded."""
    ctx = Context(rounding="rtp", trace=True)
    ctx.number(FORMATS["binary16"], "0.1")
    ctx.number(FORMATS["binary16"], "snan")
    told, nan = map(explain_step, ctx.steps)
    assert told.op is None and told.projected is not None and told.projected.steps[0].text == "toward_positive: always the greater neighbour, 0x2e67"
    assert nan.projected is not None and (nan.projected.code, nan.flags, nan.projected.steps) == (0x7C01, Flags.NONE, ())
