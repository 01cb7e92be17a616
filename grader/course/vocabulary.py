"""Owns which names of signals, errors, events and objects there are, and what is said of others."""

from __future__ import annotations

import errno
import re
import signal
from collections.abc import Iterator

from grader.course.decode import closest, nearest
from grader.course.events import ANY, EVENTS, FAMILIES
from grader.course.yaml import Document, YamlPath
from grader.errors import Problem

SIGNALS = tuple(name.removeprefix("SIG") for name in signal.Signals.__members__)
"""By the names that steps and checks call them."""


def signal_problems(document: Document, path: YamlPath, name: str) -> Iterator[Problem]:
    """A signal that there is not."""
    short = name.removeprefix("SIG")
    if short not in SIGNALS:
        yield document.problem(
            path, f"there is no signal `{name}`", nearest(short, SIGNALS, kind="signals")
        )


def errno_problems(document: Document, path: YamlPath, name: str) -> Iterator[Problem]:
    known = tuple(errno.errorcode.values())
    if name not in known:
        close = closest(name, known)
        fix = f"did you mean `{close}`?" if close else "names are those of errno(3), like EAGAIN"
        yield document.problem(path, f"there is no errno `{name}`", fix)


def event_problems(document: Document, path: YamlPath, event: str) -> Iterator[Problem]:
    """A name that is no event's, so that nothing would ever match it."""
    if event in EVENTS or event in ANY:
        return
    family, _, action = event.partition(".")
    if not action:
        fix = "events are written family.action, like pipe.write"
    elif family not in FAMILIES:
        close = closest(event, EVENTS) or closest(family, sorted(FAMILIES))
        families = ", ".join(sorted(FAMILIES))
        fix = f"did you mean `{close}`?" if close else f"families: {families}"
    else:
        own = [name for name in EVENTS if name.startswith(f"{family}.")]
        fix = nearest(event, own, kind="events")
    yield document.problem(path, f"`{event}` is no event", fix)


_OBJECT = re.compile(
    r"\$.+|\{.+|std(in|out|err)(:.+)?|[a-z]+#?[0-9]+(#[0-9]+)?"
    r"|(file|fifo|pipe|msg|mq|shm|sem|unix|tcp|udp):.+",
    re.DOTALL,
)
"""What can be the name of an object: `$name`, a placeholder, or an id as `grade trace` shows it."""


def object_problems(document: Document, path: YamlPath, name: str) -> Iterator[Problem]:
    """A name that no object ever has, so that nothing would ever match it."""
    if _OBJECT.fullmatch(name) is None:
        yield document.problem(
            path,
            f"no object is ever called `{name}`",
            f"a file is `file:{name}`; others are msg:KEY, shm:KEY, sem:KEY, fifo:PATH, mq:/NAME, "
            "unix:PATH, tcp:127.0.0.1:PORT, stdout, or a $name; `grade trace` shows them",
        )
