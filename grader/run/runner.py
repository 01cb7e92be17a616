"""Owns what a step under way is, and what all kinds of steps share.

No step knows a duration: `done` is asked after every turn, with quiet=True once nothing has moved
for a moment (only then may it ask the kernel about sleeping processes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from grader.kernel.tracee import Proc
from grader.trace.model import Event, Observation

if TYPE_CHECKING:
    from grader.run.actor import Actor
    from grader.run.supervisor import Supervisor


class Runner(Protocol):
    """One step under way."""

    @property
    def waiting_for(self) -> str:
        """In words, for a run that gets stuck here."""

    def begin(self) -> None:
        """The step's turn has come."""

    def done(self, *, quiet: bool) -> bool:
        """Whether the step has been reached."""

    def hopeless(self) -> str | None:
        """Why it can't be reached any more, or None."""

    def nudge(self) -> bool:
        """Nothing moves any more: do what the step can still do. False if that is nothing."""

    def event(self, event: Event) -> None:
        """Something has just happened; the process that did it is still stopped."""

    def observed(self) -> list[Observation]:
        """What the grader saw; asked when the scenario is over."""


class AtOnce:
    """A step that acts at once and is done; base of those that are not."""

    waiting_for = ""

    def __init__(self, supervisor: Supervisor, step: Any) -> None:
        self.supervisor = supervisor
        self.step = step

    def begin(self) -> None:
        """Nothing to do."""

    def done(self, *, quiet: bool) -> bool:  # noqa: ARG002 - steps that wait for quiet use it
        return True

    def hopeless(self) -> str | None:
        return None

    def nudge(self) -> bool:
        return False

    def event(self, event: Event) -> None:
        """Of no interest."""

    def observed(self) -> list[Observation]:
        return []

    def actor(self, name: str) -> Actor:
        return self.supervisor.actors[name.partition(".")[0]]

    def family(self, actor: Actor) -> list[Proc]:
        """The live processes of an actor: its first one and all descendants."""
        live = self.supervisor.observer.live()
        return [process for process in live if process.actor == actor.name]

    def ended(self, actor: Actor) -> bool:
        return actor.exited and not self.family(actor)
