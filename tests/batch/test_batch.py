"""`grade batch` with real programs in the real sandbox: what comes out, what is graded again, what
is left when it is interrupted or killed."""

from __future__ import annotations

import csv
import json
import os
import re
import select
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from grader.batch.flow import Batch
from grader.cli.batch import _interruptible
from grader.cli.main import main
from grader.course.load import load_assignment, load_course
from grader.grade import grade
from grader.run.submission import find_submission
from tests.batch.conftest import CRASH, HI, MUTE

Captured = pytest.CaptureFixture[str]
HandIn = Callable[..., Path]
WAITS = "import os\nread, write = os.pipe()\nos.read(read, 1)\n"
NO_PROGRAM_C = "int main(void) { return nothing; }\n"


def batch(folder: Path, *more: str) -> int:
    where = [str(folder / "submissions"), "--out", str(folder / "out"), "--course", str(folder)]
    return main(["batch", *where, "-a", "pipe", "--jobs", "2", "--seed", "5", *more])


def graded(folder: Path) -> dict[str, tuple[str, float | None]]:
    connection = sqlite3.connect(folder / "out/results.sqlite")
    rows = connection.execute("SELECT student, outcome, score FROM results").fetchall()
    connection.close()
    return {student: (outcome, score) for student, outcome, score in rows}


def table(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [*csv.reader(file)]


def test_a_folder_of_submissions_becomes_a_gradebook(
    folder: Path, hand_in: HandIn, capsys: Captured
) -> None:
    submissions = hand_in(ana=HI, ben=MUTE, cem=CRASH, dora=WAITS)
    (submissions / "eve").mkdir()
    (submissions / "eve/hello.c").write_text(NO_PROGRAM_C)
    (submissions / "fay").mkdir()
    (submissions / "gus.zip").write_bytes(b"PK no archive")
    assert batch(folder) == 0
    assert graded(folder) == {
        "ana": ("passed", 4),
        "ben": ("failed", 3),
        "cem": ("failed", 0),
        "dora": ("deadlock", 0),
        "eve": ("build", 0),
        "fay": ("refused", 0),
        "gus": ("refused", 0),
    }
    rows = table(folder / "out/gradebook.csv")
    assert rows[0] == ["student", "name", "email", "pipe", "total", "max_total"]
    assert {row[0]: row[3] for row in rows[1:]} == {
        student: f"{score:g}" for student, (_, score) in graded(folder).items() if score is not None
    }
    report = json.loads((folder / "out/reports/pipe/dora.json").read_text())
    assert (report["schema"], report["scenarios"][0]["outcome"]) == ("grade/report/v1", "deadlock")
    assert "stuck for ever" in (folder / "out/reports/pipe/dora.txt").read_text()
    assert "the archive is not read" in (folder / "out/reports/pipe/gus.txt").read_text()
    out, err = capsys.readouterr()
    assert "7 submissions, 1 with full marks" in out
    assert re.search(r"^   86%  pipe says: Says hi$", out, re.MULTILINE)
    assert re.search(r"^  refused +2$", out, re.MULTILINE)
    assert re.search(r"^\d/7 ana pipe: passed, 4 of 4$", err, re.MULTILINE)


def test_it_agrees_with_grading_one_by_one(folder: Path, hand_in: HandIn) -> None:
    submissions = hand_in(ana=HI, ben=MUTE, cem=WAITS)
    assert batch(folder) == 0
    course = load_course(folder)
    assignment = load_assignment(course, "pipe")
    for student in ("ana", "ben", "cem"):
        batched = json.loads((folder / f"out/reports/pipe/{student}.json").read_text())
        alone = grade(
            course,
            assignment,
            find_submission(course, assignment, submissions / student, cwd=folder),
            seed=batched["seed"],
        )
        assert (batched["verdict"], batched["score"]) == (alone.verdict, alone.score)
        assert [one["status"] for one in batched["checks"]] == [one.status for one in alone.checks]


def test_again_only_what_changed_is_graded(folder: Path, hand_in: HandIn, capsys: Captured) -> None:
    hand_in(ana=HI, ben=MUTE)
    assert batch(folder) == 0
    capsys.readouterr()
    hand_in(ben=HI, cem=CRASH)
    assert batch(folder) == 0
    err = capsys.readouterr().err
    assert sorted(re.findall(r"^\d/3 (\w+)", err, re.MULTILINE)) == ["ben", "cem"]
    assert graded(folder)["ben"] == ("passed", 4)
    (folder / "assignments/pipe/README.md").write_text("a handout is not what is graded by")
    assert batch(folder) == 0
    assert "3 of 3 were graded before" in capsys.readouterr().err
    changed = folder / "assignments/pipe/assignment.yaml"
    changed.write_text(changed.read_text().replace("points: 3", "points: 5"))
    assert batch(folder) == 0
    assert graded(folder)["ana"] == ("passed", 6)


def test_several_assignments_lie_in_folders_of_their_names(folder: Path, hand_in: HandIn) -> None:
    submissions = hand_in(ben=HI)
    for name in ("pipe/hello.py", "pair/server.py", "pair/client.py"):
        path = submissions / "ana" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HI)
    assert batch(folder, "-a", "pair") == 0
    assert [row[:1] + row[3:] for row in table(folder / "out/gradebook.csv")] == [
        ["student", "pipe", "pair", "total", "max_total"],
        ["ana", "4", "2", "6", "6"],
        ["ben", "4", "", "4", "6"],
    ]


