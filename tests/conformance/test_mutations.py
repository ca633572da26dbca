"""The vectors of every budget from 10,000 on find each planted bug, or the bug changes nothing in that format.

The plan is ``coverage``: all models that apply. A bug that no vector shows has to be equivalent: the format lacks what it needs, and where all operands can be
tried none shows it.
"""

import pytest
from full import FULL
from mutants import MUTANTS, Mutant

from conformance.cases.combined import Combined
from conformance.cases.models import stage
from conformance.cases.plan import plan
from conformance.cases.scene import ENUMERATED_BITS, Scene, Sight, every_sight
from formats.notation import parse
from formats.operations import find_operation

BUDGETS = (10_000, 10_007, 25_000) if FULL else (10_000,)
FORMATS = ("ocp_e4m3", "e2m1", "posit16", "bfloat16", "binary8p3se")
OPERATIONS = ("add", "subtract", "multiply", "divide", "fma")
USUAL = {
    "ocp_e4m3": ("multiply",), "e2m1": ("add", "multiply", "divide", "fma"), "posit16": ("add",), "bfloat16": ("add", "multiply"), "binary8p3se": ("add",),
}  # fmt: skip
"""What is run where REFMATH_FULL=1 does not ask for everything."""
SUBJECTS = [(source, operation) for source in FORMATS for operation in (OPERATIONS if FULL else USUAL[source])]


def scene_and_plan(source: str, operation: str, budget: int | None) -> tuple[Scene, Combined]:
    """An operation and its vectors."""
    f = parse(source)
    formats, scene = stage(operation, (f,) * find_operation(operation).arity, f, f.default)
    made = plan("coverage", operation, formats, f, f.default, budget)
    assert isinstance(made, Combined)
    return scene, made


def differs(mutant: Mutant, scene: Scene, sight: Sight) -> bool:
    """Whether a case shows the bug, in the code or in the flags."""
    return mutant.work(scene, sight) != (sight.code, sight.flags)


@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize(("source", "operation"), SUBJECTS)
def test_every_planted_bug_is_found(source: str, operation: str, budget: int) -> None:
    """Each bug is caught by a vector, or shown to be equivalent."""
    scene, made = scene_and_plan(source, operation, budget)
    waiting = [mutant for mutant in MUTANTS if not mutant.operations or operation in mutant.operations]
    assert len(waiting) >= 12
    count = 0
    for chunk in made.chunks():
        for codes in zip(*(column.tolist() for column in chunk.operands), strict=True):
            count += 1
            sight = scene.see(codes)
            assert sight is not None
            waiting = [mutant for mutant in waiting if not (differs(mutant, scene, sight) and caught(mutant, scene))]
    assert count == made.count <= budget
    for mutant in waiting:
        if scene.bits <= ENUMERATED_BITS:
            every = 1 if FULL or not mutant.never(scene) else 16
            assert not any(differs(mutant, scene, sight) for sight in every_sight(scene)[::every]), mutant.name
        else:
            assert mutant.never(scene), mutant.name


def caught(mutant: Mutant, scene: Scene) -> bool:
    """A bug that shows: its format has what it needs."""
    assert not mutant.never(scene), (mutant.name, mutant.never(scene))
    return True


def test_equivalent_bugs_say_why() -> None:
    """What a format lacks makes some bugs equivalent: the reasons."""
    f, p = parse("e2m1"), parse("posit16")
    by_name = {mutant.name: mutant for mutant in MUTANTS}
    e2m1 = stage("multiply", (f, f), f, f.default)[1]
    posit = stage("add", (p, p), p, p.default)[1]
    assert by_name["NaN lost"].never(e2m1) == "e2m1 has no NaN"
    assert by_name["flushes subnormal results"].never(posit) == "posit16 has no subnormal numbers"
    assert by_name["sign of zero lost"].never(posit) == "posit16 has one zero"
    assert by_name["tininess before rounding"].never(stage("add", (f, f), f, f.default)[1]) == "a sum below the least normal number is exact"


@pytest.mark.parametrize("source", FORMATS if FULL else ("e2m1",))
def test_coverage_is_what_its_models_are(source: str) -> None:
    """The combined plan has the tasks of every model that applies, each with cases."""
    made = scene_and_plan(source, "add", None)[1]
    assert {words.split(":")[0] for words in made.tasks} == {part.name for part in made.parts}
    assert len(made.parts) >= 8
    seen = {int(task) for chunk in made.chunks() if chunk.tasks is not None for task in chunk.tasks}
    assert seen == set(range(len(made.tasks)))
