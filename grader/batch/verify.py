"""Owns holding a course's own programs to what they declare.

Stubs lie in `assignments/<id>/stubs/<language>`, references in `solutions/<id>/<language>`, correct
programs in another idiom in `solutions/<id>/variants/<slug>`, wrong ones in
`solutions/<id>/wrong/<slug>` with an `expect.yaml` that names the checks which they fail.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from enum import StrEnum
from pathlib import Path

import msgspec

from grader.batch.spread import Spreader
from grader.batch.work import Item
from grader.course.expect import declared
from grader.course.model import LoadedAssignment, LoadedCourse
from grader.errors import CourseError, Problem, UsageError
from grader.outcome import Report, Status, Verdict
from grader.run.spec import Isolation
from grader.run.submission import find_submission

STUB_SHARE = 0.2
"""Of all points: what a program may earn that does nothing yet."""


class Kind(StrEnum):
    """What a program of the course is there for."""

    STUB = "stub"
    REFERENCE = "reference"
    VARIANT = "variant"
    WRONG = "wrong"


class Sample(msgspec.Struct, frozen=True):
    """One program of the course, and the checks that it must fail (none: full marks)."""

    assignment: LoadedAssignment
    kind: Kind
    slug: str
    """Of stubs and references the language."""
    folder: Path
    fails: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """`pipe/wrong/no-wait`."""
        return f"{self.assignment.id}/{self.kind}/{self.slug}"


class Held(msgspec.Struct, frozen=True):
    """One grading of a sample. faults: how it differs from what was declared, in sentences."""

    sample: Sample
    report: Report
    faults: tuple[str, ...]

    @property
    def failed(self) -> frozenset[str]:
        """The checks that it failed; those that were skipped don't count."""
        return frozenset(f.id for f in self.report.checks if f.status is Status.FAILED)


Watch = Callable[[Held], None]
"""Told of each grading, in the order in which they end."""


