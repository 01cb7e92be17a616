"""Owns what a shell offers for a word that is being typed: assignments, checks, languages.

Asked at every press of a key, so it reads no more than it must. A course that is missing or broken
offers nothing; what is wrong with it is for the command itself to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.course.model import LoadedCourse


def assignments(ctx: click.Context, _param: click.Parameter | None, begun: str) -> list[str]:
    """The ids of the course's assignments."""
    with suppress(GraderError):
        return _beginning(_course(ctx).data.assignments, begun)
    return []


def languages(ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """The ids of the course's languages."""
    with suppress(GraderError):
        return _beginning(_course(ctx).data.languages, begun)
    return []


def checks(ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """The ids of the assignment's checks, but for hidden ones."""
    from grader.course.outline import load_outline

    with suppress(GraderError):
        outline = load_outline(_course(ctx), _assignment(ctx))
        return _beginning((check.id for check in outline.checks if not check.hidden), begun)
    return []


def families(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """The families of events, the last of several behind a comma."""
    from grader.course.events import FAMILIES

    before, comma, last = begun.rpartition(",")
    return [f"{before}{comma}{word}" for word in _beginning(sorted(FAMILIES), last)]


def files(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """Whatever the shell itself finds."""
    return [CompletionItem(begun, type="file")]


def _assignment(ctx: click.Context) -> str:
    """The id that was typed: the command itself, or its argument. click has not come to arguments
    yet where the last option lacks its value."""
    if all(param.name != "id" for param in ctx.command.params):
        return str(ctx.command.name)
    return str(ctx.params.get("id") or next(iter(ctx.args), ""))


def _course(ctx: click.Context) -> LoadedCourse:
    from grader.course.load import find_course

    return find_course(ctx.params.get("course"))


def _beginning(words: Iterable[str], begun: str) -> list[str]:
    return [word for word in words if word.startswith(begun)]
