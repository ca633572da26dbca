"""Tensors of blocks: layouts against slicing written here, arrays of codes against the scalar reference."""

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.block import decode
from formats.block_arrays import quantize_codes
from formats.block_layout import layout
from formats.block_notation import parse_block
from formats.block_quantize import quantize
from formats.block_tensor import quantize_tensor, requantize_tensor
from formats.notation import parse
from refmath.datum import Finite, NaN
from refmath.errors import RefmathError


def sliced(shape: tuple[int, ...], size: tuple[int, ...], axes: tuple[int, ...]) -> list[list[int]]:
    """The places of each block, by slicing an array of places."""
    places = np.arange(np.prod(shape)).reshape(shape)
    steps = [size[axes.index(a)] if a in axes else 1 for a in range(len(shape))]
    starts = product(*(range(0, n, step) for n, step in zip(shape, steps, strict=True)))
    blocks = [places[tuple(slice(s, s + step) for s, step in zip(start, steps, strict=True))] for start in starts]
    moved = [np.moveaxis(block, axes, range(-len(axes), 0)) for block in blocks]
    return [block.reshape(-1).tolist() for block in moved]


@given(st.lists(st.integers(1, 7), min_size=1, max_size=4).map(tuple), st.data())
@examples(150)
def test_blocks_are_slices(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Along any axis or two, in any order of the axes, with ragged last blocks: the places of every block are those of a slice."""
    count = data.draw(st.integers(1, min(2, len(shape))))
    axes = tuple(data.draw(st.permutations(range(len(shape))))[:count])
    size = tuple(data.draw(st.integers(1, 9)) for _ in axes)
    found = layout(shape, size, axes)
    assert found.rows() == sliced(shape, size, axes)
    assert found.grid == tuple(-(-n // size[axes.index(a)]) if a in axes else n for a, n in enumerate(shape))


def test_axes_count_from_either_end_and_default_to_the_last() -> None:
    """Axis -1 is the last, and so is none; two sizes lie along the last two axes."""
    assert layout((3, 5), (2,)).rows() == layout((3, 5), (2,), -1).rows() == layout((3, 5), (2,), 1).rows()
    assert layout((3, 5), (2, 2)).axes == (0, 1) and layout((2, 3, 5), (2, 2)).axes == (1, 2)
    assert layout((3, 5), ()).rows() == [list(range(15))]


@pytest.mark.parametrize(
    ("shape", "size", "axes", "words"),
    [
        ((0,), (4,), None, "has no values"),
        ((3, 0), (4,), 0, "has no values"),
        ((3,), (2, 2), None, "no axis -2"),
        ((3,), (2,), 1, "no axis 1"),
        ((3, 3), (2, 2), (0,), "along 2 axes; 1 are given"),
        ((3, 3), (2, 2), (0, -2), "names one twice"),
        ((), (2,), None, "of 0 dimensions has no axis"),
    ],
)
def test_impossible_layouts(shape: tuple[int, ...], size: tuple[int, ...], axes: Any, words: str) -> None:
    """Empty tensors and axes that are not there are told."""
    with pytest.raises(RefmathError, match=words):
        layout(shape, size, axes)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=3).map(tuple), st.data())
@examples(50)
def test_a_tensor_is_its_blocks(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Each block of a tensor is the block of its values, and decoding puts every value back in its place."""
    axis = data.draw(st.integers(0, len(shape) - 1))
    fmt = parse_block("mxfp4(size=4)")
    values = np.array([Fraction(data.draw(st.integers(-100, 100)), 7) for _ in range(int(np.prod(shape)))], object).reshape(shape)
    tensor = quantize_tensor(fmt, values, axis)
    assert tensor.scales.shape == tensor.layout.grid and tensor.elements.shape == shape
    flat, back = values.reshape(-1), tensor.decode().reshape(-1)
    for block, row in zip(tensor.blocks(), sliced(shape, (4,), (axis,)), strict=True):
        assert block == quantize(fmt, [flat[i] for i in row])
        assert tuple(back[i] for i in row) == decode(block)


def test_nested_sequences_are_tensors() -> None:
    """Rows of rows, which have to be of one length."""
    tensor = quantize_tensor(parse_block("mxfp4(size=2)"), [[1, 2, 4], [mpq(1, 2), 0, -6]])
    assert tensor.scales.tolist() == [[126, 127], [124, 127]] and tensor.elements.shape == (2, 3)
    with pytest.raises(RefmathError, match="same length"):
        quantize_tensor(parse_block("mxfp4"), [[1, 2], [3]])
    with pytest.raises(RefmathError, match="has no values"):
        quantize_tensor(parse_block("mxfp4"), [])


def test_two_dimensional_blocks_share_a_scale() -> None:
    """16x16 blocks of a weight: one scale for a tile, the same for the transposed tensor."""
    rng = np.random.default_rng(5)
    values = np.array([Fraction(int(n), 64) for n in rng.integers(-500, 500, 12 * 20)], object).reshape(12, 20)
    fmt = parse_block("mxfp4(size=8x8)")
    tensor, turned = quantize_tensor(fmt, values), quantize_tensor(fmt, values.T)
    assert tensor.scales.shape == (2, 3)
    assert (tensor.scales == turned.scales.T).all() and (tensor.elements == turned.elements.T).all()


def test_requantizing_along_the_other_axis_rounds_twice() -> None:
    """From blocks along rows to blocks along columns: the exact values of the first are quantized anew."""
    values = [[Fraction(17 * i * i + 5 * j, 9) for j in range(4)] for i in range(4)]
    fmt = parse_block("mxfp4(size=4)")
    rows = quantize_tensor(fmt, values, 1)
    columns = requantize_tensor(rows, fmt, 0)
    assert (columns.elements == quantize_tensor(fmt, rows.decode(), 0).elements).all()
    assert (columns.decode() != quantize_tensor(fmt, values, 0).decode()).any()


def test_the_tensor_scale_heeds_finite_values_only_or_a_reference() -> None:
    """A NaN takes its own block; the tensor scale follows the greatest number, or what is given in its place."""
    fmt = parse_block("nvfp4(size=2)")
    tensor = quantize_tensor(fmt, [mpq(1), mpq(5), NaN(), mpq(3)])
    assert tensor.tensor == quantize_tensor(fmt, [mpq(5)]).tensor
    assert isinstance(tensor.decode()[2], NaN) and isinstance(tensor.decode()[1], Finite)
    assert quantize_tensor(fmt, [mpq(1), mpq(5)], reference=mpq(10)).tensor == quantize_tensor(fmt, [mpq(10)]).tensor


NAMES = (
    "mxfp4", "mxfp8_e4m3", "mxfp8_e5m2", "mxfp6_e2m3", "mxfp6_e3m2", "mxint8", "mxint8(integers=symmetric)", "msfp12", "flex16_5(nan=element, absent_nan=zero, infinity=element)",
    "nvfp4", "nvfp4_torchao", "nvfp4_torchao_one_level", "nvfp4(order=exact)", "mxfp4_ue5m3", "mxfp4_ue5m3_two_level", "mxfp4_ue4m3_two_level",
    "mxfp4(rule=rceil, ratio=divide, log2=binary32)", "mxfp8_e4m3(rule=even, rounding=nearest_away)", "mxfp8_e4m3(division=multiply)", "mxfp4(rounding=toward_negative)",
    "mxfp8_e5m2(nan=element, infinity=element, overflow=ieee)", "mxfp8_e4m3(nan=element, infinity=overflow)", "mxfp4(infinity=exponent, nan=element, absent_nan=zero)",
    "mxfp4(scale_overflow=to_nan)", "block(binary8p4se, binary8p1uf, 16)", "block(binary8p3se, binary8p4ue, 16)", "block(posit8, e8m0, 8)", "block(e2m1, ue4m3, 8)",
)  # fmt: skip


def sample(source: str, rng: np.random.Generator, count: int) -> Any:
    """Codes of a format: ordinary numbers in runs of like size, zeros, the ends of the range, infinities and NaNs."""
    fmt = parse(source)
    kind = np.dtype(f"u{max(1, fmt.width // 8)}")
    if source.startswith("binary") or source == "bfloat16":
        size = np.repeat(rng.integers(-130, 128, -(-count // 16)) * (rng.random(-(-count // 16)) < 0.5), 16)[:count]
        with np.errstate(all="ignore"):
            x = np.ldexp(rng.standard_normal(count), size).astype(np.float32).view(np.uint32)
        codes = x if source == "binary32" else (x >> 16) if source == "bfloat16" else rng.integers(0, fmt.codes, count)
    else:
        codes = rng.integers(0, fmt.codes, count)
    codes = np.asarray(codes).astype(kind)
    specials = [fmt.limit(), fmt.limit(True), fmt.join(False, fmt.least), fmt.zero(), fmt.zero(True)]
    if fmt.has_infinity:
        specials += [fmt.infinity(), fmt.infinity(True), fmt.nan()]
    places = rng.integers(0, count, 12)
    codes[places] = rng.choice(np.array(specials, kind), 12)
    return codes


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("source", ["binary32", "bfloat16", "int8", "q8.8", "ocp_e4m3"])
def test_arrays_of_codes_are_quantized_as_the_reference_does(name: str, source: str) -> None:
    """Scales, elements and tensor scale of an array of codes, with specials, ragged blocks and any source, are those of the scalar reference."""
    fmt, given_format = parse_block(name), parse(source)
    rng = np.random.default_rng(len(name) * 1000 + len(source))
    codes = sample(source, rng, 7 * 21).reshape(7, 21)
    for axis in (0, 1) if fmt.size else (None,):
        fast = quantize_codes(fmt, codes, given_format, axis)
        values = np.empty(codes.size, object)
        values[:] = [given_format.decode(code) for code in codes.reshape(-1).tolist()]
        slow = quantize_tensor(fmt, values.reshape(codes.shape), axis)
        assert fast.tensor == slow.tensor and (fast.scales == slow.scales).all() and (fast.elements == slow.elements).all()


@pytest.mark.parametrize(
    "name", ["mxfp4(rounding=stochastic_a, bits=8)", "mxfp4(rounding=stochastic_b, bits=8, division=multiply)", "nvfp4(rounding=stochastic_c, bits=5)"]
)
def test_random_bits_go_with_their_elements(name: str) -> None:
    """One random operand for each element of the tensor, in its place whatever the axis of the blocks."""
    fmt, source = parse_block(name), parse("binary32")
    rng = np.random.default_rng(9)
    codes = rng.standard_normal((6, 18)).astype(np.float32).view(np.uint32)
    draws = rng.integers(0, 1 << fmt.policy.bits, codes.shape)
    values = np.array([source.decode(code) for code in codes.reshape(-1).tolist()], object).reshape(codes.shape)
    for axis in (0, 1):
        fast = quantize_codes(fmt, codes, source, axis, random=draws)
        slow = quantize_tensor(fmt, values, axis, random=draws.reshape(-1).tolist())
        assert (fast.elements == slow.elements).all() and (fast.scales == slow.scales).all()


def test_a_tensor_of_nothing_but_specials() -> None:
    """No finite value at all: scales are NaN, or those of zeros where specials stay in their lanes."""
    source = parse("binary32")
    codes = np.full(4, source.nan(), np.uint32)
    assert set(quantize_codes(parse_block("mxfp4"), codes, source).scales.tolist()) == {255}
    assert set(quantize_codes(parse_block("mxfp8_e4m3(nan=element)"), codes, source).elements.tolist()) == {0x7F}
    assert quantize_codes(parse_block("nvfp4"), codes, source).tensor == parse("binary32").round(mpq(1))