class Verification(msgspec.Struct):
    """What came of it. total: how many gradings there are to be."""

    total: int
    held: list[Held] = msgspec.field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many gradings the grader could not do."""
        return sum(held.report.verdict is Verdict.ERROR for held in self.held)

    @property
    def faulty(self) -> list[Held]:
        """The gradings that do not hold."""
        return [held for held in self.held if held.faults]

    def changing(self) -> Iterator[str]:
        """A sentence for each sample that did not fail the same checks every time."""
        seen: dict[str, set[frozenset[str]]] = defaultdict(set)
        for held in self.held:
            if held.report.verdict is not Verdict.ERROR:
                seen[held.sample.name].add(held.failed)
        for name, results in seen.items():
            if len(results) > 1:
                unsteady = frozenset.union(*results) - frozenset.intersection(*results)
                yield f"{name}: the verdict changes on {', '.join(sorted(unsteady))}"


def samples(course: LoadedCourse, assignment: LoadedAssignment) -> list[Sample]:
    """All programs that the course holds for the assignment, in order of their names.

    CourseError: an `expect.yaml` is broken or missing.
    """
    solutions = course.folder / "solutions" / assignment.id
    known = [check.id for check in assignment.data.checks]
    found: list[Sample] = []
    for kind, parent in (
        (Kind.STUB, assignment.folder / "stubs"),
        (Kind.REFERENCE, solutions),
        (Kind.VARIANT, solutions / "variants"),
        (Kind.WRONG, solutions / "wrong"),
    ):
        for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
            is_language = folder.name in course.data.languages
            if not folder.is_dir() or (kind is Kind.REFERENCE and not is_language):
                continue
            fails = (
                declared(folder, assignment.id, known) if kind is Kind.WRONG else frozenset[str]()
            )
            found.append(Sample(assignment, kind, folder.name, folder, fails))
    return found


def lacking(course: LoadedCourse, found: Sequence[Sample]) -> Iterator[str]:
    """What must be there and is not, with what to do: a stub and a reference in each language, and
    for each check a wrong program that fails it. A sentence for each assignment and kind, and one
    alone for a course without any solutions, such as students get it.

    found: all samples of some assignments.
    """
    solutions = course.folder / "solutions"
    if whole := bool(found) and not solutions.is_dir():
        yield (
            f"{solutions}: there is no such folder, so only stubs were held to anything; "
            "run this where the solutions and the wrong programs are"
        )
    assignments = {sample.assignment.id: sample.assignment for sample in found}
    for id, assignment in assignments.items():
        own = [sample for sample in found if sample.assignment.id == id]
        yield from _without(course, id, own, Kind.STUB, f"assignments/{id}/stubs")
        if whole:
            continue
        yield from _without(course, id, own, Kind.REFERENCE, f"solutions/{id}")
        failed = frozenset[str]().union(*(sample.fails for sample in own))
        unfailed = [check.id for check in assignment.data.checks if check.id not in failed]
        if unfailed:
            checks = f"check{'' if len(unfailed) == 1 else 's'} {', '.join(unfailed)}"
            yield f"{id}: no wrong program fails the {checks}; add one to solutions/{id}/wrong/"


def _without(
    course: LoadedCourse, id: str, own: Sequence[Sample], kind: Kind, place: str
) -> Iterator[str]:
    """The languages that have no program of this kind. place: where these programs lie."""
    there = {sample.slug for sample in own if sample.kind is kind}
    lacks = [language for language in course.data.languages if language not in there]
    if lacks:
        places = ", ".join(f"{place}/{language}/" for language in lacks)
        yield f"{id}: there is no {kind} in {', '.join(lacks)}; write {places}"


def item(
    course: LoadedCourse, sample: Sample, *, seed: int, isolation: Isolation | None = None
) -> Item:
    """The sample as a worker gets it. UsageError: there is no program in its folder."""
    language = sample.slug if sample.kind in (Kind.STUB, Kind.REFERENCE) else None
    submission = find_submission(
        course, sample.assignment, sample.folder, language=language, cwd=course.folder
    )
    key = f"{sample.name} {seed}"
    return Item(sample.name, key, course, sample.assignment, submission, seed, isolation)


def hold(sample: Sample, report: Report) -> Held:
    """The grading beside what was declared."""
    return Held(sample, report, tuple(_faults(sample, report)))


def _faults(sample: Sample, report: Report) -> Iterator[str]:
    if report.verdict is Verdict.ERROR:
        yield f"it could not be graded: {report.error or 'a check could not be judged'}"
        return
    if report.build is not None and not report.build.ok:
        yield f"it could not be built: {report.build.output.strip() or report.build.detail}"
        return
    findings = {finding.id: finding for finding in report.checks}
    failed = {id: one for id, one in findings.items() if one.status is Status.FAILED}
    score = report.score or 0.0
    match sample.kind:
        case Kind.STUB:
            if score > STUB_SHARE * report.max_score:
                yield f"a stub earns {score:g} of {report.max_score:g} points, which is too much"
        case Kind.REFERENCE | Kind.VARIANT:
            for finding in report.checks:
                if finding.status is not Status.PASSED:
                    yield f"{finding.id} {finding.status}, in a correct program: {finding.message}"
        case Kind.WRONG:
            for id in sorted(sample.fails - failed.keys()):
                if id in findings and findings[id].status is Status.SKIPPED:
                    yield f"{id} was to fail, and was not judged at all: {findings[id].message}"
                else:
                    yield f"{id} was to fail, and did not"
            for id, finding in failed.items():
                if id not in sample.fails:
                    yield f"{id} failed, which was not declared: {finding.message}"


class Verify:
    """Grades each sample `repeat` times, with fresh random values each time."""

    def __init__(
        self,
        course: LoadedCourse,
        found: Sequence[Sample],
        pool: Callable[[], Executor],
        *,
        jobs: int,
        repeat: int = 1,
        seed: int | None = None,
        isolation: Isolation | None = None,
    ) -> None:
        self._course = course
        self._repeat = repeat
        self._seed = seed
        self._isolation = isolation
        self._samples: Mapping[str, Sample] = {sample.name: sample for sample in found}
        self._spreader = Spreader(pool, at_once=jobs)
        self.verification = Verification(len(found) * repeat)

    def run(self, watch: Watch) -> Verification:
        """UsageError: a folder holds no program; told before anything is graded."""
        for sample in self._samples.values():
            item(self._course, sample, seed=0)
        for graded in self._spreader.grade(self._items()):
            held = hold(self._samples[graded.item.student], graded.report)
            self.verification.held.append(held)
            watch(held)
        return self.verification

    def _items(self) -> Iterator[Item]:
        for turn in range(self._repeat):
            for sample in self._samples.values():
                seed = secrets.randbelow(1 << 31) if self._seed is None else self._seed + turn
                yield item(self._course, sample, seed=seed, isolation=self._isolation)


def of_course(course: LoadedCourse, assignments: Sequence[LoadedAssignment]) -> list[Sample]:
    """All samples of these assignments. CourseError: all problems of all their `expect.yaml`.

    UsageError: an assignment has none.
    """
    found: list[Sample] = []
    problems: list[Problem] = []
    for assignment in assignments:
        try:
            own = samples(course, assignment)
        except CourseError as error:
            problems += error.problems
            continue
        if not own:
            raise UsageError(
                f"there is no stub and no solution for {assignment.id!r}",
                where=str(course.folder),
                fix=f"solutions/{assignment.id}/ holds them",
            )
        found += own
    if problems:
        raise CourseError(problems)
    return found
