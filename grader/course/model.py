"""Owns what `course.yaml` and `assignment.yaml` mean: frozen, closed, typed data.

Decoded by `course.load`; unknown keys are errors. Text fields may hold placeholders `{name}` or
`{name.bytes}` that `course.vary` fills with a scenario's random values.
"""

# Annotations are evaluated here: as text, msgspec would have to compile each at every start.
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from grader.course.conditions import Closed, Conditions
from grader.course.steps import Step

Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$")]
Stem = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*$")]
Points = Annotated[float, Meta(ge=0)]
Size: TypeAlias = int | str
"""Bytes, or text like "256 MiB" (`course.units.parse_size`)."""


class Limits(Closed, frozen=True, kw_only=True):
    """Upper bounds of one run or build; None takes the next outer default.

    wall and cpu in seconds; memory, output, files in bytes; processes counts threads too.
    """

    wall: float | None = None
    cpu: float | None = None
    memory: Size | None = None
    processes: int | None = None
    output: Size | None = None
    files: Size | None = None
    descriptors: int | None = None
    objects: int | None = None
    events: int | None = None


class Vary(Closed, frozen=True, kw_only=True):
    """How to make one random value; exactly one of the keys but `bytes` is set.

    text: so many bytes of UTF-8 text in one line. words: so many words. lines: so many lines of
    `bytes` bytes each. hex: so many bytes of all kinds, in hexadecimal. integer: from the closed
    range [low, high]. choice: one of these.

    Numbers that follow from others, given or made further up by name: sum and product of these;
    sum_to, 1 + 2 + … up to it.
    """

    text: int | None = None
    words: int | None = None
    lines: int | None = None
    hex: int | None = None
    integer: tuple[int, int] | None = None
    choice: list[str] | None = None
    sum: list[int | str] | None = None
    product: list[int | str] | None = None
    sum_to: int | str | None = None
    bytes: int | None = None

    @property
    def numeric(self) -> bool:
        """Whether it makes a number, which others can follow from."""
        return self.integer is not None or bool(self.derived_from)

    @property
    def derived_from(self) -> list[int | str]:
        """The numbers, or names of values, that this one follows from."""
        alone = [self.sum_to] if self.sum_to is not None else []
        return [*(self.sum or []), *(self.product or []), *alone]


VaryKind: TypeAlias = Literal["sysv_key", "tcp_port"] | Vary


class Scenario(Closed, frozen=True, kw_only=True):
    """One stage direction: what is started, sent, awaited. Steps run in order."""

    run: list[Step]
    title: str | None = None
    vary: dict[str, VaryKind] = {}
    limits: Limits | None = None


class Check(Conditions, frozen=True, kw_only=True):
    """One sentence of the handout, held by conditions that must all be met.

    scenario: where they are looked for; in every one of a list.
    needs: ids of checks that must have passed, or this one is skipped.
    hidden: counts, but students are not told what it is about, and it is not exported.
    """

    id: Id
    title: str
    points: Points
    scenario: str | list[str]
    hint: str | list[str] | None = None
    needs: list[str] = []
    hidden: bool = False

    @property
    def scenarios(self) -> list[str]:
        return [self.scenario] if isinstance(self.scenario, str) else self.scenario

    @property
    def hints(self) -> list[str]:
        """In the order in which they are given."""
        return [self.hint] if isinstance(self.hint, str) else self.hint or []


class Assignment(Closed, frozen=True, kw_only=True):
    """One exercise: `assignments/<id>/assignment.yaml`. The id is the folder's name."""

    title: str
    programs: list[Stem]
    """File stems that a submission must hold."""
    scenarios: dict[Id, Scenario]
    checks: list[Check]
    version: Literal[1] = 1
    vary: dict[str, VaryKind] = {}
    limits: Limits | None = None
    show_hidden: bool | None = None
    """As in the course; None: what the course says."""
    points: Points = 10
    """What all checks together are worth; `grade lint` holds them to it."""

    @property
    def max_score(self) -> float:
        return sum(check.points for check in self.checks)


class Language(Closed, frozen=True, kw_only=True):
    """How programs of one language are told apart, built and run.

    suffix: of the source file (".c"). build: argv with {source} and {program}, or None. run:
    argv with {source} or {program}; "{python}" is the interpreter that runs the grader.
    packages: Python packages of the grader's own environment that programs may import.
    """

    suffix: str
    run: list[str]
    build: list[str] | None = None
    packages: list[str] = []


class Course(Closed, frozen=True, kw_only=True):
    """`course.yaml`: the title, the order of assignments, languages, default limits.

    limits_max: what an assignment or a scenario may set its limits to at most.
    """

    title: str
    assignments: list[Id]
    languages: dict[Id, Language]
    version: Literal[1] = 1
    limits: Limits = Limits()
    limits_max: Limits = Limits()
    build_limits: Limits = Limits()
    show_hidden: bool = False
    """Whether students see a line for each hidden check, with its points and nothing else."""


class PythonFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of Python checks: its text, and how people are told where it is."""

    file: str
    text: str


class LoadedAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment with where it came from. show_hidden: what it or else its course says.
    python: the files of its Python checks by name (`course.python_checks`)."""

    id: str
    folder: Path
    data: Assignment
    show_hidden: bool = False
    python: dict[str, PythonFile] = {}


class LoadedCourse(msgspec.Struct, frozen=True, kw_only=True):
    """A course with where it came from; assignments are loaded one at a time when asked for."""

    folder: Path
    data: Course
