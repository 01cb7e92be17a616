"""Nothing outlives a grader that is killed at a random moment of a run."""

from __future__ import annotations

import os
import random
import select
import signal

from grader.kernel import folder, leftovers
from grader.run.scenario import run
from grader.run.spec import Isolation
from tests.redteam.conftest import Surroundings, plain_run, spec_of

_KILLS = 100
_LATEST = 0.08
"""Seconds: a run is over by then."""
_KEYS: dict[Isolation, int] = {"namespaces": 0x7EB, "landlock": 0x7EC}
"""The upper bits of what a test makes. Not those of the attacks or of the other tier, which may be
tested at the same time: between a kill and the next start they are there."""
_BUSY = """\
import os
import sysv_ipc

key = ({upper:#x} << 20) + os.getpid()
sysv_ipc.MessageQueue(key, sysv_ipc.IPC_CREX)
sysv_ipc.Semaphore(key, sysv_ipc.IPC_CREX)
open(f"/dev/shm/killed-{{key}}", "w").close()
os.mkdir(f"/dev/shm/killed-folder-{{key}}")
open("file", "w").close()
os.setsid()
while os.fork():
    os.wait()
"""


def test_nothing_outlives_a_killed_grader(tier: Isolation, surroundings: Surroundings) -> None:
    moments = random.Random(4)
    upper = _KEYS[tier]
    program = _BUSY.format(upper=upper).encode()
    for _kill in range(_KILLS // 2):
        grader = os.fork()
        if grader == 0:
            try:
                run(spec_of("busy.py", program, isolation=tier))
            finally:
                os._exit(0)
        handle = os.pidfd_open(grader)
        select.select([handle], [], [], moments.uniform(0, _LATEST))
        os.close(handle)
        os.kill(grader, signal.SIGKILL)
    surroundings.orphans_ended()  # we adopt what a grader leaves
    plain_run(tier)
    with folder.one_at_a_time():
        left = [each for each in leftovers.table() if _was_made(each, upper)]
    assert left == []


def _was_made(found: leftovers.Found, upper: int) -> bool:
    name = str(found.id)
    if name.startswith("killed-"):
        return int(name.rpartition("-")[2]) >> 20 == upper
    return found.key >> 20 == upper
