"""Sums, dot products and matrix products of codes, against rationals, MPFR, NumPy's own loops and the quire."""

import random
from fractions import Fraction
from itertools import product

import gmpy2
import numpy as np
import pytest
from gmpy2 import mpq

from formats import Projection, parse
from formats.accumulate import Scales, dot, matmul, reduction, scaled_product, total
from formats.quire import quire
from refmath.accumulation import Sequential
from refmath.datum import Finite
from refmath.errors import RefmathError
from refmath.flags import Flags
from refmath.rounding import Rounding

E2M1, B16, B32, B64 = (parse(name) for name in ("e2m1", "binary16", "binary32", "binary64"))


def fraction(x: object) -> Fraction:
    """An mpq as a Fraction."""
    return Fraction(int(x.numerator), int(x.denominator))  # type: ignore[attr-defined]


def nearest(values: list[Fraction], x: Fraction) -> set[Fraction]:
    """The values nearest to x: one, or two."""
    least = min(abs(v - x) for v in values)
    return {v for v in values if abs(v - x) == least}


def test_every_exact_dot_of_two_pairs_of_e2m1() -> None:
    """All 65,536 dot products of two pairs, exact then rounded into E3M2: the nearest of its values, an even code on ties, the greatest beyond the range."""
    to = parse("e3m2")
    saturating = Projection(overflow=parse("ocp_e4m3").default.overflow)
    values = [fraction(E2M1.exact(code)) for code in E2M1]
    results = {fraction(to.exact(code)): code for code in reversed(list(to))}
    wanted: dict[Fraction, int] = {}
    for a, b, c, d in product(range(16), repeat=4):
        exact = values[a] * values[b] + values[c] * values[d]
        if exact not in wanted:
            near = {results[v] for v in nearest(list(results), exact)}
            wanted[exact] = near.pop() if len(near) == 1 else next(code for code in near if code % 2 == 0)
        got = dot("exact", E2M1, (a, c), (b, d), to, projection=saturating).code
        assert to.exact(got) == to.exact(wanted[exact])


def test_sequential_sums_are_those_of_numpy() -> None:
    """binary32, binary64 and binary16 in sequence, and products first rounded: as NumPy adds scalars one by one; 200 vectors each, subnormal numbers and overflow among them."""
    rng = np.random.default_rng(1)
    for f, kind, words in ((B32, np.float32, np.uint32), (B64, np.float64, np.uint64), (B16, np.float16, np.uint16)):
        for _ in range(200):
            codes = rng.integers(0, f.codes, (2, 7), dtype=words)
            x, y = codes.view(kind)
            with np.errstate(all="ignore"):
                expected, products = x[0], x * y
                multiplied = products[0]
                for k in range(1, 7):
                    expected, multiplied = expected + x[k], multiplied + products[k]
            for got, want in ((total("sequential", f, codes[0]).code, expected), (dot("sequential", f, codes[0], codes[1]).code, multiplied)):
                assert got == int(want.view(words)) or (np.isnan(want) and isinstance(f.decode(got), type(f.decode(f.nan()))))


def test_sequences_of_fma_are_those_of_mpfr() -> None:
    """sequential(fma) in binary64, values and flags, as MPFR's fma does it step by step."""
    rng = random.Random(2)
    with gmpy2.context(precision=53, emin=-1073, emax=1024, subnormalize=True):
        for _ in range(200):
            xs, ys = ([B64.join(rng.random() < 0.5, rng.randrange(0x3C0 << 52, 0x440 << 52)) for _ in range(6)] for _ in range(2))
            x, y = ([gmpy2.mpfr(B64.exact(code)) for code in codes] for codes in (xs, ys))
            gmpy2.get_context().clear_flags()
            value = x[0] * y[0]
            for a, b in zip(x[1:], y[1:], strict=True):
                value = gmpy2.fma(a, b, value)
            got = dot("sequential(fma)", B64, xs, ys)
            assert B64.exact(got.code) == mpq(value)
            assert (Flags.INEXACT in got.flags) == gmpy2.get_context().inexact


def test_the_accumulator_and_the_result_may_differ() -> None:
    """bfloat16 summed in binary32 and delivered in bfloat16: 256 + 1 + 1 is 258 there, and 256 where every partial sum is a bfloat16."""
    f = parse("bfloat16")
    codes = [f.encode(mpq(v)) for v in (256, 1, 1)]
    assert f.exact(total("sequential", f, codes, "binary32", result=f).code) == 258
    assert f.exact(total("sequential", f, codes).code) == 256


def test_products_may_be_rounded_first() -> None:
    """Products in binary32, sums in binary64: (1 + 2^-23)^2 loses its last part before it is added."""
    x, one = B32.encode(1 + mpq(1, 1 << 23)), B32.encode(mpq(1))
    minus = B32.encode(-(1 + mpq(1, 1 << 22)))
    for rounded, left in ((None, mpq(1, 1 << 46)), ("binary32", 0)):
        assert B32.exact(dot("sequential", B32, [x, minus], [x, one], "binary64", result=B32, rounded=rounded).code) == left


