"""Owns one scenario's run: the loop that traces, moves bytes and steps along, enforces limits.

Single-threaded; a process of its own. It sleeps in one place (`Waiter.wait`), for stops and for
descriptors; the wall limit is its only clock.
"""

from __future__ import annotations

import os
import socket
import time

import msgspec

from grader.course.steps import Close, Send, Start
from grader.errors import ObserverError
from grader.kernel.objects import Objects
from grader.kernel.observer import Observer
from grader.kernel.reap import end_all
from grader.kernel.sock_diag import in_flight
from grader.kernel.stuck import standstill
from grader.kernel.waiting import Waiter
from grader.run import actor as actors
from grader.run import init
from grader.run.actor import Actor
from grader.run.budget import Budget
from grader.run.clock import Clock
from grader.run.confinement import traced_calls
from grader.run.ending import Ending
from grader.run.peers import Peers
from grader.run.runner import Runner
from grader.run.runners import RUNNERS
from grader.run.spec import RunSpec
from grader.run.streams import Streams
from grader.run.tier import Tier
from grader.trace.log import EventLog
from grader.trace.model import Event, Outcome, StepResult

_TICK = 0.05
"""Seconds between two looks at CPU and memory, and the longest wait before asking again
whether everything sleeps (the kernel reports stops, but not that a task fell asleep)."""
_FIRST_LOOK = 0.001
_KEPT_EVENTS = 200_000
"""More are counted, not kept: what an event costs in our own memory bounds it."""


