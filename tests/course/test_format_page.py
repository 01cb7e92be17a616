"""Every example in docs/assignment-format.md loads as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

from grader.course.load import load_assignment, load_course
from grader.course.model import Assignment
from grader.course.steps import STEPS

PAGE = Path(__file__).parents[2] / "docs" / "assignment-format.md"
BLOCKS = re.findall(r"```yaml\n# (\w+)\n(.*?)```", PAGE.read_text(), re.DOTALL)
STEP_BLOCKS = [text for kind, text in BLOCKS if kind == "steps"]
VALUES = next(text for kind, text in BLOCKS if kind == "vary")
PYTHON = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
CONDITIONS = next(text for kind, text in BLOCKS if kind == "conditions")
COURSE = """
title: Examples
assignments: [example]
languages: {python: {suffix: .py, run: ["{python}", "{source}"]}}
"""
TEMPLATE = """
title: Example
programs: [chat, server, client]
vary:
{values}
scenarios:
  one:
    run:
{steps}
checks:
  - id: all
    title: All
    points: 1
    scenario: one
{conditions}
"""
CAST = """
- {start: chat, as: a}
- {start: chat, as: b}
- {wait: a, until: {blocked: sem.op}}
- {read: file, path: counter.txt, as: counter}
- {peers: 2, as: guest, connect: 1}
- {request: /, port: 1, as: index}
- {read: semaphores, key: 1, as: set}
"""


def load(folder: Path, steps: str, conditions: str) -> Assignment:
    text = TEMPLATE.format(
        values=indent(VALUES, "  "),
        steps=indent(steps, " " * 6),
        conditions=indent(conditions, " " * 4),
    )
    (folder / "course.yaml").write_text(COURSE)
    (folder / "assignments" / "example").mkdir(parents=True)
    (folder / "assignments" / "example" / "assignment.yaml").write_text(text)
    (folder / "assignments" / "example" / "checks.py").write_text(*PYTHON)
    return load_assignment(load_course(folder), "example").data


@pytest.mark.parametrize("steps", STEP_BLOCKS, ids=lambda text: text.split(":")[0].strip("- {"))
def test_the_steps_load(tmp_path: Path, steps: str) -> None:
    loaded = load(tmp_path, steps, "residue: none\n")
    assert len(loaded.scenarios["one"].run) == steps.count("\n")


def test_the_conditions_load(tmp_path: Path) -> None:
    check = load(tmp_path, CAST, CONDITIONS).checks[0]
    unset = {
        name for name in check.__struct_fields__ if getattr(check, name) is None and name != "hint"
    }
    assert unset == set()


def test_every_kind_of_step_has_an_example() -> None:
    shown = set(re.findall(r"^- \{(\w+):", "\n".join(STEP_BLOCKS), re.MULTILINE))
    assert shown == set(STEPS)
