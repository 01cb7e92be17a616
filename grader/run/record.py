"""Owns the freezing of a finished run: what was left behind, and the `Recording` of it all."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator

from grader.kernel.objects import memory_name
from grader.kernel.walk import entries
from grader.run.actor import Actor
from grader.run.ending import Ending
from grader.run.family import frozen
from grader.run.supervisor import Supervisor
from grader.run.tier import Tier
from grader.trace.model import Output, Recording, Residue
from grader.trace.text import escape

_MOST_FILES = 100
"""So many left files are listed."""
_MOST_ENTRIES = 10_000


def residue(supervisor: Supervisor) -> list[Residue]:
    """What is still there at the end: to be asked before everything is killed."""
    left = [
        Residue(kind="process", id=process.id, detail=" ".join(process.argv)[:200])
        for process in supervisor.observer.live()
    ]
    left += _objects(supervisor.tier)
    left += _files(supervisor)
    return left


def _objects(tier: Tier) -> Iterator[Residue]:
    """What the run's own IPC tables still list; POSIX objects of a private root are its files."""
    for found in tier.objects():
        if isinstance(found.id, int):
            detail = f"id {found.id}, mode {found.mode}"
            yield Residue(kind=found.kind, id=f"{found.kind}:{found.key}", detail=detail)
        else:
            folder = "/dev/mqueue" if found.kind == "mq" else "/dev/shm"
            yield _left(found.kind, f"{folder}/{escape(os.fsencode(found.id))}")


def _files(supervisor: Supervisor) -> list[Residue]:
    """Files that were not there at the start: in the work folder, /tmp, shared memory, queues."""
    tier = supervisor.tier
    inside = f"/proc/{supervisor.init_pid}/root"
    known = {f"{tier.work}/{name}" for name in supervisor.spec.tree.files}
    known |= {
        f"{tier.work}/{name}"
        for actor in supervisor.actors.values()
        for name in (*actor.step.files, *actor.step.links)
    }
    found: list[Residue] = []
    for folder, kind in tier.folders.items():
        for entry in entries(f"{inside}{folder}", _MOST_ENTRIES):
            full = entry.path.removeprefix(inside)
            ours = full in known or entry.is_dir(follow_symlinks=False)
            if not ours and len(found) < _MOST_FILES:
                shown = escape(os.fsencode(full.removeprefix(tier.work + "/")))
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
    folder = f"/proc/{supervisor.init_pid}/root{supervisor.tier.work}"
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
        cpu_ms=supervisor.budget.cpu_us // 1000,
        memory_peak_bytes=supervisor.budget.memory_peak,
        isolation=supervisor.tier.name,
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