def test_mixed_operands() -> None:
    """E4M3 times E5M2 summed exactly into binary16."""
    a, b = parse("ocp_e4m3"), parse("ocp_e5m2")
    got = dot("exact", (a, b), [a.encode(mpq(13, 8)), a.encode(mpq(-3))], [b.encode(mpq(5)), b.encode(mpq(1, 4))], B16)
    assert (B16.exact(got.code), got.flags) == (mpq(59, 8), Flags.NONE)


def test_rounding_modes_and_flags() -> None:
    """A directed sum is rounded that way at every step; the flags of all steps are gathered."""
    f = parse("e5m2")
    codes = [f.encode(mpq(v)) for v in (8, 1, 1)]
    for mode, expected in ((Rounding.TOWARD_POSITIVE, 12), (Rounding.TOWARD_NEGATIVE, 8), (Rounding.NEAREST_EVEN, 8)):
        got = total("sequential", f, codes, projection=Projection(rounding=mode))
        assert (f.exact(got.code), got.flags) == (expected, Flags.INEXACT)
    big = f.limit()
    assert total("sequential", f, [big, big, f.join(True, big)]) == (f.infinity(), Flags.OVERFLOW | Flags.INEXACT)
    assert total("exact", f, [big, big, f.join(True, big)]) == (big, Flags.NONE)
    assert dot("sequential(fma)", f, [f.infinity(), f.zero()], [f.encode(mpq(1)), f.infinity()]).flags == Flags.INVALID


def test_stochastic_rounding_draws_at_every_step() -> None:
    """With a source of random bits each of many additions of half a step rounds anew: the mean of the sum is near the exact one, and the same seed gives the same sum."""
    f = parse("e5m2")
    codes = [f.encode(mpq(4))] + [f.encode(mpq(1, 2))] * 8
    how = Projection(rounding=Rounding.STOCHASTIC_A, bits=8)
    sums = [f.exact(total("sequential", f, codes, projection=how, random=random.Random(seed)).code) for seed in range(60)]
    assert sums == [f.exact(total("sequential", f, codes, projection=how, random=random.Random(seed)).code) for seed in range(60)]
    assert len(set(sums)) > 1
    assert 7 < sum(sums) / 60 < 9  # type: ignore[arg-type,operator]


def test_posits_with_and_without_a_quire() -> None:
    """posit(8, 0): 2 x 10 + 2 x 10 + 2 x 10 + 2 x 2 is 32 with every operation rounded and 64 from the quire."""
    f = parse("posit8(es=0)")
    xs, ys = [f.encode(mpq(2))] * 4, [f.round(mpq(v)) for v in (10, 10, 10, 2)]
    assert [f.exact(dot(model, f, xs, ys).code) for model in ("sequential", "quire")] == [32, 64]


def test_the_quire_model_is_the_quire() -> None:
    """On random posits, NaR among them, the model gives the posit of the word that the quire of formats.quire holds."""
    rng = random.Random(3)
    for name in ("posit8", "posit16", "posit8(es=0)"):
        f = parse(name)
        accumulator = quire(f)  # type: ignore[arg-type]
        for i in range(100):
            xs, ys = ([rng.randrange(f.codes) for _ in range(5)] for _ in range(2))
            if i % 10 == 0:
                xs[2] = f.nan()
            assert dot("quire", f, xs, ys).code == accumulator.to_posit(accumulator.dot(xs, ys))


def test_a_quire_that_overflows_is_not_a_real() -> None:
    """Twelve bits with four of fraction hold less than 128: 100 + 100 - 100 is NaR in a posit and NaN in binary16, whatever follows; wide enough, it is 100."""
    for f, undefined in ((parse("posit16"), parse("posit16").nan()), (B16, B16.nan())):
        codes = [f.encode(mpq(v)) for v in (100, 100, -100)]
        assert total("quire(bits=12, fraction=4)", f, codes).code == undefined
        assert f.exact(total("quire(bits=13, fraction=4)", f, codes).code) == 100


def test_matrix_products_are_dot_products() -> None:
    """Each element of a 3 x 5 by 5 x 2 product with c is the dot product of its row and column; flags are those of all."""
    rng = random.Random(4)
    a = [[B16.join(rng.random() < 0.5, rng.randrange(0x3000, 0x4800)) for _ in range(5)] for _ in range(3)]
    b = [[B16.join(rng.random() < 0.5, rng.randrange(0x3000, 0x4800)) for _ in range(2)] for _ in range(5)]
    c = [[B32.encode(mpq(i - j)) for j in range(2)] for i in range(3)]
    for model in ("a100", "sequential(fma)", "exact"):
        codes, flags = matmul(model, B16, a, b, B32, c)
        sums = [[dot(model, B16, row, [line[j] for line in b], B32, c[i][j]) for j in range(2)] for i, row in enumerate(a)]
        assert codes == [[one.code for one in row] for row in sums]
        assert flags == max(one.flags for row in sums for one in row)


