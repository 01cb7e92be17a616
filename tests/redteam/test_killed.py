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
_BUSY = b"""\
import os
import sysv_ipc

sysv_ipc.MessageQueue(0x7EA30000 + os.getpid(), sysv_ipc.IPC_CREX)
sysv_ipc.Semaphore(0x7EA40000 + os.getpid(), sysv_ipc.IPC_CREX)
open(f"/dev/shm/redteam-{os.getpid()}", "w").close()
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
    # made in the very moment of a kill, so that nobody lived to note it: without a user id of its
    # own there is nothing to know it by
    unnoted = [
        each
        for each in leftovers.table()
        if each.key >> 16 in (0x7EA3, 0x7EA4) and not folder.is_run_id(each.owner)
    ]
    if tier == "landlock":
        assert len(unnoted) <= _KILLS // 10
        leftovers.remove(unnoted)
