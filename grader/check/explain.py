"""Owns the sentences on what happened in a run that did not finish. What to do about it is said by
`check.advice`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader.check.words import counted, listed
from grader.trace.model import (
    RUNNING,
    STOPPED,
    Holder,
    KernelObject,
    Outcome,
    Process,
    Recording,
    Source,
    Wait,
)

MOST_WAITS = 6
"""How many waiting processes are told of one by one."""

_SPINNING = 0.7
"""The share of a run's time on the CPU from which on a program was computing, not waiting."""

EXIT = "exit of "
_HELD_KINDS = ("lock", "futex", "mutex")

_LIMITS: Mapping[str, str] = {
    "memory": "the program used more memory than allowed",
    "processes": "there were more processes and threads than allowed",
    "output": "the program printed more than allowed",
    "files": "the program wrote more to files than allowed",
    "descriptors": "a process had more descriptors open than allowed",
    "objects": "there were more message queues, segments and semaphore sets than allowed",
    "events": "the program made more system calls than can be observed",
}
"""What happened, by limit."""

_OTHERS = {Outcome.DEADLOCK: "wait", Outcome.TIMEOUT: "were alive", Outcome.LIMIT: "were alive"}


def explain(recording: Recording) -> list[str]:
    """What happened to a run that did not finish, in sentences, the most telling ones first;
    empty for one that did."""
    match recording.outcome:
        case Outcome.FINISHED:
            return []
        case Outcome.ERROR:
            return [_sentence(recording.detail or "the grader could not observe the run")]
        case Outcome.DEADLOCK:
            waits = list(_waits(recording))
            return waits or [_sentence(recording.detail or "all processes wait for each other")]
        case _:
            return [*_limits(recording), *_waits(recording)]


def _waits(recording: Recording) -> Iterator[str]:
    spinning = {process.id for process in spinners(recording)}
    waits = [w for w in by_weight(recording) if needy(w) or w.process not in spinning]
    for wait in waits[:MOST_WAITS]:
        yield _waiting(recording, wait)
    if len(waits) > MOST_WAITS:
        yield f"{counted(len(waits) - MOST_WAITS, 'other')} {_OTHERS[recording.outcome]} too."
    yield from _cause(waits)


def by_weight(recording: Recording) -> list[Wait]:
    """Who waits for data, room or a lock says more than who waits for those to exit."""
    return sorted(recording.waits, key=lambda wait: wait.needs.startswith(EXIT))


def needy(wait: Wait) -> bool:
    """Whether it is known what would end the wait: not of a thread that computed, or that needed
    only time."""
    return bool(wait.needs) and wait.call != RUNNING


def _waiting(recording: Recording, wait: Wait) -> str:
    if wait.call == RUNNING:
        return f"{_waiter(wait)} was computing{_where(wait.source)}."
    at = f" at {wait.source}" if wait.source is not None else ""
    if wait.call == STOPPED:
        who = _holding(recording, wait)
        return f"{_waiter(wait)} is stopped{at} until it gets {wait.needs}; {who}."
    if not wait.needs:
        return f"{_waiter(wait)} was in {wait.call}{at}."
    if wait.needs.startswith(EXIT):
        what = f"for {wait.needs.removeprefix(EXIT)} to exit"
        named = all(holder.process in wait.needs for holder in wait.holders)
    else:
        what = f"for {wait.needs}" + (f" on {wait.object}" if wait.object else "")
        named = False
    who = _holding(recording, wait)
    rest = "" if named and wait.holders else f"; {who}"
    return f"{_waiter(wait)} waits in {wait.call}{at} {what}{rest}."


def _where(source: Source | None) -> str:
    if source is None:
        return ""
    return f" in {source.function} at {source}" if source.function else f" at {source}"


def _waiter(wait: Wait) -> str:
    return f"{wait.process} (thread {wait.thread})" if wait.thread else wait.process


def _holding(recording: Recording, wait: Wait) -> str:
    """Who could have ended the wait, as the second half of its sentence."""
    if not wait.holders:
        return "no process is left that could end this"
    kind = object_kind(recording, wait)
    clauses = []
    for end in dict.fromkeys(holder.end for holder in wait.holders):
        holders = _holders(wait, end)
        who = listed(holders)
        if end in ("read", "write", "other"):
            where = listed([f"in {holder}" for holder in holders])
            clauses.append(f"its {end} end is still open {where}")
        elif kind in _HELD_KINDS:
            clauses.append(f"it is held by {who}")
        else:
            clauses.append(f"only {who} could end this")
    return " and ".join(clauses)


def _holders(wait: Wait, end: str | None) -> list[str]:
    """The holders of one end, others before the waiter itself."""
    same = [holder for holder in wait.holders if holder.end == end]
    return [
        _holder(holder, itself=holder.process == wait.process)
        for holder in sorted(same, key=lambda holder: holder.process == wait.process)
    ]


def _holder(holder: Holder, *, itself: bool) -> str:
    fd = f" (fd {holder.fd})" if holder.fd is not None else ""
    return f"{holder.process}{' itself' if itself else ''}{fd}"


