"""Owns the step `wait`: what a program and its descendants must have come to."""

from __future__ import annotations

from grader.course.conditions import Pattern
from grader.kernel.decode.waits import ends_soon
from grader.kernel.entering import entering
from grader.kernel.lives import has_ended
from grader.kernel.stuck import asleep
from grader.kernel.tracee import Task
from grader.run.address import is_served, parse_address
from grader.run.runner import AtOnce
from grader.run.watch import matches
from grader.trace.model import Event, Observation
from grader.trace.vain import longest_in_vain

_MOST_REFUSALS = 100
"""Whoever was told "not now" so often, instead of being made to wait, will not sleep there."""
_NOT_NOW = frozenset(("EAGAIN", "ENOMSG"))
_IN_VAIN = 60
"""Whoever has looked so often in a row, a moment between, polls: `no_busy_waiting` sees it."""


class Awaited(AtOnce):
    """One such step under way."""

    def begin(self) -> None:
        self.seen = self.met = False
        self.refusals = 0
        until = self.step.until
        name = self.step.wait
        if isinstance(until, str):
            words = {"idle": "to sleep", "exit": "to end", "stopped": "to stop"}
            self.waiting_for = f"{name} {words[until]}"
            return
        if until.event is not None:
            self.waiting_for = f"{until.event.event} by {name}"
            for event in self.supervisor.log.events:
                self.event(event)
        elif until.blocked is not None:
            self.waiting_for = f"{name} to sleep in {until.blocked}"
        elif until.listening is not None:
            self.waiting_for = f"{name} to listen on {parse_address(until.listening)}"
        else:
            self.waiting_for = f"{until.lines} lines from {name}"

    def event(self, event: Event) -> None:
        until = self.step.until
        if isinstance(until, str):
            return
        family = self.actor(self.step.wait).process_id
        if until.event is not None:
            self.seen = self.seen or matches(until.event, event, family)
        elif until.blocked is not None and event.errno in _NOT_NOW:
            refused = Pattern(event=until.blocked, errno=event.errno)
            self.refusals += matches(refused, event, family)

    def done(self, *, quiet: bool) -> bool:
        actor, until = self.actor(self.step.wait), self.step.until
        if until == "exit":
            return actor.exited
        family = self.family(actor)
        if until == "stopped":
            return any(task.stopped for process in family for task in process.tasks.values())
        if isinstance(until, str):
            tasks = [
                task for process in family for task in process.tasks.values() if not has_ended(task)
            ]
            idle = quiet and bool(tasks) and self._asleep(tasks)
            return idle and not any(map(self._looks_again, tasks))
        if until.event is not None:
            return bool(self.seen)
        if until.lines is not None:
            self.supervisor.streams.drain_all()
            return actor.stdout.content.count(b"\n") >= int(until.lines)
        if not quiet:
            return False
        if until.listening is not None:
            address = parse_address(until.listening)
            return bool(family) and is_served(address, self.supervisor.init_pid)
        calls = [task for process in family for task in process.tasks.values() if task.call]
        self.met = any(
            task.call is not None and entering(task.call) == until.blocked and self._asleep([task])
            for task in calls
        )
        return self.met

    def _asleep(self, tasks: list[Task]) -> bool:
        """In the kernel, and not only in a stop that waits to be handled."""
        observer = self.supervisor.observer
        return asleep(observer, tasks) and not observer.collect()

    def _looks_again(self, task: Task) -> bool:
        """Whether it sleeps for a moment only, and has yet to show whether it does so for ever."""
        if task.call is None or not ends_soon(task.call):
            return False
        lane = (task.proc.id, task.index)
        own = (e for e in self.supervisor.log.events if (e.process, e.thread) == lane)
        return len(longest_in_vain(own)) <= _IN_VAIN

    def hopeless(self) -> str | None:
        actor = self.actor(self.step.wait)
        if self.ended(actor) and not self.done(quiet=True):
            return f"{actor.name} ended before that"
        if self.refusals > _MOST_REFUSALS:
            return (
                f"{actor.name} asks again and again, more than {_MOST_REFUSALS} times, "
                f"instead of sleeping in {self.step.until.blocked}"
            )
        return None

    def observed(self) -> list[Observation]:
        until = self.step.until
        if isinstance(until, str) or until.blocked is None or not self.met:
            return []
        return [Observation(name=self.step.wait, state={"blocked": until.blocked})]
