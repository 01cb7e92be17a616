"""Owns the evidence of a finding: which few events show what was seen, each as one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from grader.check.actors import is_by, resolve
from grader.check.words import counted, quoted
from grader.course.conditions import Pattern
from grader.outcome import Evidence
from grader.trace.model import Event, Outcome, Recording
from grader.trace.text import argument, escape

_KEPT = 200
"""Bytes of what one event moved that a report keeps."""

MOST = 6
"""How many observations one finding shows."""


def render(event: Event) -> str:
    """One line: `main.1  pipe.read  pipe1  65536 bytes`, columns two spaces apart."""
    return "  ".join(_columns(event))


def _columns(event: Event) -> Iterator[str]:
    yield event.process
    yield event.event
    if event.object is not None:
        yield event.object
    if event.target is not None:
        yield f"→ {event.target}"
    if event.errno is not None:
        yield event.errno
    elif event.bytes is not None:
        # Plain digits: these lines are read next to the trace and searched by it.
        yield f"{event.bytes} byte{'' if event.bytes == 1 else 's'}"
        if 0 < event.bytes <= 40 and event.data:
            yield quoted(event.raw)
    if event.event == "process.exit" and event.result is not None:
        yield f"exit status {event.result}"
    for name, value in event.args.items():
        if value == [] and name != "left":  # no flags
            continue
        yield argument(name, value)


def of_event(event: Event) -> Evidence:
    """One event as evidence."""
    return Evidence(text=render(event), seq=event.seq, source=event.source)


def of_events(events: Iterable[Event], *, most: int = MOST) -> tuple[Evidence, ...]:
    """Events as evidence in the order in which they happened; of many the first few, and a
    line that says how many more there were."""
    chosen = sorted({event.seq: event for event in events}.values(), key=lambda event: event.seq)
    if len(chosen) <= most:
        return tuple(of_event(event) for event in chosen)
    kept = [of_event(event) for event in chosen[: most - 1]]
    rest = counted(len(chosen) - len(kept), "event")
    return (*kept, Evidence(text=f"… and {rest} more like these"))


def closest(recording: Recording, pattern: Pattern, object: str | None = None) -> list[Event]:
    """The events nearest to what a pattern asks for, at most `MOST`: the same kind of event
    first, then the same process, then the same object (where given)."""
    by = resolve(recording, pattern.by)
    family = pattern.event.partition(".")[0]
    scored = []
    for event in recording.events:
        if event.runtime or event.family != family:
            continue
        score = 4 * (event.event == pattern.event) + 2 * is_by(by, event.process)
        score += object is not None and event.object == object
        scored.append((-score, event.seq, event))
    best = sorted(scored, key=lambda item: item[:2])[:MOST]
    return sorted((event for _, _, event in best), key=lambda event: event.seq)


def last_events(recording: Recording) -> list[Event]:
    """What happened last before a run went wrong, at most `MOST`, of several like events in a row
    the last one. Of a run that finished: before the first process was killed, if any was.

    What went to stderr is left out: there are the words themselves.
    """
    end = len(recording.events)
    if recording.outcome is Outcome.FINISHED:
        killed = (index for index, event in enumerate(recording.events) if _is_killed(event))
        end = next(killed, -1) + 1
    found: list[Event] = []
    for event in reversed(recording.events[:end]):
        told = event.runtime or (event.object or "").startswith("stderr")
        if not told and not (found and _alike(found[-1], event)):
            found.append(event)
        if len(found) == MOST:
            break
    return [_bounded(event) for event in reversed(found)]


def _bounded(event: Event) -> Event:
    """Small enough for a report, and without a number that is another one in each run."""
    data = None if event.data is None else escape(event.raw[:_KEPT])
    result = None if event.event == "process.fork" else event.result
    return msgspec.structs.replace(event, data=data, result=result)


def _is_killed(event: Event) -> bool:
    return event.event == "process.exit" and "signal" in event.args


def _alike(one: Event, other: Event) -> bool:
    return (one.process, one.event, one.object, one.errno) == (
        other.process,
        other.event,
        other.object,
        other.errno,
    )
