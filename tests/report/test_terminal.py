"""The verdict as a student reads it: complete, 80 columns wide, never steered by the student."""

from __future__ import annotations

import unicodedata

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.outcome import BuildReport, Report, Status, Verdict
from grader.report.terminal import render
from grader.trace.model import Outcome
from tests.report.samples import FAILED, PASSED, SKIPPED, WAITS, report, scenario


def flat(report: Report) -> str:
    """The text with its line breaks and indentation taken out."""
    return " ".join(render(report, color=False).split())


def test_the_header_names_assignment_language_and_score() -> None:
    first = render(report(), color=False).split("\n")[0]
    assert first.startswith("pipe · c ")
    assert first.endswith(" FAILED  2 of 4.5 points")


def test_each_check_has_its_mark_its_word_and_its_points() -> None:
    lines = render(report(), color=False).split("\n")
    rows = [" ".join(line.split()) for line in lines if " / " in line]
    assert rows == [
        "✓ passed Prints the message 2 / 2",
        "✗ failed Each side closes the end it does not use 0 / 1.5",
        "– skipped Nothing is cut 0 / 1",
    ]


def test_a_failed_check_is_opened_with_message_comparison_evidence_and_hint() -> None:
    text = flat(report())
    assert (
        "main.1 never closes the write end. expected 20 Hello seen nothing "
        "evidence greeting: main.1 still holds fd 4 hint When does the reader see end of file?"
    ) in text


def test_a_deadlock_shows_who_waits_for_what_and_how_far_the_program_came() -> None:
    text = flat(report(scenarios=[scenario(stdout="before\n")]))
    assert f"In greeting: stuck for ever (deadlock) {WAITS} stdout │ before" in text
    assert "SIGKILL" not in text  # that was the grader, not the program


def test_what_the_story_of_the_run_tells_is_not_told_again_by_every_check() -> None:
    stuck = [
        msgspec.structs.replace(FAILED, message=f"{WAITS} {said}")
        for said in ("nothing was printed", "the child was not reaped")
    ]
    text = flat(report(checks=stuck))
    assert text.count(WAITS) == 1
    assert "nothing was printed" in text
    assert "the child was not reaped" in text
    assert text.count("When does the reader see end of file?") == 1


def test_a_skipped_check_says_why_and_gives_no_hint_yet() -> None:
    waiting = msgspec.structs.replace(SKIPPED, hint="One read is not enough.")
    text = flat(report(checks=[waiting]))
    assert "not judged, because `closes` did not pass" in text
    assert "One read" not in text


def test_scenarios_that_went_the_same_way_are_told_once() -> None:
    crash = "Traceback\nNameError: os\n"
    alike = [scenario(Outcome.FINISHED, id=id, stderr=crash) for id in ("greeting", "empty")]
    findings = [FAILED, msgspec.structs.replace(FAILED, scenario="empty")]
    text = flat(report(checks=findings, scenarios=alike))
    assert "In greeting, empty: what the program said hello exit status 1 stderr │ Tr" in text
    assert text.count("NameError") == 1


def test_full_marks_are_short() -> None:
    passed = report(
        checks=[PASSED],
        scenarios=[scenario(Outcome.FINISHED, stderr="noise")],
        verdict=Verdict.PASSED,
        score=4.5,
    )
    assert render(passed, color=False).split("\n")[1:] == [
        "",
        "  ✓ passed  Prints the message                                             2 / 2",
        "",
        "seed 4711 · isolation namespaces · grade 0.1.0 · 412 ms",
        "",
    ]


def test_a_failed_build_shows_the_compilers_words_once() -> None:
    skipped = [msgspec.structs.replace(SKIPPED, message="could not be built")] * 2
    build = BuildReport(
        ok=False, command=["gcc", "hello.c"], output="hello.c:1:1: error: what?\n", detail=""
    )
    text = flat(report(checks=skipped, scenarios=[], score=0.0, build=build))
    assert "The program could not be built command gcc hello.c │ hello.c:1:1: error: what?" in text
    assert "could not be built" not in text.partition("error: what?")[2]


def test_an_infrastructure_fault_is_no_score() -> None:
    checks = [msgspec.structs.replace(FAILED, status=Status.ERROR)]
    text = flat(report(checks=checks, verdict=Verdict.ERROR, score=None, error="no namespaces"))
    assert text.startswith("pipe · c NOT GRADED reason no namespaces seed")
    assert "points" not in text


def test_colour_only_decorates() -> None:
    plain, colored = render(report(), color=False), render(report(), color=True)
    assert "\x1b" not in plain
    assert "\x1b[31m✗" in colored


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=300) | st.sampled_from(
    ["\x1b]0;owned\x07", "[red]markup[/red]", "世" * 90, ":smile:", "\u2066x\u2069", "\r\n\r"]
)


@settings(deadline=None, max_examples=50)
@given(HOSTILE, HOSTILE)
def test_hostile_text_neither_steers_the_terminal_nor_leaves_the_columns(a: str, b: str) -> None:
    finding = msgspec.structs.replace(FAILED, message=a, seen=b, expected=a)
    build = BuildReport(ok=False, command=[a], output=b, detail=a)
    hostile = report(checks=[finding], scenarios=[scenario(stdout=a, stderr=b)], build=build)
    text = render(hostile, color=False)
    categories = {unicodedata.category(char) for char in text if char not in "\n\u200c\u200d"}
    assert categories & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
    assert all(cell_len(line) <= 80 for line in text.split("\n"))


def test_rich_markup_in_a_submission_is_just_text() -> None:
    finding = msgspec.structs.replace(FAILED, message="[red]not markup[/red] :smile:")
    assert "[red]not markup[/red] :smile:" in flat(report(checks=[finding]))
