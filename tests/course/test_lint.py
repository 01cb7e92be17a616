"""`grade lint` tells every problem, in words and with its place, and none hides another."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course.lint import lint
from grader.errors import UsageError

COURSE = """\
title: Processes
assignments: [pipe]
languages:
  python: {suffix: .py, run: ["{python}", "{source}"]}
  c: {suffix: .c, build: [cc, -o, "{program}", "{source}"], run: ["{program}"]}
"""
PIPE = """\
title: Hello through a pipe
programs: [hello]
scenarios:
  greeting: {run: [{start: hello}, {finish: hello}]}
  loud: {run: [{start: hello, args: [loud]}, {finish: hello}]}
checks:
  - id: says
    title: It says hello
    points: 6
    scenario: greeting
    stdout: {pattern: '\\Ahello\\n\\Z'}
  - id: through-the-pipe
    title: Through a pipe
    points: 4
    scenario: loud
    observe: [{event: pipe.write, by: main, object: $p}]
    closed: [{by: main, object: $p, end: write}]
"""
EXPECT = "fails: [says]\nabout: It says nothing.\n"

Found = list[tuple[str, str | None]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course without a problem, as the working folder."""
    monkeypatch.chdir(tmp_path)
    files = {
        "course.yaml": COURSE,
        "assignments/pipe/assignment.yaml": PIPE,
        "assignments/pipe/README.md": "# Hello\n",
        "assignments/pipe/stubs/python/hello.py": "",
        "assignments/pipe/stubs/c/hello.c": "",
        "solutions/pipe/wrong/mute/expect.yaml": EXPECT,
    }
    for name, content in files.items():
        put(tmp_path / name, content)
    return tmp_path


