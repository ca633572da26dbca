"""Text to model, and back.

    exact                                    the exact sum, rounded once
    sequential  sequential(fma)              ((c + t0) + t1) + ...; each product rounded, or added unrounded
    sequential(reverse, c=last)              from the last term to the first; c added at the end
    pairwise(leaf=8, fma)                    halves of halves, up to 8 terms in sequence
    fold                                     the upper half added to the lower, and so on
    lanes(8, fma, across=fold)               term i to lane i mod 8, then across the lanes; tail=after|lanes
    tree(((0 1) 2), fma, rounded=1)          any order of rounded sums, products rounded where it says so; {0 1 2} is summed exactly and rounded once
    blocked(4, inner=pairwise, outer=chain)  blocks of 4; outer=chain: each takes the sum so far as its c
    quire(bits=512, fraction=240)            a fixed-point accumulator; quire alone: that of the result, a posit
    aligned(group=8, F=24, keep=truncate, final=toward_zero)
    v100  a100  h100_fp8  cdna3              the named units

Options of aligned: group=N|all, F=N, keep and final: a rounding mode (truncate, floor, nearest_even, ...), final_F=N|format, final_emin=N, zero=N|none,
least=N|none, presum=N, interleave=N, limit=N|none, c=early|late, sum_F=N, c_F=N, c_range=N|none, nan=ones|canonical.
``parse`` and ``str`` are inverse to each other on every model.
"""

import re
from collections.abc import Callable
from difflib import get_close_matches
from enum import Enum

from refmath.accumulation import trees
from refmath.accumulation.aligned import NONE, WORDS, Aligned, NaNResult, When
from refmath.accumulation.blocked import Blocked
from refmath.accumulation.exact import Exact, Quire
from refmath.accumulation.model import Model
from refmath.accumulation.ordered import Addend, Fold, Given, Lanes, Ordered, Pairwise, Sequential, Tail
from refmath.accumulation.units import ALIASES, UNITS
from refmath.errors import RefmathError, quote
from refmath.rounding import parse_rounding

MAX_TEXT = 20_000
MAX_DEPTH = 20


class Arguments:
    """What stands in the brackets of a head: each item is taken once, and none may be left over."""

    def __init__(self, head: str, items: list[str], depth: int) -> None:
        self.head, self.depth = head, depth
        self.plain = [item for item in items if not re.match(r"\w+\s*=", item, re.ASCII)]
        self.options: dict[str, str] = {}
        for item in items:
            if item not in self.plain:
                key, _, value = (part.strip() for part in item.partition("="))
                if key in self.options:
                    raise RefmathError(f"{head}: the option {key} stands twice; give it once.")
                self.options[key] = value

    def flag(self, word: str) -> bool:
        """Whether a bare word stands there."""
        if word not in self.plain:
            return False
        self.plain.remove(word)
        return True

    def first(self, what: str) -> str:
        """The first item without a key."""
        if not self.plain:
            raise RefmathError(f"{self.head} needs {what} in brackets, as in {EXAMPLES[self.head]}.")
        return self.plain.pop(0)

    def number(self, text: str, what: str) -> int:
        """An integer."""
        if not re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII):
            raise RefmathError(f"{self.head}: {what} = {quote(text)} is not an integer of at most 9 digits.")
        return int(text)

    def integer(self, key: str, default: int) -> int:
        """The option of an integer."""
        return self.number(self.options.pop(key), key) if key in self.options else default

    def choice(self, key: str, choices: type[Enum], default: Enum) -> Enum:
        """The option of one of an enumeration."""
        value = self.options.pop(key, default.value)
        for choice in choices:
            if choice.value == value:
                return choice
        raise RefmathError(f"{self.head}: {key} = {quote(value)} is not possible; use one of {', '.join(choice.value for choice in choices)}.")

    def model(self, key: str) -> Model | None:
        """The option of a model."""
        return _parse(self.options.pop(key), self.depth + 1) if key in self.options else None

    def done(self) -> None:
        """``RefmathError`` for what nobody took."""
        for item in (*self.plain, *self.options):
            raise RefmathError(f"{self.head}: {quote(item)} is not an option here; an example is {EXAMPLES[self.head]}.")


def _sequential(given: Arguments) -> Model:
    c = given.choice("c", Addend, Addend.FIRST)
    assert isinstance(c, Addend)
    return Sequential(given.flag("fma"), given.flag("reverse"), c)


def _pairwise(given: Arguments) -> Model:
    return Pairwise(given.integer("leaf", 1), given.flag("fma"))


def _fold(given: Arguments) -> Model:
    return Fold(given.flag("fma"))


def _lanes(given: Arguments) -> Model:
    fma, across, tail = given.flag("fma"), given.model("across"), given.choice("tail", Tail, Tail.AFTER)
    if across is not None and not isinstance(across, Ordered):
        raise RefmathError(f"lanes: {across} does not add two at a time; combine lanes across by sequential, pairwise, fold or lanes.")
    assert isinstance(tail, Tail)
    return Lanes(given.number(given.first("the number of lanes"), "width"), fma, across or Pairwise(), tail)


