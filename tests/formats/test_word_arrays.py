"""The kernels for posits and takums are held to the reference: values and flags, every mode; and to SoftPosit."""

import random
from dataclasses import replace

import numpy as np
import pytest
from full import count

from formats.arithmetic import operation
from formats.arrays import engine_for_operation, operate
from formats.family import Format
from formats.notation import parse
from formats.posit import posit
from formats.projection import AbsentNaN, Projection
from formats.word_arrays import ARITHMETIC, values
from formats.word_order import FUNCTIONS, RELATIONS
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals

MODES = list(Rounding)
BINARY = ("add", "subtract", "multiply", "divide")
ORDER = (
    *(f"compare_{kind}_{name}" for kind in ("quiet", "signaling") for name in RELATIONS if kind == "quiet" or "ordered" not in (name, name[2:])),
    *FUNCTIONS,
)
SIZE = count(60, 4000)
"""Operands of each kernel and mode; the heavy run has 4,000."""


def arity(name: str) -> int:
    """How many operands an operation has."""
    return operation(name, posit(8)).op.arity


def projection(mode: Rounding, bits: int = 4, overflow: Overflow = Overflow.POSIT) -> Projection:
    """A mode, with random bits where it needs them."""
    return Projection(rounding=mode, bits=bits if mode.stochastic else 0, overflow=overflow)


def landmarks(f: Format) -> list[int]:
    """Words at the ends of the range, around 1 and where the regime grows, of both signs."""
    near = [0, 1, 2, 3, f.greatest(), f.greatest() - 1, *(1 << k for k in range(f.width - 1)), *((1 << k) - 1 for k in range(1, f.width - 1))]
    return sorted({word % f.codes for n in near for word in (n, -n, n + 1)})


def some(f: Format, size: int, rng: random.Random) -> np.ndarray:
    """Codes: landmarks, their neighbours, and random ones."""
    special = landmarks(f)
    kind = np.uint8 if f.width <= 8 else np.uint16 if f.width <= 16 else np.uint32
    return np.array([rng.choice(special) if rng.random() < 0.3 else rng.getrandbits(f.width) for _ in range(size)], kind)


def check(name: str, formats: tuple[Format, ...], operands: tuple[np.ndarray, ...], to: Format | None, how: Projection, seed: int = 0) -> None:
    """The array engine gives, for all operands, what the reference gives."""
    draws = np.random.default_rng(seed).integers(0, 1 << (how.bits or 1), len(operands[0]), np.uint64)
    got, flags = operate(name, formats, operands, to, how, random=draws, engine="array")
    bound = operation(name, *formats, to=to, projection=how)
    for i, row in enumerate(zip(*(codes.tolist() for codes in operands), draws.tolist(), strict=True)):
        expected = bound(*row[:-1], random=row[-1])
        assert (got[i], flags[i]) == (expected.code, expected.flags), (name, formats, to, how, [hex(code) for code in row])


