"""Owns a recording as a Mermaid sequence diagram: processes and the objects between them."""

from __future__ import annotations

from collections.abc import Iterator

from grader.report import words
from grader.report.clean import clean_line
from grader.trace.model import Event, Recording

_GIVING = ("write", "send", "post")
_TAKING = ("read", "receive", "wait")
_PAUSING = ("stopped", "continued")
_SAFE = str.maketrans({";": ",", "#": "#35;", "<": "(", ">": ")", ":": " "})
"""Characters that mean something to Mermaid; what follows # is the number of a character."""


def render(recording: Recording) -> str:
    """The diagram's source, one line a message; repeated messages are told once with a count."""
    names: dict[str, str] = {}

    def participant(id: str) -> str:
        return names.setdefault(id, f"p{len(names)}")

    messages: list[tuple[str, int]] = []
    for event in recording.events:
        for line in _messages(event, participant):
            if messages and messages[-1][0] == line:
                messages[-1] = (line, messages[-1][1] + 1)
            else:
                messages.append((line, 1))
    lines = ["sequenceDiagram"]
    lines += [f"    participant {alias} as {_safe(id)}" for id, alias in names.items()]
    lines += [f"    {line}{f' × {count}' if count > 1 else ''}" for line, count in messages]
    if recording.dropped_events:
        lines.append(f"    Note over p0: {recording.dropped_events} events are left out")
    return "\n".join(lines) + "\n"


def _safe(text: str) -> str:
    """A name as one of Mermaid's words, nothing in it hidden."""
    return clean_line(text).translate(_SAFE)


def _messages(event: Event, participant: object) -> Iterator[str]:
    assert callable(participant)
    action = event.event.partition(".")[2]
    if event.errno is not None:
        return
    if event.event in ("process.fork", "signal.send") and event.target is not None:
        label = action if action == "fork" else str(event.args.get("signal", action))
        yield f"{participant(event.process)}->>{participant(event.target)}: {label}"
    elif event.event == "process.wait" and event.target is not None:
        paused = [f"{how} by {event.args[how]}" for how in _PAUSING if how in event.args]
        end = words.ending(event.args.get("status", event.args.get("signal")))  # type: ignore[arg-type] # a wait's args hold an int or a name there
        told = _safe(paused[0] if paused else end)
        yield f"{participant(event.target)}-->>{participant(event.process)}: {told}"
    elif event.object is not None and action in (*_GIVING, *_TAKING):
        moved = f" {words.count(event.bytes, 'byte')}" if event.bytes is not None else ""
        process, object = participant(event.process), participant(event.object)
        if action in _GIVING:
            yield f"{process}->>{object}: {action}{moved}"
        else:
            yield f"{object}->>{process}: {action}{moved}"
