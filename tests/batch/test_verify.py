"""Programs of a course beside what they declare; the real sandbox grades them."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from grader.batch.verify import (
    Held,
    Kind,
    Sample,
    Verification,
    Verify,
    hold,
    lacking,
    of_course,
    samples,
)
from grader.cli.main import main
from grader.course.model import LoadedAssignment, LoadedCourse
from grader.errors import CourseError, UsageError
from grader.outcome import Report, Status
from grader.run.scenario import tiers
from grader.run.spec import Isolation
from tests.batch.conftest import CRASH, HI, MUTE
from tests.report.samples import report

RUDE = "print('go away'); raise SystemExit(1)\n"
PLACES = {"stub": "assignments/pipe/stubs", "reference": "solutions/pipe"}

Add = Callable[..., None]


@pytest.fixture
def add(folder: Path) -> Add:
    """add("wrong/mute", MUTE, fails="[says]") puts a program of `pipe` into its place."""

    def make(name: str, program: str, *, fails: str | None = None) -> None:
        kind, slug = name.split("/")
        place = folder / PLACES.get(kind, f"solutions/pipe/{kind}") / slug
        place.mkdir(parents=True)
        (place / "hello.py").write_text(program)
        if fails is not None:
            (place / "expect.yaml").write_text(f"fails: {fails}\nabout: It is wrong.\n")

    return make


def verified(
    course: LoadedCourse,
    found: list[Sample],
    *,
    repeat: int = 1,
    isolation: Isolation | None = None,
) -> Verification:
    pool = ThreadPoolExecutor
    verify = Verify(course, found, lambda: pool(1), jobs=1, repeat=repeat, isolation=isolation)
    return verify.run(lambda _held: None)


def test_what_holds_and_what_does_not(
    course: LoadedCourse, pipe: LoadedAssignment, add: Add
) -> None:
    add("reference/python", HI)
    add("stub/python", CRASH)
    add("variants/mute", MUTE)
    add("wrong/as-declared", MUTE, fails="[says]")
    add("wrong/fails-more", RUDE, fails="[says]")
    add("wrong/fails-less", HI, fails="[ends]")
    faults = {
        held.sample.name: [fault.split()[0] for fault in held.faults]
        for held in verified(course, samples(course, pipe)).held
    }
    assert faults == {
        "pipe/stub/python": [],
        "pipe/reference/python": [],
        "pipe/variant/mute": ["says"],
        "pipe/wrong/as-declared": [],
        "pipe/wrong/fails-more": ["ends"],
        "pipe/wrong/fails-less": ["ends"],
    }


def test_the_programs_run_in_the_tier_that_is_asked_for(
    course: LoadedCourse, pipe: LoadedAssignment, add: Add
) -> None:
    works = [tier for tier, reason in tiers().items() if reason is None]
    add("reference/python", HI)
    ran = [
        verified(course, samples(course, pipe), isolation=tier).held[0].report.isolation
        for tier in works
    ]
    assert ran == works


def test_a_stub_that_earns_too_much_does_not_hold(
    course: LoadedCourse, pipe: LoadedAssignment, add: Add
) -> None:
    add("stub/python", MUTE)
    [held] = verified(course, samples(course, pipe)).held
    assert held.report.score == 3
    assert len(held.faults) == 1


def test_what_the_course_lacks_is_told(
    course: LoadedCourse, pipe: LoadedAssignment, add: Add
) -> None:
    add("reference/python", HI)
    add("stub/python", CRASH)
    add("wrong/mute", MUTE, fails="[says]")
    assert list(lacking(course, samples(course, pipe))) == [
        "pipe: there is no stub in c; write assignments/pipe/stubs/c/",
        "pipe: there is no reference in c; write solutions/pipe/c/",
        "pipe: no wrong program fails the check ends; add one to solutions/pipe/wrong/",
    ]


def test_a_course_without_solutions_is_told_so_once(
    course: LoadedCourse, pipe: LoadedAssignment, add: Add
) -> None:
    """As students get it: `grade verify` is nothing for them."""
    add("stub/python", CRASH)
    add("stub/c", CRASH)
    [told] = lacking(course, samples(course, pipe))
    assert told.startswith(f"{course.folder / 'solutions'}: there is no such folder")


def held(pipe: LoadedAssignment, made: Report, status: Status) -> Held:
    checks = [msgspec.structs.replace(check, status=status) for check in made.checks]
    sample = Sample(pipe, Kind.WRONG, "racy", Path("racy"))
    return hold(sample, msgspec.structs.replace(made, checks=checks))


def test_verdicts_that_change_are_told(pipe: LoadedAssignment) -> None:
    made = report()
    verification = Verification(2, [held(pipe, made, s) for s in (Status.FAILED, Status.PASSED)])
    [told] = verification.changing()
    assert told.startswith("pipe/wrong/racy: the verdict changes on ")
    steady = Verification(2, [held(pipe, made, Status.FAILED)] * 2)
    assert list(steady.changing()) == []


def test_each_repetition_has_random_values_of_its_own(
    course: LoadedCourse, pipe: LoadedAssignment, add: Add
) -> None:
    add("reference/python", HI)
    done = verified(course, samples(course, pipe), repeat=3).held
    assert len({one.report.seed for one in done}) == 3


@pytest.mark.parametrize("fails", ["[]", "[shines]", "says"])
def test_a_broken_expectation_is_a_problem_of_the_course(
    course: LoadedCourse, pipe: LoadedAssignment, add: Add, fails: str
) -> None:
    add("wrong/mute", MUTE, fails=fails)
    with pytest.raises(CourseError) as caught:
        of_course(course, [pipe])
    [problem] = caught.value.problems
    assert problem.file.endswith("wrong/mute/expect.yaml")


def test_an_assignment_without_programs_is_refused(
    course: LoadedCourse, pipe: LoadedAssignment
) -> None:
    with pytest.raises(UsageError, match="no stub and no solution"):
        of_course(course, [pipe])


def test_the_command_ends_with_1_and_names_what_does_not_hold(
    folder: Path, add: Add, capsys: pytest.CaptureFixture[str]
) -> None:
    add("reference/python", MUTE)
    assert main(["verify", "pipe", "--course", str(folder), "--jobs", "1"]) == 1
    out, err = capsys.readouterr()
    assert err.startswith("1/1 pipe/reference/python: DOES NOT HOLD, 3 of 4")
    assert "says failed" in out
    [command] = [line for line in out.splitlines() if line.startswith("  to see it: ")]
    words = shlex.split(command.removeprefix("  to see it: grade "))
    assert main(words) == 1
    assert "says" in capsys.readouterr().out


def test_a_folder_without_a_program_is_told_before_anything_is_graded(
    folder: Path, add: Add, capsys: pytest.CaptureFixture[str]
) -> None:
    add("reference/python", HI)
    add("wrong/nothing", MUTE, fails="[says]")
    (folder / "solutions/pipe/wrong/nothing/hello.py").unlink()
    assert main(["verify", "pipe", "--course", str(folder), "--jobs", "1"]) == 2
    out, err = capsys.readouterr()
    assert (out, "wrong/nothing" in err, "1/2" in err) == ("", True, False)


def test_what_was_to_fail_and_was_skipped_says_why(pipe: LoadedAssignment) -> None:
    sample = Sample(pipe, Kind.WRONG, "mute", Path(), frozenset(["closes"]))
    made = report()
    skipped = msgspec.structs.replace(
        made,
        checks=[
            msgspec.structs.replace(
                made.checks[0], id="closes", status=Status.SKIPPED, message="Not judged."
            )
        ],
    )
    assert hold(sample, skipped).faults == (
        "closes was to fail, and was not judged at all: Not judged.",
    )
