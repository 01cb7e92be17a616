"""Owns what a run is asked to do: resolved, picklable data without placeholders or paths of
the course."""

# Annotations are evaluated here: as text, msgspec would have to compile each at every start.
from collections.abc import Sequence
from typing import Literal

import msgspec

from grader.course.steps import Step

Isolation = Literal["namespaces", "landlock"]
ISOLATIONS: tuple[Isolation, ...] = ("namespaces", "landlock")
"""The tiers, the stronger one first."""


class Bounds(msgspec.Struct, frozen=True):
    """Resolved limits: seconds for wall and cpu, bytes for memory, output and files."""

    wall: float = 10.0
    cpu: float = 5.0
    memory: int = 256 << 20
    processes: int = 128
    output: int = 1 << 20
    files: int = 16 << 20
    descriptors: int = 1024
    objects: int = 256
    events: int = 1_000_000


BUILD_BOUNDS = Bounds(wall=60.0, cpu=30.0, memory=1 << 30, output=64 << 10, files=64 << 20)


class Tree(msgspec.Struct, frozen=True):
    """A folder's regular files in memory: relative POSIX path to (content, executable)."""

    files: dict[str, tuple[bytes, bool]] = msgspec.field(default_factory=dict)


class Program(msgspec.Struct, frozen=True):
    """How to run one program in the sandbox: argv without the scenario's own arguments.

    path: the file whose opening ends the interpreter's start-up (".../hello.py"), or None.
    """

    argv: tuple[str, ...]
    """argv[0] is a path inside, a name for PATH, or "{python}"."""
    path: str | None = None


class RunSpec(msgspec.Struct, frozen=True):
    """One scenario, ready to run. steps hold no placeholders any more."""

    scenario: str
    steps: tuple[Step, ...]
    programs: dict[str, Program]
    tree: Tree
    bounds: Bounds = Bounds()
    packages: tuple[str, ...] = ()
    """Names of Python packages of the grader's own environment that programs may import."""
    values: dict[str, str] = msgspec.field(default_factory=dict)
    observed: bool = True
    """False for builds: nothing is traced but the family, and long output is cut, not a limit."""
    keep: tuple[str, ...] = ()
    """Files of the work folder to bring back at the end."""
    isolation: Isolation | None = None
    """The only tier that will do; None takes the strongest that this machine has."""


class BuildSpec(msgspec.Struct, frozen=True):
    """One sandboxed build: commands run one after another in the work folder.

    keep: files to bring back.
    """

    commands: tuple[tuple[str, ...], ...]
    tree: Tree
    keep: Sequence[str]
    bounds: Bounds = BUILD_BOUNDS
    isolation: Isolation | None = None


class BuildResult(msgspec.Struct, frozen=True):
    """What a build did. output: the compiler's words, bounded and decoded; tree: with products."""

    ok: bool
    command: tuple[str, ...]
    output: str
    detail: str
    tree: Tree
    isolation: str = "namespaces"
    """The tier it ran in, as in Recording.isolation: a failed build leaves no recording."""
