"""What ended a wait is told before the wait itself, where both have returned by then."""

from __future__ import annotations

from grader.kernel.objects import Objects
from grader.kernel.observer import Observer
from grader.kernel.table import TABLE
from grader.kernel.tracee import Call, FileTable, Proc, Task
from grader.trace.log import EventLog


class Asked(Observer):
    """Remembers whose stop it was asked to handle, nested questions included."""

    def __init__(self) -> None:
        super().__init__(TABLE, EventLog(10), objects=Objects())
        self.asked: list[int] = []

    def inside(self, tid: int, name: str) -> Task:
        process = Proc(id=f"main.{tid}", pid=tid, inner_pid=tid, parent=None, files=FileTable())
        task = self.tasks[tid] = Task(tid, process, inner_tid=tid)
        if name:
            task.call = Call(task, name, [], TABLE[name], 0, 0, 0)
        return task

    def _handle_stop(self, tid: int) -> None:
        self.asked.append(tid)
        self.causes_first(self.tasks[tid])


def test_those_that_give_are_asked_and_those_that_wait_are_not() -> None:
    observer = Asked()
    waiter = observer.inside(1, "")
    for tid, name in enumerate(("write", "read", "msgsnd", "", "sendto", "wait4"), start=2):
        observer.inside(tid, name)
    observer.causes_first(waiter)
    assert observer.asked == [2, 4, 6]


def test_every_call_of_a_pair_that_ends_the_others_wait_gives() -> None:
    takers = ("read", "recvfrom", "recvmsg", "msgrcv", "mq_timedreceive")
    givers = ("write", "sendto", "sendmsg", "msgsnd", "mq_timedsend")
    assert [TABLE[name].gives for name in takers] == [False] * len(takers)
    assert [TABLE[name].gives for name in givers] == [True] * len(givers)
