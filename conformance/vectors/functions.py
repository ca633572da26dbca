"""The functions of Berkeley TestFloat by their names, and the names of our subjects there.

    {f16, f32, f64, extF80, f128}_{add, sub, mul, mulAdd, div, rem, sqrt, roundToInt, eq, le, lt, eq_signaling, le_quiet, lt_quiet}
    {ui32, ui64, i32, i64}_to_FLOAT, FLOAT_to_{ui32, ui64, i32, i64}, FLOAT_to_FLOAT

A function that rounds to an integer may have its rounding in its name, as TestFloat lists it: ``f64_to_i32_rx_minMag`` rounds toward zero, and with the ``x``
raises inexact. Results are those of the RISC-V build unless a platform is stated.
"""

import re
from typing import Any

from conformance.vectors.subject import Subject, make
from formats.notation import parse
from formats.platforms import Platform
from refmath.errors import RefmathError, quote
from refmath.rounding import Rounding

FLOATS = {"f16": "binary16", "f32": "binary32", "f64": "binary64", "extF80": "x87_extended", "f128": "binary128"}
INTEGERS = {"ui32": "uint32", "ui64": "uint64", "i32": "int32", "i64": "int64"}
OPERATIONS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "mulAdd": "fma", "div": "divide", "rem": "remainder", "sqrt": "sqrt", "roundToInt": "round_to_integral",
    "eq": "compare_quiet_equal", "le": "compare_signaling_less_equal", "lt": "compare_signaling_less",
    "eq_signaling": "compare_signaling_equal", "le_quiet": "compare_quiet_less_equal", "lt_quiet": "compare_quiet_less",
}  # fmt: skip
ROUNDINGS = {
    "near_even": Rounding.NEAREST_EVEN, "minMag": Rounding.TOWARD_ZERO, "min": Rounding.TOWARD_NEGATIVE, "max": Rounding.TOWARD_POSITIVE,
    "near_maxMag": Rounding.NEAREST_AWAY, "odd": Rounding.TO_ODD,
}  # fmt: skip

_FLOAT, _INTEGER, _MODE = "|".join(FLOATS), "|".join(INTEGERS), "|".join(ROUNDINGS)
_NAME = re.compile(
    rf"(?P<source>{_FLOAT})_(?P<op>{'|'.join(sorted(OPERATIONS, key=len, reverse=True))})(?:_r(?P<x1>x?)_(?P<r1>{_MODE}))?"
    rf"|(?P<number>{_FLOAT}|{_INTEGER})_to_(?P<target>{_FLOAT}|{_INTEGER})(?:_r(?P<x2>x?)_(?P<r2>{_MODE}))?"
)


def names() -> list[str]:
    """Every function."""
    own = [f"{f}_{op}" for f in FLOATS for op in OPERATIONS if (f, op) != ("extF80", "mulAdd")]
    conversions = [f"{a}_to_{b}" for a in (*INTEGERS, *FLOATS) for b in (*INTEGERS, *FLOATS) if a != b and not (a in INTEGERS and b in INTEGERS)]
    return own + conversions


def is_function(name: str) -> bool:
    """Whether a text is the name of a function."""
    match = _NAME.fullmatch(name)
    return match is not None and _plain(name) in names()


def _plain(name: str) -> str:
    return re.sub(rf"_rx?_(?:{_MODE})$", "", name)


def function(name: str, policies: dict[str, Any], exact: bool | None = None, platform: Platform | None = None) -> Subject:
    """The subject of a function. ``policies``: what of its projection is stated. ``exact``: whether rounding to an integer raises inexact.

    Errors: ``RefmathError`` for what is no function of TestFloat, and for a rounding stated twice.
    """
    match = _NAME.fullmatch(name)
    if match is None or not is_function(name):
        raise RefmathError(f"{quote(name)} is no function of TestFloat; they are called f16_add, f32_mulAdd, f64_to_i32, ui32_to_f16.")
    mode, inexact = match["r1"] or match["r2"], match["x1"] or match["x2"]
    to_integer = match["op"] == "roundToInt" or match["target"] in INTEGERS
    if mode:
        if not to_integer:
            raise RefmathError(f"{quote(name)}: only a function that rounds to an integer has its rounding in its name; give --rounding {mode}.")
        if "rounding" in policies or exact is not None:
            raise RefmathError(f"{quote(name)} states its rounding itself; leave out --rounding and --exact.")
        policies, exact = {**policies, "rounding": ROUNDINGS[mode]}, bool(inexact)
    if exact is not None and not to_integer:
        raise RefmathError(f"--exact belongs to functions that round to an integer; {name} is none.")
    suffix = "_exact" if exact and to_integer else ""
    platform = platform or Platform.RISCV
    if match["op"]:
        return make(OPERATIONS[match["op"]] + suffix, [parse(FLOATS[match["source"]])], None, policies, platform)
    source, target = (parse({**FLOATS, **INTEGERS}[match[part]]) for part in ("number", "target"))
    operation = f"to_integer{suffix}" if match["target"] in INTEGERS else "convert"
    return make(operation, [source], target, policies, platform)


def function_name(subject: Subject) -> str | None:
    """The name of the function that a subject is; None where TestFloat has none."""
    short = {parse(long): name for name, long in (*FLOATS.items(), *INTEGERS.items())}
    bare = [short.get(f) for f in (*subject.sources, *([subject.to] if subject.to else []))]
    if any(name is None for name in bare):
        return None
    operation = subject.operation.removesuffix("_exact")
    if operation in ("to_integer", "convert"):
        found = f"{bare[0]}_to_{bare[1]}"
    else:
        known = {ours: theirs for theirs, ours in OPERATIONS.items()}
        found = f"{bare[0]}_{known[operation]}" if operation in known and len(set(bare)) == 1 else ""
    return found if found in names() else None
