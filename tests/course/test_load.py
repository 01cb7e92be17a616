"""Courses are found and loaded; a broken file is reported with all its problems and places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.course.load import find_course, load_assignment, load_course
from grader.course.model import LoadedAssignment, Vary
from grader.course.steps import Finish, Start
from grader.errors import CourseError, ExitStatus, UsageError

COURSE = """\
title: Processes
assignments: [pipe, queue, ghost]
languages:
  python: {suffix: .py, run: ["{python}", "{source}"]}
  c: {suffix: .c, build: [cc, -o, "{program}", "{source}"], run: ["{program}"]}
limits: {wall: 5, memory: 64 MiB}
limits_max: {wall: 60, memory: 1 GiB}
"""

PIPE = """\
title: Hello through a pipe
programs: [hello]
vary: {key: sysv_key}
scenarios:
  greeting: {run: [{start: hello}, {finish: hello}]}
  large:
    vary: {message: {text: 100}}
    run:
      - {start: hello, as: me, args: ["{message}", "{{literal}}"]}
      - {finish: [me]}
checks:
  - id: through-the-pipe
    title: The {message} goes through a pipe
    points: 3
    scenario: large
    observe:
      - {event: pipe.write, by: me, object: $p, total: "{message.bytes}"}
      - {event: pipe.read, by: main.1, object: $p, total: 7}
    closed: [{by: main, object: $p, end: write}]
    stdout: "{message.bytes} {message}"
  - {id: clean, title: No rest, points: 1.5, scenario: [greeting, large], needs: [through-the-pipe],
     residue: none}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "course.yaml").write_text(COURSE)
    (tmp_path / "assignments" / "pipe").mkdir(parents=True)
    (tmp_path / "assignments" / "pipe" / "assignment.yaml").write_text(PIPE)
    return tmp_path


def load(folder: Path, text: str) -> LoadedAssignment:
    (folder / "assignments" / "pipe" / "assignment.yaml").write_text(text)
    return load_assignment(load_course(folder), "pipe")


def found(folder: Path, old: str, new: str) -> list[tuple[int, str, str | None]]:
    """Line, message and fix of each problem after this change of the good file."""
    assert old in PIPE, "the change must change something"
    with pytest.raises(CourseError) as caught:
        load(folder, PIPE.replace(old, new, 1))
    return [(problem.line, problem.message, problem.fix) for problem in caught.value.problems]


def test_a_good_course_and_assignment_load(folder: Path) -> None:
    course = load_course(folder)
    assert course.data.languages["c"].build == ["cc", "-o", "{program}", "{source}"]
    pipe = load_assignment(course, "pipe")
    assert pipe.folder == folder.resolve() / "assignments" / "pipe"
    large = pipe.data.scenarios["large"]
    assert large.vary == {"message": Vary(text=100)}
    assert large.run == [
        Start(start="hello", as_="me", args=["{message}", "{{literal}}"]),
        Finish(finish=["me"]),
    ]
    assert pipe.data.max_score == 4.5


def test_the_course_is_found_from_any_folder_below_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "assignments" / "pipe")
    assert find_course(None).folder == folder.resolve()


def test_a_given_folder_without_a_course_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_course(tmp_path)
    assert caught.value.exit_status is ExitStatus.USAGE
    assert caught.value.fix is not None


