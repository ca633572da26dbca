"""Affine quantization against rationals, against binary32 computed by NumPy, and against PyTorch."""

import random
import warnings

import numpy as np
import pytest
from any_family import affines
from effort import EFFORT, examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats import parse
from formats.affine import Affine, affine, grid
from formats.fixed import Fixed, integer
from formats.projection import AbsentNaN, Projection
from formats.quantizer import Division, Quantizer, ZeroPoint
from refmath.datum import Finite, Infinity, NaN, finite
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import Rounding


def half_even(x: mpq) -> int:
    """The integer nearest to x, the even one of two."""
    floor = int(x.numerator // x.denominator)
    twice = 2 * (x - floor)
    return floor + (twice > 1 or (twice == 1 and floor % 2 == 1))


@examples(300)
@given(affines(), st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_the_defining_formula(fmt: Affine, n: int, d: int) -> None:
    """q = clamp(round(x / s) + z), the nearest even integer, and back (q - z) s."""
    x = mpq(n, d)
    low, high = -fmt.codes_as.greatest(True), fmt.codes_as.greatest()
    q = max(low, min(high, half_even(x / fmt.scale) + fmt.zero_point))
    assert fmt.round(x) == q % fmt.codes
    assert Quantizer((fmt,)).quantize(x) == q % fmt.codes and Quantizer((fmt,)).dequantize(q % fmt.codes) == (q - fmt.zero_point) * fmt.scale


def test_the_grid_of_delta_and_b() -> None:
    """{delta k: -2^(b-1) <= k < 2^(b-1)} has the values of its definition."""
    g = parse("grid(3/7, 4)")
    assert g == grid(mpq(3, 7), 4)
    assert sorted(g.exact(code) for code in g) == [mpq(3, 7) * k for k in range(-8, 8)]  # type: ignore[type-var]


def nearest32(x: mpq) -> np.float32:
    """A rational rounded to binary32: of three candidates the nearest, the even one of two."""
    guess = np.float32(float(x))
    candidates = [np.nextafter(guess, np.float32(-np.inf)), guess, np.nextafter(guess, np.float32(np.inf))]
    return min(candidates, key=lambda c: (abs(mpq(float(c)) - x), int(c.view(np.uint32)) & 1))


def operand(rng: random.Random) -> np.float32:
    """A binary32 number, often near the middle of two integers times the scale."""
    return np.float32(rng.choice([rng.gauss(0, 10), (rng.randint(-200, 200) + 0.5) * 0.1, rng.gauss(0, 1) * 10.0 ** rng.randint(-8, 6)]))


SCALES = [0.1, 0.05, 1 / 3, 0.0078125, 3.0, 1e-3]


@pytest.mark.parametrize("division", [Division.DIVIDE, Division.MULTIPLY])
@pytest.mark.parametrize("zero_point", list(ZeroPoint))
@pytest.mark.parametrize("scale", SCALES)
def test_steps_in_binary32(division: Division, zero_point: ZeroPoint, scale: float) -> None:
    """Each step is what NumPy's binary32 gives: the quotient or the product with the rounded inverse, the sum, the nearest integer."""
    s = np.float32(scale)
    fmt = affine(integer(8), mpq(scale), 3)
    quantizer, rng = Quantizer((fmt,), division=division, zero_point=zero_point), random.Random(scale)
    for _ in range(300 * EFFORT):
        x = operand(rng)
        ratio = x / s if division is Division.DIVIDE else x * (np.float32(1) / s)
        shifted = np.rint(ratio) + np.float32(3) if zero_point is ZeroPoint.AFTER else np.rint(ratio + np.float32(3))
        if zero_point is ZeroPoint.FUSED:
            product = mpq(float(x)) / mpq(float(s)) if division is Division.DIVIDE else mpq(float(x)) * mpq(float(np.float32(1) / s))
            shifted = np.rint(nearest32(product + 3))
        expected = int(max(np.float32(-128), min(np.float32(127), shifted)))
        assert quantizer.quantize(mpq(float(x))) == expected % 256
    for code in range(256):
        steps = code - 256 if code > 127 else code
        assert quantizer.dequantize(code) == mpq(float(np.float32(steps - 3) * s))


def test_exact_division_differs_from_the_steps() -> None:
    """35/10 by a scale of 1/10 is a tie only in exact arithmetic: every way of dividing is told from the others by some number."""
    fmt = affine(integer(8), mpq(1, 10))
    quantizers = {division: Quantizer((fmt,), division=division) for division in Division}
    seen = set()
    for n in range(-4000, 4000):
        x = mpq(float(np.float32(n / 400)))
        seen.add(tuple(quantizer.quantize(x) for quantizer in quantizers.values()))
    differing = {pair for codes in seen for pair in ((0, 1), (0, 2), (1, 2)) if codes[pair[0]] != codes[pair[1]]}
    assert differing == {(0, 1), (0, 2), (1, 2)}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("codes", [integer(8), integer(8, False), integer(32)], ids=str)
def test_pytorch_is_one_of_the_models(scale: float, codes: Fixed) -> None:
    """torch.quantize_per_tensor is the product with the rounded inverse, with the zero point added after or before rounding or in a fused multiply-add.

    Which one is the choice of its kernel for the processor and the type; dequantization multiplies by the scale. (Its q - z wraps around in int32.)
    """
    torch = pytest.importorskip("torch")
    dtype, zero = {"int8": (torch.qint8, -5), "uint8": (torch.quint8, 127), "int32": (torch.qint32, 7)}[codes.name]
    rng = random.Random(scale)
    values = np.array([operand(rng) for _ in range(1000)], dtype=np.float32)
    fmt = affine(codes, mpq(float(np.float32(scale))), zero)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = torch.quantize_per_tensor(torch.from_numpy(values), float(np.float32(scale)), zero, dtype)
    found = [int(q) % fmt.codes for q in theirs.int_repr()]
    exact = [mpq(float(x)) for x in values]
    models = [Quantizer((fmt,), division=Division.MULTIPLY, zero_point=when) for when in ZeroPoint]
    assert found in [model.quantize(exact) for model in models]
    for code, x in zip(found, theirs.dequantize(), strict=True):
        if abs(fmt.integer(code) - zero) < 1 << 31:
            assert models[0].dequantize(code) == mpq(float(x))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_channels(axis: int) -> None:
    """Along any axis of a tensor, each index has its own scale and zero point."""
    shape = (2, 3, 4)
    formats = tuple(affine(integer(8), mpq(i + 1, 7), i - 1) for i in range(shape[axis]))
    rng = random.Random(axis)
    tensor = [[[mpq(rng.randint(-500, 500), 9) for _ in range(4)] for _ in range(3)] for _ in range(2)]
    quantizer = Quantizer(formats, axis)
    codes = quantizer.quantize(tensor)
    back = quantizer.dequantize(codes)
    for index in np.ndindex(shape):
        i, j, k = index
        fmt = formats[index[axis]]
        assert codes[i][j][k] == fmt.round(tensor[i][j][k])
        assert back[i][j][k] == fmt.exact(codes[i][j][k])


def test_infinities_and_nans() -> None:
    """Infinities saturate; a NaN is refused unless the projection names its substitute; an inverse that overflows gives infinities."""
    fmt = affine(integer(8, False), mpq(1, 4), 10)
    for division in Division:
        quantizer = Quantizer((fmt,), division=division)
        assert quantizer.quantize([Infinity(True), Infinity(False), finite(mpq(0))]) == [0, 255, 10]
        with pytest.raises(RefmathError, match="has no NaN"):
            quantizer.quantize(NaN())
        assert Quantizer((fmt,), projection=Projection(absent_nan=AbsentNaN.ZERO), division=division).quantize(NaN()) == 10
    tiny = affine(integer(8), mpq(1, 2**149))
    assert Quantizer((tiny,), division=Division.MULTIPLY).quantize([mpq(1), mpq(-1), mpq(0)]) == [127, 128, 0]
    assert Quantizer((tiny,), division=Division.DIVIDE).quantize(mpq(-2, 2**149)) == 254


def test_policies_apply() -> None:
    """Wrapping, refusing and other rounding modes are the projection's choice here too."""
    fmt = affine(integer(4), mpq(1, 2))
    wrap, floor = Projection(overflow=Overflow.WRAP), Projection(rounding=Rounding.TOWARD_NEGATIVE)
    assert Quantizer((fmt,), projection=wrap).quantize(mpq(9)) == 18 % 16
    assert Quantizer((fmt,), projection=floor, division=Division.DIVIDE).quantize(mpq(-1, 8)) == 15
    with pytest.raises(RefmathError, match="beyond the greatest value"):
        Quantizer((fmt,), projection=Projection(overflow=Overflow.ERROR)).quantize(mpq(100))


def test_bad_input() -> None:
    """Channels without an axis, tensors that do not fit them, and scales that binary32 cannot hold, each in a sentence."""
    one, two = affine(integer(8), mpq(1)), affine(integer(8), mpq(2))
    with pytest.raises(RefmathError, match="channels without an axis"):
        Quantizer((one, two))
    with pytest.raises(RefmathError, match="channels without an axis"):
        Quantizer(())
    with pytest.raises(RefmathError, match="3 long along axis 0, and there are 2 channels"):
        Quantizer((one, two), 0).quantize([mpq(1)] * 3)
    with pytest.raises(RefmathError, match="1 dimensions has no axis 1"):
        Quantizer((one, two), 1).quantize([mpq(1)] * 2)
    with pytest.raises(RefmathError, match="no finite positive binary32"):
        Quantizer((affine(integer(8), mpq(10) ** 60),), division=Division.DIVIDE).quantize(mpq(1))
    with pytest.raises(RefmathError, match="beyond binary32"):
        Quantizer((affine(integer(8), mpq(2) ** 127),), division=Division.DIVIDE).dequantize(2)
    assert Quantizer((one,)).quantize(Finite(mpq(0), True)) == 0
