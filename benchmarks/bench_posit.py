"""Posits and fixed point, one number at a time, by processor time, beside SoftPosit (C behind SWIG) and apytypes; all pairs of posit8."""

import random
from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from time import process_time

import apytypes
import softposit
from gmpy2 import mpq

from benchmarks.measure import Row, side_by_side
from formats.arithmetic import operation
from formats.notation import parse
from formats.posit import posit

ITEMS = 5000
PAIRS = 65_536
PROJECTION_LIMIT, ADD_LIMIT, ALL_PAIRS_LIMIT = 5e-6, 8e-6, 2.0


def each(function: Callable[..., object], operands: Iterable[tuple[object, ...]]) -> None:
    """Apply a function to every tuple of operands."""
    for operand in operands:
        function(*operand)


def projections() -> list[Row]:
    """Random rationals, most of them between -100 and 100."""
    rng, rows = random.Random(1), []
    numbers = [(mpq(rng.randint(-(10**6), 10**6), rng.randint(1, 10**5)),) for _ in range(ITEMS)]
    floats = [(float(x),) for (x,) in numbers]
    for name in ("posit16", "takum16", "q8.8", "int8(scale=1/10, zero=3)", "nf4"):
        contenders: dict[str, Callable[[], object]] = {"refmath project": partial(each, parse(name).project, numbers)}
        if name == "posit16":
            contenders["softposit posit16(float)"] = partial(each, softposit.posit16, floats)
        rows += side_by_side(f"{ITEMS:,} rationals into {name}", contenders, ITEMS, {"refmath project": PROJECTION_LIMIT}, clock=process_time)
    return rows


def additions() -> list[Row]:
    """Random words of 16 bits, added."""
    rng, rows = random.Random(2), []
    codes = [(rng.getrandbits(16), rng.getrandbits(16)) for _ in range(ITEMS)]
    posits = [(softposit.posit16(bits=a), softposit.posit16(bits=b)) for a, b in codes]
    numbers = [(apytypes.APyFixed(a, int_bits=8, frac_bits=8), apytypes.APyFixed(b, int_bits=8, frac_bits=8)) for a, b in codes]
    for name, contender, operands in (("posit16(es=1)", "softposit", posits), ("q8.8", "apytypes", numbers)):
        p = parse(name)
        contenders: dict[str, Callable[[], object]] = {
            "refmath add": partial(each, operation("add", p), codes),
            contender: partial(each, lambda a, b: a + b, operands),
        }
        rows += side_by_side(f"{ITEMS:,} additions in {name}", contenders, ITEMS, {"refmath add": ADD_LIMIT}, clock=process_time)
    return rows


def all_pairs() -> list[Row]:
    """+ - * / of all pairs of posit8(es=0), a whole operation an item."""
    rows = []
    codes = list(product(range(256), repeat=2))
    posits = [(softposit.posit8(bits=a), softposit.posit8(bits=b)) for a, b in codes]
    signs = {
        "add": softposit.posit8.__add__,
        "subtract": softposit.posit8.__sub__,
        "multiply": softposit.posit8.__mul__,
        "divide": softposit.posit8.__truediv__,
    }
    for name, theirs in signs.items():
        contenders: dict[str, Callable[[], object]] = {
            "refmath": partial(each, operation(name, posit(8, 0)), codes),
            "softposit": partial(each, theirs, posits),
        }
        rows += side_by_side(f"{name} of all {PAIRS:,} pairs of posit8(es=0)", contenders, 1, {"refmath": ALL_PAIRS_LIMIT}, repeats=3, clock=process_time)
    return rows


def run() -> list[Row]:
    """Everything above."""
    return projections() + additions() + all_pairs()
