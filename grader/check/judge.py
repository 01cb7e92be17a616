"""Owns how a check becomes a finding: all its conditions, in each of its scenarios, its needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from grader.check.actors import first_unreached
from grader.check.advice import advice
from grader.check.evidence import MOST
from grader.check.explain import explain
from grader.check.printed import as_text
from grader.check.python import judge_python
from grader.check.registry import CONDITIONS, NAMING
from grader.check.result import Bindings, Result, broken, failed, passed, skipped
from grader.check.words import listed
from grader.course.bind import fill_struct
from grader.course.conditions import Channel, NoOtherChannel
from grader.course.model import Check
from grader.course.python_checks import PythonFunction
from grader.outcome import Evidence, Finding, Status
from grader.trace.model import Outcome, Recording

_WORST_FIRST = (Status.ERROR, Status.FAILED, Status.SKIPPED, Status.PASSED)


def judge(
    checks: Sequence[Check],
    recordings: Mapping[str, Recording],
    functions: Mapping[str, PythonFunction] | None = None,
) -> list[Finding]:
    """One finding for each check, in their order. recordings: by scenario id; functions: of the
    Python checks, by check id.

    A check passes when every condition holds in each of its scenarios; one without conditions
    passes when every step was reached. It is skipped when a check that it needs did not pass or a
    scenario was not run or not far enough, an error when the run or the check itself is at fault.
    """
    by_id = {check.id: check for check in checks}
    judging = _Judging(by_id, recordings, functions or {}, {}, [])
    return [judging.finding(check.id) for check in checks]


class _Judging(msgspec.Struct, frozen=True):
    """One call of `judge`: what is known so far. open: the checks whose needs are looked at."""

    checks: Mapping[str, Check]
    recordings: Mapping[str, Recording]
    functions: Mapping[str, PythonFunction]
    findings: dict[str, Finding]
    open: list[str]

    def finding(self, id: str) -> Finding:
        if id not in self.findings:
            check = self.checks[id]
            self.open.append(id)
            unmet = self._unmet(check)
            self.open.pop()
            if unmet is not None:
                self.findings[id] = _finding(check, unmet, None)
            else:
                function = self.functions.get(id)
                self.findings[id] = _in_scenarios(check, self.recordings, function)
        return self.findings[id]

    def _unmet(self, check: Check) -> Result | None:
        """Why this check can't be judged on its own, if one that it needs did not pass."""
        for id in check.needs:
            if id not in self.checks:
                return broken(f"it needs the check {id!r}, which does not exist")
            if id in self.open:
                return broken(f"it needs the check {id!r}, which needs this one")
            if self.finding(id).status is not Status.PASSED:
                # A hidden check's id stays hidden in others' messages too.
                name = "a hidden check" if self.checks[id].hidden else id
                return skipped(f"Not judged, because {name} did not pass.")
        return None


def _in_scenarios(
    check: Check, recordings: Mapping[str, Recording], function: PythonFunction | None
) -> Finding:
    results = [(_in_scenario(check, recordings.get(id), function), id) for id in check.scenarios]
    worst, scenario = min(results, key=lambda pair: _WORST_FIRST.index(pair[0].status))
    others = [id for result, id in results if result.status is worst.status and id != scenario]
    message = worst.message
    if message and others:
        message = f"{message} (Likewise in {listed(others)}.)"
    recording = recordings.get(scenario)
    counsel = advice(recording) if recording is not None and not worst.ok else []
    merged = Result(worst.status, message, worst.expected, worst.seen, worst.evidence)
    return _finding(check, merged, scenario, counsel)


def _finding(
    check: Check, result: Result, scenario: str | None, counsel: Sequence[str] = ()
) -> Finding:
    """counsel: what to do about a run that got stuck; it comes before the instructor's hint."""
    hints = counsel or check.hints
    evidence = [
        Evidence(text=item.text, scenario=scenario, seq=item.seq, source=item.source)
        for item in result.evidence[:MOST]
    ]
    return Finding(
        id=check.id,
        title=check.title,
        status=result.status,
        points=check.points if result.ok else 0,
        max_points=check.points,
        hidden=check.hidden,
        message=result.message,
        hint=None if result.ok else "\n".join(hints) or None,
        evidence=evidence,
        scenario=scenario,
        expected=result.expected,
        seen=result.seen,
    )


