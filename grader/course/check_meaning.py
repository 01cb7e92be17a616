"""Owns what a check must mean beyond its types: scenarios, actors, events and names that exist."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from grader.course.conditions import (
    BlockedIn,
    Channel,
    Closing,
    Concurrent,
    Count,
    Exit,
    NoBusyWaiting,
    NoOtherChannel,
    NoSleep,
    Noted,
    Pattern,
    Reaped,
    Text,
)
from grader.course.decode import nearest
from grader.course.model import Assignment, Check
from grader.course.parts import parts, placeholder_problems
from grader.course.steps import Step, Wait
from grader.course.vary import fill
from grader.course.vocabulary import (
    errno_problems,
    event_problems,
    object_problems,
    signal_problems,
)
from grader.course.yaml import Document, YamlPath
from grader.errors import Problem

_Parts: TypeAlias = Sequence[tuple[YamlPath, object]]
"""A check and everything in it, each with its place."""

_ONE_OF: dict[type[msgspec.Struct], tuple[str, ...]] = {
    Text: ("exactly", "lines", "any_order", "pattern", "empty"),
    Exit: ("status", "signal", "nonzero"),
}


def check_problems(
    document: Document,
    path: YamlPath,
    check: Check,
    assignment: Assignment,
    samples: Mapping[str, Mapping[str, str]],
) -> Iterator[Problem]:
    """What is wrong with one check. path: its place; samples: some values of each scenario, without
    those whose values are themselves a problem."""
    one = isinstance(check.scenario, str)
    if not check.scenarios:
        yield document.problem((*path, "scenario"), "this check looks at no scenario")
    for index, id in enumerate(check.scenarios):
        if id not in assignment.scenarios:
            yield document.problem(
                (*path, "scenario") if one else (*path, "scenario", index),
                f"there is no scenario `{id}`",
                nearest(id, assignment.scenarios, kind="scenarios"),
            )
    known = [id for id in dict.fromkeys(check.scenarios) if id in assignment.scenarios]
    all_parts = list(parts(check, path))
    for id in known:
        steps = assignment.scenarios[id].run
        actors = list(dict.fromkeys(name for step in steps for name in step.introduces))
        yield from _people(document, path, all_parts, id, actors)
        notes = list(dict.fromkeys(name for step in steps for name in step.records))
        yield from _notes(document, all_parts, id, notes)
        yield from _unawaited(document, all_parts, id, steps)
    # A placeholder that one of several scenarios lacks is one problem, not one for each.
    sample = _common([samples[id] for id in known if id in samples])
    if sample is not None:
        yield from placeholder_problems(document, all_parts, sample)
    for where, part in all_parts:
        yield from _condition(document, where, part, sample)
    yield from _bound(document, path, check)


def _unawaited(
    document: Document, all_parts: _Parts, scenario: str, steps: Sequence[Step]
) -> Iterator[Problem]:
    """A `blocked_in` that the scenario does not wait for would depend on who is quicker."""
    awaited = {
        (name, step.until.blocked)
        for step in steps
        if isinstance(step, Wait) and not isinstance(step.until, str)
        for name in (step.wait, "main")
    }
    for where, part in all_parts:
        who = part.by.partition(".")[0] if isinstance(part, BlockedIn) else ""
        if isinstance(part, BlockedIn) and (who, part.event) not in awaited:
            yield document.problem(
                where,
                f"the scenario `{scenario}` has no step that waits for this",
                f"add {{wait: {who}, until: {{blocked: {part.event}}}}} to its `run`",
            )


def _common(samples: list[Mapping[str, str]]) -> Mapping[str, str] | None:
    if not samples:
        return None
    return {name: value for name, value in samples[0].items() if all(name in s for s in samples)}


_WHO: dict[type, tuple[str, ...]] = {
    Text: ("of",),
    Exit: ("of",),
    Pattern: ("by",),
    Closing: ("by",),
    Reaped: ("by",),
    Channel: ("from_", "to"),
    NoOtherChannel: ("between",),
    Count: ("by",),
    Concurrent: ("of",),
    NoBusyWaiting: ("by",),
    NoSleep: ("by",),
    BlockedIn: ("by",),
}
"""The keys of conditions that name processes: an actor's name in front, or main."""


def _people(
    document: Document, path: YamlPath, all_parts: _Parts, scenario: str, actors: list[str]
) -> Iterator[Problem]:
    """Conditions about an actor that the scenario lacks, or about none where it has several."""
    for where, part in all_parts:
        for key in _WHO.get(type(part), ()):
            named = getattr(part, key)
            for who in named if isinstance(named, list) else [named]:
                place = where if who is None else (*where, key.rstrip("_"))
                yield from _person(document, place, who, scenario, actors)
        if where[len(path) :] in (("stdout",), ("stderr",), ("exit",)) and isinstance(
            part, str | int
        ):
            yield from _person(document, where, None, scenario, actors)


