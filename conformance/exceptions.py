"""Exceptions in words.

An emulator that is called on one number at a time loses the result of that operand only; where every operand raises, the claim fails to run.
"""

from collections import defaultdict
from collections.abc import Iterable


def kinds(told: Iterable[str]) -> tuple[str, ...]:
    """The kinds of exceptions, in the order of their names: with what they say, where all of a kind say the same.

    Kinds of some with kinds of others give those of all together.
    """
    by_name: dict[str, set[str]] = defaultdict(set)
    for text in told:
        by_name[text.partition(": ")[0]].add(text)
    return tuple(texts.pop() if len(texts) == 1 else name for name, texts in sorted(by_name.items()))


def words(errors: Iterable[str]) -> tuple[str, ...]:
    """The finding, for each kind."""
    return tuple(f"raises {error}" for error in errors)
