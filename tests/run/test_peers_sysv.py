"""The grader as partner at queues, segments and semaphores, and as reader of what there is."""

from __future__ import annotations

from grader.course.object_steps import Queue, Read, Segment, Semaphores
from grader.course.steps import Close, Expect, Finish, Send, Start, Until, Wait
from grader.trace.model import Outcome
from tests.run.conftest import Stage, missed, seen

KEY = "1234"
START = Start(start="prog")
FINISH = Finish(finish="prog")

CHAT = """
import sysv_ipc
queue = sysv_ipc.MessageQueue(1234, sysv_ipc.IPC_CREAT, mode=0o600)
"""


def test_messages_go_both_ways_in_either_order(stage: Stage) -> None:
    program = CHAT + "text, _ = queue.receive(type=1); queue.send(text[::-1], type=2)"
    run = stage(
        program,
        START,
        Queue(queue=KEY, send="hello", type=1),
        Queue(queue=1234, receive="olleh", type="2", as_="answer"),
        FINISH,
        Queue(queue=KEY, remove=True),
        Read(read="queue", key=KEY, as_="gone"),
    )
    assert missed(run) is None
    assert seen(run, "answer").data == "olleh"
    assert seen(run, "gone").state == {"exists": False}
    assert run.residue == []


def test_each_line_is_a_message_and_an_empty_one_too(stage: Stage) -> None:
    program = CHAT + "for _ in range(4): queue.send(queue.receive(type=1)[0], type=2)"
    run = stage(
        program,
        START,
        Queue(queue=KEY, send="one\n\nthree\n", each_line=True, type=1),
        Queue(queue=KEY, send="", type=1),
        Queue(queue=KEY, receive="one\n\nthree\n", each_line=True, type=2, as_="lines"),
        Queue(queue=KEY, receive="", type=2),
        FINISH,
    )
    assert missed(run) is None
    assert seen(run, "lines").data == "one\n\nthree\n"
    assert seen(run, "lines").state["messages"] == 3


def test_another_text_is_told(stage: Stage) -> None:
    program = CHAT + "queue.send(b'hullo', type=2)"
    step = missed(stage(program, START, Queue(queue=KEY, receive="hello", type=2), FINISH))
    assert step is not None
    assert step.message == (
        'the message of type 2 in the queue 1234 was "hullo", and "hello" was expected'
    )


def test_a_full_queue_blocks_the_program_until_it_is_drained(stage: Stage) -> None:
    program = CHAT + "queue.send(b'x' * 1000, type=1); print('sent', flush=True)"
    run = stage(
        program,
        Queue(queue=KEY, create=True),
        Queue(queue=KEY, fill=True, type=9),
        START,
        Wait(wait="prog", until=Until(blocked="msg.send")),
        Read(read="queue", key=KEY, as_="full"),
        Queue(queue=KEY, drain=True, type=9, as_="drained"),
        Expect(expect="prog", line="sent"),
        FINISH,
        Read(read="queue", key=KEY, as_="left"),
        Queue(queue=KEY, remove=True),
    )
    assert missed(run) is None
    assert seen(run, "full").state == {
        "exists": True,
        "messages": 16,
        "bytes": 16384,
        "mode": "0600",
    }
    assert seen(run, "drained").state["messages"] == 16
    assert seen(run, "left").state["bytes"] == 1000


def test_waiting_for_each_other_is_a_deadlock(stage: Stage) -> None:
    program = CHAT + "queue.receive(type=1)"
    run = stage(program, START, Queue(queue=KEY, receive="hello", type=2), FINISH)
    step = missed(run)
    assert step is not None
    assert (run.outcome, step.message) == (
        Outcome.DEADLOCK,
        "it waited for a message of type 2 in the queue 1234",
    )


def test_a_queue_that_nobody_makes_is_told_when_all_have_ended(stage: Stage) -> None:
    run = stage("pass", START, Queue(queue=KEY, send="x"), FINISH)
    step = missed(run)
    assert step is not None
    assert step.message == "it waited for the queue 1234, which does not exist"
    assert run.outcome is Outcome.FINISHED


def test_what_can_never_be_sent_is_told(stage: Stage) -> None:
    long = Queue(queue=KEY, send="x" * 9000)
    step = missed(stage("input()", Queue(queue=KEY, create=True), START, long, FINISH))
    assert step is not None
    assert step.message == "the grader could not use the queue 1234: Invalid argument"


def test_an_object_that_is_there_already_is_not_made_again(stage: Stage) -> None:
    twice = Segment(segment=KEY, create=80)
    step = missed(stage("pass", twice, twice, START, FINISH))
    assert step is not None
    assert step.message == "the segment 1234 is there already"


READER = """
import sysv_ipc
memory = sysv_ipc.SharedMemory(1234)
print(memory.read().split(b"\\0")[0].decode(), flush=True)
memory.write(b"world\\0")
"""


