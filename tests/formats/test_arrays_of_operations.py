"""The entry for arrays of operations: shapes, types, errors; that every engine gives what the reference gives stands in the tests beside this one."""

import numpy as np
import pytest

from formats.arithmetic import operation
from formats.arrays import ENGINES, convert, dtype, engine_for_operation, operate
from formats.fixed import Fixed
from formats.notation import parse
from formats.projection import AbsentNaN, Projection
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import Rounding

E4M3, F16, F32 = parse("ocp_e4m3"), parse("binary16"), parse("binary32")


def test_operands_are_broadcast_and_results_have_their_shape_and_type() -> None:
    """A column and a row of E4M3 codes give a table of binary32 products, each that of the scalar operation."""
    column, row = np.arange(0, 256, 16, dtype=np.uint8)[:, None], np.arange(0, 256, 64, dtype=np.uint8)
    out, flags = operate("multiply", E4M3, (column, row), to=F32)
    assert out.shape == flags.shape == (16, 4)
    assert (out.dtype, flags.dtype) == (np.uint32, np.uint8)
    bound = operation("multiply", E4M3, to=F32)
    for i, j in np.ndindex(out.shape):
        assert (out[i, j], flags[i, j]) == bound(int(column[i, 0]), int(row[j]))[:2]


def test_predicates_give_zero_and_one() -> None:
    """A comparison of binary16 with a NaN, quiet and signalling."""
    x, y = np.array([0x3C00, 0x7E00, 0x3C00], np.uint16), np.array([0x3C00, 0x3C00, 0xBC00], np.uint16)
    out, flags = operate("compare_signaling_less_equal", F16, (x, y))
    assert out.dtype == np.uint8 and out.tolist() == [1, 0, 0] and flags.tolist() == [0, 16, 0]


def test_random_operands_by_element() -> None:
    """0.75 + 2^-12 in E4M3, whose step there is 2^-4, by 9 random bits: only the greatest draw reaches the next code."""
    tiny = F32.from_float(2.0**-12)
    out, _ = operate(
        "add",
        (E4M3, F32),
        (np.full(3, 0x34, np.uint8), np.full(3, tiny, np.uint32)),
        E4M3,
        Projection(rounding=Rounding.STOCHASTIC_A, bits=9),
        random=np.array([0, 509, 511]),
    )
    assert out.tolist() == [0x34, 0x34, 0x35]


def test_empty_and_zero_dimensional_arrays() -> None:
    """No element, and one without an axis."""
    assert operate("sqrt", F16, (np.empty((0, 3), np.uint16),))[0].shape == (0, 3)
    out, _ = operate("sqrt", F16, (np.array(0x4400, np.uint16),))
    assert out.shape == () and int(out) == 0x4000


@pytest.mark.parametrize(
    ("operands", "message"),
    [
        ((np.zeros(2, np.float32), np.zeros(2, np.uint8)), "unsigned integers, not float32"),
        ((np.array([0, 256]), np.zeros(2, np.uint8)), "0x100' is not a code of ocp_e4m3"),
        ((np.array([0, -1]), np.zeros(2, np.uint8)), "-0x1' is not a code of ocp_e4m3"),
        ((np.zeros(2, np.uint8),), "add takes 2 operands, not 1"),
        ((np.zeros(2, np.uint8), np.zeros(3, np.uint8)), r"of the shapes \(2,\) and \(3,\) do not go together"),
    ],
)
def test_operands_that_are_no_codes_are_refused(operands: tuple[np.ndarray, ...], message: str) -> None:
    """Floats, codes out of range and a missing operand are named."""
    with pytest.raises(RefmathError, match=message):
        operate("add", E4M3, operands)


def test_words_are_refused() -> None:
    """``class`` answers with words, for which there are no codes."""
    with pytest.raises(RefmathError, match="class answers with a word"):
        operate("class", E4M3, (np.zeros(1, np.uint8),))


def test_an_engine_that_is_not_exact_is_refused() -> None:
    """What no kernel computes runs by the reference only, and the reason is told."""
    chosen, reason = engine_for_operation("tgamma", F32)
    assert chosen == "reference" and reason
    with pytest.raises(RefmathError, match="does not run tgamma here"):
        operate("tgamma", F32, (np.zeros(1, np.uint32),), engine="array")
    assert chosen in ENGINES and reason == "no kernel computes tgamma; its operands have 32 bits, and a table at most 16"
    with pytest.raises(RefmathError, match="'cuda' does not run add here: use one of array, table, reference"):
        operate("add", E4M3, (np.zeros(1, np.uint8),) * 2, engine="cuda")


