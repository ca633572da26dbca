"""What every verdict on a file counts: cases, wrong ones, and slips."""

from dataclasses import dataclass, field

from conformance.vectors.slips import Kind, Slip
from refmath.errors import RefmathError

SHOWN = 3
"""Slips of a kind that are kept to be shown."""


@dataclass(frozen=True)
class Rules:
    """When a case is right."""

    check_nans: bool = False
    """Whether a NaN has to be the very one; else any quiet NaN is as good as another."""
    check_flags: bool = True
    any_invalid_integer: bool = False
    """Whether an invalid operation may deliver any integer."""
    strict: bool = False
    """Whether the first slip ends it all."""


USUAL = Rules()


@dataclass
class Counts:
    """What was counted so far."""

    rules: Rules
    cases: int = field(default=0, init=False)
    wrong_results: int = field(default=0, init=False)
    """Cases with a wrong result, whatever their flags."""
    wrong_flags: int = field(default=0, init=False)
    """Cases with the right result and wrong flags."""
    slips: dict[Kind, list[Slip]] = field(default_factory=dict, init=False)
    """By kind, the first of them; the number of lines is that of ``slipped``."""
    slipped: dict[Kind, int] = field(default_factory=dict, init=False)

    @property
    def wrong(self) -> int:
        """Cases that are wrong."""
        return self.wrong_results + self.wrong_flags

    @property
    def unread(self) -> int:
        """Slips after which something is missing."""
        return sum(count for kind, count in self.slipped.items() if not kind.readable)

    def slip(self, slip: Slip) -> None:
        """Count a slip. ``RefmathError`` where the first one ends it all."""
        if self.rules.strict:
            text = f": {slip.text}" if slip.text else ""
            raise RefmathError(f"Line {slip.line}: {slip.sentence}{text}.")
        self.slipped[slip.kind] = self.slipped.get(slip.kind, 0) + slip.count
        kept = self.slips.setdefault(slip.kind, [])
        if len(kept) < SHOWN:
            kept.append(slip)
