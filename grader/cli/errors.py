"""Owns how an error that ends a command is told: what happened, where, what to do now."""

from __future__ import annotations

import re

import click

from grader.errors import CourseError, GraderError
from grader.report.clean import clean, clean_line


def describe(error: GraderError | click.ClickException) -> str:
    """The whole message, without a final line feed. All problems of a course file are listed."""
    match error:
        case CourseError():
            return clean(_problems(error))
        case GraderError():
            return _told(error.message, error.where, error.fix)
        case click.UsageError(ctx=click.Context() as context):
            return _told(_in_words(error), _option(error), _way_out(error, context))
        case _:
            return _told(error.format_message(), None, None)


def within(text: str, columns: int) -> str:
    """The message for a screen: lines that are too long go on in the next one, a word is never
    broken."""
    import textwrap

    lines: list[str] = []
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip(" ")))
        lines += textwrap.wrap(
            line,
            columns,
            subsequent_indent=indent or "  ",
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(lines)


def _told(message: str, where: str | None, fix: str | None) -> str:
    place = "" if where is None or _names(message, where) else f" ({clean_line(where)})"
    return f"grade: {clean(message)}{place}" + (f"\n  {clean(fix)}" if fix else "")


def _names(message: str, where: str) -> bool:
    """Whether the message names the place itself, and not only a word that it is part of."""
    return re.search(rf"(?<![\w/.-]){re.escape(where)}(?![\w/-])", message) is not None


def _in_words(error: click.UsageError) -> str:
    """click's message as we tell ours: in lower case, without a final full stop."""
    match error:
        case click.NoSuchOption():
            return f"there is no option {error.option_name}"
        case click.MissingParameter(param=click.Option() as option):
            metavar = option.make_metavar(error.ctx) if error.ctx else ""
            return f"the option {max(option.opts, key=len)} {metavar} is missing"
        case click.MissingParameter(param=click.Parameter() as param):
            return f"{param.make_metavar(error.ctx) if error.ctx else param.name} is missing"
        case click.BadParameter():
            message = error.message
        case _:
            message = error.format_message()
    message = message.removesuffix(".").replace("valid integer range", "whole number")
    message = _RANGE.sub(lambda match: _outside(*match.groups()), message)
    return message[:1].lower() + message[1:]


_RANGE = re.compile(r"is not in the range (?:(-?\d+)<=)?x(?:>=(-?\d+)|<=(-?\d+))")
"""click's words for a number that is too small or too large."""


def _outside(low: str | None, least: str | None, high: str | None) -> str:
    if least is not None:
        return f"is too small; the least is {least}"
    return f"is not between {low} and {high}" if low else f"is too large; the most is {high}"


def _option(error: click.UsageError) -> str | None:
    """The option or argument that is wrong."""
    if isinstance(error, click.BadParameter) and not isinstance(error, click.MissingParameter):
        param = error.param
        if isinstance(param, click.Option):
            return max(param.opts, key=len)
        if param is not None:
            return param.human_readable_name
    return None


def _way_out(error: click.UsageError, context: click.Context) -> str:
    shows = f"`{context.command_path} --help` shows how it is used"
    close = (error.possibilities or ()) if isinstance(error, click.NoSuchOption) else ()
    return f"did you mean {' or '.join(sorted(close))}? {shows}" if close else shows


def _problems(error: CourseError) -> str:
    number = len(error.problems)
    lines = [f"grade: the course files hold {number} problem{'s' if number > 1 else ''}"]
    for problem in error.problems:
        lines.append(f"  {problem}")
        if problem.fix:
            lines.append(f"    {problem.fix}")
    return "\n".join(lines)
