"""`--only` judges a part, `--seed` replays a run, `-q` and `-v` say less and more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.cli.main import main

Captured = pytest.CaptureFixture[str]

ECHO = """\
title: Echo
programs: [hello]
scenarios:
  plain: {run: [{start: hello}, {finish: hello}]}
  random:
    vary: {word: {words: 3}}
    run: [{start: hello, args: ["{word}"]}, {finish: hello}]
  trap: {run: [{start: hello, args: [trap]}, {finish: hello}]}
checks:
  - {id: ends, title: Ends well, points: 1, scenario: plain, exit: 0}
  - {id: echoes, title: Says it again, points: 2, scenario: random, needs: [ends], stdout: "{word}"}
  - {id: trap, title: No trap, points: 4, scenario: trap, hidden: true, stdout: trap}
"""
GOOD = "import sys\nprint(*sys.argv[1:])\n"


@pytest.fixture
def program(course: Path) -> Path:
    (course / "assignments" / "pipe" / "assignment.yaml").write_text(ECHO)
    file = Path("hello.py")
    file.write_text(GOOD)
    return file


def graded(capsys: Captured, *arguments: str) -> tuple[int, dict[str, Any]]:
    status = main(["pipe", "--format", "json", *arguments])
    return status, json.loads(capsys.readouterr().out)


def test_only_these_checks_are_judged_and_only_their_scenarios_run(
    program: Path, capsys: Captured
) -> None:
    status, report = graded(capsys, "--only", "echoes")
    assert (status, report["score"], report["max_score"], report["only"]) == (0, 2, 2, ["echoes"])
    assert [check["id"] for check in report["checks"]] == ["echoes"]
    assert [scenario["id"] for scenario in report["scenarios"]] == ["plain", "random"]


def test_a_check_that_is_needed_and_fails_is_shown_but_not_counted(
    program: Path, capsys: Captured
) -> None:
    program.write_text("raise SystemExit(3)\n")
    status, report = graded(capsys, "--only", "echoes")
    assert (status, report["score"], report["max_score"]) == (1, 0, 2)
    states = {check["id"]: check["status"] for check in report["checks"]}
    assert states == {"ends": "failed", "echoes": "skipped"}


def test_a_part_that_passes_ends_with_0_and_says_that_it_is_a_part(
    program: Path, capsys: Captured
) -> None:
    program.write_text("pass\n")
    assert main(["pipe", "--only", "ends"]) == 0
    out = capsys.readouterr().out
    assert "PASSED  1 of 1 points (partial)" in out
    assert "so this is no score" in out


def test_an_unknown_check_is_wrong_usage_and_nothing_is_run(
    program: Path, capsys: Captured
) -> None:
    assert main(["pipe", "--only", "ecoes"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "there is no check 'ecoes'" in err
    assert "did you mean `echoes`?" in err


def test_a_seed_repeats_a_run_but_for_its_times(program: Path, capsys: Captured) -> None:
    def timeless(report: dict[str, Any]) -> dict[str, Any]:
        runs = [{**run, "wall_ms": 0} for run in report["scenarios"]]
        return {**report, "duration_ms": 0, "scenarios": runs}

    program.write_text("import sys\nprint('wrong', sys.argv[1:])\n")
    _, first = graded(capsys)
    seed = str(first["seed"])
    _, second = graded(capsys, "--seed", seed)
    _, other = graded(capsys, "--seed", str(first["seed"] + 1))
    assert timeless(first) == timeless(second)
    assert first["scenarios"][1]["actors"] != other["scenarios"][1]["actors"]


def test_the_command_that_is_printed_repeats_the_failure(program: Path, capsys: Captured) -> None:
    program.write_text("import sys\nprint(*sys.argv[2:])\n")
    assert main(["pipe"]) == 1
    out = capsys.readouterr().out
    again = next(line.split() for line in out.split("\n") if line.startswith("    again"))
    assert again[1:4] == ["grade", "pipe", "--only"]
    assert main(again[2:]) == 1
    repeated = capsys.readouterr().out
    by_hand = [line for line in out.split("\n") if "by hand  " in line]
    assert by_hand
    assert by_hand == [line for line in repeated.split("\n") if "by hand  " in line]


def test_quiet_is_one_line(program: Path, capsys: Captured) -> None:
    assert main(["pipe", "-q"]) == 0
    assert capsys.readouterr().out == "pipe: 7 of 7\n"
    program.write_text("print('x')\n")
    assert main(["pipe", "-q"]) == 1
    assert capsys.readouterr().out == "pipe: 1 of 7, failed: echoes\n"


def test_verbose_tells_each_scenario_but_hidden_ones(program: Path, capsys: Captured) -> None:
    program.write_text("import os\nif os.fork() == 0: os._exit(7)\nos.wait()\n")
    main(["pipe", "-v"])
    out = capsys.readouterr().out
    story = out.partition("What happened in plain\n")[2].partition("What happened in random")[0]
    assert "process.fork" in story
    assert "exit status 7" in story
    assert "trap" not in out.lower()
