"""``refmath completion``: the script that teaches a shell to complete commands, options, formats and policies."""

import click
from click.shell_completion import get_completion_class

from conformance.commands.arguments import Command

SHELLS = ("bash", "zsh", "fish")

HELP = """Print the completion script of a shell; format names and policies complete too.

\b
Examples:
  refmath completion bash >> ~/.bashrc
  refmath completion zsh >> ~/.zshrc
  refmath completion fish > ~/.config/fish/completions/refmath.fish
"""


@click.command("completion", cls=Command, help=HELP)
@click.argument("shell", type=click.Choice(SHELLS, case_sensitive=False), metavar="bash|zsh|fish")
def command(shell: str) -> None:
    from conformance.cli import COMPLETE, PROGRAM, group

    found = get_completion_class(shell.lower())
    assert found is not None
    click.echo(found(group, {}, PROGRAM, COMPLETE).source())
