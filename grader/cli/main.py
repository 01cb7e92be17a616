"""Owns the command `grade`: which subcommand runs, how errors are told, and the exit status.

Assignments are commands too (`grade pipe`), whatever the course calls them: a name that is no
fixed command is taken for an assignment's id.
"""

from __future__ import annotations

import errno
import gc
import importlib
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click
from click.shell_completion import CompletionItem

from grader import __version__
from grader.cli import completing
from grader.cli.errors import describe, within
from grader.errors import ExitStatus, GraderError, InfrastructureError, UsageError

_HELP = """\
Grade operating-systems exercises by what your program really does.

\b
  grade                           where you are in the course, what is next
  grade list                      all assignments, and your points
  grade show ASSIGNMENT           its task
  grade start ASSIGNMENT          a program to begin with, into ./ASSIGNMENT/
  grade ASSIGNMENT [SUBMISSION]   grade your program
  grade hint ASSIGNMENT           a hint for the first check that failed
  grade trace -- COMMAND...       watch any program's IPC as it happens
  grade batch FOLDER --out OUT    grade everybody's submissions
  grade results OUT               what a batch came to
  grade verify [ID...]            check the course's own programs
  grade export DIR                what students get of the course
  grade lint [ID...]              all that is wrong with the course's files
  grade new ID                    a new assignment that lints and verifies
  grade completion SHELL          let your shell complete what you type
  grade doctor                    what this machine can isolate

Your program runs in a sandbox; every system call with which its processes
talk to each other is observed. Points are for what happened, not for what was
printed.

\b
Examples:
  grade pipe                      the program in ./pipe/, or right here
  grade pipe ~/os/pipe --lang c   another folder, the C program in it
  grade pipe hello.py --seed 7    one file, with the random values of seed 7
  grade pipe --format json        for programs to read
  grade trace -- ./hello 'Hi!'    no grading, only watching

\b
Exit status:
  0  full marks; where nothing is graded (`grade` alone too): done
  1  not full marks
  2  wrong usage, or a broken course or assignment file
  3  the grader could not do its work (never a score)

`grade ASSIGNMENT --help` and `grade trace --help` say more.
"""


_COMMANDS = {
    "list": "listing",
    "show": "show",
    "start": "start",
    "hint": "hint",
    "trace": "trace",
    "doctor": "doctor",
    "batch": "batch",
    "results": "results",
    "verify": "verify",
    "export": "export",
    "lint": "lint",
    "new": "new",
    "completion": "completion",
}
"""Each command and its module in `grader.cli`, which is imported when it is asked for and has it as
`NAME_command`."""


_COLLECT_AFTER = 50_000
"""Objects that may come to be before garbage is looked for: some more than a grading makes, whose
modules alone would have it looked for a hundred times."""


class _AssignmentsAreCommands(click.Group):
    """A group in which every name that is no command is taken for an assignment."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        if cmd_name not in _COMMANDS:
            from grader.cli.assignment import assignment_command

            return assignment_command(cmd_name, other_commands=self.list_commands(ctx))
        module = importlib.import_module(f"grader.cli.{_COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, f"{cmd_name}_command")
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        known = completing.assignments(ctx, None, incomplete)
        return [*map(CompletionItem, known), *super().shell_complete(ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The fixed commands, then the assignments of the course around this folder, if any."""
        from grader.course.load import find_course

        super().format_commands(ctx, formatter)
        # Help is shown without a course too, and with a broken one.
        with suppress(GraderError):
            assignments = find_course(None).data.assignments
            with formatter.section("Assignments of this course"):
                formatter.write_text(", ".join(assignments))


@click.pass_context
def _alone(context: click.Context) -> int | None:
    """Where one is in the course, if no command was given."""
    if context.invoked_subcommand is not None:
        return None
    from grader.cli.overview import overview

    return overview()


def command() -> click.Group:
    """The whole command line."""
    group = _AssignmentsAreCommands(
        name="grade",
        help=_HELP,
        callback=_alone,
        invoke_without_command=True,
        options_metavar="",
        subcommand_metavar="COMMAND ...",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    )
    return click.version_option(__version__, prog_name="grade")(group)


def _open_closed_streams() -> None:
    """`grade … >&-`: or the next file to be opened would get the stream's descriptor, and what is
    meant for the stream be written into the file."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(fd, True)  # as standard streams are
    os.close(fd)
    # The interpreter has no stream where it found none.
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def process() -> NoReturn:
    """`grade` as a process of its own. It ends at once: what an interpreter takes apart at its end,
    for longer than it takes to read a course, the kernel gives back anyway."""
    gc.set_threshold(_COLLECT_AFTER)
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody is there to be told
            stream.flush()
    os._exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `grade`; returns its exit status. Errors are one message on stderr."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without `✓` still gets the words
    try:
        status = command().main(arguments, prog_name="grade", standalone_mode=False)
        sys.stdout.flush()
    except (GraderError, click.ClickException) as error:
        _complain(error)
        return error.exit_status if isinstance(error, GraderError) else ExitStatus.USAGE
    except (KeyboardInterrupt, click.Abort):
        return 130  # as a shell says it: ended by SIGINT
    except BrokenPipeError:
        _say_no_more()  # the reader has gone (`grade … | head`)
        return 141  # as a shell says it: ended by SIGPIPE
    except OSError as error:
        # What commands expect of files is told by themselves; this is what nobody expected.
        _say_no_more()
        told = _unexpected(error)
        _complain(told)
        return told.exit_status
    except Exception:  # noqa: BLE001 - a defect of ours must not end as 1, "not full marks"
        sys.excepthook(*sys.exc_info())
        print("grade: this is a defect of the grader, not of your program", file=sys.stderr)
        return ExitStatus.INFRASTRUCTURE
    return status if isinstance(status, int) else ExitStatus.FULL_MARKS


def _complain(error: GraderError | click.ClickException) -> None:
    with suppress(OSError):  # where nobody can be told, the exit status still tells
        told = describe(error)
        print(within(told, columns) if (columns := _columns()) else told, file=sys.stderr)
        sys.stderr.flush()


def _columns() -> int:
    """Of the terminal that stderr is, 0 if it is none."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 0


def _say_no_more() -> None:
    """Point stdout at nothing, or the interpreter complains once more when it flushes at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: OSError) -> GraderError:
    reason = error.strerror or str(error)
    if error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        return InfrastructureError(
            f"what was to be printed could not be written: {reason}",
            fix="make room where the output goes, then try again",
        )
    if error.filename is None and isinstance(error, FileNotFoundError):
        # getcwd(2) is the call that says so without a name.
        return UsageError("the folder that you are in has been removed", fix="go to another: cd")
    where = None if error.filename is None else str(error.filename)
    kind = UsageError if isinstance(error, PermissionError) else InfrastructureError
    return kind(
        f"the system refused what `grade` needs: {reason}",
        where=where,
        fix="check that it is there, that you may read and write it, and that the disk has room",
    )
