"""Tracebacks of real programs are shortened to the program's own lines."""

from __future__ import annotations

import itertools
import subprocess
import sys

from grader.report.tracebacks import shortened


def traceback(source: str) -> str:
    """What the program says when it fails, as if it lay in the sandbox's work folder."""
    code = f"exec(compile({source!r}, '/home/student/hello.py', 'exec'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    # The frame of our own -c is none of the student's.
    return done.stderr.replace('  File "<string>", line 1, in <module>\n', "")


def test_frames_of_libraries_are_left_out_and_the_message_stays() -> None:
    text = shortened(traceback("import json\n\ndef parse():\n    json.loads('')\n\nparse()\n"))
    lines = [line for line in text.split("\n") if line.strip(" ^~")]
    assert lines == [
        "Traceback (most recent call last):",
        '  File "hello.py", line 6, in <module>',
        '  File "hello.py", line 4, in parse',
        "  (3 calls inside libraries left out)",
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    ]


def test_of_a_long_recursion_the_first_and_the_last_calls_are_shown() -> None:
    names = "abcdefgh"
    calls = "".join(f"def {one}(): {next}()\n" for one, next in itertools.pairwise(names))
    text = shortened(traceback(f"{calls}def h(): 1 / 0\na()\n"))
    frames = [line.strip() for line in text.split("\n") if " in " in line or "left out" in line]
    assert [frame.rpartition(" in ")[2] for frame in frames] == [
        "<module>",
        "a",
        "(4 more calls of your own left out)",
        "f",
        "g",
        "h",
    ]


def test_a_syntax_error_names_the_file_as_the_student_knows_it() -> None:
    text = "  File \"/home/student/hello.py\", line 2\n    def main()\nSyntaxError: expected ':'\n"
    assert shortened(text) == text.replace("/home/student/", "")


def test_a_traceback_without_own_lines_stays_whole() -> None:
    text = (
        "Traceback (most recent call last):\n"
        '  File "/usr/lib/python3/json.py", line 1, in loads\n'
        "ValueError: no\n"
    )
    assert shortened(text) == text


def test_other_words_stay_as_they_are() -> None:
    assert shortened('hello: no File "x", line 3\n') == 'hello: no File "x", line 3\n'
