"""Holds the imports between the parts of `grader` to the table in docs/architecture.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "grader"

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "course": set(),
    "trace": set(),
    "kernel": {"trace"},
    "outcome": {"trace"},
    "run": {"course", "trace", "kernel"},
    "check": {"course", "trace", "outcome"},
    # trace: a Recording passes through its hands from run to check.
    "grade": {"course", "run", "check", "outcome", "trace"},
    "batch": {"grade", "course", "run", "outcome", "report", "trace"},
    "report": {"course", "trace", "outcome"},
    "student": {"course", "outcome"},
}
"""What each part may import besides itself and `errors`, which all may. `cli` may import all."""


def modules() -> list[Path]:
    return sorted(
        path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem[0] != "_"
    )


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(path: Path) -> Iterator[tuple[str, int]]:
    """The parts that a module imports anywhere in its text, with the line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            words = name.split(".")
            if words[0] == "grader" and len(words) > 1 and words[1] != "__version__":
                yield words[1], node.lineno


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    part = part_of(path)
    if part == "cli":
        return
    allowed = MAY_IMPORT[part] | {part} | (set() if part == "errors" else {"errors"})
    upward = [
        f"{path.relative_to(ROOT)}:{line} imports grader.{name}"
        for name, line in imported_parts(path)
        if name not in allowed
    ]
    assert upward == []


def test_every_part_is_in_the_table() -> None:
    assert {part_of(path) for path in modules()} == {*MAY_IMPORT, "cli"}


def test_the_table_has_no_cycle() -> None:
    above: list[str] = []
    remaining = dict(MAY_IMPORT)
    while remaining:
        free = [part for part, below in remaining.items() if below <= set(above)]
        assert free, f"a cycle among {sorted(remaining)}"
        above += free
        remaining = {part: below for part, below in remaining.items() if part not in free}
