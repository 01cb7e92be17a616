"""Owns `grade completion`: the script with which a shell completes what you type."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

VARIABLE = "_GRADE_COMPLETE"
"""Where the scripts put what they ask for; click's own name for it."""

_HELP = """\
Print a script that lets your shell complete commands, assignments, checks (--only) and languages.

\b
bash, in ~/.bashrc:
  eval "$(grade completion bash)"
zsh, in ~/.zshrc behind compinit:
  eval "$(grade completion zsh)"
fish:
  grade completion fish > ~/.config/fish/completions/grade.fish

It works in the next shell that you open. In bash and zsh you may keep the script in a file
instead, so that opening a shell takes no longer:

\b
Examples:
  grade completion bash > ~/.local/share/bash-completion/completions/grade
  grade completion zsh > "${fpath[1]}/_grade"
"""


@click.pass_context
def _completion(ctx: click.Context, *, shell: str) -> int:
    complete = get_completion_class(shell)
    assert complete is not None, "click knows the shells that can be chosen"
    click.echo(complete(ctx.find_root().command, {}, "grade", VARIABLE).source())
    return 0


completion_command = click.Command(
    name="completion",
    callback=_completion,
    short_help="Let your shell complete what you type.",
    help=_HELP,
    params=[click.Argument(["shell"], metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))],
)
