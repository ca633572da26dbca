"""A cocotb test: the unit under test is driven with cases of a plan, and the reference keeps the score.

The environment says which: REFMATH_OPERATION, REFMATH_FORMAT, REFMATH_PLAN, REFMATH_BUDGET.
"""

import os

import cocotb
from cocotb.triggers import Timer

from conformance.cases.plan import plan
from formats import Projection, operation, parse
from refmath import Flags

SHOWN = 3


@cocotb.test()
async def agrees_with_the_reference(dut) -> None:  # type: ignore[no-untyped-def]
    """Result and flags of every case, a NaN being as good as another."""
    name, f = os.environ["REFMATH_OPERATION"], parse(os.environ["REFMATH_FORMAT"])
    cases = plan(os.environ["REFMATH_PLAN"], name, (f, f), f, Projection(), int(os.environ["REFMATH_BUDGET"]), seed=1)
    reference = operation(name, f)
    wrong, count = [], 0
    for chunk in cases.chunks():
        for a, b in zip(*(codes.tolist() for codes in chunk.operands), strict=True):
            dut.a.value, dut.b.value = a, b
            await Timer(1, "ns")
            got, flags = int(dut.y.value), Flags(int(dut.flags.value))
            expected = reference(a, b)
            same = got == expected.code or (is_nan(f, got) and is_nan(f, expected.code))
            count += 1
            if not same or flags != expected.flags:
                wrong.append(f"{a:#x}, {b:#x}: {got:#x} ({flags}), not {expected.code:#x} ({expected.flags})")
    for line in wrong[:SHOWN]:
        dut._log.error(line)
    assert not wrong, f"{len(wrong)} of {count} cases are wrong, the first: {wrong[0]}"


def is_nan(f, code: int) -> bool:  # type: ignore[no-untyped-def]
    """Whether a code is a NaN."""
    return bool(operation("is_nan", f)(code).code)
