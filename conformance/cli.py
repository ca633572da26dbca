"""The command line ``refmath``: a group of commands that load when invoked, and the one place where errors become sentences."""

import errno
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from io import FileIO, TextIOWrapper

import click
from click.shell_completion import CompletionItem, shell_complete

from conformance.commands import COMMANDS
from conformance.exits import Exit
from refmath import __version__
from refmath.errors import RefmathError

PROGRAM = "refmath"
COMPLETE = "_REFMATH_COMPLETE"
"""The environment variable through which a shell asks for completions."""
MAX_SENTENCE = 600

EXAMPLES = """\b
Examples:
  refmath formats                                      the formats that have a name
  refmath show e4m3fn                                  a format
  refmath show e4m3fn 0x2b                             one of its codes
  refmath convert 0.1 --to bf16 --rounding rtz
  refmath explain convert 1.0009766 --from binary32 --to e4m3fn
  refmath eval "fma(1.1, x, 2^-9)" --format e5m2 --let x=0x3c --trace
  refmath check torch jax ml_dtypes

\b
Exit status:
  0 agrees · 1 differs · 2 bad input or usage · 3 an emulator or the tool failed · 130 interrupted
"""


class LazyGroup(click.Group):
    """A group whose commands are modules of ``conformance.commands``, imported when invoked."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"conformance.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            close = get_close_matches(name, COMMANDS, n=1)
            hint = f"did you mean '{close[0]}'" if close else f"the commands are {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command '{name}'; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    no_args_is_help=True,
)
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an unexpected error (also REFMATH_DEBUG=1).")
def group() -> None:
    """The reference interpreter for number formats: what a code means, what a conversion must give, and who gets it wrong."""


def main() -> None:
    """Run the command line on ``sys.argv`` and exit."""
    _open_closed_streams()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    status = run(sys.argv[1:])
    sys.exit(_flushed(status))


def _open_closed_streams() -> None:
    """Put something in the place of standard streams that are closed: to use the input or the output is an error of the system then; what is said on the standard error is lost."""
    for name, mode, wrong in (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, TextIOWrapper(FileIO(os.open(os.devnull, wrong), mode), encoding="utf-8"))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; every error becomes one sentence on the standard error and an exit status."""
    try:
        if instruction := os.environ.get(COMPLETE):
            return shell_complete(group, {}, PROGRAM, COMPLETE, instruction)
        return _invoke(list(arguments))
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message())
        return Exit.BAD_INPUT
    except click.UsageError as error:
        return _complain(_usage(error), Exit.BAD_INPUT)
    except click.ClickException as error:
        return _complain(error.format_message(), Exit.BAD_INPUT)
    except RefmathError as error:
        return _complain(str(error), Exit.BAD_INPUT)
    except (KeyboardInterrupt, EOFError, click.Abort) as stop:
        return _complain(str(stop) or "interrupted.", Exit.INTERRUPTED)
    except BrokenPipeError:
        return Exit.PIPE_CLOSED
    except OSError as error:
        of_a_stream = error.filename is None and error.errno in (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EBADF)
        return _unwritable(error) if of_a_stream else _unexpected(error, arguments)
    except Exception as error:
        return _unexpected(error, arguments)


def _invoke(arguments: list[str]) -> int:
    with group.make_context(PROGRAM, arguments) as context:
        status = group.invoke(context)
    return status if isinstance(status, int) else Exit.AGREES


def _usage(error: click.UsageError) -> str:
    """A usage error of click as one sentence that says where the help is."""
    path = error.ctx.command_path if error.ctx else PROGRAM
    message = error.format_message().strip().rstrip(".")
    if isinstance(error, click.NoSuchOption):
        close = f", but {' and '.join(error.possibilities)}" if error.possibilities else ""
        message = f"there is no option {error.option_name}{close}"
    return f"{message}; see '{path} --help'."


def _unexpected(error: Exception, arguments: Sequence[str]) -> int:
    if "--debug" in arguments or os.environ.get("REFMATH_DEBUG", "") not in ("", "0"):
        import traceback

        traceback.print_exception(error)
    text = f"{type(error).__name__}: {error}".rstrip(":. ")
    return _complain(f"this is a fault of refmath, not of your input ({text}); REFMATH_DEBUG=1 shows where.", Exit.FAILED)


def _complain(sentence: str, status: int) -> int:
    """Print one sentence, on one line, without control characters, of bounded length."""
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(sentence.split()))
    if len(line) > MAX_SENTENCE:
        line = f"{line[: MAX_SENTENCE - 200]} ... {line[-190:]}"
    click.echo(f"{PROGRAM}: {line}", err=True)
    return status


def _unwritable(error: OSError) -> int:
    if error.errno == errno.EBADF:
        return _complain("a standard stream that is needed is closed; open the standard input and output.", Exit.BAD_INPUT)
    return _complain(f"cannot write to the standard output: {error.strerror}.", Exit.BAD_INPUT)


def _flushed(status: int) -> int:
    """The status, once everything printed has been written: a closed pipe or a full disk may show only now."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return Exit.PIPE_CLOSED
        return status or _unwritable(error)
    return status
