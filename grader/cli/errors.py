"""Owns how an error that ends a command is told: what happened, where, what to do now."""

from __future__ import annotations

import click

from grader.errors import CourseError, GraderError
from grader.report.clean import clean, clean_line


def describe(error: GraderError | click.ClickException) -> str:
    """The whole message, without a final line feed. All problems of a course file are listed."""
    match error:
        case CourseError():
            return clean(_problems(error))
        case GraderError():
            named = error.where is None or error.where in error.message
            where = "" if named else f" ({clean_line(error.where or '')})"
            fix = f"\n  {clean(error.fix)}" if error.fix else ""
            return f"grade: {clean(error.message)}{where}{fix}"
        case click.UsageError(ctx=click.Context() as context):
            message = clean(error.format_message())
            return f"grade: {message}\n  `{context.command_path} --help` shows how it is used"
        case _:
            return f"grade: {clean(error.format_message())}"


def _problems(error: CourseError) -> str:
    number = len(error.problems)
    lines = [f"grade: the course files hold {number} problem{'s' if number > 1 else ''}"]
    for problem in error.problems:
        lines.append(f"  {problem}")
        if problem.fix:
            lines.append(f"    {problem.fix}")
    return "\n".join(lines)
