"""In which order a sum is taken, as a plan: a list of steps, each of which adds slots to a slot.

The slots are the summands. A step (i, j) puts the rounded sum of slots i and j into slot i; slot j is spent. A step of one slot rounds it, a step of more than two
sums them exactly and rounds once. The target of the last step holds the sum. Plans are flat, so that sums of any length neither recurse nor nest, and two models that take the same steps are the same function.
"""

from collections.abc import Sequence

Step = tuple[int, ...]


def in_sequence(slots: Sequence[int]) -> list[Step]:
    """((s0 + s1) + s2) + ..."""
    return [(slots[0], s) for s in slots[1:]]


def in_halves(slots: Sequence[int], leaf: int) -> list[Step]:
    """The left half plus the right half, the left one shorter by one where they differ; up to ``leaf`` summands are taken in sequence."""
    if len(slots) <= leaf:
        return in_sequence(slots)
    middle = len(slots) // 2
    left, right = slots[:middle], slots[middle:]
    return [*in_halves(left, leaf), *in_halves(right, leaf), (left[0], right[0])]


def by_folding(slots: Sequence[int]) -> list[Step]:
    """The upper half added to the lower one, element by element, until one is left; the middle one of an odd number waits."""
    steps: list[Step] = []
    while len(slots) > 1:
        middle = (len(slots) + 1) // 2
        steps += [(slots[i], slots[i + middle]) for i in range(len(slots) - middle)]
        slots = slots[:middle]
    return steps


def target(steps: Sequence[Step], slots: Sequence[int]) -> int:
    """The slot that holds the sum in the end."""
    return steps[-1][0] if steps else slots[0]
