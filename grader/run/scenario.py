"""Owns the front door: `run` forks a supervisor for one scenario and returns its `Recording`."""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import time
import traceback
from typing import NoReturn

import msgspec

from grader.course.steps import Finish, Start
from grader.errors import GraderError, InfrastructureError, SandboxError
from grader.kernel import abi, libc, namespaces, pyspy
from grader.kernel.cpu import share_one_cpu
from grader.run.record import kept_files, record, residue
from grader.run.spec import ISOLATIONS, Isolation, Program, RunSpec, Tree
from grader.run.supervisor import Supervisor
from grader.run.tier import Tier, tier_lock, tier_of
from grader.run.whereabouts import located
from grader.trace.model import Recording

_MAP_US, _MAPPED = b"map", b"go"
_GRACE = 60.0
"""Seconds beyond the wall limit after which a silent supervisor counts as broken."""


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


def run_and_keep(spec: RunSpec) -> Finished:
    """`run` that also brings files of the work folder back.

    The strongest tier that this machine has, unless the spec names one: a tier that cannot be set
    up gives way to the next.
    """
    wanted = [spec.isolation] if spec.isolation is not None else list(ISOLATIONS)
    missing: list[str] = []
    for tier in wanted:
        answer = _in_tier(spec, tier)
        if isinstance(answer, Finished):
            return answer
        if answer.step is None:
            raise InfrastructureError(answer.message, where="supervisor", fix=answer.fix)
        if not answer.missing:
            raise SandboxError(answer.step, answer.errno, fix=answer.fix)
        reason = f" ({os.strerror(answer.errno)})" if answer.errno else ""
        missing.append(f"{tier}: {answer.step}{reason}")
    raise InfrastructureError(
        "this machine cannot isolate programs: " + "; ".join(missing),
        where="sandbox",
        fix="`grade doctor` says what it lacks and how to get it",
    )


def _in_tier(spec: RunSpec, tier: Isolation) -> _Failure | Finished:
    with tier_lock(tier, spec):
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            _supervise(theirs, spec, tier, parent)
        theirs.close()
        try:
            return _converse(ours, pid, time.monotonic() + spec.bounds.wall + _GRACE)
        finally:
            ours.close()
            _end(pid)


def _converse(channel: socket.socket, pid: int, deadline: float) -> _Failure | Finished:
    """Map the supervisor's ids when it asks, then read its answer to the end."""
    received = bytearray()
    mapped = False
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    while True:
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            os.kill(pid, signal.SIGKILL)
            raise InfrastructureError("the supervisor of the run did not answer and was ended")
        data = channel.recv(1 << 20)
        if not data:
            break
        received += data
        if not mapped and received.startswith(_MAP_US):
            mapped = True
            del received[: len(_MAP_US)]
            try:
                namespaces.map_ids(pid)
            except SandboxError as error:
                return _Failure(error.message, error.step, error.errno, missing=True)
            channel.sendall(_MAPPED)
    try:
        answer: _Failure | Finished = _decoder.decode(received)
    except msgspec.DecodeError as error:
        raise InfrastructureError(
            "the supervisor of the run died before it could report", where="supervisor"
        ) from error
    return answer


def _end(pid: int) -> None:
    _pid, status = os.waitpid(pid, 0)
    del status  # its answer has said all there is to say


def _supervise(channel: socket.socket, spec: RunSpec, tier: Isolation, parent: int) -> NoReturn:
    """The supervisor process: answers once, never returns to the caller's code."""
    try:
        channel.sendall(msgspec.msgpack.encode(_answer(channel, spec, tier, parent)))
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
    gc.disable()  # a short life that makes few cycles
    _cpu = share_one_cpu()  # held until this process ends
    try:
        place = tier_of(tier, spec)
        place.enter(lambda: _have_ids_mapped(channel))
    except SandboxError as error:
        raise _TierMissingError(error.step, error.errno) from error
    try:
        return _run_in(place, spec, parent)
    finally:
        place.clear()


def _run_in(tier: Tier, spec: RunSpec, parent: int) -> Finished:
    supervisor = Supervisor(spec, tier)
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
