"""Events of C programs name the line of the student's own text that made the call."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.kernel import calling, elf
from grader.kernel.dwarf_cursor import Steps
from grader.trace.model import Recording
from tests.conftest import TRACEES

Compiled = Callable[..., Path]
Traced = Callable[..., Recording]

BUILDS = {
    "unoptimised": ("-O0",),
    "course": ("-O1",),
    "optimised": ("-O2",),
    "without frame pointers": ("-O2", "-fomit-frame-pointer"),
    "position-dependent": ("-O1", "-no-pie"),
    "static": ("-O2", "-static"),
    "static, position-independent": ("-O1", "-static-pie"),
    "DWARF 4": ("-O1", "-gdwarf-4"),
    "DWARF 5": ("-O1", "-gdwarf-5"),
    "DWARF 64": ("-O1", "-gdwarf64"),
    "compressed sections": ("-O1", "-gz=zlib"),
    "fortified": ("-O2", "-D_FORTIFY_SOURCE=2"),
}


def marked(tracee: str) -> dict[str, int]:
    """Line by the comment that ends it."""
    lines = (TRACEES / f"{tracee}.c").read_text().splitlines()
    found = ((re.search(r"/\* (in .*) \*/$", text), line) for line, text in enumerate(lines, 1))
    return {mark[1]: line for mark, line in found if mark is not None}


@pytest.mark.parametrize("build", BUILDS)
def test_every_call_names_its_line(build: str, compiled: Compiled, traced: Traced) -> None:
    recording = traced([compiled("lines_calls", *BUILDS[build])], stdout=subprocess.PIPE)
    line = marked("lines_calls")
    told = [
        (event.event, event.source.line, event.source.function)
        for event in recording.events
        if event.source is not None and event.process == "main" and event.family != "signal"
    ]
    assert told == [
        ("pipe.create", line["in main: pipe"], "main"),
        ("process.fork", line["in main: fork"], "main"),
        ("pipe.write", line["in helper"], "helper"),
        ("pipe.write", line["in helper"], "helper"),
        ("file.write", line["in main: fflush"], "main"),
        ("pipe.write", line["in helper"], "helper"),
        ("pipe.write", line["in handler"], "handler"),
        ("process.fork", line["in main: vfork"], "main"),
        ("process.wait", line["in main: waitpid vfork"], "main"),
        ("pipe.close", line["in main: close"], "main"),
        ("process.wait", line["in main: waitpid reader"], "main"),
    ]
    handlers = [e.source.line for e in recording.events if e.event == "signal.handler" and e.source]
    assert handlers == [line["in main: signal"]]
    sources = {event.source for event in recording.events if event.source is not None}
    assert {Path(source.file).name for source in sources} == {"lines_calls.c"}
    reads = [e.source for e in recording.events if e.process == "main.1" and "pipe.read" in e.event]
    assert {(source.line, source.function) for source in reads if source is not None} == {
        (line["in child"], "child")
    }
    assert None not in reads


@pytest.mark.parametrize("flags", [("-O0",), ("-O2",), ("-O2", "-static")])
def test_what_is_left_of_earlier_calls_on_the_stack_misleads_nobody(
    flags: tuple[str, ...], compiled: Compiled, traced: Traced
) -> None:
    recording = traced([compiled("lines_remains", *flags)], stdout=subprocess.PIPE)
    line = marked("lines_remains")
    told = dict.fromkeys(
        e.source.line for e in recording.events if e.event == "file.write" and e.source
    )
    assert list(told) == [line["in main: number"], line["in main: puts"], line["in main: perror"]]


@pytest.mark.parametrize("flags", [("-g0",), ("-s",)])
def test_without_debug_information_there_is_no_line_and_no_guess(
    flags: tuple[str, ...], compiled: Compiled, traced: Traced
) -> None:
    recording = traced([compiled("lines_calls", *flags)], stdout=subprocess.PIPE)
    assert recording.processes[0].exit == 0
    assert {(event.source, event.address) for event in recording.events} == {(None, None)}


def test_interpreters_are_no_programs_of_the_student(traced: Traced) -> None:
    recording = traced(["python3", "-c", "import os; os.write(os.pipe()[1], b'x')"])
    assert "pipe.write" in [event.event for event in recording.events]
    assert {event.source for event in recording.events} == {None}


def test_an_interpreter_that_was_built_with_debug_information_is_none_either(
    compiled: Compiled, traced: Traced, tmp_path: Path
) -> None:
    interpreter = tmp_path / "python3.13"
    shutil.copy(compiled("lines_calls", "-O1"), interpreter)
    recording = traced([interpreter], stdout=subprocess.PIPE)
    assert "pipe.write" in [event.event for event in recording.events]
    assert {event.source for event in recording.events} == {None}


def test_threads_name_the_lines_of_their_own_stacks(compiled: Compiled, traced: Traced) -> None:
    recording = traced([compiled("lines_threads", "-O1")])
    line = marked("lines_threads")
    assert {
        (event.thread, event.source.line, event.source.function)
        for event in recording.events
        if event.event == "pipe.write" and event.source is not None
    } == {(1, line["in first"], "first"), (2, line["in second"], "second")}
    (made,) = {
        event.source.line
        for event in recording.events
        if event.event == "process.thread" and event.source is not None
    }
    assert made == line["in main: pthread_create"]


def test_a_program_that_was_read_ahead_is_not_read_again(
    compiled: Compiled, sandboxed: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = compiled("stuck_waits")
    calling.read_ahead(program.read_bytes())
    load = calling.load

    def libraries_only(read: elf.Read, steps: Steps, *, lines: bool) -> calling.Binary | None:
        assert not lines
        return load(read, steps, lines=lines)

    monkeypatch.setattr(calling, "load", libraries_only)
    wait = sandboxed(program, "pause").waits[0]
    assert wait.source is not None
    assert wait.source.file.endswith("stuck_waits.c")
