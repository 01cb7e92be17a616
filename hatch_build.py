"""Puts the public side of the course into the wheel, so that an installed `grade` knows it.

Made by the code of `grade export` in a folder that is gone after the build; nothing of it is kept
in the source tree. An editable install needs none: it finds the course of its checkout.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "grader/public"  # where course/load.py looks for it


class PublicCourse(BuildHookInterface[Any]):
    """Runs for wheels (`pyproject.toml` says so); what it needs is declared there, too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        self._made = TemporaryDirectory(prefix="grade-public-")
        folder = Path(self._made.name) / "public"
        self._export(folder)
        build_data["force_include"][str(folder)] = PLACE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._made.cleanup()

    def _export(self, folder: Path) -> None:
        # From the sources that are being packed, whatever else is installed; and without leaving
        # bytecode beside them.
        sys.path.insert(0, self.root)
        sys.dont_write_bytecode = True
        from grader.course.export import bundle, write
        from grader.course.load import load_course

        write(bundle(load_course(Path(self.root))), folder)
