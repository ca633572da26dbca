"""Posits that become integers wrongly: what is planted is named, in full, and what softposit does is that."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from conformance.budget import QUICK
from conformance.checker import check
from conformance.claims import Claim, Codes
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import Arrays
from conformance.verdict import Status, Verdict
from formats.arrays import convert, dtype
from formats.notation import parse
from formats.posit import Posit
from formats.projection import AbsentNaN, Projection
from refmath.datum import Finite
from refmath.overflow import Overflow
from refmath.rounding import Rounding

INT64 = parse("int64")
HOW = Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_FINITE, absent_nan=AbsentNaN.LOWEST)


def small(size: object) -> int:
    """Truncated, but for the thresholds of 1 and 2."""
    return 1 if 2 <= size < 2.5 else 2 if size == 3 else int(size)  # type: ignore[operator, call-overload]


def planted(fmt: str, whole: Callable[[object], int] = int, word: int = 0, lowest: int = -(1 << 63)) -> Verdict:
    """Magnitudes that ``whole`` cuts, those that leave a word become 0, the others saturate."""
    source = parse(fmt)

    def integer(code: int) -> int:
        datum = source.decode(code)
        if not isinstance(datum, Finite):
            return -(1 << 63)
        size = 0 if word and 1 << (word - 1 - source.es) <= abs(datum.value) < 1 << 62 else whole(abs(datum.value))  # type: ignore[attr-defined, arg-type, operator]
        return max(-size, lowest) if datum.negative else min(size, (1 << 63) - 1)

    def function(codes: Codes) -> Codes:
        return np.array([integer(code) & ((1 << 64) - 1) for code in codes.reshape(-1).tolist()], np.uint64).reshape(codes.shape)

    claim = Claim("planted", "convert", (source,), INT64, HOW, "planted")
    return check(claim, Calls("planted", "", [Call(claim, function, Arrays("numpy", "codes"))]), replace(QUICK, samples=2000, points=2000))


SMALL = "from 2 to 5/2 numbers become 1, and 3 becomes 2"
LEAVES = "from 2^{} to 2^62 numbers become 0: the unit has left a word of {} bits"
OPPOSITE = "what overflows below becomes the opposite of the greatest value"


@pytest.mark.parametrize(
    ("fmt", "how", "words"),
    [
        ("posit16(es=1)", {}, ()),
        ("posit8", {"whole": small}, (SMALL,)),
        ("posit16(es=1)", {"whole": lambda size: 2 if size == 3 else int(size), "word": 16}, ("3 becomes 2", LEAVES.format(14, 16))),
        ("posit12", {"whole": small, "word": 32}, (SMALL, LEAVES.format(29, 32))),
        ("posit32", {"lowest": 1 - (1 << 63)}, (OPPOSITE,)),
        ("posit24", {"whole": small, "word": 32, "lowest": 1 - (1 << 63)}, (SMALL, LEAVES.format(29, 32), OPPOSITE)),
    ],
)
def test_what_is_planted_is_named(fmt: str, how: dict[str, object], words: tuple[str, ...]) -> None:
    found = planted(fmt, **how)  # type: ignore[arg-type]
    assert (found.status, found.deviations, found.unexplained) == (Status.DIFFERS if words else Status.AGREES, words, 0)


@pytest.mark.parametrize("source", ["int6", "int16", "int64"])
@pytest.mark.parametrize("target", ["posit6", "posit16", "posit32"])
def test_the_least_integer_may_become_nar(source: str, target: str) -> None:
    """As Posit Standard 6.4 has it: a policy, and nothing else is one."""
    s, t = parse(source), parse(target)
    assert isinstance(t, Posit)
    for least, words in ((t.nan(), ("the least integer becomes NaR, as in the posit standard, 6.4",)), (0, ())):

        def function(codes: Codes, least: int = least) -> Codes:
            return np.where(codes == codes.dtype.type(s.codes >> 1), least, convert(codes, s, t)[0]).astype(dtype(t))

        claim = Claim("planted", "convert", (s,), t, t.default, "planted")
        found = check(claim, Calls("planted", "", [Call(claim, function, Arrays("numpy", "codes"))]), replace(QUICK, samples=2000, points=2000))
        assert (found.status, found.policies) == (Status.POLICY if words else Status.DIFFERS, words)
    assert t.from_integer(s.codes >> 1, s.width) == t.nan()


def test_integers_of_softposit_are_explained_in_full() -> None:
    """Its 2 is 1, its 3 is 2, its 2^29 is 0 in 32 bits, and 2^14 in 16."""
    softposit = pytest.importorskip("softposit")
    assert softposit.posit32(2).toInt() == 1 and softposit.posit32(3).toInt() == 2 and softposit.posit32(2.0**29).toInt() == 0
    assert softposit.posit16(3).toInt() == 2 and softposit.posit16(2.0**14).toInt() == 0
    from conformance.emulators import load

    adapter = load("softposit", "cpu")
    for variant, words in (("posit16, toInt", ("3 becomes 2", LEAVES.format(14, 16))), ("posit32, toInt", (SMALL, LEAVES.format(29, 32), OPPOSITE))):
        (claim,) = (claim for claim in adapter.claims() if claim.variant == variant)
        found = check(claim, adapter, replace(QUICK, samples=2000, points=2000))
        assert (found.deviations, found.unexplained) == (words, 0)