def test_a_segment_is_written_awaited_and_read(stage: Stage) -> None:
    run = stage(
        READER + "input(); memory.detach(); memory.remove()",
        Segment(segment=KEY, create=4096, write="hello\0"),
        START,
        Expect(expect="prog", line="hello"),
        Segment(segment=KEY, expect="world\0"),
        Read(read="segment", key=KEY, as_="memory"),
        Send(send="prog", line=""),
        FINISH,
        Read(read="segment", key=KEY, as_="gone"),
    )
    assert missed(run) is None
    memory = seen(run, "memory")
    assert memory.data is not None
    assert memory.data.rstrip("\0") == "world"
    assert memory.state == {"exists": True, "size": 4096, "mode": "0600", "attached": 1}
    assert seen(run, "gone").state == {"exists": False}


def test_a_segment_of_numbers(stage: Stage) -> None:
    program = """
import struct, sysv_ipc
memory = sysv_ipc.SharedMemory(1234)
print(struct.unpack("<3q", memory.read()))
"""
    run = stage(
        program,
        Segment(segment=KEY, create="24", mode="0640", write=[1, "-2"]),
        Segment(segment=KEY, write=[7], at=16),
        Segment(segment=KEY, expect=["-2", 7], at=8),
        START,
        FINISH,
        Read(read="segment", key=KEY, as_="memory"),
        Segment(segment=KEY, remove=True),
    )
    assert (missed(run), run.actors[0].stdout) == (None, "(1, -2, 7)\n")
    assert seen(run, "memory").state["numbers"] == [1, -2, 7]
    assert seen(run, "memory").state["mode"] == "0640"


def test_what_does_not_fit_into_a_segment_is_told(stage: Stage) -> None:
    made = Segment(segment=KEY, create=8)
    step = missed(stage("pass", made, Segment(segment=KEY, write="too long!"), START, FINISH))
    assert step is not None
    assert step.message == "the segment 1234 has only 8 bytes"


TURNSTILE = """
import sysv_ipc
gate = sysv_ipc.Semaphore(1234)
for turn in range(2):
    gate.P()
    print(turn, flush=True)
"""


def test_semaphores_let_the_program_through(stage: Stage) -> None:
    run = stage(
        TURNSTILE,
        Semaphores(semaphores=KEY, create=[1, "5"]),
        START,
        Expect(expect="prog", line="0"),
        Wait(wait="prog", until=Until(blocked="sem.op")),
        Semaphores(semaphores=KEY, expect=[0, 5]),
        Semaphores(semaphores=KEY, op=[[1, -2], [0, 1]]),
        Expect(expect="prog", line="1"),
        FINISH,
        Read(read="semaphores", key=KEY, as_="values"),
        Semaphores(semaphores=KEY, remove=True),
    )
    assert missed(run) is None
    assert seen(run, "values").state == {"exists": True, "values": [0, 3], "mode": "0600"}
    assert run.residue == []


def test_an_operation_waits_until_it_is_possible(stage: Stage) -> None:
    program = "import sysv_ipc; input(); sysv_ipc.Semaphore(1234).V()"
    run = stage(
        program,
        Semaphores(semaphores=KEY, create=[0]),
        START,
        Close(close="prog"),
        Semaphores(semaphores=KEY, op=[[0, -1]]),
        FINISH,
    )
    step = missed(run)
    assert step is not None
    assert step.message == (
        "it waited for [[0, -1]] on the semaphores 1234 to be possible (they are [0])"
    )


FILES = """
import fcntl, os, sys
file = open("counter", "w")
fcntl.lockf(file, fcntl.LOCK_EX)
file.write("1"); file.flush()
print("torn", flush=True)
input()
file.write("2\\n"); file.flush()
fcntl.lockf(file, fcntl.LOCK_UN)
os.symlink("/etc/passwd", "link"); os.mkfifo("fifo"); os.mkdir("folder")
print("whole", flush=True)
input()
"""


def test_files_are_read_as_they_are_or_under_their_lock(stage: Stage) -> None:
    run = stage(
        FILES,
        START,
        Expect(expect="prog", line="torn"),
        Read(read="file", path="counter", as_="torn"),
        Send(send="prog", line=""),
        Read(read="file", path="counter", as_="whole", locked=True),
        Expect(expect="prog", line="whole"),
        *(
            Read(read="file", path=name, as_=name)
            for name in ("link", "fifo", "folder", "none", "../../etc/shadow")
        ),
        Send(send="prog", line=""),
        FINISH,
    )
    assert missed(run) is None
    assert (seen(run, "torn").data, seen(run, "whole").data) == ("1", "12\n")
    assert seen(run, "whole").state["size"] == 3
    for name in ("link", "fifo", "folder", "none", "../../etc/shadow"):
        assert seen(run, name).state == {"exists": False}
