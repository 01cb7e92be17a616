"""`grade trace` leaves the command's own words and status alone and tells what it did."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

PIPELINE = ["sh", "-c", "echo hello | cat; exit 7"]


def trace(*arguments: str, input: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("grade"), "trace", *arguments],
        input=input,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands_output_and_status_are_its_own() -> None:
    done = trace("--", *PIPELINE)
    assert (done.stdout, done.returncode) == ("hello\n", 7)


def test_the_story_tells_what_went_through_the_pipe() -> None:
    lines = [line.split() for line in trace("--", *PIPELINE).stderr.split("\n")]
    moved = [line[1:6] for line in lines if line[2:5] == ["pipe1", "6", "bytes"]]
    assert moved == [
        ["pipe.write", "pipe1", "6", "bytes", '"hello\\n"'],
        ["pipe.read", "pipe1", "6", "bytes", '"hello\\n"'],
    ]
    assert ["processes"] in lines


def test_the_recording_goes_to_a_file_as_json(tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    done = trace("--format", "json", "-o", str(file), "--", *PIPELINE)
    assert (done.stdout, done.stderr) == ("hello\n", "")
    recording = json.loads(file.read_text())
    assert (recording["schema"], recording["outcome"]) == ("grade/recording/v1", "finished")
    assert recording["processes"][0]["exit"] == 7
    assert "pipe.read" in {event["event"] for event in recording["events"]}


HANGS = """
import os
reading, writing = os.pipe()
if os.fork() == 0:
    os.read(reading, 1)
os.wait()
"""


def test_who_waits_for_whom_is_said_while_it_hangs(tmp_path: Path) -> None:
    (tmp_path / "hangs.py").write_text(HANGS)
    grade = Path(sys.executable).with_name("grade")
    command = ["env", "--default-signal=INT"]  # a background job of a script ignores it
    command += [str(grade), "trace", "--", sys.executable, "hangs.py"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True
    ) as running:
        assert running.stderr is not None
        told = iter(running.stderr)
        assert "Nothing that is traced can go on (Ctrl-C ends it):\n" in told
        assert next(told) == (
            "  main.1 waits in read at hangs.py:5 for data or end of file on pipe1; its write end "
            "is still open in main (fd 4) and in main.1 itself (fd 4).\n"
        )
        os.killpg(running.pid, signal.SIGINT)
        list(told)
    assert running.returncode == 128 + signal.SIGINT


def test_the_command_reads_the_callers_stdin_and_options_are_its_own() -> None:
    assert trace("cat", "-A", input="a\tb\n").stdout == "a^Ib$\n"


def test_a_death_by_signal_is_told_as_a_shell_tells_it() -> None:
    assert trace("--", "sh", "-c", "kill -TERM $$").returncode == 128 + 15


def test_a_command_that_is_not_there_is_wrong_usage() -> None:
    done = trace("--", "no-such-command")
    assert done.returncode == 2
    assert done.stderr.startswith("grade: ")
    assert "no-such-command" in done.stderr


def test_a_file_that_cannot_be_written_is_said_before_anything_runs() -> None:
    done = trace("-o", "/nowhere/file", "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (2, "")
    assert "/nowhere/file" in done.stderr


def test_what_is_left_in_the_background_ends_with_ctrl_c() -> None:
    grade = Path(sys.executable).with_name("grade")
    left = "setsid sleep 1000 & sleep 1001 & exit 3"  # in a session of its own; SIGINT ignored
    with subprocess.Popen(
        [str(grade), "trace", "-f", "process", "--", "sh", "-c", left],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stderr is not None
        awaited = {"sleep 1000", "sleep 1001", "exit status 3"}
        while awaited:
            line = running.stderr.readline()
            awaited -= {end for end in awaited if line.endswith(f"{end}\n")}
        os.killpg(running.pid, signal.SIGINT)
        story = running.stderr.read()
    assert running.returncode == 3
    assert story.count("killed by SIGKILL") == 2
