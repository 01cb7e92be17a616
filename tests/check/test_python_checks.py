"""Functions of checks.py judge like any condition; their own faults are never the student's."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from grader.check import api
from grader.check.judge import judge
from grader.course.load import load_assignment, load_course
from grader.course.model import LoadedAssignment
from grader.course.python_checks import load_functions
from grader.errors import CourseError
from grader.outcome import Finding, Status
from grader.trace.model import Recording
from tests.check.made import did, output, story

COURSE = """\
title: Tiny course
assignments: [pipe]
languages: {python: {suffix: .py, run: ["{python}", "{source}"]}}
"""
PIPE = """\
title: Hello
programs: [hello]
scenarios:
  one: {run: [{start: hello}, {finish: hello}]}
checks:
  - {id: own, title: Its own, points: 1, scenario: one, python: own, hint: Think.}
"""
HEAD = "from grader.check.api import Recording, Result, Values, events, failed, passed\n"


def loaded(root: Path, python: str | None, text: str = PIPE) -> LoadedAssignment:
    folder = root / "assignments" / "pipe"
    folder.mkdir(parents=True)
    (root / "course.yaml").write_text(COURSE)
    (folder / "assignment.yaml").write_text(text)
    if python is not None:
        (folder / "checks.py").write_text(HEAD + dedent(python))
    return load_assignment(load_course(root), "pipe")


def judged(root: Path, python: str, recording: Recording, text: str = PIPE) -> Finding:
    assignment = loaded(root, python, text)
    functions = load_functions(assignment)
    (finding,) = judge(assignment.data.checks, {"one": recording}, functions)
    return finding


RUN = story(did("main", "pipe.write", "pipe1", "ab"), did("main", "pipe.write", "pipe1", "c"))


def test_what_it_passes_is_passed_with_the_events_as_evidence(tmp_path: Path) -> None:
    finding = judged(
        tmp_path,
        """
        def own(recording: Recording, values: Values) -> Result:
            return passed(events(recording, "pipe.write", by="main"))
        """,
        RUN,
    )
    assert (finding.status, finding.points) == (Status.PASSED, 1)
    assert [(one.seq, one.scenario) for one in finding.evidence] == [(1, "one"), (2, "one")]


def test_what_it_fails_is_failed_in_its_words(tmp_path: Path) -> None:
    finding = judged(
        tmp_path,
        """
        def own(recording, values):
            return failed("Too many.", expected="one", seen=values["n"])
        """,
        story(values={"n": "2"}),
    )
    assert (finding.status, finding.message, finding.hint) == (Status.FAILED, "Too many.", "Think.")
    assert (finding.expected, finding.seen) == ("one", "2")


def test_other_conditions_of_the_check_must_hold_too(tmp_path: Path) -> None:
    finding = judged(
        tmp_path,
        "def own(recording, values):\n    return passed()\n",
        story(actors=[output("x", exit=3)]),
        PIPE.replace("python: own", "python: own, exit: 0"),
    )
    assert finding.status is Status.FAILED


def test_an_error_in_it_is_the_assignments_fault_and_names_the_line(tmp_path: Path) -> None:
    finding = judged(
        tmp_path,
        """
        import json

        def own(recording, values):
            return helper(values)

        def helper(values):
            return json.loads(values["missing"])
        """,
        RUN,
    )
    assert (finding.status, finding.points) == (Status.ERROR, 0)
    place = tmp_path / "assignments/pipe/checks.py"
    assert finding.message == (
        f"This check can't be judged, which is not your fault: {place}:9 raised KeyError: 'missing'"
    )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("True", "`own` in {} returned bool, and neither passed(…) nor failed(…)"),
        ("None", "`own` in {} returned NoneType, and neither passed(…) nor failed(…)"),
        ("failed(5)", "what {} returned is no result: Expected `str`, got `int`"),
        ("failed(object())", "what {} returned is no result"),
        ("exit(1)", "{}:2 raised SystemExit: 1"),
    ],
)
def test_an_answer_that_is_none_is_the_assignments_fault(
    tmp_path: Path, answer: str, told: str
) -> None:
    python = f"def own(recording, values): return {answer}\n".replace(
        "exit(", "__import__('sys').exit("
    )
    finding = judged(tmp_path, python, RUN)
    assert finding.status is Status.ERROR
    assert told.format(tmp_path / "assignments/pipe/checks.py") in finding.message


@pytest.mark.parametrize(
    ("python", "file", "line", "told"),
    [
        (None, "assignment.yaml", 6, "there is no checks.py beside this file"),
        ("def other(recording, values): ...\n", "assignment.yaml", 6, "no function `own` in"),
        ("own = 3\n", "assignment.yaml", 6, "no function `own` in"),
        ("\ndef own(recording): ...\n", "checks.py", 3, "can't be called with a recording"),
        ("def own(:\n", "checks.py", 2, "this is not Python: invalid syntax"),
        ("import absent_module\n", "checks.py", 2, "No module named 'absent_module'"),
        ("\ndef f():\n    1 / 0\nf()\n", "checks.py", 4, "ZeroDivisionError: division by zero"),
        ("raise SystemExit(0)\n", "checks.py", 2, "SystemExit: 0"),
    ],
)
def test_what_is_wrong_with_the_file_is_told_when_it_is_loaded(
    tmp_path: Path, python: str | None, file: str, line: int, told: str
) -> None:
    with pytest.raises(CourseError) as raised:
        loaded(tmp_path, python)
    (problem,) = raised.value.problems
    assert (Path(problem.file).name, problem.line) == (file, line)
    assert told in problem.message


def test_the_function_that_was_probably_meant_is_named(tmp_path: Path) -> None:
    with pytest.raises(CourseError) as raised:
        loaded(tmp_path, "def owned(recording, values): ...\n")
    assert raised.value.fix == "did you mean `owned`?"


def test_a_hidden_check_has_its_function_in_a_file_of_its_own(tmp_path: Path) -> None:
    text = PIPE.replace("python: own", "python: own, hidden: true")
    with pytest.raises(CourseError, match=r"no hidden_checks\.py beside this file"):
        loaded(tmp_path, "def own(recording, values):\n    return passed()\n", text)
    file = tmp_path / "assignments/pipe/hidden_checks.py"
    file.write_text(HEAD + "def own(recording, values):\n    return passed()\n")
    assignment = load_assignment(load_course(tmp_path), "pipe")
    (finding,) = judge(assignment.data.checks, {"one": RUN}, load_functions(assignment))
    assert finding.status is Status.PASSED


def test_a_file_may_define_dataclasses(tmp_path: Path) -> None:
    finding = judged(
        tmp_path,
        """
        from dataclasses import dataclass

        @dataclass
        class Pair:
            a: "int"

        def own(recording, values):
            return passed() if Pair(1).a else failed("")
        """,
        RUN,
    )
    assert finding.status is Status.PASSED


def test_what_an_actor_printed_is_bytes() -> None:
    recording = story(actors=[output("ü\n", name="a", stderr="no"), output("", name="b")])
    assert api.stdout(recording, "a") == "ü\n".encode()
    assert api.stderr(recording, "a") == b"no"
    assert api.stdout(recording, "never-started") == b""
    with pytest.raises(ValueError, match="a, b"):
        api.stdout(recording)


def test_events_are_found_as_observe_finds_them() -> None:
    recording = story(
        did("main", "pipe.write", "pipe1", "ab"),
        did("main.1", "pipe.write", "pipe2", "c", args={"mode": "x"}),
        did("main.1", "pipe.write", "pipe2", errno="EPIPE"),
        did("main", "pipe.write", "pipe1", "r", runtime=True),
    )
    found = api.events(recording, "pipe.*")
    assert [event.seq for event in found] == [1, 2]
    assert [event.seq for event in api.events(recording, "pipe.write", mode="x")] == [2]
    assert [event.seq for event in api.events(recording, "pipe.write", errno="EPIPE")] == [3]
    assert [event.seq for event in api.events(recording, "pipe.write", object="pipe1")] == [1]
