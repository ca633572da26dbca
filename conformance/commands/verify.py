"""``refmath verify``: recompute every case of a file."""

from pathlib import Path
from typing import Any

import click

from conformance.commands.arguments import INTEGER, Command, json_option
from conformance.commands.subjects import subject, subject_options
from conformance.exits import Exit
from conformance.vectors.counts import Rules
from conformance.vectors.subject import Subject
from refmath.errors import RefmathError

HELP = """Recompute every case of files and say which are wrong, and why.

OPERATION is as for 'refmath vectors'; it may be left out where the file, or its sidecar FILE.json, says what it computes, and for .fptest files, whose every line does.
Without a FILE, or for -, the standard input is read. Files may be compressed with gzip (.gz) or Zstandard (.zst). A NaN is as good as another, unless --check-nans.

Every slip in a file is counted and reported with its line. A line that can be read nevertheless is verified; what cannot be read makes the exit status 2,
unless a case is wrong.

\b
Examples:
  refmath vectors add --format binary16 | ./dut | refmath verify add --format binary16
  refmath verify f32_mulAdd -tininessbefore results.txt.gz
  refmath verify mul.jsonl
  refmath verify dot --from binary16 --to binary32 --model h100 --length 16 results.txt
  refmath verify Underflow.fptest

\b
Exit status:
  0 every case is right · 1 some are wrong · 2 something could not be read, or there was no case
"""


@click.command("verify", cls=Command, help=HELP)
@click.argument("arguments", nargs=-1, metavar="[OPERATION] [FILE]...")
@subject_options
@click.option("--syntax", metavar="NAME", help="The syntax, where neither the name of the file nor its start tells it.")
@click.option("--check-nans", "-checkNaNs", "check_nans", is_flag=True, help="A NaN has to be the very one.")
@click.option("--ignore-flags", is_flag=True, help="Look at results alone.")
@click.option("--any-invalid-integer", is_flag=True, help="Take any integer for an invalid conversion.")
@click.option("--strict", is_flag=True, help="End at the first slip.")
@click.option("-errors", "--errors", type=INTEGER, default=10, metavar="N", help="Show the first N wrong cases (usually 10).")
@click.option("--explain", "explained", type=INTEGER, default=2, metavar="N", help="Explain the first N of them (usually 2).")
@json_option
def command(arguments: tuple[str, ...], as_json: bool, **options: Any) -> int:
    from conformance.report.verify_page import show_verdicts
    from conformance.vectors.fptest_verify import SuiteVerdict, is_fptest, verify_fptest
    from conformance.vectors.reading import open_cases, subject_of
    from conformance.vectors.verify import Verdict, verify

    own = ("syntax", "check_nans", "ignore_flags", "any_invalid_integer", "strict", "errors", "explained")
    mine = {name: options.pop(name) for name in own}
    rules = Rules(mine["check_nans"], not mine["ignore_flags"], mine["any_invalid_integer"], mine["strict"])
    stated, files = parted(arguments, options)
    found: list[tuple[str, Verdict | SuiteVerdict]] = []
    for name in files:
        opened = open_cases(name, mine["syntax"])
        if is_fptest(opened, stated):
            found.append((name, verify_fptest(opened, options["tininess"], rules, mine["errors"])))
            continue
        asked = subject_of(opened, stated)
        found.append((name, verify(opened.items(asked), asked, rules, max(mine["errors"], mine["explained"]), opened.header)))
    show_verdicts(found, mine["errors"], mine["explained"], as_json)
    return max((status(verdict) for _, verdict in found), key=[Exit.AGREES, Exit.BAD_INPUT, Exit.DIFFERS].index)


def parted(arguments: tuple[str, ...], options: dict[str, Any]) -> tuple[Subject | None, tuple[str, ...]]:
    """The subject, if one is named, and the files."""
    stated = any(value not in (None, (), False) for value in options.values())
    first = arguments[0] if arguments else ""
    is_file = not first or first == "-" or Path(first).is_file() or "/" in first or "." in first
    if is_file:
        if options["fmt"] is not None or options["froms"]:
            raise RefmathError("Formats are stated, and no operation; name it first, as in 'refmath verify add --format binary16 FILE'.")
        if stated and not {name for name, value in options.items() if value not in (None, (), False)} <= {"tininess"}:
            raise RefmathError("A projection is stated, and no operation; name it first, as in 'refmath verify f32_add -rminMag FILE'.")
        return None, arguments or ("-",)
    return subject(first, options), arguments[1:] or ("-",)


def status(verdict: Any) -> Exit:
    """What the exit status says of a verdict."""
    if verdict.wrong:
        return Exit.DIFFERS
    return Exit.BAD_INPUT if verdict.unread or not verdict.cases else Exit.AGREES
