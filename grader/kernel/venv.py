"""Owns the Python of a run's programs: a virtual environment (PEP 405) that holds the declared
packages and nothing else. What this machine has installed besides makes no difference."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def program(place: str) -> str:
    """The interpreter of the environment in this folder."""
    return f"{place}/bin/python"


def packages(place: str) -> str:
    """Where its packages lie."""
    return f"{place}/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


def create(place: str) -> None:
    """Make it, in an existing or a new folder, for the interpreter behind our own; OSError."""
    interpreter = os.path.realpath(_base_interpreter())
    Path(packages(place)).mkdir(parents=True, exist_ok=True)
    Path(place, "bin").mkdir()
    Path(program(place)).symlink_to(interpreter)
    Path(place, "pyvenv.cfg").write_text(
        f"home = {Path(interpreter).parent}\ninclude-system-site-packages = false\n"
    )


def _base_interpreter() -> str:
    """The interpreter behind a virtual environment: CPython names it so since 3.3."""
    return str(getattr(sys, "_base_executable", sys.executable))
