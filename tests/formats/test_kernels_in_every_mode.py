"""The kernels for floats and fixed point are held to the reference in every mode, codes and flags: in a full run on 10^6 cases for each kernel and mode.

The kernels for any formats are three for arithmetic - of one, two and three operands - and their operations share the cases.
"""

import itertools
import random
import zlib
from collections import Counter

import pytest
from array_cases import FIXED, FLOATS, MORE, operands, random_format, random_projection
from every_mode import MODES, ROUNDED, SPECIAL, AnyBound, by_general, by_quick, hold, in_modes, tell
from full import count

from formats.arithmetic import bind
from formats.array_plan import CLASSES, NEIGHBOURS, NUMBERS, why_not
from formats.array_quick import QUICK, is_quick
from formats.operations import find_operation
from formats.projection import AbsentNaN, Projection
from refmath.operations.environment import Dialect
from refmath.operations.operation import Kind, Operation
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC
from refmath.underflow import Tininess

CASES, BATCH = count(50, 1_000_000), count(60, 5000)
SHARES = {1: 7, 2: 5, 3: 3}
"""So many of the operations whose results are rounded have one, two and three operands."""
BITS = (1, 2, 8, 23)


def any_bound(name: str, rng: random.Random) -> AnyBound:
    """An operation on any formats with any policies that its kernel takes in every mode."""
    op = find_operation(name)
    while True:
        formats = tuple(random_format(rng) for _ in range(op.arity))
        if isinstance(op, Operation) and op.integers:
            formats = (formats[0], rng.choice(FIXED[:4]))
        to = rng.choice(FIXED[:5]) if name.startswith("to_integer") else rng.choice((formats[0], random_format(rng)))
        bound = bind(op, formats, to, random_projection(rng, BITS), rng.choice((Dialect.IEEE754, Dialect.P3109)))
        if not any(map(why_not, in_modes(bound, BITS))):
            return bound


def quick_bound(name: str, rng: random.Random) -> AnyBound:
    """The same, such that the kernel on binary64 takes it too."""
    op = find_operation(name)
    while True:
        formats = tuple(rng.choice((*FLOATS, *MORE)) for _ in range(op.arity))
        formats = formats if rng.random() < 0.6 else (formats[0],) * op.arity
        to = rng.choice((formats[0], rng.choice((*FLOATS, *MORE)), *(FIXED[-4:] if name == "convert" else ())))
        overflow = rng.choice([policy for policy in Overflow if policy is not Overflow.ERROR])
        how = Projection(overflow=overflow, tininess=rng.choice(list(Tininess)), absent_nan=rng.choice(list(AbsentNaN)[1:]))
        bound = bind(op, formats, to, how, None)
        if all(is_quick(one) for one in in_modes(bound, (1,), DETERMINISTIC)) and not any(map(why_not, in_modes(bound, BITS))):
            return bound


@pytest.mark.parametrize("name", ROUNDED)
def test_the_kernels_for_any_formats(name: str) -> None:
    """Any operand and result formats, any policies, both dialects: boundary and random codes, in every mode."""
    rng, held = random.Random(zlib.crc32(name.encode())), Counter[str]()
    wanted = -(-CASES // SHARES[find_operation(name).arity]) * len(MODES)
    for batch in itertools.count():
        bound, bits = any_bound(name, rng), BITS[batch % len(BITS) :] + BITS
        held += hold(lambda _: {"general": by_general}, in_modes(bound, bits), operands(rng, tuple(f for f in bound.formats if f), BATCH), batch, SPECIAL)
        if held["general"] >= wanted:
            break
    tell(f"{name}, in {len(MODES)} modes", held)


@pytest.mark.parametrize("name", QUICK)
def test_the_kernels_on_binary64(name: str) -> None:
    """Formats and policies that they take: boundary and random codes, in every deterministic mode."""
    rng, held, both = random.Random(zlib.crc32(name.encode()) + 1), Counter[str](), {"quick": by_quick, "general": by_general}
    for batch in itertools.count():
        bound = quick_bound(name, rng)
        held += hold(lambda _: both, in_modes(bound, BITS, DETERMINISTIC), operands(rng, tuple(f for f in bound.formats if f), BATCH), batch, SPECIAL)
        if held["quick"] >= CASES * len(DETERMINISTIC):
            break
    tell(f"{name}, in {len(DETERMINISTIC)} modes", held)


@pytest.mark.parametrize("name", sorted(set(NUMBERS) - set(ROUNDED)))
def test_other_operations(name: str) -> None:
    """Order, classes, neighbours, signs and exponents, integers in a stated mode: each under random projections."""
    rng, op, held = random.Random(zlib.crc32(name.encode()) + 2), find_operation(name), Counter[str]()
    for batch in itertools.count():
        formats = (rng.choice((*FLOATS, *MORE, *FIXED[:3])),) if name in (*NEIGHBOURS, *CLASSES) else tuple(random_format(rng) for _ in range(op.arity))
        to = None if name in NEIGHBOURS or op.kind is not Kind.NUMBER else rng.choice((formats[0], random_format(rng)))
        bound = bind(op, formats, to, random_projection(rng, BITS), rng.choice((Dialect.IEEE754, Dialect.P3109)))
        if not why_not(bound):
            held += hold(lambda _: {"general": by_general}, [bound], operands(rng, formats, BATCH), batch, SPECIAL)
        if held["general"] >= CASES // 10:
            break
    tell(name, held)
