"""The bytes between grader and actors keep to their actor, whatever numbers descriptors get."""

import os
import signal

from grader.course.steps import Start
from grader.kernel.waiting import Waiter
from grader.run import actor as actors
from grader.run.streams import Streams


def test_an_ended_set_up_is_not_taken_for_the_stream_that_got_its_number() -> None:
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    waiter = Waiter()
    streams = Streams(waiter, 1000)
    first, firsts = _an_actor("a")
    second, seconds = _an_actor("b")
    streams.add(first)
    (number,) = first.complaints
    os.close(firsts.pop())  # as the exec does
    assert streams.ready(number)
    own, stdout = next(iter(second.outputs.items()))
    os.dup2(own, number)
    os.close(own)
    second.outputs = {number: stdout, **{n: c for n, c in second.outputs.items() if n != own}}
    streams.add(second)
    os.write(seconds[1], b"out")
    os.write(seconds[2], b"err")
    for descriptor in (*firsts, *seconds):
        os.close(descriptor)

    streams.drain_to_end()

    assert (second.stdout.content, second.stderr.content) == (b"out", b"err")
    for descriptor in (*first.outputs, *second.outputs):
        os.close(descriptor)
    waiter.close()
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _an_actor(name: str) -> tuple[actors.Actor, list[int]]:
    return actors.create(Start(start=name), "main", (name,), 1000, stdin_open=False)
