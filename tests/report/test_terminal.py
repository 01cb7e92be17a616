"""The verdict as a student reads it: complete, 80 columns wide, never steered by the student."""

from __future__ import annotations

import unicodedata

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.outcome import BuildReport, Report, Status, Verdict
from grader.report.opened import Again
from grader.report.terminal import render, story
from grader.trace.model import Event, Outcome, Process, Recording, Source
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
        "In greeting: main.1 never closes the write end. expected 20 Hello observed nothing "
        "evidence main.1 still holds fd 4 hint When does the reader see end of file? "
        "again grade pipe --only closes --seed 4711"
    ) in text


def test_a_deadlock_shows_who_waits_for_what_and_how_far_the_program_came() -> None:
    text = flat(report(scenarios=[scenario(stdout="before\n")]))
    assert f"In greeting: stuck for ever (deadlock) {WAITS} stdout of hello │ before" in text
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
    assert (
        "In greeting, empty: what the program said hello exit status 1 stderr of hello │ Tr" in text
    )
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
    assert "The program could not be built │ hello.c:1:1: error: what? command gcc hello.c" in text
    assert "Until then none of the 2 checks is judged." in text
    assert "could not be built" not in text.partition("error: what?")[2]


def test_a_hidden_check_shows_only_whether_it_passed() -> None:
    secret = msgspec.structs.replace(FAILED, hidden=True, scenario="trap")
    trap = msgspec.structs.replace(scenario(id="trap"), hidden=True, by_hand=["./hello trap"])
    text = flat(report(checks=[PASSED, secret], scenarios=[trap]))
    assert "✗ failed A hidden check 0 / 1.5" in text
    assert text.endswith("pipe: 2 of 4.5, failed: a hidden check")
    for word in ("trap", "closes", FAILED.title, FAILED.message, WAITS):
        assert word not in text


def test_a_run_is_told_with_its_last_events_and_how_to_see_it_for_oneself() -> None:
    places = [None, Source(file="/home/student/hello.c", line=23)]
    last = [
        Event(seq=n, t_us=n, process="main.1", event="pipe.read", object="pipe1", source=place)
        for n, place in enumerate(places)
    ]
    stuck = msgspec.structs.replace(scenario(), events=last, by_hand=["./hello 'Hi!'"])
    lines = render(report(scenarios=[stuck]), color=False).split("\n")
    begin = lines.index("    The last events:")
    assert lines[begin + 1 : begin + 4] == [
        "      main.1              pipe.read  pipe1",
        "      main.1  hello.c:23  pipe.read  pipe1",
        "    by hand  ./hello 'Hi!'",
    ]
    assert "\n".join(lines).count("./hello 'Hi!'") == 1


def test_stories_that_differ_only_in_numbers_are_one_and_of_many_the_later_are_short() -> None:
    numbered = [
        scenario(Outcome.FINISHED, id=f"n{key}", stderr=f"no queue {key}\n") for key in (17, 4)
    ]
    others = [scenario(Outcome.FINISHED, id=word, stderr=f"{word}\n") for word in "abcd"]
    findings = [msgspec.structs.replace(FAILED, scenario=one.id) for one in [*numbered, *others]]
    text = flat(report(checks=findings, scenarios=[*numbered, *others]))
    assert "In n17, n4: what the program said" in text
    assert "│ no queue 17" in text
    assert "no queue 4" not in text
    assert "│ b" in text
    assert "│ d" not in text


def test_what_the_submission_was_called_is_what_grades_it_again() -> None:
    again = Again(("grade", "pipe", "my work", "--lang", "c"), "my work")
    text = render(report(), color=False, again=again)
    assert "grade pipe 'my work' --lang c --only closes --seed 4711\n" in text
    assert "    grade pipe 'my work' --lang c --seed 4711\n" in text


