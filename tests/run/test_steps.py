"""The steps that concern started programs, and how a scenario ends when one is not reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.conditions import Pattern
from grader.course.object_steps import Read
from grader.course.steps import (
    Close,
    Expect,
    Finish,
    Send,
    Signal,
    Start,
    Step,
    Until,
    Wait,
)
from grader.trace.model import Event, Outcome, Recording
from grader.trace.vain import longest_in_vain
from tests.run.conftest import Stage, missed, seen

START = Start(start="prog")
FINISH = Finish(finish="prog")
ECHO = "import sys\nfor line in sys.stdin: print('got', line, end='', flush=True)"


def test_lines_go_in_and_come_out_while_the_program_runs(stage: Stage) -> None:
    run = stage(
        ECHO,
        START,
        Send(send="prog", line="one"),
        Expect(expect="prog", line="got one"),
        Send(send="prog", text="two\nthree\n"),
        Expect(expect="prog", text="got two\ngot th"),
        Expect(expect="prog", text="ree"),
        Close(close="prog"),
        FINISH,
    )
    assert (missed(run), run.actors[0].exit) == (None, 0)
    assert run.actors[0].stdout == "got one\ngot two\ngot three\n"


def test_what_was_expected_once_is_not_found_again(stage: Stage) -> None:
    once = Expect(expect="prog", line="got x")
    run = stage(ECHO, START, Send(send="prog", line="x"), once, once, Close(close="prog"), FINISH)
    assert run.outcome is Outcome.DEADLOCK
    assert missed(run) == run.steps[3]


def test_a_line_is_a_whole_line_and_stderr_is_another_stream(stage: Stage) -> None:
    program = "import sys; print('hello world', file=sys.stderr); print('hello')"
    run = stage(
        program,
        START,
        Expect(expect="prog", line="hello"),
        Expect(expect="prog", line="hello world", stream="stderr"),
        FINISH,
    )
    assert missed(run) is None
    step = missed(stage(program, START, Expect(expect="prog", line="hell"), FINISH))
    assert step is not None
    assert step.message == 'prog ended without printing "hell"'


def test_waiting_for_words_that_never_come_is_a_deadlock_at_that_step(stage: Stage) -> None:
    run = stage(
        ECHO, START, Send(send="prog", line="x"), Expect(expect="prog", line="got y"), FINISH
    )
    step = missed(run)
    assert step is not None
    assert (run.outcome, step.title, step.message) == (
        Outcome.DEADLOCK,
        "expect",
        'it waited for "got y" from prog',
    )
    assert [wait.needs for wait in run.waits] == ["data or end of file"]
    assert run.wall_ms < 5000


WAITS: list[tuple[str, Until | str]] = [
    ("input()", "idle"),
    ("pass", "exit"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "stopped"),
    ("import os; os.pipe(); input()", Until(event=Pattern(event="pipe.create"))),
    ("import os; os.read(os.pipe()[0], 1)", Until(blocked="pipe.read")),
    (
        "import socket; s = socket.create_server(('127.0.0.1', 4242)); input()",
        Until(listening="4242"),
    ),
    (
        "import socket; s = socket.socket(socket.AF_UNIX); s.bind('place'); s.listen(); input()",
        Until(listening="unix:place"),
    ),
    (
        "import socket; s = socket.socket(socket.AF_UNIX); s.bind('\\0me'); s.listen(); input()",
        Until(listening="unix:@me"),
    ),
    (
        "import os, socket; s = socket.socket(socket.AF_UNIX); s.bind('x'); s.listen(); "
        "os.rename('x', 'place'); input()",
        Until(listening="unix:place"),
    ),
    ("print('a'); print('b', flush=True); input()", Until(lines=2)),
]


@pytest.mark.parametrize(("program", "until"), WAITS, ids=lambda value: str(value)[:30])
def test_each_condition_can_be_waited_for(stage: Stage, program: str, until: Until) -> None:
    run = stage(program, START, Wait(wait="prog", until=until), Close(close="prog"))
    assert missed(run) is None


@pytest.mark.parametrize("until", [until for _, until in WAITS if until != "exit"], ids=str)
def test_a_condition_that_the_end_makes_hopeless_ends_the_scenario(
    stage: Stage, until: Until
) -> None:
    run = stage("pass", START, Wait(wait="prog", until=until), FINISH)
    step = missed(run)
    assert step is not None
    assert (run.outcome, step.message) == (Outcome.FINISHED, "prog ended before that")


@pytest.mark.parametrize("address", ["unix:here", "unix:@me"])
def test_a_socket_that_is_bound_does_not_listen_yet(stage: Stage, address: str) -> None:
    name = address.removeprefix("unix:").replace("@", "\\0")
    program = f"import socket; s = socket.socket(socket.AF_UNIX); s.bind('{name}'); input()"
    wait = Wait(wait="prog", until=Until(listening=address))
    step = missed(stage(program, START, wait, Close(close="prog")))
    assert step is not None
    assert step.message == f"it waited for prog to listen on {address.removeprefix('unix:')}"


def test_nobody_waits_for_the_sleep_of_a_program_that_polls(stage: Stage) -> None:
    program = """