def test_a_roster_names_everybody_also_who_handed_in_nothing(folder: Path, hand_in: HandIn) -> None:
    submissions = hand_in(ana=HI)
    (submissions / "ana").rename(submissions / "Ana Souza_77_assignsubmission_file_")
    roster = folder / "roster.csv"
    roster.write_text(
        "Identifier,Full name,Email address\n"
        "Participant 77,Ana Souza,ana@x.edu\nParticipant 78,Ben,ben@x.edu\n"
    )
    assert batch(folder, "--roster", str(roster)) == 0
    assert [row[0:1] + row[3:4] for row in table(folder / "out/gradebook.csv")] == [
        ["student", "pipe"],
        ["ana@x.edu", "4"],
        ["ben@x.edu", ""],
    ]
    assert table(folder / "out/moodle.csv")[1][0] == "Participant 77"


def test_a_roster_that_comes_later_doubles_nobody(folder: Path) -> None:
    # Without a program, so that nothing has to run.
    for name in ("ana", "Ben Roe_7_assignsubmission_file"):
        (folder / "submissions" / name).mkdir(parents=True)
    assert batch(folder) == 0
    assert [row[0] for row in table(folder / "out/gradebook.csv")[1:]] == ["Ben Roe", "ana"]
    roster = folder / "roster.csv"
    roster.write_text("login,name\nbroe,Ben Roe\n")
    assert batch(folder, "--roster", str(roster)) == 0
    assert {row[0]: row[3] for row in table(folder / "out/gradebook.csv")[1:]} == {
        "ana": "0",
        "broe": "0",
    }
    reports = sorted(path.name for path in (folder / "out/reports/pipe").glob("*.json"))
    assert reports == ["ana.json", "broe.json"]


