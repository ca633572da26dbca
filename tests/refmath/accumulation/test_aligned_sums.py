"""Aligned groups against the formula, written with rationals and floors; what each parameter changes."""

import random
from dataclasses import replace
from fractions import Fraction
from math import floor, trunc

import pytest
from gmpy2 import mpq
from plain_sums import floor_log2, operand, value

from refmath.accumulation import Accumulator, Aligned, Model, NaNResult, Term, When, multiplied, parse_model, single
from refmath.datum import Datum, Finite, Infinity, NaN, finite
from refmath.errors import RefmathError
from refmath.rounding import Rounding

EMIN = -14
"""The least exponent of the operands of these tests."""


def exact_accumulator() -> Accumulator:
    """A format that has every number, so that only the model rounds; c and partial sums have exponents from -126 up, as binary32 has."""
    return Accumulator(lambda x, mode: (x, 0), -126)


def exponent(x: Fraction, emin: int) -> int:
    """e of the formula: max(floor(log2 |x|), emin)."""
    return max(floor_log2(x), emin)


def by_formula(
    xs: list[Fraction], ys: list[Fraction], c: Fraction, f: int, cut: type[int] | object = trunc, zero: int = -126, least: int = -(10**6)
) -> Fraction:
    """The aligned sum of one group, c included: each significand times 2^(F + e - E) cut to an integer, then 2^(E - F) times their sum."""
    terms = [(x / Fraction(2) ** exponent(x, EMIN) * y / Fraction(2) ** exponent(y, EMIN), exponent(x, EMIN) + exponent(y, EMIN)) if x * y else (Fraction(0), zero)
             for x, y in zip(xs, ys, strict=True)]  # fmt: skip
    terms.append((c / Fraction(2) ** exponent(c, -126), exponent(c, -126)) if c else (Fraction(0), zero))
    greatest = max(least, *(e for _, e in terms))
    return sum(cut(s * Fraction(2) ** (f + e - greatest)) for s, e in terms) * Fraction(2) ** (greatest - f)  # type: ignore[operator]


def truncated(x: Fraction, bits: int) -> Fraction:
    """x cut to so many fraction bits, not below the quantum of 2^-126."""
    if not x:
        return x
    step = Fraction(2) ** (max(floor_log2(x), -126) - bits)
    return trunc(x / step) * step


def numbers(rng: random.Random, n: int, subnormal: bool) -> list[Fraction]:
    """Numbers of 11 bits, some of them zero or below 2^EMIN."""
    low = EMIN - 8 if subnormal else -6
    return [Fraction(rng.randint(-2047, 2047), 1024) * Fraction(2) ** rng.randint(low, 6) * (rng.random() > 0.1) for _ in range(n)]


def model_terms(xs: list[Fraction], ys: list[Fraction]) -> list[Term]:
    """The products of operands whose least exponent is EMIN."""
    return [multiplied(operand(x, EMIN), operand(y, EMIN)) for x, y in zip(xs, ys, strict=True)]


def run(model: Model, xs: list[Fraction], ys: list[Fraction], c: Fraction | None) -> Fraction:
    """What the model gives."""
    addend = None if c is None else single(operand(c, -126))
    return value(model.accumulate(model_terms(xs, ys), addend, exact_accumulator()))


@pytest.mark.parametrize("fraction", [0, 5, 13, 23, 25])
@pytest.mark.parametrize("keep", [Rounding.TOWARD_ZERO, Rounding.TOWARD_NEGATIVE])
def test_one_group_is_the_formula(fraction: int, keep: Rounding) -> None:
    """T(terms; F) truncated to 23 fraction bits, with truncated and with floored terms, on random operands, subnormal and zero ones among them."""
    rng = random.Random(fraction)
    model = Aligned(fraction=fraction, keep=keep)
    for i in range(120):
        xs, ys = numbers(rng, 5, i % 2 == 0), numbers(rng, 5, i % 3 == 0)
        c = numbers(rng, 1, False)[0]
        expected = truncated(by_formula(xs, ys, c, fraction, trunc if keep is Rounding.TOWARD_ZERO else floor), 23)
        assert run(model, xs, ys, c) == expected