def test_arrays_are_vectors() -> None:
    """NumPy arrays of codes serve as well as lists, rows of a matrix too."""
    codes = np.array([B16.encode(mpq(v)) for v in (1, 2, 3)], dtype=np.uint16)
    assert total("pairwise", B16, codes).code == B16.encode(mpq(6))
    assert matmul(Sequential(), B16, codes.reshape(1, 3), codes.reshape(3, 1))[0] == [[B16.encode(mpq(14))]]


def test_sums_of_irrational_values() -> None:
    """Logarithmic takums can be summed exactly; aligned they cannot be, and the error says so."""
    f = parse("takum_log16")
    codes = [f.encode(f.decode(0x5001)), f.encode(f.decode(0x4F23))]
    got = total("exact", f, codes, "binary64")
    x = B64.decode(got.code)
    assert isinstance(x, Finite) and Flags.INEXACT in got.flags
    with pytest.raises(RefmathError, match="irrational"):
        total("a100", f, codes, "binary32")


def test_reductions_round_once() -> None:
    """Clause 9.4 in binary16: a sum of 4096 ones and a half beyond its integers, a dot product without intermediate overflow, a scaled product far out of range."""
    one, big = B16.encode(mpq(1)), B16.limit()
    assert B16.exact(reduction("sum", B16, [one] * 4097).code) == 4096
    assert reduction("dot", B16, [big, big], [big, B16.join(True, big)]) == (0, Flags.NONE)
    assert reduction("sumSquare", B16, [big]) == (B16.infinity(), Flags.OVERFLOW | Flags.INEXACT)
    assert B32.exact(reduction("sumAbs", B16, [big, B16.join(True, big)], to="binary32").code) == 2 * 65504
    assert reduction("sum", B16, []) == (0, Flags.NONE)
    found = scaled_product("scaledProd", B16, [big] * 1000)
    exact = mpq(65504) ** 1000
    assert abs(mpq(B16.exact(found.code)) * mpq(2) ** found.sf / exact - 1) < mpq(1, 2048)  # type: ignore[arg-type]
    assert found.flags == Flags.INEXACT
    assert scaled_product("scaledProdDiff", B16, [one], [one]) == (0, 0, Flags.NONE)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: dot("exact", B16, [1], [1, 2]), "1 elements and one of 2 have no dot product"),
        (lambda: dot("exact", ("binary16",), [1], [1]), "two operand formats, not 1"),
        (lambda: dot("exact", "binry16", [1], [1]), "not a known format"),
        (lambda: total("exact", B16, [1 << 16]), "is not a code of binary16"),
        (lambda: total("exact", B16, [1], c=1 << 16), "is not a code of binary16"),
        (lambda: total("kahan", B16, [1]), "not a model of accumulation"),
        (lambda: total("quire", B16, [1]), "binary16 has no quire"),
        (lambda: total("quire(bits=20, fraction=2)", B16, [1]), "no multiple of 2\\^-2"),
        (lambda: total("tree((0 1))", B16, [1]), "of 2 terms and was given 1"),
        (lambda: dot("exact", B16, [1], [1], scales=Scales(B16, [1], [1], 0)), "A block of 0 elements"),
        (lambda: dot("exact", B16, [1] * 3, [1] * 3, scales=Scales(B16, [1], [1, 1], 2)), "3 elements in blocks of 2 have 2 scales, and the first vector 1"),
        (lambda: matmul("exact", B16, [], [[1]]), "has no rows"),
        (lambda: matmul("exact", B16, [[1, 2], [3]], [[1], [2]]), "rows of 1 and 2 elements"),
        (lambda: matmul("exact", B16, [[1, 2]], [[1]]), "1 x 2 and one of 1 x 1 have no product"),
        (lambda: matmul("exact", B16, [[1]], [[1]], c=[[1, 2]]), "c is 1 x 2 and the product 1 x 1"),
        (lambda: reduction("max", B16, [1]), "not a reduction"),
        (lambda: reduction("scaledProd", B16, [1]), "not a reduction of this kind"),
        (lambda: reduction("dot", B16, [1]), "dot takes 2 vectors, not 1"),
        (lambda: reduction("dot", B16, [1], [1, 2]), "1 and 2 elements"),
    ],
)
def test_bad_input_is_a_sentence(call: object, complaint: str) -> None:
    """Every one of these is refused, with the offence and the remedy."""
    with pytest.raises(RefmathError, match=complaint):
        call()  # type: ignore[operator]
