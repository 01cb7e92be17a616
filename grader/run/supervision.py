"""Owns the supervisor process of one run, and what it says to its caller: one answer."""

from __future__ import annotations

import gc
import os
import signal
import socket
from contextlib import nullcontext
from typing import NoReturn

import msgspec

from grader.errors import GraderError, SandboxError
from grader.kernel import abi, libc, pyspy
from grader.kernel.cpu import share_one_cpu
from grader.run import init
from grader.run.confinement import filter_program
from grader.run.record import kept_files, record, residue
from grader.run.spec import Isolation, RunSpec
from grader.run.supervisor import Supervisor
from grader.run.tier import Tier, tier_of
from grader.run.whereabouts import located
from grader.trace.model import Recording

MAP_US, MAPPED = b"map", b"go"
"""What it asks, before all else, and what it is told when that is done."""


class Failure(msgspec.Struct, tag=True):
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


def supervise(channel: socket.socket, spec: RunSpec, tier: Isolation, parent: int) -> NoReturn:
    """The supervisor process: answers once, never returns to the caller's code."""
    try:
        with share_one_cpu() or nullcontext():
            channel.sendall(msgspec.msgpack.encode(_answer(channel, spec, tier, parent)))
        channel.close()  # the answer is whole now, not when the kernel has taken this process apart
    finally:
        os._exit(0)


def _answer(
    channel: socket.socket, spec: RunSpec, tier: Isolation, parent: int
) -> Failure | Finished:
    try:
        return _observed(channel, spec, tier, parent)
    except _TierMissingError as error:
        return Failure(error.message, error.step, error.errno, error.fix, missing=True)
    except SandboxError as error:
        return Failure(error.message, error.step, error.errno, error.fix)
    except GraderError as error:
        return Failure(error.message, fix=error.fix)
    except Exception as error:  # noqa: BLE001 - reported by name as our own fault, never a score
        return Failure(f"the supervisor failed: {type(error).__name__}: {error} ({_place(error)})")


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
    # while our own environment can be read: the inner user may not
    spy = pyspy.find() if spec.observed else None
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


def _place(error: BaseException) -> str:
    """Where it was raised. Not by `traceback`, which a supervisor may not read any more."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame is not None else "?"


class _TierMissingError(SandboxError):
    """The sandbox of this tier could not be set up; another may."""


def _have_ids_mapped(channel: socket.socket) -> None:
    """Only a process outside of the new user namespace may map its ids."""
    channel.sendall(MAP_US)
    if channel.recv(16) != MAPPED:
        raise SandboxError("map the user and group ids")
