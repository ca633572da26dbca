"""Looking operations up by the names that people type: any case, with or without underscores, and by alias."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Protocol, TypeVar

from refmath.errors import RefmathError, quote


class Named(Protocol):
    """What has a canonical name and others."""

    @property
    def name(self) -> str: ...

    @property
    def aliases(self) -> tuple[str, ...]: ...


T = TypeVar("T", bound=Named)


def plain(name: str) -> str:
    """A name without the ways of writing it: ``compareQuietEqual``, ``compare_quiet_equal`` and ``compare-quiet-equal`` are one."""
    return name.strip().lower().replace("_", "").replace("-", "").replace(" ", "") if any(c.isalnum() for c in name) else name.strip()


def index(operations: Iterable[T]) -> dict[str, T]:
    """Every name and alias, in its plain form."""
    found: dict[str, T] = {}
    for op in operations:
        for name in (op.name, *op.aliases):
            assert plain(name) not in found or found[plain(name)] is op, name
            found[plain(name)] = op
    return found


def look_up(name: str, names: dict[str, T]) -> T:
    """The operation of that name. ``RefmathError``, with suggestions, where there is none."""
    op = names.get(plain(name[:100]))
    if op is not None:
        return op
    close = get_close_matches(plain(name[:100]), names, n=3, cutoff=0.6)
    known = list(dict.fromkeys(names[match].name for match in close))
    hint = f"did you mean {' or '.join(known)}?" if known else "'refmath operations' lists them."
    raise RefmathError(f"{quote(name)} is not a known operation; {hint}")
