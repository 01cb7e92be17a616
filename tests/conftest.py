"""Owns what tests share: tracees compiled once, commands run under the real `grade trace`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

from grader.trace.model import Recording, from_json

# how long an example takes is no property of the code on a busy machine; and a suite that tries
# other examples in each run is not the same suite twice
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.load_profile("steady")

TRACEES = Path(__file__).parent / "tracees"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """compiled("pipe_basic") is the program built from tests/tracees/pipe_basic.c."""
    folder = tmp_path_factory.mktemp("tracees")

    def build(name: str, *flags: str) -> Path:
        program = folder / "-".join((name, *flags)).replace("/", "_")
        if not program.exists():
            source = TRACEES / f"{name}.c"
            options = [
                "-std=c17",
                "-D_GNU_SOURCE",
                "-g",
                "-O0",
                "-fno-omit-frame-pointer",
                "-pthread",
            ]
            command = ["cc", *options, "-Wall", "-o", str(program), str(source), *flags]
            subprocess.run(command, check=True, timeout=60)
        return program

    return build


@pytest.fixture
def traced(tmp_path: Path) -> Callable[..., Recording]:
    """traced([program, …]) runs it under `grade trace` and returns what was seen."""

    def run(argv: list[str | Path], **options: object) -> Recording:
        file = tmp_path / "recording.json"
        command = [sys.executable, "-m", "grader", "trace", "--format", "json", "-o", str(file)]
        subprocess.run([*command, "--", *map(str, argv)], check=False, timeout=60, **options)  # type: ignore[call-overload] # options of subprocess.run, passed on
        return from_json(file.read_bytes())

    return run
