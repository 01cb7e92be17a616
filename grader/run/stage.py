"""Owns how the steps that concern started programs are played: start, send, signal, …"""

from __future__ import annotations

import os
import signal as signals
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.course import steps
from grader.course.conditions import Pattern
from grader.course.step_base import StepBase, listed
from grader.kernel.decode.waits import Waiting
from grader.kernel.entering import entering, object_of
from grader.kernel.tracee import Call, Proc
from grader.run.awaited import Awaited
from grader.run.runner import AtOnce, Runner
from grader.run.watch import matches, matches_entry
from grader.trace.model import Event

if TYPE_CHECKING:
    from grader.run.supervisor import Supervisor


class _Start(AtOnce):
    def begin(self) -> None:
        self.supervisor.start(self.step)


class _Send(AtOnce):
    def begin(self) -> None:
        actor = self.actor(self.step.send)
        line = self.step.line
        text = f"{line}\n" if line is not None else self.step.text or ""
        actor.unsent += text.encode()
        self.supervisor.streams.feed(actor)


class _Close(AtOnce):
    def begin(self) -> None:
        for name in listed(self.step.close):
            actor = self.actor(name)
            actor.close_when_sent = True
            self.supervisor.streams.feed(actor)


class _Finish(AtOnce):
    def begin(self) -> None:
        names = listed(self.step.finish)
        self.waiting_for = f"the end of {' and '.join(names)}"

    def done(self, *, quiet: bool) -> bool:  # noqa: ARG002
        return all(self.actor(name).exited for name in listed(self.step.finish))


class _Expect(AtOnce):
    """Looks for the text behind what was expected before."""

    def begin(self) -> None:
        self.waiting_for = f'"{self.step.line or self.step.text}" from {self.step.expect}'

    def done(self, *, quiet: bool) -> bool:  # noqa: ARG002
        actor = self.actor(self.step.expect)
        self.supervisor.streams.drain_all()
        capture = actor.stdout if self.step.stream == "stdout" else actor.stderr
        position = actor.expected[self.step.stream]
        content = capture.content
        if self.step.line is not None:
            wanted = f"\n{self.step.line}\n".encode()
            found = (b"\n" + content[position:]).find(wanted)
            end = found + len(wanted) - 1
        else:
            wanted = (self.step.text or "").encode()
            found = content.find(wanted, position) - position
            end = found + len(wanted)
        if found < 0:
            return False
        actor.expected[self.step.stream] = position + end
        return True

    def hopeless(self) -> str | None:
        actor = self.actor(self.step.expect)
        if self.ended(actor) and not self.done(quiet=True):
            return f"{actor.name} ended without printing {self.waiting_for.partition(' from ')[0]}"
        return None


class _Signal(AtOnce):
    """now; or `after` an event, while the process that made it is still stopped; or `before` a
    call, which is held, or when the process sleeps where no such call ever comes."""

    def begin(self) -> None:
        self.sent = False
        self.left = self._in_trial()
        self.waiting_for = f"the moment for SIG{self._short} to {self.step.to}"
        if self.step.before is not None:
            self.supervisor.observer.hold = self._hold
        elif self.step.after is not None:
            for event in self.supervisor.log.events:
                self.event(event)
        else:
            self._send()

    @property
    def _short(self) -> str:
        name: str = self.step.signal
        return name.removeprefix("SIG")

    def _in_trial(self) -> int:
        """How many such events it takes: as many as the actor has made that shows the way."""
        if self.step.like is None:
            return 1
        actor, after = self.actor(self.step.like), self.step.after
        return max(1, sum(matches(after, e, actor.process_id) for e in self.supervisor.log.events))

    def _target(self) -> Proc | None:
        actor = self.actor(self.step.to)
        id = actor.process_id + self.step.to[len(actor.name) :]
        return self.supervisor.observer.process(id)

    def _send(self) -> None:
        target = self._target()
        if target is None:
            return
        self.sent = True
        if target.alive:
            for _time in range(self.step.times):
                os.kill(target.pid, signals.Signals[f"SIG{self._short}"])

    def _hold(self, call: Call) -> bool:
        if self.sent or call.task.proc.runtime or call.task.proc is not self._target():
            return False
        id = call.task.proc.id
        if isinstance(call.note, Waiting) and call.note.timeout == 0:
            return False  # it only looks
        if not matches_entry(self.step.before, entering(call), object_of(call), id):
            return False
        self._send()
        self.supervisor.observer.hold = None
        return True

    def event(self, event: Event) -> None:
        after: Pattern | None = self.step.after
        if after is None or self.sent:
            return
        if matches(after, event, self.actor(self.step.to).process_id):
            self.left -= 1
            if self.left == 0:
                self._send()

    def done(self, *, quiet: bool) -> bool:  # noqa: ARG002
        if not self.sent and self.step.before is None and self.step.after is None:
            self._send()
        return self.sent

    def nudge(self) -> bool:
        if self.sent or (self.step.after is not None and self.step.like is None):
            return False
        self.supervisor.observer.hold = None
        self._send()
        return True

    def hopeless(self) -> str | None:
        actor = self.actor(self.step.to)
        if not self.sent and self.ended(actor):
            return f"{actor.name} ended before SIG{self._short} could be sent"
        return None


ACTOR_RUNNERS: dict[type[StepBase], Callable[[Supervisor, Any], Runner]] = {
    steps.Start: _Start,
    steps.Finish: _Finish,
    steps.Send: _Send,
    steps.Close: _Close,
    steps.Expect: _Expect,
    steps.Wait: Awaited,
    steps.Signal: _Signal,
}
"""How the steps that concern started programs are played."""