def object_kind(recording: Recording, wait: Wait) -> str:
    found: KernelObject | None = next((o for o in recording.objects if o.id == wait.object), None)
    if found is not None:
        return found.kind
    return (wait.object or wait.call).partition(":")[0].rstrip("0123456789")


# -- the cause ---------------------------------------------------------------------------------


def _cause(waits: list[Wait]) -> Iterator[str]:
    """What follows from the waits together: who waits for itself, a circle, a dead end."""
    alone = (
        wait.process
        for wait in waits
        if wait.holders and all(holder.process == wait.process for holder in wait.holders)
    )
    for process in dict.fromkeys(alone):
        yield f"So only {process} itself could end its wait."
    circle = _circle(waits)
    if circle:
        steps = [
            f"{who} waits for {whom}"
            for who, whom in zip(circle, [*circle[1:], circle[0]], strict=True)
        ]
        none = "neither" if len(circle) == 2 else "none of them"
        yield f"{listed(steps, most=len(steps))}: {none} can go on."


def _circle(waits: list[Wait]) -> list[str]:
    """The shortest circle of different processes in the wait-for graph, empty if there is none."""
    graph: dict[str, list[str]] = {}
    for wait in waits:
        others = [holder.process for holder in wait.holders if holder.process != wait.process]
        graph.setdefault(wait.process, []).extend(others)
    circles = [path for start in sorted(graph) if (path := _way_back(graph, start))]
    return min(circles, key=len, default=[])


def _way_back(graph: Mapping[str, list[str]], start: str) -> list[str]:
    """The shortest path from a process to one that waits for it, breadth first."""
    came_from: dict[str, str] = {}
    layer = [start]
    while layer:
        following = []
        for process in layer:
            for other in graph.get(process, []):
                if other == start:
                    path = [process]
                    while path[-1] != start:
                        path.append(came_from[path[-1]])
                    return path[::-1]
                if other not in came_from:
                    came_from[other] = process
                    following.append(other)
        layer = following
    return []


# -- limits ------------------------------------------------------------------------------------


def _limits(recording: Recording) -> Iterator[str]:
    limit = recording.limit or ("wall" if recording.outcome is Outcome.TIMEOUT else "")
    seconds = f"{recording.wall_ms / 1000:.1f} s"
    if limit in _LIMITS:
        yield f"The run was ended because {_LIMITS[limit]}{_measure(recording, limit)}."
    elif limit == "wall":
        yield f"The run was ended after {seconds}, the time that it may take."
    elif limit == "cpu":
        computed = f"{recording.cpu_ms / 1000:.1f} s"
        yield f"The run was ended because it had computed for {computed}, as long as it may."
    else:
        yield _sentence(recording.detail or f"the run was ended by its limit {limit or 'unnamed'}")
    busy = spinners(recording)
    places = {w.process: w.source for w in recording.waits if w.source and not needy(w)}
    for process in busy:
        if process.id in places:
            used = f"{(process.cpu_ms or 0) / 1000:.1f} s"
            where = _where(places[process.id])
            yield f"{process.id} was spinning{where}: it computed for {used} instead of waiting."
    unplaced = [process.id for process in busy if process.id not in places]
    if unplaced:
        who = f"{listed(unplaced)} {'was' if len(unplaced) == 1 else 'were'}"
        yield f"{who} spinning: computing without a pause instead of waiting."
    if limit == "wall" and not busy and not recording.waits:
        alive = [process.id for process in recording.processes if process.ended_us is None]
        if alive:
            yield f"Still alive then: {listed(alive)}."


def _measure(recording: Recording, limit: str) -> str:
    if limit == "memory" and recording.memory_peak_bytes:
        return f" (up to {recording.memory_peak_bytes / (1 << 20):.0f} MiB)"
    if limit == "processes":
        return f" ({counted(len(recording.processes), 'process')} in all)"
    if limit == "output":
        printed = sum(actor.stdout_bytes + actor.stderr_bytes for actor in recording.actors)
        return f" ({counted(printed, 'byte')})" if printed else ""
    return ""


def spinners(recording: Recording) -> list[Process]:
    """Who was on the CPU for most of its time, in a run that ended for its time."""
    if recording.limit not in ("wall", "cpu", None) or recording.outcome is Outcome.DEADLOCK:
        return []
    waiting = {wait.process for wait in recording.waits if needy(wait)}
    return [
        process
        for process in recording.processes
        if process.id not in waiting and _busy(process, recording)
    ]


def _busy(process: Process, recording: Recording) -> bool:
    ended = recording.wall_ms if process.ended_us is None else process.ended_us / 1000
    lived = ended - process.started_us / 1000
    used = process.cpu_ms
    if recording.limit == "cpu" and used is not None and 2 * used >= recording.cpu_ms > 0:
        return True  # on a busy machine it may have waited for a CPU most of the time
    # A short life says nothing: every process computes for its first milliseconds.
    return used is not None and lived >= 500 and used >= _SPINNING * lived


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[0].upper()}{text[1:].rstrip('.')}."
