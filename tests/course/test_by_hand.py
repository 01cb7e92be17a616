"""What a scenario is by hand: a shell makes of the commands what the scenario says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.by_hand import by_hand
from grader.course.conditions import Pattern
from grader.course.model import Language
from grader.course.object_steps import Queue, Read
from grader.course.steps import Close, Expect, Finish, Send, Signal, Start, Step, Wait

C = Language(suffix=".c", build=["cc", "-o", "{program}", "{source}"], run=["{program}"])
PYTHON = Language(suffix=".py", run=["{python}", "{source}"])
DONE = Finish(finish="hello")
NASTY = 'it\'s "quoted" $HOME `ls` \\ 100% {x} ü🐧\t\x1b[2J\u200d !end'


def run(lines: list[str], folder: Path) -> tuple[list[str], bytes]:
    """The arguments and the input that ./hello gets when bash reads these lines."""
    program = folder / "hello"
    program.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        "print(json.dumps([sys.argv[1:], sys.stdin.buffer.read().hex()]))\n"
    )
    program.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    arguments, input = json.loads(done.stdout)
    return arguments, bytes.fromhex(input)


def test_a_program_is_called_as_its_language_says() -> None:
    assert by_hand([Start(start="hello"), DONE], C) == ["./hello"]
    assert by_hand([Start(start="hello"), DONE], PYTHON) == ["python3 hello.py"]


@pytest.mark.parametrize("text", ["", "Hi!", NASTY, "two\nlines\n1"])
def test_a_shell_makes_of_the_line_the_very_argument(tmp_path: Path, text: str) -> None:
    lines = by_hand([Start(start="hello", args=[text, "x"]), DONE], C)
    assert run(lines, tmp_path) == ([text, "x"], b"")


@pytest.mark.parametrize("text", ["Hi!\n", "no newline", "two\nlines\n", NASTY, "%s\\n\n", "\n\n"])
def test_what_is_piped_is_the_very_input(tmp_path: Path, text: str) -> None:
    lines = by_hand([Start(start="hello", stdin=text), DONE], C)
    assert run(lines, tmp_path) == ([], text.encode())


@pytest.mark.parametrize("text", ["x" * 120_000, "ü" * 35_000, "a" * 201, "b" * 300 + "€"])
def test_a_long_argument_is_made_up_in_the_same_size_and_short_to_write(
    tmp_path: Path, text: str
) -> None:
    [line] = by_hand([Start(start="hello", args=[text]), DONE], C)
    assert len(line) < 80
    [argument], _ = run([line], tmp_path)
    assert len(argument.encode()) == len(text.encode())
    assert argument.isascii() == text.isascii()


def test_a_long_input_is_made_up_with_as_many_lines(tmp_path: Path) -> None:
    text = "".join(f"{'y' * 499}\n" for _ in range(80))
    lines = by_hand([Start(start="hello", stdin=text), DONE], C)
    assert run(lines, tmp_path)[1] == b"".join(b"x" * 499 + b"\n" for _ in range(80))


def test_files_are_made_first(tmp_path: Path) -> None:
    start = Start(start="hello", args=["words.txt"], files={"words.txt": "one\ntwo\n"})
    lines = by_hand([start, DONE], C)
    assert run(lines, tmp_path)[0] == ["words.txt"]
    assert (tmp_path / "words.txt").read_text() == "one\ntwo\n"


def test_folders_and_links_are_made_first(tmp_path: Path) -> None:
    files = {"site/index.html": "one\n", "site/sub/a.txt": "two\n", "secret": "three\n"}
    start = Start(
        start="hello", files=files, links={"site/up": "..", "other/a": "../site/sub/a.txt"}
    )
    run(by_hand([start, DONE], C), tmp_path)
    assert (tmp_path / "site/up/secret").read_text() == "three\n"
    assert (tmp_path / "other/a").read_text() == "two\n"


def test_the_processes_of_a_program_are_listed() -> None:
    steps: list[Step] = [Start(start="hello"), Read(read="processes", of="hello", as_="family")]
    assert "ps -fH" in by_hand([*steps, DONE], C)


def test_what_no_shell_can_write_is_not_done_by_hand() -> None:
    assert by_hand([Start(start="hello", files={"a.bin": "\0"}), DONE], C) == []


def test_programs_one_after_the_other_need_one_terminal() -> None:
    steps: list[Step] = [
        Start(start="writer", args=["7", "Hi!"]),
        Finish(finish="writer"),
        Read(read="segment", as_="found", key="7"),
        Start(start="reader", args=["7"]),
        Finish(finish="reader"),
    ]
    assert by_hand(steps, C) == ["./writer 7 'Hi!'", "ipcs -m", "./reader 7"]


def test_programs_at_the_same_time_have_a_terminal_each_and_the_steps_between_them() -> None:
    steps: list[Step] = [
        Start(start="chat", as_="b", args=["7", "b"]),
        Wait(wait="b", until="idle"),
        Start(start="chat", as_="a", args=["7", "a"]),
        Send(send="a", line="hello there"),
        Expect(expect="b", line="a: hello there"),
        Close(close=["a", "b"]),
        Finish(finish=["a", "b"]),
    ]
    assert by_hand(steps, PYTHON) == [
        "# terminal 1 (b):",
        "python3 chat.py 7 b",
        "# wait until b sleeps",
        "# terminal 2 (a):",
        "python3 chat.py 7 a",
        "# type into a: hello there",
        "# wait until b prints 'a: hello there'",
        "# Ctrl-D in a and b",
    ]


def test_a_signal_is_a_key_or_a_command() -> None:
    steps: list[Step] = [
        Start(start="catch"),
        Signal(signal="INT", to="catch"),
        Signal(signal="TERM", to="catch.1", times=2),
    ]
    assert by_hand(steps, C)[1:] == [
        "# send SIGINT to catch: Ctrl-C there, or kill -INT PID from another terminal",
        "# send SIGTERM to child 1 of catch, 2 times: kill -TERM PID from another terminal",
    ]


@pytest.mark.parametrize(
    "step",
    [
        Queue(queue="7", send="Hi!"),
        Signal(signal="INT", to="hello", before=Pattern(event="signal.wait")),
    ],
)
def test_what_takes_the_grader_is_not_for_hands(step: Step) -> None:
    assert by_hand([Start(start="hello"), step, DONE], C) == []


def test_what_takes_too_many_lines_is_left_to_the_grader() -> None:
    sends = [Send(send="hello", line=str(number)) for number in range(20)]
    assert by_hand([Start(start="hello"), *sends, DONE], C) == []
