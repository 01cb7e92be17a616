"""Owns which event a call is about to make: what a process is in, or about to enter."""

from __future__ import annotations

from grader.kernel.abi_ipc import IPC_RMID
from grader.kernel.decode.files import Opening
from grader.kernel.decode.io import FAMILY, event_of
from grader.kernel.decode.waits import Waiting
from grader.kernel.objects import Object
from grader.kernel.tracee import Call

SIMPLE = {
    "signal.wait": "pause rt_sigsuspend rt_sigtimedwait",
    "signal.send": "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal",
    "time.sleep": "nanosleep clock_nanosleep",
    "process.wait": "wait4 waitid",
    "process.fork": "fork vfork clone clone3",
    "process.exec": "execve execveat",
    "pipe.create": "pipe pipe2",
    "msg.open": "msgget",
    "msg.send": "msgsnd",
    "msg.receive": "msgrcv",
    "shm.open": "shmget",
    "shm.attach": "shmat",
    "shm.detach": "shmdt",
    "sem.open": "semget",
    "sem.op": "semop semtimedop",
    "sem.wait": "futex futex_waitv",
    "mq.open": "mq_open",
    "mq.send": "mq_timedsend",
    "mq.receive": "mq_timedreceive",
    "mq.remove": "mq_unlink",
    "lock.acquire": "flock fcntl",
    "socket.create": "socket",
    "socket.pair": "socketpair",
    "socket.bind": "bind",
    "socket.listen": "listen",
    "socket.accept": "accept accept4",
    "socket.connect": "connect",
    "socket.send": "sendto sendmsg sendmmsg",
    "socket.receive": "recvfrom recvmsg recvmmsg",
    "socket.shutdown": "shutdown",
}
"""By event the calls that make it, whatever they are about."""
_REMOVING = {"msgctl": ("msg.remove", 1), "shmctl": ("shm.remove", 1), "semctl": ("sem.remove", 2)}
"""By call the event if its command, the argument of this number, is IPC_RMID."""
_BY_CALL = {call: event for event, calls in SIMPLE.items() for call in calls.split()}
_READS = frozenset(("read", "readv", "pread64", "preadv", "preadv2"))
_WRITES = frozenset(("write", "writev", "pwrite64", "pwritev", "pwritev2"))


def entering(call: Call) -> str:
    """The event that this call makes if it succeeds ("msg.send"); its own name if unknown."""
    if isinstance(call.note, Opening):
        opened = call.note.name.object
        return f"{FAMILY.get(opened.kind, 'file') if opened is not None else 'file'}.open"
    if isinstance(call.note, Waiting):
        return call.note.event
    if call.name in _REMOVING:
        event, command = _REMOVING[call.name]
        return event if call.signed(command) == IPC_RMID else call.name
    action = "read" if call.name in _READS else "write" if call.name in _WRITES else None
    if action is None or call.descriptor is None:
        return _BY_CALL.get(call.name, call.name)
    return event_of(call.descriptor.object.kind, action)


def object_of(call: Call) -> str | None:
    """The id of the object that this call is about; None if it is not known yet."""
    if call.descriptor is not None:
        return call.descriptor.object.id
    about = call.note.name if isinstance(call.note, Opening) else call.note
    found = about if isinstance(about, Object) else getattr(about, "object", None)
    return found.id if isinstance(found, Object) else None
