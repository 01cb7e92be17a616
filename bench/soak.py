"""Whether anything is left after thousands of gradings: processes, descriptors, memory, IPC
objects, namespaces, mounts, temporary files. Not for CI: `make soak`.

    python bench/soak.py [GRADINGS]       default: 5000

IPC objects and namespaces are the whole machine's: nothing else should run meanwhile.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from batch import JOBS, corpus

from grader.batch.intake import read_handed, submission_for
from grader.batch.naming import find_handed
from grader.batch.spread import Spreader
from grader.batch.work import Item, local_pool
from grader.course.load import load_assignment, load_course
from grader.outcome import Verdict
from grader.run.spec import Tree
from grader.run.submission import Submission

COURSE = Path(__file__).parent.parent
WARM = 0.1
"""Share of the gradings after which everything has been loaded that ever is."""
GROWTH = 8 << 20
"""Bytes by which all workers together may grow after that: arenas of the allocator."""


@dataclass(frozen=True)
class Left:
    """What is there between two gradings."""

    processes: int
    descriptors: int
    memory: int
    ipc_objects: int
    namespaces: int
    mounts: int
    temporary: int


def look() -> Left:
    """Of our own family its processes, descriptors and resident bytes; of the machine the rest."""
    ours = [os.getpid(), *_workers()]
    return Left(
        processes=len(ours),
        descriptors=sum(len([*Path(f"/proc/{pid}/fd").iterdir()]) for pid in ours),
        memory=sum(_resident(pid) for pid in ours),
        ipc_objects=sum(_lines(f"/proc/sysvipc/{kind}") for kind in ("msg", "sem", "shm"))
        + _entries("/dev/shm")
        + _entries("/dev/mqueue"),
        namespaces=len({_namespace(path) for path in Path("/proc").glob("[0-9]*/ns/ipc")}),
        mounts=_lines("/proc/self/mountinfo"),
        temporary=_entries(tempfile.gettempdir()),
    )


def _workers() -> list[int]:
    task = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in task.read_text().split()]


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _lines(path: str) -> int:
    return len(Path(path).read_text().splitlines())


def _entries(path: str) -> int:
    return len([*Path(path).iterdir()]) if Path(path).is_dir() else 0


def _namespace(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:  # it has ended
        return ""


def items(folder: Path, gradings: int) -> Iterable[Item]:
    """The corpus over and over, each time with other random values; spinners left out."""
    course = load_course(COURSE)
    assignment = load_assignment(course, "pipe")
    submissions: list[Submission] = []
    for handed in find_handed(folder, [".py", ".c"]).handed:
        tree = read_handed(handed, [".py", ".c"])
        assert isinstance(tree, Tree)
        found = submission_for(course, assignment, tree, place=folder)
        assert isinstance(found, Submission)
        submissions.append(found)
    for number in range(gradings):
        submission = submissions[number % len(submissions)]
        yield Item(f"s{number}", "", course, assignment, submission, seed=number)


def main(gradings: int) -> int:
    errors = 0
    with tempfile.TemporaryDirectory() as name:
        submissions, temporary = Path(name, "in"), Path(name, "tmp")
        corpus(submissions, 50)
        temporary.mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)  # the workers' too
        warm: Left | None = None
        now = look()
        spreader = Spreader(lambda: local_pool(JOBS), at_once=JOBS)
        for number, graded in enumerate(spreader.grade(items(submissions, gradings)), start=1):
            errors += graded.report.verdict is Verdict.ERROR
            if number == int(gradings * WARM):
                warm = look()
            if number % max(1, gradings // 10) == 0:
                print(f"{number} gradings, {errors} errors: {asdict(look())}", flush=True)
            now = look() if number == gradings - 2 * JOBS else now
    return judge(warm or now, now, errors)


def judge(warm: Left, now: Left, errors: int) -> int:
    """0 if nothing has grown since the warm-up. What runs at the moment makes small differences."""
    grown = {
        name: after - before
        for (name, before), after in zip(asdict(warm).items(), asdict(now).values(), strict=True)
    }
    slack = {"memory": GROWTH, "processes": JOBS, "descriptors": 4 * JOBS, "namespaces": 2 * JOBS}
    leaks = {name: more for name, more in grown.items() if more > slack.get(name, 0)}
    print(f"grown since the warm-up: {grown}")
    print(f"leaks: {leaks or 'none'}; {errors} errors of the grader")
    return 1 if leaks or errors else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