def all_pairs(f: Format) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of codes."""
    grid = np.meshgrid(*[np.arange(f.codes, dtype=np.uint8 if f.width <= 8 else np.uint16)] * 2)
    return grid[0].reshape(-1), grid[1].reshape(-1)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", ["posit8", "posit8(es=0)", "takum8"] if SIZE > 1000 else ["posit5", "posit6(es=0)", "takum6"])
def test_all_pairs_of_small_words(name: str, mode: Rounding) -> None:
    """+ - * / of all pairs: of posit8, posit8(es=0) and takum8 in the heavy run, else of shorter words."""
    f = parse(name)
    for op in BINARY:
        check(op, (f,), all_pairs(f), f, projection(mode))


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_fma_of_all_triples(mode: Rounding) -> None:
    """x y + z of all triples of 4-bit posits and takums."""
    for name in ("posit4", "posit4(es=0)", "takum4")[: count(2, 3)]:
        f = parse(name)
        grid = tuple(side.reshape(-1) for side in np.meshgrid(*[np.arange(16, dtype=np.uint8)] * 3))
        check("fma", (f,), grid, f, projection(mode))


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    "name", ["posit16", "posit16(es=1)", "posit11(es=5)", "posit32", "posit32(es=0)", "posit27(es=3)", "posit3", "takum16", "takum32", "takum2"]
)
def test_boundary_and_random_words(name: str, mode: Rounding) -> None:
    """Every arithmetic operation on landmarks and random words: of one format, and of mixed ones."""
    f, rng = parse(name), random.Random(name + mode.value)
    for op in ("fma", *BINARY, "sqrt", "convert", "round_to_integral", "round_to_integral_nearest_away"):
        others = [f, f, f] if rng.random() < 0.5 else [f, *(parse(rng.choice(["posit16", "takum32", "posit32(es=1)", "posit8"])) for _ in range(2))]
        formats = tuple(others[: arity(op)])
        check(op, formats, tuple(some(g, SIZE, rng) for g in formats), f, projection(mode, rng.choice([1, 5, 28])))


@pytest.mark.parametrize("policy", [policy for policy in Overflow if policy not in (Overflow.WRAP, Overflow.ERROR)])
def test_overflow_policies(policy: Overflow) -> None:
    """What lies out of range, in every policy that has a kernel."""
    rng = random.Random(policy.value)
    for name in ("posit7", "posit16(es=0)", "takum9", "posit20"):
        f = parse(name)
        for mode in (Rounding.NEAREST_EVEN, Rounding.TOWARD_POSITIVE, Rounding.TOWARD_ZERO, Rounding.STOCHASTIC_B):
            for op in ("multiply", "divide"):
                check(op, (f,), (some(f, SIZE, rng), some(f, SIZE, rng)), f, projection(mode, 4, policy))


@pytest.mark.parametrize("to", ["posit16", "posit9(es=0)"])
def test_short_operands_of_other_families(to: str) -> None:
    """Fixed point, floats without infinities, codebooks and takums meet in a posit."""
    rng, target = random.Random(to), parse(to)
    for names in (("q4.4", "posit16"), ("ocp_e4m3", "takum16"), ("codebook(3, -1, 0, 1/2)", "posit8"), ("int8", "e2m1"), ("bfloat16", "posit8")):
        formats = tuple(map(parse, names))
        for op in BINARY:
            how = replace(projection(rng.choice([m for m in MODES if not m.stochastic])), operands=rng.choice(list(Subnormals)))
            if names[0] == "bfloat16":
                assert engine_for_operation(op, formats, target, how)[0] == "reference"
                continue
            check(op, formats, tuple(np.minimum(some(f, SIZE, rng), f.codes - 1) for f in formats), target, how)
            assert engine_for_operation("round_to_integral", formats[0], target, how)[0] != "array"  # what decodes words alone takes no others


@pytest.mark.parametrize("other", ["binary16", "bfloat16", "ocp_e4m3", "binary32", "binary64", "int8", "int32", "uint16", "q8.8", "e8m0"])
def test_conversions_from_and_to_floats_and_fixed_point(other: str) -> None:
    """Both ways between words and other families, every mode."""
    g, rng = parse(other), random.Random(other)
    for mode in MODES:
        f = parse(rng.choice(["posit8", "posit16", "posit32", "posit12(es=0)", "takum16", "takum32"]))
        how = replace(projection(mode, 3), absent_nan=AbsentNaN.ZERO, overflow=rng.choice([Overflow.POSIT, Overflow.SATURATE_FINITE, Overflow.IEEE]))
        codes = np.array([rng.choice([0, g.greatest(), g.codes - 1, g.codes // 2, rng.getrandbits(g.width)]) for _ in range(SIZE)], np.uint64)
        near = [g.round(f.exact(word)) if f.magnitude(word) else 0 for word in some(f, SIZE, rng).tolist()]
        check("convert", (g,), (np.append(codes, np.array(near, np.uint64)),), f, how)
        if mode is not Rounding.STOCHASTIC:
            check("convert", (f,), (some(f, SIZE, rng),), g, how)


@pytest.mark.parametrize("name", ORDER)
def test_words_in_order(name: str) -> None:
    """Comparisons, minima, neighbours and signs: all pairs of small words, landmarks of wide ones."""
    rng = random.Random(name)
    for f in map(parse, ("posit5", "takum5", "takum_log4", "posit16", "posit32", "takum64")):
        n = arity(name)
        operands = (
            (all_pairs(f) if n == 2 else (np.arange(f.codes, dtype=np.uint8),))
            if f.width < 8
            else tuple(np.array([rng.choice(landmarks(f)) for _ in range(SIZE)], np.uint64) for _ in range(n))
        )
        to = f if operation(name, f).to is not None else None
        check(name, (f,), operands, to, f.default)


@pytest.mark.parametrize(("p", "kind"), [(posit(8, 0), "posit8"), (posit(16, 1), "posit16"), (posit(32, 2), "posit32")], ids=["8", "16", "32"])
def test_softposit_gives_the_same_words(p: Format, kind: str) -> None:
    """+ - * / and the square root, by SoftPosit's C."""
    softposit = pytest.importorskip("softposit", reason="SoftPosit is not installed: pip install softposit")
    cls, rng = getattr(softposit, kind), random.Random(kind)
    signs = {"add": "__add__", "subtract": "__sub__", "multiply": "__mul__", "divide": "__truediv__"}
    xs, ys = some(p, 25 * SIZE, rng), some(p, 25 * SIZE, rng)
    for name, sign in signs.items():
        got, _ = operate(name, p, (xs, ys), engine="array")
        assert got.tolist() == [getattr(cls(bits=a), sign)(cls(bits=b)).v.v for a, b in zip(xs.tolist(), ys.tolist(), strict=True)]
    roots, _ = operate("sqrt", p, (xs,), engine="array")
    assert roots.tolist() == [cls(bits=a).sqrt().v.v for a in xs.tolist()]