def test_what_the_grader_cannot_do_is_no_score_and_ends_with_3(
    folder: Path, hand_in: HandIn
) -> None:
    hand_in(ana=HI)
    # A kernel without further namespaces: every sandbox fails.
    command = [sys.executable, "-m", "grader", "batch", str(folder / "submissions"), "-a", "pipe"]
    command += ["--out", str(folder / "out"), "--course", str(folder), "--jobs", "1"]
    command += ["--isolation", "namespaces"]
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
    done = subprocess.run(
        ["unshare", "-Ur", "sh", "-c", forbid, "sh", *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 3
    assert "1 could not be graded and have no score" in done.stderr
    assert graded(folder) == {"ana": ("error", None)}
    assert table(folder / "out/gradebook.csv")[1][3] == ""
    # The same command where it can: what had no score is graded.
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, graded(folder)) == (0, {"ana": ("passed", 4.0)})


@pytest.mark.parametrize("format", ["json", "junit", "github", "markdown"])
def test_the_results_come_in_other_forms(
    folder: Path, hand_in: HandIn, capsys: Captured, format: str
) -> None:
    hand_in(ana=HI, ben=MUTE)
    target = folder / f"report.{format}"
    assert batch(folder, "--format", format, "-o", str(target)) == 0
    text = target.read_text()
    assert capsys.readouterr().out == ""
    expected = {
        "json": '"schema": "grade/batch/v1"',
        "junit": '<testsuite name="ben/pipe" tests="2" failures="1"',
        "github": "::error title=ben/pipe%3A Says hi::",
        "markdown": "## ben\\/pipe: 3 of 4 points",
    }
    assert expected[format] in text
    assert main(["results", str(folder / "out"), "--format", format]) == 0
    assert capsys.readouterr().out == text


def test_who_asks_for_somebody_that_is_not_there_is_told_who_is(
    folder: Path, hand_in: HandIn, capsys: Captured
) -> None:
    hand_in(ana=HI, ben=MUTE)
    assert batch(folder) == 0
    capsys.readouterr()
    out = str(folder / "out")
    for filters, told in (
        (["--student", "anna"], "there is no student 'anna' in these results (--student)\n  did"),
        (["--student", "xyz"], "these results (--student)\n  students: ana, ben\n"),
        (["--check", "sayz"], "these results (--check)\n  did you mean `says`?\n"),
    ):
        assert main(["results", out, *filters]) == 2
        assert told in capsys.readouterr().err
    assert main(["results", out, "--student", "ana", "--check", "says"]) == 0
    assert capsys.readouterr().out == "no result is like that; without filters all are counted\n"


def test_wrong_usage_ends_with_2_before_anything_is_graded(
    folder: Path, hand_in: HandIn, capsys: Captured
) -> None:
    hand_in(ana=HI, ben=MUTE)
    several = ["--format", "gradescope"]
    roster = ["--roster", "missing.csv"]
    for wrong in (["-a", "shm"], ["--lang", "cobol"], roster, ["--jobs", "0"], several):
        assert batch(folder, *wrong) == 2
        assert not (folder / "out/results.sqlite").exists()
        assert capsys.readouterr().out == ""


@pytest.mark.parametrize("place", [".", "ana", "results/of/today"])
def test_results_are_not_put_among_the_submissions(
    folder: Path, hand_in: HandIn, capsys: Captured, place: str
) -> None:
    submissions = hand_in(ana=HI)
    before = sorted(submissions.rglob("*"))
    assert batch(folder, "--out", str(submissions / place)) == 2
    assert "would lie among the submissions" in capsys.readouterr().err
    assert sorted(submissions.rglob("*")) == before


# -- interrupted, killed ---------------------------------------------------------------------


@contextmanager
def running_batch(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A batch of two workers in a session of its own, its stderr to read."""
    command = [sys.executable, "-m", "grader", "batch", str(folder / "submissions"), "-a", "pipe"]
    command += ["--out", str(folder / "out"), "--course", str(folder), "--jobs", "2", "--seed", "5"]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def read_until(process: subprocess.Popen[str], number: int) -> None:
    """Until so many results have been told."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(f"{number}/"):
            return


def family(pid: int) -> list[int]:
    """All descendants, as descriptors that tell when each has ended."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            try:
                found += [os.pidfd_open(int(child)), *family(int(child))]
            except (ProcessLookupError, FileNotFoundError):
                continue
    return found


def all_end(pidfds: list[int], seconds: float) -> bool:
    waiting = select.poll()
    for pidfd in pidfds:
        waiting.register(pidfd, select.POLLIN)
    left = set(pidfds)
    while left and (ready := waiting.poll(seconds * 1000)):
        for pidfd, _ in ready:
            waiting.unregister(pidfd)
            os.close(pidfd)
            left.discard(pidfd)
    return not left


def test_killed_at_any_moment_it_goes_on_where_it_was(
    folder: Path, hand_in: HandIn, capsys: Captured
) -> None:
    students = {f"s{number:02}": HI for number in range(14)}
    hand_in(**students)
    kept = 0
    for moment in (1, 2, 3):
        with running_batch(folder) as process:
            read_until(process, kept + moment)
            descendants = family(process.pid)
            assert len(descendants) >= 2  # the workers, at least
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert all_end(descendants, 20)  # nothing outlives it
        now = len(graded(folder))
        assert now >= kept
        kept = now
    assert 6 <= kept < 14
    assert batch(folder) == 0
    told = re.findall(r"^\d+/14 (s\d\d) ", capsys.readouterr().err, re.MULTILINE)
    assert len(told) == len(set(told)) == 14 - kept
    assert graded(folder) == dict.fromkeys(students, ("passed", 4.0))
    assert len([*(folder / "out/reports/pipe").glob("*.txt")]) == 14


def test_ctrl_c_keeps_what_runs_and_begins_nothing_more(folder: Path, hand_in: HandIn) -> None:
    hand_in(**{f"s{number:02}": HI for number in range(14)})
    with running_batch(folder) as process:
        read_until(process, 2)
        descendants = family(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        assert process.wait(30) == 130
        assert process.stderr is not None
        rest = process.stderr.read()
        assert all_end(descendants, 20)
    done = len(graded(folder))
    assert 2 <= done < 14
    assert f"interrupted: {done} of 14 graded" in rest
    assert "Traceback" not in rest
    assert len(table(folder / "out/gradebook.csv")) == 1 + 14


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_either_signal_stops_a_batch_in_order(number: signal.Signals, capfd: Captured) -> None:
    class Running:
        stopped = False

        def stop(self) -> None:
            self.stopped = True

    running = Running()
    before = signal.getsignal(number)
    with _interruptible(cast("Batch", running)):
        os.kill(os.getpid(), number)
    assert running.stopped
    assert signal.getsignal(number) is before
    assert "stopping when what runs has ended" in capfd.readouterr().err


def test_a_second_ctrl_c_ends_at_once(folder: Path, hand_in: HandIn) -> None:
    hand_in(ana=HI, ben="import time\ntime.sleep(600)\n", cem="import time\ntime.sleep(600)\n")
    with running_batch(folder) as process:
        read_until(process, 1)
        descendants = family(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stderr is not None
        for line in process.stderr:
            if "Ctrl-C again" in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(5) == 130
        assert all_end(descendants, 20)
    assert graded(folder) == {"ana": ("passed", 4.0)}
