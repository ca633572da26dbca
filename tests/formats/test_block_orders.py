"""The orders that compute in binary32, against the same formulas on the processor: NumPy's binary32, and ml_dtypes for the small formats."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats.block import BlockFormat, decode, greatest_element
from formats.block_notation import parse_block
from formats.block_orders import tensor_scale
from formats.block_quantize import quantize
from formats.block_tensor import quantize_tensor
from formats.floats import ieee
from refmath.datum import Finite, NaN
from refmath.text import parse_exact

F = np.float32
GREATEST = np.finfo(np.float32).max
SIX, ONE = F(6), F(1)


def e4m3(x: np.ndarray) -> np.ndarray:
    """Rounded to E4M3 by ml_dtypes."""
    return np.asarray(x, F).astype(ml_dtypes.float8_e4m3fn)


def e2m1(x: np.ndarray) -> np.ndarray:
    """The codes of E2M1 after clamping to 6."""
    return np.clip(np.asarray(x, F), F(-6), SIX).astype(ml_dtypes.float4_e2m1fn).view(np.uint8)


def ue5m3(x: np.float32) -> np.float32:
    """Rounded to UE5M3 by counting its steps, to nearest even."""
    exact = Fraction(float(x))
    if not exact:
        return F(0)
    k = -14
    while Fraction(2) ** (k + 1) <= exact:
        k += 1
    step = Fraction(2) ** (k - 3)
    return F(float(round(exact / step) * step))


def transformer_engine(x: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.float32]:
    """Scales, elements, S_dec."""
    amax = np.abs(x).max()
    encode = ONE if amax == 0 else np.minimum(F(448) * SIX / amax, GREATEST)
    decoded = ONE / encode
    m = encode * (ONE / SIX)
    scales = e4m3(np.minimum(np.abs(x.reshape(-1, size)).max(axis=1) * m, F(448)))
    factor = np.minimum(ONE / (scales.astype(F) * decoded), GREATEST)
    return scales.view(np.uint8), e2m1(x.reshape(-1, size) * factor[:, None]).reshape(-1), decoded


def torchao(x: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.float32]:
    """Scales, elements, tensor scale."""
    pts = np.abs(x).max() / F(2688)
    ratio = np.abs(x.reshape(-1, size)).max(axis=1) / SIX / pts
    scales = e4m3(np.clip(ratio, F(2**-6), F(448)))
    factor = ONE / pts / scales.astype(F)
    return scales.view(np.uint8), e2m1(x.reshape(-1, size) * factor[:, None]).reshape(-1), pts


def graphcore(x: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.float32]:
    """Scales as numbers, elements, 1 / G."""
    g = np.minimum(F(448) * SIX / np.abs(x).max(), GREATEST)
    ratios = np.minimum(np.abs(x.reshape(-1, size)).max(axis=1) * (g * (ONE / SIX)), F(61440))
    scales = np.array([ue5m3(r) for r in ratios], F)
    scales[scales == 0] = ONE
    factor = ONE / (scales * (ONE / g))
    return scales, e2m1(x.reshape(-1, size) * factor[:, None]).reshape(-1), ONE / g


def tensors(limit: int = 40) -> st.SearchStrategy[np.ndarray]:
    """Binary32 tensors of four blocks of four, of wide range, not all zero."""
    scaled = st.tuples(st.floats(-1, 1, width=32), st.integers(-limit, limit)).map(lambda pair: float(np.ldexp(F(pair[0]), pair[1])))
    return st.lists(scaled, min_size=16, max_size=16).filter(any).map(lambda values: np.array(values, F))


def values(x: np.ndarray) -> list[Fraction]:
    return [Fraction(float(v)) for v in x]


def tensor_value(fmt: BlockFormat, code: int | None) -> float:
    assert fmt.tensor is not None and code is not None
    return fmt.tensor.to_float(code)


@given(tensors())
@examples(50)
def test_transformer_engine(x: np.ndarray) -> None:
    """Scales, elements and tensor scale are those of the processor."""
    fmt = parse_block("nvfp4(size=4)")
    got = quantize_tensor(fmt, values(x))
    with np.errstate(all="ignore"):
        scales, elements, decoded = transformer_engine(x, 4)
    assert got.scales.tolist() == scales.tolist() and tensor_value(fmt, got.tensor) == float(decoded)
    assert (got.elements & 7).tolist() == (elements & 7).tolist()


@given(tensors())
@examples(50)
def test_torchao(x: np.ndarray) -> None:
    """Scales, elements and tensor scale are those of the processor, the least scale 2^-6 included."""
    fmt = parse_block("nvfp4_torchao(size=4)")
    got = quantize_tensor(fmt, values(x))
    with np.errstate(all="ignore"):
        scales, elements, pts = torchao(x, 4)
    assert got.scales.tolist() == scales.tolist() and tensor_value(fmt, got.tensor) == float(pts)
    assert (got.elements & 7).tolist() == (elements & 7).tolist()


@given(tensors(6))
@examples(50)
def test_torchao_in_one_level(x: np.ndarray) -> None:
    """Without a tensor scale: E4M3(clamp(amax / 6)), then x (1 / scale)."""
    got = quantize_tensor(parse_block("nvfp4_torchao_one_level(size=4)"), values(x))
    scales = e4m3(np.clip(np.abs(x.reshape(-1, 4)).max(axis=1) / SIX, F(2**-6), F(448)))
    elements = e2m1(x.reshape(-1, 4) * (ONE / scales.astype(F))[:, None]).reshape(-1)
    assert got.scales.tolist() == scales.view(np.uint8).tolist() and (got.elements & 7).tolist() == (elements & 7).tolist()


@given(tensors(30))
@examples(50)
def test_graphcore(x: np.ndarray) -> None:
    """Scales, elements and tensor scale are those of the processor; a scale that rounds to 0 is 1."""
    fmt = parse_block("mxfp4_ue5m3_two_level(size=4)")
    got = quantize_tensor(fmt, values(x))
    with np.errstate(all="ignore"):
        scales, elements, inverse = graphcore(x, 4)
    assert [fmt.scale.to_float(code) for code in got.scales.tolist()] == scales.tolist() and tensor_value(fmt, got.tensor) == float(inverse)
    assert (got.elements & 7).tolist() == (elements & 7).tolist()


@given(tensors(6))
@examples(40)
def test_graphcore_in_one_level(x: np.ndarray) -> None:
    """G = 1: UE5M3 of amax (1 / 6)."""
    fmt = parse_block("mxfp4_ue5m3(size=4)")
    got = quantize_tensor(fmt, values(x))
    ratios = np.minimum(np.abs(x.reshape(-1, 4)).max(axis=1) * (ONE / SIX), F(61440))
    scales = np.array([ue5m3(r) or ONE for r in ratios], F)
    assert [fmt.scale.to_float(code) for code in got.scales.tolist()] == scales.tolist()
    assert (got.elements & 7).tolist() == (e2m1(x.reshape(-1, 4) * (ONE / scales)[:, None]).reshape(-1) & 7).tolist()


def test_the_order_is_pinned() -> None:
    """amax_b = 7.209771652307365e-15 and ref = 8.30072435974513e-17 give the UE5M3 scale 40960, from a tie; dividing by 6 in the place of multiplying by 1/6 gives 36864."""
    binary32 = ieee(32)
    amax, ref = (binary32.exact(binary32.round(parse_exact(text))) for text in ("7.209771652307365e-15", "8.30072435974513e-17"))
    fmt = parse_block("mxfp4_ue5m3_two_level")
    block = quantize(fmt, [amax], tensor_scale(fmt, mpq(amax) * 0 + mpq(ref)))  # type: ignore[arg-type]
    assert fmt.scale.exact(block.scale) == 40960
    a, g = F(float(Fraction(amax))), F(448) * SIX / F(float(Fraction(ref)))  # type: ignore[arg-type]
    assert ue5m3(a * (g * (ONE / SIX))) == 40960
    assert ue5m3(a * g / SIX) == ue5m3(a / SIX * g) == ue5m3(a / SIX / (F(float(Fraction(ref))) / F(2688))) == 36864  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "scales"), [((39, 52), {"nvfp4": 123, "nvfp4_torchao": 122, "exact": 122}), ((38, 112), {"nvfp4": 114, "nvfp4_torchao": 114, "exact": 113})]
)
def test_the_orders_disagree(values: tuple[int, int], scales: dict[str, int]) -> None:
    """Near ties of the scale the orders and the exact computation differ: 39 beside 52, and 38 beside 112, in blocks of one."""
    for name, scale in scales.items():
        fmt = parse_block("nvfp4(order=exact, size=1)" if name == "exact" else f"{name}(size=1)")
        assert quantize_tensor(fmt, [mpq(v) for v in values]).scales[0] == scale


@pytest.mark.parametrize(("name", "scale"), [("nvfp4", 0), ("nvfp4_torchao_one_level", 8), ("mxfp4_ue5m3", 0x78), ("mxfp4_ue5m3_two_level", 0x78)])
def test_a_tensor_of_zeros(name: str, scale: int) -> None:
    """Zeros have the scale that the formulas end in: 0, the least normal 2^-6, or 1; all elements are zero."""
    block = quantize(parse_block(name), [mpq(0), mpq(0)])
    assert block.scale == scale and all(isinstance(x, Finite) and not x.value for x in decode(block))


def test_torchao_divides_a_tensor_of_zeros_by_zero() -> None:
    """With a tensor scale of 0 its quotient 0 / 0 is a NaN, and so is the block."""
    block = quantize(parse_block("nvfp4_torchao"), [mpq(0), mpq(0)])
    assert block.tensor == 0 and all(isinstance(x, NaN) for x in decode(block))


@pytest.mark.parametrize("name", ["nvfp4", "nvfp4_torchao", "mxfp4_ue5m3_two_level", "nvfp4(order=exact)", "mxfp4_ue4m3_two_level"])
def test_the_greatest_value_of_a_tensor_keeps_its_size(name: str) -> None:
    """Its block scale is the target and its element the greatest, so that it comes back within rounding of the steps."""
    fmt = parse_block(name)
    for amax in (mpq(1), mpq(1000, 7), mpq(1, 3), mpq(10**20)):
        block = quantize(fmt, [amax, -amax / 5])
        assert fmt.scale.exact(block.scale) == 448 and fmt.element.exact(block.elements[0]) == greatest_element(fmt.element)
        (back, _) = decode(block)
        assert isinstance(back, Finite) and abs(back.value - amax) < amax / 10**6  # type: ignore[operator]


def test_exact_two_level_scales() -> None:
    """order=exact: tensor scale amax / 2688 rounded once, block scale amax_b / (6 t) rounded once, elements x / (s t) rounded once."""
    fmt = parse_block("nvfp4(order=exact, size=2)")
    got = quantize_tensor(fmt, [mpq(1), mpq(1, 7), mpq(3, 11), mpq(1, 9)])
    t = F(1 / 2688)
    exact_t = Fraction(float(t))
    assert tensor_value(fmt, got.tensor) == float(t)
    for at, amax in enumerate((Fraction(1), Fraction(3, 11))):
        s = Fraction(fmt.scale.exact(int(got.scales[at])))  # type: ignore[arg-type]
        assert abs(s - amax / (6 * exact_t)) <= 16
    s = Fraction(fmt.scale.exact(int(got.scales[1])))  # type: ignore[arg-type]
    q = Fraction(1, 9) / (s * exact_t)
    table = [Fraction(0), Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(3), Fraction(4), Fraction(6)]
    assert table[int(got.elements[3])] == min(table, key=lambda v: abs(v - q))
