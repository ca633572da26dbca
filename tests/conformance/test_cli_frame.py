"""The frame of the command line: what loads when, how errors leave, exit statuses, help, version, completion."""

import errno
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from beforehand import interruptible
from command_line import is_one_sentence, refmath

from conformance import cli
from conformance.commands import COMMANDS, table
from conformance.exits import Exit
from refmath import __version__

HEAVY = ("numpy", "sympy", "numba", "torch", "jax", "ml_dtypes", "rich")


def loaded_by(*arguments: str) -> set[str]:
    """The heavy modules that a command line loads, in a fresh interpreter."""
    code = f"import sys; from conformance.cli import run; run({list(arguments)!r}); print(*(m for m in {HEAVY!r} if m in sys.modules), file=sys.stderr)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(found.stderr.split())


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["formats"], ["show", "e4m3fn", "0x2b"], ["convert", "0.1", "--to", "bf16"], ["check", "--help"]]
)
def test_nothing_heavy_is_loaded(arguments: list[str]) -> None:
    """Help, lists, codes and conversions load no array library, no sympy and, without a terminal, no rich."""
    assert loaded_by(*arguments) == set()


def test_help_does_not_import_the_commands() -> None:
    """The help of the group shows each command's line without importing the command."""
    code = "import sys; from conformance.cli import run; run(['--help']); sys.exit(any(m.startswith('conformance.commands.') for m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 0
    for name, line in COMMANDS.items():
        assert name in found.stdout
        assert line in found.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["formats"]])
def test_answers_at_once(arguments: list[str]) -> None:
    """Help and the list of formats take well under a second of processor time, in the best of three tries."""
    spent = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-m", "refmath", *arguments], capture_output=True, check=True)
        after = os.times()
        spent.append(after.children_user - before.children_user + after.children_system - before.children_system)
    assert min(spent) < 0.4


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    """Each command explains itself and shows how it is called."""
    ran = refmath(name, "--help")
    assert ran.status == Exit.AGREES
    assert f"refmath {name}" in ran.out.partition("\n")[2]


def test_version() -> None:
    """The version is the package's."""
    assert refmath("--version").out == f"refmath {__version__}\n"


def test_without_arguments_the_help_is_shown() -> None:
    """A bare ``refmath`` prints the help and counts as usage."""
    ran = refmath()
    assert (ran.status, ran.err) == (Exit.BAD_INPUT, "")
    assert "Commands:" in ran.out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["sohw"], "did you mean 'show'"),
        (["qqqqqq"], "the commands are formats, show"),
        (["--nothing"], "there is no option --nothing"),
        (["convert", "1", "--to", "bf16", "--roundin", "rne"], "--rounding"),
        (["convert", "1"], "'--to'"),
        (["convert", "--to", "bf16"], "VALUE|CODE"),
        (["show"], "FORMAT"),
        (["convert", "1", "--to"], "--to"),
        (["completion", "tcsh"], "tcsh"),
        (["table", "e2m1", "--format", "xml"], "xml"),
        (["explain"], "OPERATION"),
    ],
)
def test_wrong_usage_is_one_sentence(arguments: list[str], part: str) -> None:
    """Wrong usage is status 2 and one sentence that names the offence and where the help is."""
    ran = refmath(*arguments)
    assert ran.status == Exit.BAD_INPUT
    assert ran.out == ""
    assert is_one_sentence(ran.err)
    assert part in ran.err
    assert "--help'" in ran.err


def raising(error: BaseException) -> click.Command:
    """A command that raises."""

    @click.command("table")
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "part"),
    [
        (ZeroDivisionError("float division by zero"), Exit.FAILED, "ZeroDivisionError"),
        (KeyboardInterrupt(), Exit.INTERRUPTED, "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device"), Exit.BAD_INPUT, "cannot write to the standard output"),
        (OSError(errno.EMFILE, "Too many open files"), Exit.FAILED, "Too many open files"),
        (RecursionError("maximum recursion depth exceeded"), Exit.FAILED, "RecursionError"),
    ],
)
def test_no_error_shows_a_traceback(monkeypatch: pytest.MonkeyPatch, error: BaseException, status: Exit, part: str) -> None:
    """Whatever a command raises leaves as one sentence with its status."""
    monkeypatch.delenv("REFMATH_DEBUG", raising=False)
    monkeypatch.setattr(table, "command", raising(error))
    ran = refmath("table")
    assert ran.status == status
    assert is_one_sentence(ran.err)
    assert part in ran.err


