"""Owns how a scenario is done by hand: the commands that a student types into a terminal of their
own, in the folder of their program.

What commands cannot do stands between them as comments: when to type what, which key to press. A
scenario in which the grader itself takes part (as a client, as a partner at a queue) cannot be done
by hand.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePath

from grader.course.model import Language
from grader.course.object_steps import Read
from grader.course.peer_steps import Request
from grader.course.step_base import StepBase, listed
from grader.course.steps import Close, Expect, Finish, Send, Signal, Start, Step, Until, Wait

MOST = 14
"""Lines; what takes more is no longer quickly done by hand."""

_LONG = 200
"""Bytes of text from which on a text of the same size stands for it."""

_KEYS = {"INT": "Ctrl-C", "QUIT": "Ctrl-\\", "TSTP": "Ctrl-Z"}
_LISTINGS = {
    "queue": "ipcs -q",
    "segment": "ipcs -m",
    "semaphores": "ipcs -s",
    "processes": "ps -fH",
}


def by_hand(steps: Sequence[Step], language: Language) -> list[str]:
    """The lines, at most MOST; none if it cannot be done by hand. steps: without placeholders."""
    if not all(map(_possible, steps)):
        return []
    lines = list(_directions(steps, language))
    return lines if len(lines) <= MOST else []


def _overlap(steps: Sequence[Step]) -> bool:
    """Whether a program is started while another one runs: each then needs a terminal."""
    running: set[str] = set()
    for step in steps:
        if isinstance(step, Start):
            if running:
                return True
            running.add(step.actor)
        elif isinstance(step, Finish):
            running -= set(step.mentions)
    return False


def _directions(steps: Sequence[Step], language: Language) -> Iterator[str]:
    several = _overlap(steps)
    terminals = 0
    for index, step in enumerate(steps):
        if isinstance(step, Start):
            terminals += 1
            if several:
                yield f"# terminal {terminals} ({step.actor}):"
            yield from _start(step, language)
        elif not isinstance(step, Finish) or (several and index < len(steps) - 1):
            yield _TELLING[type(step)](step)


def _possible(step: StepBase) -> bool:
    """Whether hands can do it: no hand hits the moment of a call; a request only if it is one
    that anybody would make; no word of a shell holds a NUL."""
    if isinstance(step, Start):
        return not any("\0" in content for content in step.files.values())
    if isinstance(step, Signal):
        return step.before is None and step.after is None
    if isinstance(step, Request):
        plain = step.raw is None and step.body is None and step.method == "GET"
        return plain and str(step.clients) == "1" and not step.headers
    return type(step) in _TELLING


def _start(step: Start, language: Language) -> Iterator[str]:
    folders = {str(PurePath(name).parent): None for name in (*step.files, *step.links)}
    if made := [folder for folder in folders if folder != "."]:
        yield shlex.join(["mkdir", "-p", *made])
    for name, content in step.files.items():
        yield f"{_printing(content)} > {shlex.quote(name)}"
    for name, place in step.links.items():
        yield shlex.join(["ln", "-s", place, name])
    source, program = f"{step.start}{language.suffix}", f"./{step.start}"
    words = [shlex.quote(_fill(word, source, program)) for word in language.run]
    command = " ".join([*words, *map(_word, step.args)])
    match step.stdin:
        case None:
            yield command
        case "":
            yield f"{command} < /dev/null"
        case _:
            yield f"{_printing(step.stdin)} | {command}"


def _fill(word: str, source: str, program: str) -> str:
    word = word.replace("{source}", source).replace("{program}", program)
    return word.replace("{python}", "python3")


# -- texts -------------------------------------------------------------------------------------


def _word(text: str) -> str:
    """One argument for a shell."""
    if len(text.encode()) <= _LONG:
        return quoted(text)
    return f'"$({_made_up(text)})"'


def _printing(text: str) -> str:
    """A command that prints this."""
    if len(text.encode()) > _LONG:
        return _made_up(text)
    lines = text.split("\n")
    if lines[-1] or len(lines) < 2:
        return f"printf %s {quoted(text)}"
    return " ".join([r"printf '%s\n'", *map(quoted, lines[:-1])])


def quoted(text: str) -> str:
    """A word for bash and zsh that shows every character: what does not print is escaped."""
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(_escape(char) for char in text) + "'"


def _escape(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if char.isprintable():
        return char
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char)
    # Octal and by byte: an escape of three digits swallows nothing of what comes after it.
    return named or "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))


def _made_up(text: str) -> str:
    """A command that prints as many bytes in as many lines, of several bytes a character where the
    text has such."""
    lines = text.split("\n")
    ended = not lines[-1] and len(lines) > 1
    whole = lines[:-1] if ended else lines
    sizes = {len(line.encode()) for line in whole}
    if len(whole) > 1 and len(sizes) == 1:
        line = _of_size(sizes.pop(), ascii=text.isascii())
        return f"python3 -c 'for i in range({len(whole)}): print({line})'"
    size = len(text.encode()) - ended
    end = "" if ended else ', end=""'
    return f"python3 -c 'print({_of_size(size, ascii=text.isascii())}{end})'"


def _of_size(size: int, *, ascii: bool) -> str:
    if ascii or size < 4:
        return f'"x" * {size}'
    wide = (size - 1) // 3
    return f'"x" * {size - 3 * wide} + "€" * {wide}'


# -- what is between the commands --------------------------------------------------------------


def _send(step: Send) -> str:
    text = step.line if step.line is not None else (step.text or "")
    if len(text.encode()) > _LONG:
        return f"# into {step.send}: what `{_made_up(text)}` prints"
    return f"# type into {step.send}: {text if text.isprintable() else quoted(text)}"


def _close(step: Close) -> str:
    return f"# Ctrl-D in {' and '.join(listed(step.close))}"


def _expect(step: Expect) -> str:
    text = step.line if step.line is not None else (step.text or "")
    shown = quoted(text) if len(text) <= _LONG else f"{len(text.encode()):,} bytes"
    return f"# wait until {step.expect} prints {shown}"


def _wait(step: Wait) -> str:
    return f"# wait until {step.wait} {_condition(step.until)}"


def _condition(until: str | Until) -> str:
    if not isinstance(until, Until):
        return {"idle": "sleeps", "exit": "has ended", "stopped": "is stopped"}[until]
    if until.blocked is not None:
        return f"sleeps in {until.blocked}"
    if until.listening is not None:
        return f"listens on {until.unix or f'port {until.listening}'}"
    if until.lines is not None:
        return f"has printed {until.lines} lines"
    return f"has done {until.event.event}" if until.event is not None else "goes on"


def _signal(step: Signal) -> str:
    name = step.signal.removeprefix("SIG")
    actor, _, child = step.to.partition(".")
    often = f", {step.times} times" if step.times > 1 else ""
    key = f"{_KEYS[name]} there, or " if name in _KEYS and not child else ""
    whom = f"child {child} of {actor}" if child else actor
    return f"# send SIG{name} to {whom}{often}: {key}kill -{name} PID from another terminal"


def _finish(step: Finish) -> str:
    names = listed(step.finish)
    return f"# wait until {' and '.join(names)} {'has' if len(names) == 1 else 'have'} ended"


def _read(step: Read) -> str:
    return f"cat {shlex.quote(step.path or '')}" if step.read == "file" else _LISTINGS[step.read]


def _request(step: Request) -> str:
    words = ["curl", "-i", "--path-as-is", f"http://127.0.0.1:{step.port}{step.request}"]
    return shlex.join(words)


_TELLING: Mapping[type[StepBase], Callable[..., str]] = {
    Send: _send,
    Close: _close,
    Expect: _expect,
    Wait: _wait,
    Signal: _signal,
    Finish: _finish,
    Read: _read,
    Request: _request,
}
