"""The live telling of a trace: folding, filters, indentation, colours; and its diagram."""

from __future__ import annotations

from grader.report import mermaid
from grader.report.story import summary
from grader.report.telling import Teller
from grader.trace.model import Event, KernelObject, Outcome, Recording, Source, Total


def event(seq: int, name: str, process: str = "main", **details: object) -> Event:
    return Event(seq=seq, t_us=seq, process=process, event=name, **details)  # type: ignore[arg-type] # keywords of one test's events


def told(events: list[Event], families: tuple[str, ...] = (), *, color: bool = False) -> list[str]:
    lines: list[str] = []
    teller = Teller(lines.append, families, color=color)
    for one in events:
        teller.tell(one)
    teller.finish()
    return lines


def test_repeats_are_told_once_more_with_their_number_and_size() -> None:
    writes = [event(n, "pipe.write", object="pipe1", bytes=2048) for n in range(1, 513)]
    lines = told([*writes, event(513, "process.exit", result=0)])
    assert len(lines) == 3
    assert "2,048 bytes" in lines[0]
    assert lines[1].rstrip().endswith("pipe.write       pipe1       × 511 more  1022.0 KiB")
    assert lines[2].startswith("main          process.exit")


def test_failures_and_other_objects_are_no_repeats() -> None:
    lines = told(
        [
            event(1, "pipe.write", object="pipe1", bytes=1),
            event(2, "pipe.write", object="pipe2", bytes=1),
            event(3, "pipe.write", object="pipe2", errno="EPIPE"),
        ]
    )
    assert len(lines) == 3


def test_only_the_families_asked_for_are_told() -> None:
    events = [event(1, "pipe.write", object="pipe1"), event(2, "signal.deliver")]
    assert [line.split()[1] for line in told(events, ("signal",))] == ["signal.deliver"]


def test_children_are_indented_and_lines_of_the_program_named() -> None:
    source = Source(file="/home/student/hello.c", line=18)
    (line,) = told([event(1, "pipe.write", "main.1.2", object="pipe1", bytes=20, source=source)])
    assert line == "    main.1.2  hello.c:18      pipe.write       pipe1       20 bytes\n"


def test_each_process_has_its_colour_on_a_terminal() -> None:
    lines = told([event(1, "time.yield"), event(2, "time.yield", "main.1")], color=True)
    assert lines[0].startswith("\x1b[")
    assert lines[0][:5] != lines[1][:5]


def test_the_diagram_shows_who_gave_what_to_whom() -> None:
    recording = Recording(
        outcome=Outcome.FINISHED,
        events=[
            event(1, "process.fork", target="main.1"),
            event(2, "pipe.write", object="pipe1", bytes=20),
            event(3, "pipe.write", object="pipe1", bytes=20),
            event(4, "pipe.read", "main.1", object="pipe1", bytes=40),
            event(5, "process.wait", target="main.1", args={"status": 0}),
        ],
    )
    assert mermaid.render(recording).splitlines() == [
        "sequenceDiagram",
        "    participant p0 as main",
        "    participant p1 as main.1",
        "    participant p2 as pipe1",
        "    p0->>p1: fork",
        "    p0->>p2: write 20 bytes × 2",
        "    p2->>p1: read 40 bytes",
        "    p1-->>p0: exit status 0",
    ]


def test_no_name_breaks_the_diagram_or_hides_in_it() -> None:
    recording = Recording(
        outcome=Outcome.FINISHED,
        events=[
            event(1, "socket.send", object="tcp:127.0.0.1:8080#1", bytes=1),
            event(2, "file.write", object="file:a;b\r\x1b[2J\u202e->>c\nend", bytes=1),
            event(3, "process.wait", target="main.1", args={"stopped": "SIGTSTP"}),
        ],
    )
    assert mermaid.render(recording).splitlines() == [
        "sequenceDiagram",
        "    participant p0 as main",
        "    participant p1 as tcp 127.0.0.1 8080#35;1",
        "    participant p2 as file a,b\\r\\x1b[2J\\u202e-))c\\nend",
        "    participant p3 as main.1",
        "    p0->>p1: send 1 byte",
        "    p0->>p2: write 1 byte",
        "    p3-->>p0: stopped by SIGTSTP",
    ]


def test_a_set_of_nearly_all_signals_takes_no_screen() -> None:
    every = [f"SIGRTMIN+{n}" for n in range(30)]
    (line,) = told([event(1, "signal.block", args={"signals": every})])
    assert line.endswith("SIGRTMIN+6,SIGRTMIN+7,… 30 in all\n")


def test_what_goes_to_a_terminal_is_not_what_was_read_from_it() -> None:
    terminal = [KernelObject(id="terminal", kind="stdio"), KernelObject(id="pipe1", kind="pipe")]
    totals = [
        Total(process="main", object=object.id, event=name, count=1, bytes=4)
        for object in terminal
        for name in ("pipe.write", "pipe.read")
    ]
    told = summary(Recording(outcome=Outcome.FINISHED, objects=terminal, totals=totals))
    assert "main via terminal: 1 write, 4 bytes\n" in told
    assert "main → main via pipe1: 1 write, 4 bytes\n" in told
