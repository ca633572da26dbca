"""How operations of an emulator end, at infinities, overflow and exact zeros, planted in NumPy: named, and all results explained."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from conformance.budget import QUICK
from conformance.checker import check
from conformance.claims import Claim, Shapes
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import Arrays
from conformance.verdict import Status, Verdict
from formats.notation import parse
from formats.projection import Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

Values = NDArray[np.float64]


def verdict(name: str, fmt: str, how: Projection, function: Callable[..., Values], silent: tuple[str, ...] = ()) -> Verdict:
    formats = (parse(fmt), parse(fmt))
    claim = Claim("planted", name, formats, formats[0], how, f"planted.{name}", shapes=Shapes.ONE, tries=2000, silent=silent)
    return check(claim, Calls("planted", "", [Call(claim, function, Arrays("numpy", "float64"))]), QUICK)


def cut(exact: Values, up: bool | None = None) -> Values:
    """Exact values to two bits after the first, toward zero, or up, or down: E5M2 with an exponent range that goes on."""
    with np.errstate(all="ignore"):
        exponents = np.maximum(np.frexp(exact)[1] - 1, -14) - 2
        scaled = np.ldexp(exact, -exponents)
        whole = np.trunc(scaled) if up is None else np.ceil(scaled) if up else np.floor(scaled)
        return np.copysign(np.ldexp(whole, exponents), exact)


@pytest.mark.parametrize("silent", [False, True])
def test_overflow_judged_as_in_rounding_to_nearest(silent: bool) -> None:
    """Toward zero, from half a step beyond the greatest value on it is infinite: a defect where the library documents the mode, a policy where it is silent."""

    def product(x: Values, y: Values) -> Values:
        exact = x * y  # of significands of three bits
        finite = np.isfinite(x) & np.isfinite(y)
        out = np.where(np.abs(exact) >= 61440, np.copysign(np.inf, exact), np.copysign(np.minimum(np.abs(cut(exact)), 57344), exact))
        return np.where(finite, out, exact)

    found = verdict("multiply", "ocp_e5m2", Projection(rounding=Rounding.TOWARD_ZERO), product, ("overflow",) if silent else ())
    told = found.policies if silent else found.deviations
    assert told == ("what overflows in rounding to nearest gives infinity or NaN whatever the mode",) and found.unexplained == 0, found
    assert found.status is (Status.POLICY if silent else Status.DIFFERS)


def test_exact_zeros_toward_negative_infinity() -> None:
    """1 - 1 is -0 there; NumPy's is +0."""

    def difference(x: Values, y: Values) -> Values:
        exact = x - y  # of E5M2, exact but where the exponents are far apart
        out = np.where(exact == 0, exact, cut(exact, up=False))
        return np.where(out > 57344, np.where(np.isinf(exact), np.inf, 57344), np.where(out < -57344, -np.inf, out))

    found = verdict("subtract", "ocp_e5m2", Projection(rounding=Rounding.TOWARD_NEGATIVE), difference)
    assert found.deviations == ("sums that are exactly zero are +0, toward negative infinity too",) and found.unexplained == 0, found


def test_infinities_that_become_nan() -> None:
    """1 / 0 is NaN in a format without infinities whose overflow saturates: a policy."""

    def quotient(x: Values, y: Values) -> Values:
        import ml_dtypes

        exact = (x / y).astype(np.float32)  # of significands of four bits: no quotient is within 2^-24 of a tie without being it
        rounded = np.where(np.abs(exact) < 448, exact, np.copysign(448, exact)).astype(ml_dtypes.float8_e4m3fn).astype(np.float64)
        return np.where(np.isfinite(exact), rounded, np.nan)

    found = verdict("divide", "ocp_e4m3", Projection(overflow=Overflow.SATURATE_PROPAGATE), quotient)
    assert found.status is Status.POLICY and found.policies == ("infinity gives NaN",), found
