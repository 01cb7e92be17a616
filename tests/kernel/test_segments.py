"""A segment is read on request, whoever may have it attached."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest
import sysv_ipc

from grader.kernel import ipc
from grader.kernel.objects import Objects
from grader.kernel.observer import Observer
from grader.kernel.segments import read_segment
from grader.kernel.table import TABLE
from grader.trace.log import EventLog


@pytest.fixture
def observer() -> Observer:
    return Observer(TABLE, EventLog(10), objects=Objects(), data_limit=64)


@pytest.fixture
def segment() -> Iterator[sysv_ipc.SharedMemory]:
    made = sysv_ipc.SharedMemory(None, sysv_ipc.IPC_CREX, size=4096, init_character=b"\0")
    yield made
    made.detach()
    made.remove()


def test_the_kernels_table_lists_the_segment(segment: sysv_ipc.SharedMemory) -> None:
    known = ipc.listed("shm")[segment.id]
    assert (known.key, known.size, known.count) == (segment.key & 0xFFFFFFFF, 4096, 1)


def test_a_system_v_segment_that_nobody_observed_has_attached_is_attached_to_read_it(
    observer: Observer, segment: sysv_ipc.SharedMemory
) -> None:
    segment.write(b"left here")
    found = observer.objects.named(("shm", segment.id), "shm:1", "shm")
    found.attributes |= {"id": segment.id, "bytes": 4096}
    assert read_segment(observer, found) == b"left here".ljust(64, b"\0")
    assert ipc.listed("shm")[segment.id].count == 1


def test_a_segment_that_is_gone_has_no_content(observer: Observer) -> None:
    found = observer.objects.named(("shm", 1), "shm:1", "shm")
    found.attributes |= {"id": 0x7FFFFFFF, "bytes": 4096}
    assert read_segment(observer, found) is None


def test_a_memfd_is_read_through_a_process_that_has_it_open(observer: Observer) -> None:
    memory = os.memfd_create("scratch")
    os.write(memory, b"in a process")
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(memory,)) as holder:
        os.close(memory)
        process = observer.seize(holder.pid, "main")
        assert process is not None
        observer.scan_files(process)
        found = process.files[memory].object
        assert read_segment(observer, found) == b"in a process"
        assert holder.stdin is not None
        holder.stdin.close()
        while observer.tasks:
            observer.collect(block=True)
            observer.handle()
        holder.returncode = 0  # the observer has reaped it
    assert read_segment(observer, found) is None
