"""Emulators with known behaviour: right ones, ones with a planted defect, and ones that misbehave. Each function is an adapter's maker."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from conformance.claims import Claim, Codes
from conformance.walks import Model, conversion_projection, evaluate
from formats.notation import parse
from formats.projection import Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals

PAIRS = (("binary32", "ocp_e4m3"), ("binary16", "bfloat16"))


class Planted:
    """Conversions computed by ``function`` from the codes of one call."""

    name = "planted"
    views: tuple[str, ...] = ("strided", "transposed", "offset", "reversed")
    compiles = False

    def __init__(self, function: Callable[[Claim, Codes], object], pairs: tuple[tuple[str, str], ...] = PAIRS) -> None:
        self.function, self.pairs = function, pairs

    def describe(self) -> str:
        return "planted 1.0, cpu"

    def claims(self) -> list[Claim]:
        formats = [(parse(source), parse(target)) for source, target in self.pairs]
        return [Claim("planted", "convert", (s,), t, conversion_projection(s, t), "planted.convert") for s, t in formats]

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        return [self.function(claim, codes) for (codes,) in calls]  # type: ignore[misc]


def by(change: Callable[[Projection], Projection], via: tuple[tuple[str, Projection], ...] = (), quirk: str = "") -> Callable[[Claim, Codes], Codes]:
    """The reference with a changed projection, intermediate formats or a quirk."""

    def function(claim: Claim, codes: Codes) -> Codes:
        model = Model(change(claim.projection), tuple((parse(name), how) for name, how in via), (quirk,) if quirk else ())
        out: Codes = evaluate(model, codes.reshape(-1), claim.operands[0], claim.result).reshape(codes.shape)
        return out

    return function


def same(how: Projection) -> Projection:
    return how


def right(device: str) -> Planted:
    return Planted(by(same))


def truncating(device: str) -> Planted:
    return Planted(by(lambda how: replace(how, rounding=Rounding.TOWARD_ZERO)))


def ties_away(device: str) -> Planted:
    return Planted(by(lambda how: replace(how, rounding=Rounding.NEAREST_AWAY)))


def saturating(device: str) -> Planted:
    return Planted(by(lambda how: replace(how, overflow=Overflow.SATURATE_FINITE)))


def flushing(device: str) -> Planted:
    return Planted(by(lambda how: replace(how, results=Subnormals.SIGNED_ZERO, operands=Subnormals.SIGNED_ZERO)))


def no_carry(device: str) -> Planted:
    return Planted(by(same, quirk="no_carry"))


def early_overflow(device: str) -> Planted:
    return Planted(by(same, quirk="early_overflow"))


def through_binary16(device: str) -> Planted:
    return Planted(by(same, (("binary16", Projection()),)), (("binary32", "ocp_e5m2"), ("binary64", "ocp_e5m2")))


def through_binary32(device: str) -> Planted:
    return Planted(by(same, (("binary32", Projection()),)), (("binary64", "bfloat16"), ("int64", "bfloat16")))


def two_defects(device: str) -> Planted:
    return Planted(by(lambda how: replace(how, rounding=Rounding.NEAREST_AWAY), (("binary32", Projection()),)), (("binary64", "bfloat16"),))


def no_carry_and_ties_away(device: str) -> Planted:
    return Planted(by(lambda how: replace(how, rounding=Rounding.NEAREST_AWAY), quirk="no_carry"))


def where(holds: Callable[[Claim, Codes], np.ndarray], wrong: Callable[[Claim, Codes], Codes], pairs: tuple[tuple[str, str], ...] = PAIRS) -> Planted:
    """Right except where ``holds``, there as ``wrong``."""

    def function(claim: Claim, codes: Codes) -> Codes:
        return np.where(holds(claim, codes), wrong(claim, codes), by(same)(claim, codes))

    return Planted(function, pairs)


TRUNCATES = by(lambda how: replace(how, rounding=Rounding.TOWARD_ZERO))
AWAY = by(lambda how: replace(how, rounding=Rounding.NEAREST_AWAY))


def is_negative(claim: Claim, codes: Codes) -> np.ndarray:
    return codes >> codes.dtype.type(claim.operands[0].width - 1) != 0


def magnitude_field(codes: Codes) -> np.ndarray:
    """The biased exponents of binary32 codes."""
    return codes >> np.uint32(23) & np.uint32(0xFF)


def truncating_negatives(device: str) -> Planted:
    return where(is_negative, TRUNCATES)


def truncating_one_binade(device: str) -> Planted:
    """Only [2^4, 2^5)."""
    return where(lambda claim, codes: magnitude_field(codes) == 127 + 4, TRUNCATES, (("binary32", "ocp_e4m3"),))


def away_in_subnormals(device: str) -> Planted:
    """Ties go away from zero where the right result is subnormal."""

    def holds(claim: Claim, codes: Codes) -> np.ndarray:
        magnitudes = by(same)(claim, codes) & np.uint8(0x7F)
        return (magnitudes > np.uint8(0)) & (magnitudes < np.uint8(8))

    return where(holds, AWAY, (("binary32", "ocp_e4m3"),))


def two_regions(device: str) -> Planted:
    """Negative operands are truncated; of the others, ties go away from zero from 2^2 on."""

    def wrong(claim: Claim, codes: Codes) -> Codes:
        return np.where(is_negative(claim, codes), TRUNCATES(claim, codes), AWAY(claim, codes))

    return where(lambda claim, codes: is_negative(claim, codes) | (magnitude_field(codes) >= 127 + 2), wrong, (("binary32", "ocp_e4m3"),))


def lost_infinity(device: str) -> Planted:
    """-infinity becomes 1."""
    return where(lambda claim, codes: codes == np.uint16(0xFC00), lambda claim, codes: np.full(codes.shape, 0x3F80, np.uint16), (("binary16", "bfloat16"),))


def by_length(device: str) -> Planted:
    """Truncates in the remainder after the last multiple of 16."""

    def function(claim: Claim, codes: Codes) -> Codes:
        flat = codes.reshape(-1)
        out = by(same)(claim, flat)
        tail = len(flat) - len(flat) % 16
        out[tail:] = by(lambda how: replace(how, rounding=Rounding.TOWARD_ZERO))(claim, flat[tail:])
        return out.reshape(codes.shape)

    return Planted(function)


def one_wrong_code(device: str) -> Planted:
    """Right but for one operand that no deviation explains: 1.5 becomes 1.75."""

    def function(claim: Claim, codes: Codes) -> Codes:
        out = np.array(by(same)(claim, codes))
        source, target = claim.operands[0], claim.result
        out[codes == source.round(parse("binary64").exact(parse("binary64").from_float(1.5)))] = target.from_float(1.75)
        return out

    return Planted(function)


def first_fails(function: Callable[[Claim, Codes], object]) -> Planted:
    """Misbehaves on the first claim only, so that the second shows that nothing else was lost."""

    def choose(claim: Claim, codes: Codes) -> object:
        return function(claim, codes) if claim.result.name == "ocp_e4m3" else by(same)(claim, codes)

    return Planted(choose)


SMALL = ("ocp_e4m3", "ocp_e5m2", "e4m3fnuz", "e5m2fnuz", "ieee_e3m4", "int8", "uint8")


def many(device: str) -> Planted:
    """Many small claims, some of them false, each of which takes a moment."""

    def function(claim: Claim, codes: Codes) -> object:
        time.sleep(0.004)
        wrong = claim.result.name.startswith("ocp")
        return by((lambda how: replace(how, rounding=Rounding.NEAREST_AWAY)) if wrong else same)(claim, codes)

    return Planted(function, tuple((source, target) for source in SMALL for target in SMALL if source != target))


WIDE = (("e7m13", "ocp_e4m3"), ("e8m13", "ocp_e5m2"))
"""Pairs of formats that a stream visits: 2^21 and 2^22 operands."""


def wide(device: str) -> Planted:
    """Conversions with many operands, one of them with ties away from zero."""

    def function(claim: Claim, codes: Codes) -> object:
        return by((lambda how: replace(how, rounding=Rounding.NEAREST_AWAY)) if claim.result.name == "ocp_e5m2" else same)(claim, codes)

    return Planted(function, WIDE)


def wide_raising(device: str) -> Planted:
    """Refuses the operands of every range but the first of the second claim, each with words of its own."""

    def function(claim: Claim, codes: Codes) -> object:
        if claim.result.name == "ocp_e5m2" and codes.size >= 1 << 20 and int(codes[0]):
            raise ValueError(f"planted trouble at {int(codes[0]):#x}")
        return by(same)(claim, codes)

    return Planted(function, WIDE)


def raising(device: str) -> Planted:
    def function(claim: Claim, codes: Codes) -> object:
        raise OverflowError("planted trouble\nwith a second line")

    return first_fails(function)


def wrong_shape(device: str) -> Planted:
    return first_fails(lambda claim, codes: np.zeros(3, np.uint8))


def wrong_type(device: str) -> Planted:
    return first_fails(lambda claim, codes: codes.astype(np.float64))


def not_an_array(device: str) -> Planted:
    return first_fails(lambda claim, codes: None)


def crashing(device: str) -> Planted:
    def function(claim: Claim, codes: Codes) -> object:
        return ctypes.string_at(0)

    return first_fails(function)


def leaving(device: str) -> Planted:
    def function(claim: Claim, codes: Codes) -> object:
        sys.exit(7)

    return first_fails(function)


def hanging(device: str) -> Planted:
    def function(claim: Claim, codes: Codes) -> object:
        time.sleep(3600)
        return codes

    return first_fails(function)


def hungry(device: str) -> Planted:
    """Takes memory and keeps it, a block at a time, until something stops it."""

    def function(claim: Claim, codes: Codes) -> object:
        held = []
        for _ in range(1 << 9):
            held.append(np.ones(1 << 25, np.uint8))
            time.sleep(0.01)
        return codes

    return first_fails(function)


def hungry_child(device: str) -> Planted:
    """Starts a process that takes the memory."""

    def function(claim: Claim, codes: Codes) -> object:
        code = "import time\nheld = []\nwhile len(held) < 4096:\n    held.append(b'x' * (1 << 22))\n    time.sleep(0.005)"
        subprocess.run([sys.executable, "-c", code], check=False)
        return codes

    return first_fails(function)


def interrupted(device: str) -> Planted:
    """Ended by the signal that a keyboard sends."""

    def function(claim: Claim, codes: Codes) -> object:
        raise KeyboardInterrupt

    return first_fails(function)


def killed(device: str) -> Planted:
    """Ended by a signal that comes from outside, as the kernel sends it when memory runs out."""

    def function(claim: Claim, codes: Codes) -> object:
        os.kill(os.getpid(), signal.SIGKILL)
        return codes

    return first_fails(function)


def printing(device: str) -> Planted:
    def function(claim: Claim, codes: Codes) -> object:
        print("noise from the emulator")
        return by(same)(claim, codes)

    return Planted(function)


def mutating(device: str) -> Planted:
    def function(claim: Claim, codes: Codes) -> object:
        out = np.array(by(same)(claim, codes))
        if codes.flags.writeable:
            codes[...] = 0
        return out

    return Planted(function)


class Native:
    """Right where the processor is in its usual environment: NumPy's conversion of binary64 into binary32, and its product of two binary32 numbers.

    ``leave`` runs after each call.
    """

    name = "native"
    views: tuple[str, ...] = ()
    compiles = False

    def __init__(self, leave: Callable[[], object] = lambda: None) -> None:
        self.leave = leave

    def describe(self) -> str:
        return "native 1.0, cpu"

    def claims(self) -> list[Claim]:
        wide, narrow = parse("binary64"), parse("binary32")
        return [
            Claim("native", "convert", (wide,), narrow, Projection(), "astype"),
            Claim("native", "convert", (narrow,), parse("ocp_e4m3"), Projection(), "astype"),
            Claim("native", "multiply", (narrow, narrow), narrow, Projection(), "multiply"),
        ]

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        found = [self.one(claim, operands) for operands in calls]
        self.leave()
        return found

    def one(self, claim: Claim, operands: tuple[Codes, ...]) -> Codes:
        if claim.result.width == 8:
            return by(same)(claim, operands[0])
        values = [codes.view(np.float32 if fmt.width == 32 else np.float64) for codes, fmt in zip(operands, claim.operands, strict=True)]
        with np.errstate(all="ignore"):
            out = values[0].astype(np.float32) if len(values) == 1 else np.multiply(*values)
        return np.asarray(out).view(np.uint32)


def flush_to_zero() -> None:
    """What ``crtfastmath.o`` does on x86-64: bits 15 and 6 of MXCSR, in the last four of 32 bytes."""
    library, image = ctypes.CDLL(None), ctypes.create_string_buffer(64)
    library.fegetenv(image)
    image[29] = bytes([image.raw[29] | 0x80])
    image[28] = bytes([image.raw[28] | 0x40])
    library.fesetenv(image)


def round_upward() -> None:
    """``fesetround(FE_UPWARD)`` on x86-64."""
    assert ctypes.CDLL(None).fesetround(0x800) == 0


def arm_traps() -> None:
    """``feenableexcept(FE_INEXACT)`` on x86-64: the next inexact result ends the process."""
    assert ctypes.CDLL(None).feenableexcept(0x20) >= 0


def leaving_flush(device: str) -> Native:
    return Native(flush_to_zero)


def leaving_upward(device: str) -> Native:
    return Native(round_upward)


def leaving_traps(device: str) -> Native:
    return Native(arm_traps)


def flushing_since_import(device: str) -> Native:
    flush_to_zero()
    return Native()


def unstartable(device: str) -> Planted:
    raise RuntimeError("planted refusal to start")
