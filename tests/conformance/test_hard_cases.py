"""Hard cases are as near to a rounding boundary as operands get: against brute force, integer arithmetic and MPFR."""

from collections import Counter
from fractions import Fraction
from itertools import product

import gmpy2
import pytest
from full import FULL
from plans import cases, coverage, log2, number

from conformance.cases.hard_models import square_roots
from conformance.cases.plan import applicable
from formats.arithmetic import operation
from formats.floats import Float
from formats.notation import parse


def binary(name: str) -> Float:
    """A float by its name."""
    f = parse(name)
    assert isinstance(f, Float)
    return f


def boundary_distance(f: Float, x: Fraction) -> tuple[Fraction, bool]:
    """How far |x| is from the nearest multiple of half an ulp, in ulps, and whether that is a middle."""
    unit = Fraction(2) ** (max(log2(x), 1 - f.bias) - f.trailing)
    halves = 2 * abs(x) / unit
    nearest = round(halves)
    return (halves - nearest) / 2, bool(nearest & 1)


def test_square_roots_modulo_powers_of_two() -> None:
    """Hensel lifting finds all square roots, by brute force."""
    for bits in range(1, 9):
        for a in range(1, 1 << bits, 2):
            assert square_roots(a, bits) == [n for n in range(1 << bits) if n * n % (1 << bits) == a]
    assert all(n * n % 2**70 == 17 for n in square_roots(17, 70)) and len(square_roots(17, 70)) == 4


@pytest.mark.parametrize("source", ["binary32", "binary64", "bfloat16", "binary128"])
def test_products_are_a_unit_from_the_boundary(source: str) -> None:
    """Products lie 1 to 4 units of their last bit from a middle or a number, on both sides."""
    p, f = coverage("hard", "multiply", source, budget=160), binary(source)
    assert (len(p.tasks), p.unreached) == (16, ())
    for codes, task in cases(p):
        distance, middle = boundary_distance(f, number(f, codes[0]) * number(f, codes[1]))
        assert 0 < abs(distance) <= Fraction(8, 2**f.precision)
        assert p.tasks[task].startswith("half way" if middle else "a number")
        assert ("+" in p.tasks[task]) == (distance > 0)


@pytest.mark.parametrize("source", ["binary32", "binary64", "binary128"])
def test_quotients_have_the_least_remainders(source: str) -> None:
    """Remainders 1 to 4 of both signs; those of the other parity are impossible."""
    p, f = coverage("hard", "divide", source, budget=80), binary(source)
    assert (len(p.tasks), len(p.impossible), p.unreached) == (8, 8, ())
    for codes, task in cases(p):
        distance, middle = boundary_distance(f, number(f, codes[0]) / number(f, codes[1]))
        assert 0 < abs(distance) <= Fraction(8, 2**f.precision)
        assert p.tasks[task].startswith("half way" if middle else "a number")


@pytest.mark.parametrize("source", ["binary32", "binary64"])
def test_roots_have_the_least_remainders(source: str) -> None:
    """X 2^s = n^2 + R with |R| <= 40: the root is R / (2 n) from a number of p + 1 bits."""
    p, f = coverage("hard", "sqrt", source, budget=100), binary(source)
    assert p.unreached == () and len(p.tasks) >= 10
    for (code,), task in cases(p):
        x = number(f, code)
        e = log2(x) // 2
        scaled = x * Fraction(4) ** (f.precision - e)
        n = gmpy2.isqrt(int(scaled))
        n += scaled - n * n > n
        assert scaled.denominator == 1 and scaled - n * n == int(p.tasks[task].split()[2])
        assert p.tasks[task].startswith("half way" if n & 1 else "a number")


