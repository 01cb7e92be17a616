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
# not the keys and names of the attacks: between a kill and the next start they are there
_BUSY = b"""\
import os
import sysv_ipc

sysv_ipc.MessageQueue(0x7EB00000 + os.getpid(), sysv_ipc.IPC_CREX)
sysv_ipc.Semaphore(0x7EB00000 + os.getpid(), sysv_ipc.IPC_CREX)
open(f"/dev/shm/killed-{os.getpid()}", "w").close()
os.mkdir(f"/dev/shm/killed-folder-{os.getpid()}")
open("file", "w").close()
os.setsid()
while os.fork():
    os.wait()
"""


def test_nothing_outlives_a_killed_grader(tier: Isolation, surroundings: Surroundings) -> None:
    moments = random.Random(4)
    for _kill in range(_KILLS // 2):
        grader = os.fork()
        if grader == 0:
            try:
                run(spec_of("busy.py", _BUSY, isolation=tier))
            finally:
                os._exit(0)
        handle = os.pidfd_open(grader)
        select.select([handle], [], [], moments.uniform(0, _LATEST))
        os.close(handle)
        os.kill(grader, signal.SIGKILL)
    surroundings.orphans_ended()  # we adopt what a grader leaves
    plain_run(tier)
    with folder.one_at_a_time():
        left = [each for each in leftovers.table() if _was_made_here(each)]
    assert left == []


def _was_made_here(found: leftovers.Found) -> bool:
    return found.key >> 20 == 0x7EB or str(found.id).startswith("killed-")
