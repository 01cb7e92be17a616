"""`grade hint`: one at a time, about what failed last; and what `grade ID` puts down for it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli.main import main
from grader.student.progress import load
from tests.cli.calls import in_terminal

Captured = pytest.CaptureFixture[str]


def hint(capsys: Captured, *arguments: str) -> str:
    """What `grade hint` says, its blanks squeezed."""
    capsys.readouterr()
    assert main(["hint", *arguments]) == 0
    return " ".join(capsys.readouterr().out.split())


def refused(capsys: Captured, *arguments: str) -> str:
    capsys.readouterr()
    assert main(["hint", *arguments]) == 2
    return capsys.readouterr().err


def graded(program: str) -> None:
    """hello.py in ./pipe/, graded; the verdict itself shows no hints."""
    Path("pipe").mkdir(exist_ok=True)
    Path("pipe/hello.py").write_text(program)
    main(["pipe", "-q"])


def test_hints_come_one_at_a_time_and_end_with_what_else_helps(
    lessons: Path, capsys: Captured
) -> None:
    graded("raise SystemExit(3)\n")  # the checks ends, which has no hint, and says, which has two
    first = hint(capsys, "pipe")
    assert "Says hi Hint 1 of 2 Which call prints? 1 more: grade hint pipe" in first
    assert "flushed" not in first
    second = hint(capsys, "pipe")
    assert "Hint 2 of 2 Is it flushed? This was the last one." in second
    for _ in range(2):
        end = hint(capsys, "pipe")
        assert "Which call prints?" in end
        assert "There is no further hint for this check." in end
        assert "grade pipe -v" in end
        assert "grade trace -- python3 pipe/hello.py" in end
        assert "grade show pipe" in end
    assert load(Path("pipe")).assignments["pipe"].hints == {"says": 2}


def test_the_verdict_shows_the_first_hint_and_the_next_one_comes_when_asked_for(
    lessons: Path, capsys: Captured
) -> None:
    Path("hello.py").write_text("raise SystemExit('no')\n")
    assert main(["pipe", "--seed", "7"]) == 1
    verdict = capsys.readouterr().out
    assert "    hint 1/2 Which call prints?\n" in verdict
    assert "flushed" not in verdict
    assert "    hint     Look.\n" in verdict
    assert "the next hint:\n    grade hint pipe\n" in verdict
    assert "Hint 2 of 2 Is it flushed?" in hint(capsys, "pipe")
    assert main(["pipe", "--seed", "7"]) == 1
    assert capsys.readouterr().out.partition("seed 7")[0] == verdict.partition("seed 7")[0]
    assert load(lessons).assignments["pipe"].hints == {"says": 2, "quiet": 1}


def test_where_no_hint_can_be_asked_for_the_verdict_has_them_all(
    lessons: Path, capsys: Captured
) -> None:
    Path(".grade.yaml").write_text("mine: [")
    Path("hello.py").write_text("raise SystemExit('no')\n")
    assert main(["pipe"]) == 1
    verdict = capsys.readouterr().out
    assert "hint     Which call prints?\n             Is it flushed?\n" in verdict
    assert "next hint" not in verdict


def test_the_report_for_programs_has_all_hints(lessons: Path, capsys: Captured) -> None:
    Path("hello.py").write_text("raise SystemExit('no')\n")
    assert main(["pipe", "--format", "json"]) == 1
    checks = {check["id"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["says"]["hint"] == "Which call prints?\nIs it flushed?"
    assert "Hint 1 of 2" in hint(capsys, "pipe"), "nothing was shown to the student yet"


def test_another_check_that_failed_can_be_asked_for(lessons: Path, capsys: Captured) -> None:
    graded("raise SystemExit('no')\n")
    assert "Hint 1 of 1 Look." in hint(capsys, "pipe", "--check", "quiet")
    assert "no hint is written for the check 'ends'" in refused(capsys, "pipe", "--check", "ends")
    assert "failed, with hints: says, quiet" in refused(capsys, "pipe", "--check", "nothing")


def test_a_run_that_got_stuck_gives_its_own_advice_first(lessons: Path, capsys: Captured) -> None:
    graded("import os\nr, w = os.pipe()\nos.read(r, 1)\n")
    first = hint(capsys, "pipe", "--check", "says")
    assert "From the last run" in first
    assert "pipe1" in first
    assert "2 more: grade hint pipe --check says" in first
    assert "Hint 1 of 2" in hint(capsys, "pipe", "--check", "says")


def test_before_any_grading_it_says_what_to_do(lessons: Path, capsys: Captured) -> None:
    said = refused(capsys, "pipe")
    assert "'pipe' has not been graded yet" in said
    assert "grade start pipe" in said
    Path("hello.py").touch()
    assert refused(capsys, "pipe").endswith("  grade pipe\n")


def test_with_full_marks_none_is_needed(lessons: Path, capsys: Captured) -> None:
    graded("print('hi')\n")
    assert "no hint is needed" in hint(capsys, "pipe")


def test_from_inside_the_folder_and_from_elsewhere(
    lessons: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded("")
    monkeypatch.chdir(lessons / "pipe")
    assert "Hint 1 of 2" in hint(capsys, "pipe")
    monkeypatch.chdir(lessons.parent)
    assert "Hint 2 of 2" in hint(capsys, "pipe", "work/pipe")
    assert "grade pipe work/pipe -v" in hint(capsys, "pipe", "work/pipe")


def test_a_compiled_program_is_to_be_built_before_it_is_watched(
    lessons: Path, capsys: Captured
) -> None:
    Path("hello.c").write_text("int main(void) { return 0; }\n")
    assert main(["pipe"]) == 1
    hint(capsys, "pipe")
    hint(capsys, "pipe")
    assert "grade trace -- ./hello every call of your program (build it first)" in hint(
        capsys, "pipe"
    )


def test_an_assignment_that_has_changed_since(lessons: Path, capsys: Captured) -> None:
    graded("")
    file = lessons.parent / "assignments/pipe/assignment.yaml"
    file.write_text(file.read_text().replace("id: says", "id: speaks"))
    assert "No hint is written for what failed in pipe." in hint(capsys, "pipe")


def test_a_broken_progress_file_is_told_and_never_overwritten(
    lessons: Path, capsys: Captured
) -> None:
    Path("pipe").mkdir()
    Path("pipe/.grade.yaml").write_text("mine: [")
    assert "the progress file cannot be understood" in refused(capsys, "pipe")
    Path("pipe/hello.py").write_text("print('hi')\n")
    assert main(["pipe"]) == 0
    out, err = capsys.readouterr()
    assert "PASSED" in out
    assert err.startswith("grade: not remembered for `grade hint`: the progress file")
    assert err.count("\n") == 1
    assert Path("pipe/.grade.yaml").read_text() == "mine: ["


def test_in_a_terminal_it_fits(lessons: Path) -> None:
    graded("")
    shown = in_terminal("hint", "pipe")
    assert shown.status == 0
    assert max(map(len, shown.text.split("\n"))) <= 80


def test_a_grading_is_put_down_beside_the_program_and_nowhere_in_the_report(
    lessons: Path, capsys: Captured
) -> None:
    Path("hello.py").write_text("print('ho')\n")
    assert main(["pipe", "--seed", "7", "--format", "json"]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out)["schema"] == "grade/report/v1"
    last = load(lessons).assignments["pipe"].last
    assert (last.score, last.of, last.seed, last.language) == (1.5, 3.5, 7, "python")
    assert last.failed == ["says"]


def test_a_partial_verdict_is_no_grading(lessons: Path, capsys: Captured) -> None:
    Path("hello.py").write_text("print('hi')\n")
    assert main(["pipe", "--only", "ends"]) == 0
    assert not Path(".grade.yaml").exists()


def test_what_was_put_down_is_no_part_of_the_submission(lessons: Path, capsys: Captured) -> None:
    graded("import os\nprint('hi' if os.listdir('.') == ['hello.py'] else os.listdir('.'))\n")
    assert Path("pipe/.grade.yaml").is_file()
    assert main(["pipe"]) == 0


def test_solutions_and_stubs_of_the_course_stay_as_they_are(
    lessons: Path, capsys: Captured
) -> None:
    stub = lessons.parent / "assignments/pipe/stubs/python"
    assert main(["pipe", str(stub)]) == 0
    solution = lessons.parent / "solutions/pipe/python"
    solution.mkdir(parents=True)
    (solution / "hello.py").write_text("print('hi')\n")
    assert main(["pipe", str(solution / "hello.py")]) == 0
    assert list(stub.iterdir()) == [stub / "hello.py"]
    assert list(solution.iterdir()) == [solution / "hello.py"]
    assert capsys.readouterr().err == ""


def test_in_a_folder_that_cant_be_written_a_grading_is_one_all_the_same(lessons: Path) -> None:
    Path("hello.py").write_text("print('hi')\n")
    here = shlex.quote(str(lessons))
    frozen = f"mount --bind {here} {here} && mount -o remount,bind,ro {here} && cd {here}"
    grading = f"{shlex.quote(sys.executable)} -m grader pipe"
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", f"{frozen} && exec {grading}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, "PASSED" in done.stdout) == (0, True)
    assert done.stderr == (
        "grade: not remembered for `grade hint`: .grade.yaml cannot be written: "
        "Read-only file system\n"
    )
