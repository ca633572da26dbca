"""Operations on arrays of codes by the array engine, once ``formats.array_plan`` has found that it is exact."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from formats.arithmetic import Bound, BoundCode, bind
from formats.array_layout import Codes, choices, dtype, layout
from formats.array_plan import CLASSES, NEIGHBOURS, NOT_MINE, operands, rules, why_not
from formats.array_quick import is_quick, run_quick
from formats.array_run import in_threads, run_in_chunks
from formats.projection import AbsentNaN
from refmath.flags import INVALID, OVERFLOW

ABOUT = "its kernel is exact here"

Flags = NDArray[np.uint8]


def operate(bound: Bound | BoundCode, given: tuple[Codes, ...], random: Codes) -> tuple[Codes, Flags]:
    """Result codes and flags of flat arrays of operand codes. ``RefmathError`` where a result has no code."""
    if bound.to is not None and not bound.to.has_nan and bound.how.absent_nan is AbsentNaN.REFUSE:
        return without_nan(
            lambda choice: operate(with_substitute(bound, choice), given, random),
            lambda at: bound(*(int(codes[at]) for codes in given), random=int(random[min(at, len(random) - 1)])),
        )
    kind = np.uint8 if bound.to is None else dtype(bound.to)
    out, flags = np.empty(len(given[0]), kind), np.empty(len(given[0]), np.uint8)
    if is_quick(bound):
        in_threads(lambda start, stop: run_quick(bound, tuple(x[start:stop] for x in given), out[start:stop], flags[start:stop]), len(out), len(out))
        return out, flags

    run_in_chunks(lambda chunk, draws, found, raised: run_general(bound, chunk, draws, found, raised), given, random, out, flags)
    return out, flags


def results(bound: Bound | BoundCode, given: tuple[Codes, ...]) -> Codes:
    """The result codes alone of an operation for which ``codes_alone`` holds: its kernel need not look for flags."""
    assert bound.to is not None
    out = np.empty(len(given[0]), dtype(bound.to))
    in_threads(lambda start, stop: run_quick(bound, tuple(x[start:stop] for x in given), out[start:stop], None), len(out), len(out))
    return out


def codes_alone(bound: Bound | BoundCode) -> bool:
    """Whether ``results`` takes an operation: where a result may be a NaN that the format lacks, flags have to be looked at."""
    return is_quick(bound) and bound.to is not None and (bound.to.has_nan or bound.how.absent_nan is not AbsentNaN.REFUSE)


def run_general(bound: Bound | BoundCode, given: tuple[Codes, ...], random: Codes, out: Codes, flags: Flags) -> None:
    """The kernel of an operation, for any formats."""
    from refmath.kernels import general

    formats = tuple(layout(f) for f in operands(bound))
    target = bound.to or operands(bound)[0]
    c = choices(target, bound.how)
    if bound.op.name in NEIGHBOURS:
        general.neighbours(*given, layout(target), c, rules(bound), out, flags)
    elif bound.op.name in CLASSES:
        general.classes(*given, *formats, c, rules(bound), out, flags)
    elif bound.to is None:
        general.predicates(*given, *formats, c, rules(bound), out, flags)
    else:
        kernel = (general.unary, general.binary, general.ternary)[len(given) - 1]
        kernel(*given, *formats, layout(target), c, rules(bound), random, out, flags)


def without_nan(run: Callable[[AbsentNaN], tuple[Codes, Flags]], refuse: Callable[[int], object]) -> tuple[Codes, Flags]:
    """What ``run`` gives with a substitute for NaNs, in a format without one that allows none; where a result is one, ``refuse`` of its place raises.

    There invalid or overflow is raised, and two substitutes that every format has tell it from the others.
    """
    one, flags = run(AbsentNaN.GREATEST)
    if (suspects := np.nonzero(flags & (INVALID | OVERFLOW))[0]).size:
        two, _ = run(AbsentNaN.LOWEST)
        if (differing := np.nonzero(one[suspects] != two[suspects])[0]).size:
            refuse(int(suspects[differing[0]]))
    return one, flags


def with_substitute(bound: Bound | BoundCode, choice: AbsentNaN) -> Bound | BoundCode:
    """The same operation, with something in the place of a NaN."""
    return bind(bound.op, bound.formats, bound.to, replace(bound.how, absent_nan=choice), bound.dialect)


__all__ = ["ABOUT", "NOT_MINE", "codes_alone", "is_quick", "operate", "results", "why_not", "without_nan"]