def test_groups_are_a_chain() -> None:
    """Each group has the rounded sum of those before as its c; the last one may be short."""
    rng = random.Random(3)
    model = Aligned(group=4, fraction=9, final_fraction=7)
    for _ in range(100):
        xs, ys, total = numbers(rng, 10, False), numbers(rng, 10, False), numbers(rng, 1, False)[0]
        c = total
        for at in (0, 4, 8):
            total = truncated(by_formula(xs[at : at + 4], ys[at : at + 4], total, 9), 7)
        assert run(model, xs, ys, c) == total


def test_a_late_addend_is_floored_beside_the_sum_of_the_products() -> None:
    """c=late: the products are summed alone; then they at 31 bits and c at 24 are floored at the greater exponent. Nothing else is rounded here."""
    rng = random.Random(4)
    model = Aligned(fraction=24, final_fraction=200, c=When.LATE)
    changed = 0
    for _ in range(150):
        xs, ys = numbers(rng, 4, False), numbers(rng, 4, False)
        c = Fraction(rng.randint(-(1 << 24), 1 << 24), 1 << rng.randint(0, 60)) or Fraction(1)
        products = [e for x, y in zip(xs, ys, strict=True) for e in ([exponent(x, EMIN) + exponent(y, EMIN)] if x * y else [-126])]
        e, e_c = max(products), exponent(c, -126)
        s = by_formula(xs, ys, Fraction(0), 24)
        greatest = max(e, e_c)
        expected = floor(s * Fraction(2) ** (31 - greatest)) * Fraction(2) ** (greatest - 31)
        expected += floor(c * Fraction(2) ** (24 - greatest)) * Fraction(2) ** (greatest - 24)
        assert run(model, xs, ys, c) == expected
        changed += expected != s + c
    assert changed > 50


def test_interleaved_parts_are_aligned_apart() -> None:
    """Even and odd products have an alignment each; both are then floored at F bits of the greater exponent."""
    rng = random.Random(5)
    model = Aligned(fraction=12, final_fraction=200, c=When.LATE, interleave=2, sum_fraction=31)
    for _ in range(100):
        xs, ys = numbers(rng, 8, False), numbers(rng, 8, False)
        if not all(x * y for x, y in zip(xs, ys, strict=True)):
            continue
        parts = []
        for start in (0, 1):
            e = max(exponent(x, EMIN) + exponent(y, EMIN) for x, y in zip(xs[start::2], ys[start::2], strict=True))
            parts.append((by_formula(xs[start::2], ys[start::2], Fraction(0), 12), e))
        greatest = max(e for _, e in parts)
        expected = sum(floor(s * Fraction(2) ** (12 - greatest)) for s, _ in parts) * Fraction(2) ** (greatest - 12)
        assert run(model, xs, ys, None) == expected


def test_a_late_addend_out_of_range_is_dropped() -> None:
    """c_range=25: floored, a tiny negative c is -2^(E - 24); dropped, it is nothing."""
    floored, dropped = Aligned(c=When.LATE, final_fraction=200), Aligned(c=When.LATE, final_fraction=200, c_range=25)
    one, least = [Fraction(1)], -Fraction(1, 1 << 26)
    assert run(floored, one, one, least) == 1 - Fraction(1, 1 << 24)
    assert run(dropped, one, one, least) == 1
    assert run(dropped, one, one, 2 * least) == 1 - Fraction(1, 1 << 24)


