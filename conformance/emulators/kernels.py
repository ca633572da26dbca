"""The array engine of this project, held to the scalar reference like any third party: every operation that has a kernel, every mode of arithmetic."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numba

from conformance.claims import Claim, Codes
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import Arrays
from conformance.emulators.operations import PREDICATE, projection
from conformance.walks import conversion_projection
from formats.arithmetic import bind
from formats.array_plan import ARITHMETIC, NUMBERS, why_not
from formats.arrays import convert, operate
from formats.family import Format
from formats.notation import parse
from formats.operations import find_operation
from formats.projection import Projection
from refmath.operations.operation import Kind, Operation
from refmath.rounding import DETERMINISTIC

FORMATS = tuple(map(parse, ("binary16", "ocp_e4m3", "binary8p3se", "binary32")))
SOURCES = tuple(map(parse, ("binary16", "binary32", "int16")))
TARGETS = tuple(map(parse, ("binary16", "bfloat16", "ocp_e4m3", "ocp_e5m2", "e4m3fnuz", "e8m0", "e2m1", "ue4m3", "int8", "uint16", "q4.4")))
INTEGER, EXPONENT = parse("int16"), parse("int8")
CODES = Arrays("numpy", "codes")


def run(claim: Claim, *operands: Codes) -> Codes:
    """The codes of one claim, by the array engine."""
    if claim.operation == "convert":
        return convert(operands[0], claim.operands[0], claim.result, claim.projection, engine="array")[0]
    return operate(claim.operation, claim.operands, operands, claim.result, claim.projection, engine="array")[0]


def operations(f: Format) -> Iterator[Claim]:
    """Every operation on a format, nearest even; arithmetic in every deterministic mode."""
    for name in NUMBERS:
        op = find_operation(name)
        if name == "convert":
            continue
        result = PREDICATE if op.kind is Kind.PREDICATE else INTEGER if name.startswith("to_integer") else f
        formats = tuple(EXPONENT if isinstance(op, Operation) and at in op.integers else f for at in range(op.arity))
        how = projection(result)
        if why_not(bind(op, formats, result if op.kind is Kind.NUMBER else None, how, None)):
            continue
        claim = Claim("kernels", name, formats, result, how, f"operate({name!r}, ...)", oracle="reference")
        yield claim
        if name in ARITHMETIC:
            yield from (modal(claim, replace(how, rounding=mode)) for mode in DETERMINISTIC[1:])


def modal(claim: Claim, how: Projection) -> Claim:
    """The same claim in another mode."""
    return replace(claim, projection=how, variant=how.rounding.value)


def conversions() -> Iterator[Claim]:
    """Conversions in every deterministic mode."""
    for source in SOURCES:
        for target in TARGETS:
            claim = Claim("kernels", "convert", (source,), target, conversion_projection(source, target), "convert(...)", oracle="reference")
            yield claim
            yield from (modal(claim, replace(claim.projection, rounding=mode)) for mode in DETERMINISTIC if mode is not claim.projection.rounding)


def adapter(device: str) -> Calls:
    """The adapter; the kernels run on the CPU."""
    claims = [claim for f in FORMATS for claim in operations(f)] + list(conversions())
    return Calls("kernels", f"of refmath, numba {numba.__version__}", [Call(claim, partial(run, claim), CODES) for claim in claims])
