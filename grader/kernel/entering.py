"""Owns which event a call is about to make: what a process is in, or about to enter."""

from __future__ import annotations

from grader.kernel.decode.files import Opening
from grader.kernel.decode.io import FAMILY, event_of
from grader.kernel.decode.waits import Waiting
from grader.kernel.tracee import Call

_EVENTS = {
    "signal.wait": "pause rt_sigsuspend rt_sigtimedwait",
    "signal.send": "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal",
    "time.sleep": "nanosleep clock_nanosleep",
    "process.wait": "wait4 waitid",
    "process.fork": "fork vfork clone clone3",
    "process.exec": "execve execveat",
    "msg.send": "msgsnd",
    "msg.receive": "msgrcv",
    "sem.op": "semop semtimedop",
    "sem.wait": "futex futex_waitv",
    "mq.send": "mq_timedsend",
    "mq.receive": "mq_timedreceive",
    "lock.acquire": "flock fcntl",
    "socket.accept": "accept accept4",
    "socket.connect": "connect",
    "socket.send": "sendto sendmsg sendmmsg",
    "socket.receive": "recvfrom recvmsg recvmmsg",
}
_BY_CALL = {call: event for event, calls in _EVENTS.items() for call in calls.split()}
_READS = frozenset(("read", "readv", "pread64", "preadv", "preadv2"))
_WRITES = frozenset(("write", "writev", "pwrite64", "pwritev", "pwritev2"))


def entering(call: Call) -> str:
    """The event that this call makes if it succeeds ("msg.send"); its own name if unknown."""
    if isinstance(call.note, Opening):
        opened = call.note.name.object
        return f"{FAMILY.get(opened.kind, 'file') if opened is not None else 'file'}.open"
    if isinstance(call.note, Waiting):
        return call.note.event
    action = "read" if call.name in _READS else "write" if call.name in _WRITES else None
    if action is None or call.descriptor is None:
        return _BY_CALL.get(call.name, call.name)
    return event_of(call.descriptor.object.kind, action)
