"""``refmath vectors``: cases with their results, for hardware and for any other implementation."""

from typing import TYPE_CHECKING, Any

import click

from conformance.commands.arguments import FORMAT, INTEGER, Command
from conformance.commands.subjects import subject, subject_options
from conformance.vectors import columns
from conformance.vectors.dot_subject import DOT, DotSubject
from conformance.vectors.header import Header, Origin
from conformance.vectors.subject import Subject
from formats import Format
from refmath.errors import RefmathError, quote

if TYPE_CHECKING:
    from conformance.cases.plan import Plan

HELP = """Write cases with their results: operands, result and flags, in a syntax that hardware and simulators read.

OPERATION is add, fma, convert, or any other ('refmath operations' lists them), with its formats as options; or a function of Berkeley TestFloat by its name:
f16_add, f32_mulAdd, f64_to_i32, with TestFloat's own options beside these; or dot, the dot product of two vectors and an addend under a --model of accumulation. The cases are those of a plan: testfloat:1 and testfloat:2, exhaustive, random,
hard, or a coverage model B1 to B29; --models FORMAT lists those that apply, --tasks what one of them covers. spec/vector-files.md defines the files.

\b
Examples:
  refmath vectors add --format binary16 | ./dut | refmath verify add --format binary16
  refmath vectors f16_sqrt -level 2 -rminMag
  refmath vectors multiply --format e4m3fn --plan exhaustive -o mul.mem
  refmath vectors fma --from e4m3fn --from e4m3fn --from binary32 --to binary32 --plan B3 -o fma.jsonl.zst --columns intermediate,task
  refmath vectors convert --from binary32 --to e5m2 --plan random --budget 1000000 -r stochastic_a --bits 8 -o sr.parquet
  refmath vectors add --format posit16 --budget 100000 -o add.txt.gz --corrupt 20
  refmath vectors dot --from binary16 --to binary32 --model h100 --length 16 -o dot.jsonl
  refmath vectors dot --from e2m1 --to binary32 --model b200_mx --length 64 --scale e8m0 --block 32 -o mx.mem
  refmath vectors --models e4m3fn
  refmath vectors add --format e4m3fn --plan B4 --tasks
"""


@click.command("vectors", cls=Command, help=HELP)
@click.argument("operation", required=False)
@click.option("--plan", metavar="PLAN", help="Which cases: testfloat:1 (usual), testfloat:2, exhaustive, random, hard, B1 ... B29.")
@click.option("-level", "--level", type=click.IntRange(1, 2), help="As --plan testfloat:1 or testfloat:2.")
@click.option("-n", "--budget", type=INTEGER, metavar="N", help="How many cases; as many as the plan has by itself where it is left out.")
@click.option("-forever", "--forever", is_flag=True, help="Cases without end.")
@click.option("-seed", "--seed", type=INTEGER, default=1, metavar="SEED", help="Of whatever in the plan is random.")
@click.option("-prefix", "--prefix", metavar="TEXT", help="A line before the first case (testfloat alone).")
@subject_options
@click.option("--syntax", metavar="NAME", help="testfloat (usual), readmemh, readmemh-fields, fptest, jsonl, csv, parquet; else as the suffix of FILE says.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to; .gz and .zst compress. A file has its header in it, or beside it in FILE.json.")
@click.option("--columns", "chosen", metavar="LIST", default="", help=f"Further columns, parted by commas: {', '.join(columns.CHOICES)} (jsonl, csv, parquet).")
@click.option("--corrupt", type=INTEGER, metavar="N", help="Write a twin of FILE too in which N lines are wrong; its header lists them.")
@click.option("--jobs", type=INTEGER, metavar="N", help="Processes, where the reference computes; as many as there are processors.")
@click.option("--tasks", "tasked", is_flag=True, help="Write no cases, but the tasks of the plan, and which are impossible, and why.")
@click.option("--models", "listed", type=FORMAT, metavar="FORMAT", help="List the plans that apply to OPERATION, or to the usual ones, on a format.")
def command(operation: str | None, listed: Format | None, tasked: bool, **options: Any) -> int | None:
    if listed is not None:
        from conformance.report.models_page import show_models

        show_models(listed, [operation] if operation else [])
        return None
    if operation is None:
        raise RefmathError("Which operation? Give one, such as add, or a function of TestFloat, such as f16_add.")
    own = ("plan", "level", "budget", "forever", "seed", "prefix", "syntax", "output", "chosen", "corrupt", "jobs")
    mine = {name: options.pop(name) for name in own}
    asked = subject(operation, options)
    if tasked:
        from conformance.report.models_page import show_tasks

        show_tasks(_plan(asked, mine))
    else:
        _write(asked, mine)
    return None


def _plan(asked: Subject, mine: dict[str, Any]) -> "Plan":
    """The plan that the options name."""
    from conformance.cases.plan import plan

    budget = FOREVER if mine["forever"] else mine["budget"]
    if isinstance(asked, DotSubject):
        from conformance.cases.dot_plans import named_plan

        if mine["level"] is not None:
            raise RefmathError("--level belongs to the plan testfloat, which dot products have not; leave it out.")
        model = (asked.model, asked.of, asked.result, asked.length, asked.scale, asked.block)
        return named_plan(mine["plan"] or DOT, asked.formats, *model, budget, mine["seed"])
    name = plan_name(mine["plan"], mine["level"], mine["forever"])
    return plan(name, asked.operation, asked.formats, asked.target, asked.how, budget, mine["seed"])


def _write(asked: Subject, mine: dict[str, Any]) -> None:
    from conformance.vectors.generate import blocks
    from conformance.vectors.syntaxes import named, of_file
    from conformance.vectors.writing import check, write

    chosen = tuple(name.strip() for name in mine["chosen"].split(",") if name.strip())
    syntax = named(mine["syntax"] or of_file(mine["output"]) or "testfloat")
    made = _plan(asked, mine)
    tasks = made.tasks if "task" in chosen else ()
    header = Header(asked, syntax, Origin(made.name, mine["seed"], mine["budget"]), columns.names(chosen), tasks)
    check(header, mine["output"])
    _check_corrupt(mine)
    _write_prefix(mine["prefix"], syntax)
    found = write(mine["output"], header, blocks(asked, made, chosen, mine["jobs"]))
    if mine["corrupt"] is not None:
        from conformance.vectors.corrupt import write_twin

        twin = write_twin(mine["output"], found, mine["corrupt"], mine["seed"])
        click.echo(f"{twin}: {mine['corrupt']:,} of its lines are wrong", err=True)


FOREVER = 1 << 62
"""More cases than anyone waits for."""


def plan_name(stated: str | None, level: int | None, forever: bool) -> str:
    """The plan that the options name. ``RefmathError`` where they name two."""
    if stated is None:
        return f"testfloat {level or (2 if forever else 1)}"
    if level is not None:
        raise RefmathError("--level belongs to the plan testfloat; leave out one of --level and --plan.")
    return stated.replace(":", " ")


def _check_corrupt(mine: dict[str, Any]) -> None:
    if mine["corrupt"] is not None and (mine["output"] == "-" or mine["forever"]):
        raise RefmathError("--corrupt writes a twin beside a file; name the file with -o FILE, and give it an end.")


def _write_prefix(prefix: str | None, syntax: str) -> None:
    if prefix is None:
        return
    if syntax != "testfloat":
        raise RefmathError(f"{quote(prefix)}: only testfloat has a line before the first case; the syntax is {syntax}.")
    click.echo(prefix)
