"""The kinds of data that models speak of: corners of the range, zeros, infinities and NaNs, and shapes of significands."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from gmpy2 import mpq

from conformance.cases.places import near, signed
from conformance.cases.stream import Draws
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.takum import Takum
from formats.tapered import Tapered
from refmath.datum import NaN
from refmath.reals import power_of_two


@dataclass(frozen=True)
class Kind:
    """A set of codes."""

    name: str
    draw: Callable[[Draws], int] | None
    """A code of the kind; None where the format has none."""
    holds: Callable[[int], bool]
    never: str = ""
    """Why the format has none."""


@lru_cache(maxsize=64)
def kinds(f: Format) -> tuple[Kind, ...]:
    """The basic kinds of B1, each with both signs: zero, one, the least, some and the greatest subnormal and normal numbers, infinity, and the kinds of NaN."""
    found: list[Kind] = []
    for side in (False, True):
        sign = "-" if side else "+"
        zero = f.has_zero and (not side or f.has_negative_zero)
        found.append(_single(f"{sign}0", f.zero(side) if zero else None, f"{f.name} has no {'negative zero' if f.has_zero else 'zero'}"))
        found += [_numbers(f, side, sign, name, low, high) for name, low, high in _ranges(f, side)]
        infinite = f.has_infinity and (not side or f.signed)
        found.append(
            _single(f"{sign}infinity", f.infinity(side) if infinite else None, f"{f.name} has no {'negative ' if side and f.has_infinity else ''}infinity")
        )
        found += _nans(f, side, sign)
    return tuple(found)


def _ranges(f: Format, side: bool) -> list[tuple[str, int, int]]:
    """Named ranges of magnitude codes."""
    normal = f.least_normal if f.least_normal is not None and f.least_normal > f.least else None
    first, last = normal or f.least, f.greatest(side)
    one, exact = f.code_below(mpq(1))
    found = [("one", one, one if exact else one - 1)]
    if isinstance(f, Float):
        end = (normal or f.least) - 1
        found += [("least subnormal", f.least, min(f.least, end)), ("some subnormal", f.least + 1, end - 1), ("greatest subnormal", max(end, f.least), end)]
    words = "normal" if isinstance(f, Float) else "number"
    return [
        *found,
        (f"least {words}", first, min(first, last)),
        (f"some {words}", first + 1, last - 1),
        (f"greatest {words}", last, last if last >= first else last - 1),
    ]


def _numbers(f: Format, side: bool, sign: str, name: str, low: int, high: int) -> Kind:
    """Finite numbers of one sign by their magnitude codes."""
    words = f"{sign}{name}"
    high = min(high, f.greatest(side))
    if side and (not f.signed or f.greatest(True) < f.least):
        return Kind(words, None, lambda code: False, f"{f.name} has no negative numbers")
    if low > high:
        return Kind(words, None, lambda code: False, f"{f.name} has no {name}")

    def holds(code: int) -> bool:
        found = f.magnitude(code)
        return found is not None and found[0] == side and low <= found[1] <= high

    return Kind(words, lambda draws: f.join(side, draws.between(low, high)), holds)


def _single(name: str, code: int | None, never: str) -> Kind:
    """One code, or none."""
    if code is None:
        return Kind(name, None, lambda other: False, never)
    return Kind(name, lambda draws: code, lambda other: other == code)


def _nans(f: Format, side: bool, sign: str) -> list[Kind]:
    """The default NaN, other quiet ones, and signalling ones."""
    names = [f"{sign}default NaN", f"{sign}quiet NaN", f"{sign}signalling NaN"]
    absent = f"{f.name} has no NaN" if not f.has_nan else f"{f.name} has one NaN alone"
    if not f.has_nan or (side and not (isinstance(f, Float) and f.signed and f.specials in (Specials.IEEE, Specials.RESERVED, Specials.FN))):
        return [Kind(name, None, lambda code: False, absent) for name in names]
    default = f.nan(NaN(True)) if side else f.nan()
    found = [_single(names[0], default, absent)]
    if not isinstance(f, Float) or f.specials not in (Specials.IEEE, Specials.RESERVED):
        return [*found, *(Kind(name, None, lambda code: False, absent) for name in names[1:])]
    stored = f.trailing
    head = f.join(side, f.greatest() + 1)
    quiet = [t for t in ((1 << stored) - 1, *(1 << k for k in range(stored))) if _is(f, head + t, False) and head + t != default]
    signalling = [t for t in ((1 << stored) - 1, *(1 << k for k in range(stored))) if _is(f, head + t, True)]
    for name, list_of, signals in ((names[1], quiet, False), (names[2], signalling, True)):
        if not list_of:
            found.append(
                Kind(name, None, lambda code: False, f"{f.name} has no {name[1:]} beside the default one" if not signals else f"{f.name} has no {name[1:]}")
            )
            continue

        def draw(draws: Draws, head: int = head, signals: bool = signals, list_of: list[int] = list_of) -> int:
            code = head + (draws.choice(list_of) if draws.below(2) else draws.getrandbits(stored))
            return code if _is(f, code, signals) and code != default else head + draws.choice(list_of)

        def holds(code: int, signals: bool = signals) -> bool:
            datum = f.decode(code)
            return isinstance(datum, NaN) and datum.negative == side and datum.signalling == signals and code != default

        found.append(Kind(name, draw, holds))
    return found


def _is(f: Format, code: int, signalling: bool) -> bool:
    datum = f.decode(code)
    return isinstance(datum, NaN) and datum.signalling == signalling


@lru_cache(maxsize=1 << 16)
def kinds_of(f: Format, code: int) -> tuple[str, ...]:
    """The names of the kinds that a code is of."""
    return tuple(kind.name for kind in kinds(f) if kind.holds(code))


@lru_cache(maxsize=64)
def plain_kinds(f: Format) -> tuple[Kind, ...]:
    """The kinds of B21: zero, a random number, infinity and NaN, each with both signs."""
    found: list[Kind] = []
    for side in (False, True):
        sign = "-" if side else "+"
        named = {kind.name: kind for kind in kinds(f)}
        found.append(named[f"{sign}0"])
        low, high = f.least, f.greatest(side)
        found.append(_numbers(f, side, sign, "number", low, high))
        found.append(named[f"{sign}infinity"])
        nans = [kind for kind in kinds(f) if kind.name in (f"{sign}default NaN", f"{sign}quiet NaN", f"{sign}signalling NaN") and kind.draw is not None]

        def draw(draws: Draws, nans: list[Kind] = nans) -> int:
            chosen = draws.choice(nans).draw
            assert chosen is not None
            return chosen(draws)

        def holds(code: int, nans: list[Kind] = nans) -> bool:
            return any(kind.holds(code) for kind in nans)

        found.append(Kind(f"{sign}NaN", draw if nans else None, holds, named[f"{sign}default NaN"].never))
    return tuple(found)


SHAPES = ("all zeros", "all ones", "leading zeros", "leading ones", "trailing zeros", "trailing ones", "few ones", "few zeros", "checkerboard")
"""Shapes of the bits behind the leading one."""


def fraction(f: Format, code: int) -> tuple[int, int] | None:
    """The bits behind the leading one of a nonzero number, and how many there are; of a subnormal float, the trailing significand."""
    found = f.magnitude(code)
    if found is None or found[1] < f.least:
        return None
    if isinstance(f, Float):
        return found[1] & ((1 << f.trailing) - 1), f.trailing
    if isinstance(f, Fixed):
        bits = found[1].bit_length() - 1
        return found[1] & ((1 << bits) - 1), bits
    assert isinstance(f, Tapered)
    _, tail, bits = f.characteristic(found[1], f.width - 1)
    return tail, bits


def has_fraction(f: Format) -> bool:
    """Whether ``fraction`` knows the significands of a format."""
    return isinstance(f, Float | Fixed) or (isinstance(f, Tapered) and not (isinstance(f, Takum) and f.logarithmic))


@lru_cache(maxsize=1 << 16)
def shapes_of(t: int, m: int) -> tuple[str, ...]:
    """The shapes that m bits t have."""
    ones = (1 << m) - 1
    count = t.bit_count()
    run = t & -t
    found = []
    if t == 0:
        found.append("all zeros")
    if m and t == ones:
        found.append("all ones")
    if 0 < t < ones:
        if t & (t + 1) == 0:
            found.append("leading zeros")
        if (ones ^ t) & ((ones ^ t) + 1) == 0:
            found.append("leading ones")
        if run.bit_length() - 1 >= (m + 1) // 2:
            found.append("trailing zeros")
        rest = ones ^ t
        if (rest & -rest).bit_length() - 1 >= (m + 1) // 2:
            found.append("trailing ones")
        if count <= 2:
            found.append("few ones")
        if m - count <= 2:
            found.append("few zeros")
        if m >= 2 and t ^ (t >> 1) in (ones, ones ^ 1 << (m - 1), ones >> 1):
            found.append("checkerboard")
    return tuple(found)


def shaped(name: str, m: int, draws: Draws) -> int | None:
    """m bits of a shape; None where m bits are too few for it."""
    ones = (1 << m) - 1
    if m == 0:
        return 0 if name == "all zeros" else None
    half = (m + 1) // 2
    match name:
        case "all zeros":
            return 0
        case "all ones":
            return ones
        case "leading zeros":
            return (1 << draws.between(1, m - 1)) - 1 if m > 1 else None
        case "leading ones":
            return ones ^ ((1 << draws.between(1, m - 1)) - 1) if m > 1 else None
        case "trailing zeros":
            return draws.getrandbits(m - half) << half if m > half else None
        case "trailing ones":
            return draws.getrandbits(m - half) << half | ((1 << half) - 1) if m > half else None
        case "few ones":
            return 1 << draws.below(m) | 1 << draws.below(m)
        case "few zeros":
            return ones ^ (1 << draws.below(m) | 1 << draws.below(m))
        case _:
            board = sum(1 << k for k in range(draws.below(2), m, 2))
            return board if m > 1 else None


def no_shape(f: Format, name: str) -> str:
    """Why no significand of a float has a shape, or nothing."""
    if not isinstance(f, Float) or f.trailing > 4:
        return ""
    if any(name in shapes_of(t, f.trailing) for t in range(1 << f.trailing)):
        return ""
    return f"no significand of {f.trailing} bits behind the leading one has {name}"


def with_fraction(f: Format, e: int, shape: str, draws: Draws) -> int | None:
    """The code of a number of exponent e, of either sign, with a significand of a shape."""
    code = near(f, signed(f, power_of_two(e), draws))
    bits = fraction(f, code)
    found = f.magnitude(code)
    if bits is None or found is None:
        return None
    t = shaped(shape, bits[1], draws)
    if t is None:
        return None
    return f.join(found[0], found[1] - bits[0] + t)