def test_random_operands_that_do_not_go_with_the_results_are_refused() -> None:
    """Two for three elements."""
    how = Projection(rounding=Rounding.STOCHASTIC_A, bits=4)
    with pytest.raises(RefmathError, match=r"Random operands of the shape \(2,\) do not go with results of \(3,\)"):
        operate("add", F16, (np.zeros(3, np.uint16),) * 2, projection=how, random=np.array([1, 2]))


@pytest.mark.parametrize("target", ["e2m1(specials=none)", "e2m0", "ue3m2(specials=none)", "int4"])
@pytest.mark.parametrize("policy", [Overflow.TO_NAN, Overflow.SATNONE_4_0_3, Overflow.IEEE, Overflow.SATURATE_FINITE])
def test_an_overflow_to_a_nan_that_the_format_lacks_is_refused(target: str, policy: Overflow) -> None:
    """Every code of E5M2 alone: array and reference refuse the same ones, where a NaN has no substitute, and agree on the others."""
    source, to = parse("e5m2"), parse(target)
    how = Projection(overflow=policy, absent_nan=AbsentNaN.REFUSE)
    bound, refused = operation("convert", source, to=to, projection=how), 0
    for code in range(256):
        codes = np.array([code], np.uint8)
        try:
            expected = bound(code)
        except RefmathError:
            refused += 1
            for run in (lambda: operate("convert", source, (codes,), to, how, engine="array"), lambda: convert(codes, source, to, how)):  # noqa: B023
                with pytest.raises(RefmathError):
                    run()
            continue
        for out, flags in (operate("convert", source, (codes,), to, how, engine="array"), convert(codes, source, to, how)):
            assert (out[0], flags[0]) == expected[:2]
    assert refused > (6 if policy in (Overflow.TO_NAN, Overflow.SATNONE_4_0_3) else 0)


@pytest.mark.parametrize("choice", [AbsentNaN.ZERO, AbsentNaN.OPPOSITE_ZERO])
def test_a_substitute_without_a_code_matters_only_where_a_nan_results(choice: AbsentNaN) -> None:
    """Powers of two with neither zero nor NaN: a zero for a NaN is refused where a NaN results, and nowhere else."""
    f, how = parse("e4m0(subnormals=no, zero=no)"), Projection(absent_nan=choice)
    codes = np.arange(15, dtype=np.uint8)
    out, _ = operate("multiply", f, (codes, codes[::-1]), projection=how)
    bound = operation("multiply", f, projection=how)
    assert out.tolist() == [bound(int(x), int(y)).code for x, y in zip(codes, codes[::-1], strict=True)]
    assert operate("compare_quiet_less", f, (codes, codes[::-1]), projection=how)[0].sum() == 7
    assert convert(codes, f, f, how)[0].tolist() == codes.tolist()
    with pytest.raises(RefmathError):
        convert(np.array([0x7F], np.uint8), parse("e4m3fn"), f, how)


def test_neighbours_beyond_the_greatest_value_are_an_error_where_overflow_is_one() -> None:
    """A format without infinities: the array is refused for the code that the reference refuses."""
    f, how = parse("e4m3fn"), Projection(overflow=Overflow.ERROR)
    with pytest.raises(RefmathError):
        operation("next_up", f, projection=how)(f.greatest())
    with pytest.raises(RefmathError):
        operate("next_up", f, (np.array([0, f.greatest()], np.uint8),), projection=how)


@pytest.mark.parametrize("name", ["int8", "uint8", "q4.4(symmetric=yes)", "int32", "uint32", "q16.16(symmetric=yes)", "uq1.31", "int64"])
@pytest.mark.parametrize("policy", [Overflow.IEEE, Overflow.SATURATE_FINITE, Overflow.WRAP])
def test_neighbours_of_fixed_point(name: str, policy: Overflow) -> None:
    """Every code of 8 bits, and of wider formats those around zero, around powers of two and at both ends, as the reference steps."""
    f, how = parse(name), Projection(overflow=policy, absent_nan=AbsentNaN.ZERO)
    assert isinstance(f, Fixed)
    near = {place + step & f.codes - 1 for at in range(f.width) for place in (1 << at, -1 << at) for step in (-1, 0, 1)}
    codes = np.array(sorted((set(range(256)) if f.width == 8 else near) - {f.greatest(True) + 1 if f.symmetric else f.codes}), dtype(f))
    for step in ("next_up", "next_down"):
        assert engine_for_operation(step, f, None, how)[0] in ("array", "table")
        out, flags = operate(step, f, (codes,), projection=how, engine="array")
        bound = operation(step, f, projection=how)
        expected = [bound(int(code)) for code in codes]
        assert out.tolist() == [result.code for result in expected] and flags.tolist() == [result.flags for result in expected]
