"""Owns the one flow: a submission is built, every scenario is run, the checks judge, a Report.

What runs and what builds are parameters, so the flow is tested on recordings without a sandbox.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module

import msgspec

from grader import __version__
from grader.course.by_hand import by_hand
from grader.course.model import Assignment, Check, Language, LoadedAssignment, LoadedCourse
from grader.course.python_checks import PythonFunction, load_functions
from grader.course.selection import hidden_scenarios, select
from grader.errors import InfrastructureError
from grader.outcome import (
    ActorReport,
    BuildReport,
    Finding,
    Report,
    ScenarioReport,
    Status,
    Verdict,
    score,
    verdict,
)
from grader.run import build, scenario
from grader.run.capture import marked
from grader.run.spec import ISOLATIONS, BuildResult, BuildSpec, Isolation, RunSpec
from grader.run.specs import build_commands, build_spec, run_spec
from grader.run.submission import Submission
from grader.trace.model import Outcome, Recording
from grader.trace.text import readable

_JUDGING = ("grader.check.judge", "grader.check.explain", "hashlib")
_UNJUDGED = "not judged, because the grader could not do its work"


class Machinery(msgspec.Struct, frozen=True):
    """What touches Linux: runs scenarios (one recording each, in their order), builds once, and may
    call a function meanwhile. Both raise InfrastructureError."""

    run: Callable[[Sequence[RunSpec]], Iterator[Recording]] = scenario.run_together
    build: Callable[[BuildSpec, Callable[[], object] | None], BuildResult] = build.build


class Progress(msgspec.Struct, frozen=True):
    """How far a grading is, in scenarios. awaited: the one whose recording comes next, None while
    the program is built and at the end; ran: the one that has just come, and its recording."""

    done: int
    total: int
    awaited: str | None = None
    ran: tuple[str, Recording] | None = None


class _Observed(msgspec.Struct):
    """What was seen of a submission, as far as it went. fault: what the grader could not do."""

    built: BuildResult | None = None
    specs: dict[str, RunSpec] = msgspec.field(default_factory=dict)
    recordings: dict[str, Recording] = msgspec.field(default_factory=dict)
    fault: str | None = None


def grade(
    course: LoadedCourse,
    assignment: LoadedAssignment,
    submission: Submission,
    *,
    seed: int,
    machinery: Machinery | None = None,
    isolation: Isolation | None = None,
    only: Sequence[str] = (),
    tell: Callable[[Progress], object] | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Report:
    """The verdict on one submission, whatever the student's programs do.

    seed: fixes every random value of the scenarios. isolation: the only tier that will do. only:
    ids of the checks to judge; no more is run than they take. tell: is called with how far it is;
    meanwhile: while a program is built, as often as there are builds. An infrastructure fault
    becomes a report of verdict `error` without a score. UsageError: no such check. CourseError:
    Python checks can't be run here.
    """
    started = time.monotonic()
    chosen = select(assignment.data, only) if only else assignment.data
    functions = load_functions(assignment)
    doing = _Doing(course, chosen, machinery or Machinery(), seed, isolation, tell or _unheard)
    observed = _observe(doing, submission, meanwhile or _unheard)
    findings = [
        finding
        for finding in _findings(chosen.checks, observed, functions)
        if not only or finding.id in only or finding.status in (Status.FAILED, Status.ERROR)
    ]
    asked = [finding for finding in findings if not only or finding.id in only]
    judged = Verdict.ERROR if observed.fault else verdict(findings)
    hidden = hidden_scenarios(chosen)
    language = course.data.languages[submission.language]
    return Report(
        assignment=assignment.id,
        language=submission.language,
        verdict=judged,
        score=None if judged is Verdict.ERROR else score(asked),
        max_score=round(sum(finding.max_points for finding in asked), 6),
        seed=seed,
        isolation=_isolation(observed),
        grader=__version__,
        duration_ms=round((time.monotonic() - started) * 1000),
        checks=findings,
        scenarios=[
            _scenario_report(id, seen, observed.specs[id], language, hidden=id in hidden)
            for id, seen in observed.recordings.items()
        ],
        build=_build_report(observed.built, build_commands(chosen, language)),
        error=observed.fault or _unjudgeable(findings),
        only=list(only),
        show_hidden=assignment.show_hidden,
    )


def _unheard(_progress: Progress | None = None) -> None:
    """Nobody wants to know."""


class _Doing(msgspec.Struct, frozen=True):
    """What a submission is graded by."""

    course: LoadedCourse
    assignment: Assignment
    machinery: Machinery
    seed: int
    isolation: Isolation | None
    tell: Callable[[Progress], object]


def _observe(doing: _Doing, submission: Submission, meanwhile: Callable[[], object]) -> _Observed:
    """Build if the language asks for it, then run every scenario until one is no fair run."""
    seen = _Observed()
    language = doing.course.data.languages[submission.language]
    tree = submission.tree
    try:
        ids = list(doing.assignment.scenarios)
        if language.build is not None:
            doing.tell(Progress(0, len(ids)))

            def busy() -> None:
                _import_what_judges()
                scenario.get_ready(doing.isolation or ISOLATIONS[0])
                meanwhile()

            asked = build_spec(
                doing.course.data,
                doing.assignment,
                language=language,
                tree=tree,
                isolation=doing.isolation,
            )
            seen.built = doing.machinery.build(asked, busy)
            if not seen.built.ok:
                return seen
            tree = seen.built.tree
        seen.specs = {
            id: run_spec(
                doing.course.data,
                doing.assignment,
                id,
                language=language,
                tree=tree,
                seed=doing.seed,
                isolation=doing.isolation,
            )
            for id in ids
        }
        doing.tell(Progress(0, len(ids), awaited=next(iter(ids), None)))
        runs = doing.machinery.run(list(seen.specs.values()))
        hidden = hidden_scenarios(doing.assignment)
        for done, (id, recording) in enumerate(zip(ids, runs, strict=False), start=1):
            seen.recordings[id] = recording
            awaited = ids[done] if done < len(ids) else None
            doing.tell(Progress(done, len(ids), awaited, (id, recording)))
            if recording.outcome is Outcome.ERROR:
                name = "a scenario" if id in hidden else f"scenario {id!r}"
                seen.fault = f"{name} could not be run: {recording.detail}"
                break
    except InfrastructureError as error:
        seen.fault = f"{error.message} ({error.fix})" if error.fix else error.message
    return seen


def _import_what_judges() -> None:
    """Have at hand what is needed once the programs have run: a compiler takes longer."""
    for module in _JUDGING:
        import_module(module)


def _findings(
    checks: list[Check], observed: _Observed, functions: Mapping[str, PythonFunction]
) -> list[Finding]:
    if observed.fault is not None:
        return [_unjudged(check, Status.ERROR, _UNJUDGED) for check in checks]
    if observed.built is not None and not observed.built.ok:
        reason = "not judged, because the program could not be built"
        return [_unjudged(check, Status.SKIPPED, reason) for check in checks]
    from grader.check.judge import judge

    return judge(checks, observed.recordings, functions)


def _unjudged(check: Check, status: Status, message: str) -> Finding:
    return Finding(
        id=check.id,
        title=check.title,
        status=status,
        points=0.0,
        max_points=check.points,
        hidden=check.hidden,
        message=message,
    )


def _unjudgeable(findings: Sequence[Finding]) -> str | None:
    """What students are told of the checks that could not be judged, None if there are none."""
    broken = [finding for finding in findings if finding.status is Status.ERROR]
    told = [f"{finding.id}: {finding.message}" for finding in broken if not finding.hidden]
    if broken and not told:
        return "a hidden check could not be judged, which is not your fault"
    return told[0] if told else None


def _isolation(observed: _Observed) -> str:
    """The tier that the programs really ran in; none if the grader did not get so far."""
    ran = [recording.isolation for recording in observed.recordings.values()]
    built = [observed.built.isolation] if observed.built is not None else []
    return next(iter(ran + built), "none")


def _build_report(
    built: BuildResult | None, commands: Sequence[Sequence[str]]
) -> BuildReport | None:
    if built is None:
        return None
    return BuildReport(
        ok=built.ok,
        command=list(built.command),
        output=built.output,
        detail=built.detail,
        commands=[list(command) for command in commands],
    )


def _scenario_report(
    id: str, recording: Recording, spec: RunSpec, language: Language, *, hidden: bool
) -> ScenarioReport:
    from grader.check.evidence import last_events
    from grader.check.explain import explain

    return ScenarioReport(
        id=id,
        outcome=recording.outcome,
        limit=recording.limit,
        detail="\n".join(explain(recording)) or recording.detail,
        wall_ms=recording.wall_ms,
        residue=recording.residue,
        actors=[
            ActorReport(
                name=actor.name,
                argv=actor.argv,
                exit=actor.exit,
                stdout=readable(marked(actor.stdout, actor.stdout_head, actor.stdout_cut)),
                stderr=readable(marked(actor.stderr, actor.stderr_head, actor.stderr_cut)),
            )
            for actor in recording.actors
        ],
        events=last_events(recording),
        by_hand=by_hand(spec.steps, language),
        hidden=hidden,
    )
