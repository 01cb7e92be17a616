"""Owns the condition that processes themselves close their ends of an object: `closed`."""

from __future__ import annotations

from collections.abc import Sequence

from grader.check.actors import absentee, first_unreached, is_by, resolve, started
from grader.check.evidence import closest, of_events
from grader.check.matching import is_name
from grader.check.result import Bindings, Result, broken, failed, passed
from grader.check.words import nobody, who
from grader.course.conditions import Closing, Pattern
from grader.outcome import Evidence
from grader.trace.model import Attribute, Event, Recording

_ACTIONS = ("close", "shutdown")


def closed(recording: Recording, closings: Sequence[Closing], bindings: Bindings) -> Result:
    """Each process closed its end before it exited; of several that fit `by`, one did."""
    evidence: list[Evidence] = []
    for closing in closings:
        object = bindings.get(closing.object, closing.object)
        if is_name(object):
            return broken(f"nothing in `observe` says what {object} is")
        if not started(recording, closing.by) and first_unreached(recording) is not None:
            return absentee(recording, closing.by.partition(".")[0])
        result = _closed(recording, closing, object)
        if not result.ok:
            return result
        evidence += result.evidence
    return passed(evidence)


def _closed(recording: Recording, closing: Closing, object: str) -> Result:
    by = resolve(recording, closing.by)
    events = [
        event
        for event in recording.events
        if event.object == object
        and event.event.endswith(_ACTIONS)
        and event.errno is None
        and is_by(by, event.process)
        and _end(event) in (closing.end, "both")
    ]
    own = [event for event in events if event.call != "exit"]
    done = [event for event in own if not _holds_another(event)]
    if done or _may_be_dropped(recording, by, object):
        return passed(of_events(done[:1]))
    what = f"the {closing.end} end of {object}"
    if own:
        how = f"{own[-1].process} closed one descriptor of {what} but kept another"
    elif events:
        how = f"{events[-1].process} left {what} open until it exited"
    else:
        how = f"{nobody(closing.by)} closed {what}"
    near = events or closest(recording, Pattern(event="pipe.close", by=closing.by), object)
    return failed(
        f"{how}.",
        expected=f"{who(closing.by)} closes {what} itself",
        seen=how,
        evidence=of_events(near),
    )


def _end(event: Event) -> Attribute:
    """Which end it closed; of a connection close(2) closes both directions, shutdown(2) says."""
    if event.family == "socket":
        return event.args.get("how", "both")
    return event.args.get("end")


def _holds_another(event: Event) -> bool:
    """Whether the process still had this end under another descriptor (`dup`)."""
    left = event.args.get("left")
    return isinstance(left, list) and event.process in left


def _may_be_dropped(recording: Recording, by: str, object: str) -> bool:
    """Whether a closing happened that was counted but not kept: the totals know of more."""
    if not recording.dropped_events:
        return False
    for total in recording.totals:
        if total.object == object and is_by(by, total.process) and total.event.endswith(_ACTIONS):
            kept = sum(
                event.process == total.process
                and event.object == object
                and event.event == total.event
                for event in recording.events
            )
            if total.count > kept:
                return True
    return False