def test_an_unknown_assignment_names_the_nearest_and_lists_all(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_assignment(load_course(folder), "pip")
    assert caught.value.fix == "did you mean `pipe`? This course has: pipe, queue, ghost"


def test_an_assignment_that_is_only_listed_is_a_broken_course(folder: Path) -> None:
    with pytest.raises(CourseError, match="does not exist"):
        load_assignment(load_course(folder), "ghost")


def test_all_wrong_keys_and_values_are_reported_at_once(folder: Path) -> None:
    broken = (
        PIPE.replace("points: 3", "ponts: 3")
        .replace("start: hello}", "strat: hello}")
        .replace("total: 7", "total: [7]")
        .replace("points: 1.5", "points: much")
        .replace("{text: 100}", "{text: many}")
    )
    with pytest.raises(CourseError) as caught:
        load(folder, broken)
    problems = caught.value.problems
    assert [(problem.line, problem.column) for problem in problems] == [
        *((5, 21), (7, 28), (14, 5), (18, 59), (21, 41)),
    ]
    assert [problem.fix for problem in problems if problem.fix] == [
        "did you mean `start`?",
        "did you mean `points`?",
    ]


def test_a_missing_key_is_named(folder: Path) -> None:
    assert found(folder, "programs: [hello]\n", "") == [
        (1, "an assignment needs the key `programs`", "add `programs: …`")
    ]


def test_a_number_as_argument_needs_quotes(folder: Path) -> None:
    ((line, _, fix),) = found(folder, '"{{literal}}"', "10000")
    assert (line, fix) == (9, 'put it in quotes: "10000"')


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("scenario: large", "scenario: lage", 15, "no scenario `lage`"),
        ("[greeting, large]", "[greeting, lage]", 21, "no scenario `lage`"),
        ("needs: [through-the-pipe]", "needs: [thru]", 21, "no check `thru`"),
        ("needs: [through-the-pipe]", "needs: [clean]", 21, "clean → clean"),
        ("id: clean", "id: through-the-pipe", 21, "two checks"),
        ("start: hello, as", "start: helo, as", 9, "`helo` is none of"),
        ("finish: [me]", "finish: [you]", 10, "no actor `you`"),
        ("- {finish: [me]}", "- {start: hello, as: me}", 10, "actor `me` already"),
        ('"{message}", "{{', '"{mesage}", "{{', 9, "{mesage}"),
        ('"{message}", "{{', '"{message.__class__}", "{{', 9, "{message.__class__}"),
        ('"{message}", "{{', '"a { b", "{{', 9, "no partner"),
        ("residue: none", 'stdout: "{message}"', 22, "{message}"),
        ("object: $p, end", "object: $q, end", 19, "`$q`"),
        ("pipe.write", "pip.write", 17, "`pip.write` is no event"),
        ("pipe.write", "write", 17, "`write` is no event"),
        ("by: me", "by: you", 17, "no actor `you`"),
        ('"{message.bytes}"}', '"{message}"}', 17, "`total` must be a number"),
        ('stdout: "{message.bytes} {message}"', "stdout: {pattern: '('}", 20, "regular"),
        ('stdout: "{message.bytes} {message}"', "stdout: {of: me}", 20, "here is none"),
        ("{text: 100}", "{text: 1, words: 2}", 7, "text and words"),
        ("{text: 100}", "{lines: 3}", 7, "go together"),
        ("{text: 100}", "{integer: [3, 2]}", 7, "range is empty"),
        ("{text: 100}", "{sum: [key, 1]}", 7, "no number made further up"),
        ("{text: 100}", "{product: []}", 7, "no numbers to take"),
        ("{text: 100}", "{text: 999999999}", 7, "at most"),
        ("vary: {key", "limits: {memory: 2 kB}\nvary: {key", 3, "units are"),
        ("vary: {key", "limits: {wall: 0}\nvary: {key", 3, "more than 0"),
        ("vary: {key", "limits: {wall: 61}\nvary: {key", 3, "asks for 61 s; this course"),
        (
            "{start: hello}, {finish: hello}]",
            "{start: hello}], limits: {memory: 2 GiB}",
            5,
            "2 GiB",
        ),
        ("vary: {key", "vary: {a.b", 3, "can't name"),
        ("{start: hello}", "{start: hello, finish: hello}", 5, "steps of their own"),
        ("{start: hello}", "{}", 5, "empty"),
        ("{start: hello}", "hello", 5, "must be a mapping, not text"),
        ("greeting:", "Greeting:", 5, "the name `Greeting`"),
        ("residue: none", "residue: some", 22, "can't be 'some'"),
        ("sysv_key", "sysv_kye", 3, "can't be 'sysv_kye'"),
        ("title: No rest", "title: 5", 21, "must be text"),
    ],
)
def test_what_an_assignment_says_must_make_sense(
    folder: Path, old: str, new: str, line: int, words: str
) -> None:
    problems = found(folder, old, new)
    assert any(at == line and words in message for at, message, _ in problems), problems


def test_output_of_one_of_several_actors_must_say_whose(folder: Path) -> None:
    problems = found(folder, "- {finish: [me]}", "- {start: hello}\n      - {finish: [me]}")
    assert [(line, fix) for line, _, fix in problems] == [(21, "add `of:` with one of me, hello")]


