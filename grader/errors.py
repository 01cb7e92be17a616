"""The error tree: everything that can stop `grade` itself, never a student's failure.

GraderError
├── UsageError              exit 2: the command line or the submission's place is wrong
├── CourseError             exit 2: a course or assignment file is broken (all problems at once)
└── InfrastructureError     exit 3: the grader could not do its work; never a score
    ├── SandboxError        a step of setting up the sandbox failed, with its errno
    └── ObserverError       the tracer lost or could not read what it must know
"""

from __future__ import annotations

import errno as errno_names
import os
from collections.abc import Sequence
from enum import IntEnum

import msgspec


class ExitStatus(IntEnum):
    """Exit status of `grade`; other programs rely on these numbers."""

    FULL_MARKS = 0
    NOT_FULL_MARKS = 1
    USAGE = 2
    INFRASTRUCTURE = 3


class GraderError(Exception):
    """Base of all errors that end a command.

    message: what happened, one sentence. where: file, line or command, or None.
    fix: what to do now, or None.
    """

    exit_status: ExitStatus = ExitStatus.INFRASTRUCTURE

    def __init__(self, message: str, *, where: str | None = None, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.where, self.fix))


def _rebuild(kind: type[GraderError], message: str, where: str | None, fix: str | None) -> object:
    error = kind.__new__(kind)
    GraderError.__init__(error, message, where=where, fix=fix)
    return error


class UsageError(GraderError):
    """The command was called wrongly: unknown assignment, missing folder, unknown language."""

    exit_status = ExitStatus.USAGE


class Problem(msgspec.Struct, frozen=True):
    """One defect of a course file. line and column count from 1."""

    file: str
    line: int
    column: int
    message: str
    fix: str | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class CourseError(GraderError):
    """A course or assignment file is broken; `problems` holds every defect found."""

    exit_status = ExitStatus.USAGE

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(
            first.message + more,
            where=f"{first.file}:{first.line}:{first.column}",
            fix=first.fix,
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (CourseError, (self.problems,))


class InfrastructureError(GraderError):
    """The grader could not do its work. Reported as such, never as a score."""


class SandboxError(InfrastructureError):
    """A step of building the sandbox failed.

    step: what was tried ("mount /proc"); errno: the kernel's answer, 0 if there was none.
    """

    def __init__(self, step: str, errno: int = 0, *, fix: str | None = None) -> None:
        self.step = step
        self.errno = errno
        reason = (
            f": {os.strerror(errno)} ({errno_names.errorcode.get(errno, errno)})" if errno else ""
        )
        super().__init__(
            f"the sandbox could not be set up: {step}{reason}",
            where="sandbox",
            fix=fix or "`grade doctor` says what this machine lacks and how to get it",
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_sandbox, (self.step, self.errno, self.fix))


def _rebuild_sandbox(step: str, errno: int, fix: str | None) -> SandboxError:
    return SandboxError(step, errno, fix=fix)


class ObserverError(InfrastructureError):
    """The tracer could not observe the run; its recording would be a guess."""
