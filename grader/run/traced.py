"""Owns `grade trace`: any command in the caller's environment and terminal, observed."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from grader.errors import ObserverError, UsageError
from grader.kernel import abi, libc, proc
from grader.kernel.cpu import share_one_cpu
from grader.kernel.objects import Objects
from grader.kernel.observer import Observer
from grader.kernel.seccomp import build_filter
from grader.kernel.table import TABLE
from grader.run.family import frozen
from grader.run.vigil import Vigil, interrupted
from grader.trace.log import EventLog
from grader.trace.model import Event, Outcome, Recording

_KEEP_EVENTS = 100_000
_KEEP_DATA = 4096
_PROGRAM_TEXT = (".py", ".sh")
"""Arguments that end so are programs: that their interpreter reads them is none of their doing."""


def trace(
    argv: Sequence[str],
    sink: Callable[[Event], None] | None = None,
    stuck: Callable[[Recording], None] | None = None,
) -> tuple[Recording, int]:
    """Run argv to its end and that of all its descendants; (what was seen, its exit status).

    sink sees each event as it happens; stuck the waits, whenever nothing traced can go on. The
    status is 128 + n for an end by signal n, as in a shell. UsageError if there is no such command.
    """
    program = shutil.which(argv[0])
    if program is None:
        raise UsageError(
            f"there is no program {argv[0]}",
            fix="give a program on PATH, or its path: grade trace -- ./hello",
        )
    log = EventLog(_KEEP_EVENTS, sink)
    objects = Objects(str(Path.cwd()))
    objects.ignored |= {str(Path(name).absolute()) for name in argv if name.endswith(_PROGRAM_TEXT)}
    observer = Observer(TABLE, log, objects=objects, data_limit=_KEEP_DATA, kill_on_exit=False)
    _name_stdio(objects)
    _note_inherited(objects)
    started = time.monotonic()
    cpu = share_one_cpu()
    failed = _fork(program, argv, observer)
    main = observer.processes[0]
    # keys of the terminal are for the command; we end when it does
    handlers = {
        signal.SIGINT: signal.signal(signal.SIGINT, partial(_end_the_rest, observer)),
        signal.SIGQUIT: signal.signal(signal.SIGQUIT, signal.SIG_IGN),
    }
    vigil = Vigil(observer, stuck) if stuck is not None else None
    try:
        with interrupted():
            while observer.tasks:
                if observer.collect(block=True):
                    observer.handle()
                elif vigil is not None:
                    vigil.look()
    finally:
        if cpu is not None:
            cpu.close()
        for number, handler in handlers.items():
            signal.signal(number, handler)
    _check_exec(failed, argv)
    status = main.exit if isinstance(main.exit, int) else _signal_status(str(main.exit))
    recording = Recording(
        outcome=Outcome.FINISHED,
        processes=[frozen(process) for process in observer.processes],
        objects=[found.frozen() for found in objects.used()],
        events=log.events,
        dropped_events=log.dropped,
        totals=log.totals,
        wall_ms=round((time.monotonic() - started) * 1000),
        isolation="none",
    )
    return recording, status


def _end_the_rest(observer: Observer, _number: int, _frame: object) -> None:
    """Ctrl-C after the command itself has ended: what it left in the background does not get it, or
    ignores it, but cannot live on without us either."""
    if observer.processes[0].alive:
        return
    for process in observer.live():
        known = proc.stat(process.pid)
        reached = known is not None and known.group == os.getpgrp()
        if not reached or proc.signal_action(process.pid, signal.SIGINT) == "ignored":
            os.kill(process.pid, signal.SIGKILL)


def _signal_status(name: str) -> int:
    return 128 + int(signal.Signals[name]) if name in signal.Signals.__members__ else 128


def _name_stdio(objects: Objects) -> None:
    """Our own standard streams, which the command inherits, under their usual names."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            known = os.fstat(descriptor)
        except OSError:
            continue
        if stat.S_ISFIFO(known.st_mode):
            objects.named(("pipe", known.st_ino), name, "stdio")
        elif stat.S_ISSOCK(known.st_mode):
            objects.named(("socket", known.st_ino), name, "stdio")
        elif os.isatty(descriptor) or not stat.S_ISCHR(known.st_mode):  # not /dev/null
            shown = "terminal" if os.isatty(descriptor) else name
            objects.named(("inode", (known.st_dev, known.st_ino)), shown, "stdio")


def _note_inherited(objects: Objects) -> None:
    """What the command gets from us is open elsewhere too: a terminal, a pipe of the shell."""
    for descriptor in proc.descriptors(os.getpid()):
        try:
            known = os.get_inheritable(descriptor) and objects.descriptor(os.getpid(), descriptor)
        except OSError:  # closed meanwhile: the one that listed them
            continue
        if known:
            known.object.outside = True


def _fork(program: str, argv: Sequence[str], observer: Observer) -> int:
    """Start the command under trace; a descriptor on which a failed exec leaves its errno."""
    go_read, go_write = os.pipe()
    failed_read, failed_write = os.pipe()
    filter_program = build_filter(TABLE)
    pid = os.fork()
    if pid == 0:
        _become(program, argv, go_read, failed_write, filter_program)
    os.close(go_read)
    os.close(failed_write)
    main = observer.seize(pid, "main")
    if main is None:
        raise ObserverError("the command vanished before it could be traced")
    main.argv = list(argv)
    os.write(go_write, b"g")
    os.close(go_write)
    return failed_read


def _become(
    program: str, argv: Sequence[str], go: int, failed: int, filter_program: bytes
) -> NoReturn:
    """The child: once it is traced, nothing but a filter and an exec; the caller's signals."""
    try:
        os.read(go, 1)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # CPython ignores them for itself
            signal.signal(number, signal.SIG_DFL)
        libc.prctl(abi.PR_SET_NO_NEW_PRIVS, 1)
        refused = libc.install_filter(filter_program)
        if refused < 0:
            raise OSError(-refused, "seccomp")
        os.execv(program, list(argv))
    except OSError as error:
        os.write(failed, str(error.errno).encode())
    finally:
        os._exit(127)


def _check_exec(failed: int, argv: Sequence[str]) -> None:
    with os.fdopen(failed, "rb") as pipe:
        number = pipe.read()
    if number:
        raise UsageError(
            f"cannot run {argv[0]}: {os.strerror(int(number))}",
            fix="give a compiled program, or a script that begins with #!",
        )
