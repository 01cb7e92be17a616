"""Owns the front door: `run` forks a supervisor for one scenario and returns its `Recording`."""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import nullcontext
from typing import NoReturn

import msgspec

from grader.course.steps import Finish, Start
from grader.errors import GraderError, InfrastructureError, SandboxError
from grader.kernel import abi, libc, namespaces, pyspy
from grader.kernel.cpu import share_one_cpu
from grader.run import init
from grader.run.clock import patience
from grader.run.confinement import filter_program
from grader.run.record import kept_files, record, residue
from grader.run.spec import ISOLATIONS, Isolation, Program, RunSpec, Tree
from grader.run.supervisor import Supervisor
from grader.run.tier import Tier, tier_lock, tier_of
from grader.run.whereabouts import located
from grader.trace.model import Recording

_MAP_US, _MAPPED = b"map", b"go"
_GRACE = 60.0
"""Seconds beyond the longest run after which a silent supervisor counts as broken."""
_MOST_AT_ONCE = 4
"""Runs at the same time: each may take its 256 MiB."""


class _Failure(msgspec.Struct, tag=True):
    """What went wrong in the supervisor: never the student's fault."""

    message: str
    step: str | None = None
    errno: int = 0
    fix: str | None = None
    missing: bool = False
    """True if the machine lacks what this tier needs: no program has run yet."""


class Finished(msgspec.Struct, tag=True):
    """A run that could be observed. kept: the content of the files that the spec asked for."""

    recording: Recording
    kept: dict[str, bytes] = {}


_decoder = msgspec.msgpack.Decoder(_Failure | Finished)


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


def _finished(answer: _Failure | Finished) -> Finished:
    if isinstance(answer, Finished):
        return answer
    if answer.step is None:
        raise InfrastructureError(answer.message, where="supervisor", fix=answer.fix)
    raise SandboxError(answer.step, answer.errno, fix=answer.fix)


def _in_tier(
    spec: RunSpec, tier: Isolation, meanwhile: Callable[[], object] | None
) -> _Failure | Finished:
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
        self.answer: _Failure | Finished | None = None
        self.deadline = time.monotonic() + spec.bounds.wall + patience(spec.bounds.wall) + _GRACE
        self.channel, theirs = socket.socketpair()
        self._received = bytearray()
        self._mapped = False
        filter_program(tier, observed=spec.observed)  # made once for all the runs to come
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            for each in (self, *others):
                each.channel.close()
            _supervise(theirs, spec, tier, parent)
        theirs.close()

    def hear(self) -> None:
        """Take what it says: map its ids when it asks, read its answer to the end."""
        data = self.channel.recv(1 << 20)
        self._received += data
        if not data:
            self.answer = self._decoded()
        elif not self._mapped and self._received.startswith(_MAP_US):
            self._mapped = True
            del self._received[: len(_MAP_US)]
            try:
                namespaces.map_ids(self.pid)
            except SandboxError as error:
                self.answer = _Failure(error.message, error.step, error.errno, missing=True)
                return
            self.channel.sendall(_MAPPED)

    def _decoded(self) -> _Failure | Finished:
        try:
            answer: _Failure | Finished = _decoder.decode(self._received)
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


def _supervise(channel: socket.socket, spec: RunSpec, tier: Isolation, parent: int) -> NoReturn:
    """The supervisor process: answers once, never returns to the caller's code."""
    try:
        with share_one_cpu() or nullcontext():
            channel.sendall(msgspec.msgpack.encode(_answer(channel, spec, tier, parent)))
        channel.close()  # the answer is whole now, not when the kernel has taken this process apart
    finally:
        os._exit(0)


def _answer(
    channel: socket.socket, spec: RunSpec, tier: Isolation, parent: int
) -> _Failure | Finished:
    try:
        return _observed(channel, spec, tier, parent)
    except _TierMissingError as error:
        return _Failure(error.message, error.step, error.errno, error.fix, missing=True)
    except SandboxError as error:
        return _Failure(error.message, error.step, error.errno, error.fix)
    except GraderError as error:
        return _Failure(error.message, fix=error.fix)
    except Exception as error:  # noqa: BLE001 - reported by name as our own fault, never a score
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        return _Failure(f"the supervisor failed: {kind}: {error} ({place.filename}:{place.lineno})")


def _observed(channel: socket.socket, spec: RunSpec, tier: Isolation, parent: int) -> Finished:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller decides when a run ends
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so it is undone in order
    gc.disable()  # a short life that makes few cycles
    try:
        place = tier_of(tier, spec)
        place.enter(lambda: _have_ids_mapped(channel))
    except SandboxError as error:
        raise _TierMissingError(error.step, error.errno) from error
    try:
        return _run_in(place, spec, parent, filter_program(tier, observed=spec.observed))
    finally:
        place.clear()


def _run_in(tier: Tier, spec: RunSpec, parent: int, confined: bytes) -> Finished:
    first = init.begin(spec, tier, confined)
    supervisor = Supervisor(spec, tier, first)
    spy = pyspy.find()  # while our own environment can be read: the inner user may not
    try:
        try:
            supervisor.prepare()
        except SandboxError as error:
            raise _TierMissingError(error.step, error.errno) from error
        libc.prctl(abi.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        ending = supervisor.run()
        if spec.observed:
            ending = located(supervisor.observer, ending, spy)
        left = residue(supervisor)
        kept = kept_files(supervisor)
    finally:
        supervisor.kill_everything()
    return Finished(record(supervisor, ending, left), kept)


class _TierMissingError(SandboxError):
    """The sandbox of this tier could not be set up; another may."""


def _have_ids_mapped(channel: socket.socket) -> None:
    """Only a process outside of the new user namespace may map its ids."""
    channel.sendall(_MAP_US)
    if channel.recv(16) != _MAPPED:
        raise SandboxError("map the user and group ids")
