"""Owns the bytes between grader and actors: stdin, stdout, stderr, none of it blocking."""

from __future__ import annotations

import errno
import os
import select

from grader.errors import InfrastructureError, SandboxError
from grader.kernel.waiting import Waiter
from grader.run import init
from grader.run.actor import Actor

_SHORT_OF = (errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.EIO)
"""What a start can fail with whatever its files are."""


class Streams:
    """Moves what can be moved when the waiter says so.

    output_limit: bytes that one stream may bring before `flooded` names its actor.
    """

    def __init__(self, waiter: Waiter, output_limit: int) -> None:
        self._waiter = waiter
        self._limit = output_limit
        self._actors: dict[int, Actor] = {}
        self.flooded: Actor | None = None
        self._first: Actor | None = None

    def add(self, actor: Actor) -> None:
        """Begin to move an actor's bytes."""
        self._first = self._first or actor
        for descriptor in (*actor.outputs, *actor.complaints):
            self._actors[descriptor] = actor
            self._waiter.watch(descriptor)
        self.feed(actor)

    def ready(self, descriptor: int) -> bool:
        """The waiter found this descriptor ready. False if it is none of ours."""
        actor = self._actors.get(descriptor)
        if actor is None:
            return False
        if descriptor == actor.stdin:
            self.feed(actor)
        elif descriptor in actor.complaints:
            self._complaint(actor)
        else:
            self.drain(actor, descriptor)
        return True

    def feed(self, actor: Actor) -> None:
        """Write what is unsent; close stdin when it is to end and all has gone."""
        if actor.stdin is None:
            return
        try:
            while actor.unsent:
                sent = os.write(actor.stdin, actor.unsent[:65536])
                del actor.unsent[:sent]
        except BlockingIOError:
            if actor.stdin not in self._actors:
                self._actors[actor.stdin] = actor
                self._waiter.watch(actor.stdin, select.EPOLLOUT)
            return
        except BrokenPipeError:
            actor.unsent.clear()
            actor.close_when_sent = True
        if actor.stdin in self._actors:
            self._waiter.forget(actor.stdin)
            del self._actors[actor.stdin]
        if actor.close_when_sent:
            os.close(actor.stdin)
            actor.stdin = None

    def drain(self, actor: Actor, descriptor: int) -> None:
        """Read an output until it is empty or at its end."""
        capture = actor.outputs[descriptor]
        while True:
            try:
                data = os.read(descriptor, 1 << 18)
            except BlockingIOError:
                return
            if not data:
                del actor.outputs[descriptor]
                self._forget(descriptor)
                return
            capture.add(data)
            if capture.total > self._limit:
                self.flooded = actor
                return

    def drain_all(self) -> None:
        """Read all outputs until they are empty."""
        for actor in set(self._actors.values()):
            for descriptor in list(actor.outputs):
                self.drain(actor, descriptor)

    def drain_to_end(self) -> None:
        """After all processes have ended: what is still in the pipes."""
        for actor in set(self._actors.values()):
            if actor.complaints:
                self._complaint(actor)
            for descriptor, capture in list(actor.outputs.items()):
                try:
                    while data := os.read(descriptor, 1 << 18):
                        capture.add(data)
                except BlockingIOError as error:
                    raise InfrastructureError("a killed process still holds its output") from error

    def _complaint(self, actor: Actor) -> None:
        """The pipe closes at the exec; words in it mean that there was none."""
        descriptor = actor.complaints.pop()  # the next actor's streams may get its number
        message = os.read(descriptor, 512)
        self._forget(descriptor)
        if message:
            step, number = init.parse_failure(message)
            changed = init.concerns_files(message) and number not in _SHORT_OF
            if changed and actor is not self._first:
                # what the first one found was as we had written it: it is their doing
                file = step.rpartition("/")[2]
                why = f"cannot be started, programs before it have changed {file}"
                actor.stderr.add(f"{actor.name}: {why}: {os.strerror(number)}\n".encode())
                return
            raise SandboxError(f"start of {actor.name}: {step}", number)

    def _forget(self, descriptor: int) -> None:
        self._waiter.forget(descriptor)
        del self._actors[descriptor]
        os.close(descriptor)
