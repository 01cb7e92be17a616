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

ANY = tuple(f"{family}.*" for family in _ACTIONS)
"""What stands for all events of a family: "pipe.*"."""
