"""What `grade ASSIGNMENT` prints and how it ends, with real programs in the real sandbox."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from grader import grade
from grader.cli.main import main
from grader.errors import SandboxError
from grader.run.spec import RunSpec
from grader.trace.model import Recording

Captured = pytest.CaptureFixture[str]


def test_full_marks_end_with_0(course: Path, capsys: Captured) -> None:
    Path("hello.py").write_text("print('hi')\n")
    assert main(["pipe", "--seed", "5"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("pipe · python")
    assert "PASSED  1 of 1 points" in out
    assert "seed 5" in out


def test_less_than_full_marks_end_with_1_and_the_programs_own_words(
    course: Path, capsys: Captured
) -> None:
    Path("hello.py").write_text("raise SystemExit('\\x1b[31mno')\n")
    assert main(["pipe"]) == 1
    out = capsys.readouterr().out
    assert "FAILED  0 of 1 points" in out
    assert "│ \\x1b[31mno" in out


def test_a_program_that_does_not_compile_fails_with_the_compilers_words(
    course: Path, capsys: Captured
) -> None:
    Path("hello.c").write_text("int main(void) { return nothing; }\n")
    assert main(["pipe", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["score"], report["build"]["ok"]) == ("failed", 0, False)
    assert "hello.c:1:" in report["build"]["output"]
    assert [check["status"] for check in report["checks"]] == ["skipped"]


def test_a_compiled_program_is_graded(course: Path, capsys: Captured) -> None:
    Path("hello.c").write_text("int main(void) { return 0; }\n")
    assert main(["pipe", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["isolation"]) == ("passed", "namespaces")


@pytest.mark.parametrize("format", ["text", "json"])
def test_a_machine_that_forbids_the_sandbox_ends_with_3_and_no_score(
    course: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    def forbidden(specs: Sequence[RunSpec]) -> Iterator[Recording]:
        raise SandboxError("unshare namespaces", 1)

    machinery = grade.Machinery(run=forbidden)
    monkeypatch.setattr(grade, "Machinery", lambda: machinery)
    Path("hello.py").touch()
    assert main(["pipe", "--format", format]) == 3
    out = capsys.readouterr().out
    if format == "json":
        report = json.loads(out)
        assert (report["verdict"], report["score"]) == ("error", None)
        assert "EPERM" in report["error"]
    else:
        assert "NOT GRADED" in out
        assert "EPERM" in out


def test_where_the_kernel_forbids_the_tier_asked_for_it_really_ends_with_3(course: Path) -> None:
    Path("hello.py").touch()
    grade_command = str(Path(sys.executable).with_name("grade"))
    forbid = "echo 0 > /proc/sys/user/max_user_namespaces; exec "
    done = subprocess.run(
        [
            "unshare",
            "-Ur",
            "sh",
            "-c",
            f"{forbid}{shlex.quote(grade_command)} pipe --isolation namespaces",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "NOT GRADED" in done.stdout
    assert "unshare" in done.stdout


def test_a_defect_of_the_grader_ends_with_3_not_with_1(
    course: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grade, "Machinery", lambda: None)
    Path("hello.py").touch()
    assert main(["pipe"]) == 3
    assert "a defect of the grader" in capsys.readouterr().err
