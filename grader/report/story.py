"""Owns the story of a recording in plain text: one aligned line an event, then a summary.

Lines stand for themselves, so a trace can be told while it happens. Everything that came from the
traced programs is cleaned of what could steer a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.report import words
from grader.report.clean import clean_line, shorten
from grader.trace.model import (
    Attribute,
    Event,
    KernelObject,
    Outcome,
    Process,
    Recording,
    Residue,
)
from grader.trace.text import argument

PREVIEW = 48
"""How many characters of moved data a line shows."""

_COMMAND = 40
_SIGNALS = 8
"""How many signals of a set a line names; shells block all of them around a fork."""
_GIVING = ("write", "send", "post")
_TAKING = ("read", "receive", "wait")


def event_line(event: Event) -> str:
    """`main.1    pipe.read        pipe1     20 bytes  "Hello…"  blocked 1.2 s`."""
    columns = f"{event.process:<8}  {event.event:<15}  {clean_line(event.object or ''):<8}"
    told = list(details(event))
    if event.source is not None:
        told.append(clean_line(f"at {event.source}"))
    return "  ".join([columns, *told]).rstrip()


def details(event: Event, *, times: bool = True) -> Iterator[str]:
    """What an event's line says behind process, event and object. times: also how long it was
    blocked."""
    if event.target is not None:
        yield event.target
    if event.bytes is not None:
        yield words.count(event.bytes, "byte")
    if event.data:
        yield f'"{shorten(clean_line(event.data), PREVIEW)}"'
    for name, value in event.args.items():
        if value == [] and name != "left":  # no flags
            continue
        yield clean_line(_argument(name, value))
    if event.event == "process.exit" and event.result is not None:
        yield words.ending(event.result)
    if event.errno is not None:
        yield words.error(event.errno)
    if times and event.blocked_us >= words.BLOCKED_US:
        yield f"blocked {words.duration(event.blocked_us)}"


def _argument(name: str, value: Attribute) -> str:
    """What else a call said."""
    if name == "argv" and isinstance(value, list):
        return shorten(" ".join(map(str, value)), PREVIEW)
    if isinstance(value, list) and len(value) > _SIGNALS and str(value[0]).startswith("SIG"):
        return f"{argument(name, value[:_SIGNALS])},… {len(value)} in all"
    return argument(name, value)


def summary(recording: Recording) -> str:
    """What there was in all: processes and their ends, objects, traffic, what was left over."""
    sections = [
        ("processes", [_process_row(process) for process in recording.processes]),
        ("objects", [_object_row(object) for object in recording.objects]),
        ("channels", _channels(recording)),
        (
            "left over",
            [
                [item.kind, clean_line(item.id), clean_line(item.detail)]
                for item in recording.residue
            ],
        ),
    ]
    lines = [line for title, rows in sections if rows for line in [title, *_aligned(rows)]]
    if recording.dropped_events:
        lines.append(f"{words.count(recording.dropped_events, 'event')} not kept")
    if recording.outcome is not Outcome.FINISHED or recording.detail:
        lines.append(clean_line(f"{recording.outcome}: {recording.detail}".removesuffix(": ")))
    return "".join(f"{line}\n" for line in lines)


def _process_row(process: Process) -> list[str]:
    command = shorten(clean_line(" ".join(process.argv)), _COMMAND)
    reaped = f"reaped by {process.reaped_by}" if process.reaped_by else ""
    return [process.id, command, words.ending(process.exit), reaped]


def _object_row(object: KernelObject) -> list[str]:
    made = f"created by {object.created_by}" if object.created_by else ""
    removed = f"removed by {object.removed_by}" if object.removed_by else ""
    return [clean_line(object.id), object.kind, made, removed]


def _channels(recording: Recording) -> list[list[str]]:
    """`main → main.1 via pipe1: 3 writes, 120,000 bytes`: who gave, who took, through what. What
    goes to a terminal is not what is read from it."""
    totals = recording.totals
    stdio = {object.id for object in recording.objects if object.kind == "stdio"}
    rows = []
    for total in totals:
        action = total.event.partition(".")[2]
        if action not in _GIVING or not total.count:
            continue
        takers = [
            other.process
            for other in totals
            if other.object == total.object not in stdio
            and other.event.partition(".")[2] in _TAKING
        ]
        others = [taker for taker in dict.fromkeys(takers) if taker != total.process]
        to = f" → {', '.join(others or takers)}" if takers else ""
        moved = f", {words.count(total.bytes, 'byte')}" if total.bytes else ""
        made = words.count(total.count, action)
        rows.append([f"{total.process}{to} via {clean_line(total.object)}: {made}{moved}"])
    return rows


def _residue_row(left: Residue) -> list[str]:
    return [left.kind, clean_line(left.id), clean_line(left.detail)]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        (
            "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
