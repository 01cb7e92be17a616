"""Owns recordings made by hand: a few events in a line each, everything else by default."""

from __future__ import annotations

from typing import Any

from grader.check.observe import observe
from grader.check.result import Result
from grader.course.conditions import Pattern
from grader.course.model import Check
from grader.trace.model import Event, ExitOf, Outcome, Output, Process, Recording
from grader.trace.text import escape

MESSAGE = "Hello Child Process!"


def did(
    process: str,
    event: str,
    object: str | None = None,
    data: str | bytes | None = None,
    **more: Any,
) -> Event:
    """One event. data: what it moved, bytes counted from it. seq and t_us 0: set by `story`."""
    if data is not None:
        raw = data.encode() if isinstance(data, str) else data
        more = {"bytes": len(raw), "data": escape(raw), **more}
    seq, t_us = more.pop("seq", 0), more.pop("t_us", 0)
    return Event(seq=seq, t_us=t_us, process=process, event=event, object=object, **more)


def closes(process: str, object: str, end: str, call: str = "close", **more: Any) -> Event:
    return did(process, "pipe.close", object, call=call, args={"end": end, **more})


def process(
    id: str, *, exit: ExitOf = 0, actor: str | None = None, reaped: bool = True, **more: Any
) -> Process:
    """A process, by default ended and reaped by its parent."""
    parent = id.rpartition(".")[0] or None
    reaped_by = parent if reaped else None
    return Process(
        id=id, parent=parent, argv=["./hello"], exit=exit, actor=actor, reaped_by=reaped_by, **more
    )


def output(
    stdout: str = "", *, name: str = "hello", exit: ExitOf = 0, stderr: str = "", **more: Any
) -> Output:
    return Output(
        name=name,
        argv=[f"./{name}"],
        exit=exit,
        stdout=escape(stdout.encode()),
        stderr=escape(stderr.encode()),
        stdout_bytes=len(stdout.encode()) + more.get("stdout_cut", 0),
        stderr_bytes=len(stderr.encode()),
        **more,
    )


def story(*events: Event, **more: Any) -> Recording:
    """A recording in which each event happens 10 µs after the one before it."""
    numbered = [
        did(
            event.process,
            event.event,
            **{
                name: getattr(event, name)
                for name in Event.__struct_fields__
                if name not in ("process", "event", "seq", "t_us")
            },
            seq=event.seq or number,
            t_us=event.t_us or number * 10,
        )
        for number, event in enumerate(events, start=1)
    ]
    seen = dict.fromkeys(["main", *(event.process for event in events)])
    defaults: dict[str, Any] = {
        "outcome": Outcome.FINISHED,
        "processes": [process(id) for id in seen],
        "actors": [output(f"20 {MESSAGE}\n")],
    }
    return Recording(events=numbered, **(defaults | more))


def hello(**more: Any) -> Recording:
    """The reference solution of `pipe`, as it should be."""
    return story(
        did("main", "pipe.create", "pipe1"),
        did("main", "process.fork", target="main.1"),
        closes("main", "pipe1", "read", left=["main.1"]),
        closes("main.1", "pipe1", "write", left=["main"]),
        did("main", "pipe.write", "pipe1", MESSAGE),
        closes("main", "pipe1", "write", left=[]),
        did("main.1", "pipe.read", "pipe1", MESSAGE),
        did("main.1", "pipe.eof", "pipe1", bytes=0),
        did("main.1", "process.exit", result=0),
        did("main", "process.wait", target="main.1"),
        did("main", "process.exit", result=0),
        **more,
    )


def check(id: str = "it", **conditions: Any) -> Check:
    """A check worth 2 points on the scenario "greeting"."""
    defaults: dict[str, Any] = {"title": f"Title of {id}", "points": 2, "scenario": "greeting"}
    return Check(id=id, **(defaults | conditions))


def wrote(by: str = "main", **more: Any) -> Pattern:
    return Pattern(event="pipe.write", by=by, object="$p", **more)


def read(by: str = "main.1", **more: Any) -> Pattern:
    return Pattern(event="pipe.read", by=by, object="$p", **more)


def look(recording: Recording, *patterns: Pattern) -> Result:
    return observe(recording, patterns, {})
