"""The published schemas are current, accept what is shipped, and refuse what people get wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from grader.course.json_schema import FOLDER, KINDS, text
from grader.course.yaml import parse, read

ROOT = Path(__file__).parents[2]
FILES = {
    "assignment": sorted((ROOT / "assignments").glob("*/assignment.yaml")),
    "course": [ROOT / "course.yaml"],
    "expect": sorted((ROOT / "solutions").glob("*/wrong/*/expect.yaml")),
}
SHIPPED = [(kind, path) for kind, paths in FILES.items() for path in paths]
PAGE = ROOT / "docs/assignment-format.md"
GOOD = """\
version: 1
title: Hello
programs: [hello]
scenarios:
  one:
    vary: {message: {words: 4}}
    run:
      - {start: hello, args: ["{message}"]}
      - {wait: hello, until: {blocked: pipe.read}}
      - {finish: hello}
checks:
  - id: says
    title: It says so
    points: 10
    scenario: one
    stdout: "{message}"
    observe: [{event: pipe.write, object: $pipe}]
"""


def validator(kind: str) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"{kind}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def places(kind: str, value: Any) -> list[list[str | int]]:
    """Where the file differs from its schema."""
    return [list(error.absolute_path) for error in validator(kind).iter_errors(value)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_published_schema_is_current(kind: str) -> None:
    told = "python -m grader.course.json_schema writes it anew"
    assert (FOLDER / f"{kind}.json").read_text() == text(kind), told


@pytest.mark.parametrize(
    ("kind", "path"), SHIPPED, ids=[str(path.relative_to(ROOT)) for _, path in SHIPPED]
)
def test_what_is_shipped_fits(kind: str, path: Path) -> None:
    assert places(kind, read(path).value) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shipped_names_its_schema_first(kind: str) -> None:
    for path in FILES[kind]:
        first = path.read_text().partition("\n")[0]
        match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert match is not None, path
        assert (path.parent / match[1]).resolve() == FOLDER / f"{kind}.json"


def test_every_step_of_the_format_page_fits() -> None:
    blocks = re.findall(r"```yaml\n# steps\n(.*?)```", PAGE.read_text(), re.DOTALL)
    good = parse(GOOD.encode(), "good").value
    assert isinstance(good, dict)
    for block in blocks:
        run = parse(block.encode(), "steps").value
        assert places("assignment", {**good, "scenarios": {"one": {"run": run}}}) == []


def test_every_condition_of_the_format_page_fits() -> None:
    (block,) = re.findall(r"```yaml\n# conditions\n(.*?)```", PAGE.read_text(), re.DOTALL)
    conditions = parse(block.encode(), "conditions").value
    good: Any = parse(GOOD.encode(), "good").value
    good["checks"][0] |= conditions
    assert places("assignment", good) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("points: 10", "ponts: 10", ["checks", 0]),
        ("points: 10", "points: many", ["checks", 0, "points"]),
        ("points: 10", "points: -1", ["checks", 0, "points"]),
        ("pipe.write", "pipe.wirte", ["checks", 0, "observe"]),
        ("pipe.read", "pipe.reed", ["scenarios", "one", "run", 1]),
        ("start: hello", "strat: hello", ["scenarios", "one", "run", 0]),
        ("start: hello", "start: hello, send: x", ["scenarios", "one", "run", 0]),
        ("start: hello", "step: start, start: hello", ["scenarios", "one", "run", 0]),
        ('["{message}"]', '"{message}"', ["scenarios", "one", "run", 0]),
        ("{words: 4}", "{wrds: 4}", ["scenarios", "one", "vary", "message"]),
        ("id: says", "id: Says", ["checks", 0, "id"]),
        ("  one:", "  One:", ["scenarios"]),
        ("[hello]", "hello", ["programs"]),
        ("version: 1", "version: 2", ["version"]),
        ("title: Hello\n", "", []),
        ("title: Hello\n", "titel: Hello\n", []),
    ],
)
def test_typical_mistakes_do_not_fit(old: str, new: str, place: list[str | int]) -> None:
    assert places("assignment", parse(GOOD.encode(), "good").value) == []
    assert old in GOOD
    assert place in places("assignment", parse(GOOD.replace(old, new, 1).encode(), "bad").value)