def _in_scenario(
    check: Check, recording: Recording | None, function: PythonFunction | None
) -> Result:
    if recording is None:
        return skipped("Not judged: its scenario was not run.")
    if recording.outcome is Outcome.ERROR:
        reason = recording.detail or "the run could not be observed"
        return Result(Status.ERROR, f"The grader could not judge this: {reason.rstrip('.')}.")
    result = _together(_conditions(_filled(check, recording), recording, function))
    stuck = explain(recording)
    if result.ok or not stuck:
        return result
    message = " ".join([*stuck, result.message])
    return Result(result.status, message, result.expected, result.seen, result.evidence)


def _filled(check: Check, recording: Recording) -> Check:
    # Before the placeholders are filled, so that "a: {burst}" may become many lines here too.
    plain = {
        name: as_text(text)
        for name in ("stdout", "stderr")
        if isinstance(text := getattr(check, name), str)
    }
    return fill_struct(msgspec.structs.replace(check, **plain), recording.values)


def _conditions(
    check: Check, recording: Recording, function: PythonFunction | None
) -> list[Result]:
    asked = {
        name: condition for name in CONDITIONS if (condition := getattr(check, name)) is not None
    }
    python = [] if check.python is None else [_by_function(check.python, recording, function)]
    if not asked:
        return python or [_steps_reached(recording)]
    if check.no_other_channel is not None:
        asked["no_other_channel"] = _with_named(check, check.no_other_channel, recording)
    results = []
    choices: Sequence[Bindings] = ({},)
    if "observe" in asked:
        observed = CONDITIONS["observe"](recording, asked.pop("observe"), {})
        results.append(observed)
        choices = observed.choices
    naming = {name: asked.pop(name) for name in NAMING & asked.keys()}
    results += _with_best_choice(naming, recording, choices)
    results += [CONDITIONS[name](recording, asked[name], {}) for name in asked]
    return results + python


def _by_function(name: str, recording: Recording, function: PythonFunction | None) -> Result:
    if function is None:
        return broken(f"its function {name!r} is not at hand")
    return judge_python(function, recording)


def _with_named(check: Check, condition: NoOtherChannel, recording: Recording) -> NoOtherChannel:
    """The objects that the check names itself, or by their kind, are no other channels."""
    channels = [check.channel] if isinstance(check.channel, Channel) else check.channel or []
    named = [part.object for part in check.observe or [] if part.object]
    named += [part.object for part in channels if part.object]
    kinds = {part.kind for part in channels if not part.object}
    named += [object.id for object in recording.objects if object.kind in kinds]
    return msgspec.structs.replace(condition, allowed=[*condition.allowed, *named])


def _with_best_choice(
    naming: Mapping[str, object], recording: Recording, choices: Sequence[Bindings]
) -> list[Result]:
    """The results under the first choice of objects with which all hold, or the first choice.

    Without any choice (`observe` failed) nothing can be said of objects that it would name.
    """
    first: list[Result] = []
    for bindings in choices:
        results = [
            CONDITIONS[name](recording, naming[name], bindings)
            for name in CONDITIONS
            if name in naming
        ]
        if all(result.ok for result in results):
            return results
        first = first or results
    return first


def _together(results: Iterable[Result]) -> Result:
    """All conditions as one: the worst decides, and every condition that is not met has its say."""
    judged = list(results)
    status = min((result.status for result in judged), key=_WORST_FIRST.index)
    if status is Status.PASSED:
        return passed(item for result in judged for item in result.evidence)
    same = [result for result in judged if result.status is status]
    return Result(
        status,
        message=" ".join(dict.fromkeys(result.message for result in same)),
        expected=same[0].expected,
        seen=same[0].seen,
        evidence=tuple(item for result in same for item in result.evidence),
    )


def _steps_reached(recording: Recording) -> Result:
    step = first_unreached(recording)
    if step is None:
        return passed()
    reason = f": {step.message.rstrip('.')}" if step.message else ""
    return failed(
        f'The run did not come past its step "{step.title}"{reason}.',
        expected="every step of the scenario is reached",
        seen=f"not reached: {step.title}",
    )
