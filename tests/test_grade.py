"""The one flow, on recordings: what is built, what is run, and what becomes of faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from grader.course.conditions import Exit
from grader.course.model import (
    Assignment,
    Check,
    Course,
    Language,
    Limits,
    LoadedAssignment,
    LoadedCourse,
    Scenario,
    Vary,
)
from grader.course.steps import Finish, Start
from grader.errors import ExitStatus, ObserverError, SandboxError
from grader.grade import Machinery, grade
from grader.outcome import Status, Verdict, exit_status
from grader.run.spec import BuildResult, BuildSpec, RunSpec, Tree
from grader.run.submission import Submission
from grader.trace.model import Outcome, Output, Process, Recording

COURSE = LoadedCourse(
    folder=Path("/course"),
    data=Course(
        title="OS",
        assignments=["pipe"],
        languages={
            "python": Language(suffix=".py", run=["{python}", "{source}"], packages=["sysv_ipc"]),
            "c": Language(
                suffix=".c", run=["{program}"], build=["gcc", "-o", "{program}", "{source}"]
            ),
        },
        limits=Limits(memory="32 MiB"),
        build_limits=Limits(wall=5),
    ),
)
PIPE = LoadedAssignment(
    id="pipe",
    folder=Path("/course/assignments/pipe"),
    data=Assignment(
        title="Pipe",
        programs=["hello"],
        vary={"message": Vary(words=2)},
        scenarios={
            "greeting": Scenario(run=[Start(start="hello"), Finish(finish="hello")]),
            "words": Scenario(
                run=[Start(start="hello", args=["{message}"]), Finish(finish="hello")],
                limits=Limits(wall=3),
            ),
        },
        checks=[
            Check(id="ends", title="Ends well", points=2, scenario="greeting", exit=0),
            Check(
                id="words", title="Again", points=1, scenario="words", exit=Exit(status=0), hint="?"
            ),
        ],
    ),
)


def submission(language: str) -> Submission:
    return Submission(language=language, place=Path("x"), tree=Tree({"hello": (b"source", False)}))


class Recorder:
    """Stands in for the sandbox: notes what it is asked and answers with recordings."""

    def __init__(self, *, exits: dict[str, int] | None = None, builds: bool = True) -> None:
        self.runs: list[RunSpec] = []
        self.built: list[BuildSpec] = []
        self.exits = exits or {}
        self.builds = builds
        self.fault: Exception | None = None
        self.outcome = Outcome.FINISHED

    def run(self, specs: Sequence[RunSpec]) -> Iterator[Recording]:
        return map(self.run_one, specs)

    def run_one(self, spec: RunSpec) -> Recording:
        self.runs.append(spec)
        if self.fault is not None:
            raise self.fault
        code = self.exits.get(spec.scenario, 0)
        return Recording(
            outcome=self.outcome,
            scenario=spec.scenario,
            processes=[Process(id="main", parent=None, argv=["hello"], exit=code, actor="hello")],
            actors=[Output(name="hello", argv=["hello"], exit=code, stdout="a\\\\b\\xff")],
            isolation="namespaces",
            values=spec.values,
            detail="the run broke" if self.outcome is Outcome.ERROR else "",
        )

    def build(self, spec: BuildSpec, meanwhile: Callable[[], object] | None) -> BuildResult:
        self.built.append(spec)
        if meanwhile is not None:
            meanwhile()
        words = "" if self.builds else "hello.c:1: error"
        tree = Tree({**spec.tree.files, "hello": (b"\x7fELF", True)})
        return BuildResult(self.builds, spec.commands[0], words, "", tree)

    @property
    def machinery(self) -> Machinery:
        return Machinery(run=self.run, build=self.build)


def test_every_scenario_runs_with_its_own_values_and_limits() -> None:
    recorder = Recorder()
    report = grade(COURSE, PIPE, submission("python"), seed=7, machinery=recorder.machinery)
    greeting, words = recorder.runs
    assert [spec.scenario for spec in recorder.runs] == ["greeting", "words"]
    assert words.steps[0] == Start(start="hello", args=[words.values["message"]])
    assert (greeting.bounds.wall, words.bounds.wall, words.bounds.memory) == (10.0, 3, 32 << 20)
    assert words.packages == ("sysv_ipc",)
    assert (report.verdict, report.score, report.max_score) == (Verdict.PASSED, 3, 3)
    assert (report.seed, report.isolation, report.build) == (7, "namespaces", None)
    assert exit_status(report) is ExitStatus.FULL_MARKS


def test_the_same_seed_repeats_the_values() -> None:
    values = []
    for seed in (7, 7, 8):
        recorder = Recorder()
        grade(COURSE, PIPE, submission("python"), seed=seed, machinery=recorder.machinery)
        values.append(recorder.runs[1].values)
    assert values[0] == values[1]
    assert values[0] != values[2]


def test_a_script_is_run_by_the_interpreter_and_known_by_its_source() -> None:
    recorder = Recorder()
    grade(COURSE, PIPE, submission("python"), seed=1, machinery=recorder.machinery)
    program = recorder.runs[0].programs["hello"]
    assert program.argv == ("{python}", "/home/student/hello.py")
    assert program.path == "/home/student/hello.py"
    assert recorder.built == []


def test_a_compiled_program_is_built_once_and_its_product_is_run() -> None:
    recorder = Recorder()
    report = grade(COURSE, PIPE, submission("c"), seed=1, machinery=recorder.machinery)
    [build] = recorder.built
    assert build.commands == (("gcc", "-o", "hello", "hello.c"),)
    assert (build.keep, build.bounds.wall) == (("hello",), 5)
    assert [spec.tree.files["hello"] for spec in recorder.runs] == [(b"\x7fELF", True)] * 2
    assert recorder.runs[0].programs["hello"].argv == ("/home/student/hello",)
    assert recorder.runs[0].programs["hello"].path == "/home/student/hello"
    assert report.build is not None
    assert report.build.ok


def test_a_failed_build_is_a_failed_report_with_the_compilers_words() -> None:
    recorder = Recorder(builds=False)
    report = grade(COURSE, PIPE, submission("c"), seed=1, machinery=recorder.machinery)
    assert recorder.runs == []
    assert (report.verdict, report.score) == (Verdict.FAILED, 0)
    assert {finding.status for finding in report.checks} == {Status.SKIPPED}
    assert report.build is not None
    assert (report.build.ok, report.build.output) == (False, "hello.c:1: error")
    assert report.isolation == "namespaces"


def test_points_are_lost_only_for_the_check_that_failed() -> None:
    recorder = Recorder(exits={"words": 1})
    report = grade(COURSE, PIPE, submission("python"), seed=1, machinery=recorder.machinery)
    assert [finding.status for finding in report.checks] == [Status.PASSED, Status.FAILED]
    assert (report.verdict, report.score) == (Verdict.FAILED, 2)
    assert exit_status(report) is ExitStatus.NOT_FULL_MARKS


@pytest.mark.parametrize(
    "fault", [SandboxError("unshare namespaces", 1), ObserverError("a tracee was lost")]
)
def test_a_fault_of_the_grader_is_never_a_score(fault: Exception) -> None:
    recorder = Recorder()
    recorder.fault = fault
    report = grade(COURSE, PIPE, submission("python"), seed=1, machinery=recorder.machinery)
    assert (report.verdict, report.score, report.isolation) == (Verdict.ERROR, None, "none")
    assert report.error is not None
    assert str(fault) in report.error
    assert {finding.status for finding in report.checks} == {Status.ERROR}
    assert exit_status(report) is ExitStatus.INFRASTRUCTURE


def test_a_run_that_was_no_fair_one_ends_the_grading() -> None:
    recorder = Recorder()
    recorder.outcome = Outcome.ERROR
    report = grade(COURSE, PIPE, submission("python"), seed=1, machinery=recorder.machinery)
    assert len(recorder.runs) == 1
    assert report.verdict is Verdict.ERROR
    assert report.error == "scenario 'greeting' could not be run: the run broke"


def test_what_a_program_printed_is_reported_as_it_was() -> None:
    recorder = Recorder()
    report = grade(COURSE, PIPE, submission("python"), seed=1, machinery=recorder.machinery)
    assert report.scenarios[0].actors[0].stdout == "a\\b\\xff"
