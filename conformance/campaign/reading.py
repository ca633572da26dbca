"""Reading tables of a TOML file: every slip is one sentence that names the file, the place, and the remedy."""

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from refmath.errors import RefmathError, quote

T = TypeVar("T")
KINDS = {str: "a text", int: "an integer", bool: "true or false", float: "a number", list: "an array", dict: "a table"}


def named(path: Path) -> str:
    """A path as an error message has it: where it is long, by its end."""
    return quote(path if len(str(path)) <= 60 else f".../{path.name}", 120)


def kind_of(value: object) -> str:
    """What a TOML value is, in words."""
    return next((words for kind, words in KINDS.items() if type(value) is kind), "a date or a time")


@dataclass
class Table:
    """A table of a file, whose keys are taken one by one; what is left at the end is a slip."""

    file: str
    place: str
    """Such as ``check 2``; empty for the file itself."""
    data: dict[str, Any]
    known: list[str] = field(default_factory=list)

    def wrong(self, key: str, sentence: str) -> NoReturn:
        """Refuse a value."""
        where = ", ".join(filter(None, (self.place, f"key {quote(key)}" if key else "")))
        raise RefmathError(f"{self.file}{', ' if where else ''}{where}: {sentence}")

    def _take(self, key: str) -> Any:
        self.known.append(key)
        return self.data.get(key)

    def text(self, key: str, default: str) -> str:
        """A text."""
        value = self._take(key)
        if value is not None and not isinstance(value, str):
            self.wrong(key, f"here stands {kind_of(value)}; write a text in quotes.")
        return default if value is None else value

    def integer(self, key: str, default: int, least: int, greatest: int) -> int:
        """An integer between two others."""
        value = self._take(key)
        if value is None:
            return default
        if type(value) is not int or not least <= value <= greatest:
            shown = f"{value:,}" if type(value) is int and abs(value) < 1 << 128 else kind_of(value)
            self.wrong(key, f"{shown} is no value for it; write an integer from {least:,} to {greatest:,}.")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None, read: Callable[[str], T]) -> tuple[T, ...]:
        """An array of texts, each read; a single text counts as an array of one. Without a default there has to be one."""
        value = self._take(key)
        if value is None:
            if default is None:
                self.wrong(key, f'it is missing; add it, such as {key} = ["torch"].')
            value = list(default)
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or (not items and key in self.data):
            self.wrong(key, f"here stands {'an empty array' if items == [] else kind_of(items)}; write an array of texts.")
        return tuple(self._read(key, item, read) for item in items)

    def _read(self, key: str, item: Any, read: Callable[[str], T]) -> T:
        if not isinstance(item, str):
            self.wrong(key, f"{kind_of(item)} stands in the array; write texts in quotes.")
        return self.check(key, item, read)

    def check(self, key: str, item: str, read: Callable[[str], T]) -> T:
        """What a reader makes of a text; what it complains about is said with the place."""
        try:
            return read(item)
        except RefmathError as error:
            self.wrong(key, str(error))

    def table(self, key: str) -> "Table":
        """A table within; an empty one where there is none."""
        value = self._take(key)
        if value is not None and not isinstance(value, dict):
            self.wrong(key, f"here stands {kind_of(value)}; write a table, [{key}].")
        return Table(self.file, ", ".join(filter(None, (self.place, key))), value or {})

    def tables(self, key: str) -> list["Table"]:
        """An array of tables, of which there has to be at least one."""
        value = self._take(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            self.wrong("", f"a plan has one or more tables [[{key}]]; {'add one' if not value else f'write [[{key}]] in double brackets'}.")
        return [Table(self.file, f"{key} {at}", item) for at, item in enumerate(value, 1)]

    def end(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self.data:
            if key not in self.known:
                close = get_close_matches(key, self.known, n=1)
                remedy = f"did you mean {quote(close[0])}?" if close else f"the keys here are {', '.join(self.known)}."
                self.wrong("", f"there is no key {quote(key)}; {remedy}")
