"""The policies of a projection as keywords: each a member of its enumeration, or the name of one."""

from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from typing import TypedDict, TypeVar

from formats.projection import AbsentNaN, AbsentZero, NaNs, Negatives, Projection
from refmath.errors import RefmathError, quote
from refmath.overflow import Overflow, parse_overflow
from refmath.rounding import MAX_RANDOM_BITS, Rounding, parse_rounding
from refmath.underflow import Subnormals, Tininess

Choice = TypeVar("Choice", bound=Enum)


class Policies(TypedDict, total=False):
    """The fields of ``Projection``, any of them."""

    rounding: Rounding | str
    bits: int
    overflow: Overflow | str
    tininess: Tininess | str
    results: Subnormals | str
    operands: Subnormals | str
    nans: NaNs | str
    absent_nan: AbsentNaN | str
    absent_zero: AbsentZero | str
    negatives: Negatives | str


def _reader(choices: type[Choice]) -> Callable[[str], Choice]:
    """What reads the canonical name of a member."""

    def read(text: str) -> Choice:
        name = text.strip().lower().replace("-", "_")
        found = next((choice for choice in choices if choice.value == name), None)
        if found is None:
            raise RefmathError(f"{quote(text)} is no choice of {choices.__name__}; use one of {', '.join(str(choice.value) for choice in choices)}.")
        return found

    return read


READERS: dict[str, tuple[type[Enum], Callable[[str], Enum]]] = {
    "rounding": (Rounding, parse_rounding),
    "overflow": (Overflow, parse_overflow),
    **{
        name: (choices, _reader(choices))
        for name, choices in {
            "tininess": Tininess,
            "results": Subnormals,
            "operands": Subnormals,
            "nans": NaNs,
            "absent_nan": AbsentNaN,
            "absent_zero": AbsentZero,
            "negatives": Negatives,
        }.items()
    },
}
"""For each policy its enumeration and what reads its names; beside them stands ``bits``, a number."""

assert {*READERS, "bits"} == {field.name for field in fields(Projection)}


def read_policies(policies: Policies) -> dict[str, object]:
    """The fields of a projection that the keywords state. ``RefmathError`` for a name or a value that is none."""
    return {name: _read(name, value) for name, value in policies.items()}


def _read(name: str, value: object) -> object:
    if name == "bits":
        if not isinstance(value, int) or not 0 <= value <= MAX_RANDOM_BITS:
            raise RefmathError(f"bits={quote(value)} is no number of random bits; give an integer from 0 to {MAX_RANDOM_BITS}.")
        return value
    if name not in READERS:
        raise RefmathError(f"{quote(name)} is not a policy; the policies are {', '.join(field.name for field in fields(Projection))}.")
    choices, read = READERS[name]
    if isinstance(value, str):
        return read(value)
    if not isinstance(value, choices):
        raise RefmathError(f"{name}={quote(value)} is not possible; give a member of {choices.__name__}, or its name.")
    return value
