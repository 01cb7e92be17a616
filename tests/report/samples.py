"""A report that has something of everything, for the tests of its forms."""

from __future__ import annotations

from grader.outcome import (
    ActorReport,
    BuildReport,
    Evidence,
    Finding,
    Report,
    ScenarioReport,
    Status,
    Verdict,
)
from grader.trace.model import Outcome, Residue

WAITS = (
    "main.1 waits in read at hello.c:23 for end of file on pipe1; its write end is still open in "
    "main (fd 4) and in main.1 itself (fd 4)"
)

PASSED = Finding(
    id="prints", title="Prints the message", status=Status.PASSED, points=2, max_points=2
)
FAILED = Finding(
    id="closes",
    title="Each side closes the end it does not use",
    status=Status.FAILED,
    points=0,
    max_points=1.5,
    message="main.1 never closes the write end.",
    hint="When does the reader see end of file?",
    expected="20 Hello",
    seen="nothing",
    scenario="greeting",
    evidence=[Evidence(text="main.1 still holds fd 4", scenario="greeting", seq=7)],
)
SKIPPED = Finding(
    id="large",
    title="Nothing is cut",
    status=Status.SKIPPED,
    points=0,
    max_points=1,
    message="not judged, because `closes` did not pass",
)


def scenario(
    outcome: Outcome = Outcome.DEADLOCK,
    *,
    id: str = "greeting",
    stdout: str = "",
    stderr: str = "",
) -> ScenarioReport:
    return ScenarioReport(
        id=id,
        outcome=outcome,
        limit=None,
        detail=WAITS if outcome is Outcome.DEADLOCK else "",
        wall_ms=31,
        residue=[Residue(kind="process", id="main.1")],
        actors=[
            ActorReport(
                name="hello",
                argv=["/home/student/hello"],
                exit=1 if outcome is Outcome.FINISHED else "SIGKILL",
                stdout=stdout,
                stderr=stderr,
            )
        ],
    )


def report(
    *,
    checks: list[Finding] | None = None,
    scenarios: list[ScenarioReport] | None = None,
    verdict: Verdict = Verdict.FAILED,
    score: float | None = 2.0,
    build: BuildReport | None = None,
    error: str | None = None,
    show_hidden: bool = True,
) -> Report:
    return Report(
        assignment="pipe",
        language="c",
        verdict=verdict,
        score=score,
        max_score=4.5,
        seed=4711,
        isolation="namespaces",
        grader="0.1.0",
        duration_ms=412,
        checks=[PASSED, FAILED, SKIPPED] if checks is None else checks,
        scenarios=[scenario()] if scenarios is None else scenarios,
        build=build,
        error=error,
        show_hidden=show_hidden,
    )
