"""An operation as a model: the steps in which an emulator may carry it out, and what they give. What is known of emulators stands in ``conformance.functions``."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from conformance.claims import Codes
from conformance.compare import is_nan, zeros_apart
from conformance.problem import Operands
from conformance.recipes import RECIPES, rounded
from conformance.tapered import finished
from formats.arithmetic import operation
from formats.arrays import operate
from formats.family import Format
from formats.floats import Float
from formats.notation import parse
from formats.projection import DEFAULT, Projection
from refmath.flags import DIVIDE_BY_ZERO, OVERFLOW
from refmath.operations.environment import Dialect
from refmath.rounding import Rounding
from refmath.underflow import Subnormals


@dataclass(frozen=True)
class Model:
    """An operation carried out as ``steps`` say, each result rounded: by default the operation itself, once."""

    name: str
    last: Projection
    via: Format | None = None
    """The format in which it is computed before it is rounded to the result's."""
    middle: Rounding = Rounding.NEAREST_EVEN
    """How it is rounded into that format."""
    flushed: bool = False
    """Whether operands and results that are subnormal in that format count as zero."""
    recipe: str = ""
    """The name of another way to compute it, in ``RECIPES``."""
    quiet: bool = False
    """Signalling NaNs count as quiet ones."""
    unsigned_zero: bool = False
    """Every zero result is positive."""
    finish: str = ""
    """The name of a defect of the last step, in ``conformance.tapered.DEFECTS``."""
    zero_sums: bool = False
    """Exact zeros have the sign that they have in rounding to nearest."""
    poles: bool = False
    """Infinite results, which the format lacks, become NaN, where they are no overflow."""
    dialect: Dialect | None = None
    """Whose special cases it has; those of its formats where it is None."""
    sign_added: bool = False
    """Negative results are cut off, and go up by a code for it, exact ones too."""
    least_ties: Rounding | None = None
    """How ties are rounded whose result is the least value then."""
    unnormalized: bool = False
    """Of a product with a subnormal factor whose result is zero, the exponent before it is normalized says whether that goes up for it."""
    overflows: Rounding | None = None
    """What overflows in this mode becomes what it becomes in the modes that go away from zero, whatever the mode."""


def evaluate(model: Model, formats: tuple[Format, ...], target: Format, operands: Operands) -> Codes:
    """Results of a model."""
    if model.quiet:
        operands = tuple(
            np.where(is_nan(fmt, codes), codes.dtype.type(fmt.nan()), codes) if fmt.has_nan else codes for fmt, codes in zip(formats, operands, strict=True)
        )
    if model.via and model.flushed:
        flush = replace(DEFAULT, results=Subnormals.SIGNED_ZERO)
        operands = tuple(rounded("convert", (fmt,), model.via, flush)(codes) for fmt, codes in zip(formats, operands, strict=True))
        formats = (model.via,) * len(formats)
    middle = model.via or target
    how = replace(DEFAULT, rounding=model.middle, operands=model.last.operands) if model.via else model.last
    how = replace(how, results=Subnormals.SIGNED_ZERO) if model.flushed else how
    steps = RECIPES[model.recipe](formats, middle, how) if model.recipe else rounded(model.name, formats, middle, how, model.dialect)
    out = steps(*operands)
    if model.via:
        out = rounded("convert", (middle,), target, replace(model.last, operands=Subnormals.KEEP))(out)
    if model.finish:
        exact = operation(model.name, *formats, to=target, projection=model.last)
        rows = zip(*(codes.reshape(-1).tolist() for codes in operands), strict=True)
        out = finished(model.finish, target, [exact(*row).exact for row in rows], out)
    if model.zero_sums:
        nearest = rounded(model.name, formats, target, replace(model.last, rounding=Rounding.NEAREST_EVEN))(*operands)
        out = np.where(zeros_apart(target, out, nearest), nearest, out)
    if model.poles and target.has_nan:
        at = operate(model.name, formats, operands, target, model.last)[1] & DIVIDE_BY_ZERO != 0
        if any(fmt.has_infinity for fmt in formats):
            codes, flags = operate(model.name, formats, operands, INFINITE, DEFAULT)
            at |= np.isin(codes, [INFINITE.infinity(sign) for sign in (False, True)]) & (flags & OVERFLOW == 0)
        out = np.where(at, out.dtype.type(target.nan()), out)
    if model.least_ties:
        other = rounded(model.name, formats, target, replace(model.last, rounding=model.least_ties))(*operands)
        least = [target.join(sign, target.least) for sign in {False, getattr(target, "signed", True)}]
        out = np.where(np.isin(other, np.array(least, other.dtype)), other, out)
    if model.sign_added:
        out = _with_sign_added(model, formats, target, operands, out)
    if model.overflows:
        away, judged = (replace(model.last, rounding=mode) for mode in (Rounding.AWAY_FROM_ZERO, model.overflows))
        over = operate(model.name, formats, operands, target, judged)[1] & OVERFLOW != 0
        out = np.where(over, operate(model.name, formats, operands, target, away)[0], out)
    if model.unsigned_zero and target.has_negative_zero:
        out = np.where(out == out.dtype.type(target.zero(True)), out.dtype.type(target.zero()), out)
    return out


def _with_sign_added(model: Model, formats: tuple[Format, ...], target: Format, operands: Operands, cut: Codes) -> Codes:
    """Results that were cut off, negative ones the code after theirs, but for zeros, infinities and what is less than half a step from zero."""
    away = rounded(model.name, formats, target, replace(model.last, rounding=Rounding.NEAREST_AWAY))(*operands)
    if model.unnormalized and isinstance(target, Float) and model.name == "multiply":
        away = np.where(_by_exponents(formats, target, operands), away.dtype.type(target.join(True, target.least)), away)
    kept = [target.zero(True), *([target.infinity(True)] if target.has_infinity else [])]
    negative = (cut >> cut.dtype.type(target.width - 1) != 0) & ~is_nan(target, cut) & (cut != cut.dtype.type(kept[-1])) & (away != away.dtype.type(kept[0]))
    return np.where(negative, cut + cut.dtype.type(1), cut)


def _by_exponents(formats: tuple[Format, ...], target: Float, operands: Operands) -> NDArray[np.bool_]:
    """Whether the exponents of two factors, subnormal ones with the exponent of the least normal number, add up to half the least value, or the carry of their significands does."""
    exponents, products = np.zeros(len(operands[0]), np.int64), np.ones(len(operands[0]), np.float64)
    nonzero = np.ones(len(operands[0]), bool)
    for fmt, codes in zip(formats, operands, strict=True):
        assert isinstance(fmt, Float)
        fields = (codes.astype(np.int64) >> fmt.trailing) & ((1 << fmt.exponent_bits) - 1)
        trailing = codes.astype(np.int64) & ((1 << fmt.trailing) - 1)
        exponents += np.maximum(fields, 1) - fmt.bias
        products *= trailing + np.where(fields > 0, 1 << fmt.trailing, 0)  # exact up to 26 bits each, and compared with a power of two only
        nonzero &= (fields > 0) | (trailing > 0)
    carry = products >= 2.0 ** (1 + sum(fmt.trailing for fmt in formats if isinstance(fmt, Float)))
    return nonzero & (exponents + carry >= target.emin - target.trailing - 1)


INFINITE = parse("binary64")
"""A format in which exact results that are infinite are infinities."""
