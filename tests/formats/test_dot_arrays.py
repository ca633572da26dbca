"""Arrays of dot products: the kernel for aligned groups gives, value and flags, what the scalar models give, and what GPUs gave."""

import random
from pathlib import Path

import numpy as np
import pytest
from full import count

from formats.dot_arrays import BlockScales, dots, why_not
from formats.family import Format
from formats.floats import Float
from formats.notation import parse
from formats.projection import Projection
from formats.units import ALL, Unit, unit
from refmath.accumulation.aligned import Aligned, NaNResult, When
from refmath.accumulation.notation import parse as parse_model
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals, Tininess

TRUTH = Path(__file__).resolve().parents[3] / "shared" / "truth" / "tensorcore"
needs_truth = pytest.mark.skipif(not TRUTH.is_dir(), reason="the recorded dot products of ../shared/truth/tensorcore are not here")
ROWS = count(12, 3000)
"""Rows of each kind; the heavy run has 3,000."""
CASES = [pytest.param(one, name, id=f"{one.name}-{name}") for one in ALL for name in one.operands]


def numbers(f: Format, shape: tuple[int, ...], rng: np.random.Generator, wild: bool) -> np.ndarray:
    """Codes: any at all, or numbers of like size that cancel now and then, zeros and subnormal ones among them."""
    if wild:
        return rng.integers(0, f.codes, shape, dtype=np.uint64)
    values = np.round(rng.normal(size=shape) * 8) * 2.0 ** rng.integers(-6, 6, shape)
    codes = np.vectorize(lambda x: f.from_float(float(x), Projection(overflow=Overflow.SATURATE_FINITE)), otypes=[np.uint64])(values)
    return np.where(rng.random(shape) < 0.05, rng.integers(0, 4, shape).astype(np.uint64), codes)


