"""The models by name."""

from conformance.cases.plan import Plan
from conformance.cases.simple_plans import Exhaustive, TestFloat, Uniform
from formats.arithmetic import operation as bound_operation
from formats.family import Format
from formats.projection import Projection
from refmath.errors import RefmathError, quote

SIMPLE = ("exhaustive", "random", "testfloat 1", "testfloat 2")


def make(name: str, operation: str, formats: tuple[Format, ...], result: Format, projection: Projection, budget: int | None, seed: int) -> Plan:
    """The plan of a model: see ``conformance.cases.plan.plan``."""
    chosen = canonical(name)
    op = bound_operation(operation, *formats, to=result, projection=projection).op
    if budget is not None and budget < 1:
        raise RefmathError(f"A budget of {budget} cases is impossible; give at least 1.")
    bits = random_bits(projection)
    match chosen:
        case "exhaustive":
            return Exhaustive(chosen, op.name, formats, bits, budget, seed)
        case "random":
            return Uniform(chosen, op.name, formats, bits, budget, seed)
        case _:
            return TestFloat(chosen, op.name, formats, bits, budget, seed, level=int(chosen[-1]))


def canonical(name: str) -> str:
    """The name of a model as it is listed. ``RefmathError`` where there is none."""
    plain = " ".join(name.strip().lower().replace("_", " ").replace("-", " ").split())
    plain = {"testfloat": "testfloat 1", "testfloat1": "testfloat 1", "testfloat2": "testfloat 2", "all": "exhaustive"}.get(plain, plain)
    for known in SIMPLE:
        if plain == known.lower():
            return known
    raise RefmathError(f"{quote(name)} is not a model of cases; use one of {', '.join(SIMPLE)}.")


def random_bits(projection: Projection) -> int:
    """The bits of the random operand: 0 for a mode without. ``RefmathError`` for a mode that draws as many as decide, which no column holds."""
    if not projection.rounding.stochastic:
        return 0
    if not projection.bits:
        raise RefmathError("stochastic without a number of random bits has no random operand of fixed size; state it, for example stochastic_a(8).")
    return projection.bits


def reasons(operation: str, formats: tuple[Format, ...], result: Format, projection: Projection) -> list[tuple[str, str | None]]:
    """Every model, with the reason where it does not apply."""
    found: list[tuple[str, str | None]] = []
    for name in SIMPLE:
        try:
            make(name, operation, formats, result, projection, None, 1)
            found.append((name, None))
        except RefmathError as error:
            found.append((name, str(error)))
    return found
