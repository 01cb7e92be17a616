# threat: Read what is not yours
# attack: leaves files, shared memory, queues and a daemon for the next run, which looks for them
# happens: the next run starts clean
# runs: 2
# bounds: wall=1

import os
import sysv_ipc

folders = {"/tmp", os.environ["TMPDIR"], os.environ["HOME"], "/dev/shm"}
for place in [f"{folder}/redteam-left" for folder in folders]:
    if os.path.exists(place):
        print("breach: found", place)
    try:
        open(place, "w").write("x")
    except OSError:
        pass
try:
    sysv_ipc.MessageQueue(0x7EA00001)
    print("breach: found a queue")
except sysv_ipc.ExistentialError:
    sysv_ipc.MessageQueue(0x7EA00001, sysv_ipc.IPC_CREX)
print("held", flush=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            open("redteam-left", "a").write("still here")
            os.sched_yield()
