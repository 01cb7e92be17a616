"""Sizes and limits."""

from __future__ import annotations

import pytest

from grader.course.limits import BUILD_DEFAULTS, RUN_DEFAULTS, resolve
from grader.course.model import Limits
from grader.course.units import parse_size


@pytest.mark.parametrize(
    ("written", "size"),
    [(0, 0), (4096, 4096), ("4096", 4096), ("1 B", 1), ("64KiB", 65536), ("256 MiB", 256 << 20)],
)
def test_sizes_are_read(written: int | str, size: int) -> None:
    assert parse_size(written) == size


@pytest.mark.parametrize(
    "written", ["1 kB", "1 MB", "2 mib", "", "MiB", "1.5 MiB", "-1", -1, "1e3", "٣", "9" * 30]
)
def test_what_is_no_size_or_could_mean_two_is_refused(written: int | str) -> None:
    with pytest.raises(ValueError, match=r"size|unit"):
        parse_size(written)


def test_the_innermost_limit_wins_and_every_limit_is_set() -> None:
    course = Limits(wall=20, memory="64 MiB")
    scenario = Limits(wall=2)
    limits = resolve(course, None, scenario)
    assert (limits.wall, limits.memory) == (2, 64 << 20)
    assert (limits.cpu, limits.processes, limits.output) == (5, 128, 1 << 20)


def test_defaults_are_those_of_the_documentation() -> None:
    assert resolve() == RUN_DEFAULTS
    build = resolve(defaults=BUILD_DEFAULTS)
    assert (build.wall, build.cpu, build.memory, build.output) == (60, 30, 1 << 30, 64 << 10)
