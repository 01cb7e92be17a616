"""Owns what a step's values must be once their placeholders are filled: numbers in their range,
addresses, signals, permissions, the events that it waits for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from grader.course.conditions import Pattern
from grader.course.events import EVENTS, FORESEEN, SLEEPING
from grader.course.model import Scenario
from grader.course.object_steps import Queue, Read, Segment, Semaphores
from grader.course.parts import parts
from grader.course.peer_steps import Peer, Peers, Request, Serve
from grader.course.steps import Finish, Send, Signal, Start, Step, Until, Wait
from grader.course.vary import fill
from grader.course.vocabulary import event_problems, object_problems, signal_problems
from grader.course.yaml import Document, YamlPath
from grader.errors import Problem

_MODE = re.compile(r"0?[0-7]{3}")
_KEYS = (1 << 32) - 1
"""The largest System V key: an int, written without its sign."""

_IGNORED = ("total", "data", "count")
_IGNORED_BEFORE = (*_IGNORED, "errno", "args")


class _Number(NamedTuple):
    """A key that must be a whole number."""

    key: str
    least: int
    most: int | None = None


_NUMBERS: dict[type, tuple[_Number, ...]] = {
    Until: (_Number("lines", 0),),
    Signal: (_Number("times", 1),),
    Peers: (_Number("peers", 1),),
    Request: (_Number("port", 1, 65535), _Number("clients", 1)),
    Queue: (_Number("queue", 0, _KEYS), _Number("type", 1)),
    Segment: (_Number("segment", 0, _KEYS), _Number("create", 1), _Number("at", 0)),
    Semaphores: (_Number("semaphores", 0, _KEYS), _Number("create", 0), _Number("expect", 0)),
    Read: (_Number("key", 0, _KEYS),),
}
_ADDRESSES: dict[type, str] = {
    Until: "listening",
    Peer: "connect",
    Peers: "connect",
    Serve: "serve",
}


def step_problems(
    document: Document, path: YamlPath, step: Step, sample: Mapping[str, str] | None
) -> Iterator[Problem]:
    """What is wrong with the values of one step. sample: some values of its scenario; None where
    they are themselves a problem, and nothing can be said of what is made of them."""
    if isinstance(step, Signal):
        yield from signal_problems(document, (*path, "signal"), step.signal)
    if isinstance(step, Queue | Segment | Semaphores) and _MODE.fullmatch(step.mode) is None:
        told = f"`mode` can't be {step.mode!r}"
        yield document.problem((*path, "mode"), told, 'write permissions like `mode: "0600"`')
    if sample is None:
        return
    until = step.until if isinstance(step, Wait) and isinstance(step.until, Until) else None
    place = path if until is None else (*path, "until")
    looked_at = step if until is None else until
    for number in _NUMBERS.get(type(looked_at), ()):
        where = (*place, number.key)
        yield from _numbers(document, where, getattr(looked_at, number.key), number, sample)
    key = _ADDRESSES.get(type(looked_at))
    address = None if key is None else getattr(looked_at, key)
    if key is not None and address is not None:
        yield from _address(document, (*place, key), key, fill(str(address), sample))


def stdin_problems(document: Document, path: YamlPath, steps: Sequence[Step]) -> Iterator[Problem]:
    """Input for an actor that was given all of its input at its start, or that has exited."""
    given: set[str] = set()
    over: set[str] = set()
    for index, step in enumerate(steps):
        if isinstance(step, Start) and step.stdin is not None:
            given.add(step.actor)
        elif isinstance(step, Finish):
            over.update(step.mentions)
        elif isinstance(step, Send) and step.send in over:
            told = f"`{step.send}` has exited when this step comes"
            yield document.problem((*path, index), told, "write it before `finish`")
        elif isinstance(step, Send) and step.send in given:
            told = f"`{step.send}` was given all of its input at its start, and sees its end behind"
            fix = "leave `stdin` out there, and end the input with `close`"
            yield document.problem((*path, index), told, fix)


def awaited_problems(document: Document, path: YamlPath, scenario: Scenario) -> Iterator[Problem]:
    """Steps that wait for an event which there is not, or which is not known in time, and keys of
    such events that nobody looks at."""
    for where, part in parts(scenario.run, path):
        if isinstance(part, Pattern):
            key = str(where[-1])
            yield from event_problems(document, (*where, "event"), part.event)
            if part.object is not None:
                yield from object_problems(document, (*where, "object"), part.object)
            if key == "before":
                yield from _in_time(document, (*where, "event"), key, part.event, FORESEEN)
            ignored = _IGNORED_BEFORE if key == "before" else _IGNORED
            for name in ignored:
                if getattr(part, name):
                    told = f"`{name}` means nothing in `{key}`, where each event is looked at alone"
                    if key == "before":
                        told = (
                            f"`{name}` means nothing in `before`: it is not known before the call"
                        )
                    yield document.problem((*where, name), told, "leave it out", key=True)
        elif isinstance(part, Until) and part.blocked is not None:
            place = (*where, "blocked")
            yield from event_problems(document, place, part.blocked)
            yield from _in_time(document, place, "blocked", part.blocked, SLEEPING)


def _in_time(
    document: Document, path: YamlPath, key: str, event: str, known: Sequence[str]
) -> Iterator[Problem]:
    """An event for which a step would wait in vain: it is told only when it has happened."""
    if event not in EVENTS or event in known:
        return
    family = event.partition(".")[0]
    own = [name for name in known if name.startswith(f"{family}.")] or known
    told = f"nobody sleeps in the call that makes `{event}`"
    fix = f"possible: {', '.join(own)}"
    if key == "before":
        told = f"`{event}` is known only when it has happened, so nothing can come `before` it"
        fix += "; or write `after`, with what happens earlier"
    yield document.problem(path, told, fix)


def _numbers(
    document: Document,
    path: YamlPath,
    value: Sequence[int | str] | int | str | None,
    number: _Number,
    sample: Mapping[str, str],
) -> Iterator[Problem]:
    """value: one number, or a list of them."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _numbers(document, (*path, index), item, number, sample)
    elif isinstance(value, int | str) and not isinstance(value, bool):
        text = fill(str(value), sample)
        most = number.most
        if re.fullmatch(r"-?[0-9]{1,18}", text) is None:
            fix = "write a number, or a placeholder for one"
            if number.most == _KEYS:
                fix = 'a System V key is a number: `key: sysv_key` under `vary`, and "{key}" here'
            yield document.problem(path, f"`{number.key}` must be a number, not {text!r}", fix)
        elif int(text) < number.least or (most is not None and int(text) > most):
            least = f"at least {number.least}"
            bound = least if most is None else f"from {number.least} to {most}"
            yield document.problem(path, f"`{number.key}` must be {bound}, and here is {text}")


def _address(document: Document, path: YamlPath, key: str, text: str) -> Iterator[Problem]:
    if text.startswith("unix:"):
        if text in ("unix:", "unix:@"):
            yield document.problem(path, f"`{key}`: {text!r} names no place", "write a path behind")
    elif re.fullmatch("[0-9]{1,5}", text) is None or not 0 < int(text) < 1 << 16:
        yield document.problem(
            path,
            f"`{key}` can't be {text!r}",
            "a TCP port from 1 to 65535, `unix:PATH` or `unix:@NAME`",
        )