def test_every_posit16() -> None:
    """Square root, conversion to posit8 and back, and rounding to an integer, of every word of 16 bits in some modes."""
    f, rng = parse("posit16"), random.Random(16)
    codes = np.arange(0, 1 << 16, count(31, 1), dtype=np.uint16)
    for name, to in (("sqrt", f), ("convert", parse("posit8")), ("round_to_integral", f), ("convert", parse("posit20"))):
        for mode in rng.sample(MODES, count(2, len(MODES))):
            check(name, (f,), (codes,), to, projection(mode))


def test_tables_of_values_hold_only_what_float64_can_compute_with() -> None:
    """Values with long significands, thirds, and infinities have none."""
    assert values(parse("posit16"), Subnormals.KEEP) is not None
    for name in ("binary16", "takum_log8", "int4(scale=1/10, zero=3)", "posit17", "posit16(es=9)"):
        assert values(parse(name), Subnormals.KEEP) is None, name


def test_which_operations_have_kernels() -> None:
    """Arithmetic on words has; policies without a saturated end, and too many random bits, are told."""
    f = parse("posit32")
    assert all(engine_for_operation(name, f)[0] == "array" for name in ARITHMETIC)
    assert engine_for_operation("add", f, how=projection(Rounding.STOCHASTIC_A, 29))[0] == "reference"
    assert "wrap" in engine_for_operation("add", f, how=projection(Rounding.NEAREST_EVEN, 0, Overflow.WRAP))[1]


def test_tiny_words_become_integers_by_the_least_random_bits() -> None:
    """The least positive words, beyond 64 bits below 1: round_to_integral with as many random bits as the kernel has, the greatest R among them."""
    for name in ("posit20", "posit32", "takum32", "posit16(es=3)"):
        f = parse(name)
        for bits in (28, 60 - f.width):
            how = projection(Rounding.STOCHASTIC_B, bits)
            codes = np.array([1, 2, 3, 0x82, 0x101, 0x1234] * 3, np.uint32).astype(np.uint16 if f.width <= 16 else np.uint32)
            draws = np.array([0] * 6 + [(1 << bits) - 1] * 6 + [(1 << bits) - 2] * 6, np.uint64)
            got, flags = operate("round_to_integral", f, (codes,), f, how, random=draws, engine="array")
            bound = operation("round_to_integral", f, to=f, projection=how)
            for at, (code, random_bits) in enumerate(zip(codes.tolist(), draws.tolist(), strict=True)):
                assert (got[at], flags[at]) == bound(code, random=random_bits)[:2], (name, bits, hex(code), random_bits)
