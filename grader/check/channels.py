"""Owns the condition that bytes went from one process to another through an object: `channel`.

A process gives when it writes or sends, and takes when it reads or receives. Shared memory has no
such calls: there one gives by attaching it for writing, and what it held is seen at the detach.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.check.actors import absentee, first_unreached, is_by, resolve, started
from grader.check.difference import Seen, abridged, difference
from grader.check.evidence import closest, of_events
from grader.check.matching import Group, groups, is_name
from grader.check.result import Bindings, Result, broken, failed, passed
from grader.check.words import counted, listed, number
from grader.course.conditions import Channel, Pattern
from grader.outcome import Evidence
from grader.trace.model import Event, Recording

GIVING = ("write", "send")
TAKING = ("read", "receive")
SHARING = ("shm.attach", "shm.map")
KINDS = ("pipe", "fifo", "file", "msg", "mq", "socket")
_MESSAGES = ("msg", "mq")


def channel(
    recording: Recording, condition: Channel | Sequence[Channel], bindings: Bindings
) -> Result:
    """Each of the transfers took place."""
    evidence: list[Evidence] = []
    for wanted in [condition] if isinstance(condition, Channel) else condition:
        result = _channel(recording, wanted, bindings)
        if not result.ok:
            return result
        evidence += result.evidence
    return passed(evidence)


def _channel(recording: Recording, wanted: Channel, bindings: Bindings) -> Result:
    for who in (wanted.from_, wanted.to):
        if not started(recording, who) and first_unreached(recording) is not None:
            return absentee(recording, who.partition(".")[0])
    try:
        total = None if wanted.total is None else int(wanted.total)
    except ValueError:
        return broken(f"its total, {wanted.total!r}, is no number")
    senders = _members(recording, wanted.from_, wanted.to)
    if not senders:
        return failed(
            f"There was no process {wanted.from_}.",
            expected=f"bytes from {wanted.from_} to {wanted.to}",
            seen="no such process",
        )
    evidence: list[Evidence] = []
    each = [[sender] for sender in senders] if wanted.from_.endswith("*") else [senders]
    for some in each:
        result = _from_one(recording, wanted, some, bindings, total)
        if not result.ok:
            return result
        evidence += result.evidence
    return passed(evidence)


def _members(recording: Recording, name: str, other: str) -> list[str]:
    """Who is meant: those who fit a pattern with `*`, or a process with its descendants, as far as
    the other end does not mean them."""
    pattern, opposite = resolve(recording, name), resolve(recording, other)
    ids = dict.fromkeys(process.id for process in recording.processes)
    ids |= dict.fromkeys(event.process for event in recording.events)
    if pattern.endswith("*"):
        return [id for id in ids if is_by(pattern, id)]
    family = [id for id in ids if f"{id}.".startswith(f"{pattern}.")]
    return [id for id in family if id == pattern or not _within(opposite, id, pattern)]


def _within(opposite: str, id: str, pattern: str) -> bool:
    """Whether a descendant of the one end belongs to the other end, which lies deeper."""
    return is_by(opposite, id) or (
        opposite.startswith(f"{pattern}.") and f"{id}.".startswith(f"{opposite}.")
    )


def _from_one(
    recording: Recording,
    wanted: Channel,
    senders: Sequence[str],
    bindings: Bindings,
    total: int | None,
) -> Result:
    """Through one of the objects that may be meant everything came."""
    if _in_memory(wanted, bindings):
        return _through_memory(recording, wanted, senders, bindings)
    takers = _members(recording, wanted.to, wanted.from_)
    given = _traffic(recording, wanted, senders, GIVING, bindings)
    taken = _traffic(recording, wanted, takers, TAKING, bindings)
    giver = wanted.from_ if len(senders) > 1 else senders[0]
    common = [object for object in given if object in taken]
    results = [_through(wanted, object, given, taken, total) for object in common]
    for result in results:
        if result.ok:
            return result
    if results:
        return results[0]
    where = _where(wanted, bindings)
    if not given:
        seen = f"{giver} sent nothing{where}"
    else:
        seen = f"{giver} sent through {listed(list(given))}, but {wanted.to} took nothing from it"
    return failed(
        f"Nothing went from {giver} to {wanted.to}{where}: {seen}.",
        expected=f"bytes from {giver} to {wanted.to}{where}",
        seen=seen,
        evidence=of_events(_near(recording, given, giver)),
    )


def _where(wanted: Channel, bindings: Bindings) -> str:
    if wanted.object is not None:
        id = bindings.get(wanted.object, wanted.object)
        return " through one object" if is_name(id) else f" through {id}"
    return f" through a {wanted.kind}" if wanted.kind is not None else ""


def _near(recording: Recording, given: dict[str, list[Group]], giver: str) -> list[Event]:
    if given:
        return [event for found in given.values() for group in found for event in group.events]
    return closest(recording, Pattern(event="pipe.write", by=giver))


def _traffic(
    recording: Recording,
    wanted: Channel,
    who: Sequence[str],
    actions: Sequence[str],
    bindings: Bindings,
) -> dict[str, list[Group]]:
    """What these processes moved, by object."""
    object = wanted.object
    if object is not None:
        object = bindings.get(object, object)
    kinds = KINDS if wanted.kind is None else (wanted.kind,)
    seen = {event.event for event in recording.events} | {t.event for t in recording.totals}
    found: dict[str, list[Group]] = {}
    for name in (f"{kind}.{action}" for kind in kinds for action in actions):
        if name not in seen:
            continue
        args: dict[str, int | str | bool] = {}
        if wanted.type is not None:
            args["type"] = wanted.type
        address = object is not None and name.startswith("socket.")
        pattern = Pattern(
            event=name, object=None if address or is_name(object) else object, args=args
        )
        for group in groups(recording, pattern):
            if group.process not in who or group.object is None:
                continue
            if address and not (is_name(object) or _at(object, group.object)):
                continue
            if group.size or name.startswith(_MESSAGES):
                found.setdefault(group.object, []).append(group)
    return found


def _at(address: str | None, socket: str) -> bool:
    """Whether a socket is this one, or one of the connections to it, `address#1`, `address#2`, …"""
    return address in (socket, socket.rpartition("#")[0])


def _through(
    wanted: Channel,
    object: str,
    given: dict[str, list[Group]],
    taken: dict[str, list[Group]],
    total: int | None,
) -> Result:
    gave, took = given[object], taken[object]
    message = gave[0].events[0].family in _MESSAGES if gave[0].events else False
    sizes = sum(group.size for group in gave), sum(group.size for group in took)
    events = [event for group in (*gave, *took) for event in group.events[:2]]
    for did, found, size in (("sent", gave, sizes[0]), ("received", took, sizes[1])):
        who = listed([group.process for group in found])
        exact = did == "sent"  # others may have put bytes into the same object
        if total is not None and (size != total if exact else size < total):
            return failed(
                f"{who} {did} {counted(size, 'byte')} through {object}; {number(total)} were "
                "expected.",
                expected=f"{number(total)} bytes through {object}",
                seen=f"{counted(size, 'byte')} {did}",
                evidence=of_events(events),
            )
        if wanted.data is None:
            continue
        expected = wanted.data.encode()
        forms = _forms(found, expected, messages=message)
        if not any(form == expected or (not exact and expected in form) for form in forms):
            return failed(
                f"{who} {did} other data through {object}: {difference(expected, Seen(forms[0]))}.",
                expected=abridged(expected),
                seen=abridged(forms[0]),
                evidence=of_events(events),
            )
    return passed(of_events(events))


def _forms(found: Sequence[Group], expected: bytes, *, messages: bool) -> list[bytes]:
    """What was moved in all; messages also as lines, for each of which one was sent."""
    if len(found) == 1:
        joined = found[0].data(expected)
    else:
        events = sorted((e for group in found for e in group.events), key=lambda e: e.seq)
        joined = b"".join(event.raw for event in events)
    if not messages:
        return [joined]
    texts = [event.raw for group in found for event in group.events if event.bytes]
    return [joined, b"".join(text + b"\n" for text in texts), b"\n".join(texts)]


# -- shared memory ------------------------------------------------------------------------------


def _in_memory(wanted: Channel, bindings: Bindings) -> bool:
    object = bindings.get(wanted.object, wanted.object) if wanted.object else ""
    return wanted.kind == "shm" or object.startswith("shm")


def _through_memory(
    recording: Recording, wanted: Channel, senders: Sequence[str], bindings: Bindings
) -> Result:
    """Both attached the segment, the giver for writing, and it held the data at its detach."""
    object = bindings.get(wanted.object, wanted.object) if wanted.object else None
    takers = _members(recording, wanted.to, wanted.from_)
    giver = wanted.from_ if len(senders) > 1 else senders[0]
    uses = [
        event
        for event in recording.events
        if event.family == "shm"
        and event.errno is None
        and not event.runtime
        and (object is None or is_name(object) or event.object == object)
    ]
    attached = [event for event in uses if event.event in SHARING]
    gave = [e for e in attached if e.process in senders and e.args.get("access") != "read"]
    took = [e for e in attached if e.process in takers]
    common = {event.object for event in gave} & {event.object for event in took}
    if not common:
        who = giver if not gave else wanted.to
        how = " for writing" if not gave else ""
        return failed(
            f"Nothing can have gone from {giver} to {wanted.to}{_where(wanted, bindings)}: {who} "
            f"did not attach it{how}.",
            expected=f"{giver} and {wanted.to} attach the same segment",
            seen=f"{who} did not attach it{how}",
            evidence=of_events(attached or uses),
        )
    evidence = of_events(event for event in (*gave, *took) if event.object in common)
    if wanted.data is None:
        return passed(evidence)
    held = [
        event
        for event in uses
        if event.process in senders and event.object in common and event.data is not None
    ]
    expected = wanted.data.encode()
    if not held or any(expected in event.raw or _cut(event) for event in held):
        return passed(evidence)
    return failed(
        f"{giver} left other data in {held[-1].object}: "
        f"{difference(expected, Seen(held[-1].raw[: len(expected)]))}.",
        expected=abridged(expected),
        seen=abridged(held[-1].raw[: len(expected)]),
        evidence=of_events(held),
    )


def _cut(event: Event) -> bool:
    """Whether only the beginning of what the segment held was kept."""
    return event.bytes is not None and len(event.raw) < event.bytes
