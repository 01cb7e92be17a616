"""What is remembered of gradings: best and last, in a file that nothing makes us lose or crash."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from grader.errors import UsageError
from grader.outcome import Report, Status, Verdict
from grader.student.progress import (
    FILE,
    Journal,
    folder_of,
    is_courses_own,
    load,
    store,
    with_hint,
    with_report,
)
from tests.report.samples import FAILED, report

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)


def graded(score: float | None, *, of: float = 10, hint: str | None = None) -> Report:
    """A report with this score; below full marks its check `ends` failed with this hint."""
    passed = score == of
    finding = msgspec.structs.replace(
        FAILED,
        id="ends",
        hint=hint,
        status=Status.PASSED if passed else Status.FAILED,
    )
    return msgspec.structs.replace(
        report(),
        assignment="pipe",
        verdict=Verdict.ERROR if score is None else (Verdict.PASSED if passed else Verdict.FAILED),
        score=score,
        max_score=of,
        checks=[finding],
        build=None,
    )


def after(*reports: Report) -> Journal:
    """A journal of these gradings, an hour apart."""
    journal = Journal()
    for hours, one in enumerate(reports):
        journal = with_report(journal, one, {"ends": ["a", "b"]}, NOON + timedelta(hours=hours))
    return journal


def test_best_and_last_are_kept_apart() -> None:
    entry = after(graded(3), graded(7), graded(5)).assignments["pipe"]
    assert (entry.best.score, entry.last.score) == (7, 5)
    assert (entry.best.when - NOON, entry.last.when - NOON) == (
        timedelta(hours=1),
        timedelta(hours=2),
    )
    assert (entry.best.failed, entry.last.failed) == ([], ["ends"])


def test_the_first_of_equal_gradings_is_the_best() -> None:
    assert after(graded(10), graded(10)).assignments["pipe"].best.when == NOON


def test_best_is_a_share_of_the_points_there_were() -> None:
    assert after(graded(6, of=8), graded(7, of=10)).assignments["pipe"].best.of == 8


def test_a_report_without_a_score_is_not_remembered() -> None:
    journal = after(graded(3))
    assert with_report(journal, graded(None), {}, NOON) is journal


def test_a_hidden_check_is_not_named() -> None:
    one = graded(3)
    hidden = [msgspec.structs.replace(check, hidden=True) for check in one.checks]
    entry = after(msgspec.structs.replace(one, checks=hidden)).assignments["pipe"]
    assert entry.last.failed == []


def test_hints_given_stay_when_it_is_graded_again() -> None:
    journal = with_hint(after(graded(3)), "pipe", "ends", 2)
    again = with_report(journal, graded(4), {}, NOON)
    assert again.assignments["pipe"].hints == {"ends": 2}


def test_what_a_stuck_run_advises_is_told_from_the_courses_hints() -> None:
    assert after(graded(3, hint="a\nb")).assignments["pipe"].last.advice == []
    [advice] = after(graded(3, hint="Close it.")).assignments["pipe"].last.advice
    assert (advice.text, advice.checks, advice.given) == ("Close it.", ["ends"], False)


def test_what_was_stored_is_loaded(tmp_path: Path) -> None:
    journal = with_hint(after(graded(3.5, hint="Close: it.")), "pipe", "ends", 1)
    store(tmp_path, journal)
    assert load(tmp_path) == journal
    assert list(tmp_path.iterdir()) == [tmp_path / FILE]


def test_a_person_can_read_it(tmp_path: Path) -> None:
    store(tmp_path, after(graded(3)))
    text = (tmp_path / FILE).read_text()
    assert text.startswith("# What `grade` remembers")
    assert "score: 3\n" in text
    assert "2030-01-02T12:00:00Z" in text


def test_nothing_is_remembered_where_there_is_no_file(tmp_path: Path) -> None:
    assert load(tmp_path) == Journal()


def test_an_empty_file_remembers_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    assert load(tmp_path) == Journal()


def test_a_file_edited_by_hand_is_fine(tmp_path: Path) -> None:
    attempt = (
        "{score: 3, of: 10, passed: no, when: 2030-01-02T12:00:00+01:00, language: c, seed: 7}"
    )
    attempt = attempt.replace("no,", "false,")
    (tmp_path / FILE).write_text(
        f"assignments:\n  pipe:\n    best: {attempt}\n    last: {attempt}  # mine\n"
    )
    assert load(tmp_path).assignments["pipe"].last.seed == 7


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("assignments: {pipe: {best: 3}}", "an entry needs the key `last`"),
        ("assignments: [", "this is not YAML"),
        ("assignments: {}\nscores: {}", "`scores` is no key of a journal"),
        ("pipe", "the file must be a mapping"),
        ("version: 2\nassignments: {pipe: {better: 3}}", "a newer `grade` wrote"),
        ("version: {}", "`version` must be a whole number"),
        ("\udcff", "this is not UTF-8"),
        ("a: 1\n" * 1_000_000, "larger than"),
    ],
)
def test_a_file_that_cant_be_understood_is_told_and_left_alone(
    tmp_path: Path, content: str, said: str
) -> None:
    data = content.encode(errors="surrogateescape")
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert said in caught.value.message
    assert caught.value.where is not None
    assert FILE in caught.value.where
    assert caught.value.fix
    assert (tmp_path / FILE).read_bytes() == data


def test_a_fifo_in_its_place_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(UsageError, match="no regular file"):
        load(tmp_path)


def test_a_link_in_its_place_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("mine")
    (tmp_path / FILE).symlink_to("other")
    store(tmp_path, after(graded(3)))
    assert (tmp_path / "other").read_text() == "mine"
    assert not (tmp_path / FILE).is_symlink()


def test_where_it_cant_be_written_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(OSError, match="directory"):
        store(tmp_path, after(graded(3)))
    assert list(tmp_path.iterdir()) == [tmp_path / FILE]


def test_the_record_of_a_file_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "hello.py").touch()
    assert folder_of(tmp_path / "hello.py") == tmp_path
    assert folder_of(tmp_path) == tmp_path


def test_solutions_and_stubs_of_a_course_are_nobodys_own_work(tmp_path: Path) -> None:
    (tmp_path / "course.yaml").touch()
    for name in (
        "solutions/pipe/wrong/no-wait",
        "assignments/pipe/stubs/c",
        "pipe",
        "me/solutions",
    ):
        (tmp_path / name).mkdir(parents=True)
    assert is_courses_own(tmp_path / "solutions/pipe/wrong/no-wait")
    assert is_courses_own(tmp_path / "assignments/pipe/stubs/c")
    assert not is_courses_own(tmp_path / "pipe")
    assert not is_courses_own(tmp_path / "me/solutions")
    assert not is_courses_own(tmp_path)
