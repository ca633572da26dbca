"""The text of a format taken apart: a head, and in brackets its arguments and options; small readers of what stands there."""

import re
from dataclasses import dataclass, field

from gmpy2 import mpq

from refmath.datum import Finite, rational
from refmath.errors import RefmathError, quote
from refmath.reals import Real
from refmath.text import parse_datum


@dataclass(frozen=True)
class Parts:
    """``head(argument, ..., key=value, ...)``, in lower case."""

    head: str
    arguments: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)

    def expect(self, *known: str, arguments: int = 0) -> None:
        """``RefmathError`` for an option that is not known here, or another number of arguments."""
        if len(self.arguments) != arguments:
            if not arguments:
                raise RefmathError(f"{quote(self.head)}: {quote(self.arguments[0])} is not an option; write key=value.")
            raise RefmathError(f"{quote(self.head)} takes {arguments} argument{'s' if arguments > 1 else ''} in brackets, not {len(self.arguments)}.")
        for key in self.options:
            if key not in known:
                allowed = f"the options are {', '.join(known)}" if known else "it takes none"
                raise RefmathError(f"{quote(self.head)}: {quote(key)} is not an option here; {allowed}.")

    def choice(self, key: str, choices: dict[str, object]) -> object:
        """What the value of an option stands for among its choices."""
        value = self.options[key]
        if value not in choices:
            raise RefmathError(f"{quote(self.head)}: {key}={value} is not possible; use one of {', '.join(choices)}.")
        return choices[value]

    def flag(self, key: str, default: bool) -> bool:
        """Whether an option says yes."""
        return bool(self.choice(key, YES_NO)) if key in self.options else default

    def integer(self, key: str, default: int, digits: int = 12) -> int:
        """The value of an option that is an integer."""
        if key not in self.options:
            return default
        value = self.options[key]
        if not re.fullmatch(rf"[+-]?\d{{1,{digits}}}", value, re.ASCII):
            raise RefmathError(f"{quote(self.head)}: {key}={quote(value)} is not an integer of at most {digits:,} digits.")
        return int(value)

    def number(self, digits: str) -> int:
        """A number that is part of the head or an argument; it may have a minus sign."""
        if not re.fullmatch(r"-?\d+", digits, re.ASCII):
            raise RefmathError(f"{quote(self.head)}: {quote(digits)} is not an integer; an integer is needed here.")
        if len(digits.lstrip("-")) > 9:
            raise RefmathError(f"{quote(self.head)}: the number {quote(digits)} is beyond what can be computed.")
        return int(digits)

    def rational(self, text: str, what: str) -> mpq:
        """A rational number, exactly."""
        return rational(self.finite(text, what))

    def finite(self, text: str, what: str) -> Finite:
        """A rational number with the sign of its zero."""
        datum = parse_datum(text)
        if not isinstance(datum, Finite) or isinstance(datum.value, Real):
            raise RefmathError(f"{quote(self.head)}: {quote(text)} is no {what}; give a finite number such as 0.1, 1/3 or 0x1p-7.")
        return datum


YES_NO: dict[str, object] = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}


def split(text: str) -> Parts:
    """``head(argument, ..., key=value, ...)`` taken apart; commas or semicolons part what stands in brackets."""
    match = re.fullmatch(r"\s*([\w.\-+]+)\s*(?:\(([^()]*)\))?\s*", text, re.ASCII)
    if not match:
        raise RefmathError(f"{quote(text)} is not a format; give a name such as binary16 or fields such as e5m2(bias=20, specials=fn).")
    options: dict[str, str] = {}
    arguments: list[str] = []
    for item in re.split("[,;]", match[2]) if match[2] and match[2].strip() else ():
        key, equals, value = (part.strip().lower() for part in item.partition("="))
        if not key or (equals and not value) or (options and not equals):
            raise RefmathError(f"{quote(text)}: {quote(item.strip())} is not an option; write key=value.")
        if not equals:
            arguments.append(key)
        elif key in options:
            raise RefmathError(f"{quote(text)}: the option {key} stands twice; give it once.")
        else:
            options[key] = value
    return Parts(match[1].lower(), tuple(arguments), options)
