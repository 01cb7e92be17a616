"""What `grade trace` sees, strace sees too: same calls, same order in each process, same results.

Programs whose calls depend on timing (stress-ng) are compared by which calls occur and how the
program ends.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from grader.kernel.seccomp import number
from grader.trace.model import Recording, from_json

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is missing: apt-get install strace"
)

ALWAYS_TOLD = frozenset(
    "pipe pipe2 wait4 waitid msgget msgsnd msgrcv msgctl semget semop semtimedop shmget shmat "
    "shmdt socket socketpair bind listen accept accept4 connect shutdown pause rt_sigsuspend "
    "rt_sigtimedwait alarm nanosleep clock_nanosleep mq_timedsend mq_timedreceive tgkill "
    "socketpair mq_unlink".split()
)
"""Calls that make an event whatever they are given."""
_NEW_EACH_TIME = frozenset(("wait4", "msgget", "semget", "shmget", "shmat"))
_FORKS = frozenset(("fork", "vfork", "clone", "clone3"))
_LINE = re.compile(r"^(\w+)\(.*\)\s+= (0x[0-9a-f]+|-?\d+|\?)(?: ([A-Z][A-Z0-9]+))?")
PYTHON = str(Path(sys.executable).resolve())
ROOT = Path(__file__).parents[2]

_ENDED_BY_HANDLERS = ("pause", "rt_sigsuspend")

Story = dict[str, list[tuple[str, str]]]
"""Process id to its calls in order, each with its result: "pid", an errno, or the number."""


def _result(call: str, value: str, error: str | None) -> str:
    """What may differ between two runs (ids, PIDs, addresses) is named, not compared."""
    if error is not None:
        return error
    if call in _NEW_EACH_TIME and int(value, 0) > 0:
        return "new"
    return str(int(value, 0))


@cache
def in_own_ipc() -> tuple[str, ...]:
    """Begins a command whose System V objects end with it, where this machine has that."""
    users = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    command = ("unshare", *users, "--ipc")
    try:
        tried = subprocess.run([*command, "true"], check=False, capture_output=True)
    except FileNotFoundError:
        return ()
    return command if tried.returncode == 0 else ()


def _run(folder: Path, watcher: list[str], command: list[str]) -> int:
    """The exit status; the command finds an empty work folder."""
    work = folder.with_name("work")
    work.mkdir()
    done = subprocess.run(
        [*watcher, *command], check=False, capture_output=True, timeout=60, cwd=work
    )
    shutil.rmtree(work)
    return done.returncode if done.returncode >= 0 else 128 - done.returncode


def seen_by_strace(
    folder: Path, command: list[str], before: Sequence[str] = ()
) -> tuple[Story, int]:
    """Each process has a file of its own; the family tree comes from what fork returned. before:
    begins the whole command line."""
    folder.mkdir()
    calls = ",".join(f"?{name}" for name in ALWAYS_TOLD | _FORKS if number(name) is not None)
    prefix = ["strace", "-ff", "--seccomp-bpf", "-e", f"trace={calls}", "-o", str(folder / "t")]
    status = _run(folder, [*before, *prefix], command)
    lines = {
        int(f.suffix[1:]): f.read_text(errors="replace").splitlines() for f in folder.iterdir()
    }
    story: Story = {}

    def follow(pid: int, id: str) -> None:
        story[id] = []
        children = 0
        for line in lines.get(pid, []):
            match = _LINE.match(line)
            if match is None:
                continue
            call, value, error = match.groups()
            if error == "ERESTARTNOHAND" and call in _ENDED_BY_HANDLERS:
                error = "EINTR"  # what the program gets once its handler has run
            elif value == "?":
                continue
            if call in _FORKS:
                if error is None and "CLONE_THREAD" not in line:
                    children += 1
                    follow(int(value), f"{id}.{children}")
                continue
            story[id].append((call, _result(call, value, error)))

    follow(min(lines), "main")
    return story, status


def seen_by_us(
    folder: Path, command: list[str], before: Sequence[str] = ()
) -> tuple[Story, int, Recording]:
    file = folder.with_suffix(".json")
    ours = [sys.executable, "-m", "grader", "trace", "--format", "json", "-o", str(file), "--"]
    status = _run(folder, [*before, *ours], command)
    recording = from_json(file.read_bytes())
    story: Story = defaultdict(list)
    for process in recording.processes:
        story[process.id] = []
    for event in recording.events:
        if event.call in ALWAYS_TOLD and not event.thread:
            value = str(event.result) if event.result is not None else "0"
            story[event.process].append((event.call, _result(event.call, value, event.errno)))
    return dict(story), status, recording


PIPELINES = [
    "echo a | cat",
    "seq 100 | sort -n | tail -1",
    "(echo x; echo y >&2) 2>&1 | wc -l",
    "yes | head -2",
    "true & wait",
    "sh -c 'exit 3'; echo $?",
    "echo $(echo nested $(echo deeper))",
    "kill -TERM $$",
    "sleep 0.01",
    "false || true",
    "cat < /dev/null",
]
PYTHONS = [
    "import os; os.fork() or os._exit(3); os.wait()",
    "import subprocess; subprocess.run(['true'])",
    "import subprocess; print(subprocess.run(['cat'], input=b'x', capture_output=True))",
    "import socket; a, b = socket.socketpair(); a.send(b'x'); b.recv(1)",
    "import signal; signal.alarm(1); signal.alarm(0)",
    "import multiprocessing as m; c = m.get_context('fork'); a, b = c.Pipe(); "
    "p = c.Process(target=b.send, args=('x',)); p.start(); a.recv(); p.join()",
    "import multiprocessing as m; c = m.get_context('fork'); q = c.Queue(); "
    "p = c.Process(target=q.put, args=('x',)); p.start(); q.get(); p.join()",
    "import subprocess as s; a = s.Popen(['echo', 'x'], stdout=s.PIPE); "
    "s.run(['wc', '-c'], stdin=a.stdout); a.wait()",
    "import os; r, w = os.pipe(); os.write(w, b'x'); os.read(r, 1)",
    "import sysv_ipc as s; q = s.MessageQueue(None, s.IPC_CREX); q.send(b'x'); q.receive(); "
    "q.remove()",
    "import sysv_ipc as s; m = s.SharedMemory(None, s.IPC_CREX, size=64); m.write(b'x'); "
    "m.detach(); m.remove()",
    "import sysv_ipc as s; m = s.Semaphore(None, s.IPC_CREX, initial_value=1); m.acquire(); "
    "m.release(); m.remove()",
    "import os, signal; p = os.fork() or signal.pause(); os.kill(p, 9); os.waitpid(p, 0)",
    "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); "
    "c = socket.create_connection(s.getsockname()); s.accept()",
]


def _same(tmp_path: Path, command: list[str]) -> None:
    theirs, their_status = seen_by_strace(tmp_path / "strace", command)
    ours, our_status, _recording = seen_by_us(tmp_path / "ours", command)
    assert our_status == their_status
    assert ours == theirs


@pytest.mark.parametrize("script", PIPELINES)
def test_a_shell_is_seen_alike(script: str, tmp_path: Path) -> None:
    _same(tmp_path, ["/bin/sh", "-c", script])


@pytest.mark.parametrize("program", PYTHONS)
def test_python_is_seen_alike(program: str, tmp_path: Path) -> None:
    _same(tmp_path, [sys.executable, "-c", program])


SHIPPED = [
    ("pipe", "hello", []),
    ("pipe", "hello", ["x" * 70_000]),
    ("pipe", "hello", ["too", "many"]),
    ("fork", "copy", ["21"]),
    ("forksum", "forksum", ["1000", "4"]),
    ("sigdefault", "status", ["KILL"]),
    ("shm", "reader", ["77"]),
    ("file", "tally", ["count.txt", "3"]),
]


@pytest.mark.parametrize("language", ["python", "c"])
@pytest.mark.parametrize(("id", "program", "arguments"), SHIPPED)
def test_a_shipped_solution_is_seen_alike(
    id: str, program: str, arguments: list[str], language: str, tmp_path: Path
) -> None:
    folder = ROOT / "solutions" / id / language
    command = [sys.executable, str(folder / f"{program}.py")]
    if language == "c":
        built = tmp_path / program
        subprocess.run(["cc", "-o", str(built), str(folder / f"{program}.c")], check=True)
        command = [str(built)]
    _same(tmp_path, [*command, *arguments])


@pytest.mark.parametrize(
    "tracee", ["msg_calls", "sem_calls", "shm_calls", "pipe_calls", "mq_calls"]
)
def test_the_tracees_are_seen_alike(
    tracee: str, compiled: Callable[..., Path], tmp_path: Path
) -> None:
    _same(tmp_path, [str(compiled(tracee))])


FILLING = {"msg": ["--msg-bytes", "8192"], "pipe": ["--pipe-data-size", "4096"]}
"""So 20 writes do not fit: a reader that has not read when they are done is ended without it."""


@pytest.mark.skipif(shutil.which("stress-ng") is None, reason="stress-ng is missing")
@pytest.mark.parametrize(
    "stressor",
    "pipe fifo msg mq sem sem-sysv shm shm-sysv sock sockpair kill sigq zombie".split(),
)
def test_a_stressor_ends_alike_and_no_kind_of_call_is_missed(stressor: str, tmp_path: Path) -> None:
    work = [f"--{stressor}", "1", f"--{stressor}-ops", "20", *FILLING.get(stressor, [])]
    seconds = "1" if stressor == "sem" else "5"  # it never counts to 20
    few = ["sh", "-c", 'ulimit -n 256; exec "$0" "$@"']  # sockpair makes as many as it can
    command = [*few, "stress-ng", "--quiet", "--timeout", seconds, *work]
    apart = in_own_ipc()  # one that runs out of time leaves its queue
    theirs, their_status = seen_by_strace(tmp_path / "strace", command, apart)
    ours, our_status, recording = seen_by_us(tmp_path / "ours", command, apart)

    def kinds(story: Story) -> set[str]:
        """sem-sysv: a parent pauses only if its children have not ended by then."""
        return {call for calls in story.values() for call, _result in calls} - {"pause"}

    assert our_status == their_status
    if not recording.dropped_events:  # a flood keeps only its head and tail
        assert kinds(theirs) - kinds(ours) == set()