import os
end = os.pipe()[0]
os.set_blocking(end, False)
while True:
    try:
        os.read(end, 1)
    except BlockingIOError:
        pass
"""
    run = stage(program, START, Wait(wait="prog", until=Until(blocked="pipe.read")))
    step = missed(run)
    assert (step is not None, run.outcome) == (True, Outcome.FINISHED)
    assert "again and again, more than 100 times, instead of sleeping in pipe.read" in run.detail


def test_files_and_links_are_made_before_the_start_and_are_no_residue(stage: Stage) -> None:
    start = Start(
        start="prog",
        files={"site/page.txt": "hi\n", "secret.txt": "psst\n"},
        links={"site/up": "..", "other/page.txt": "../site/page.txt", "dangling": "nowhere"},
    )
    program = "print(open('site/up/secret.txt').read() + open('other/page.txt').read(), end='')"
    run = stage(program, start, FINISH)
    assert (run.actors[0].stdout, run.residue) == ("psst\nhi\n", [])


FORKS = """
import os, sys
done, end = os.pipe()
for _ in range(3):
    if os.fork() == 0:
        os._exit(0)
if os.fork() == 0:
    os.close(end)
    os.read(done, 1)
    os._exit(0)
os.close(done)
for line in sys.stdin:
    print(os.wait()[0] > 0, flush=True)
"""


def test_the_living_and_the_zombies_of_a_family_are_counted(stage: Stage) -> None:
    run = stage(
        FORKS,
        START,
        Wait(wait="prog", until="idle"),
        Read(read="processes", of="prog", as_="before"),
        Send(send="prog", line="reap"),
        Expect(expect="prog", line="True"),
        Wait(wait="prog", until="idle"),
        Read(read="processes", of="prog", as_="after"),
        Close(close="prog"),
        FINISH,
        Read(read="processes", of="prog", as_="end"),
    )
    assert missed(run) is None
    assert seen(run, "before").state == {"exists": True, "alive": 2, "zombies": 3}
    assert seen(run, "after").state == {"exists": True, "alive": 2, "zombies": 2}
    assert seen(run, "end").state["zombies"] == 0


@pytest.mark.parametrize(
    ("handling", "what"),
    [
        ("signal.signal(signal.SIGCHLD, signal.SIG_IGN)", "the kernel reaps"),
        ("os.fork() and (os.wait(), input(), os._exit(0))", "init reaps"),
    ],
)
def test_what_nobody_needs_to_reap_is_no_zombie(stage: Stage, handling: str, what: str) -> None:
    program = f"""
import os, signal
{handling}
if os.fork() == 0:
    os._exit(0)
if {what == "init reaps"}:
    os._exit(0)
input()
"""
    run = stage(
        program,
        START,
        Wait(wait="prog", until="idle"),
        Read(read="processes", of="prog", as_="family"),
        Close(close="prog"),
        FINISH,
    )
    assert seen(run, "family").state == {"exists": True, "alive": 1, "zombies": 0}


def test_an_event_of_the_past_counts(stage: Stage) -> None:
    run = stage(
        "import os; os.pipe(); print('made', flush=True); input()",
        START,
        Expect(expect="prog", line="made"),
        Wait(wait="prog", until=Until(event=Pattern(event="pipe.create"))),
        Close(close="prog"),
    )
    assert missed(run) is None


# -- signals at exact moments ---------------------------------------------------------------------

HANDLER = """
import os, signal
got = False
def handler(number, frame):
    global got
    got = True
