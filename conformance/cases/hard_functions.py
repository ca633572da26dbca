"""Hard arguments of functions: those whose results come nearest to a number or to the middle between two.

Formats whose operands have up to 16 bits together: all arguments, ranked by the exact enclosures of the reference. Wider ones: a search that looks at thousands of
neighbouring arguments for the price of three. From the exact results at x, and one and two steps beside it, in units of 2^-64 ulp, the quadratic through them
gives the position of every argument within ``REACH`` steps modulo one ulp, on 64-bit integers; the few that come nearest to a boundary are then computed exactly.
The quadratic is off by REACH^3 f''' / 6 steps cubed, so it finds what is nearer than that; nothing rests on it, as every case is rechecked.
"""

from collections.abc import Hashable, Iterable
from functools import lru_cache

import numpy as np

from conformance.cases.coverage import Aim, Case, Model, Task
from conformance.cases.scene import ENUMERATED_BITS, Scene, Sight, every_sight
from conformance.cases.solve import anything
from conformance.cases.stream import Draws

REACH = 1 << 11
"""Steps to either side of an argument that one look covers."""
STARTS = 160
"""Arguments from which the search looks around."""
BEST = 3
"""Neighbours of each that are computed exactly."""
FRACTION = 64
EASIEST = 6
"""Nearer than 2^-6 ulp is the first task."""


def hardness(scene: Scene, sight: Sight) -> tuple[bool, bool, int] | None:
    """Whether a result is nearest to a middle, whether it lies above, and k where the distance is from 2^-k to 2^-(k-1) ulp; None of exact ones."""
    x = sight.value
    if x is None:
        return None
    bits = resolution(scene)
    place = scene.position(x, bits)
    f = scene.to
    if not f.least <= place.kept <= f.greatest(place.negative) or (place.exact and not place.tail & ((1 << (bits - 1)) - 1)):
        return None
    half = 1 << (bits - 1)
    nearest, rest = divmod(place.tail, half)
    above = 2 * rest < half
    distance = rest if above else half - rest - (not place.exact)  # in whole bits: where more follow, the distance lies between it and the next integer
    return bool((nearest + (not above)) & 1), above, bits - distance.bit_length() + 1


def resolution(scene: Scene) -> int:
    """Bits of an ulp that distances are measured in: what is nearer than the last one counts as one task."""
    return 3 * scene.precision + 24


def hard_arguments(scene: Scene) -> Model:
    """Tasks by how near results come: where all arguments are known down to the nearest, else those that the search found."""
    if scene.bits <= ENUMERATED_BITS:
        deepest = max((key[2] for sight in every_sight(scene) if (key := hardness(scene, sight)) is not None), default=EASIEST)
        wanted = [(middle, above, k) for middle in (True, False) for above in (True, False) for k in range(EASIEST, deepest + 1)]
    else:
        wanted = sorted(key for key in pool(scene) if key[2] >= EASIEST)
    tasks = []
    for key in wanted:
        middle, above, k = key
        size = f"2^-{k} to 2^-{k - 1}" if k <= resolution(scene) else f"less than 2^-{k - 1}"
        words = f"{size} ulp {'above' if above else 'below'} {'half way' if middle else 'a number'}"
        tasks.append(Task(key, words, _from_pool(scene, key)))

    def keys(sight: Sight) -> Iterable[Hashable]:
        found = hardness(scene, sight)
        return () if found is None else (found,)

    return Model("hard", tuple(tasks), keys)


def _from_pool(scene: Scene, key: tuple[bool, bool, int]) -> Aim:
    def aim(draws: Draws) -> Case | None:
        found = pool(scene).get(key)
        return draws.choice(found) if found else None

    return aim


@lru_cache(maxsize=16)
def pool(scene: Scene) -> dict[tuple[bool, bool, int], list[Case]]:
    """Hard arguments of a function of one operand, by how hard they are."""
    draws = Draws(1, "hard", scene.name, scene.formats[0].notation(), scene.to.notation())
    found: dict[tuple[bool, bool, int], list[Case]] = {}
    for _ in range(STARTS):
        for case in around(scene, anything(scene, draws)[0]):
            sight = scene.see((case,))
            key = hardness(scene, sight) if sight is not None else None
            if key is not None:
                found.setdefault(key, []).append((case,))
    return found


def around(scene: Scene, code: int) -> list[int]:
    """The arguments near one whose results come nearest to a boundary, by the quadratic through three exact results."""
    f = scene.formats[0]
    start = f.magnitude(code)
    if start is None:
        return []
    side, ordinal = start
    low, high = max(f.least, ordinal - REACH), min(f.greatest(side) - 2, ordinal + REACH)
    if not low <= ordinal <= high:
        return []
    places = [_place(scene, f.join(side, ordinal + step)) for step in range(3)]
    known = [place for place in places if place is not None]
    if len(known) < 3:
        return []
    y0, y1, y2 = known
    first, second = y1 - y0, y2 - 2 * y1 + y0
    steps = np.arange(low - ordinal, high - ordinal + 1, dtype=np.int64).astype(np.uint64)
    word = np.uint64
    pairs = np.array([k * (k - 1) // 2 for k in range(low - ordinal, high - ordinal + 1)], dtype=np.int64).astype(np.uint64)
    position = word(y0 % 2**64) + steps * word(first % 2**64) + pairs * word(second % 2**64)
    doubled = position << word(1)
    distance = np.minimum(doubled, ~doubled)
    best = np.argsort(distance, kind="stable")[:BEST]
    return [f.join(side, low + int(k)) for k in best]


def _place(scene: Scene, code: int) -> int | None:
    """The position of a result in units of 2^-64 ulp, counted in codes."""
    sight = scene.see((code,))
    if sight is None or sight.value is None:
        return None
    place = scene.position(sight.value, FRACTION)
    return (place.kept << FRACTION) + place.tail
