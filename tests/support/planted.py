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
from conformance.conversions import Model, conversion_projection, evaluate
from formats.notation import parse
from formats.projection import Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding
from refmath.underflow import Subnormals

PAIRS = (("binary32", "ocp_e4m3"), ("binary16", "bfloat16"))


class Planted:
    """Conversions computed by ``function`` from the codes of one call."""

    name = "planted"
    views = ("strided", "transposed", "offset", "reversed")
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
        model = Model(change(claim.projection), tuple((parse(name), how) for name, how in via), quirk)
        return evaluate(model, codes.reshape(-1), claim.operands[0], claim.result).reshape(codes.shape)

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
        for _ in range(1 << 12):
            held.append(np.ones(1 << 22, np.uint8))
            time.sleep(0.005)
        return codes

    return first_fails(function)


def hungry_child(device: str) -> Planted:
    """Starts a process that takes the memory."""

    def function(claim: Claim, codes: Codes) -> object:
        code = "import time\nheld = []\nwhile len(held) < 4096:\n    held.append(b'x' * (1 << 22))\n    time.sleep(0.005)"
        subprocess.run([sys.executable, "-c", code], check=False)
        return codes

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


def unstartable(device: str) -> Planted:
    raise RuntimeError("planted refusal to start")
