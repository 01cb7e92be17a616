"""The examples of docs/ci.md, run as far as they can be here: their scripts, not their machines."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from junitparser import JUnitXml

from tests.batch.conftest import HI, MUTE

DOCS = Path(__file__).parents[2] / "docs/ci.md"
HandIn = Callable[..., Path]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(), re.DOTALL)


def example(title: str) -> Any:
    """The YAML below a heading."""
    text = DOCS.read_text().partition(f"## {title}\n")[2]
    return yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])


def sh(script: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", script],
        cwd=cwd,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def repository(folder: Path) -> Path:
    """A student's checkout: the program in pipe/, the course in .course/."""
    checkout = folder / "checkout"
    (checkout / ".course").mkdir(parents=True)
    shutil.copy(folder / "course.yaml", checkout / ".course")
    shutil.copytree(folder / "assignments", checkout / ".course/assignments")
    (checkout / "pipe").mkdir()
    (checkout / "pipe/hello.py").write_text(MUTE)
    return checkout


def test_the_github_step_annotates_summarises_and_sets_its_result(repository: Path) -> None:
    [job] = example("GitHub Actions")["jobs"].values()
    [step] = [step for step in job["steps"] if step.get("id") == "pipe"]
    summary, output = repository / "summary.md", repository / "output.txt"
    done = sh(
        step["run"],
        repository,
        GITHUB_WORKSPACE=str(repository),
        GITHUB_STEP_SUMMARY=str(summary),
        GITHUB_OUTPUT=str(output),
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("::error title=pipe%3A Says hi::")
    assert done.stdout.endswith("\npipe: 3 of 4 points\n")
    assert summary.read_text().startswith("## pipe: 3 of 4 points")
    [line] = output.read_text().splitlines()
    result = json.loads(base64.b64decode(line.removeprefix("result=")))
    assert (result["status"], result["max_score"]) == ("fail", 4)
    # The reporter finds the step's result under the step's name.
    reporter = job["steps"][-1]
    name = reporter["with"]["runners"].upper() + "_RESULTS"
    assert reporter["env"] == {name: "${{ steps.pipe.outputs.result }}"}


def test_the_gitlab_job_writes_the_junit_report_it_names(repository: Path) -> None:
    job = example("GitLab")["pipe"]
    done = sh("\n".join(job["script"]), repository)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    xml = JUnitXml.fromstring((repository / job["artifacts"]["reports"]["junit"]).read_bytes())
    assert (xml.tests, xml.failures) == (2, 1)


@pytest.fixture
def autograder(folder: Path) -> Path:
    """/autograder as Gradescope lays it out."""
    place = folder / "autograder"
    (place / "submission").mkdir(parents=True)
    (place / "results").mkdir()
    (place / "source").mkdir()
    shutil.copy(folder / "course.yaml", place / "source")
    shutil.copytree(folder / "assignments", place / "source/assignments")
    return place


def run_autograder(place: Path, prefix: str = "") -> tuple[int, dict[str, Any]]:
    [script] = [block for block in blocks("sh") if "results/results.json" in block]
    done = sh(prefix + script, place, AUTOGRADER=str(place))
    results = place / "results/results.json"
    return done.returncode, json.loads(results.read_bytes()) if results.exists() else {}


def test_gradescope_gets_a_score_that_is_the_sum_of_the_tests(autograder: Path) -> None:
    (autograder / "submission/hello.py").write_text(MUTE)
    status, result = run_autograder(autograder)
    assert (status, result["score"]) == (0, 3)
    assert [test["score"] for test in result["tests"]] == [3, 0]


def test_gradescope_tells_who_forgot_the_program(autograder: Path) -> None:
    status, result = run_autograder(autograder)
    assert (status, result["score"]) == (0, 0)
    assert "no program of 'pipe' is there" in result["tests"][0]["output"]


def test_gradescope_gets_no_score_where_the_machine_forbids_the_sandbox(autograder: Path) -> None:
    (autograder / "submission/hello.py").write_text(HI)
    forbid = "echo 0 > /proc/sys/user/max_user_namespaces\n"
    [script] = [block for block in blocks("sh") if "results/results.json" in block]
    only = script.replace("grade batch in", "grade batch in --isolation namespaces")
    (autograder / "run").write_text(forbid + only)
    done = sh("unshare -Ur bash ./run", autograder, AUTOGRADER=str(autograder))
    result = json.loads((autograder / "results/results.json").read_bytes())
    assert done.returncode == 3
    assert "score" not in result
    assert "tests" not in result


def test_the_commands_for_a_folder_of_submissions_work(folder: Path, hand_in: HandIn) -> None:
    hand_in(jane=HI, jo=MUTE)
    (folder / "roster.csv").write_text("login,name\njane,Jane Doe\njo,Jo Roe\n")
    [command] = [block for block in blocks("sh") if block.startswith("grade batch submissions")]
    assert sh(command, folder).returncode == 0
    shutil.copytree(folder / "results", folder / "last-week")
    [queries] = [block for block in blocks("sh") if block.startswith("grade results")]
    outputs = []
    for line in queries.strip().split("\n"):
        done = sh(line.replace("through-the-pipe", "says"), folder)
        assert (done.returncode, done.stderr) == (0, "")
        outputs.append(done.stdout)
    assert outputs[0].startswith("2 submissions, 1 with full marks")
    assert outputs[1] == "jo pipe: failed, 3 of 4\n"
    assert outputs[2].startswith("pipe · python")
    assert outputs[3] == "nothing differs\n"
    assert len([*JUnitXml.fromstring((folder / "report.xml").read_bytes())]) == 2


def test_the_scripts_are_shell_and_the_examples_are_yaml() -> None:
    for script in blocks("sh"):
        subprocess.run(["bash", "-n", "-c", script], check=True, timeout=10)
    assert len(blocks("yaml")) == 2
