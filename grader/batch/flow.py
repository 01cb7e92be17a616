"""Owns the way of a batch: everything handed in is read, what is not graded yet is spread over the
workers, and each result is in the files and the store before the next one is looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

import msgspec

from grader import __version__
from grader.batch.files import remove_reports, write_gradebooks, write_reports
from grader.batch.intake import Refused, content_hash, read_handed, submission_for
from grader.batch.naming import Handed
from grader.batch.spread import Spreader
from grader.batch.store import Assigned, Result, Store, result
from grader.batch.student import Roster
from grader.batch.summary import outcome_of
from grader.batch.ungraded import not_graded, refused
from grader.batch.work import Item
from grader.course.model import LoadedAssignment, LoadedCourse
from grader.errors import InfrastructureError
from grader.outcome import Report, Verdict
from grader.run.spec import Isolation, Tree

_AHEAD = 2
"""Submissions read and waiting for each worker: it never waits for us, and memory stays bounded."""


class Plan(msgspec.Struct, frozen=True):
    """What a batch grades, and with how many workers. handed: as `naming.recognised` by the roster.
    seed: None takes a fresh one."""

    course: LoadedCourse
    assignments: Sequence[LoadedAssignment]
    handed: Sequence[Handed]
    roster: Roster = msgspec.field(default_factory=Roster)
    language: str | None = None
    jobs: int = 1
    seed: int | None = None
    isolation: Isolation | None = None


class Progress(msgspec.Struct):
    """How far a batch is. total shrinks where nothing was handed in for an assignment."""

    total: int
    graded: int = 0
    failed: int = 0
    errors: int = 0
    kept: int = 0
    """Graded by an earlier batch and unchanged."""

    @property
    def done(self) -> int:
        return self.graded + self.kept


Watch = Callable[[Progress, Result | None], None]
"""Told of each step; the result is None where there was nothing to grade."""


class Batch:
    """One run over a plan. The store's folder is `out`."""

    def __init__(self, plan: Plan, store: Store, out: Path, pool: Callable[[], Executor]) -> None:
        self._plan = plan
        self._store = store
        self._out = out
        self._spreader = Spreader(pool, at_once=plan.jobs * _AHEAD)
        self._watch: Watch = lambda _progress, _result: None
        self.progress = Progress(len(plan.handed) * len(plan.assignments))

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what runs has ended."""
        self._spreader.stop()

    def run(self, watch: Watch) -> Progress:
        """Grade what is missing or changed. Tables of scores are written even if we are stopped."""
        self._watch = watch
        titles = [
            Assigned(one.id, one.data.title, one.data.max_score) for one in self._plan.assignments
        ]
        students = [*self._plan.roster.students, *(one.student for one in self._plan.handed)]
        self._forget({one.called for one in self._plan.handed} - {one.id for one in students})
        self._store.name(titles, students)
        try:
            for done in self._spreader.grade(self._items()):
                item = done.item
                self._save(item.student, item.key, done.report, tries=done.tries)
        finally:
            write_gradebooks(self._out, self._store, self._plan.roster.columns)
        return self.progress

    def _forget(self, names: Iterable[str]) -> None:
        """What an earlier batch called students before it had the roster that names them."""
        for name in names:
            self._store.forget(name)
            remove_reports(self._out, name)

    def _items(self) -> Iterator[Item]:
        """What a worker has to do; all else is settled on the way."""
        seed = self._store.seed(self._plan.seed)
        known = self._store.keys()
        suffixes = [one.suffix for one in self._plan.course.data.languages.values()]
        hashes = [_assignment_hash(self._plan, one) for one in self._plan.assignments]
        for handed in self._plan.handed:
            student = handed.student
            try:
                tree = read_handed(handed, suffixes)
            except InfrastructureError as error:
                told = f"{error.message} ({error.where})"
                for assignment in self._plan.assignments:
                    self._save(student.id, "", not_graded(assignment, told, seed=seed))
                continue
            for assignment, hashed in zip(self._plan.assignments, hashes, strict=True):
                if isinstance(tree, Refused):
                    self._save(student.id, "", refused(assignment, tree.reason, seed=seed))
                    continue
                content = content_hash(tree)
                key = hashlib.sha256(f"{content} {hashed}".encode()).hexdigest()
                if known.get((student.id, assignment.id)) == key:
                    self.progress.kept += 1
                    self._watch(self.progress, None)
                    continue
                own_seed = seed_for(seed, assignment.id, content)
                yield from self._item(student.id, key, assignment, tree, own_seed)

    def _item(
        self, student: str, key: str, assignment: LoadedAssignment, tree: Tree, seed: int
    ) -> Iterator[Item]:
        plan = self._plan
        found = submission_for(
            plan.course, assignment, tree, language=plan.language, place=Path(student)
        )
        if found is None and len(plan.assignments) > 1:
            self.progress.total -= 1  # handed in nothing for this one
            self._watch(self.progress, None)
        elif found is None:
            reason = f"no program of {assignment.id!r} is there"
            self._save(student, key, refused(assignment, reason, seed=seed))
        elif isinstance(found, Refused):
            self._save(student, key, refused(assignment, found.reason, seed=seed))
        else:
            yield Item(student, key, plan.course, assignment, found, seed, plan.isolation)

    def _save(self, student: str, key: str, report: Report, *, tries: int = 1) -> None:
        # First the files: once the row is there, nothing is graded again to write them.
        row = result(student, key, outcome_of(report), report, tries=tries)
        write_reports(self._out, row)
        self._store.save(row)
        self.progress.graded += 1
        self.progress.failed += report.verdict is Verdict.FAILED
        self.progress.errors += report.verdict is Verdict.ERROR
        self._watch(self.progress, row)


def seed_for(batch_seed: int, assignment: str, content: str) -> int:
    """The seed of one submission: the same whenever and beside whatever it is graded."""
    digest = hashlib.sha256(f"{batch_seed} {assignment} {content}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _assignment_hash(plan: Plan, assignment: LoadedAssignment) -> str:
    """Of all that a report depends on besides the submission: the handout does not count."""
    digest = hashlib.sha256()
    for part in (
        __version__,
        plan.language,
        plan.isolation,
        assignment.id,
        assignment.data,
        assignment.show_hidden,
        {name: file.text for name, file in assignment.python.items()},
        plan.course.data.languages,
        plan.course.data.limits,
        plan.course.data.build_limits,
    ):
        digest.update(msgspec.json.encode(part))
    return digest.hexdigest()
