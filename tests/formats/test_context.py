"""The arithmetic context: formats and modes of results, sticky flags, traces, threads and tasks, random bits, what it refuses."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from random import Random
from threading import Barrier

import pytest
from gmpy2 import mpq

from formats import Context, Number, Projection, current, functions, operate, parse
from formats.operations import OPERATIONS
from formats.projection import AbsentNaN
from refmath.datum import finite
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding
from refmath.underflow import Subnormals

BF16, F16, F32, E4M3, E2M1, P3109, POSIT = map(parse, ("bfloat16", "binary16", "binary32", "ocp_e4m3", "e2m1", "binary8p4se", "posit16"))


@pytest.mark.parametrize("mode", DETERMINISTIC)
def test_operations_round_in_the_mode_of_the_context(mode: Rounding) -> None:
    """1 + 3/1024 lies in the gap from 1 to 1 + 1/128 of bfloat16, less than half way, and goes where the mode sends it; so does its opposite."""
    x, y = F16(1), F16(Fraction(3, 1024))
    up = mode in (Rounding.TOWARD_POSITIVE, Rounding.AWAY_FROM_ZERO, Rounding.TO_ODD)
    down = mode in (Rounding.TOWARD_NEGATIVE, Rounding.AWAY_FROM_ZERO, Rounding.TO_ODD)
    with Context(BF16, rounding=mode) as ctx:
        assert x + y == (Fraction(129, 128) if up else 1)
        assert -x - y == (-Fraction(129, 128) if down else -1)
    assert ctx.flags == Flags.INEXACT


def test_one_rounding_into_the_format_of_the_result() -> None:
    """An fma of two binary16 numbers and a binary32 one into bfloat16 is the exact value rounded once, which rounding twice misses."""
    x, y, z = F16(1 + Fraction(1, 256)), F16(1), F32(Fraction(1, 1 << 23))
    once = Context("bf16").fma(x, y, z)
    assert once == 1 + Fraction(1, 128)
    assert BF16(Context(F16).fma(x, y, z)) == 1


def test_flags_are_sticky_and_can_be_cleared() -> None:
    """Flags accumulate until they are cleared; an exact operation adds none."""
    ctx = Context()
    ctx.add(F16(1), 2)
    assert ctx.flags == Flags.NONE
    ctx.divide(F16(1), 3)
    assert ctx.flags == Flags.INEXACT
    ctx.divide(F16(1), 0)
    ctx.add(F16(1), 2)
    assert ctx.flags == Flags.INEXACT | Flags.DIVIDE_BY_ZERO
    ctx.sqrt(F16(-1))
    ctx.multiply(F16(60000), 2)
    ctx.multiply(F16(Fraction(1, 1 << 24)), F16(0.75))
    assert ctx.flags == Flags(31)
    ctx.clear()
    assert ctx.flags == Flags.NONE


def test_contexts_record_for_themselves() -> None:
    """An inner context takes over while it lasts, and what it records stays with it; a context can be entered again."""
    with Context(rounding="rtz") as outer:
        F16(1) / 3
        with Context(rounding="rtp") as inner:
            assert current() is inner
            F16(1) / 0
            with outer:
                assert current() is outer
                F16(60000) + 60000
            assert current() is inner
        assert current() is outer
    assert (outer.flags, inner.flags) == (Flags.INEXACT | Flags.OVERFLOW, Flags.DIVIDE_BY_ZERO)
    assert current() not in (outer, inner)


def test_an_exception_leaves_the_context() -> None:
    """Whatever ends the block, the context before it is current again."""
    before = current()
    with pytest.raises(RefmathError), Context(BF16):
        F16("foo")
    assert current() is before


def test_threads_do_not_share_contexts() -> None:
    """Threads that run at the same time round each in its own mode and record each its own flags."""
    barrier = Barrier(2)
    before = current().flags

    def run(mode: str, divisor: int) -> tuple[Number, Flags, Flags]:
        default = current()
        with Context(rounding=mode) as ctx:
            results = []
            for _ in range(50):
                barrier.wait()
                results.append(F16(1) / divisor)
            assert len(set(results)) == 1
        return results[0], ctx.flags, default.flags

    with ThreadPoolExecutor(2) as pool:
        up, down = pool.submit(run, "rtp", 3), pool.submit(run, "rtn", 4)
        assert up.result() == (Fraction(1366, 4096), Flags.INEXACT, Flags.NONE)
        assert down.result() == (Fraction(1, 4), Flags.NONE, Flags.NONE)
    assert current().flags == before


def test_one_context_collects_from_many_threads() -> None:
    """A context that several threads use loses no step and no flag."""
    ctx = Context(trace=True)

    def run(at: int) -> None:
        for n in range(200):
            ctx.divide(F16(1), 3) if at or n != 77 else ctx.divide(F16(1), 0)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert len(ctx.steps) == 800
    assert ctx.flags == Flags.INEXACT | Flags.DIVIDE_BY_ZERO


def test_tasks_do_not_share_contexts() -> None:
    """Tasks that take turns inside their blocks keep their modes."""

    async def run(mode: str) -> list[Number]:
        with Context(rounding=mode):
            results = []
            for _ in range(5):
                await asyncio.sleep(0)
                results.append(F16(1) / 3)
        return results

    async def both() -> list[list[Number]]:
        return await asyncio.gather(run("rtp"), run("rtn"))

    up, down = asyncio.run(both())
    assert set(up) == {F16(Fraction(1366, 4096))} and set(down) == {F16(Fraction(1365, 4096))}


def test_the_trace_lists_every_step() -> None:
    """What was written down, operands, exact result, rounding and flags of each step, in order."""
    with Context("bf16", trace=True, rounding="rtz") as ctx:
        z = F16(0.1) * F16(3) + 1
    written, three, product, total = ctx.steps
    assert (written.op, written.exact, written.flags) == (None, finite(mpq(0.1)), Flags.INEXACT)
    assert (three.op, three.written, three.flags) == (None, finite(mpq(3)), Flags.NONE)
    assert product.op is OPERATIONS["multiply"] and product.operands == (written.result, three.result)
    assert product.exact == finite(mpq(1638, 16384) * 3)
    assert total.op is OPERATIONS["add"] and total.operands == (product.result, BF16(1)) and total.result == z
    assert total.projection.rounding is Rounding.TOWARD_ZERO
    assert Context("bf16").steps == ()


def test_random_bits_are_drawn_from_the_source_and_recorded() -> None:
    """With a source each step draws; the recorded draws give the same code again."""
    ctx = Context(rounding="stochastic_a", bits=8, random=Random(5), trace=True)
    results = [ctx.divide(BF16(1), 3) for _ in range(200)]
    assert set(results) == {Fraction(85, 256), Fraction(171, 512)}
    for step in ctx.steps:
        ((bits, drawn),) = step.draws
        assert isinstance(step.result, Number)
        how = Projection(rounding=Rounding.STOCHASTIC_A, bits=8)
        assert bits == 8 and BF16.round(mpq(1, 3), how, drawn) == step.result.code
    unlimited = Context(rounding="stochastic", random=Random(5), trace=True)
    unlimited.divide(BF16(1), 3)
    assert [draw.bits for draw in unlimited.steps[0].draws] == [64]
    fixed = Context(rounding="stochastic_a", bits=8, random=255)
    assert fixed.divide(BF16(1), 3) == Fraction(171, 512)


def test_policies_are_of_the_format_and_of_the_keywords() -> None:
    """What no keyword states is as the result format's standard has it."""
    ctx = Context(overflow="saturate_finite", results="signed_zero", absent_nan=AbsentNaN.ZERO)
    how = ctx.projection(E4M3)
    assert (how.overflow, how.results, how.rounding) == (Overflow.SATURATE_FINITE, Subnormals.SIGNED_ZERO, Rounding.NEAREST_EVEN)
    assert Context().projection(P3109) == P3109.default and Context().projection(POSIT) == POSIT.default
    assert ctx.multiply(E4M3(448), 2) == 448
    assert ctx.divide(E2M1(0), 0).code == 0
    assert Context(operands="signed_zero").add(F16(Fraction(1, 1 << 24)), 0) == 0