signal.signal(signal.SIGINT, handler)
"""
BEFORE_WAITING = Signal(signal="INT", to="prog", before=Pattern(event="signal.wait"))


def lost(run: Recording) -> bool:
    return run.outcome is Outcome.DEADLOCK


@pytest.mark.parametrize("time", range(3))
def test_the_lost_wakeup_is_found_each_time(stage: Stage, time: int) -> None:
    program = HANDLER + "while not got: signal.pause()"
    run = stage(program, START, BEFORE_WAITING, FINISH)
    assert lost(run)
    assert [step.reached for step in run.steps] == [True, True, False]


CORRECT = {
    "sigwait": "signal.pthread_sigmask(signal.SIG_BLOCK, {2})\nsignal.sigwait({2})",
    "sigtimedwait": "while not got: signal.sigtimedwait([], 0.01)",
    "self-pipe": """
woken, wake = os.pipe2(os.O_NONBLOCK)
os.set_blocking(woken, True)
signal.set_wakeup_fd(wake)
while not got: os.read(woken, 1)
""",
}


@pytest.mark.parametrize("way", CORRECT)
def test_programs_that_wait_well_are_unharmed(stage: Stage, way: str) -> None:
    run = stage(HANDLER + CORRECT[way] + "\nprint('done')", START, BEFORE_WAITING, FINISH)
    assert (missed(run), run.actors[0].exit, run.actors[0].stdout) == (None, 0, "done\n")


def test_a_signal_to_a_process_goes_to_its_main_thread_also_when_that_is_held(
    stage_binary: Stage, compiled: Callable[[str], Path]
) -> None:
    held = Signal(signal="USR1", to="prog", before=Pattern(event="pipe.read"))
    run = stage_binary(compiled("signal_to_main"), START, held, FINISH)
    assert (missed(run), run.actors[0].stdout) == (None, "main 0\n")
    (told,) = (event for event in run.events if event.event == "signal.deliver")
    assert (told.thread, told.target) == (0, "grader")


def test_sigsuspend_in_c_is_unharmed_and_pause_is_not(
    stage_binary: Stage, compiled: object
) -> None:
    build = compiled
    assert callable(build)
    good = stage_binary(build("waits_for_sigint"), START, BEFORE_WAITING, FINISH)
    assert (missed(good), good.actors[0].exit) == (None, 0)
    bad = stage_binary(build("waits_for_sigint", "-DLOSES"), START, BEFORE_WAITING, FINISH)
    assert lost(bad)


CALLS = {
    "socket.bind": "import socket; socket.socket().bind(('127.0.0.1', 4242))",
    "socket.listen": "import socket; s = socket.socket(); s.bind(('127.0.0.1', 4242)); s.listen()",
    "socket.shutdown": "import socket; socket.socketpair()[0].shutdown(2)",
    "pipe.create": "import os; os.pipe()",
    "shm.attach": "import sysv_ipc; sysv_ipc.SharedMemory(7, sysv_ipc.IPC_CREAT, size=9).remove()",
    "msg.remove": "import sysv_ipc; sysv_ipc.MessageQueue(7, sysv_ipc.IPC_CREAT).remove()",
}


@pytest.mark.parametrize("event", CALLS)
def test_a_signal_comes_before_the_call_and_the_call_is_made_behind_it(
    stage: Stage, event: str
) -> None:
    held = Signal(signal="CONT", to="prog", before=Pattern(event=event))
    run = stage(CALLS[event] + "\ninput()", START, held, FINISH)
    assert missed(run) is None
    told = [e.event for e in run.events if e.event == event or e.target == "grader"]
    assert told == ["signal.deliver", event]


def test_a_call_on_another_object_is_not_the_one_to_come_before(stage: Stage) -> None:
    program = """
import os
for name in "first", "second":
    with open(name, "w") as file:
        file.write(name)
