"""Owns which events at the end of a process are the Python interpreter's own doing.

When CPython ends (`_PySignal_Fini` in Modules/signalmodule.c) it gives every signal that has a
handler its default action back, after the program's last line and the last flush of its output.
What the process does then is only to let go of what it still holds.
"""

from __future__ import annotations

from pathlib import PurePath

from grader.trace.model import Process, Recording

_LETS_GO = ("close", "detach", "unmap", "exit", "deliver")


def of_its_end(recording: Recording) -> frozenset[int]:
    """The numbers (`seq`) of the events with which an interpreter took its signal handlers away.

    A program whose own last act is the same cannot be told apart: there that is left out instead.
    """
    pythons = {process.id for process in recording.processes if _is_python(process)}
    ended: set[str] = set()
    doing_more: set[str] = set()
    found: set[int] = set()
    for event in reversed(recording.events):
        process = event.process
        if event.event == "process.exit" and "signal" not in event.args:
            ended.add(process)
        if process not in ended & pythons or process in doing_more:
            continue
        if event.event == "signal.default" and event.errno is None:
            found.add(event.seq)
        elif event.event.partition(".")[2] not in _LETS_GO:
            doing_more.add(process)
    return frozenset(found)


def _is_python(process: Process) -> bool:
    return bool(process.argv) and PurePath(process.argv[0]).name.startswith("python")
