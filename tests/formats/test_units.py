"""The matrix units against the published table, written here again: what each keeps, how many products it fuses, what it does with special numbers."""

from fractions import Fraction

import pytest
from gmpy2 import mpq

from formats import Format, parse
from formats.accumulate import Scales
from formats.units import ALL, BY_NAME, Unit, truncated, unit
from refmath.accumulation import UNITS, parse_model
from refmath.errors import RefmathError

B32, B16 = parse("binary32"), parse("binary16")

KEPT = {
    "v100": 23, "turing": 24, "a100": 24, "a100_tf32": 24, "ada": 24, "ada_tf32": 24, "ada_fp8": 13, "h100": 25, "h100_tf32": 25, "h100_fp8": 13, "b200": 25,
    "b200_tf32": 25, "b200_fp8": 25, "b200_mx": 25, "cdna3": 24, "cdna3_fp8": 24,
}  # fmt: skip
"""F: the fraction bits of the published table."""

GROUPS = {
    "v100": 4, "turing": 8, "a100": 8, "a100_tf32": 4, "ada": 8, "ada_tf32": 4, "ada_fp8": 16, "h100": 16, "h100_tf32": 8, "h100_fp8": 32, "b200": 16, "b200_tf32": 8,
    "b200_fp8": 32, "b200_mx": 32, "cdna3": 8, "cdna3_fp8": 16,
}  # fmt: skip
"""Products in a group, likewise."""