def test_a_command_too_wide_for_the_screen_breaks_where_a_shell_allows_it() -> None:
    again = Again(("grade", "pipe", "x" * 50))
    lines = render(report(), color=False, again=again).split("\n")
    begin = next(index for index, line in enumerate(lines) if line.endswith(" \\"))
    command = f"{lines[begin][13:-1]}{lines[begin + 1]}"
    assert command.split() == [*again.command, "--only", "closes", "--seed", "4711"]


def test_a_part_is_called_a_part() -> None:
    text = flat(msgspec.structs.replace(report(checks=[FAILED]), only=["closes"]))
    assert text.startswith("pipe · c FAILED 2 of 4.5 points (partial) ")
    assert "Only a part was graded, so this is no score." in text


def test_a_story_has_a_line_an_event_within_the_screen() -> None:
    event = Event(seq=1, t_us=1, process="main", event="pipe.write", object="pipe1", data="x" * 99)
    recording = Recording(outcome=Outcome.FINISHED, events=[event] * 3)
    hidden = msgspec.structs.replace(scenario(id="trap"), hidden=True)
    told = story(
        report(scenarios=[scenario(), hidden]),
        {"greeting": recording, "trap": recording},
        color=False,
    )
    lines = told.split("\n")
    assert lines[0] == "What happened in greeting"
    assert lines[1].startswith("main          pipe.write       pipe1")
    assert max(map(len, lines)) == 80
    assert "trap" not in told


def test_what_an_interpreter_does_at_its_end_is_not_in_the_story() -> None:
    """CPython gives SIGINT its default action back; that a program did so before it goes on is its
    own doing, and so is all that a C program does."""
    names = ["signal.default", "file.write", "signal.default", "pipe.close", "process.exit"]
    recording = Recording(
        outcome=Outcome.FINISHED,
        processes=[
            Process(id="main", parent=None, argv=["/opt/python/bin/python3", "hello.py"], exit=0),
            Process(id="main.1", parent="main", argv=["./hello"], exit=0),
        ],
        events=[
            Event(seq=seq, t_us=seq, process=process, event=name, object="stdout:hello")
            for seq, (process, name) in enumerate((p, n) for p in ("main", "main.1") for n in names)
        ],
    )
    told = story(report(scenarios=[scenario()]), {"greeting": recording}, color=False)
    lines = [line.split()[:2] for line in told.splitlines() if "stdout:hello" in line]
    own = [name for index, name in enumerate(names) if index != 2]
    assert lines == [*(["main", name] for name in own), *(["main.1", name] for name in names)]


def test_the_names_of_objects_have_a_column_that_is_wide_enough() -> None:
    objects = ["pipe1", "stdout:second", "file:with/a/very/long/name.txt"]
    events = [
        Event(seq=seq, t_us=seq, process="main", event="file.write", object=name, bytes=7)
        for seq, name in enumerate(objects)
    ]
    recording = Recording(outcome=Outcome.FINISHED, events=events)
    told = story(report(scenarios=[scenario()]), {"greeting": recording}, color=False)
    assert [line.index("7 bytes") for line in told.splitlines()[1:4]] == [49, 49, 63]


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
    failed = BuildReport(ok=False, command=["cc"], output=b, detail=a)
    warned = BuildReport(ok=True, command=["cc"], output=f"x.c:1:1: warning: {b}\n{a}")
    runs = [scenario(stdout=a, stderr=b)]
    text = "".join(
        render(report(checks=[finding], scenarios=runs, build=build), color=False)
        for build in (failed, warned)
    )
    categories = {unicodedata.category(char) for char in text if char not in "\n\u200c\u200d"}
    assert categories & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
    assert all(cell_len(line) <= 80 for line in text.split("\n"))


def test_rich_markup_in_a_submission_is_just_text() -> None:
    finding = msgspec.structs.replace(FAILED, message="[red]not markup[/red] :smile:")
    assert "[red]not markup[/red] :smile:" in flat(report(checks=[finding]))