def put(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def found(folder: Path, *ids: str) -> Found:
    """Each problem as it is printed, and its fix."""
    linted = lint(folder, ids, reserved=("list", "new", "trace"))
    return [(str(problem), problem.fix) for problem in linted.problems]


def after(folder: Path, name: str, old: str, new: str) -> Found:
    text = (folder / name).read_text()
    assert old in text, "the change must change something"
    put(folder / name, text.replace(old, new, 1))
    return found(folder)


def test_a_good_course_has_no_problems(folder: Path) -> None:
    assert found(folder) == []


A = "assignments/pipe/assignment.yaml"


@pytest.mark.parametrize(
    ("old", "new", "message", "fix"),
    [
        ("points: 6", "points: 6\n    ponts: 6", "10:5: `ponts` is no key of a check",
         "did you mean `points`?"),
        ("points: 6", "points: six", "9:13: `points` must be a number, not text", None),
        ("[loud]", "[17]", "5:38: item 1 of `args` must be text, not a whole number",
         'put it in quotes: "17"'),
        ("by: main, object: $p, end", "object: $p, end", "17:14: a closing needs the key `by`",
         "add `by: …`"),
        ("by: main, object: $p, end", "by: you, object: $p, end",
         "17:19: scenario `loud` has no actor `you`", "actors: hello"),
        ("{start: hello}", "{start: helo, as: hello}",
         "4:28: `helo` is none of this assignment's programs", "did you mean `hello`?"),
        ("{finish: hello}", "{finish: helo}", "4:36: no actor `helo` was started before this step",
         "did you mean `hello`?"),
        ("scenario: loud", "scenario: lowd", "15:15: there is no scenario `lowd`",
         "did you mean `loud`?"),
        ("pipe.write", "pipe.wirte", "16:23: `pipe.wirte` is no event",
         "did you mean `pipe.write`?"),
        ("pipe.write", "pip.write", "16:23: `pip.write` is no event", "did you mean `pipe.write`?"),
        ("pipe.write", "wrote", "16:23: `wrote` is no event",
         "events are written family.action, like pipe.write"),
        ("{finish: hello}", "{wait: hello, until: {blocked: pipe.reed}}, {finish: hello}",
         "4:67: `pipe.reed` is no event", "did you mean `pipe.read`?"),
        ("{finish: hello}", "{signal: INT, to: hello, after: {event: signal.handle}}",
         "4:76: `signal.handle` is no event", "did you mean `signal.handler`?"),
        ("{finish: hello}", "{signal: INT, to: hello, before: {event: pipe.close}}",
         "4:77: `pipe.close` is known only when it has happened, so nothing can come `before` it",
         "possible: pipe.create, pipe.read, pipe.write; or write `after`, with what happens "
         "earlier"),
        ("{finish: hello}", "{signal: INT, to: hello, before: {event: msg.send, args: {type: 1}}}",
         "4:87: `args` means nothing in `before`: it is not known before the call", "leave it out"),
        ("{finish: hello}", "{signal: INT, to: hello, after: {event: pipe.write, data: x}}",
         "4:88: `data` means nothing in `after`, where each event is looked at alone",
         "leave it out"),
        ("{finish: hello}", "{wait: hello, until: {blocked: socket.bind}}",
         "4:67: nobody sleeps in the call that makes `socket.bind`",
         "possible: socket.accept, socket.connect, socket.receive, socket.send"),
        ("observe:", "absent: [{event: file.write, object: notes.txt}]\n    observe:",
         "16:42: no object is ever called `notes.txt`",
         "a file is `file:notes.txt`; others are msg:KEY, shm:KEY, sem:KEY, fifo:PATH, mq:/NAME, "
         "unix:PATH, tcp:127.0.0.1:PORT, stdout, or a $name; `grade trace` shows them"),
        ("by: main, object: $p}]", "by: main, object: $p, size: 4}]",
         "16:57: `size` is no key of a pattern",
         "what an event says of itself goes under `args`: {size: …}; keys of a pattern: event, by, "
         "object, total, data, errno, args, count"),
        ("{finish: hello}", "{finish: hello}, {send: hello, line: x}",
         "4:53: `hello` has exited when this step comes", "write it before `finish`"),
        ("{start: hello}", '{start: hello, stdin: ""}, {send: hello, line: x}',
         "4:47: `hello` was given all of its input at its start, and sees its end behind",
         "leave `stdin` out there, and end the input with `close`"),
        ("{finish: hello}", "{signal: INTT, to: hello}", "4:45: there is no signal `INTT`",
         "did you mean `INT`?"),
        ("{finish: hello}", "{signal: INT, to: hello, times: 0}",
         "4:68: `times` must be at least 1, and here is 0", None),
        ("{finish: hello}",
         "{signal: INT, to: hello, before: {event: pipe.read}, after: {event: pipe.read}}",
         "4:36: `before` and `after` are two moments; a signal has one", None),
        ("{finish: hello}", "{wait: hello, until: {}}",
         "4:36: exactly one of event, blocked, listening, lines is needed, and here is none", None),
        ("{finish: hello}", "{wait: hello, until: {lines: many}}",
         "4:65: `lines` must be a number, not 'many'", "write a number, or a placeholder for one"),
        ("{finish: hello}", "{wait: hello, until: {listening: here}}",
         "4:69: `listening` can't be 'here'",
         "a TCP port from 1 to 65535, `unix:PATH` or `unix:@NAME`"),
        ("{finish: hello}", '{peer: a, connect: "unix:"}',
         "4:55: `connect`: 'unix:' names no place", "write a path behind"),
        ("{finish: hello}", "{request: /, port: 99999}",
         "4:55: `port` must be from 1 to 65535, and here is 99999", None),
        ("{finish: hello}", "{queue: /jobs, create: true}",
         "4:44: `queue` must be a number, not '/jobs'",
         'a System V key is a number: `key: sysv_key` under `vary`, and "{key}" here'),
        ("{finish: hello}", '{queue: 7, create: true, mode: rw}', "4:67: `mode` can't be 'rw'",
         'write permissions like `mode: "0600"`'),
        ("{finish: hello}", "{semaphores: 7, create: [8, -1]}",
         "4:64: `create` must be at least 0, and here is -1", None),
        ("{finish: hello}", "{expect: hello}",
         "4:36: exactly one of line, text is needed, and here is none", None),
        ("stdout: {pattern: '\\Ahello\\n\\Z'}", "exit: {signal: INTT}",
         "11:20: there is no signal `INTT`", "did you mean `INT`?"),
        ("by: main, object: $p}]", "by: main, object: $p, errno: EPIP}]",
         "16:64: there is no errno `EPIP`", "did you mean `EPIPE`?"),
        ("observe:", "count: {event: pipe.write}\n    observe:",
         "16:12: a count needs a bound: any number would do",
         "add `exactly`, `at_least` or `at_most`"),
        ("scenario: loud", "scenario: loud\n    needs: says",
         "16:12: `needs` must be a list, not text", "put it in brackets: [says]"),
        ("[loud]", "'so: loud'", "5:37: `args` must be a list, not text",
         'put it in brackets: ["so: loud"]'),
        ("{run: [{start: hello}, {finish: hello}]}",
         "{vary: {line: {bytes: 9}}, run: [{start: hello}, {finish: hello}]}",
         "4:27: `line`: `lines` and `bytes` (of each line) go together, and only with each other; "
         "one line of 9 bytes is `text: 9`", None),
        ("[loud]", "[{loud}]", "5:38: item 1 of `args` must be text, not a mapping",
         'put it in quotes: "{loud}"'),
        ("id: through-the-pipe", "id: says", "12:9: `says` is the id of two checks", None),
        ("object: $p, end", "object: $q, end",
         "17:33: `$q` is bound by no event of `observe` in this check", "bound: $p"),
        ("points: 6", "points: 5", "6:1: the points of all checks make 9, not 10",
         "change them, or write `points: 9` at the top of the file"),
        ("'\\Ahello\\n\\Z'", "'(a+)+b'",
         "11:23: this regular expression can take for ever on a text that almost fits: in a loop "
         "it can read the same text in two ways",
         "write each repeated part so that it can begin in one way only, like `([a-z]+,)*` instead "
         "of `([a-z]+,?)*`"),
        ("'\\Ahello\\n\\Z'", "'(hello'",
         "11:23: this is no regular expression: missing ), unterminated subpattern at position 0",
         "give each `(` its `)`; the characters themselves are `\\(` and `\\)`"),
        ("'\\Ahello\\n\\Z'", "'a{{99999999999999999999}}'",
         "11:23: this is no regular expression: the repetition number is too large",
         "write a smaller number"),
        ("'\\Ahello\\n\\Z'", "'" + "(?:a|" * 2000 + "a" + ")" * 2000 + "'",
         "11:23: this is no regular expression: its groups are nested too deep",
         "write it with fewer groups in each other"),
        ("'\\Ahello\\n\\Z'", "'[[a]b]'",
         "11:23: this is no regular expression: Possible nested set at position 1",
         "write `\\` before each character that stands for itself"),
        ("'\\Ahello\\n\\Z'", "'*hello'",
         "11:23: this is no regular expression: nothing to repeat at position 0",
         "what repeats comes before `*`, `+` and `?`; the characters are `\\*`, `\\+`, `\\?`"),
        ("'\\Ahello\\n\\Z'", "'(?x'",
         "11:23: this is no regular expression: missing -, : or ) at position 3",
         "its syntax: https://docs.python.org/3/library/re.html#regular-expression-syntax"),
        ("{start: hello}", "{start: hello, files: {a: x, a/b: y}}",
         "4:49: `a` of `files` is no folder, so nothing can lie in it",
         "name each place once, and keep files out of what is a file itself"),
        ("{start: hello}", "{start: hello, files: {a/b: x, ./a: y}}",
         "4:51: `a/b` of `files` makes `./a` a folder, so it can't be a file",
         "name each place once, and keep files out of what is a file itself"),
        ("{start: hello}", "{start: hello, files: {a: x}, links: {a: b}}",
         "4:58: `a` is in `files` already",
         "name each place once, and keep files out of what is a file itself"),
        ("{start: hello}", "{start: hello, files: {data/../../hello: x}}",
         "4:43: `data/../../hello` leads out of the work folder",
         "name a place in the work folder, like words.txt or data/words.txt"),
        ("{start: hello}", "{start: hello, links: {/etc/passwd: x}}",
         "4:43: `/etc/passwd` is an absolute path, and programs run in a work folder of their own",
         "name a place in the work folder, like words.txt or data/words.txt"),
        ("{start: hello}", "{start: hello, files: {data/: x}}",
         "4:43: `data/` is no name that a file can have",
         "name a place in the work folder, like words.txt or data/words.txt"),
        ("{start: hello}", "{start: hello, links: {up: ''}}",
         "4:47: the link `up` points nowhere",
         "write the path that it is to hold; `.` is the folder in which it lies"),
        ("[loud]", '["lo\\0ud"]',
         "5:38: item 1 of `args` holds a NUL, at which every argument ends", "take it out"),
        ("[{start: hello, args: [loud]}, {finish: hello}]", "[]",
         "5:15: the scenario `loud` has no steps, so nothing would run",
         "begin with `- {start: …}`, one of this assignment's programs"),
        ("stdout: {", "exit: 300\n    stdout: {", "11:11: `exit` must be <= 255", None),
        ("points: 6", "points: 6" + 5000 * "0", "9:13: this number is too large",
         "if it is meant as text, put it in quotes"),
        ("points: 6", "\tpoints: 6", "9:5: this is not YAML: a tab, where only spaces indent",
         "write spaces instead"),
        ("object: $p, end: write}]", "object: $p, end: write}]\n    no_sleep: {who: main}",
         "18:16: `who` is no key of `no_sleep`", "keys of `no_sleep`: by"),
        ("scenario: greeting", "scenario: loud", "4:3: no check looks at the scenario `greeting`",
         "write a check with `scenario: greeting`, or take it out"),
        ("id: says", "id: Says", "7:9: `id` can't be 'Says'",
         "use lower-case letters, digits and dashes, a letter first"),
        ("points: 6", "points: 6\n    points: 6",
         "10:5: the key `points` is here twice; the first is in line 9", "keep one"),
        ("title: Hello", "title: [Hello",
         "2:9: this is not YAML: while parsing a flow sequence, did not find expected ',' or ']'",
         "check indentation, quotes and brackets here and in the line above"),
        ("title: Hello", "version: 2\ntitle: Hello",
         "1:10: this file is of version 2, and this `grade` knows versions up to 1",
         "install a newer `grade`; `grade --version` says which one this is"),
        ("title: Hello", "version: 0\ntitle: Hello", "1:10: `version` can't be '0'", "allowed: 1"),
    ],
)  # fmt: skip
def test_each_problem_of_an_assignment_has_its_place_and_its_fix(
    folder: Path, old: str, new: str, message: str, fix: str | None
) -> None:
    assert after(folder, A, old, new) == [(f"{A}:{message}", fix)]


@pytest.mark.parametrize(
    ("old", "new", "message", "fix"),
    [
        ("title: P", "titel: P", "1:1: `titel` is no key of a course", "did you mean `title`?"),
        ("[pipe]", "[pipe, list]",
         "2:21: `list` is a command, so `grade list` would never grade it",
         "give the assignment another id: rename its folders, and change this line"),
        ("[pipe]", "[pipe, pipe]", "2:21: `pipe` is listed twice", "keep one"),
        ("[pipe]", "[pipe, My_Pipe]", "2:21: item 2 of `assignments` can't be 'My_Pipe'",
         "use lower-case letters, digits and dashes, a letter first"),
        ("suffix: .py", "sufix: .py", "4:12: `sufix` is no key of a language",
         "did you mean `suffix`?"),
        ("title: P", "version: 3\ntitle: P",
         "1:10: this file is of version 3, and this `grade` knows versions up to 1",
         "install a newer `grade`; `grade --version` says which one this is"),
        ("title: P", "limits: {wall: 0}\ntitle: P", "1:16: `wall` must be more than 0",
         "leave it out for the default"),
    ],
)  # fmt: skip
def test_each_problem_of_the_course_has_its_place_and_its_fix(
    folder: Path, old: str, new: str, message: str, fix: str | None
) -> None:
    told = after(folder, "course.yaml", old, new)
    assert (f"course.yaml:{message}", fix) in told


def test_an_assignment_that_is_only_listed_has_no_file(folder: Path) -> None:
    assert after(folder, "course.yaml", "[pipe]", "[pipe, ghost]") == [
        (
            "assignments/ghost/assignment.yaml:1:1: course.yaml lists the assignment `ghost`, but "
            "this file does not exist",
            "write it, or take `ghost` out of course.yaml",
        )
    ]


def test_an_assignment_that_is_not_listed_is_looked_at_when_asked_for(folder: Path) -> None:
    put(folder / "assignments/later/assignment.yaml", PIPE.replace("points: 6", "points: 7"))
    assert found(folder) == []
    told = (
        "course.yaml:2:1: the assignment `later` is not listed here, so nobody can see or grade it"
    )
    problems = found(folder, "later")
    assert problems[0] == (told, "add `later`")
    assert problems[1][0].endswith("the points of all checks make 11, not 10")


def test_an_assignment_that_is_nowhere_is_wrong_usage(folder: Path) -> None:
    with pytest.raises(UsageError, match="there is no assignment 'pip'"):
        lint(folder, ["pip"])


def test_a_missing_handout_and_missing_stubs_are_told(folder: Path) -> None:
    (folder / "assignments/pipe/README.md").unlink()
    (folder / "assignments/pipe/stubs/c/hello.c").rename(folder / "assignments/pipe/stubs/c/helo.c")
    (folder / "assignments/pipe/stubs/python").rename(folder / "assignments/pipe/stubs/pyton")
    assert found(folder) == [
        (
            f"{A}:1:1: this assignment has no handout",
            "write assignments/pipe/README.md: what students are to do",
        ),
        (
            f"{A}:1:1: assignments/pipe/stubs/pyton is a folder of stubs, and `pyton` is no "
            "language of course.yaml",
            "did you mean `python`?",
        ),
        (
            f"{A}:2:12: `hello` has no stub in the language `python`",
            "write assignments/pipe/stubs/python/hello.py: what students begin with",
        ),
        (
            f"{A}:2:12: `hello` has no stub in the language `c`",
            "write assignments/pipe/stubs/c/hello.c: what students begin with",
        ),
    ]


def test_what_a_wrong_program_declares_must_be_checks(folder: Path) -> None:
    wrong = "solutions/pipe/wrong"
    put(folder / wrong / "mute/expect.yaml", "fails: [sais, says]\nabuot: x\n")
    put(folder / wrong / "other/expect.yaml", "fails: [sais]\nabout: x\n")
    put(folder / wrong / "right/expect.yaml", "fails: []\nabout: x\n")
    (folder / wrong / "silent").mkdir()
    assert found(folder) == [
        (
            f"{wrong}/mute/expect.yaml:2:1: `abuot` is no key of an expectation",
            "did you mean `about`?",
        ),
        (
            f"{wrong}/other/expect.yaml:1:9: the assignment `pipe` has no check `sais`",
            "did you mean `says`?",
        ),
        (
            f"{wrong}/right/expect.yaml:1:8: a wrong program fails at least one check",
            "a correct one belongs to variants/",
        ),
        (
            f"{wrong}/silent/expect.yaml:1:1: this wrong program does not say which checks it "
            "fails",
            "write expect.yaml with `fails: [CHECK, …]` and `about: …`",
        ),
    ]


def test_other_points_than_ten_are_said_in_the_file(folder: Path) -> None:
    put(folder / A, PIPE.replace("points: 6", "points: 5"))
    assert after(folder, A, "title:", "points: 9\ntitle:") == []


def test_a_broken_part_hides_no_other(folder: Path) -> None:
    """A key in one check, a type in one scenario, a name in another check, each in its place."""
    text = PIPE.replace("points: 6", "ponts: 6").replace("closed: [{by: main", "closed: [{by: you")
    put(folder / A, text)
    assert [place for place, _ in found(folder)] == [
        f"{A}:9:5: `ponts` is no key of a check",
        f"{A}:17:19: scenario `loud` has no actor `you`",
    ]


def test_what_follows_from_a_broken_part_is_not_told(folder: Path) -> None:
    """`loud` has no actors that can be made out, so nothing is said of checks that name them."""
    problems = after(folder, A, "{start: hello, args: [loud]}", "{strat: hello}")
    assert problems == [(f"{A}:5:17: `strat` is no step of a scenario", "did you mean `start`?")]


def test_a_needed_check_that_is_broken_is_still_there(folder: Path) -> None:
    text = PIPE.replace("points: 6", "points: six").replace(
        "points: 4", "points: 4\n    needs: [says]"
    )
    put(folder / A, text)
    assert [place for place, _ in found(folder)] == [
        f"{A}:9:13: `points` must be a number, not text"
    ]


@pytest.mark.parametrize(
    "defect", ["points: 6\n    points: 6", "points: 6\n    about: !!set 3", "points: 6\n    7: x"]
)
def test_a_defect_of_the_yaml_hides_no_wrong_key_or_type(folder: Path, defect: str) -> None:
    """What follows from values that could not be read, such as a sum of points, is not told."""
    put(folder / A, PIPE.replace("points: 6", defect).replace("closed:", "clsoed:"))
    (folder / "assignments/pipe/README.md").unlink()
    put(folder / "solutions/pipe/wrong/mute/expect.yaml", "fails: [sayz]\nabuot: It is mute.\n")
    told = [place.removeprefix(f"{A}:") for place, _ in found(folder)]
    assert told[0].startswith("10:")
    assert told[-3:] == [
        "18:5: `clsoed` is no key of a check",
        "1:1: this assignment has no handout",
        "solutions/pipe/wrong/mute/expect.yaml:2:1: `abuot` is no key of an expectation",
    ]


def test_a_defect_of_the_courses_yaml_hides_no_wrong_key(folder: Path) -> None:
    put(folder / "course.yaml", f"{COURSE}title: Again\ncolour: red\n")
    put(folder / "solutions/pipe/wrong/mute/expect.yaml", f"{EXPECT}about: Again\nfials: [x]\n")
    assert [place for place, _ in found(folder)] == [
        "course.yaml:6:1: the key `title` is here twice; the first is in line 1",
        "course.yaml:7:1: `colour` is no key of a course",
        "solutions/pipe/wrong/mute/expect.yaml:3:1: the key `about` is here twice; the first is in "
        "line 2",
        "solutions/pipe/wrong/mute/expect.yaml:4:1: `fials` is no key of an expectation",
    ]


def test_links_may_lie_in_a_folder_that_is_reached_through_a_link(folder: Path) -> None:
    assert after(folder, A, "{start: hello}", "{start: hello, links: {up: .., up/x: y}}") == []


def test_a_broken_file_hides_no_other_file(folder: Path) -> None:
    put(folder / "assignments/fork/assignment.yaml", "title: [x\n")
    (folder / "assignments/pipe/README.md").unlink()
    put(folder / "course.yaml", COURSE.replace("[pipe]", "[fork, pipe]\ncolour: red"))
    assert [place.partition(": ")[0] for place, _ in found(folder)] == [
        "course.yaml:3:1",
        "assignments/fork/assignment.yaml:2:1",
        f"{A}:1:1",
    ]


def test_without_a_readable_course_file_its_folders_are_looked_at(folder: Path) -> None:
    put(folder / "course.yaml", "title: [x\n")
    put(folder / A, PIPE.replace("points: 6", "points: six"))
    assert [place.partition(": ")[0] for place, _ in found(folder)] == [
        "course.yaml:2:1",
        f"{A}:9:13",
    ]


def test_python_checks_are_looked_at_too(folder: Path) -> None:
    put(folder / "assignments/pipe/checks.py", "def honest(recording):\n    return None\n")
    problems = after(folder, A, "points: 6", "points: 5\n    python: honest")
    assert problems == [
        (
            f"{A}:6:1: the points of all checks make 9, not 10",
            "change them, or write `points: 9` at the top of the file",
        ),
        (
            "assignments/pipe/checks.py:1:1: `honest` can't be called with a recording and the "
            "values of its scenario",
            "def honest(recording: Recording, values: Values) -> Result: …",
        ),
    ]


def test_a_limit_above_the_courses_bound_has_its_place_and_its_fix(folder: Path) -> None:
    put(folder / "course.yaml", COURSE + "limits_max: {wall: 60, memory: 1 GiB, processes: 200}\n")
    limits = "limits: {wall: 60.5, memory: 1025 MiB, processes: 200}\nscenarios:"
    assert after(folder, "assignments/pipe/assignment.yaml", "scenarios:", limits) == [
        (
            "assignments/pipe/assignment.yaml:3:16: `wall` asks for 60.5 s; this course allows at "
            "most 60 s",
            "ask for less, or raise `wall` under `limits_max` in course.yaml",
        ),
        (
            "assignments/pipe/assignment.yaml:3:30: `memory` asks for 1025 MiB; this course allows "
            "at most 1 GiB",
            "ask for less, or raise `memory` under `limits_max` in course.yaml",
        ),
    ]


def test_a_scenarios_limit_is_held_to_the_courses_bound_too(folder: Path) -> None:
    put(folder / "course.yaml", COURSE + "limits_max: {cpu: 9}\n")
    loud = "loud: {limits: {cpu: 10}, run:"
    [(told, _)] = after(folder, "assignments/pipe/assignment.yaml", "loud: {run:", loud)
    place = "assignments/pipe/assignment.yaml:5:24"
    assert told == f"{place}: `cpu` asks for 10 s; this course allows at most 9 s"


@pytest.mark.parametrize(
    "name",
    ["course.yaml", "assignments/pipe/assignment.yaml", "solutions/pipe/wrong/mute/expect.yaml"],
)
def test_of_a_file_of_a_newer_version_that_alone_is_said(folder: Path, name: str) -> None:
    text = (folder / name).read_text()
    put(folder / name, f"version: 2\nnobody: knows\n{text}")
    told = (
        f"{name}:1:10: this file is of version 2, and this `grade` knows versions up to 1",
        "install a newer `grade`; `grade --version` says which one this is",
    )
    assert found(folder) == [told]
