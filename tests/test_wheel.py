"""The wheel carries the public side of the course, and grades by it wherever it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ("pyproject.toml", "hatch_build.py", "README.md", "course.yaml")
FOLDERS = ("grader", "assignments", "solutions/pipe")
SECRET = """
  - {id: s3cret, title: s3cret, points: 1, scenario: message, hidden: true, exit: 0}
"""
Wheel = Path


def run(*words: str | Path, cwd: Path, **variables: str) -> str:
    """What the command says on stdout; it must succeed."""
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source: Path, into: Path) -> Wheel:
    """The wheel of these sources, made offline by what is installed here."""
    offline = ["--no-build-isolation", "--no-deps", "--no-index", "--quiet"]
    run("-m", "pip", "wheel", *offline, "--wheel-dir", into, source, cwd=into.parent)
    (wheel,) = into.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the wheel is made of, with a hidden check in `pipe`."""
    root = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copy(ROOT / name, root / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (root / "assignments/pipe/assignment.yaml").open("a") as file:
        file.write(SECRET)
    return root


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    return build(sources, tmp_path_factory.mktemp("wheel") / "built")


@pytest.fixture(scope="module")
def installed(wheel: Wheel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel was installed into."""
    target = tmp_path_factory.mktemp("installed") / "lib"
    offline = ["--no-deps", "--no-index", "--quiet"]
    run("-m", "pip", "install", *offline, "--target", target, wheel, cwd=target.parent)
    return target


def test_it_holds_the_course_without_solutions_and_hidden_checks(wheel: Wheel) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        course = {name: archive.read(name) for name in names if name.startswith("grader/public/")}
    assert {
        "grader/public/course.yaml",
        "grader/public/assignments/pipe/assignment.yaml",
        "grader/public/assignments/pipe/README.md",
        "grader/public/assignments/pipe/stubs/c/hello.c",
    } <= course.keys()
    template = "grader/course/template/"  # of `grade new`, with programs of its own
    ours = [name for name in names if not name.startswith(template)]
    assert not [name for name in ours if "solution" in name or "wrong" in name]
    assert not [name for name, content in course.items() if b"s3cret" in content]


def test_building_leaves_nothing_in_the_source_tree(sources: Path, wheel: Wheel) -> None:
    assert wheel.is_file()
    left = {path.name for path in sources.iterdir()} - {*SOURCES, "grader", "assignments"}
    assert left - {"__pycache__"} == {"solutions"}  # how hatchling loads its hook is its own
    assert not list((sources / "grader").rglob("__pycache__"))
    assert not (sources / "grader/public").exists()


def test_the_same_course_is_in_the_wheel_of_a_source_distribution(
    sources: Path, wheel: Wheel, tmp_path: Path
) -> None:
    run("-m", "hatchling", "build", "--target", "sdist", "--directory", tmp_path, cwd=sources)
    (archive,) = tmp_path.glob("*.tar.gz")
    again = build(archive, tmp_path / "built")
    assert again.read_bytes() == wheel.read_bytes()


def test_an_editable_wheel_carries_no_course(sources: Path, tmp_path: Path) -> None:
    code = f"import hatchling.build as b; b.build_editable({str(tmp_path)!r})"
    run("-c", code, cwd=sources)
    (editable,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(editable) as archive:
        assert not [name for name in archive.namelist() if "public" in name]


def test_installed_it_grades_where_no_course_is_around(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "solutions/pipe/python", tmp_path / "pipe")
    where = str(installed)
    assert "pipe" in run("-P", "-m", "grader", "list", cwd=tmp_path, PYTHONPATH=where)
    told = run("-P", "-m", "grader", "pipe", "-q", cwd=tmp_path, PYTHONPATH=where)
    assert told == "pipe: 10 of 10\n"


def test_installed_it_gives_a_program_to_begin_with(installed: Path, tmp_path: Path) -> None:
    where = str(installed)
    run("-P", "-m", "grader", "start", "pipe", "--lang", "c", cwd=tmp_path, PYTHONPATH=where)
    assert (tmp_path / "pipe/hello.c").read_bytes() == (
        ROOT / "assignments/pipe/stubs/c/hello.c"
    ).read_bytes()


def test_installed_it_makes_new_assignments(installed: Path, tmp_path: Path) -> None:
    text = (ROOT / "course.yaml").read_text()
    (tmp_path / "course.yaml").write_text(
        "\n".join(
            "assignments: []" if line.startswith("assignments:") else line
            for line in text.splitlines()
        )
    )
    where = str(installed)
    run("-P", "-m", "grader", "new", "first", cwd=tmp_path, PYTHONPATH=where)
    assert "no problems" in run("-P", "-m", "grader", "lint", cwd=tmp_path, PYTHONPATH=where)
    assert (tmp_path / "schema/assignment.json").is_file()


def test_the_course_in_the_wheel_is_not_added_to(installed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "grader", "new", "first"]
    variables = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("grade: the course that came with `grade` is not yours to change")


def test_a_course_that_is_around_wins(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "course.yaml").write_text("title: Mine\nassignments: []\nlanguages: {}\n")
    inside = tmp_path / "work"
    inside.mkdir()
    code = "from grader.course.load import find_course; print(find_course().data.title)"
    assert run("-P", "-c", code, cwd=inside, PYTHONPATH=str(installed)) == "Mine\n"