def _person(
    document: Document, place: YamlPath, pattern: str | None, scenario: str, actors: list[str]
) -> Iterator[Problem]:
    who = pattern.partition(".")[0] if pattern is not None else None
    if who is None and len(actors) > 1:
        yield document.problem(
            place,
            f"scenario `{scenario}` has several actors, so this must say which one",
            f"add `of:` with one of {', '.join(actors)}",
        )
    # Process ids all begin with main; which of them there will be only a run can tell.
    elif not (who is None or who in actors or who == "*" or who.startswith("main")):
        yield document.problem(
            place,
            f"scenario `{scenario}` has no actor `{who}`",
            nearest(who, actors, kind="actors"),
        )


def _notes(
    document: Document, all_parts: _Parts, scenario: str, notes: list[str]
) -> Iterator[Problem]:
    """Conditions on a step under whose name nothing is put down."""
    for where, part in all_parts:
        if isinstance(part, Noted):
            known = part.of in notes or part.of.rpartition(".")[0] in notes
            if not known:
                yield document.problem(
                    (*where, "of"),
                    f"no step of scenario `{scenario}` puts anything down as `{part.of}`",
                    nearest(part.of, notes, kind="names"),
                )


def _condition(
    document: Document, path: YamlPath, part: object, sample: Mapping[str, str] | None
) -> Iterator[Problem]:
    """What can be wrong with one condition by itself."""
    if isinstance(part, Pattern | Count | BlockedIn):
        yield from event_problems(document, (*path, "event"), part.event)
    if isinstance(part, Exit) and part.signal is not None:
        yield from signal_problems(document, (*path, "signal"), part.signal)
    if isinstance(part, Pattern | Count) and part.errno is not None:
        yield from errno_problems(document, (*path, "errno"), part.errno)
    if isinstance(part, Count) and part.exactly is part.at_least is part.at_most is None:
        told = "a count needs a bound: any number would do"
        yield document.problem(path, told, "add `exactly`, `at_least` or `at_most`")
    if isinstance(object := getattr(part, "object", None), str):
        yield from object_problems(document, (*path, "object"), object)
    if isinstance(part, NoOtherChannel):
        for index, name in enumerate(part.allowed):
            yield from object_problems(document, (*path, "allowed", index), name)
    for kind, keys in _ONE_OF.items():
        if isinstance(part, kind):
            given = [key for key in keys if getattr(part, key) is not None]
            if len(given) != 1:
                yield document.problem(
                    path,
                    f"exactly one of {', '.join(keys)} is needed, "
                    f"and here is {' and '.join(given) or 'none'}",
                )
    if sample is None:
        return
    for where, pattern in patterns(part, path):
        if fault := no_pattern(fill(pattern, sample, quote=re.escape)):
            yield document.problem(
                where,
                f"this is no regular expression: {fault}",
                next(fix for word, fix in _MENDS if word in fault),
            )
    for key in ("total", "count", "exactly", "at_least", "at_most"):
        counts = isinstance(part, Pattern | Reaped | Channel | Count | Concurrent)
        number = getattr(part, key, None) if counts else None
        if isinstance(number, str) and not fill(number, sample).isdecimal():
            yield document.problem(
                (*path, key),
                f"`{key}` must be a number, or a placeholder for one",
                'like "{message.bytes}"',
            )


def no_pattern(pattern: str) -> str | None:
    """Why this is no regular expression, or None. What Python only warns of is none either: it
    would mean something else in the next Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            re.compile(pattern)
    except RecursionError:
        return "its groups are nested too deep"
    except (re.error, OverflowError, FutureWarning) as error:
        return str(error)
    return None


_MENDS = (
    ("parenthesis", r"give each `(` its `)`; the characters themselves are `\(` and `\)`"),
    ("subpattern", r"give each `(` its `)`; the characters themselves are `\(` and `\)`"),
    ("character set", r"close the `[` with a `]`; the character itself is `\[`"),
    ("range", r"write the lower end first; the character `-` itself is `\-`"),
    ("escape", r"the backslash itself is `\\`"),
    ("min repeat", "write the smaller number first"),
    ("too large", "write a smaller number"),
    ("repeat", r"what repeats comes before `*`, `+` and `?`; the characters are `\*`, `\+`, `\?`"),
    ("too deep", "write it with fewer groups in each other"),
    ("Possible", r"write `\` before each character that stands for itself"),
    ("", "its syntax: https://docs.python.org/3/library/re.html#regular-expression-syntax"),
)
"""What to do about a pattern, by a word of Python's complaint."""


def patterns(part: object, path: YamlPath) -> Iterator[tuple[YamlPath, str]]:
    """The regular expressions of a condition."""
    if isinstance(part, Text | Noted) and part.pattern is not None:
        yield (*path, "pattern"), part.pattern
    if isinstance(part, Noted):
        for name, pattern in part.matches.items():
            yield (*path, "matches", name), pattern


def _bound(document: Document, path: YamlPath, check: Check) -> Iterator[Problem]:
    """`$names` of `closed` that no pattern of `observe` binds."""
    names = {p.object for p in check.observe or [] if p.object and p.object.startswith("$")}
    for index, closing in enumerate(check.closed or []):
        if closing.object.startswith("$") and closing.object not in names:
            yield document.problem(
                (*path, "closed", index, "object"),
                f"`{closing.object}` is bound by no event of `observe` in this check",
                nearest(closing.object, sorted(names), kind="bound"),
            )
