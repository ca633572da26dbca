"""Operations on codes of 16-bit floats, one at a time, beside fpy2, titanfp and gfloat, and beside bare gmpy2, the floor: nearest even.

fpy2 and titanfp compute on their own number objects, made beforehand, and do not raise flags; gfloat has no arithmetic, so that its row decodes, computes in binary64 and
rounds, which is right for one sum or product of 16-bit numbers. Those that are not installed have no row.
"""

import operator
import random
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import gfloat
import gmpy2
from gfloat.formats import format_info_binary16

from benchmarks.measure import Row, side_by_side
from formats.arithmetic import Bound, BoundCode, operation
from formats.notation import parse
from refmath.datum import Finite

ITEMS = 500
ARITHMETIC_LIMIT, FUNCTION_LIMIT, EXHAUSTIVE_LIMIT = 6e-6, 40e-6, 4.0
ARITHMETIC = {"add": 2, "multiply": 2, "fma": 3}
FUNCTIONS = {"exp": 1, "log": 1, "sin": 1}
IN_GMPY2 = {"add": "add", "multiply": "mul", "fma": "fma"}
IN_FPY2 = {"add": "add", "multiply": "mul", "fma": "fma"}
IN_TITANFP = {"add": "add", "multiply": "mul", "fma": "fma", "exp": "exp_"}
IN_FLOATS: dict[str, Callable[..., float]] = {"add": operator.add, "multiply": operator.mul}

Cases = list[tuple[int, ...]]


def cases(arity: int) -> Cases:
    """Random codes of positive binary16 numbers."""
    rng = random.Random(arity)
    return [tuple(rng.randrange(0x0400, 0x7000) for _ in range(arity)) for _ in range(ITEMS)]


def ours(bound: Bound | BoundCode, operands: Cases) -> list[int]:
    """Codes, flags and exact results."""
    return [bound(*codes).code for codes in operands]


def theirs(function: Callable[..., object], operands: list[tuple[Any, ...]]) -> list[object]:
    """Whatever another library makes of its own numbers."""
    return [function(*case) for case in operands]


def in_gfloat(function: Callable[..., float], operands: Cases) -> list[int]:
    """Codes by way of binary64."""
    info = format_info_binary16
    return [
        gfloat.encode_float(info, gfloat.round_float(info, function(*(float(gfloat.decode_float(info, code).fval) for code in codes)))) for codes in operands
    ]


def contenders(name: str, arity: int) -> dict[str, Callable[[], object]]:
    """Everyone who can do an operation on binary16."""
    f, operands = parse("binary16"), cases(arity)
    values: list[list[Any]] = [[datum.value for code in codes if isinstance(datum := f.decode(code), Finite)] for codes in operands]
    found: dict[str, Callable[[], object]] = {"refmath": partial(ours, operation(name, f), operands)}
    if find_spec("fpy2"):
        fpy2 = import_module("fpy2")
        made = [tuple(fpy2.FP16.round(float(x)) for x in row) for row in values]
        found["fpy2"] = partial(theirs, partial(getattr(fpy2, IN_FPY2.get(name, name)), ctx=fpy2.FP16), made)
    if find_spec("titanfp"):
        ieee754 = import_module("titanfp.arithmetic.ieee754")
        context = ieee754.ieee_ctx(5, 16)
        titans = [tuple(ieee754.Float(float(x), ctx=context) for x in row) for row in values]
        found["titanfp"] = partial(theirs, getattr(ieee754.Float, IN_TITANFP.get(name, name)), titans)
    if name in IN_FLOATS:
        found["gfloat, through binary64"] = partial(in_gfloat, IN_FLOATS[name], operands)
    context16 = gmpy2.ieee(16)
    numbers = [tuple(gmpy2.mpfr(x, 11) for x in row) for row in values]
    found["bare gmpy2"] = partial(theirs, getattr(context16, IN_GMPY2.get(name, name)), numbers)
    return found


def exhaustive(name: str) -> Row:
    """All 65,536 binary16 inputs of one function, once."""
    bound = operation(name, "binary16")
    start = perf_counter()
    for code in range(1 << 16):
        bound(code)
    return Row(f"{name} of all 65,536 codes of binary16", "refmath", perf_counter() - start, EXHAUSTIVE_LIMIT)


def run() -> list[Row]:
    """Arithmetic, functions, and one function on every code."""
    rows: list[Row] = []
    for names, limit in ((ARITHMETIC, ARITHMETIC_LIMIT), (FUNCTIONS, FUNCTION_LIMIT)):
        for name, arity in names.items():
            rows += side_by_side(f"{name}, binary16", contenders(name, arity), ITEMS, {"refmath": limit}, repeats=7)
    return rows + [exhaustive(name) for name in ("exp", "tgamma", "gelu")]