class Supervisor:
    """Runs the steps of one scenario in a tier that the caller has entered. first: its PID 1."""

    def __init__(self, spec: RunSpec, tier: Tier, first: init.Init) -> None:
        self.spec = spec
        self.tier = tier
        self.log = EventLog(min(spec.bounds.events, _KEPT_EVENTS), self._on_event)
        self.objects = Objects(tier.work, tier.temporary)
        self.observer = Observer(
            traced_calls(observed=spec.observed), self.log, objects=self.objects
        )
        if tier.guarded:
            from grader.run.guard import guard

            self.observer.guard = guard(self.observer, tier)
        self.budget = Budget(spec.bounds, self.observer, tier)
        self.waiter = Waiter()
        self.streams = Streams(self.waiter, spec.bounds.output)
        self.peers = Peers(self.waiter)
        self.runner: Runner | None = None
        self.actors: dict[str, Actor] = {}
        self.position = 0
        self.ending: Ending | None = None
        self.started = time.monotonic()
        self.clock = Clock(spec.bounds.wall)
        self._next_tick = 0.0
        starts = [step for step in spec.steps if isinstance(step, Start)]
        self._lone = len(starts) == 1 and starts[0].as_ is None
        self.init_pid = self.peers.inside = first.pid
        self._commands = first.commands
        self._results: list[tuple[StepResult, Runner]] = []

    # -- the run -----------------------------------------------------------------------------

    def run(self) -> Ending:
        """The steps, to the end of the scenario; SandboxError, ObserverError."""
        self.started = time.monotonic()
        self.clock = Clock(self.spec.bounds.wall)
        self.observer.start_ns = time.monotonic_ns()
        self._begin()
        while self.ending is None:
            self._advance()
            if self.ending is None:
                self._turn()
        self.streams.drain_all()
        if self.ending.outcome is Outcome.FINISHED and (flood := self._flood()) is not None:
            return flood  # the last words of a program that has exited count as well
        return self.ending

    def prepare(self) -> None:
        """Wait until PID 1 has built the sandbox, begin to trace it; SandboxError if this machine
        cannot, InfrastructureError."""
        message = self._commands.recv(512)
        if message != init.READY:
            raise init.failed(message)
        self.tier.settle()
        self.budget.settle(self.init_pid)
        if self.observer.seize(self.init_pid, "init", quiet=True) is None:
            raise ObserverError("PID 1 of the run vanished before it could be traced")

    def _turn(self) -> None:
        """Handle all waiting stops; if there are none, sleep until something happens."""
        observer = self.observer
        pause = _FIRST_LOOK
        while not observer.collect():
            self._move(self.waiter.wait(min(pause, self._time_left())))
            self._tick()
            if observer.collect():
                break
            self.peers.quiet_move()
            if self.ending is not None or self._advance(quiet=True) or self.ending is not None:
                return
            if standstill(observer) is not None and self._standstill():
                return
            pause = min(_TICK, pause * 2)
        observer.handle()
        for actor in self.actors.values():
            if actor.process is None:
                actor.process = observer.process(actor.process_id)
        if (crowded := self.budget.crowded()) is not None:
            self._limit(*crowded)
        self._tick()

    def _move(self, ready: list[tuple[int, int]]) -> None:
        for descriptor, _events in ready:
            if not self.streams.ready(descriptor):
                self.peers.ready(descriptor)
        if self.ending is None:
            self.ending = self._flood()

    # -- steps -------------------------------------------------------------------------------

    def _advance(self, *, quiet: bool = False) -> bool:
        """Go on to the step that is not done yet; True if any step was done."""
        before = self.position
        while self.runner is not None and self.runner.done(quiet=quiet):
            self._note(reached=True)
            self.position += 1
            self._begin()
        if self.runner is not None and (why := self.runner.hopeless()) is not None:
            self._note(reached=False, message=why)
            self.ending = Ending(Outcome.FINISHED, detail=f"the scenario stopped: {why}")
        if self.runner is None and not self._programs():
            self.ending = Ending(Outcome.FINISHED)
        return self.position > before

    def _begin(self) -> None:
        """Begin the step at `position`; behind the last one, what is left over settles."""
        if self.position == len(self.spec.steps):
            self.runner = None
            return
        step = self.spec.steps[self.position]
        self.runner = RUNNERS[type(step)](self, step)
        self.runner.begin()

    def _note(self, *, reached: bool, message: str = "") -> None:
        assert self.runner is not None
        result = StepResult(
            index=self.position,
            title=type(self.spec.steps[self.position]).__name__.lower(),
            reached=reached,
            message=message,
            seq=self.log.count,
        )
        self._results.append((result, self.runner))

    def results(self) -> list[StepResult]:
        """How far each step came, with what the grader has seen by now."""
        return [
            msgspec.structs.replace(result, observed=runner.observed())
            for result, runner in self._results
        ]

    def _on_event(self, event: Event) -> None:
        self.tier.note(event)
        if (told := self.budget.told_by(event)) is not None:
            self._limit(*told)
        if self.runner is not None:
            self.runner.event(event)

    def start(self, step: Start) -> None:
        """Have PID 1 fork an actor."""
        program = self.spec.programs[step.start]
        process_id = "main" if self._lone else step.actor
        argv = (*program.argv, *step.args)
        path = self.tier.relocate(program.path) if program.path is not None else None
        later = self.spec.steps[self.position :]
        talks = any(isinstance(s, Send | Close) and step.actor in s.mentions for s in later)
        actor, theirs = actors.create(
            step,
            process_id,
            argv,
            self.spec.bounds.output,
            stdin_open=step.stdin is None and talks,
        )
        for name, inode in actor.inodes.items():
            label = name if self._lone else f"{name}:{step.actor}"
            self.objects.named(("pipe", inode), label, "stdio")
        self.actors[actor.name] = actor
        self.observer.expected.append((actor.name, process_id, path))
        socket.send_fds(self._commands, [str(self.position).encode()], theirs)
        for descriptor in theirs:
            os.close(descriptor)
        self.streams.add(actor)

    def _flood(self) -> Ending | None:
        """How a run ends in which somebody printed too much; builds may, it is only cut."""
        actor = self.streams.flooded
        if actor is None or not self.spec.observed:
            return None
        detail = f"{actor.process_id} printed more than it may"
        return Ending(Outcome.LIMIT, limit="output", detail=detail)

    # -- endings -----------------------------------------------------------------------------

    def _limit(self, name: str, detail: str) -> None:
        if self.ending is None:
            self.ending = Ending(Outcome.LIMIT, limit=name, detail=detail)

    def _standstill(self) -> bool:
        """Nothing runs. True if that ends the scenario."""
        if self.observer.expected:
            return False  # PID 1 is about to fork an actor
        if self._grader_can_move():
            return False
        still = standstill(self.observer)
        if still is None:
            return False  # what was still on its way has arrived and woken someone
        if (crowded := self.budget.crowded(look_closely=True)) is not None:
            self._limit(*crowded)
            return True
        if self.runner is None:
            self.ending = Ending(Outcome.FINISHED)
            return True
        # what had not fallen asleep yet when the step was asked has now
        if self._advance(quiet=True) or self.ending is not None or self.runner.nudge():
            return True
        if not self.observer.live():
            self._give_up(Ending(Outcome.FINISHED, detail="all programs have ended"))
            return True
        if still.waits:
            self._give_up(Ending(Outcome.DEADLOCK, waits=still.waits))
            return True
        return False

    def _give_up(self, ending: Ending) -> None:
        """End the scenario at a step that was not reached."""
        if self.runner is not None:
            message = f"it waited for {self.runner.waiting_for}"
            self._note(reached=False, message=message)
        self.ending = ending

    def _grader_can_move(self) -> bool:
        """Whether something is on its way between us and the actors, or among them."""
        return bool(self.waiter.wait(0)) or in_flight() or self.peers.quiet_move()

    def _programs(self) -> bool:
        """Whether a program is alive, or about to be."""
        return bool(self.observer.live() or self.observer.expected)

    def _time_left(self) -> float:
        return self.clock.left()

    def _tick(self) -> None:
        """Every _TICK at most: CPU and memory of the whole family, the wall clock."""
        now = time.monotonic()
        if now < self._next_tick:
            return
        self._next_tick = now + _TICK
        for actor in self.actors.values():
            if actor.process is not None:  # the kernel tells of the youngest first: many keep it
                self.observer.settle(actor.process)  # from telling of the eldest
        self._move(self.waiter.wait(0))
        if (exceeded := self.budget.exceeded(self.init_pid)) is not None:
            self._limit(*exceeded)
        self.clock.look((os.getpid(), *self.observer.tasks))
        if not self.clock.left() and self.ending is None:
            self._out_of_time()

    def _out_of_time(self) -> None:
        if self.runner is None:
            self.ending = Ending(Outcome.FINISHED)
        else:
            detail = f"not finished after {self.spec.bounds.wall:g} s"
            self._give_up(Ending(Outcome.TIMEOUT, limit="wall", detail=detail))

    # -- the end -----------------------------------------------------------------------------

    def kill_everything(self) -> None:
        """End PID 1 and with it the namespace, or else each process by itself."""
        end_all({self.init_pid, *self.observer.abandoned()})
        self.streams.drain_to_end()