def test_the_dialect_is_of_the_formats_or_stated() -> None:
    """1 / 0 is NaN in P3109, NaR for posits, infinity in IEEE 754 or where that is stated."""
    assert str(P3109(1) / 0) == "nan"
    assert str(POSIT(1) / 0) == "nar"
    assert str(F16(1) / 0) == "inf"
    assert str(Context(dialect="ieee754").divide(P3109(1), 0)) == "inf"


def test_predicates_and_words() -> None:
    """Predicates answer true or false and words, for operands of any formats."""
    ctx = Context()
    assert ctx.compare_quiet_less(F16(1), BF16(2)) is True
    assert ctx.compare(F16(1), F32("nan")) == "unordered"
    assert ctx.apply("class", F16(0)) == "positiveZero"
    assert Context("bf16").is_nan(F16("nan")) is True


def test_every_operation_is_a_function() -> None:
    """Each operation of the table is a function that gives what ``operate`` gives on codes, and says what it is."""
    assert set(dir(functions)) == set(OPERATIONS)
    code = BF16(0.5).code
    for name, op in OPERATIONS.items():
        if name.startswith("to_integer"):
            continue
        integers = getattr(op, "integers", ())
        operands = [2 if position in integers else BF16(0.5) for position in range(op.arity)]
        expected = operate(name, BF16, tuple(2 if position in integers else code for position in range(op.arity)))
        found = getattr(functions, name)(*operands)
        assert (found.code if isinstance(found, Number) else found) == (expected.code if isinstance(found, Number) else expected.exact), name
        assert getattr(functions, name).__doc__.startswith(op.about[0].upper())
    with pytest.raises(AttributeError, match="did you mean sin or"):
        functions.sinn  # noqa: B018