def test_a_word_that_yaml_1_1_takes_for_a_truth_value_is_text(folder: Path) -> None:
    assert load(folder, PIPE.replace("No rest", "no")).data.checks[1].title == "no"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[pipe, queue, ghost]", "[pipe, pipe]", "listed twice"),
        ("[pipe, queue, ghost]", "[../pipe]", "item 1 of `assignments`"),
        ("64 MiB", "64 MB", "units are"),
        ("64 MiB", "2 GiB", "`memory` asks for 2 GiB; this course allows at most 1 GiB"),
        ("max: {wall", "max: {cpu: 2, wall", "default of `cpu` is more than this"),
        ("1 GiB", "1 GB", "units are"),
        ('["{program}"]', '["{progam}"]', "{progam}"),
        ('["{program}"]', "[run]", "neither"),
        ("title: Processes", "titel: Processes", "`titel`"),
        ("suffix: .c,", "", "needs the key `suffix`"),
    ],
)
def test_what_a_course_says_must_make_sense(folder: Path, old: str, new: str, words: str) -> None:
    assert old in COURSE
    (folder / "course.yaml").write_text(COURSE.replace(old, new))
    with pytest.raises(CourseError) as caught:
        load_course(folder)
    assert any(words in problem.message for problem in caught.value.problems)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, len(PIPE)), st.integers(0, 30), st.text("[]{}:-$ \n0a\"'&*", max_size=6))
def test_no_damage_to_a_file_is_more_than_a_course_error(
    folder: Path, at: int, cut: int, put: str
) -> None:
    try:
        loaded = load(folder, PIPE[:at] + put + PIPE[at + cut :])
    except CourseError as error:
        assert all(problem.file.endswith("assignment.yaml") for problem in error.problems)
    else:
        assert loaded.id == "pipe"


PEERS = PIPE.replace(
    "      - {finish: [me]}\n",
    "      - {peer: guest, connect: 4242}\n"
    "      - {read: queue, key: 1, as: rest}\n"
    "      - {finish: [me]}\n",
)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{peer: guest, connect: 4242}", "{peer: guest, send: x}", "no peer `guest`"),
        ("{peer: guest, connect: 4242}", "{peer: me, connect: 1}", "an actor `me` already"),
        ("{peer: guest, connect: 4242}", "{peers: 2, as: guest}", "`peers` needs `connect`"),
        ("{finish: [me]}", "{peer: guest, connect: 1}", "a peer `guest` already"),
        ("{finish: [me]}", "{finish: [guest]}", "no actor `guest`"),
        ("{peer: guest, connect: 4242}", "{peer: guest, connect: 1, chunk: 0}", "at least 1"),
        (
            "{peer: guest, connect: 4242}",
            "{peer: guest, conect: 1}",
            "`conect` is no key of a peer",
        ),
        ("{read: queue, key: 1, as: rest}", "{read: queue, path: x, as: rest}", "needs `key`"),
        ("{read: queue, key: 1, as: rest}", "{queue: 1}", "exactly one of send, receive"),
        (
            "{read: queue, key: 1, as: rest}",
            "{segment: 1, write: a, expect: b}",
            "write and expect",
        ),
        ("{read: queue, key: 1, as: rest}", "{semaphores: 1, op: [[1]]}", "list of pairs"),
        ("{read: queue, key: 1, as: rest}", "{read: socket, as: rest}", "can't be 'socket'"),
        ("residue: none", "step: {of: guset}", "puts anything down as `guset`"),
        ("residue: none", "step: {of: rest, pattern: '('}", "no regular expression"),
        ("residue: none", "step: {of: rest, matches: {mode: '['}}", "no regular expression"),
        ("residue: none", "channel: {from: you, to: me}", "no actor `you`"),
        ("residue: none", "no_other_channel: {between: [me, you]}", "no actor `you`"),
        ("residue: none", "count: {event: pip.read, at_least: 1}", "`pip.read` is no event"),
        (
            "residue: none",
            "count: {event: pipe.read, at_least: many}",
            "`at_least` must be a number",
        ),
        ("residue: none", "blocked_in: {by: you, event: sem.op}", "no actor `you`"),
        ("residue: none", "blocked_in: {by: me, event: sem.op}", "no step that waits for this"),
    ],
)
def test_peers_partners_and_what_they_saw_must_make_sense(
    folder: Path, old: str, new: str, words: str
) -> None:
    assert old in PEERS
    text = PEERS.replace("scenario: [greeting, large]", "scenario: large").replace(old, new)
    with pytest.raises(CourseError) as caught:
        load(folder, text)
    messages = [problem.message for problem in caught.value.problems]
    assert any(words in message for message in messages), messages
