"""Checks in Python through the whole of `grade`: graded, batched, exported; faults and statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.cli.main import main
from grader.course.load import load_course
from tests.cli.test_export import COURSE

Captured = pytest.CaptureFixture[str]

PIPE = """\
title: Hello
programs: [hello]
scenarios:
  one: {run: [{start: hello, args: ["{word}"]}, {finish: hello}]}
vary: {word: {words: 1}}
checks:
  - {id: echoes, title: Says it, points: 1, scenario: one, python: echoes}
  - {id: trap, title: s3cret, points: 2, scenario: one, python: quiet, hidden: true}
"""
CHECKS = """\
from grader.check.api import Recording, Result, Values, failed, passed, stderr, stdout


def echoes(recording: Recording, values: Values) -> Result:
    if stdout(recording) == f"{values['word']}\\n".encode():
        return passed()
    return failed("It says something else.", expected=values["word"])
"""
HIDDEN = (
    CHECKS
    + """\


def quiet(recording: Recording, values: Values) -> Result:
    return failed("s3cret") if stderr(recording) else passed()
"""
)
ECHO = "import sys\nprint(sys.argv[1])\n"


@pytest.fixture
def assignment(course: Path) -> Path:
    """The folder of an assignment with Python checks; hello.py in the working folder is right."""
    (course / "course.yaml").write_text(COURSE)
    folder = course / "assignments" / "pipe"
    (folder / "assignment.yaml").write_text(PIPE)
    (folder / "checks.py").write_text(CHECKS)
    (folder / "hidden_checks.py").write_text(HIDDEN)
    Path("hello.py").write_text(ECHO)
    return folder


def test_a_program_is_graded_by_them(assignment: Path, capsys: Captured) -> None:
    assert main(["pipe", "-q"]) == 0
    Path("hello.py").write_text("print('x')\n")
    assert main(["pipe", "-q"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines() == ["pipe: 3 of 3", "pipe: 2 of 3, failed: echoes"]


def test_an_error_in_one_is_no_score_and_no_fault_of_the_program(
    assignment: Path, capsys: Captured
) -> None:
    (assignment / "checks.py").write_text(CHECKS.replace("['word']", "['wodr']"))
    assert main(["pipe", "--format", "json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["score"]) == ("error", None)
    broken = report["checks"][0]
    assert broken["status"] == "error"
    assert "checks.py:5 raised KeyError: 'wodr'" in broken["message"]
    assert report["error"] == f"echoes: {broken['message']}"


def test_an_error_in_a_hidden_one_tells_students_nothing_of_it(
    assignment: Path, capsys: Captured
) -> None:
    broken = HIDDEN.replace('return failed("s3cret") if', "return {}['s3cret'] if True or")
    (assignment / "hidden_checks.py").write_text(broken)
    assert main(["pipe"]) == 3
    out = capsys.readouterr().out
    assert "a hidden check could not be judged, which is not your fault" in out
    assert "s3cret" not in out


def test_a_file_that_cannot_be_run_ends_with_2_and_its_line(
    assignment: Path, capsys: Captured
) -> None:
    (assignment / "checks.py").write_text("import absent_module\n")
    assert main(["pipe"]) == 2
    assert "checks.py:1:1: ModuleNotFoundError" in capsys.readouterr().err


def test_workers_of_a_batch_run_them_and_grade_again_when_they_change(
    assignment: Path, tmp_path: Path, capsys: Captured
) -> None:
    handed = tmp_path / "handed" / "ana"
    handed.mkdir(parents=True)
    (handed / "hello.py").write_text(ECHO)
    batch = ["batch", str(handed.parent), "--assignment", "pipe", "--out", "out", "--jobs", "1"]
    report = Path("out/reports/pipe/ana.json")
    assert main(batch) == 0
    assert json.loads(report.read_text())["score"] == 3
    (assignment / "hidden_checks.py").write_text(HIDDEN.replace("if stderr(recording) else", "or"))
    assert main(batch) == 0
    assert json.loads(report.read_text())["score"] == 1
    assert "s3cret" not in Path("out/reports/pipe/ana.txt").read_text()


def test_students_get_the_public_ones_alone(
    assignment: Path, tmp_path: Path, capsys: Captured
) -> None:
    public = tmp_path / "public"
    assert main(["export", str(public)]) == 0
    assert "not public, left out: assignments/pipe/hidden_checks.py" in capsys.readouterr().out
    files = [path for path in public.rglob("*") if path.is_file()]
    assert public / "assignments/pipe/checks.py" in files
    assert not [path for path in files if "s3cret" in path.read_text() or "hidden" in path.name]
    assert load_course(public).data.assignments == ["pipe"]
    assert main(["pipe", "--course", str(public), "-q"]) == 0


def test_checks_that_only_hidden_ones_need_stay(assignment: Path, tmp_path: Path) -> None:
    (assignment / "assignment.yaml").write_text(PIPE.replace("python: echoes", "exit: 0"))
    assert main(["export", str(tmp_path / "public")]) == 0
    assert not list((tmp_path / "public").rglob("*.py"))