@pytest.mark.parametrize(
    ("attempt", "part"),
    [
        (
            lambda: Context().add(BF16(1), F16(1)),
            "add has operands of bfloat16 and binary16, and nothing says which format the result has; state it in a context",
        ),
        (lambda: Context("bf16").add(P3109(1), POSIT(1)), "are of standards whose special cases differ; say which dialect holds: ieee754, p3109, posit"),
        (lambda: Context().add(BF16(1)), r"add takes 2 operands, not 1\."),
        (lambda: Context().sqrt(), r"sqrt takes 1 operand, not 0\."),
        (lambda: Context().add(1, 2), "add: 1 belongs to no format"),
        (lambda: Context("bf16").add("1", 2), "add: a str is no operand"),
        (lambda: Context().apply("ad", BF16(1), 2), "'ad' is not a known operation; did you mean"),
        (lambda: Context(BF16).to_integer(F16(1)), "to_integer delivers an integer format, such as int32, not bfloat16"),
        (lambda: Context(BF16).next_up(F16(1)), "next_up delivers the format of its operand, binary16"),
        (lambda: Context().scaleb(F16(1), F16(0.5)), "scaleb needs an integer"),
        (lambda: Context().divide(E2M1(0), 0), "e2m1 has no NaN to deliver; say what takes its place with absent_nan"),
        (lambda: Context(overflow="error").multiply(E2M1(6), 6), "beyond the greatest value of e2m1; choose another overflow policy"),
        (lambda: Context("floaty"), "'floaty' is not a known format"),
        (lambda: Context(dialect="iso"), "'iso' is not a dialect"),
        (lambda: Context(rounding="up"), "'up' is not a rounding mode"),
        (lambda: Context(rounding=Overflow.IEEE), "give a member of Rounding, or its name"),
        (lambda: Context(tininess="now"), "'now' is no choice of Tininess; use one of before, after"),
        (lambda: Context(bits=-1), "'-1' is no number of random bits"),
        (lambda: Context(round="rtz"), "'round' is not a policy; the policies are rounding, bits"),
        (lambda: Context(rounding="stochastic_a", bits=8), "stochastic_a needs random bits; give the context random=R"),
        (lambda: Context(rounding="stochastic_a", random=1).divide(BF16(1), 3), "stochastic_a cannot use 0 random bits"),
        (lambda: BF16([1]), "A list is no exact number"),
        (lambda: BF16("nan(0x100)"), "The payload 0x100 does not fit a NaN of bfloat16"),
    ],
)
def test_what_a_context_refuses(attempt: object, part: str) -> None:
    """Each mistake is one sentence that names it."""
    assert callable(attempt)
    with pytest.raises(RefmathError, match=part) as caught:
        attempt()
    assert str(caught.value).endswith((".", "?")) and "\n" not in str(caught.value)


def test_gigantic_results_answer_at_once() -> None:
    """Powers and scalings beyond every exponent overflow or vanish like any other result."""
    ctx = Context()
    assert str(ctx.scaleb(F32(1), 10**18)) == "inf"
    assert ctx.scaleb(F32(1), -(10**18)) == 0
    assert ctx.flags == Flags.OVERFLOW | Flags.UNDERFLOW | Flags.INEXACT
    binary64 = parse("binary64")
    assert str(ctx.pow(binary64(2), binary64(1e300))) == "inf"
    assert str(F32(3) ** 10**40) == "inf"
    assert ctx.scaleb(POSIT(1), 10**18) == POSIT.from_code(0x7FFF)
