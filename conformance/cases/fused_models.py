"""B18, of fused sums: the product alone would be inexact, overflow or underflow, and the fused result does not."""

from collections.abc import Hashable, Iterable

from gmpy2 import mpq

from conformance.cases.coverage import Aim, Case, Model, Task
from conformance.cases.places import at, exponent_in, near, rational
from conformance.cases.result_models import sign_of
from conformance.cases.scene import Scene, Sight, bottom, precision, top
from conformance.cases.stream import Draws
from conformance.cases.terms import first_term, product_range, terms
from refmath.overflow import Overflow
from refmath.reals import floor_log2, power_of_two


def fused_events(scene: Scene) -> Model:
    """B18: the product alone would be inexact, overflow or underflow, and the fused result does not."""
    words = ("product inexact, result exact", "product overflows, result does not", "product underflows, result does not")
    tasks = []
    for side in (False, True):
        for which, name in enumerate(words):
            tasks.append(Task((side, which), f"{name}, result {sign_of(side)}", _event(scene, which), _no_event(scene, which, side)))

    def keys(sight: Sight) -> Iterable[Hashable]:
        found = terms(scene, sight)
        if found is None or sight.value is None:
            return ()
        f = scene.to
        alone, total = scene.position(found.first, 1), scene.position(sight.value, 1)
        normal = f.least_normal or f.least
        last = f.greatest(total.negative)
        events = []
        if (alone.tail or not alone.exact) and not total.tail and total.exact and total.kept <= last:
            events.append(0)
        if alone.kept > f.greatest(alone.negative) and total.kept <= last:
            events.append(1)
        if alone.kept < normal <= total.kept:
            events.append(2)
        return ((total.negative, which) for which in events)

    return Model("B18", tuple(tasks), keys)


def _no_event(scene: Scene, which: int, side: bool) -> str:
    f = scene.to
    if side and not f.signed:
        return f"{f.name} has no negative numbers"
    _, b = product_range(scene)
    if which == 1 and b < top(f) and scene.how.overflow is not Overflow.WRAP:
        return f"no product has an exponent above {b}"
    return ""


def _event(scene: Scene, which: int) -> Aim:
    """Products just over the edge, and an addend that brings them back."""
    f, h = scene.to, scene.formats[2]

    def aim(draws: Draws) -> Case | None:
        if which == 1:
            found = first_term(scene, draws, top(f), top(f) + 1, None)
            rest = rational(f.value(f.greatest())) * mpq(draws.getrandbits(10), 1 << 10)
        elif which == 2:
            found = first_term(scene, draws, product_range(scene)[0], floor_log2(rational(f.value(f.least_normal or f.least))) - 1, None)
            rest = mpq(0)
        else:
            found = first_term(scene, draws, bottom(f) - precision(h), top(f), None)
            rest = mpq(0)
        if found is None:
            return None
        codes, first = found
        if which == 2:
            return (*codes, at(h, exponent_in(h, draws, bottom(f), bottom(f) + 2 * precision(h)), draws))
        if which == 1:
            return (*codes, near(h, (rest if first > 0 else -rest) - first))
        step = power_of_two(floor_log2(first) - draws.between(0, scene.precision - 1))
        return (*codes, near(h, (first / step).__floor__() * step - first))

    return aim
