"""Owns what the verdict on a terminal tells of the build and of the runs that went wrong: who
waited for what, what the programs said, what happened last, how to see it for oneself."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import PurePath

import msgspec

from grader.outcome import ActorReport, Report, ScenarioReport, Status
from grader.report import compiler, words
from grader.report.clean import clean_line
from grader.report.layout import (
    Part,
    Row,
    Verbatim,
    command,
    detail,
    dim,
    events,
    heading,
    quotation,
)
from grader.report.story import details
from grader.report.tracebacks import shortened
from grader.trace.model import Event, Outcome

MOST = 3
"""How many different stories are told; of further ones only the beginning."""

_BUILD_LINES = 24
_PROCESS = 16
"""Characters of a process's name in the table of events; of long ones the end tells them apart."""
_STDOUT_LINES = 6
_STDERR_LINES = 14
_NUMBER = re.compile(r"\d+")
_CHILD = re.compile(r"\bmain\.1\b")


class Story(msgspec.Struct, frozen=True):
    """Scenarios that went wrong in the same way, at least one."""

    scenarios: tuple[ScenarioReport, ...]

    @property
    def names(self) -> str:
        return ", ".join(scenario.id for scenario in self.scenarios)


def failed_build(report: Report, *, width: int) -> Iterator[Part]:
    """What the compiler wants to have mended."""
    build = report.build
    if build is None or build.ok:
        return
    yield ""
    yield heading("The program could not be built")
    told = compiler.errors(build.output).strip()
    if told:
        yield quotation(told, _BUILD_LINES)
    if build.detail and (not told or "error" not in build.output):
        yield detail("reason", build.detail)
    yield command("command", list(map(shlex.quote, build.command)), width=width)
    yield ""
    yield detail("", "Mend the first error first; later ones often follow from it.")


def compiler_warnings(report: Report) -> Iterator[Part]:
    """What the compiler found odd in a program that does not do what it should."""
    told = compiler.warnings(report.build.output) if report.build is not None else ""
    if told:
        yield ""
        yield heading("The compiler warned")
        yield quotation(told, _BUILD_LINES)


def stories(report: Report) -> list[Story]:
    """The runs in which something was said or that did not finish, where a check failed."""
    concerned = {
        scenario
        for finding in report.checks
        if finding.status is Status.FAILED and not finding.hidden
        for scenario in (finding.scenario, *(evidence.scenario for evidence in finding.evidence))
    }
    alike: dict[tuple[str, ...], list[ScenarioReport]] = {}
    for scenario in report.scenarios:
        unfinished = scenario.outcome is not Outcome.FINISHED
        telling = unfinished or any(_says(actor) for actor in scenario.actors) or scenario.events
        if telling and not scenario.hidden and (scenario.id in concerned or unfinished):
            alike.setdefault(_key(scenario), []).append(scenario)
    return [Story(tuple(scenarios)) for scenarios in alike.values()]


def told(stories: Iterable[Story]) -> Iterator[Part]:
    """The stories, one after the other."""
    texts = []
    for number, story in enumerate(stories):
        first = story.scenarios[0]
        yield ""
        yield heading(f"In {story.names}: {_ending(first)}")
        if number >= MOST:
            yield detail("", f"{first.detail.partition(chr(10))[0]} (-v tells it all.)".lstrip())
            continue
        yield from _body(first)
        texts += [first.detail, *(event.process for event in first.events)]
    if any(_CHILD.search(text) for text in texts):
        yield dim("(main is the process that was started, main.1 the first child of it.)", indent=4)


def event_row(event: Event) -> Row:
    """An event as the cells of a table."""
    source = event.source
    place = f"{PurePath(source.file).name}:{source.line}" if source is not None else ""
    process = event.process
    if len(process) > _PROCESS:
        process = f"…{process[1 - _PROCESS :]}"
    told = "  ".join(details(event, times=False))
    return (process, place, event.event, event.object or "", told)


def _key(scenario: ScenarioReport) -> tuple[str, ...]:
    """Equal for runs that went the same way: numbers, and who was looked at first, aside."""
    said = [f"{actor.exit} {actor.stderr}" for actor in scenario.actors]
    waits = sorted(scenario.detail.split("\n"))
    parts = [scenario.outcome, scenario.limit or "", *waits, *said]
    return tuple(_NUMBER.sub("0", part) for part in parts)


def _ending(scenario: ScenarioReport) -> str:
    match scenario.outcome:
        case Outcome.FINISHED:
            return "what the program said" if any(map(_says, scenario.actors)) else "what happened"
        case Outcome.DEADLOCK:
            return "stuck for ever (deadlock)"
        case Outcome.TIMEOUT:
            return f"not finished in time ({words.duration(scenario.wall_ms * 1000)})"
        case Outcome.LIMIT:
            return f"ended by a limit ({scenario.limit})"
        case Outcome.ERROR:
            return "could not be run"


def _says(actor: ActorReport) -> bool:
    return actor.exit != 0 or bool(actor.stderr.strip())


def _body(scenario: ScenarioReport) -> Iterator[Part]:
    finished = scenario.outcome is Outcome.FINISHED
    if scenario.detail:
        yield detail("", "\n".join(dict.fromkeys(scenario.detail.split("\n"))))
    for actor in scenario.actors:
        yield from _output(actor, finished=finished)
    for event in scenario.events:
        signal = event.args.get("signal")
        if event.event == "process.exit" and isinstance(signal, str):
            yield detail("", f"{event.process} was {words.ending(signal)}.")
    if scenario.events:
        yield dim("The last events:", indent=4)
        yield events([event_row(event) for event in scenario.events])
    if scenario.by_hand:
        yield Verbatim("by hand", tuple(scenario.by_hand))


def _output(actor: ActorReport, *, finished: bool) -> Iterator[Part]:
    if finished and _says(actor):
        yield detail(clean_line(actor.name), words.ending(actor.exit))
    # What was printed before it got stuck shows how far it came; a finished program's output is
    # what the checks on it already quote.
    if not finished and actor.stdout.strip():
        yield detail("stdout", f"of {actor.name}")
        yield quotation(actor.stdout, _STDOUT_LINES)
    if actor.stderr.strip():
        yield detail("stderr", f"of {actor.name}")
        yield quotation(shortened(actor.stderr), _STDERR_LINES)