def _tree(given: Arguments) -> Model:
    fma, rounded = given.flag("fma"), given.options.pop("rounded", "").split()
    return Given(trees.parse(given.first("a tree")), fma, tuple(given.number(k, "rounded") for k in rounded))


def _blocked(given: Arguments) -> Model:
    size = given.number(given.first("the size of a block"), "size")
    inner = given.model("inner") or Sequential()
    if given.options.get("outer") == "chain":
        del given.options["outer"]
        return Blocked(size, inner, None)
    return Blocked(size, inner, given.model("outer") or Sequential())


def _exact(given: Arguments) -> Model:
    return Exact()


def _quire(given: Arguments) -> Model:
    bits, fraction = (given.integer(key, 0) if key in given.options else None for key in ("bits", "fraction"))
    return Quire(bits, fraction)


def _aligned(given: Arguments) -> Model:
    found: dict[str, object] = {}
    for word, attribute in WORDS.items():
        if word not in given.options:
            continue
        match attribute:
            case "keep" | "final":
                found[attribute] = parse_rounding(given.options.pop(word))
            case "c":
                found[attribute] = given.choice(word, When, When.EARLY)
            case "nan":
                found[attribute] = given.choice(word, NaNResult, NaNResult.ONES)
            case _ if given.options[word] == NONE.get(attribute):
                del given.options[word]
                found[attribute] = None
            case _:
                found[attribute] = given.integer(word, 0)
    return Aligned(**found)  # type: ignore[arg-type]


HEADS: dict[str, Callable[[Arguments], Model]] = {
    "exact": _exact,
    "sequential": _sequential,
    "pairwise": _pairwise,
    "fold": _fold,
    "lanes": _lanes,
    "tree": _tree,
    "blocked": _blocked,
    "quire": _quire,
    "aligned": _aligned,
}
EXAMPLES = {
    "exact": "exact",
    "sequential": "sequential(fma)",
    "pairwise": "pairwise(leaf=8)",
    "fold": "fold(fma)",
    "lanes": "lanes(8, fma, across=fold)",
    "tree": "tree(((0 1) (2 3)), fma)",
    "blocked": "blocked(4, inner=pairwise)",
    "quire": "quire(bits=512, fraction=240)",
    "aligned": "aligned(group=8, F=24, keep=truncate, final=toward_zero)",
}
"""What an error shows, by head."""


def parse(text: str) -> Model:
    """The model that a text denotes. ``RefmathError`` for an unknown or impossible one."""
    if len(text) > MAX_TEXT:
        raise RefmathError(f"{quote(text)} is too long for a model of accumulation; the limit is {MAX_TEXT:,} characters.")
    return _parse(text, 0)


def _parse(text: str, depth: int) -> Model:
    match = re.fullmatch(r"\s*([\w-]+)\s*(?:\((.*)\))?\s*", text, re.ASCII | re.DOTALL)
    if not match:
        raise RefmathError(
            f"{quote(text)} is not a model of accumulation; write one such as exact, sequential(fma), pairwise(leaf=8), aligned(group=8, F=24) or a100."
        )
    head = match[1].lower().replace("-", "_")
    name = ALIASES.get(head, head)
    if name in UNITS and match[2] is None:
        return UNITS[name]
    if name in UNITS:
        raise RefmathError(f"{quote(text)}: the unit {name} has no options; write its parameters: {UNITS[name].notation()}.")
    if head not in HEADS:
        raise _unknown(head)
    if depth > MAX_DEPTH:
        raise RefmathError(f"{quote(text)} nests models more than {MAX_DEPTH} deep; write a simpler one.")
    given = Arguments(head, split(match[2] or "", text), depth)
    model = HEADS[head](given)
    given.done()
    return model


def split(inside: str, text: str) -> list[str]:
    """What stands between the commas that are in no inner bracket."""
    items, level, start = [], 0, 0
    for at, character in enumerate(inside):
        level += (character in "({") - (character in ")}")
        if level < 0:
            break
        if character == "," and not level:
            items.append(inside[start:at].strip())
            start = at + 1
    if level:
        raise RefmathError(f"{quote(text)}: its brackets do not pair.")
    last = inside[start:].strip()
    if (items and not last) or "" in items:
        raise RefmathError(f"{quote(text)}: nothing stands between two commas; leave one of them out.")
    return [*items, last] if last else items


def _unknown(head: str) -> RefmathError:
    known = [*HEADS, *UNITS]
    close = get_close_matches(head, [*known, *ALIASES], n=1, cutoff=0.6)
    return RefmathError(f"{quote(head)} is not a model of accumulation; {f'did you mean {close[0]}?' if close else 'use one of ' + ', '.join(known) + '.'}")
