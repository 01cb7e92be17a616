"""Owns how events are said in plain words: "pipe.eof" is "reads to the end of a pipe"."""

from __future__ import annotations

from collections.abc import Mapping

from grader.check.matching import is_name

_KINDS: Mapping[str, str] = {
    "pipe": "pipe",
    "fifo": "FIFO",
    "file": "file",
    "lock": "file",
    "msg": "message queue",
    "mq": "message queue",
    "shm": "shared-memory segment",
    "sem": "semaphore set",
    "socket": "socket",
}
"""What the objects of a family are called."""

# {} is the object.
_VERBS: Mapping[str, str] = {
    "create": "makes {}",
    "open": "opens {}",
    "read": "reads from {}",
    "write": "writes to {}",
    "eof": "reads to the end of {}",
    "close": "closes {}",
    "remove": "removes {}",
    "send": "sends something through {}",
    "receive": "receives something from {}",
    "attach": "attaches {}",
    "detach": "detaches {}",
    "connect": "connects {}",
    "listen": "listens on {}",
    "accept": "accepts a connection on {}",
    "shutdown": "shuts down {}",
    "truncate": "truncates {}",
    "acquire": "locks {}",
    "release": "unlocks {}",
    "op": "does semop on {}",
}
"""By action, for all families whose objects can be opened."""

_WHOLE: Mapping[str, str] = {
    "pipe.close": "closes an end of {}",
    "fifo.close": "closes an end of {}",
    "process.fork": "forks",
    "process.exec": "starts another program (exec)",
    "process.exit": "exits",
    "process.wait": "waits for a child (wait)",
    "signal.send": "sends a signal",
    "signal.deliver": "is delivered a signal",
    "signal.handler": "installs a signal handler",
    "signal.ignore": "ignores a signal",
    "signal.default": "gives a signal its default action",
    "signal.block": "blocks a signal",
    "signal.unblock": "unblocks a signal",
    "signal.wait": "waits for a signal",
    "time.sleep": "sleeps for a time",
}


def doing(event: str, object: str | None, *, known: bool = False) -> str:
    """What a process does, in the third person. object: its id, "$name" for one that has no id
    yet (known: that was mentioned before), None for any."""
    family, _, action = event.partition(".")
    object = ("that" if known else None) if is_name(object) else object
    phrase = _WHOLE.get(event) or (_VERBS.get(action) if family in _KINDS else None)
    if phrase is None:
        return f"does {event}" + (f" on {_named(family, object)}" if object else "")
    return phrase.replace("{}", _named(family, object))


def _named(family: str, object: str | None) -> str:
    kind = _KINDS.get(family, "object")
    if object is None:
        return f"a {kind}"
    return f"that {kind}" if object == "that" else object.removeprefix("file:")