def powers(one: Unit, *exponents: int | None) -> tuple[list[int], list[int]]:
    """Operands whose products are these powers of two, or zero, in a format of the unit that has them: 2^e = 2^(e - e // 2) 2^(e // 2)."""
    f = operand_format(one)
    factors = [(None, None) if e is None else (e - e // 2, e // 2) for e in exponents]
    return tuple([f.encode(mpq(2) ** e) if e is not None else f.zero() for e in side] for side in zip(*factors, strict=True))  # type: ignore[return-value]


def operand_format(one: Unit) -> Format:
    """A format of the unit with far exponents."""
    return parse(next((name for name in ("ocp_e5m2", "e5m2fnuz", "bfloat16") if name in one.operands), one.operands[0]))


def result(one: Unit, xs: list[int], ys: list[int], c: int | None = None) -> Fraction:
    """The dot product as a rational."""
    value = parse(one.to).exact(one.dot(xs, ys, c, of=operand_format(one).name).code)
    return Fraction(int(value.numerator), int(value.denominator))  # type: ignore[union-attr]


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_below_the_greatest_term(name: str) -> None:
    """Beside a product of 2^5 and minus that product, 2^(5 - F) survives and 2^(5 - F - 1) is cut off."""
    one, f = unit(name), KEPT[name]
    pairs = [powers(one, 5, 5, 5 - f - lower) for lower in (0, 1)]
    minus = operand_format(one).join(True, operand_format(one).magnitude(pairs[0][0][1])[1])  # type: ignore[index]
    for xs, _ in pairs:
        xs[1] = minus
    # Even and odd products of CDNA3 FP8 are aligned apart, then floored at F: the three stand in one part.
    spread = [(_apart(xs), _apart(ys)) if name == "cdna3_fp8" else (xs, ys) for xs, ys in pairs]
    assert [result(one, xs, ys) for xs, ys in spread] == [Fraction(2) ** (5 - f), 0]


def _apart(codes: list[int]) -> list[int]:
    """Codes with zeros between them."""
    return [code for pair in codes for code in (pair, 0)]


@pytest.mark.parametrize("name", GROUPS)
def test_how_many_products_are_fused(name: str) -> None:
    """2^10 - 2^10 in one group loses a small product that stands in the group, and none that stands behind it."""
    one, size = unit(name), GROUPS[name]
    small = -10 if KEPT[name] < 20 else -20
    f = operand_format(one)
    for place, expected in ((size - 1, Fraction(0)), (size, Fraction(2) ** small)):
        xs, ys = powers(one, 10, *[None] * (size // 2 - 1), 10, *[None] * size)
        xs[size // 2] = f.join(True, f.magnitude(xs[0])[1])  # type: ignore[index]
        tiny_x, tiny_y = powers(one, small)
        xs[place], ys[place] = tiny_x[0], tiny_y[0]
        assert result(one, xs, ys) == expected, place


@pytest.mark.parametrize(("name", "bits"), [("v100", 23), ("a100", 23), ("h100", 23), ("ada_fp8", 13), ("h100_fp8", 13), ("b200_fp8", 23), ("b200_mx", 23)])
def test_binary32_results_are_truncated(name: str, bits: int) -> None:
    """1 + 2^-n + 2^-(n+1) with n the last fraction bit kept: the last part is cut off, where rounding to nearest would go up; so for negative sums."""
    one = unit(name)
    f = operand_format(one)
    for sign in (False, True):
        parts = [powers(one, e) for e in (0, -bits, -bits - 1)]
        xs = [f.join(sign, f.magnitude(x[0])[1]) for x, _ in parts]  # type: ignore[index]
        ys = [y[0] for _, y in parts]
        if KEPT[name] <= bits:  # the terms themselves keep no more
            xs, ys = xs[:2], ys[:2]
        exact = 1 + Fraction(1, 1 << bits)
        assert result(one, xs, ys) == (-exact if sign else exact)


def test_binary16_results_are_rounded_to_nearest() -> None:
    """1 + 2^-11 is a tie and stays 1; 1 + 3 2^-11 goes up to 1 + 2^-9; beyond 65504 the result is infinite."""
    for name in ("v100_binary16", "a100_binary16", "h100_binary16", "b200_binary16"):
        one = unit(name)
        x = [B16.encode(mpq(1)), B16.encode(mpq(1, 1 << 11))]
        y = [B16.encode(mpq(1)), B16.encode(mpq(1))]
        assert one.dot(x, y).code == B16.encode(mpq(1))
        assert one.dot(x, [y[0], B16.encode(mpq(3))]).code == B16.encode(1 + mpq(1, 1 << 9))
        assert one.dot([B16.limit()] * 2, y).code == B16.infinity()


def test_binary32_results_overflow_to_infinity() -> None:
    """A sum of 2^128 and more is infinite although it is truncated; just below, it is the greatest number."""
    one, f = unit("a100"), parse("bfloat16")
    big = f.encode(mpq(2) ** 63)
    assert one.dot([big] * 2, [f.encode(mpq(2) ** 64)] * 2, of="bfloat16").code == B32.infinity()
    assert one.dot([f.encode(mpq(2) ** 64)], [f.limit()], B32.limit(), of="bfloat16").code == B32.infinity()
    assert one.dot([f.zero()], [f.zero()], B32.limit(), of="bfloat16").code == B32.limit()


def test_subnormal_results_are_kept() -> None:
    """2^-149 comes out; what lies below is cut off."""
    one, f = unit("a100"), parse("bfloat16")
    for exponent, expected in ((-149, 1), (-150, 0)):
        x, y = f.encode(mpq(2) ** -100), f.encode(mpq(2) ** (exponent + 100))
        assert one.dot([x], [y], of="bfloat16").code == expected


def test_zero_products_hold_the_exponent_up() -> None:
    """Beside a zero term, of e = -126, every product loses what lies below 2^-150: three of 3 2^-151 are then 3 2^-150 and no longer 9 2^-151; c = +0 is such a term."""
    one, f = unit("a100"), parse("bfloat16")
    x, y = f.encode(mpq(2) ** -75), f.encode(mpq(3) * mpq(2) ** -76)
    assert one.dot([x] * 3, [y] * 3, of="bfloat16").code == 2
    assert one.dot([x] * 3, [y] * 3, 0, of="bfloat16").code == 1
    assert one.dot([x] * 3 + [0], [y] * 3 + [0], of="bfloat16").code == 1


def test_nan_results() -> None:
    """Of NVIDIA's units 0x7fffffff and 0x7fff, of AMD's the canonical NaN."""
    infinities = [B16.infinity(), B16.infinity(True)]
    ones = [B16.encode(mpq(1))] * 2
    assert unit("v100").dot(infinities, ones).code == 0x7FFFFFFF
    assert unit("v100_binary16").dot(infinities, ones).code == 0x7FFF
    assert unit("h100").dot([B16.nan()], [ones[0]]).code == 0x7FFFFFFF
    assert unit("cdna3").dot(infinities, ones).code == 0x7FC00000
    assert unit("a100").dot([infinities[1], 0], ones).code == B32.infinity(True)
    assert unit("a100").dot([B16.infinity()], [0]).code == 0x7FFFFFFF


def test_tf32_operands_are_truncated() -> None:
    """binary32 codes lose their low 13 bits: 1 + 2^-10 + 2^-11 counts as 1 + 2^-10."""
    code = B32.encode(1 + mpq(1, 1 << 10) + mpq(1, 1 << 11))
    assert truncated([code, 0xFFFFFFFF]) == [code >> 13, 0x7FFFF]
    one = B32.encode(mpq(1))
    for name in ("a100_tf32", "ada_tf32", "h100_tf32", "b200_tf32"):
        assert unit(name).dot([code], [one], of="binary32").code == B32.encode(1 + mpq(1, 1 << 10))


def test_block_scales_of_mx() -> None:
    """The scales add their exponents to those of the products: the same digits, elsewhere; they decide what is cut off."""
    one, f, scale = unit("b200_mx"), parse("ocp_e4m3"), parse("e8m0")
    x = [f.encode(mpq(n, 8)) for n in range(1, 33) if n not in (17, 19, 21, 23, 25, 27, 29, 31)][:16] * 2
    plain = B32.exact(one.dot(x, x, of="ocp_e4m3").code)
    up, down = (scale.encode(mpq(2) ** e) for e in (20, -7))
    scaled = B32.exact(one.dot(x, x, of="ocp_e4m3", scales=Scales(scale, [up], [down], 32)).code)
    assert scaled == plain * 2**13
    twice = one.dot(x * 2, x * 2, of="ocp_e4m3", scales=Scales(scale, [up, down], [scale.encode(mpq(1))] * 2, 32))
    assert B32.exact(twice.code) == plain * 2**20  # the block scaled by 2^-7 lies below the bits that are kept, but for what carries
    nan = one.dot(x, x, of="ocp_e4m3", scales=Scales(scale, [scale.nan()], [down], 32))
    assert nan.code == 0x7FFFFFFF


def test_nvfp4_sums_sixteen_products_exactly() -> None:
    """The sum of 16 products times the significands of the scales, its exponent that of the scales alone: 35 fraction bits below the greatest scale."""
    one, f, scale = unit("b200_nvfp4"), parse("e2m1"), parse("ue4m3")
    six, half, zero = f.encode(mpq(6)), f.encode(mpq(1, 2)), f.zero()

    def dot(xs: list[int], ys: list[int], sx: list[mpq], sy: list[mpq], c: int | None = None) -> mpq:
        scales = Scales(scale, [scale.encode(s) for s in sx], [scale.encode(s) for s in sy], 16)
        return mpq(B32.exact(one.dot(xs, ys, c, scales=scales).code))  # type: ignore[arg-type]

    assert dot([six] * 16, [six] * 16, [mpq(1)], [mpq(1)]) == 576
    assert dot([six] * 16, [half] * 16, [mpq(3, 2)], [mpq(13, 8)]) == 48 * mpq(39, 16)
    # E = 8 + 8 for 256 x 256; the second block, 2^-9 x 2^-9 x 1/4, has its last bit at 2^-20 = 2^(16 - 36): cut off; four of it are kept.
    big, small = ([mpq(256), mpq(1, 512)],) * 2
    minus = [f.encode(mpq(-1, 2)), *[zero] * 15]
    ones = [f.encode(mpq(1)), *[zero] * 15]
    for count, kept in ((1, 0), (2, mpq(1, 1 << 19)), (3, mpq(1, 1 << 19)), (4, mpq(1, 1 << 18))):
        tail = [half] * count + [zero] * (16 - count)
        c = B32.encode(mpq(1 << 15))
        assert dot(minus + tail, ones + [half] * 16, big, small, c) == kept, count


def test_cdna2_flushes() -> None:
    """Subnormal operands and results are zeros in CDNA2 and themselves in CDNA1; a flushed result keeps its sign."""
    f = parse("bfloat16")
    least, one = f.encode(mpq(2) ** -133), f.encode(mpq(1))
    assert [unit(name).dot([least], [one]).code for name in ("cdna1_bfloat16", "cdna2_bfloat16")] == [1 << 16, 0]
    x, y = f.encode(-(mpq(2) ** -100)), f.encode(mpq(2) ** -40)
    assert [unit(name).dot([x], [y]).code for name in ("cdna1_bfloat16", "cdna2_bfloat16")] == [0x80000000 + (1 << 9), 0x80000000]
    assert unit("cdna2_bfloat16").dot([f.zero()], [one], 5).code == 0


def test_cdna1_is_a_tree_of_rounded_sums() -> None:
    """((p0 + p1) + (p2 + p3)) + c, each nearest even in binary32: 1 + 2^-24 is lost twice where an exact sum would keep it."""
    one = unit("cdna1")
    x = [B16.encode(mpq(v)) for v in (1, mpq(1, 4096), 1, mpq(1, 4096))]
    y = [B16.encode(mpq(v)) for v in (1, mpq(1, 4096), 1, mpq(1, 4096))]
    assert B32.exact(one.dot(x, y).code) == 2
    assert B32.exact(one.dot(x, y, B32.encode(mpq(-2))).code) == 0
    assert B32.exact(unit("h100").dot(x, y, B32.encode(mpq(-2))).code) == mpq(1, 1 << 23)


def test_cdna3_floors_a_late_addend() -> None:
    """c is floored at 24 bits below the greater exponent: -2^-26 beside 1 counts as -2^-24; FP8 drops it."""
    c = B32.encode(-mpq(1, 1 << 26))
    one = B16.encode(mpq(1))
    assert B32.exact(unit("cdna3").dot([one], [one], c).code) == 1 - mpq(1, 1 << 24)
    eight = parse("e5m2fnuz")
    assert B32.exact(unit("cdna3_fp8").dot([eight.encode(mpq(1))], [eight.encode(mpq(1))], c, of="e5m2fnuz").code) == 1


def test_binary64_is_a_sequence_of_fma() -> None:
    """(1 + 2^-52)^2 - (1 + 2^-51) in sequence leaves 2^-104, in the order that has the product last."""
    f = parse("binary64")
    x, one = f.encode(1 + mpq(1, 1 << 52)), f.encode(mpq(1))
    minus = f.encode(-(1 + mpq(1, 1 << 51)))
    assert f.exact(unit("binary64").dot([minus, x], [one, x]).code) == mpq(1, 1 << 104)
    assert f.exact(unit("binary64").dot([x, minus], [x, one]).code) == 0


def test_every_unit_has_a_model_and_back() -> None:
    """The units and the named models are the same names, their formats exist, and each name is read as that model."""
    assert set(BY_NAME) == set(UNITS)
    for one in ALL:
        assert all(parse(f) for f in (*one.operands, one.to, *one.scales))
        assert parse_model(one.name) == one.model


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: unit("v1000"), "not a matrix unit"),
        (lambda: unit("v100").dot([1], [1, 2]), "no dot product"),
        (lambda: unit("v100").dot([1], [1], of="bfloat16"), "does not multiply bfloat16"),
        (lambda: unit("a100").dot([1], [1], scales=Scales(parse("e8m0"), [1], [1], 32)), "has no block scales"),
        (lambda: unit("b200_mx").dot([1] * 32, [1] * 32, scales=Scales(parse("e8m0"), [1], [1], 16)), "for each 32 elements, not one e8m0 for 16"),
        (lambda: unit("b200_nvfp4").dot([1] * 16, [1] * 16, scales=Scales(parse("e8m0"), [1], [1], 16)), "a scale of ue4m3"),
        (lambda: unit("b200_mx").dot([1] * 40, [1] * 40, scales=Scales(parse("e8m0"), [1], [1], 32)), "have 2 scales, and the first vector 1"),
        (lambda: unit("a100").dot([1], [1], 1 << 40), "not a code of binary32"),
    ],
)
def test_what_a_unit_cannot_do_is_refused(call: object, complaint: str) -> None:
    """Unknown units, formats and scales that a unit has not, codes that are none: a sentence."""
    with pytest.raises(RefmathError, match=complaint):
        call()  # type: ignore[operator]
