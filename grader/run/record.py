"""Owns the freezing of a finished run: what was left behind, and the `Recording` of it all."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from grader.kernel.objects import memory_name
from grader.kernel.root import WORK
from grader.kernel.tracee import Proc
from grader.run.actor import Actor
from grader.run.ending import Ending
from grader.run.supervisor import Supervisor
from grader.trace.model import Output, Process, Recording, Residue
from grader.trace.text import escape

_MOST_FILES = 100
"""So many left files are listed."""


def residue(supervisor: Supervisor) -> list[Residue]:
    """What is still there at the end: to be asked before everything is killed."""
    left = [
        Residue(kind="process", id=process.id, detail=" ".join(process.argv)[:200])
        for process in supervisor.observer.live()
    ]
    left += _sysv_objects()
    left += _files(supervisor)
    return left


def _sysv_objects() -> Iterator[Residue]:
    """The IPC namespace's own tables (sysvipc(7)); the supervisor lives in that namespace."""
    for kind in ("msg", "shm", "sem"):
        lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()
        for line in lines[1:]:
            key, id, permissions, *_rest = line.split()
            number = int(key) & 0xFFFFFFFF
            yield Residue(kind=kind, id=f"{kind}:{number}", detail=f"id {id}, mode {permissions}")


def _files(supervisor: Supervisor) -> list[Residue]:
    """Files that were not there at the start: in the work folder, /tmp, shared memory, queues."""
    inside = Path(f"/proc/{supervisor.init_pid}/root")
    known = {f"{WORK}/{name}" for name in supervisor.spec.tree.files}
    known |= {f"{WORK}/{name}" for actor in supervisor.actors.values() for name in actor.step.files}
    found: list[Residue] = []
    kinds = {WORK: "file", "/tmp": "file", "/dev/shm": "shm", "/dev/mqueue": "mq"}
    for folder, kind in kinds.items():
        for path, _folders, names in os.walk(f"{inside}{folder}"):
            for name in names:
                full = f"{path.removeprefix(str(inside))}/{name}"
                if full not in known and len(found) < _MOST_FILES:
                    shown = escape(os.fsencode(full.removeprefix(WORK + "/")))
                    found.append(_left(kind, shown))
    return found


def _left(kind: str, path: str) -> Residue:
    """A left file under the name that events use for the object."""
    if kind == "shm":
        kind, name = memory_name(path)
        return Residue(kind=kind, id=name, detail=path)
    return Residue(kind=kind, id=f"{kind}:{path.removeprefix('/dev/mqueue')}", detail=path)


def kept_files(supervisor: Supervisor) -> dict[str, bytes]:
    """The files that the spec wants back: regular ones only, links are not followed."""
    folder = f"/proc/{supervisor.init_pid}/root{WORK}"
    kept: dict[str, bytes] = {}
    for name in supervisor.spec.keep:
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            descriptor = os.open(f"{folder}/{name}", flags)
        except OSError:
            continue
        with os.fdopen(descriptor, "rb") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                kept[name] = file.read(supervisor.spec.bounds.files)
    return kept


def record(supervisor: Supervisor, ending: Ending, left: list[Residue]) -> Recording:
    """The whole run as immutable data; to be called when everything has ended."""
    log = supervisor.log
    return Recording(
        scenario=supervisor.spec.scenario,
        outcome=ending.outcome,
        limit=ending.limit,
        detail=ending.detail,
        waits=list(ending.waits),
        processes=[frozen(process) for process in supervisor.observer.processes],
        objects=[found.frozen() for found in supervisor.objects.used()],
        events=log.events,
        dropped_events=log.dropped,
        totals=log.totals,
        residue=left,
        actors=[_output(actor) for actor in supervisor.actors.values()],
        steps=supervisor.results(),
        values=dict(supervisor.spec.values),
        wall_ms=round((time.monotonic() - supervisor.started) * 1000),
        cpu_ms=supervisor.cpu_ms,
        memory_peak_bytes=supervisor.memory_peak,
        isolation="namespaces",
    )


def frozen(process: Proc) -> Process:
    """One process of the family as data."""
    return Process(
        id=process.id,
        parent=process.parent.id if process.parent is not None else None,
        argv=list(process.argv),
        exit=process.exit,
        actor=process.actor,
        pid=process.inner_pid,
        started_us=process.started_us,
        ended_us=process.ended_us,
        reaped_by=process.reaped_by,
        cpu_ms=process.cpu_ms,
        threads=process.threads,
    )


def _output(actor: Actor) -> Output:
    out_head, out_tail = map(escape, actor.stdout.kept)
    err_head, err_tail = map(escape, actor.stderr.kept)
    return Output(
        name=actor.name,
        process=actor.process_id,
        argv=list(actor.argv),
        exit=actor.process.exit if actor.process is not None else None,
        stdout=out_head + out_tail,
        stderr=err_head + err_tail,
        stdout_bytes=actor.stdout.total,
        stderr_bytes=actor.stderr.total,
        stdout_cut=actor.stdout.cut,
        stderr_cut=actor.stderr.cut,
        stdout_head=len(out_head),
        stderr_head=len(err_head),
    )
