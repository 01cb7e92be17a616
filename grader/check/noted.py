"""Owns the conditions on what the grader saw itself: `step` (as peer, partner, reader) and `state`
(properties of kernel objects)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from grader.check.actors import absentee, first_unreached, is_by, resolve, started
from grader.check.difference import Seen, abridged, difference
from grader.check.matching import is_name
from grader.check.result import Bindings, Result, broken, failed, passed, skipped
from grader.check.words import listed, quoted
from grader.course.conditions import Noted, ObjectState
from grader.trace.model import Attribute, KernelObject, Observation, Outcome, Recording
from grader.trace.text import unescape

_NOBODY = "nobody"


def step(recording: Recording, condition: Noted | Sequence[Noted], _: Bindings) -> Result:
    """Everything that was noted under the name is as expected."""
    for wanted in [condition] if isinstance(condition, Noted) else condition:
        result = _step(recording, wanted)
        if not result.ok:
            return result
    return passed()


def _step(recording: Recording, wanted: Noted) -> Result:
    found = list(_observations(recording, wanted.of))
    if not found:
        missed = first_unreached(recording)
        if missed is not None:
            reason = f": {missed.message.rstrip('.')}" if missed.message else ""
            return skipped(
                f'Not judged: the scenario ended at its step "{missed.title}"{reason}, before '
                f"{wanted.of}."
            )
        if recording.outcome is not Outcome.FINISHED:  # a limit may fall between two steps
            return skipped(f"Not judged: the run was over before {wanted.of}.")
        return broken(f"no step of its scenario notes anything as {wanted.of!r}")
    for observation in found:
        result = _holds(observation, wanted)
        if not result.ok:
            return result
    return passed()


def _observations(recording: Recording, name: str) -> Iterator[Observation]:
    """Those of this name, or of its numbered parts ("guest.3")."""
    part = re.compile(rf"{re.escape(name)}\.[0-9]+")
    for observation in chain.from_iterable(done.observed for done in recording.steps):
        if observation.name == name or part.fullmatch(observation.name):
            yield observation


def _holds(observation: Observation, wanted: Noted) -> Result:
    name, data = observation.name, unescape(observation.data or "")
    asks_data = wanted.data is not None or wanted.pattern is not None
    if observation.data is None and asks_data:
        return failed(f"There is no {name}.", expected=f"{name} is there", seen="nothing")
    if wanted.data is not None:
        cut = observation.state.get("cut")
        seen = Seen(data, cut=cut if isinstance(cut, int) else 0)
        expected = wanted.data.encode()
        if not seen.equals(expected):
            return failed(
                f"{name} is not as expected: {difference(expected, seen)}.",
                expected=abridged(expected),
                seen=abridged(seen.data, seen.size),
            )
    if wanted.pattern is not None and not _found(wanted.pattern, data):
        return failed(
            f"{name} does not have the expected form: it is {quoted(data)}.",
            expected=f"something that matches {wanted.pattern}",
            seen=quoted(data),
        )
    return _facts(f"{name}: ", observation.state, wanted.state, wanted.matches)


def _found(pattern: str, data: bytes) -> bool:
    text = data.decode("utf-8", "backslashreplace")
    return re.search(pattern, text, re.MULTILINE) is not None


def _facts(
    subject: str,
    seen: Mapping[str, Attribute],
    exactly: Mapping[str, int | str | bool | list[int | str]],
    matching: Mapping[str, str],
) -> Result:
    wrong, expected, was = [], [], []
    for name, value in exactly.items():
        if name not in seen or not _same(seen[name], value):
            wrong.append(f"{name} is {_said(seen.get(name))}, and {_said(value)} was expected")
            expected.append(f"{name} {_said(value)}")
            was.append(f"{name} {_said(seen.get(name))}")
    for name, pattern in matching.items():
        value = _said(seen.get(name))
        if name not in seen or re.search(pattern, value) is None:
            wrong.append(f"{name} is {value}, which does not match {pattern}")
            expected.append(f"{name} that matches {pattern}")
            was.append(f"{name} {value}")
    if not wrong:
        return passed()
    return failed(f"{subject}{listed(wrong)}.", expected=listed(expected), seen=listed(was))


def _said(value: Attribute | list[int | str]) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _same(seen: Attribute, wanted: int | str | bool | list[int | str]) -> bool:
    """Values compare by how they read, as numbers that came out of placeholders are text."""
    if isinstance(seen, list) and isinstance(wanted, list):
        return [str(item) for item in seen] == [str(item) for item in wanted]
    if isinstance(seen, bool) or isinstance(wanted, bool):
        return str(seen).lower() == str(wanted).lower()
    return str(seen) == str(wanted)


def state(
    recording: Recording, condition: ObjectState | Sequence[ObjectState], bindings: Bindings
) -> Result:
    """Each object is as it should be. Of several that had the same key one after the other, one
    is enough."""
    for wanted in [condition] if isinstance(condition, ObjectState) else condition:
        result = _state(recording, wanted, bindings)
        if not result.ok:
            return result
    return passed()


def _state(recording: Recording, wanted: ObjectState, bindings: Bindings) -> Result:
    id = bindings.get(wanted.object, wanted.object)
    if is_name(id):
        return broken(f"nothing in `observe` says what {id} is")
    found = [o for o in recording.objects if o.id == id or o.id.startswith(f"{id}#")]
    if not found:
        if first_unreached(recording) is not None and not recording.objects:
            return absentee(recording, None)
        return failed(
            f"No process used {id}.",
            expected=f"{id} is used",
            seen=listed([known.id for known in recording.objects]) or "no object",
        )
    results = [_object(recording, known, wanted) for known in found]
    return next((result for result in results if result.ok), results[0])


def _object(recording: Recording, found: KernelObject, wanted: ObjectState) -> Result:
    for doer, doing, seen in (
        (wanted.created_by, "created", found.created_by),
        (wanted.removed_by, "removed", found.removed_by),
    ):
        if doer is None:
            continue
        result = _done_by(recording, found.id, doing, doer, seen)
        if not result.ok:
            return result
    return _facts(f"Of {found.id}, ", found.attributes, wanted.is_, {})


def _done_by(recording: Recording, id: str, doing: str, doer: str, seen: str | None) -> Result:
    if doer == _NOBODY:
        right = seen is None
    else:
        if not started(recording, doer) and first_unreached(recording) is not None:
            return absentee(recording, doer.partition(".")[0])
        right = seen is not None and _of_family(resolve(recording, doer), seen)
    if right:
        return passed()
    was = f"{doing} by {seen}" if seen is not None else f"not {doing} by any of the programs"
    return failed(
        f"{id} was {was}; it should have been {doing} by {doer}.",
        expected=f"{doing} by {doer}",
        seen=was,
    )


def _of_family(pattern: str, process: str) -> bool:
    """The process itself, or with a plain id any of its descendants."""
    return is_by(pattern, process) or process.startswith(f"{pattern}.")
