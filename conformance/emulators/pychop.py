"""pychop: ``Chop`` and ``FaultChop`` on floats, ``Chopf`` on fixed point, ``Chopi`` on integers, and its P3109 functions; NumPy, torch and jax."""

import gc
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np
import pychop

from conformance.claims import Claim, Draws, Shapes
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import Arrays
from formats.family import Format
from formats.float_parameters import Specials, default_bias
from formats.floats import Float, p3109
from formats.notation import parse
from formats.projection import AbsentNaN, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals

LIBRARIES = {"numpy": "float64", "torch": "float32", "jax": "float32"}
"""The libraries of arrays, and the type in which each holds values."""
CHOP_MODES = {
    1: Rounding.NEAREST_EVEN,
    2: Rounding.TOWARD_POSITIVE,
    3: Rounding.TOWARD_NEGATIVE,
    4: Rounding.TOWARD_ZERO,
    5: Rounding.STOCHASTIC,
    6: Rounding.STOCHASTIC,
    7: Rounding.NEAREST_ZERO,
    8: Rounding.NEAREST_AWAY,
    9: Rounding.TO_ODD,
}
"""Rounding modes by number; 5 goes up in proportion, 6 with equal probability. 10 rounds up or down by a fair coin, as 6 does."""
DRAWS = {5: Draws.OWN, 6: Draws.EQUAL, 10: Draws.EQUAL}
CHOP_FORMATS = {"ieee_e4m3": (4, 3), "ocp_e5m2": (5, 2), "binary16": (5, 10), "bfloat16": (8, 7), "tf32": (8, 10)}
FAULT_FORMATS = {"q43": "ieee_e4m3", "q52": "ocp_e5m2", "half": "binary16", "bfloat16": "bfloat16", "single": "binary32"}
FIXED_FORMATS = ("q4.4", "q8.8", "q2.6")


def source(held: str) -> Format:
    return parse("binary64" if held == "float64" else "binary32")


def chop_calls() -> Iterator[Call]:
    for library, held in LIBRARIES.items():
        for name, (e, m) in CHOP_FORMATS.items():
            for mode in (*CHOP_MODES, 10):
                for subnormal in (True, False):
                    how = Projection(rounding=CHOP_MODES.get(mode, Rounding.STOCHASTIC), results=Subnormals.KEEP if subnormal else Subnormals.SIGNED_ZERO)
                    words = f"Chop({e}, {m}, rmode={mode}, subnormal={subnormal})(x)"
                    variant = f"Chop, {library}, rmode={mode}{'' if subnormal else ', subnormal=False'}"
                    made = pychop.Chop(e, m, rmode=mode, subnormal=subnormal)
                    yield call(library, held, parse(name), how, words, variant, made, DRAWS.get(mode, Draws.NONE))


FAULT_MODES = {0: Rounding.NEAREST_ODD, **{mode: CHOP_MODES[mode] for mode in range(1, 7)}, 10: Rounding.STOCHASTIC}
LIMITS = ((1, True), (1, False), (0, True))
"""``explim`` and ``subnormal``: within the range of the format, with subnormal numbers or without; or without a limit to it."""


LATE = 10
"""A mode that is documented, and that this version refuses to make: made with each call, that it may be told."""


def _late(prec: str, options: dict[str, Any], x: Any) -> Any:
    return pychop.FaultChop(prec, **options)(x)


def fault_calls() -> Iterator[Call]:
    """``FaultChop`` without faults."""
    for library, held in LIBRARIES.items():
        for prec, name in FAULT_FORMATS.items():
            for mode, rounding in FAULT_MODES.items():
                for explim, subnormal in LIMITS:
                    fmt = parse(name)
                    assert isinstance(fmt, Float)
                    bits = 11 if held == "float64" else 8
                    target = fmt if explim else Float(f"{name} without limits", bits, fmt.precision, default_bias(bits), Specials.IEEE)
                    words = f"FaultChop('{prec}', rmode={mode}, explim={explim}, subnormal={subnormal})(x)"
                    variant = f"FaultChop, {library}, rmode={mode}{'' if explim else ', explim=0'}{'' if subnormal else ', subnormal=False'}"
                    options = {"rmode": mode, "explim": explim, "subnormal": subnormal}
                    made = partial(_late, prec, options) if mode == LATE else pychop.FaultChop(prec, **options)
                    how = Projection(rounding=rounding, results=Subnormals.KEEP if subnormal else Subnormals.SIGNED_ZERO)
                    yield call(library, held, target, how, words, variant, made, DRAWS.get(mode, Draws.NONE))


