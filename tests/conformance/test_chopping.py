"""Libraries that round a float by arithmetic on it: each known defect is held to that arithmetic, done in NumPy, and together they explain such a library in full."""

from importlib.util import find_spec

import numpy as np
import pytest
from gmpy2 import mpq
from numpy.typing import NDArray

from conformance.budget import QUICK
from conformance.cases.conversions import conversion_cases
from conformance.checker import check
from conformance.emulators import load
from conformance.rounded_logarithms import polynomial_rounds_up
from conformance.verdict import Status
from conformance.walks import Model, evaluate
from formats.arrays import Codes, convert_codes
from formats.notation import parse
from formats.projection import Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals, Tininess

SOURCE, TARGET = parse("binary32"), parse("ocp_e5m2")
STEPS, EMIN, EMAX = np.float32(4), -14, 15
CODES = conversion_cases(SOURCE, TARGET, 1, 2048, 4096).operands[0]
X: NDArray[np.float32] = CODES.view(np.float32)
sizes = np.abs(X)


def model(*quirks: str, **how: object) -> NDArray[np.float32]:
    """What the model gives, as values."""
    return values(evaluate(Model(Projection(**how), quirks=quirks), CODES, SOURCE, TARGET))  # type: ignore[arg-type]


def values(codes: Codes) -> NDArray[np.float32]:
    return convert_codes(codes, TARGET, SOURCE).view(np.float32)


def same(one: NDArray[np.float32], two: NDArray[np.float32]) -> bool:
    """Equal, zeros by their signs."""
    return bool(np.all((one == two) & (np.signbit(one) == np.signbit(two)) | np.isnan(one) & np.isnan(two)))


@pytest.mark.parametrize("mode", [Rounding.NEAREST_EVEN, Rounding.TOWARD_ZERO])
def test_a_significand_less_one_rounds(mode: Rounding) -> None:
    """Below the least normal value: (x / 2^emin - 1) steps, rounded to an integer, and back."""
    small = (sizes < np.float32(2.0**EMIN)) & (sizes > 0)
    scaled = (sizes[small] * np.float32(2.0**-EMIN) - np.float32(1)) * STEPS
    whole = np.round(scaled) if mode is Rounding.NEAREST_EVEN else np.floor(scaled)
    theirs = np.sign(X[small]) * (np.float32(1) + whole / STEPS) * np.float32(2.0**EMIN)
    assert same(model("less_one", rounding=mode)[small], theirs.astype(np.float32))
    assert not same(model(rounding=mode)[small], theirs.astype(np.float32)), "the defect shows"


@pytest.mark.parametrize("mode", [Rounding.NEAREST_POSITIVE, Rounding.NEAREST_NEGATIVE])
def test_what_is_near_a_tie_counts_as_the_tie(mode: Rounding) -> None:
    """Fractions within 10^-6 of 1/2 go where ties go, of normal numbers short of the greatest."""
    normal = (sizes >= np.float32(2.0**EMIN)) & (sizes < np.float32(2.0**EMAX))
    x = X[normal].astype(np.float64)
    exponents = np.frexp(np.abs(x))[1] - 1
    scaled = np.ldexp(np.abs(x), 2 - exponents)
    half = np.abs(scaled - np.floor(scaled) - 0.5) < np.float32(1e-6)
    up = (x > 0) == (mode is Rounding.NEAREST_POSITIVE)
    whole = np.where(half, np.floor(scaled) + up, np.round(scaled))
    theirs = (np.sign(x) * np.ldexp(whole, exponents - 2)).astype(np.float32)
    assert same(model("near_tie", rounding=mode)[normal], theirs)
    assert not same(model(rounding=mode)[normal], theirs), "the defect shows"


def test_what_is_below_the_least_value_is_rounded_to_full_precision_first() -> None:
    """Just above half the least value, three bits make it the half, which goes to zero."""
    least = np.float32(2.0**-16)
    tiny = (sizes < least) & (sizes > 0)
    exponents = np.frexp(sizes[tiny])[1] - 1
    rounded = np.ldexp(np.round(np.ldexp(sizes[tiny].astype(np.float64), 2 - exponents)), exponents - 2)
    theirs = np.copysign(np.where(rounded > 2.0**-17, least, np.float32(0)), X[tiny])
    assert same(model("below_least")[tiny], theirs)
    assert not same(model()[tiny], theirs), "the defect shows"


def test_tiny_operands_and_those_without_logarithm() -> None:
    """x 2^(2 - e) / 2^(2 - e) is NaN where the power is infinite; 0, infinities by their logarithms."""
    exponents = np.frexp(sizes)[1] - 1
    infinite = (2 - exponents > 127) & (sizes > 0) & np.isfinite(X)
    assert np.array_equal(np.isnan(model("scale_overflows")), infinite | np.isnan(X)) and infinite.any()
    assert np.array_equal(np.isnan(model("no_logarithm")), (X == 0) | ~np.isfinite(X))