def test_closed_pipe_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the reader goes away there is nothing to say, and the status is that of SIGPIPE."""
    monkeypatch.setattr(table, "command", raising(BrokenPipeError(errno.EPIPE, "Broken pipe")))
    ran = refmath("table")
    assert (ran.status, ran.out, ran.err) == (141, "", "")


@pytest.mark.parametrize("how", ["option", "variable"])
def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """--debug and REFMATH_DEBUG=1 show where an unexpected error arose, before the sentence."""
    monkeypatch.setattr(table, "command", raising(ZeroDivisionError()))
    if how == "variable":
        monkeypatch.setenv("REFMATH_DEBUG", "1")
    ran = refmath(*["--debug"] * (how == "option"), "table")
    assert ran.status == Exit.FAILED
    assert "Traceback" in ran.err
    assert ran.err.splitlines()[-1].startswith("refmath: this is a fault of refmath")


def test_status_of_a_command_is_the_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the callback of a command returns, or exits with, is the status."""

    @click.command("table")
    @click.option("--leave", is_flag=True)
    @click.pass_context
    def command(ctx: click.Context, leave: bool) -> int:
        if leave:
            ctx.exit(130)
        return Exit.DIFFERS

    monkeypatch.setattr(table, "command", command)
    assert refmath("table").status == Exit.DIFFERS
    assert refmath("table", "--leave").status == Exit.INTERRUPTED


def test_full_disk_and_closed_pipe_in_a_process() -> None:
    """Seen from outside: a full device is status 2 and one sentence, a reader that leaves is 141 and silence."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        found = subprocess.run([sys.executable, "-m", "refmath", "table", "e2m1"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (found.returncode, found.stderr) == (2, "refmath: cannot write to the standard output: No space left on device.\n")
    with subprocess.Popen([sys.executable, "-m", "refmath", "table", "ocp_e5m2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_interrupt_in_a_process() -> None:
    """Ctrl-C ends a long table with status 130 and one sentence."""
    process = subprocess.Popen(
        interruptible([sys.executable, "-m", "refmath", "table", "binary32", "--from", "0x0", "--to", "0xffffffff", "--format", "csv"]),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(100)
    process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        process.stdout.read(1 << 16)
    if process.poll() is None:
        process.kill()
    assert (process.wait(), process.stderr.read().decode()) == (130, "refmath: interrupted.\n")
    process.stdout.close()
    process.stderr.close()


def test_any_encoding_will_do() -> None:
    """Where the terminal cannot write a character, another stands in for it."""
    found = subprocess.run(
        [sys.executable, "-m", "refmath", "show", "ocp_e4m3", "0x2b"], env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=False
    )
    assert found.returncode == 0
    assert b"sign ? exponent ? significand" in found.stdout


def completions(monkeypatch: pytest.MonkeyPatch, line: str) -> list[str]:
    """What a shell would offer for the last word of a line."""
    words = line.split(" ")
    monkeypatch.setenv(cli.COMPLETE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    ran = refmath()
    assert ran.status == Exit.AGREES
    return [offer.partition(",")[2] for offer in ran.lines]


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("refmath ", list(COMMANDS)),
        ("refmath sh", ["show"]),
        ("refmath show bf", ["bfloat16", "bf16"]),
        ("refmath show ocp_e4", ["ocp_e4m3"]),
        ("refmath convert -1.5 --to float8_e5", ["float8_e5m2", "float8_e5m2fnuz"]),
        ("refmath convert 1 --rounding to_", ["to_odd"]),
        ("refmath explain convert 1 --overflow satur", ["saturate_finite", "saturate_propagate"]),
        ("refmath explain conv", ["convert"]),
        ("refmath table e2m1 --format ", ["text", "csv", "markdown", "json", "latex"]),
        ("refmath convert 1 --absent-z", ["--absent-zero"]),
    ],
)
def test_completion(monkeypatch: pytest.MonkeyPatch, line: str, offers: list[str]) -> None:
    """Commands, formats, aliases, policies and options complete."""
    assert completions(monkeypatch, line) == offers


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    """The script of each shell asks refmath for the completions."""
    ran = refmath("completion", shell)
    assert ran.status == Exit.AGREES
    assert f"{cli.COMPLETE}={shell}_complete" in ran.out


def examples_of_the_help() -> list[str]:
    """Every command line that a help text shows, but for those that read or write files or take long."""
    helps = [refmath(*name, "--help").out for name in ([], *([name] for name in COMMANDS))]
    lines = [line.strip() for text in helps for line in text.splitlines() if line.startswith("    refmath ")]
    apart = ("refmath check", "refmath identify", "refmath order", "refmath campaign", "refmath verify", "refmath serve")
    return [line for line in dict.fromkeys(lines) if not line.startswith(apart) and not any(word in line for word in ("@", "--output", " -o ", " | "))]


def test_examples_of_the_help_work() -> None:
    """What the help tells people to type works."""
    shown = examples_of_the_help()
    assert len(shown) > 20
    for line in shown:
        words = shlex.split(re.split(r" {3,}| >", line)[0])[1:]
        ran = refmath(*words)
        assert (ran.status, ran.err) == (Exit.AGREES, ""), line
