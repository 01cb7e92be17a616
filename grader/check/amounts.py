"""Owns the conditions on how many and how much: `count`, `concurrent`, `cpu` and `memory`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from grader.check.actors import absentee, first_unreached, is_by, resolve, started
from grader.check.ends import students
from grader.check.evidence import closest, of_events
from grader.check.matching import groups
from grader.check.miss import describe
from grader.check.result import Bindings, Result, broken, failed, passed
from grader.check.words import counted, number, times
from grader.course.conditions import Concurrent, Count, Pattern
from grader.course.units import parse_size
from grader.trace.model import Process, Recording

_NO_END = {"stopped", "continued", "nowait"}
"""What a wait says that reaped nobody."""


def count(recording: Recording, condition: Count | Sequence[Count], bindings: Bindings) -> Result:
    """Each event happened as often as asked for."""
    for wanted in [condition] if isinstance(condition, Count) else condition:
        result = _count(recording, wanted, bindings)
        if not result.ok:
            return result
    return passed()


def _count(recording: Recording, wanted: Count, bindings: Bindings) -> Result:
    pattern = Pattern(
        event=wanted.event,
        by=wanted.by,
        object=wanted.object,
        errno=wanted.errno,
        args=wanted.args,
    )
    bounds = _bounds(wanted)
    if bounds is None:
        return broken("its bounds of a count are missing or no numbers")
    object = bindings.get(wanted.object) if wanted.object else None
    found = groups(recording, pattern, object)
    seen = sum(group.count for group in found)
    low, high = bounds
    if low <= seen <= high:
        return passed()
    if seen < low and not started(recording, wanted.by) and first_unreached(recording) is not None:
        return absentee(recording, wanted.by.partition(".")[0])
    events = [event for group in found for event in group.events]
    what = describe(pattern, bindings)
    return failed(
        f"Seen {times(seen)}, expected {_range(low, high)}: {what}.",
        expected=f"{what}: {_range(low, high)}",
        seen=times(seen),
        evidence=of_events(events or closest(recording, pattern, object)),
    )


def _bounds(wanted: Count | Concurrent) -> tuple[float, float] | None:
    """The least and the most that is asked for, None if nothing or no number is."""
    try:
        if isinstance(wanted, Count) and wanted.exactly is not None:
            return int(wanted.exactly), int(wanted.exactly)
        low = int(wanted.at_least) if wanted.at_least is not None else None
        high = int(wanted.at_most) if wanted.at_most is not None else None
    except ValueError:
        return None
    if low is None and high is None:
        return None
    return low if low is not None else -inf, high if high is not None else inf


def _range(low: float, high: float) -> str:
    if low == high:
        return times(int(low))
    if high == inf:
        return f"at least {times(int(low))}"
    if low == -inf:
        return f"at most {times(int(high))}"
    return f"{number(int(low))} to {number(int(high))} times"


def concurrent(
    recording: Recording, condition: Concurrent | Sequence[Concurrent], _: Bindings
) -> Result:
    """So many processes were there at the same time."""
    for wanted in [condition] if isinstance(condition, Concurrent) else condition:
        result = _concurrent(recording, wanted)
        if not result.ok:
            return result
    return passed()


def _concurrent(recording: Recording, wanted: Concurrent) -> Result:
    bounds = _bounds(wanted)
    if bounds is None:
        return broken("its bounds of `concurrent` are missing or no numbers")
    by = resolve(recording, wanted.of)
    meant = [process for process in students(recording) if is_by(by, process.id)]
    reaped = wanted.until == "reaped" and not recording.dropped_events
    lives = list(_unreaped(recording, meant) if reaped else _alive(meant))
    most = max((sum(a <= start < b for a, b in lives) for start, _ in lives), default=0)
    low, high = bounds
    if low <= most <= high:
        return passed()
    if most < low and not started(recording, wanted.of) and first_unreached(recording) is not None:
        return absentee(recording, wanted.of.partition(".")[0])
    asked = f"at least {number(int(low))}" if most < low else f"at most {number(int(high))}"
    were = "was" if most == 1 else "were"
    how = "there and not yet reaped" if wanted.until == "reaped" else "running"
    ids = {process.id for process in meant}
    turns = [
        event
        for event in recording.events
        if event.event in ("process.fork", "process.wait") and event.target in ids
    ]
    return failed(
        f"Of the {counted(len(meant), 'process')} {wanted.of}, {number(most)} {were} {how} at the "
        f"same time; {asked} should have been.",
        expected=f"{asked} at the same time",
        seen=f"{number(most)} at the same time",
        evidence=of_events(turns),
    )


def _alive(meant: Sequence[Process]) -> Iterator[tuple[float, float]]:
    for process in meant:
        yield process.started_us, inf if process.ended_us is None else process.ended_us


def _unreaped(recording: Recording, meant: Sequence[Process]) -> Iterator[tuple[float, float]]:
    """From fork to wait, in the order of events: in the parent both are in sequence. Who looks by
    the way whether a child has ended (`multiprocessing` does before each start) waits for nobody;
    who has just looked in vain waits in a loop."""
    born: dict[str, int] = {}
    gone: dict[str, int] = {}
    looking: dict[tuple[str, int], object] = {}
    for event in recording.events:
        lane = event.process, event.thread
        again = looking.get(lane) in ("any", event.target)
        if event.event != "time.sleep":
            looking[lane] = event.args.get("asked")
        if event.target is None or event.errno is not None:
            continue
        if event.event == "process.fork":
            born.setdefault(event.target, event.seq)
        elif (
            event.event == "process.wait"
            and not event.args.keys() & _NO_END
            and (again or "nohang" not in event.args)
        ):
            gone.setdefault(event.target, event.seq)
    for process in meant:
        yield born.get(process.id, 0), gone.get(process.id, inf)


def cpu(recording: Recording, condition: float, _: Bindings) -> Result:
    """All processes together used at most so many seconds of CPU time."""
    seen = recording.cpu_ms / 1000
    if seen <= condition:
        return passed()
    return failed(
        f"The program used {seen:.2f} s of CPU time; {condition:g} s are allowed.",
        expected=f"at most {condition:g} s of CPU time",
        seen=f"{seen:.2f} s",
    )


def memory(recording: Recording, condition: int | str, _: Bindings) -> Result:
    """All processes together used at most so much memory at any time."""
    try:
        allowed = parse_size(condition)
    except ValueError as error:
        return broken(str(error))
    seen = recording.memory_peak_bytes
    if seen <= allowed:
        return passed()
    return failed(
        f"The program used {_mebibytes(seen)} of memory; {_mebibytes(allowed)} are allowed.",
        expected=f"at most {_mebibytes(allowed)}",
        seen=_mebibytes(seen),
    )


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"