def check(
    model: object, formats: tuple[Format, Format], to: Format, shape: tuple[int, int], how: Projection, rng: np.random.Generator, block: int = 0, s: str = ""
) -> None:
    """Both engines agree, with and without c, on wild and on tame operands."""
    for wild in (False, True):
        xs, ys = (numbers(f, shape, rng, wild) for f in formats)
        scales = None
        if block:
            f = parse(s)
            ends = (0, f.codes) if wild else (f.codes // 2 - 9, f.codes // 2 + 9)
            scales = BlockScales(f, *(rng.integers(*ends, (shape[0], -(-shape[1] // block)), dtype=np.uint64) for _ in "xy"), block)
        for c in (None, numbers(to, shape[:1], rng, wild)):
            got = dots(model, formats, xs, ys, to, c, scales, how, engine="array")  # type: ignore[arg-type]
            expected = dots(model, formats, xs, ys, to, c, scales, how, engine="reference")  # type: ignore[arg-type]
            for mine, theirs in zip(got, expected, strict=True):
                assert np.array_equal(mine, theirs), (str(model), formats, to, wild, np.flatnonzero(mine != theirs)[:3])


@pytest.mark.parametrize(("one", "of"), CASES)
def test_every_unit(one: Unit, of: str) -> None:
    """Rows of two instructions of each unit: by the kernel where its sums are aligned groups, else the same rows by the models themselves."""
    f, to, k = parse(of), parse(one.to), 2 * max(one.k)
    rng = np.random.default_rng(k)
    if not isinstance(one.model, Aligned):
        xs, ys, cs = numbers(f, (3, k), rng, False), numbers(f, (3, k), rng, False), numbers(to, (3,), rng, False)
        got, _ = dots(one.model, f, xs, ys, to, cs, projection=one.projection)
        assert got.tolist() == [one.dot(x, y, int(c), of=of).code for x, y, c in zip(xs.tolist(), ys.tolist(), cs.tolist(), strict=True)]
        return
    for scale in one.scales or ("",):
        check(one.model, (f, f), to, (ROWS, k), one.projection, rng, one.block, scale)


@pytest.mark.parametrize("seed", range(count(12, 60)))
def test_any_aligned_model(seed: int) -> None:
    """Random parameters, operand formats and projections, lengths that groups do not divide."""
    choose, rng = random.Random(seed), np.random.default_rng(seed)
    modes = [mode for mode in Rounding if not mode.stochastic]
    late = choose.random() < 0.4
    presum = choose.choice([1, 1, 2])
    model = Aligned(
        group=choose.choice([None, 2, 4, 8]),
        fraction=choose.choice([3, 13, 24, 30]),
        keep=choose.choice(modes),
        final=choose.choice(modes),
        final_fraction=choose.choice([None, 5, 23]),
        final_emin=choose.choice([-126, -14, 0]),
        zero=choose.choice([None, -126, 0]),
        least=choose.choice([None, None, -10, 3]),
        presum=presum,
        interleave=choose.choice([1, 2, 3]) if late else 1,
        limit=choose.choice([None, None, 7]),
        c=When.LATE if late else When.EARLY,
        sum_fraction=choose.choice([20, 31]),
        c_fraction=choose.choice([10, 24]),
        c_range=choose.choice([None, 5, 25]),
        nan=choose.choice(list(NaNResult)),
    )
    short = ("ocp_e4m3", "e2m1", "int8", "q4.4", "e3m2")
    names = short if presum > 1 else (*short, "binary16", "bfloat16", "tf32", "ocp_e5m2", "e4m3fnuz", "int16")
    formats = parse(choose.choice(names)), parse(choose.choice(names))
    how = Projection(
        overflow=choose.choice([Overflow.IEEE, Overflow.SATURATE_FINITE]),
        tininess=choose.choice(list(Tininess)),
        operands=choose.choice(list(Subnormals)),
        results=choose.choice(list(Subnormals)),
    )
    to = parse(choose.choice(["binary32", "binary16", "bfloat16", "ocp_e5m2"]))
    check(model, formats, to, (ROWS, choose.randint(1, 20)), how, rng, choose.choice([0, 0, 4]), choose.choice(["e8m0", "ue4m3"]))


def test_sums_of_integers_that_fit_are_exact() -> None:
    """100 products of int8 in groups of 16 with 24 fraction bits are the sum that Python gives."""
    rng, to = np.random.default_rng(8), parse("binary32")
    xs, ys = rng.integers(-128, 128, (200, 100)), rng.integers(-128, 128, (200, 100))
    codes, flags = dots("aligned(group=16, F=30, keep=truncate, final=toward_zero)", "int8", xs.astype(np.uint8), ys.astype(np.uint8), to, engine="array")
    assert [to.to_float(code) for code in codes.tolist()] == [
        float(sum(x * y for x, y in zip(a, b, strict=True))) for a, b in zip(xs.tolist(), ys.tolist(), strict=True)
    ]
    assert not flags.any()


def test_sums_that_wrap_are_the_references() -> None:
    """Out of the range of binary16 the low bits of the code are left, and of int16 those of the integer: as Python's integers say, and no kernel takes them."""
    rng, how = np.random.default_rng(9), Projection(overflow=Overflow.WRAP)
    xs, ys = rng.integers(-128, 128, (300, 12)), rng.integers(96, 128, (300, 12))
    sums = [sum(x * y for x, y in zip(a, b, strict=True)) for a, b in zip(xs.tolist(), ys.tolist(), strict=True)]
    half, model = parse("binary16"), "aligned(group=all, F=30, keep=truncate, final=nearest_even)"
    assert "wraps" in why_not(parse_model(model), parse("int8"), parse("int8"), half, how, 12)
    with pytest.raises(RefmathError, match="an overflow that wraps"):
        dots(model, "int8", xs.astype(np.uint8), ys.astype(np.uint8), half, projection=how, engine="array")
    got, _ = dots(model, "int8", xs.astype(np.uint8), ys.astype(np.uint8), half, projection=how)
    assert got.tolist() == [half_code(n) for n in sums] and max(map(abs, sums)) > 65535
    got, _ = dots("exact", "int8", xs.astype(np.uint8), ys.astype(np.uint8), "int16", projection=how)
    assert got.tolist() == [n % 65536 for n in sums]


def half_code(n: int) -> int:
    """The code of an integer in binary16 with an exponent range without end, its low 16 bits."""
    if not n:
        return 0
    shift = abs(n).bit_length()
    kept, rest = divmod(abs(n) << 11, 1 << shift)
    kept += rest > 1 << (shift - 1) or (2 * rest == 1 << shift and kept % 2 == 1)
    return ((int(n < 0) << 15) | ((shift + 13 << 10) + kept)) & 0xFFFF


@needs_truth
@pytest.mark.parametrize(("gpu", "of", "suffix"), [("V100", "binary16", "fp16"), ("A100", "bfloat16", "bf16")])
def test_recorded_results(gpu: str, of: str, suffix: str) -> None:
    """All 2,000 recorded dot products of a GPU, by the kernel."""

    def read(name: str, base: int) -> np.ndarray:
        return np.array([[int(word, base) for word in line.split()] for line in (TRUTH / name).read_text().splitlines()], np.uint32)

    a, b = (read(f"{which}_{gpu}_{suffix}.txt", 16) for which in "ab")
    c, d = (read(f"{which}_{gpu}_fp32.txt", 2)[:, 0] for which in "cd")
    f, wide = parse(of), parse("binary32")
    narrow = np.vectorize(lambda code: f.encode(wide.decode(int(code))), otypes=[np.uint16])
    got, _ = dots(unit(gpu).model, f, narrow(a), narrow(b), wide, c, engine="array")
    assert len(got) == 2000 and np.array_equal(got, d)


def test_rows_of_nothing() -> None:
    """No products: the sum is c, or +0; no rows: no sums."""
    empty = np.empty((2, 0), np.uint16)
    assert dots("a100", "binary16", empty, empty, "binary32", np.array([5, 6], np.uint32))[0].tolist() == [5, 6]
    assert dots("a100", "binary16", empty, empty, "binary32")[0].tolist() == [0, 0]
    assert dots("a100", "binary16", np.empty((0, 4), np.uint16), np.empty((0, 4), np.uint16), "binary32")[0].shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ys": np.zeros((2, 3), np.uint16)}, "2 x 4 and 2 x 3 codes have no dot products by rows"),
        ({"c": np.zeros(3, np.uint32)}, "3 addends do not go with 2 rows"),
        ({"scales": BlockScales(parse("e8m0"), np.zeros((2, 1), np.uint8), np.zeros((2, 2), np.uint8), 2)}, "Scales of the shape 2 x 1"),
        ({"engine": "array", "model": "sequential"}, "only aligned groups have a kernel"),
        ({"engine": "table"}, "not an engine for dot products"),
        ({"xs": np.full((2, 4), 70000)}, "is not a code of binary16"),
    ],
)
def test_what_cannot_be_summed_is_told(arguments: dict[str, object], message: str) -> None:
    """Shapes that do not fit, codes out of range, engines that are not exact."""
    usual = {"model": "a100", "of": "binary16", "xs": np.zeros((2, 4), np.uint16), "ys": np.zeros((2, 4), np.uint16), "to": "binary32"}
    with pytest.raises(RefmathError, match=message):
        dots(**(usual | arguments))  # type: ignore[arg-type]


def test_what_the_carrier_cannot_hold_is_the_references() -> None:
    """60 fraction bits, binary64 operands, a target without a NaN."""
    f, to, how = parse("binary16"), parse("binary32"), Projection()
    assert "more bits" in why_not(Aligned(fraction=60), f, f, to, how, 4)
    assert "more bits" in why_not(Aligned(), parse("binary64"), f, to, how, 4)
    assert isinstance(to, Float) and "have a NaN" in why_not(Aligned(), f, f, parse("e2m1"), how, 4)
