"""The plans of dot products by name."""

from conformance.cases.dots import DotPlan, dot_plan
from conformance.cases.simple_plans import Exhaustive, Uniform
from formats.family import Format
from refmath.errors import RefmathError, quote


def named_plan(
    name: str,
    columns: tuple[Format, ...],
    model: str,
    of: tuple[Format, Format],
    to: Format,
    length: int,
    scale: Format | None,
    block: int,
    budget: int | None,
    seed: int,
) -> DotPlan | Uniform | Exhaustive:
    """The plan of that name: ``dot``, or one that knows nothing of models: ``random``, ``exhaustive``. ``columns``: the format of each column of operands."""
    if budget is not None and budget < 1:
        raise RefmathError(f"A budget of {budget} cases is impossible; give at least 1.")
    match name.strip().lower():
        case "dot":
            return dot_plan(model, of, to, length, scale, block, budget, seed)
        case "random":
            return Uniform("random", "dot", columns, 0, budget, seed)
        case "exhaustive":
            return Exhaustive("exhaustive", "dot", columns, 0, budget, seed)
    raise RefmathError(f"{quote(name)} is not a plan for dot products; use dot, random or exhaustive.")