def test_zeros_and_what_is_flushed() -> None:
    """-0 loses its sign, what rounds to zero keeps it; made odd, what is flushed is 1/4, and not with subnormal numbers."""
    out = model("minus_zero")
    assert not np.signbit(out[(X == 0) & np.signbit(X)]).any() and np.signbit(out[(X < 0) & (X > -(2.0**-20))]).all()
    flushed = {"results": Subnormals.SIGNED_ZERO, "tininess": Tininess.BEFORE}
    odd = model("flushed_made_odd", **flushed)
    small = (sizes < 2.0**EMIN) & (sizes > 0)
    assert np.array_equal(odd[small], np.copysign(np.float32(0.25), X[small])) and not (odd[X == 0] != 0).any()
    assert same(model("flushed_made_odd"), model())


def test_the_binade_beyond_and_rounded_logarithms_go_together() -> None:
    """What has the exponent of infinities by a rounded logarithm vanishes, too."""
    below = np.nextafter(np.float32(2.0**16), np.float32(0))
    codes = np.array([below, np.float32(2.0**16), np.nextafter(np.float32(2.0**17), np.float32(0))], np.float32).view(np.uint32)
    how = Projection(overflow=Overflow.IEEE)
    out = evaluate(Model(how, quirks=("binade_beyond_vanishes", "rounded_log2")), codes, SOURCE, TARGET)
    logs = np.floor(np.log2(codes.view(np.float32).astype(np.float64)).astype(np.float32))
    assert logs.tolist() == [16, 16, 17], "log2 rounds up"
    assert values(out).tolist() == [0, 0, np.inf]


def test_the_logarithm_of_jax_is_that_polynomial() -> None:
    """In every binade log2 rounds up to the exponent of the next from the threshold on, and not below it."""
    jnp = pytest.importorskip("jax.numpy")
    fields = np.arange(1, 255, dtype=np.uint32)
    first = polynomial_rounds_up(SOURCE)[1:-1].astype(np.uint32)
    at = fields << np.uint32(23) | np.minimum(first, np.uint32((1 << 23) - 1))
    up = np.asarray(jnp.log2(jnp.asarray(at.view(np.float32)))) >= fields.astype(np.float32) - 126
    below = np.asarray(jnp.log2(jnp.asarray((at - np.uint32(1)).view(np.float32)))) >= fields.astype(np.float32) - 126
    assert up.tolist() == (first < 1 << 23).tolist() and not below.any()


def test_scales_that_are_lost() -> None:
    """2^(p - 1 - e) is infinite from e = -126 on in E5M2, its inverse subnormal at -125: a product with 0 there, which is 0, or with infinity and 0, which is NaN."""
    codes = np.array([2.0**-124, 1.5 * 2.0**-125, -(2.0**-125), 2.0**-126, 2.0**-149], np.float32).view(np.uint32)
    wide = parse("e8m2")
    out = evaluate(Model(Projection(), quirks=("scale_lost",)), codes, SOURCE, wide)
    assert [wide.decode(code) == wide.decode(wide.nan()) for code in out.tolist()] == [False, False, False, True, True]
    assert out.tolist()[:3] == [wide.encode(mpq(1, 1 << 124)), wide.zero(), wide.zero(True)]
    cut = evaluate(Model(Projection(), quirks=("scale_lost", "nan_rounds_to_zero")), codes, SOURCE, wide)
    assert cut.tolist()[4] == wide.zero() and cut.tolist()[:4] == out.tolist()[:4]


@pytest.mark.parametrize(
    "variant",
    [
        "Chop, numpy, rmode=3",
        "Chop, numpy, rmode=7, subnormal=False",
        "Chop, torch, rmode=8",
        "Chop, numpy, rmode=9",
        "FaultChop, numpy, rmode=2",
        "FaultChop, jax, rmode=4",
    ],
)
def test_pychop_is_explained_in_full(variant: str) -> None:
    """Every result that differs, by defects that are named."""
    if find_spec("pychop") is None:
        pytest.skip("pychop is not installed")
    here = load("pychop", "cpu")
    (claim,) = (claim for claim in here.claims() if claim.variant == variant and claim.result == TARGET)
    found = check(claim, here, QUICK)
    assert found.status is Status.AGREES or (found.deviations and found.unexplained == 0), found


def test_what_is_rounded_among_subnormal_numbers_first() -> None:
    """Three eighths of the least normal number of E5M2 is three halves of the least subnormal one, rounds to two of it, half the least normal, and so to that."""
    least = np.float32(2.0**-14)
    codes = np.array([0.375, 0.374, -0.375, 0.62, 0.05], np.float32) * least
    out = evaluate(Model(Projection(results=Subnormals.SIGNED_ZERO), quirks=("subnormal_then_least",)), codes.view(np.uint32), SOURCE, TARGET)
    assert (values(out) / least).tolist() == [1, 0, -1, 1, 0]
