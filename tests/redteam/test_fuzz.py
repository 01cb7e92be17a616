"""Random bytes where the grader expects sense: registers and memory of tracees, student output in
every form of a report, course files. No crash, valid output."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as Xml
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from grader.course.yaml import parse
from grader.errors import CourseError
from grader.kernel import proc
from grader.kernel.objects import Objects
from grader.kernel.observer import Observer
from grader.kernel.table import TABLE
from grader.kernel.tracee import Call, FileTable, Proc, Task
from grader.report import forms, terminal
from grader.report.detail import Entry
from grader.trace.log import EventLog
from grader.trace.text import escape, readable
from tests.report import samples

_LARGEST_READ, _MOST_READS = 1 << 20, 5000
NOBODY = (1 << 22) + 7
"""Beyond the largest PID: every question to /proc about it finds nothing."""

registers = some.one_of(
    some.integers(0, 10), some.sampled_from([(1 << 64) - 1, 1 << 31, 1 << 63]), some.integers(0)
).map(lambda value: value & (1 << 64) - 1)
quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class _RandomMemory(Observer):
    """Reads whatever hypothesis makes up: full, short, nothing.

    What one call makes it read is bounded, whatever the registers say: so is its time.
    """

    made: Any = None
    reads = 0

    def read(self, task: Task, address: int, size: int) -> bytes | None:
        self.reads += 1
        assert size <= _LARGEST_READ
        assert self.reads <= _MOST_READS
        content: bytes | None = self.made(size)
        return content


@pytest.mark.parametrize("name", sorted(TABLE))
@quick
@given(data=some.data())
def test_a_decoder_takes_any_registers_and_memory(name: str, data: some.DataObject) -> None:
    log = EventLog(100)
    observer = _RandomMemory(TABLE, log, objects=Objects("/home/student"))

    def made(size: int) -> bytes | None:
        most = max(0, min(size, 64))
        return data.draw(some.one_of(some.none(), some.binary(max_size=most)))

    observer.made = made
    pid = data.draw(some.sampled_from([NOBODY, os.getpid()]))
    process = Proc(id="main", pid=pid, inner_pid=2, parent=None, files=FileTable())
    task = Task(pid, process)
    process.tasks[pid] = task
    args = [data.draw(registers) for _ in range(6)]
    call = Call(task, name, args, TABLE[name], 0x1000, 0x2000, 0)
    if TABLE[name].enter(observer, call):
        task.call = call
        blocked = TABLE[name].blocked
        if blocked is not None:
            blocked(observer, call)
        call.result = data.draw(some.one_of(some.integers(-133, 70), some.integers(0, 1 << 62)))
        TABLE[name].leave(observer, call)
    for event in log.events:
        json.loads(msgspec.json.encode(event))


def test_an_offset_that_a_thread_put_beyond_any_file_is_nowhere() -> None:
    """Found by coverage-guided fuzzing: the kernel took the offset of a moment later."""
    with Path(__file__).open("rb") as file:
        assert proc.content(os.getpid(), file.fileno(), 1 << 63, 16) is None


@pytest.mark.parametrize("form", forms.FORMS)
@quick
@given(out=some.binary(max_size=300), err=some.binary(max_size=300))
def test_a_form_stays_valid_whatever_was_printed(form: str, out: bytes, err: bytes) -> None:
    report = _report(out, err)
    text = forms.render(form, [Entry(report)]).decode()  # valid UTF-8
    if form in ("json", "gradescope"):
        json.loads(text)
    if form == "junit":
        Xml.fromstring(text)
    assert "\x1b" not in text
    assert not any(line.startswith("::stop-commands") for line in text.splitlines())


@quick
@given(out=some.binary(max_size=300), err=some.binary(max_size=300))
def test_a_terminal_gets_no_control_characters(out: bytes, err: bytes) -> None:
    text = terminal.render(_report(out, err), color=False)
    assert all(char.isprintable() or char == "\n" for char in text)


def _report(out: bytes, err: bytes) -> Any:
    said = readable(escape(out)), readable(escape(err))
    worse = out.decode("utf-8", "surrogateescape")  # lone surrogates, should any get so far
    scenario = samples.scenario(stdout=said[0], stderr=said[1])
    failed = msgspec.structs.replace(samples.FAILED, message=said[0], seen=worse)
    return samples.report(checks=[samples.PASSED, failed], scenarios=[scenario])


@quick
@given(text=some.one_of(some.binary(max_size=400), some.text(max_size=400).map(str.encode)))
def test_a_course_file_is_read_or_refused(text: bytes) -> None:
    try:
        parse(text, "course.yaml")
    except CourseError as error:
        assert error.problems[0].line >= 1
