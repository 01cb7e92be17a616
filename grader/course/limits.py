"""Owns the default limits, and how a scenario's, an assignment's and a course's combine."""

from __future__ import annotations

import msgspec

from grader.course.model import Assignment, Course, Limits
from grader.course.units import parse_size

RUN_DEFAULTS = Limits(
    wall=10.0,
    cpu=5.0,
    memory=256 << 20,
    processes=128,
    output=1 << 20,
    files=16 << 20,
    descriptors=1024,
    objects=256,
    events=1_000_000,
)
BUILD_DEFAULTS = msgspec.structs.replace(
    RUN_DEFAULTS, wall=60.0, cpu=30.0, memory=1 << 30, output=64 << 10, files=64 << 20
)
SIZES = ("memory", "output", "files")
"""The limits that may be written with a unit."""


def resolve(*layers: Limits | None, defaults: Limits = RUN_DEFAULTS) -> Limits:
    """Limits with every field set and sizes as int bytes. The last layer that sets a field wins."""
    merged = msgspec.structs.asdict(defaults)
    for layer in layers:
        if layer is not None:
            merged |= {k: v for k, v in msgspec.structs.asdict(layer).items() if v is not None}
    return Limits(**merged | {name: parse_size(merged[name]) for name in SIZES})


def scenario_limits(course: Course, assignment: Assignment, scenario: str) -> Limits:
    """The limits of one run, complete. KeyError: no such scenario."""
    return resolve(course.limits, assignment.limits, assignment.scenarios[scenario].limits)


def build_limits(course: Course) -> Limits:
    """The limits of one build, complete."""
    return resolve(course.build_limits, defaults=BUILD_DEFAULTS)
