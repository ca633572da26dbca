"""A claim from a TOML table: the operation, its formats, the policies it is held to."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

from conformance.claims import SUMS, Claim, claimed_operation
from conformance.emulators.operations import projection as operation_projection
from conformance.refused import KINDS as REFUSED
from conformance.walks import conversion_projection
from formats.family import Format
from formats.notation import parse
from formats.operations import find_operation
from formats.projection import AbsentNaN, AbsentZero, NaNs, Negatives, Projection
from refmath.errors import RefmathError, quote
from refmath.overflow import Overflow, parse_overflow
from refmath.rounding import Rounding, parse_rounding
from refmath.underflow import Subnormals, Tininess

POLICIES: dict[str, tuple[type[Enum], Callable[[str], Any] | None]] = {
    "rounding": (Rounding, parse_rounding),
    "overflow": (Overflow, parse_overflow),
    "tininess": (Tininess, None),
    "results": (Subnormals, None),
    "operands": (Subnormals, None),
    "nans": (NaNs, None),
    "absent_nan": (AbsentNaN, None),
    "absent_zero": (AbsentZero, None),
    "negatives": (Negatives, None),
}
"""The fields of a projection that a claim may state: their choices, and the parser of those that have other names too."""
KEYS = {"subnormals": "results", "subnormal_operands": "operands"}
"""Fields that go by another name, as on the command line."""
POLICY_KEYS = tuple({field: key for key, field in KEYS.items()}.get(name, name) for name in POLICIES)
CLAIM_KEYS = ("operation", "operands", "result", *POLICY_KEYS, "refuses", "variant")
assert set(POLICIES) | {"bits"} == {field.name for field in fields(Projection)}, "every policy of a projection can be stated"

Error = Callable[[str], RefmathError]
"""A sentence about a description, with where it stands in front."""


@dataclass(frozen=True)
class Named:
    """The table of a claim, and what it calls, in words."""

    table: dict[str, Any]
    call: str


def read_claim(emulator: str, named: Named, error: Error) -> Claim:
    """The claim that a table states. ``RefmathError`` where it states none."""
    table = named.table
    operation = _operation(table, error)
    operands = _operands(table, operation, error)
    if "result" not in table and operation == "convert":
        raise error('it has no result; write the format of the results, such as result = "ocp_e4m3".')
    result = _format(table["result"], error) if "result" in table else operands[0]
    usual = conversion_projection(operands[0], result) if operation == "convert" else operation_projection(result)
    variant = table.get("variant", "")
    if not isinstance(variant, str):
        raise error(f"variant = {quote(variant)} is no text; write it in quotes.")
    how = replace(usual, **_policies(table, error))
    return Claim(emulator, operation, operands, result, how, named.call, variant or "eager", refuses=_refuses(table, error))


def _operation(table: dict[str, Any], error: Error) -> str:
    name = table.get("operation", "convert")
    if not isinstance(name, str):
        raise error(f"operation = {quote(name)} is no text; write it in quotes.")
    try:
        return claimed_operation(name) if name != "quantize" else find_operation(name).name
    except RefmathError as reason:
        raise error(str(reason)) from reason


def _operands(table: dict[str, Any], operation: str, error: Error) -> tuple[Format, ...]:
    """One format for all operands, or one each."""
    given = table.get("operands")
    if given is None:
        raise error('it has no operands; write their formats, such as operands = ["binary32"].')
    arity = 1 + (operation == "dot") if operation in SUMS else find_operation(operation).arity
    names = given if isinstance(given, list) else [given] * arity
    if len(names) == 1:
        names = names * arity
    if len(names) != arity:
        raise error(f"{operation} takes {arity} operand{'s' if arity > 1 else ''}, and operands has {len(names)}.")
    return tuple(_format(name, error) for name in names)


def _format(name: object, error: Error) -> Format:
    if not isinstance(name, str):
        raise error(f"{quote(name)} is no text; write the name of a format in quotes.")
    try:
        return parse(name)
    except RefmathError as reason:
        raise error(str(reason)) from reason


def _policies(table: dict[str, Any], error: Error) -> dict[str, Any]:
    found = {}
    for key in POLICY_KEYS:
        if key not in table:
            continue
        field = KEYS.get(key, key)
        choices, read = POLICIES[field]
        found[field] = _choice(key, table[key], choices, read, error)
    if isinstance(mode := found.get("rounding"), Rounding) and mode.stochastic:
        raise error(f"rounding = {quote(mode.value)} draws random bits, which a program or function is not given; state a mode that draws nothing.")
    return found


def _choice(key: str, value: object, choices: type[Enum], read: Callable[[str], Any] | None, error: Error) -> Any:
    names = {str(choice.value): choice for choice in choices}
    if isinstance(value, str) and value in names:
        return names[value]
    if isinstance(value, str) and read is not None:
        try:
            return read(value)
        except RefmathError as reason:
            raise error(str(reason)) from reason
    raise error(f"{key} = {quote(value)} is no choice; use one of {', '.join(names)}.")


def _refuses(table: dict[str, Any], error: Error) -> tuple[str, ...]:
    kinds = table.get("refuses", [])
    if not isinstance(kinds, list) or not all(kind in REFUSED for kind in kinds):
        raise error(f"refuses = {quote(kinds)} is no list of kinds of operands; use {', '.join(REFUSED)}.")
    return tuple(kinds)
