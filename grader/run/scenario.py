"""Owns the front door: `run` forks a supervisor for one scenario and returns its `Recording`."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence

import msgspec

from grader.course.steps import Finish, Start
from grader.errors import InfrastructureError, SandboxError
from grader.kernel import namespaces, pyspy
from grader.kernel.calling import read_ahead
from grader.run.clock import patience
from grader.run.confinement import filter_program
from grader.run.spec import ISOLATIONS, Isolation, Program, RunSpec, Tree
from grader.run.supervision import MAP_US, MAPPED, Failure, Finished, supervise
from grader.run.tier import tier_lock
from grader.trace.model import Recording

_GRACE = 60.0
"""Seconds beyond the longest run after which a silent supervisor counts as broken."""
_MOST_AT_ONCE = 4
"""Runs at the same time: each may take its 256 MiB."""


_decoder = msgspec.msgpack.Decoder(Failure | Finished)


def get_ready(tier: Isolation = ISOLATIONS[0], *, observed: bool = True) -> None:
    """Have at hand what is the same for all runs to come, and what their supervisors could not read
    where they are: `run` does, who has time before may do it."""
    filter_program(tier, observed=observed)
    if observed:
        pyspy.path()


def run(spec: RunSpec) -> Recording:
    """Run one scenario; SandboxError or InfrastructureError if the grader could not."""
    return run_and_keep(spec).recording


def tiers() -> dict[Isolation, str | None]:
    """Which tiers work here, found out by running a program that does nothing: None, or what is
    in the way."""
    found: dict[Isolation, str | None] = {}
    for tier in ISOLATIONS:
        spec = RunSpec(
            scenario="probe",
            steps=(Start(start="true"), Finish(finish="true")),
            programs={"true": Program(("true",))},
            tree=Tree(),
            isolation=tier,
        )
        try:
            run_and_keep(spec)
            found[tier] = None
        except InfrastructureError as error:
            found[tier] = error.message
    return found


def run_together(specs: Sequence[RunSpec]) -> Generator[Recording, None, None]:
    """Run scenarios, one on each CPU at a time, each under its own supervisor.

    The recordings come in the order of the specs. A caller that stops early ends what still runs.
    SandboxError or InfrastructureError as `run`. Runs of a weaker tier share keys and ports: they
    go one after the other.
    """
    strongest = ISOLATIONS[0]
    at_once = min(len(os.sched_getaffinity(0)), _MOST_AT_ONCE)
    todo = deque(specs)
    running: deque[_Run] = deque()
    ended: list[_Run] = []
    apart = at_once > 1 and all(spec.isolation in (None, strongest) for spec in specs)
    try:
        while apart and (todo or running):
            while todo and sum(each.answer is None for each in running) < at_once:
                running.append(_Run(todo.popleft(), strongest, running))
            _hear(running)
            while running and (answer := running[0].answer) is not None:
                apart = isinstance(answer, Finished) or not answer.missing
                if not apart:
                    break
                ended.append(running.popleft())
                yield _finished(answer).recording
    finally:
        todo.extendleft(each.spec for each in reversed(running))
        for each in (*ended, *running):
            each.close()
    yield from map(run, todo)


def run_and_keep(spec: RunSpec, meanwhile: Callable[[], object] | None = None) -> Finished:
    """`run` that also brings files of the work folder back.

    The strongest tier that this machine has, unless the spec names one: a tier that cannot be set
    up gives way to the next. meanwhile: what the caller can do while the programs run; it may be
    called again for the next tier.
    """
    wanted = [spec.isolation] if spec.isolation is not None else list(ISOLATIONS)
    missing: list[str] = []
    for tier in wanted:
        answer = _in_tier(spec, tier, meanwhile)
        if isinstance(answer, Finished) or not answer.missing:
            return _finished(answer)
        reason = f" ({os.strerror(answer.errno)})" if answer.errno else ""
        missing.append(f"{tier}: {answer.step}{reason}")
    raise InfrastructureError(
        "this machine cannot isolate programs: " + "; ".join(missing),
        where="sandbox",
        fix="`grade doctor` says what it lacks and how to get it",
    )


def _finished(answer: Failure | Finished) -> Finished:
    if isinstance(answer, Finished):
        return answer
    if answer.step is None:
        raise InfrastructureError(answer.message, where="supervisor", fix=answer.fix)
    raise SandboxError(answer.step, answer.errno, fix=answer.fix)


def _in_tier(
    spec: RunSpec, tier: Isolation, meanwhile: Callable[[], object] | None
) -> Failure | Finished:
    with tier_lock(tier, spec):
        one = _Run(spec, tier)
        try:
            _hear([one])  # the one thing that a run needs us for is having its ids mapped
            if meanwhile is not None:
                meanwhile()
            while one.answer is None:
                _hear([one])
            return one.answer
        finally:
            one.close()


class _Run:
    """A supervisor process as its caller sees it. answer: None until it has said everything.

    others: runs at the same time, whose channels this supervisor must not keep open.
    """

    def __init__(self, spec: RunSpec, tier: Isolation, others: Iterable[_Run] = ()) -> None:
        self.spec = spec
        self.answer: Failure | Finished | None = None
        self.deadline = time.monotonic() + spec.bounds.wall + patience(spec.bounds.wall) + _GRACE
        self.channel, theirs = socket.socketpair()
        self._received = bytearray()
        self._mapped = False
        get_ready(tier, observed=spec.observed)
        if spec.observed:
            for content, executable in spec.tree.files.values():
                if executable:
                    read_ahead(content)
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            for each in (self, *others):
                each.channel.close()
            supervise(theirs, spec, tier, parent)
        theirs.close()

    def hear(self) -> None:
        """Take what it says: map its ids when it asks, read its answer to the end."""
        data = self.channel.recv(1 << 20)
        self._received += data
        if not data:
            self.answer = self._decoded()
        elif not self._mapped and self._received.startswith(MAP_US):
            self._mapped = True
            del self._received[: len(MAP_US)]
            try:
                namespaces.map_ids(self.pid)
            except SandboxError as error:
                self.answer = Failure(error.message, error.step, error.errno, missing=True)
                return
            self.channel.sendall(MAPPED)

    def _decoded(self) -> Failure | Finished:
        try:
            answer: Failure | Finished = _decoder.decode(self._received)
        except msgspec.DecodeError as error:
            raise InfrastructureError(
                "the supervisor of the run died before it could report", where="supervisor"
            ) from error
        return answer

    def close(self) -> None:
        """See it end: at once, and cleared away, if nobody wants its answer any more."""
        if self.answer is None:
            os.kill(self.pid, signal.SIGTERM)
        self.channel.close()
        os.waitpid(self.pid, 0)


def _hear(runs: Iterable[_Run]) -> None:
    """Wait until one of the runs that have not answered yet says something."""
    open_runs = {each.channel.fileno(): each for each in runs if each.answer is None}
    poll = select.poll()
    for descriptor in open_runs:
        poll.register(descriptor, select.POLLIN)
    deadline = min(each.deadline for each in open_runs.values())
    ready = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
    for descriptor, _ in ready:
        open_runs[descriptor].hear()
    if not ready:
        for each in open_runs.values():
            os.kill(each.pid, signal.SIGKILL)
        raise InfrastructureError("the supervisor of the run did not answer and was ended")
