"""Owns the names of events that scenarios and checks may ask for: `family.action`.

The observer makes them. `grader.course` stands below it and cannot ask it, so they are written down
here too; a test reads the observer and holds this list to it.
"""

from __future__ import annotations

_ACTIONS = {
    "process": "exec exit fork thread wait",
    "pipe": "close create dup eof flags open read resize write",
    "fifo": "close create dup eof flags link open read remove rename resize write",
    "file": "close create dup eof flags link mkdir open read remove rename seek symlink sync "
    "truncate write",
    "lock": "acquire release test",
    "msg": "change open receive remove send stat",
    "mq": "change close dup flags notify open receive remove send stat",
    "shm": "attach change close detach dup eof flags map open read remove resize stat unmap write",
    "sem": "change close dup flags get op open post remove set stat undo wait",
    "signal": "block continue default deliver descriptor dup flags handler ignore pending send "
    "stop timer unblock wait",
    "socket": "accept bind close connect create dup eof flags link listen open option pair peek "
    "receive remove rename send shutdown",
    "time": "dup flags sleep timer wait yield",
}

FAMILIES = frozenset(_ACTIONS)
"""The first halves of event names."""

EVENTS = tuple(
    f"{family}.{action}" for family, actions in _ACTIONS.items() for action in actions.split()
)
"""All event names: "pipe.write"."""
FORESEEN = tuple(
    "fifo.open fifo.read fifo.write file.open file.read file.write lock.acquire mq.open mq.receive "
    "mq.remove mq.send msg.open msg.receive msg.remove msg.send pipe.create pipe.read pipe.write "
    "process.exec process.fork process.wait sem.op sem.open sem.post sem.remove sem.wait "
    "shm.attach shm.detach shm.open shm.read shm.remove shm.write signal.send signal.wait "
    "socket.accept socket.bind socket.connect socket.create socket.listen socket.pair "
    "socket.receive socket.send socket.shutdown time.sleep time.wait".split()
)
"""Events that are known when their call begins, so that a step can come before them."""

SLEEPING = tuple(
    "fifo.open fifo.read fifo.write file.read file.write lock.acquire mq.receive mq.send "
    "msg.receive msg.send pipe.read pipe.write process.wait sem.op sem.wait signal.wait "
    "socket.accept socket.connect socket.receive socket.send time.sleep time.wait".split()
)
"""Those of them in whose call a process may sleep."""

ANY = tuple(f"{family}.*" for family in _ACTIONS)
"""What stands for all events of a family: "pipe.*"."""
