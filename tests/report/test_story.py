"""The story of a trace, line by line."""

from __future__ import annotations

from grader.report.story import event_line, summary
from grader.trace.model import (
    Event,
    KernelObject,
    Outcome,
    Process,
    Recording,
    Residue,
    Total,
)


def line(event: str, **details: object) -> str:
    return event_line(Event(seq=1, t_us=0, process="main.1", event=event, **details))  # type: ignore[arg-type] # keywords of one test's events


def test_a_read_that_waited_tells_how_much_what_and_how_long() -> None:
    told = line("pipe.read", object="pipe1", bytes=20, data="Hello", blocked_us=1_234_000)
    assert told == 'main.1    pipe.read        pipe1     20 bytes  "Hello"  blocked 1.2 s'


def test_a_failed_call_names_its_error() -> None:
    assert line("pipe.write", object="pipe1", errno="EPIPE").endswith("  EPIPE (Broken pipe)")


def test_closing_says_where_the_end_is_still_open() -> None:
    open_here = line(
        "pipe.close", object="pipe1", args={"end": "write", "left": ["main", "main.1"]}
    )
    assert open_here.endswith("write end  still open in main, main.1")
    assert line("pipe.close", args={"end": "write", "left": []}).endswith("open nowhere else")


def test_processes_come_and_go() -> None:
    assert line("process.fork", target="main.1.1").split() == ["main.1", "process.fork", "main.1.1"]
    assert line("process.exit", result=3).endswith("exit status 3")
    assert line("process.exit", args={"signal": "SIGKILL"}).endswith("SIGKILL")


def test_data_is_one_short_line_that_steers_nothing() -> None:
    told = line("pipe.read", bytes=900, data="\x1b[2J\n" + "x" * 900)
    assert '"\\x1b[2J\\nxxx' in told
    assert told.endswith('…"')
    assert len(told) < 110


def test_the_summary_tells_processes_objects_traffic_and_what_was_left() -> None:
    recording = Recording(
        outcome=Outcome.FINISHED,
        processes=[
            Process(id="main", parent=None, argv=["./hello", "a\x1bb"], exit=0),
            Process(id="main.1", parent="main", argv=["./hello"], exit="SIGSEGV", reaped_by="main"),
        ],
        objects=[KernelObject(id="pipe1", kind="pipe", created_by="main")],
        totals=[
            Total(process="main", object="pipe1", event="pipe.write", count=2, bytes=20),
            Total(process="main", object="pipe1", event="pipe.close", count=2),
            Total(process="main.1", object="pipe1", event="pipe.read", count=1, bytes=20),
        ],
        residue=[Residue(kind="process", id="main.1.1", detail="asleep")],
        dropped_events=1,
    )
    assert summary(recording).split("\n") == [
        "processes",
        "  main    ./hello a\\x1bb  exit status 0",
        "  main.1  ./hello         killed by SIGSEGV (a segmentation fault)  reaped by main",
        "objects",
        "  pipe1  pipe  created by main",
        "channels",
        "  main → main.1 via pipe1: 2 writes, 20 bytes",
        "left over",
        "  process  main.1.1  asleep",
        "1 event not kept",
        "",
    ]


def test_an_unusual_end_is_said() -> None:
    stuck = Recording(outcome=Outcome.DEADLOCK, detail="main waits for itself")
    assert summary(stuck) == "deadlock: main waits for itself\n"