def fixed_calls() -> Iterator[Call]:
    modes = {0: Rounding.NEAREST_ODD, **{mode: CHOP_MODES[mode] for mode in range(1, 7)}}
    for library, held in LIBRARIES.items():
        for name in FIXED_FORMATS:
            whole, fraction = (int(part) for part in name[1:].split("."))
            for mode, rounding in modes.items():
                how = Projection(rounding=rounding, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
                words = f"Chopf({whole}, {fraction}, rmode={mode})(x)"
                yield call(
                    library,
                    held,
                    parse(name),
                    how,
                    words,
                    f"Chopf, {library}, rmode={mode}",
                    pychop.Chopf(whole, fraction, rmode=mode),
                    DRAWS.get(mode, Draws.NONE),
                    ("nan", "infinity"),
                )


def integer_calls() -> Iterator[Call]:
    """``Chopi``, calibrated on data whose ends make the scale 1: signed integers, and without a sign those up to 2^(bits - 1) - 1.

    On torch it is calibrated anew by the data of each call: there the ends are among them, and nothing is beyond.
    """
    for library, held in LIBRARIES.items():
        for bits in (8, 16):
            for symmetric in (True, False):
                fmt = parse(f"int{bits}" if symmetric else f"uint{bits - 1}")
                how = Projection(overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.ZERO)
                ends = np.array([-(1 << bits - 1) if symmetric else 0, (1 << bits - 1) - 1], dtype=held)
                beyond = ("beyond",) if library == "torch" else ()
                words = f"Chopi({bits}, symmetric={symmetric}) calibrated on {ends.tolist()}"
                function = partial(_quantized, bits, symmetric, Arrays(library, held).enter(ends.view(f"u{ends.itemsize}"), source(held)))
                yield call(
                    library, held, fmt, how, words, f"Chopi, {library}{', symmetric' if symmetric else ''}", function, Draws.NONE, ("nan", "infinity", *beyond)
                )


def _quantized(bits: int, symmetric: bool, ends: Any, x: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantizer = pychop.Chopi(bits, symmetric=symmetric)
    if hasattr(ends, "numel"):
        import torch

        return quantizer.quantize(torch.cat([x.reshape(-1), ends]))[: x.numel()].reshape(x.shape)
    quantizer.quantize(ends)
    return quantizer.quantize(x)


P3109_MODES = {
    "nearest_even": Rounding.NEAREST_EVEN,
    "nearest_away": Rounding.NEAREST_AWAY,
    "toward_zero": Rounding.TOWARD_ZERO,
    "toward_positive": Rounding.TOWARD_POSITIVE,
    "toward_negative": Rounding.TOWARD_NEGATIVE,
    "to_odd": Rounding.TO_ODD,
    "stochastic_a": Rounding.STOCHASTIC_A,
    "stochastic_b": Rounding.STOCHASTIC_B,
    "stochastic_c": Rounding.STOCHASTIC_C,
}
SATURATION = {"none": Overflow.SATNONE_4_0_3, "finite": Overflow.SATURATE_FINITE, "propagate": Overflow.SATURATE_PROPAGATE}
P3109_FORMATS = ((8, 1), (8, 3), (8, 4), (6, 3), (4, 2), (8, 7), (16, 11))
"""Bits and precision."""
DRAWN = 8
"""Random bits of the stochastic modes."""


def p3109_calls() -> Iterator[Call]:
    for library, held in LIBRARIES.items():
        for k, p in P3109_FORMATS if library == "numpy" else P3109_FORMATS[1:2]:
            for signed in (True, False):
                for domain in ("extended", "finite"):
                    theirs = pychop.P3109Format(k, p, signed, domain)
                    fmt = p3109(k, p, signed, domain == "extended")
                    for mode, rounding in P3109_MODES.items():
                        for saturate, overflow in SATURATION.items():
                            yield _p3109(
                                library,
                                held,
                                theirs,
                                fmt,
                                Projection(rounding=rounding, overflow=overflow, bits=DRAWN if rounding.stochastic else 0),
                                mode,
                                saturate,
                            )


def _p3109(library: str, held: str, theirs: Any, fmt: Format, how: Projection, mode: str, saturate: str) -> Call:
    words = f"p3109_quantize(x, format, rounding='{mode}', saturate='{saturate}')"
    variant = f"P3109, {library}, {mode}, {saturate}"
    if not how.rounding.stochastic:
        return call(library, held, fmt, how, words, variant, partial(pychop.p3109_quantize, fmt=theirs, rounding=mode, saturate=saturate))
    claim = Claim("pychop", "convert", (source(held), parse(f"uint{DRAWN}")), fmt, how, words, variant, draws=Draws.GIVEN, shapes=_shapes(library))
    function = partial(_drawn, theirs, mode, saturate)
    return Call(claim, _padded(function) if library == "jax" else function, Arrays(library, held))


def _drawn(theirs: Any, mode: str, saturate: str, x: Any, random: Any) -> Any:
    integers = random.long() if hasattr(random, "long") else random.astype("int32")
    return pychop.p3109_quantize(x, theirs, rounding=mode, saturate=saturate, srbits=integers, srnumbits=DRAWN)


def call(
    library: str,
    held: str,
    fmt: Format,
    how: Projection,
    words: str,
    variant: str,
    function: Callable[..., Any],
    draws: Draws = Draws.NONE,
    refuses: Iterable[str] = (),
) -> Call:
    """A conversion on the arrays of a library."""
    shapes = _shapes(library)
    claim = Claim("pychop", "convert", (source(held),), fmt, how, words, variant, refuses=tuple(refuses), draws=draws, silent=("overflow",), shapes=shapes)
    return Call(claim, _frozen(_padded(function) if library == "jax" else function), Arrays(library, held))


def _frozen(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which has all garbage collected in many of its calls: what was there before is none, and need not be looked at each time."""

    def called(*operands: Any) -> Any:
        gc.freeze()
        try:
            return function(*operands)
        finally:
            gc.unfreeze()

    return called


def _shapes(library: str) -> Shapes:
    return Shapes.COMPILED if library == "jax" else Shapes.ALL


LONG = 1000
"""Longer arrays of jax are padded to a power of two, for which much is compiled already; shorter ones, the layouts among them, keep their lengths."""


def _padded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function of jax arrays, called on few lengths: what is padded is the last operand again."""

    def called(*operands: Any) -> Any:
        import jax.numpy as jnp

        count = operands[0].size
        if operands[0].ndim != 1 or count <= LONG:
            return function(*operands)
        return function(*(jnp.pad(x, (0, (1 << (count - 1).bit_length()) - count), mode="edge") for x in operands))[:count]

    return called


def adapter(device: str) -> Calls:
    """The adapter; on the CPU."""
    return Calls("pychop", version("pychop"), [*chop_calls(), *fault_calls(), *fixed_calls(), *integer_calls(), *p3109_calls()])
