"""Fixed point against integer arithmetic written here, and against apytypes in every mode that both have."""

import random
from fractions import Fraction
from math import isqrt

import pytest
from any_format import fixed as any_fixed
from effort import EFFORT, examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats import parse
from formats.arithmetic import operation
from formats.fixed import Fixed, fixed
from formats.growth import difference_format, dot_format, product_format, sum_format
from formats.projection import Projection
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.overflow import Overflow
from refmath.rounding import Rounding

FLOOR_DIVISION = {
    Rounding.TOWARD_NEGATIVE: lambda n, d: n // d,
    Rounding.TOWARD_POSITIVE: lambda n, d: -(-n // d),
    Rounding.TOWARD_ZERO: lambda n, d: n // d if n >= 0 else -(-n // d),
    Rounding.AWAY_FROM_ZERO: lambda n, d: -(-n // d) if n >= 0 else n // d,
    Rounding.NEAREST_POSITIVE: lambda n, d: (2 * n + d) // (2 * d),
    Rounding.NEAREST_NEGATIVE: lambda n, d: -((-2 * n + d) // (2 * d)),
    Rounding.NEAREST_AWAY: lambda n, d: (2 * n + d) // (2 * d) if n >= 0 else -((-2 * n + d) // (2 * d)),
    Rounding.NEAREST_ZERO: lambda n, d: -((-2 * n + d) // (2 * d)) if n >= 0 else (2 * n + d) // (2 * d),
    Rounding.NEAREST_EVEN: lambda n, d: round(Fraction(n, d)),
    Rounding.NEAREST_ODD: lambda n, d: round(Fraction(n, d) + 1) - 1,
    Rounding.TO_ODD: lambda n, d: n // d if n % d == 0 else n // d | 1,
}
"""n / d as an integer, d > 0, in each mode, by floor divisions of integers and Python's own rounding."""


def quantized(n: int, d: int, width: int, signed: bool, mode: Rounding, overflow: Overflow) -> int | None:
    """The code of n / d steps; None where it is an error."""
    q = FLOOR_DIVISION[mode](n, d)
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)
    if not low <= q <= high:
        if overflow is Overflow.ERROR:
            return None
        q = q if overflow is Overflow.WRAP else max(low, min(high, q))
    return q % (1 << width)


@examples(600)
@given(
    any_fixed(),
    st.integers(-(1 << 80), 1 << 80),
    st.integers(1, 1 << 12),
    st.sampled_from(list(FLOOR_DIVISION)),
    st.sampled_from([Overflow.WRAP, Overflow.SATURATE_FINITE, Overflow.ERROR]),
)
def test_projection_is_integer_division(fmt: Fixed, n: int, d: int, mode: Rounding, overflow: Overflow) -> None:
    """n / d becomes the code that floor divisions of integers give, wrapped, saturated or refused, in each of eleven modes."""
    scaled = mpq(n, d) * mpq(2) ** fmt.fraction_bits
    expected = quantized(int(scaled.numerator), int(scaled.denominator), fmt.width, fmt.signed, mode, overflow)
    how = Projection(rounding=mode, overflow=overflow)
    if expected is None:
        with pytest.raises(RefmathError, match="choose another overflow policy"):
            fmt.round(mpq(n, d), how)
    else:
        assert fmt.round(mpq(n, d), how) == expected


@examples(300)
@given(any_fixed(max_width=24), any_fixed(max_width=24), st.data())
def test_sums_and_products_fit_the_grown_format(x: Fixed, y: Fixed, data: st.DataObject) -> None:
    """The grown formats hold every sum, difference and product exactly; the ends of the ranges need all their bits."""
    ends = [(data.draw(st.sampled_from([0, f.codes - 1, f.greatest(), f.codes >> 1]) | st.integers(0, f.codes - 1))) for f in (x, y)]
    a, b = x.exact(ends[0]), y.exact(ends[1])
    for target, exact in ((sum_format(x, y), a + b), (difference_format(x, y), a - b), (product_format(x, y), a * b)):  # type: ignore[operator]
        code, flags = target.project(exact, Projection(overflow=Overflow.ERROR))
        assert flags == Flags.NONE and target.exact(code) == exact


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (sum_format(fixed(8, 8), fixed(8, 8)), "q9.8"),
        (sum_format(fixed(8, 8), fixed(4, 12)), "q9.12"),
        (sum_format(fixed(8, 0, False), fixed(8, 0, False)), "uint9"),
        (sum_format(*[fixed(8, 0)] * 5), "int11"),
        (difference_format(fixed(8, 0, False), fixed(8, 0, False)), "int9"),
        (product_format(fixed(8, 8), fixed(8, 8)), "q16.16"),
        (product_format(fixed(8, 8, symmetric=True), fixed(8, 8)), "q15.16"),
        (product_format(fixed(8, 0), fixed(8, 0, False)), "int16"),
        (product_format(fixed(10, -2), fixed(-2, 8)), "q8.6"),
        (dot_format(fixed(8, 0), fixed(8, 0), 32), "int21"),
    ],
)
def test_growth_of_well_known_formats(made: Fixed, name: str) -> None:
    """One more bit for a sum, the bits of both for a product, log2 of the count for many."""
    assert made.name == name and made == parse(name)


def test_no_narrower_format_holds_the_extreme_results() -> None:
    """With one bit less, the extreme sum or product of all operands of a few small formats would not fit."""
    small = [fixed(w - f, f, s) for w in (1, 2, 3) for f in (-1, 0, 2) for s in (True, False)]
    for x in small:
        for y in small:
            for grow, exact in ((sum_format, lambda a, b: a + b), (product_format, lambda a, b: a * b), (difference_format, lambda a, b: a - b)):
                results = [exact(x.exact(a), y.exact(b)) for a in x for b in y]
                target = grow(x, y)
                low, high = (target.exact(target.limit(side)) for side in (True, False))
                assert low <= min(results) and max(results) <= high  # type: ignore[operator]
                if target.width > 1 + target.signed:
                    less = fixed(target.width - 1 - target.fraction_bits, target.fraction_bits, target.signed)
                    assert min(results) < less.exact(less.limit(True)) or max(results) > less.exact(less.limit())  # type: ignore[operator]


@pytest.mark.parametrize(("x", "y", "to"), [("q8.8", "q4.12", "q8.4"), ("uq3.5", "q8.0", "q10.6"), ("int8", "int8", "int8"), ("q10.-2", "q4.4", "q8.2")])
@pytest.mark.parametrize("mode", [Rounding.TOWARD_ZERO, Rounding.NEAREST_EVEN, Rounding.NEAREST_POSITIVE, Rounding.TOWARD_NEGATIVE])
def test_operations_into_a_stated_format(x: str, y: str, to: str, mode: Rounding) -> None:
    """+ - * / of any two formats into a third are one rounding of the rational result, by integer division."""
    f, g, h = map(parse, (x, y, to))
    assert isinstance(h, Fixed)
    rng = random.Random(f"{x}{y}{to}{mode}")
    how = Projection(rounding=mode, overflow=Overflow.SATURATE_FINITE)
    for name, exact in (("add", lambda a, b: a + b), ("subtract", lambda a, b: a - b), ("multiply", lambda a, b: a * b), ("divide", lambda a, b: a / b)):
        op = operation(name, f, g, to=h, projection=how)
        for _ in range(100 * EFFORT):
            a, b = rng.randrange(f.codes), rng.randrange(g.codes)
            if name == "divide" and not g.exact(b):
                continue
            scaled = exact(f.exact(a), g.exact(b)) * mpq(2) ** h.fraction_bits
            assert op(a, b).code == quantized(int(scaled.numerator), int(scaled.denominator), h.width, h.signed, mode, Overflow.SATURATE_FINITE)


def test_square_roots_into_a_stated_format() -> None:
    """The floor of sqrt(n / 2^f) in steps is an integer square root; nearest is decided by the square of the odd half step."""
    f, h = parse("uq8.8"), parse("uq8.12")
    floor, nearest = (operation("sqrt", f, to=h, projection=Projection(rounding=mode)) for mode in (Rounding.TOWARD_ZERO, Rounding.NEAREST_EVEN))
    for code in range(0, f.codes, 37):
        scaled = f.exact(code) * (1 << 24)  # type: ignore[operator]
        root = isqrt(int(scaled))
        assert floor(code).code == root
        assert nearest(code).code == root + (4 * scaled > (2 * root + 1) ** 2)


@pytest.mark.parametrize("name", ["q8.8", "int8", "uint8", "q10.-2", "q-2.8", "uq0.16", "int1", "uint1", "q1.7(symmetric=yes)"])
def test_ends_and_steps(name: str) -> None:
    """The lowest and greatest values and the step are those of the bits."""
    fmt = parse(name)
    assert isinstance(fmt, Fixed)
    step = mpq(2) ** -fmt.fraction_bits
    half = 1 << (fmt.width - 1)
    low, high = (-half + fmt.symmetric, half - 1) if fmt.signed else (0, 2 * half - 1)
    assert fmt.exact(fmt.limit(True)) == low * step and fmt.exact(fmt.limit()) == high * step and fmt.ulp(0) == step
    if fmt.symmetric:
        assert fmt.exact(half) == -half * step and fmt.round(-half * step, Projection(overflow=Overflow.SATURATE_FINITE)) == half + 1


def test_a_million_bits() -> None:
    """The widest fixed point answers at once."""
    fmt = parse("q1000000.8")
    assert fmt.exact(fmt.limit()) == mpq(2) ** 999_999 - mpq(1, 256)
    assert fmt.round(mpq(1, 3)) == 85


MODES = {
    "TO_NEG": Rounding.TOWARD_NEGATIVE, "TO_POS": Rounding.TOWARD_POSITIVE, "TO_ZERO": Rounding.TOWARD_ZERO, "TO_AWAY": Rounding.AWAY_FROM_ZERO,
    "TIES_EVEN": Rounding.NEAREST_EVEN, "TIES_ODD": Rounding.NEAREST_ODD, "TIES_AWAY": Rounding.NEAREST_AWAY, "TIES_ZERO": Rounding.NEAREST_ZERO,
    "TIES_POS": Rounding.NEAREST_POSITIVE, "TIES_NEG": Rounding.NEAREST_NEGATIVE, "JAM_UNBIASED": Rounding.TO_ODD,
}  # fmt: skip
"""The modes of apytypes that are ours. JAM sets the last bit of exact values too; TRN_MAG is a shortcut; the stochastic ones draw their own bits."""


@pytest.mark.parametrize("theirs", MODES)
@pytest.mark.parametrize(("whole", "fraction"), [(4, 2), (1, 5), (6, -2), (3, 1), (9, 9), (-1, 3)])
def test_apytypes_agrees(theirs: str, whole: int, fraction: int) -> None:
    """Casts of every 10-bit value into narrower and wider formats, wrapped and saturated, have the bits that apytypes gives; it has signed formats only."""
    apytypes = pytest.importorskip("apytypes", reason="apytypes is not installed: pip install apytypes")
    source, target = fixed(6, 4), fixed(whole, fraction)
    quantization = getattr(apytypes.QuantizationMode, theirs)
    for overflow, policy in ((apytypes.OverflowMode.WRAP, Overflow.WRAP), (apytypes.OverflowMode.SAT, Overflow.SATURATE_FINITE)):
        how = Projection(rounding=MODES[theirs], overflow=policy)
        for code in source:
            number = apytypes.APyFixed(code, int_bits=6, frac_bits=4)
            cast = number.cast(int_bits=whole, frac_bits=fraction, quantization=quantization, overflow=overflow)
            assert cast.to_bits() == target.round(source.decode(code), how), (theirs, code)


def test_apytypes_grows_alike() -> None:
    """apytypes gives sums and products of signed formats the same number of bits, and the same bits."""
    apytypes = pytest.importorskip("apytypes", reason="apytypes is not installed: pip install apytypes")
    x, y = fixed(3, 4), fixed(5, 1)
    total, product = sum_format(x, y), product_format(x, y)
    add, multiply = operation("add", x, y, to=total), operation("multiply", x, y, to=product)
    for a in x:
        for b in y:
            p, q = apytypes.APyFixed(a, int_bits=3, frac_bits=4), apytypes.APyFixed(b, int_bits=5, frac_bits=1)
            assert ((p + q).int_bits, (p + q).frac_bits, (p + q).to_bits()) == (total.width - total.fraction_bits, total.fraction_bits, add(a, b).code)
            assert ((p * q).int_bits, (p * q).frac_bits, (p * q).to_bits()) == (
                product.width - product.fraction_bits,
                product.fraction_bits,
                multiply(a, b).code,
            )
