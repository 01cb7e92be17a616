"""Owns one scenario's run: the loop that traces, moves bytes and steps along, enforces limits.

Single-threaded; a process of its own. It sleeps in one place (`Waiter.wait`), for stops and for
descriptors; the wall limit is its only clock.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time

from grader.course.steps import Finish, Start, Step
from grader.errors import InfrastructureError, ObserverError, SandboxError
from grader.kernel import abi, libc, proc
from grader.kernel.launch import REFUSED, REFUSED_ARGUMENTS
from grader.kernel.namespaces import become_inner_user
from grader.kernel.objects import Objects
from grader.kernel.observer import Observer
from grader.kernel.root import WORK
from grader.kernel.seccomp import build_filter
from grader.kernel.stuck import Standstill, standstill
from grader.kernel.table import TABLE
from grader.kernel.waiting import Waiter
from grader.run import actor as actors
from grader.run import init
from grader.run.actor import Actor
from grader.run.ending import Ending
from grader.run.spec import RunSpec
from grader.trace.log import EventLog
from grader.trace.model import Outcome, StepResult

_TICK = 0.05
"""Seconds between two looks at CPU and memory, and the longest wait before asking again
whether everything sleeps (the kernel reports stops, but not that a task fell asleep)."""
_FIRST_LOOK = 0.001


class Supervisor:
    """Runs the steps of one scenario inside namespaces that the caller has entered."""

    def __init__(self, spec: RunSpec) -> None:
        self.spec = spec
        self.log = EventLog(spec.bounds.events)
        self.objects = Objects(WORK)
        self.table = TABLE if spec.observed else {}
        self.observer = Observer(self.table, self.log, objects=self.objects)
        self.waiter = Waiter()
        self.actors: dict[str, Actor] = {}
        self.position = 0
        self.ending: Ending | None = None
        self.started = time.monotonic()
        self.cpu_ms = 0
        self.memory_peak = 0
        self._by_descriptor: dict[int, Actor] = {}
        self._next_tick = 0.0
        starts = [step for step in spec.steps if isinstance(step, Start)]
        self._lone = len(starts) == 1 and starts[0].as_ is None
        self.init_pid = 0
        self.results: list[StepResult] = []

    # -- the run -----------------------------------------------------------------------------

    def run(self) -> Ending:
        """The steps, to the end of the scenario; SandboxError, ObserverError."""
        self._begin(self.spec.steps[0])
        self.started = time.monotonic()
        self.observer.start_ns = time.monotonic_ns()
        while self.ending is None:
            self._advance()
            if self.ending is None:
                self._turn()
        return self.ending

    def prepare(self) -> None:
        """Fork PID 1, wait until it has built the sandbox, begin to trace it; SandboxError."""
        filter_program = build_filter(self.table, REFUSED, REFUSED_ARGUMENTS)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            ours.close()
            init.serve(theirs, self.spec, filter_program)
        theirs.close()
        self.commands = ours
        self.init_pid = pid
        message = ours.recv(512)
        if message != init.READY:
            if not message:
                raise SandboxError("start of PID 1: it died without a word")
            raise SandboxError(*init.parse_failure(message))
        become_inner_user()
        if self.observer.seize(pid, "init", quiet=True) is None:
            raise ObserverError("PID 1 of the run vanished before it could be traced")

    def _turn(self) -> None:
        """Handle all waiting stops; if there are none, sleep until something happens."""
        observer = self.observer
        pause = _FIRST_LOOK
        while not observer.collect():
            self._move_bytes(self.waiter.wait(min(pause, self._time_left())))
            self._tick()
            if observer.collect():
                break
            if self.ending is not None or self._step_done():
                return
            still = standstill(observer)
            if still is not None and self._standstill(still):
                return
            pause = min(_TICK, pause * 2)
        while observer.dispatch():
            pass
        for actor in self.actors.values():
            if actor.process is None:
                actor.process = observer.process(actor.process_id)
        if len(observer.tasks) > self.spec.bounds.processes + 1:  # PID 1 is ours
            self._limit(
                "processes", f"more than {self.spec.bounds.processes} processes and threads"
            )
        self._tick()

    # -- steps -------------------------------------------------------------------------------

    def _advance(self) -> None:
        while self.ending is None and self._step_done():
            self._reached(self.position)
            self.position += 1
            if self.position < len(self.spec.steps):
                self._begin(self.spec.steps[self.position])

    def _reached(self, index: int) -> None:
        step = self.spec.steps[index]
        title = type(step).__name__.lower()
        self.results.append(StepResult(index=index, title=title, reached=True, seq=self.log.count))

    def _begin(self, step: Step) -> None:
        if isinstance(step, Start):
            self._start(step)

    @property
    def step(self) -> Step | None:
        """The step under way; None while what is left over settles."""
        steps = self.spec.steps
        return steps[self.position] if self.position < len(steps) else None

    def _step_done(self) -> bool:
        step = self.step
        if step is None:
            if not self.observer.live():
                self.ending = Ending(Outcome.FINISHED)
            return False
        if isinstance(step, Finish):
            return all(self.actors[name].exited for name in step.actors)
        return True

    def _start(self, step: Start) -> None:
        program = self.spec.programs[step.start]
        process_id = "main" if self._lone else step.actor
        argv = (*program.argv, *step.args)
        actor, theirs = actors.create(step, process_id, argv, self.spec.bounds.output)
        for name, inode in actor.inodes.items():
            label = name if self._lone else f"{name}:{step.actor}"
            self.objects.named(("pipe", inode), label, "stdio")
        self.actors[actor.name] = actor
        for descriptor in (*actor.outputs, actor.complaints):
            self._by_descriptor[descriptor] = actor
            self.waiter.watch(descriptor)
        self.observer.expected.append((actor.name, process_id, program.path))
        socket.send_fds(self.commands, [str(self.position).encode()], theirs)
        for descriptor in theirs:
            os.close(descriptor)
        if actor.stdin is not None:
            self._by_descriptor[actor.stdin] = actor
            self.waiter.watch(actor.stdin, select.EPOLLOUT)

    # -- bytes -------------------------------------------------------------------------------

    def _move_bytes(self, ready: list[tuple[int, int]]) -> None:
        for descriptor, _events in ready:
            actor = self._by_descriptor.get(descriptor)
            if actor is None:
                continue
            if descriptor == actor.stdin:
                self._feed(actor)
            elif descriptor == actor.complaints:
                self._complaint(actor)
            else:
                self._drain(actor, descriptor)

    def _feed(self, actor: Actor) -> None:
        assert actor.stdin is not None
        try:
            while actor.unsent:
                sent = os.write(actor.stdin, actor.unsent[:65536])
                del actor.unsent[:sent]
        except BlockingIOError:
            return
        except BrokenPipeError:
            actor.unsent.clear()
        self._forget(actor.stdin)
        actor.stdin = None

    def _complaint(self, actor: Actor) -> None:
        message = os.read(actor.complaints, 512)
        self._forget(actor.complaints)
        if message:
            step, number = init.parse_failure(message)
            raise SandboxError(f"start of {actor.name}: {step}", number)

    def _drain(self, actor: Actor, descriptor: int) -> None:
        capture = actor.outputs.get(descriptor)
        if capture is None:
            return
        while True:
            try:
                data = os.read(descriptor, 1 << 18)
            except BlockingIOError:
                break
            if not data:
                del actor.outputs[descriptor]
                self._forget(descriptor)
                break
            capture.add(data)
            if capture.total > self.spec.bounds.output and self.spec.observed:
                self._limit("output", f"{actor.process_id} printed more than it may")
                break

    def _forget(self, descriptor: int) -> None:
        self.waiter.forget(descriptor)
        del self._by_descriptor[descriptor]
        os.close(descriptor)

    # -- endings -----------------------------------------------------------------------------

    def _limit(self, name: str, detail: str) -> None:
        if self.ending is None:
            self.ending = Ending(Outcome.LIMIT, limit=name, detail=detail)

    def _standstill(self, still: Standstill) -> bool:
        """Nothing runs. True if that ends the scenario."""
        if self.step is None:
            self.ending = Ending(Outcome.FINISHED)
            return True
        if still.waits and not self._grader_can_move():
            self.ending = Ending(Outcome.DEADLOCK, waits=still.waits)
            return True
        return False

    def _grader_can_move(self) -> bool:
        """Whether bytes of ours are on their way to an actor that could take them."""
        return bool(self.waiter.wait(0))

    def _time_left(self) -> float:
        return max(0.0, self.started + self.spec.bounds.wall - time.monotonic())

    def _tick(self) -> None:
        """Every _TICK at most: CPU and memory of the whole family, the wall clock."""
        now = time.monotonic()
        if now < self._next_tick:
            return
        self._next_tick = now + _TICK
        self._move_bytes(self.waiter.wait(0))
        bounds = self.spec.bounds
        live = self.observer.live()
        for process in live:
            known = proc.stat(process.pid)
            if known is not None:
                process.cpu_ms = max(process.cpu_ms, known.cpu_ms)
        self.cpu_ms = sum(process.cpu_ms for process in self.observer.processes)
        if self.cpu_ms > bounds.cpu * 1000:
            self._limit("cpu", f"more than {bounds.cpu:g} s of CPU time")
        memory = sum(proc.resident_memory(process.pid) for process in live)
        if memory > bounds.memory:  # shared pages were counted more than once: look closer
            memory = sum(proc.proportional_memory(process.pid) for process in live)
        self.memory_peak = max(self.memory_peak, memory)
        if memory > bounds.memory:
            self._limit("memory", f"more than {bounds.memory >> 20} MiB of memory")
        if now >= self.started + bounds.wall and self.ending is None:
            self._out_of_time()

    def _out_of_time(self) -> None:
        if self.step is None:
            self.ending = Ending(Outcome.FINISHED)
        else:
            detail = f"not finished after {self.spec.bounds.wall:g} s"
            self.ending = Ending(Outcome.TIMEOUT, limit="wall", detail=detail)

    # -- the end -----------------------------------------------------------------------------

    def kill_everything(self) -> None:
        """End PID 1 and with it the namespace; reap until the kernel says that none is left."""
        if self.init_pid:
            os.kill(self.init_pid, signal.SIGKILL)  # not reaped yet, so it is still ours
        while True:
            try:
                tid, status = os.waitpid(-1, abi.WALL)
            except ChildProcessError:
                break
            if os.WIFSTOPPED(status):
                libc.ptrace(abi.PTRACE_CONT, tid)  # the last stop before an exit waits for us
        for actor in self.actors.values():
            self._drain_rest(actor)

    def _drain_rest(self, actor: Actor) -> None:
        for descriptor, capture in list(actor.outputs.items()):
            try:
                while data := os.read(descriptor, 1 << 18):
                    capture.add(data)
            except BlockingIOError as error:
                raise InfrastructureError("a killed process still holds its output") from error
