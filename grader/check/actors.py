"""Owns who is meant: the actor that a condition names, and processes by family tree."""

from __future__ import annotations

from grader.check.result import Result, broken, failed, skipped
from grader.check.words import listed, quoted
from grader.trace.model import Outcome, Output, Recording, StepResult
from grader.trace.text import unescape


def actor_of(recording: Recording, of: str | None) -> Output | Result:
    """The actor of this name, or the only one; a Result where there is none to judge."""
    if of is not None:
        return recording.actor(of) or absentee(recording, of)
    if len(recording.actors) == 1:
        return recording.actors[0]
    if not recording.actors:
        return absentee(recording, None)
    names = listed([actor.name for actor in recording.actors])
    return broken(f"the scenario has several actors ({names}), so it must say `of:` which one")


def absentee(recording: Recording, name: str | None) -> Result:
    """What to say of an actor that is not in the recording."""
    step = first_unreached(recording)
    if not recording.actors:
        return failed(f"No program was started{_because(step)}.")
    if step is not None or recording.outcome is not Outcome.FINISHED:
        who = name or "the program"
        return skipped(f"Not judged: {who} was not started{_because(step)}.")
    return broken(f"its scenario has no actor named {name!r}")


def first_unreached(recording: Recording) -> StepResult | None:
    """The first step that the scenario did not reach."""
    return next((step for step in recording.steps if not step.reached), None)


def _because(step: StepResult | None) -> str:
    if step is None:
        return ""
    reason = f": {step.message.rstrip('.')}" if step.message else ""
    return f', because the step "{step.title}" was not reached{reason}'


def resolve(recording: Recording, by: str) -> str:
    """A process pattern with an actor's name in front as one of process ids: "b.*" → "main.*".

    A process id wins over an actor of the same name.
    """
    head, dot, rest = by.partition(".")
    if head == "*" or recording.process(head) is not None:
        return by
    process = next((a.process for a in recording.actors if a.name == head), head)
    return f"{process}{dot}{rest}"


def started(recording: Recording, by: str) -> bool:
    """Whether the actor at the root of this process pattern is in the recording."""
    head = resolve(recording, by).partition(".")[0]
    roots = {process.id.partition(".")[0] for process in recording.processes}
    roots |= {actor.process.partition(".")[0] for actor in recording.actors}
    return head == "*" or head in roots


def is_by(pattern: str, process: str) -> bool:
    """Whether a process id fits a resolved pattern; `*` alone is any process, in a path any
    one step down: "main.*" is every direct child of main, "main.**" main and all below it."""
    if pattern in ("*", process):
        return True
    if pattern.endswith(".**"):
        return f"{process}.".startswith(pattern[:-2])
    wanted, parts = pattern.split("."), process.split(".")
    return len(wanted) == len(parts) and all(
        want in ("*", part) for want, part in zip(wanted, parts, strict=True)
    )


def last_words(recording: Recording) -> str | None:
    """A sentence on the first actor that failed with something on stderr: how it ended and its
    last line there, which for most languages is the error itself."""
    for actor in recording.actors:
        lines = unescape(actor.stderr).strip().splitlines()
        if actor.exit not in (0, None) and lines:
            return f"{actor.name} {ended(actor)}; its last line on stderr is {quoted(lines[-1])}."
    return None


def ended(actor: Output) -> str:
    """ "ended with exit status 1", "was ended by SIGSEGV", "had not ended"."""
    match actor.exit:
        case None:
            return "had not ended"
        case int() as status:
            return f"ended with exit status {status}"
        case str() as signal:
            return f"was ended by {signal}"