def test_no_product_and_quotient_is_nearer() -> None:
    """Of a small float the tasks with the least remainders hold exactly the operands that brute force finds nearest."""
    f = binary("ieee_e4m3")
    for name, work in (("multiply", lambda x, y: x * y), ("divide", lambda x, y: x / y)):
        p = coverage("hard", name, "ieee_e4m3", budget=10**6)
        found = {codes for codes, task in cases(p) if "+1 unit" in p.tasks[task] or "-1 unit" in p.tasks[task]}
        normal = [code for code in range(256) if (d := f.magnitude(code)) is not None and d[1] >= 8]
        nearest: dict[tuple[int, int], Fraction] = {}
        for x, y in product(normal, repeat=2):
            exact = work(number(f, x), number(f, y))
            if 2**-6 <= abs(exact) < 240 and boundary_distance(f, exact)[0]:
                nearest[x, y] = abs(boundary_distance(f, exact)[0])
        least = min(nearest.values())
        assert {codes for codes, distance in nearest.items() if distance == least} <= found


@pytest.mark.parametrize("source", ["bfloat16", "binary32", "binary64"])
def test_fused_cases_tell_one_rounding_from_two(source: str) -> None:
    """Every case of the first task differs when the product is rounded first, and the last one cancels to zero then."""
    p, f = coverage("hard", "fma", source, budget=210), parse(source)
    multiply, add, fma = (operation(name, f) for name in ("multiply", "add", "fma"))
    seen = Counter()
    for (x, y, z), task in cases(p):
        apart = add(multiply(x, y).code, z).code
        seen[p.tasks[task]] += 1
        if "two roundings" in p.tasks[task]:
            assert apart != fma(x, y, z).code
        if "cancels" in p.tasks[task]:
            assert apart in (0, 1 << (f.width - 1)) and fma(x, y, z).code not in (0, 1 << (f.width - 1))
    assert len(seen) == 7


ARGUMENTS = [("exp", "binary32"), ("sin", "binary32"), ("log2", "binary32"), *([("tanh", "bfloat16"), ("exp", "binary16")] if FULL else [])]
"""Functions and formats: those of 16 bits rank all 65,536 arguments."""


@pytest.mark.parametrize(("name", "source"), ARGUMENTS)
def test_hard_arguments_are_as_hard_as_they_say(name: str, source: str) -> None:
    """Distances of function results from the boundaries, by MPFR with 400 bits."""
    p, f = coverage("hard", name, source, budget=150), binary(source)
    hardest = 0
    with gmpy2.context(precision=400, emin=-(10**6), emax=10**6):
        for (code,), task in cases(p):
            x = gmpy2.mpfr(gmpy2.mpq(number(f, code)))
            y = gmpy2.mpq(getattr(gmpy2, name)(x))
            distance, middle = boundary_distance(f, Fraction(int(y.numerator), int(y.denominator)))
            size = p.tasks[task].partition(" ulp")[0]
            k = int(size.split()[0][3:]) if size.startswith("2") else 10**6
            assert abs(distance) <= Fraction(2) ** -int(size.rsplit("-", 1)[1])
            assert k == 10**6 or abs(distance) >= Fraction(1, 2**k) * (1 - Fraction(1, 2**20))
            assert ("above" in p.tasks[task]) == (distance > 0)
            assert ("half way" in p.tasks[task]) == middle
            if middle and k < 10**6:
                hardest = max(hardest, k)
    assert hardest >= 18


def test_the_hardest_of_small_formats_are_all_known() -> None:
    """All 256 arguments of exp on an 8-bit float are ranked; none is nearer to a middle than the last task with cases."""
    p, f = coverage("hard", "exp", "ocp_e5m2", budget=10**6), binary("ocp_e5m2")
    assert all(why == "all 256 operands were tried" for _, why in p.impossible)
    found = {codes for codes, _ in cases(p)}
    with gmpy2.context(precision=300):
        for code in range(256):
            if f.magnitude(code) is None or not 0 < abs(number(f, code)) < 8:
                continue
            y = gmpy2.mpq(gmpy2.exp(gmpy2.mpfr(gmpy2.mpq(number(f, code)))))
            distance, _ = boundary_distance(f, Fraction(int(y.numerator), int(y.denominator)))
            if abs(distance) < Fraction(1, 64):
                assert (code,) in found


def test_where_there_is_nothing_hard() -> None:
    """Sums, and functions of two wide operands, say where their hard cases are."""
    f = parse("binary32")
    assert "B7 and B8" in (dict(applicable("add", (f, f), f))["hard"] or "")
    assert "at most 16 bits together" in (dict(applicable("pow", (f, f), f))["hard"] or "")