"""
    held = Signal(
        signal="CONT", to="prog", before=Pattern(event="file.write", object="file:second")
    )
    run = stage(program, START, held, FINISH)
    told = [e.object for e in run.events if e.event == "file.write" or e.target == "grader"]
    assert told == ["file:first", None, "file:second"]


def test_where_no_such_call_ever_comes_the_signal_comes_when_all_sleep(stage: Stage) -> None:
    program = HANDLER + "import sys\nsys.stdin.read()\nprint(got)"
    run = stage(program, Start(start="prog"), BEFORE_WAITING, Close(close="prog"), FINISH)
    assert (missed(run), run.actors[0].stdout) == (None, "True\n")


def test_right_after_an_event_and_so_often(stage: Stage) -> None:
    program = HANDLER.replace("got = True", "os.write(1, b'!')") + "input()"
    signal = Signal(
        signal="SIGINT",
        to="prog",
        after=Pattern(event="signal.handler", args={"signal": "SIGINT"}),
    )
    run = stage(program, START, signal, Close(close="prog"))
    assert [step.reached for step in run.steps] == [True, True, True]
    assert run.actors[0].stdout == "!"


def test_a_child_can_be_the_target(stage: Stage) -> None:
    program = """
import os, signal
child = os.fork()
if child == 0:
    signal.pause()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    run = stage(
        program,
        START,
        Wait(wait="prog", until="idle"),
        Signal(signal="TERM", to="prog.1"),
        FINISH,
    )
    assert run.actors[0].stdout == "-15\n"
    delivered = [event for event in run.events if event.event == "signal.deliver"]
    assert _who(delivered[0]) == ("main.1", "grader")


def _who(event: Event) -> tuple[str, str | None]:
    return event.process, event.target


def test_who_ended_before_the_moment_is_told(stage: Stage) -> None:
    step = missed(stage("pass", START, BEFORE_WAITING, FINISH))
    assert step is not None
    assert step.message == "prog ended before SIGINT could be sent"


# -- how it ends otherwise ------------------------------------------------------------------------


def test_two_actors_have_their_own_names(stage: Stage) -> None:
    steps: tuple[Step, ...] = (
        Start(start="prog", as_="a", args=["x"]),
        Start(start="prog", as_="b", args=["y"]),
        Finish(finish=["a", "b"]),
    )
    run = stage("import sys; print(sys.argv[1])", *steps)
    assert {(actor.name, actor.process, actor.stdout) for actor in run.actors} == {
        ("a", "a", "x\n"),
        ("b", "b", "y\n"),
    }


def test_files_are_there_before_the_start_and_stdin_is_given(stage: Stage) -> None:
    program = "print(open('folder/words').read(), input())"
    given = Start(start="prog", files={"folder/words": "hello"}, stdin="you\n")
    assert stage(program, given, FINISH).actors[0].stdout == "hello you\n"


def test_a_process_that_stays_is_left_behind_and_does_not_hold_up_the_end(stage: Stage) -> None:
    program = """
import os, signal
if os.fork() == 0:
    os.setsid()
    signal.pause()
"""
    run = stage(program, START, FINISH)
    assert (run.outcome, missed(run)) == (Outcome.FINISHED, None)
    assert [(left.kind, left.id) for left in run.residue] == [("process", "main.1")]
    assert run.wall_ms < 5000


def test_who_looks_again_and_again_is_idle_once_that_is_plain(stage: Stage) -> None:
    program = """
import os, select
reading, _ = os.pipe()
while not select.select([reading], [], [], {})[0]: pass
"""
    steps = (START, Wait(wait="prog", until="idle"), Signal(signal="KILL", to="prog"), FINISH)
    polls, waits = (stage(program.format(seconds), *steps).events for seconds in (0.01, 3600))
    assert (len(longest_in_vain(polls)) > 50, longest_in_vain(waits)) == (True, [])


def test_who_sleeps_for_a_moment_but_once_is_idle_afterwards(stage: Stage) -> None:
    program = """
import os, select
reading, _ = os.pipe()
select.select([reading], [], [], 0.1)
os.read(reading, 1)
"""
    run = stage(program, START, Wait(wait="prog", until="idle"))
    assert [event.event for event in run.events if event.event == "time.wait"] == ["time.wait"]


def test_a_child_may_be_lost_before_it_does_anything(stage: Stage) -> None:
    program = """
import os
for _ in range(20):
    if os.fork() == 0:
        os._exit(os.write(1, b'x'))
while True:
    try: os.wait()
    except ChildProcessError: break
"""
    lost = tuple(Signal(signal="KILL", to=f"prog.{child}") for child in range(1, 21))
    run = stage(program, START, *lost, FINISH)
    assert (run.outcome, missed(run), run.actors[0].stdout) == (Outcome.FINISHED, None, "")
