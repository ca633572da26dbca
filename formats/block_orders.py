"""Scales computed step by step in binary32: the orders of TransformerEngine, torchao and Graphcore, for any element and scale format.

Each operator rounds, and the order of the operators is part of the definition: another order gives another scale where a quotient comes near a tie. ``top`` is the
greatest element (6 for E2M1), ``target`` the greatest block scale that is aimed at (448).

    TransformerEngine   S_enc = min(target top / amax, FLT_MAX), 1 if amax is 0;   S_dec = 1 / S_enc;   m = S_enc (1 / top)
                        s = RNE(min(amax_b m, target));   factor = min(1 / (s S_dec), FLT_MAX);   value = (q s) S_dec
    torchao             pts = amax / (target top);   s = RNE(clamp((amax_b / top) / pts, least normal scale, target));   factor = (1 / pts) / s
                        without a tensor scale   s = RNE(clamp(amax_b / top, least normal scale, target));   factor = 1 / s
    Graphcore           G = min(target top / ref, FLT_MAX);   s = RNE(min(amax_b (G (1 / top)), greatest scale)), 1 if it is 0
                        factor = 1 / (s (1 / G));   without a tensor scale G = 1

and always q = RNE(x factor), saturating.
"""

from dataclasses import dataclass

from gmpy2 import mpq

from formats.block import BlockFormat, greatest_element
from formats.block_policies import Order
from formats.block_scale import project_scale, small_scale
from formats.quantizer import Division
from formats.stepwise import GREATEST, ONE, at_most, over, rounded, times
from refmath.datum import Datum, Finite, NaN, finite, rational


@dataclass(frozen=True, slots=True)
class TensorScale:
    """The second level: what is stored, and what else the steps go on with."""

    code: int | None
    """Its code; None in a format of one level."""
    encode: Datum
    """What blocks are multiplied by before their scale is rounded: S_enc, G, or 1 / tensor scale."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """The scale of a block, and what its values are then divided or multiplied by."""

    code: int
    operand: Datum
    how: Division
    """EXACT and DIVIDE divide by the operand, MULTIPLY multiplies by it."""


def tensor_scale(fmt: BlockFormat, reference: mpq) -> TensorScale:
    """The scale of a tensor by the order of the format. ``reference``: its greatest finite magnitude, or what a user takes for it."""
    if fmt.tensor is None:
        return TensorScale(None, ONE)
    amax, top, target = rounded(finite(reference)), rounded(finite(greatest_element(fmt.element))), target_of(fmt)
    match fmt.policy.order:
        case Order.TRANSFORMER_ENGINE:
            encode = ONE if _is_zero(amax) else at_most(over(times(target, top), amax), GREATEST)
            return TensorScale(fmt.tensor.round(over(ONE, encode)), encode)
        case Order.GRAPHCORE:
            encode = at_most(over(times(target, top), amax), GREATEST)
            return TensorScale(fmt.tensor.round(over(ONE, encode)), encode)
        case Order.TORCHAO:
            code = fmt.tensor.round(over(amax, times(target, top)))
            return TensorScale(code, over(ONE, fmt.tensor.decode(code)))
        case Order.EXACT:
            return exact_tensor_scale(fmt, reference)


def exact_tensor_scale(fmt: BlockFormat, reference: mpq) -> TensorScale:
    """reference / (greatest element x target), rounded once; 1 where that is zero or beyond the range, so that blocks are not divided by it."""
    assert fmt.tensor is not None
    target = fmt.policy.target or greatest_element(fmt.scale)
    code = fmt.tensor.round(reference / (greatest_element(fmt.element) * target))
    datum = fmt.tensor.decode(code)
    if not isinstance(datum, Finite) or not datum.value:
        return TensorScale(fmt.tensor.encode(mpq(1)), ONE)
    return TensorScale(code, finite(1 / rational(datum)))


def block_scaling(fmt: BlockFormat, tensor: TensorScale, amax: Datum) -> Scaling:
    """The scale of a block by one of the orders that round every step."""
    top = rounded(finite(greatest_element(fmt.element)))
    match fmt.policy.order:
        case Order.TRANSFORMER_ENGINE:
            code = _bounded(fmt, amax, times(amax, times(tensor.encode, over(ONE, top))), target_of(fmt))
            factor = at_most(over(ONE, times(_value(fmt, code), over(ONE, tensor.encode))), GREATEST)
        case Order.GRAPHCORE:
            code = _bounded(fmt, amax, times(amax, times(tensor.encode, over(ONE, top))), finite(greatest_element(fmt.scale)))
            factor = over(ONE, times(_value(fmt, code), over(ONE, tensor.encode)))
        case _:
            share = over(amax, top)
            if fmt.tensor is None or tensor.code is None:
                code = _bounded(fmt, amax, share, target_of(fmt))
                factor = over(ONE, _value(fmt, code))
            else:
                code = _bounded(fmt, amax, over(share, fmt.tensor.decode(tensor.code)), target_of(fmt))
                factor = over(tensor.encode, _value(fmt, code))
    return Scaling(code, factor, Division.MULTIPLY)


def target_of(fmt: BlockFormat) -> Datum:
    """The greatest block scale that is aimed at, as a binary32 number."""
    return rounded(finite(fmt.policy.target or greatest_element(fmt.scale)))


def _bounded(fmt: BlockFormat, amax: Datum, ratio: Datum, bound: Datum) -> int:
    """The code of a block scale that may not exceed a bound; that of a block of zeros by its own policy, unless the steps made a NaN of it."""
    if _is_zero(amax) and not isinstance(ratio, NaN):
        return small_scale(fmt.scale, fmt.policy.zero_block)
    return project_scale(fmt, at_most(ratio, bound))


def _value(fmt: BlockFormat, code: int) -> Datum:
    return rounded(fmt.scale.decode(code))


def _is_zero(x: Datum) -> bool:
    return isinstance(x, Finite) and not x.value
