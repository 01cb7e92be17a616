"""Owns PID 1 of a run: builds the private root, then starts actors as a shell starts jobs and
reaps orphans. It is our code, traced only so that its children are.

Until its exec an actor is a copy of us, and programs of the same run may look at it as soon as it
has their rights. So nothing of the grader's is open here, and an actor is closed to their eyes.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import signal
import socket
import struct
from typing import NoReturn

import msgspec

from grader.course.steps import Start
from grader.errors import GraderError, InfrastructureError, SandboxError
from grader.kernel import launch, libc, venv
from grader.kernel.tree import write_tree
from grader.run.spec import RunSpec
from grader.run.tier import Tier

READY = b"ready"
_NO_TIER, _NO_TREE, _NO_PROGRAM = b"fail", b"tree", b"prog"
_PR_SET_NAME = 15

_SHORT_PATH = "/usr/local/bin:/usr/bin:/bin"


def environment(tier: Tier) -> dict[str, str]:
    """All that a program's environment holds."""
    return {
        "PATH": _SHORT_PATH,
        "HOME": tier.work,
        "USER": "student",
        "LANG": "C.UTF-8",
        "TMPDIR": tier.temporary,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",  # one actor could leave modules there that another one starts with
    }


def failure(step: str, number: int, kind: bytes = _NO_TIER) -> bytes:
    """The message that tells the supervisor which step failed with which errno."""
    return kind + struct.pack("=i", number) + step.encode()


def parse_failure(message: bytes) -> tuple[str, int]:
    """Step and errno of a `failure` message."""
    (number,) = struct.unpack_from("=i", message, 4)
    return message[8:].decode("utf-8", "replace"), number


def concerns_files(message: bytes) -> bool:
    """Whether a `failure` message is about what programs of the same run may have changed."""
    return message.startswith(_NO_PROGRAM)


def failed(message: bytes) -> GraderError:
    """What a `failure` message of PID 1 means. Only a sandbox that this machine does not have is a
    SandboxError: no file of a student's may choose a weaker tier."""
    if not message:
        return SandboxError("start of PID 1: it died without a word")
    step, number = parse_failure(message)
    if message.startswith(_NO_TREE):
        return InfrastructureError(
            f"the sandbox could not be filled: {step}: {os.strerror(number)}"
        )
    return SandboxError(step, number)


class Init(msgspec.Struct, frozen=True):
    """PID 1 of a run, and where it takes its commands. That it is gone shows there too."""

    pid: int
    commands: socket.socket


def begin(spec: RunSpec, tier: Tier, filter_program: bytes) -> Init:
    """Fork PID 1. To be done early in the supervisor's life: each page that it has written by then
    is copied a second time when it is written again."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        serve(theirs, spec, tier, filter_program)
    theirs.close()
    return Init(pid, ours)


def serve(commands: socket.socket, spec: RunSpec, tier: Tier, filter_program: bytes) -> NoReturn:
    """Set up the sandbox, report on `commands`, then obey until killed. Never returns."""
    kind = _NO_TIER
    try:
        commands = _alone_with(commands)
        libc.prctl(_PR_SET_NAME, int.from_bytes(b"init\0\0\0\0", "little"))
        os.setsid()
        libc.hide_arguments()
        launch.first_victim()
        tier.build(spec)
        kind = _NO_TREE
        write_tree(tier.work, spec.tree.files, tier.owner)
    except SandboxError as error:
        commands.send(failure(error.step, error.errno, kind))
        os._exit(1)
    except OSError as error:
        commands.send(failure(f"build the sandbox: {error}", error.errno or 0, kind))
        os._exit(1)
    commands.send(READY)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # PID 1 gets none that it does not handle
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    selector = selectors.DefaultSelector()
    selector.register(woken, selectors.EVENT_READ)
    selector.register(commands, selectors.EVENT_READ)
    while True:
        for key, _events in selector.select():
            if key.fileobj == woken:
                os.read(woken, 4096)
                _reap()
            else:
                message, descriptors, _flags, _address = socket.recv_fds(commands, 64, 4)
                if not message:
                    os._exit(0)
                _start(spec, tier, int(message), descriptors, filter_program)


def _alone_with(channel: socket.socket) -> socket.socket:
    """Close every descriptor of the grader's but this one; null devices for 0, 1 and 2."""
    kept = fcntl.fcntl(channel.detach(), fcntl.F_DUPFD_CLOEXEC, 3)
    null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    for number in range(3):
        os.dup2(null, number)
    if kept > 3:
        libc.close_range(3, kept - 1)
    libc.close_range(kept + 1)
    return socket.socket(fileno=kept)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _start(
    spec: RunSpec, tier: Tier, index: int, descriptors: list[int], filter_program: bytes
) -> None:
    """Fork one actor; its set-up errors go through the last descriptor."""
    step = spec.steps[index]
    assert isinstance(step, Start)
    program = spec.programs[step.start]
    *stdio, complaints = descriptors
    if os.fork():
        for descriptor in descriptors:
            os.close(descriptor)
        return
    kind = _NO_TIER
    try:
        os.setpgid(0, 0)
        tier.become_student()
        kind = _NO_PROGRAM
        for name, content in step.files.items():
            _write_file(name, content)
        for name, place in step.links.items():
            _make_link(name, place)
        kind = _NO_TIER
        launch.confine(
            stdio=(stdio[0], stdio[1], stdio[2]),
            limits=launch.Limits(spec.bounds.cpu, spec.bounds.files, spec.bounds.descriptors),
            filter_program=filter_program,
        )
        kind = _NO_PROGRAM
        argv = (venv.program(tier.python) if word == "{python}" else word for word in program.argv)
        words = [tier.relocate(word) for word in (*argv, *step.args)]
        os.execvpe(words[0], words, environment(tier))
    except OSError as error:
        where = error.filename or "start the program"
        os.write(complaints, failure(str(where), error.errno or 0, kind))
    finally:
        os._exit(127)


def _write_file(name: str, content: str) -> None:
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)  # noqa: PTH103, PTH120 - in a fork
    with open(name, "wb") as file:  # noqa: PTH123 - in a fork
        file.write(content.encode())


def _make_link(name: str, place: str) -> None:
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)  # noqa: PTH103, PTH120 - in a fork
    os.symlink(place, name)  # noqa: PTH211 - in a fork
