"""Owns the writing of a submission's files into the work folder of a run."""

from __future__ import annotations

import os
from pathlib import Path

from grader.errors import SandboxError


def write_tree(folder: str, files: dict[str, tuple[bytes, bool]], owner: int | None) -> None:
    """Write a submission's files; SandboxError names the file."""
    for name, (content, executable) in files.items():
        place = Path(folder) / name
        try:
            for parent in reversed(place.relative_to(folder).parents[:-1]):
                made = Path(folder) / parent
                if not made.exists():
                    made.mkdir()
                    _give(made, owner)
            place.write_bytes(content)
            place.chmod(0o755 if executable else 0o644)
            _give(place, owner)
        except OSError as error:
            raise SandboxError(f"write {name} into the sandbox", error.errno or 0) from error


def _give(path: Path, owner: int | None) -> None:
    if owner is not None:
        os.chown(path, owner, owner)
