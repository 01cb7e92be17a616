"""How long after a program got stuck its verdict is there.

From the last thing that any process did to the finished recording, everything killed and read:
an upper bound for the time in which the deadlock was noticed and proven.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course.load import find_course, load_assignment
from grader.grade import Machinery, grade
from grader.run.scenario import run
from grader.run.spec import RunSpec
from grader.run.submission import find_submission
from grader.trace.model import Outcome, Recording

ROUNDS = 10
COURSE = Path(__file__).parent.parent


def main() -> None:
    course = find_course(COURSE)
    assignment = load_assignment(course, "pipe")
    place = COURSE / "solutions/pipe/wrong/keeps-write-end"
    submission = find_submission(course, assignment, place, cwd=COURSE)
    stuck: list[Recording] = []

    def run_and_note(specs: Sequence[RunSpec]) -> Iterator[Recording]:
        for spec in specs:
            recording = run(spec)
            if recording.outcome is Outcome.DEADLOCK:
                stuck.append(recording)
            yield recording

    for seed in range(ROUNDS):
        grade(course, assignment, submission, seed=seed, machinery=Machinery(run=run_and_note))
    times = [seen.wall_ms - seen.events[-1].t_us / 1000 for seen in stuck]
    print(
        f"stuck to verdict, {len(times)} runs: median {statistics.median(times):.0f} ms, "
        f"worst {max(times):.0f} ms"
    )


if __name__ == "__main__":
    main()
