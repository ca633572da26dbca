"""Dot products of blocks: exact ones against fractions, P3109's against its text, models of accumulation against their own sums."""

from fractions import Fraction

import pytest
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.accumulate import Scales
from formats.accumulate import dot as vector_dot
from formats.block import Block, decode
from formats.block_dot import ScalesIn, dot
from formats.block_notation import parse_block
from formats.block_p3109 import block_dot_product, block_operation, convert_to_block_max_abs_finite
from formats.notation import parse
from formats.projection import Projection
from refmath.datum import Finite, Infinity, NaN
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import Rounding

BINARY32 = parse("binary32")


def blocks(name: str, count: int = 8) -> st.SearchStrategy[Block]:
    """Blocks of finite elements with moderate scales."""
    fmt = parse_block(name)
    finite = [code for code in range(fmt.element.codes) if fmt.element.magnitude(code) is not None]
    scales = [code for code in range(fmt.scale.codes) if fmt.scale.magnitude(code) is not None]
    middle = scales[len(scales) // 2 - 8 : len(scales) // 2 + 8]
    tensor = None if fmt.tensor is None else fmt.tensor.round(mpq(3, 7))
    return st.tuples(st.sampled_from(middle), st.lists(st.sampled_from(finite), min_size=count, max_size=count)).map(
        lambda p: Block(fmt, p[0], tuple(p[1]), tensor)
    )


def number(x: object) -> Fraction:
    """The value of a finite datum."""
    assert isinstance(x, Finite)
    return Fraction(int(x.value.numerator), int(x.value.denominator))  # type: ignore[union-attr]


def values(block: Block) -> list[Fraction]:
    return [number(x) for x in decode(block)]


@pytest.mark.parametrize("name", ["mxfp4", "mxfp8_e4m3", "mxfp8_e5m2", "mxint8", "nvfp4", "msfp12"])
@given(data=st.data())
@examples(25)
def test_the_exact_dot_product_is_rounded_once(name: str, data: st.DataObject) -> None:
    """With the model exact, wherever the scales come in, the result is the nearest binary32 number to the sum of the exact products."""
    a, b = data.draw(blocks(name)), data.draw(blocks(name))
    exact = sum((x * y for x, y in zip(values(a), values(b), strict=True)), Fraction(0))
    got = BINARY32.exact(dot(a, b, BINARY32).code)
    assert got == BINARY32.exact(BINARY32.round(mpq(exact)))
    pairs = [(data.draw(blocks(name)), data.draw(blocks(name))) for _ in range(3)]
    everything = sum((x * y for p, q in pairs for x, y in zip(values(p), values(q), strict=True)), Fraction(0))
    assert BINARY32.exact(dot([p for p, _ in pairs], [q for _, q in pairs], "binary32").code) == BINARY32.exact(BINARY32.round(mpq(everything)))


@given(blocks("mxfp8_e4m3", 32), blocks("mxfp8_e4m3", 32), st.sampled_from(["sequential", "pairwise", "b200", "aligned(group=8, F=24)"]))
@examples(30)
def test_a_model_sums_scaled_terms(a: Block, b: Block, model: str) -> None:
    """With the scales in the terms the result is that of the model on the vectors of elements and scales."""
    element, scale = a.format.element, a.format.scale
    expected = vector_dot(model, element, a.elements, b.elements, BINARY32, scales=Scales(scale, [a.scale], [b.scale], 32))
    assert dot(a, b, BINARY32, model) == expected


def test_scales_after_the_sums_round_each_step() -> None:
    """Two pairs of blocks in binary16: each sum rounded, scaled and rounded, then added and rounded; in one exact sum nothing is lost."""
    fmt = parse_block("mxfp4(size=2)")
    big, small = Block(fmt, 127 + 5, (7, 7)), Block(fmt, 127 - 4, (1, 0))
    target = parse("binary16")
    one = Block(fmt, 127, (2, 0))
    a, b = [big, small], [big, one]
    exact = Fraction(2 * 36 * 1024) + Fraction(1, 2) / 16
    assert target.exact(dot(a, b, target, scales=ScalesIn.SUMS).code if exact < 65504 else 0x4000) is not None
    inner = dot([small], [one], target, scales=ScalesIn.SUMS)
    assert target.exact(inner.code) == mpq(1, 32)
    lost = dot([Block(fmt, 127 + 5, (7, 0)), small], [Block(fmt, 127, (7, 0)), one], target, scales=ScalesIn.SUMS)
    assert target.exact(lost.code) == 36 * 32 and str(lost.flags)
    kept = dot([Block(fmt, 127 + 5, (7, 0)), small], [Block(fmt, 127, (7, 0)), one], parse("binary64"))
    assert parse("binary64").exact(kept.code) == 36 * 32 + mpq(1, 32)


@pytest.mark.parametrize("scales", ScalesIn)
def test_a_nan_scale_makes_the_product_nan(scales: ScalesIn) -> None:
    """OCP MX: a block with a NaN scale is NaN, and so is its dot product with anything."""
    fmt = parse_block("mxfp4(size=2)")
    got = dot(Block(fmt, 255, (0, 0)), Block(fmt, 127, (0, 0)), BINARY32, scales=scales)
    assert isinstance(BINARY32.decode(got.code), NaN)


def fold(a: Block, b: Block) -> object:
    """BlockDotProduct by its text, on extended reals written as Fraction, 'inf', '-inf' or 'nan'."""

    def plain(x: object) -> object:
        return number(x) if isinstance(x, Finite) else ("-inf" if x.negative else "inf") if isinstance(x, Infinity) else "nan"

    def times(x: object, y: object) -> object:
        if isinstance(x, Fraction) and isinstance(y, Fraction):
            return x * y
        if "nan" in (x, y) or 0 in (x, y):
            return "nan"
        negative = (x == "-inf" or (isinstance(x, Fraction) and x < 0)) != (y == "-inf" or (isinstance(y, Fraction) and y < 0))
        return "-inf" if negative else "inf"

    def plus(x: object, y: object) -> object:
        if isinstance(x, Fraction) and isinstance(y, Fraction):
            return x + y
        if "nan" in (x, y) or {x, y} == {"inf", "-inf"}:
            return "nan"
        return x if isinstance(y, Fraction) else y

    scales = [plain(block.format.scale.decode(block.scale)) for block in (a, b)]
    total: object = Fraction(0)
    for p, q in zip(a.elements, b.elements, strict=True):
        x, y = (times(s, plain(block.format.element.decode(code))) for s, block, code in zip(scales, (a, b), (p, q), strict=True))
        total = plus(total, times(x, y))
    return total


@given(st.lists(st.integers(0, 255), min_size=6, max_size=6), st.lists(st.integers(0, 255), min_size=6, max_size=6), st.integers(0, 255), st.integers(0, 255))
@examples(150)
def test_block_dot_product_of_p3109(p: list[int], q: list[int], s: int, t: int) -> None:
    """The exact left fold from 0 in the closed extended reals, projected once; infinities and NaNs in elements and scales included."""
    fmt, to = parse_block("block(binary8p4se, binary8p3ue, 6)"), parse("binary8p3se")
    a, b = Block(fmt, s, tuple(p)), Block(fmt, t, tuple(q))
    expected = fold(a, b)
    got = block_dot_product(a, b, to)
    match expected:
        case "nan":
            assert isinstance(to.decode(got), NaN)
        case "inf" | "-inf":
            assert to.decode(got) == Infinity(expected == "-inf")
        case _:
            assert got == to.round(mpq(expected))  # type: ignore[arg-type]
    how = Projection(Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE)
    assert block_dot_product(a, b, to, how) == (to.round(mpq(expected), how) if isinstance(expected, Fraction) else block_dot_product(a, b, to, how))  # type: ignore[arg-type]


@given(st.lists(st.fractions(-300, 300), min_size=1, max_size=12))
@examples(60)
def test_convert_to_block_max_abs_finite(lanes: list[Fraction]) -> None:
    """s = Project(max |Xi|) in the scale format; elements Project(Xi / s); zeros where s is zero."""
    element, scale = parse("binary6p3se"), parse("binary8p1uf")
    block = convert_to_block_max_abs_finite(lanes, element, scale)
    assert block.scale == scale.round(mpq(max(map(abs, lanes))))
    s = scale.exact(block.scale)
    assert list(block.elements) == [element.round(mpq(x) / s if s else mpq(0)) for x in lanes]  # type: ignore[operator]


def test_projections_of_elements_and_scale_are_independent() -> None:
    """Each of the two conversions has its own rounding and saturation."""
    element, scale = parse("binary6p3se"), parse("binary8p1uf")
    up = convert_to_block_max_abs_finite([mpq(5)], element, scale, scale_projection=Projection(Rounding.TOWARD_POSITIVE))
    down = convert_to_block_max_abs_finite([mpq(5)], element, scale, scale_projection=Projection(Rounding.TOWARD_ZERO))
    assert (scale.exact(up.scale), scale.exact(down.scale)) == (8, 4)
    assert element.exact(up.elements[0]) == mpq(5, 8) and element.exact(down.elements[0]) == mpq(5, 4)
    low = convert_to_block_max_abs_finite([mpq(5), mpq(-1)], element, scale, element_projection=Projection(Rounding.TOWARD_NEGATIVE))
    assert element.exact(low.elements[1]) == mpq(-1, 4)


def test_operations_with_scales_are_those_on_blocks_of_one() -> None:
    """Decode, compute exactly, divide by the scale of the result, project: 3 x 4 + 2 x 5 over 2 is 11."""
    fmt = parse_block("block(binary8p4se, binary8p4ue, 4)")
    e, s = fmt.element, fmt.scale
    x = Block(fmt, s.round(mpq(4)), (e.round(mpq(3)), e.round(mpq(1)), e.infinity(), e.nan()))
    y = Block(fmt, s.round(mpq(2)), (e.round(mpq(5)), e.round(mpq(-2)), e.infinity(True), e.round(mpq(1))))
    total = block_operation("add", [x, y], fmt, s.round(mpq(2)))
    assert [e.decode(code) for code in total.elements[:2]] == [Finite(mpq(11), False), Finite(mpq(0), False)]
    assert all(isinstance(e.decode(code), NaN) for code in total.elements[2:])
    root = block_operation("sqrt", [x], fmt, s.round(mpq(1)))
    assert root.elements[0] == e.round(mpq(7, 2)) and root.elements[1] == e.round(mpq(2))
    assert total.scale == s.round(mpq(2))


def test_blocks_of_unlike_length_have_no_dot_product() -> None:
    """Told in a sentence, for blocks, vectors of blocks and operations."""
    fmt = parse_block("mxfp4")
    a, b = Block(fmt, 127, (1, 2)), Block(fmt, 127, (1,))
    for call in (lambda: dot(a, b, BINARY32), lambda: block_dot_product(a, b, BINARY32), lambda: dot([a], [a, a], BINARY32), lambda: dot([], [], BINARY32)):
        with pytest.raises(RefmathError, match="have no dot product"):
            call()
    with pytest.raises(RefmathError, match="same length"):
        block_operation("add", [a, b], fmt, 127)
    with pytest.raises(RefmathError, match="delivers no number"):
        block_operation("compare_quiet_equal", [a, a], fmt, 127)