def test_the_exponent_of_zero_terms() -> None:
    """A zero beside products below 2^-126: zero=-126 holds E up to it, so that the product loses the bits below 2^(-126 - F); zero=none leaves it whole."""
    tiny = [multiplied(operand(Fraction(2) ** -100, EMIN - 200), operand(Fraction(2) ** -52 * Fraction(3, 2), EMIN - 200))]
    nothing = model_terms([Fraction(0)], [Fraction(1)])
    model = Aligned(fraction=25, final_fraction=200, final_emin=-400)
    whole = Fraction(3, 2) * Fraction(2) ** -152
    for zero, least, terms, expected in (
        (-126, None, tiny, whole),
        (-126, None, tiny + nothing, Fraction(0)),
        (None, None, tiny + nothing, whole),
        (-127, None, tiny + nothing, Fraction(2) ** -152),
        (None, -127, tiny, Fraction(2) ** -152),
        (None, -133, tiny, whole),
        (None, -126, tiny, Fraction(0)),
    ):
        got = replace(model, zero=zero, least=least).accumulate(terms, None, exact_accumulator())
        assert value(got) == expected, (zero, least)


def test_products_beyond_a_limit_are_infinite() -> None:
    """limit=128: a product of 2^128 is infinite, one just below is not; two of unlike sign give NaN."""
    model = Aligned(limit=128, final=Rounding.NEAREST_EVEN, final_fraction=None, nan=NaNResult.CANONICAL)
    big, less = (multiplied(operand(Fraction(2) ** 64), operand(x)) for x in (Fraction(2) ** 64, Fraction(2) ** 64 - 1))
    minus = multiplied(operand(-(Fraction(2) ** 64)), operand(Fraction(2) ** 64))
    assert model.accumulate([big], None, exact_accumulator()) == Infinity(False)
    assert isinstance(model.accumulate([less], None, exact_accumulator()), Finite)
    assert model.accumulate([big, minus], None, exact_accumulator()) == NaN()
    assert isinstance(replace(model, limit=None).accumulate([big, minus], None, exact_accumulator()), Finite)


def test_exact_presums_are_aligned_by_their_scales() -> None:
    """presum=2: two products are summed exactly, whatever their exponents, and cut by the exponent of their scales alone."""
    model = Aligned(fraction=3, presum=2, final_fraction=200)
    scale_x, scale_y = operand(Fraction(3, 2) * 4), operand(Fraction(1, 8))  # 2^2 and 2^-3
    pairs = [(Fraction(7), Fraction(3)), (Fraction(-5), Fraction(1, 2)), (Fraction(1, 4), Fraction(1)), (Fraction(1, 2), Fraction(1, 4))]
    terms = [multiplied(operand(x), operand(y), (scale_x, scale_y)) for x, y in pairs]
    step = Fraction(2) ** (2 - 3 - 3)
    expected = sum(trunc(s * Fraction(3, 2) * 4 / 8 / step) for s in (Fraction(7) * 3 - Fraction(5, 2), Fraction(1, 4) + Fraction(1, 8))) * step
    assert value(model.accumulate(terms, None, exact_accumulator())) == expected
    terms[1] = multiplied(operand(Fraction(1)), operand(Fraction(1)), (scale_x, scale_x))
    with pytest.raises(RefmathError, match="their scales differ"):
        model.accumulate(terms, None, exact_accumulator())


def test_the_sign_of_a_sum_of_zero_is_plus() -> None:
    """Cut to nothing, or cancelled, or of negative zeros: +0."""
    model = parse_model("a100")
    for xs, ys in (([Fraction(1), Fraction(-1)], [Fraction(1)] * 2), ([Fraction(0)], [Fraction(-1)])):
        got = model.accumulate(model_terms(xs, ys), None, exact_accumulator())
        assert got == finite(mpq(0))


def test_nan_results() -> None:
    """nan=ones has a payload of all ones in any width; nan=canonical is the format's own."""
    invalid: list[Datum] = [Infinity(False), Infinity(True)]
    terms = [Term(x, 0) for x in invalid]
    assert parse_model("a100").accumulate(terms, None, exact_accumulator()) == NaN(False, False, (1 << 64) - 1, 64)
    assert parse_model("cdna3").accumulate(terms, None, exact_accumulator()) == NaN()
