"""The folder of a run is removed whatever lies in it, and however often that is begun."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.kernel import folder


class KilledError(Exception):
    """Where a sweep ended."""


def a_hostile_folder(place: Path) -> Path:
    """Folders in folders, some of them closed, under names that we give ourselves."""
    run = place / "grade-run-left"
    inner = run / "home" / "grade-run-1" / "grade-run-2" / "home" / "deep"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    (run / "tmp" / "closed" / "more").mkdir(parents=True)
    (run / "tmp" / "closed").chmod(0)
    return run


def test_a_sweep_ends_what_killed_sweeps_have_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename
    for moves in range(6):
        run = a_hostile_folder(tmp_path)
        left = iter(range(moves))

        def killed(path: Path, target: Path, left: Iterator[int] = left) -> Path:
            if next(left, None) is None:
                raise KilledError
            return rename(path, target)

        with monkeypatch.context() as patch, pytest.raises(KilledError):
            patch.setattr(Path, "rename", killed)
            folder.remove(run)
        folder.remove(run)
        assert not run.exists()
