"""Owns reading YAML: text to plain Python values, with the line and column of every part.

Scalars resolve by the YAML 1.2 core schema, so `no`, `on` and `1:30` stay text and `010` is ten.
Anything that is more than data (tags, endless aliases, two documents) is a problem, never executed.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn, TypeAlias

import msgspec
import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from grader.course.scalars import Scalar, resolve, resolve_tagged
from grader.errors import CourseError, Problem

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | Scalar"
YamlPath: TypeAlias = tuple[str | int, ...]
Position: TypeAlias = tuple[int, int]
"""Line and column, both from 1."""

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_VALUES = 50_000
"""How many values a file may hold with its aliases written out."""

_TAGS = "tag:yaml.org,2002:"


class Document(msgspec.Struct, frozen=True):
    """One file's value. keys and values map a path like ("checks", 0, "points") to its position."""

    file: str
    value: Plain
    keys: dict[YamlPath, Position] = msgspec.field(default_factory=dict)
    values: dict[YamlPath, Position] = msgspec.field(default_factory=dict)

    def problem(
        self, path: YamlPath, message: str, fix: str | None = None, *, key: bool = False
    ) -> Problem:
        """A problem at the value of this path (or its key), or at the nearest part around it."""
        position = self.keys.get(path) if key else None
        while position is None and path:
            position = self.values.get(path)
            path = path[:-1]
        line, column = position or self.values.get((), (1, 1))
        return Problem(self.file, line, column, message, fix)


def read(path: Path) -> Document:
    """Parse this file. CourseError: it cannot be read, or `parse` refuses it."""
    return parse(_bytes(path), shown(path))


def survey(path: Path) -> tuple[Document | None, list[Problem]]:
    """As `make_out` for the text in this file. CourseError: it cannot be read."""
    return make_out(_bytes(path), shown(path))


def _bytes(path: Path) -> bytes:
    """At most one more than MAX_BYTES."""
    try:
        # Neither a FIFO nor a device may hold us up.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as stream:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise OSError("it is no regular file")
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        told = f"this file cannot be read: {reason}"
        fix = "check that it is a file, and that you may read it"
        raise CourseError([Problem(shown(path), 1, 1, told, fix)]) from error


def shown(path: Path) -> str:
    """The path as people are told it: relative where that is shorter."""
    cwd = Path.cwd()
    return str(path.relative_to(cwd) if path.is_relative_to(cwd) else path)


def parse(data: bytes, file: str) -> Document:
    """The document in these bytes (UTF-8, at most MAX_BYTES).

    CourseError: all defects found.
    """
    document, defects = make_out(data, file)
    if document is None or defects:
        raise CourseError(defects)
    return document


def make_out(data: bytes, file: str) -> tuple[Document | None, list[Problem]]:
    """The document in these bytes as far as it can be made out, and all its defects.

    After a syntax error nothing more can be said, so it is the last one, and there is no document;
    duplicate keys, tags and the like do not stop the reading. Of a key that is there twice the last
    value counts, and a value that is none is None.
    """
    if len(data) > MAX_BYTES:
        return None, [Problem(file, 1, 1, f"this file is larger than {MAX_BYTES} bytes")]
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        place = _end_of(data[: error.start].decode())
        return None, [Problem(file, *place, "this is not UTF-8 text", "save the file as UTF-8")]
    composer = _Composer(file, text)
    try:
        value = composer.document()
    except yaml.YAMLError as error:
        return None, [*composer.problems, _syntax_problem(error, file, text)]
    except _StopError:
        return None, composer.problems
    return Document(file, value, composer.keys, composer.values), composer.problems


class _StopError(Exception):
    """A problem was noted after which reading on makes no sense."""


class _Anchored(msgspec.Struct):
    value: Plain
    size: int


class _Composer:
    """Turns parser events into values.

    It stands on events and not on PyYAML's own composer, which recurses in C as deep as the file
    says and resolves tags by YAML 1.1.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.keys: dict[YamlPath, Position] = {}
        self.values: dict[YamlPath, Position] = {}
        self._events = _events(text)
        self._anchors: dict[str, _Anchored] = {}
        self._size = 0

    def document(self) -> Plain:
        value: Plain = None
        seen = False
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if seen:
                    self._stop(event, "a second document starts here", "keep one document a file")
                seen = True
            elif isinstance(event, NodeEvent):
                value = self._value(event, ())
        return value

    def _value(self, event: NodeEvent, path: YamlPath) -> Plain:
        self.values[path] = _position(event)
        self._count(event, 1)
        if isinstance(event, AliasEvent):
            return self._alias(event)
        before = self._size
        value: Plain
        if isinstance(event, ScalarEvent):
            value = self._scalar(event)
        else:
            if len(path) >= MAX_DEPTH:
                self._stop(event, f"values are nested more than {MAX_DEPTH} deep")
            if isinstance(event, SequenceStartEvent):
                self._refuse_tag(event, "seq")
                value = self._sequence(path)
            else:
                self._refuse_tag(event, "map")
                value = self._mapping(path)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, self._size - before + 1)
        return value

    def _alias(self, event: AliasEvent) -> Plain:
        anchored = self._anchors.get(event.anchor or "")
        if anchored is None:
            self._note(
                event, f"*{event.anchor} stands for nothing: no &{event.anchor} ends before it"
            )
            return None
        self._count(event, anchored.size)
        return anchored.value

    def _sequence(self, path: YamlPath) -> Plain:
        items: list[Plain] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._value(_node(event), (*path, len(items))))
        return items

    def _mapping(self, path: YamlPath) -> Plain:
        entries: dict[str, Plain] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(_node(event), path)
            where = (*path, key)
            if key in entries:
                line, _ = self.keys[where]
                self._note(
                    event, f"the key `{key}` is here twice; the first is in line {line}", "keep one"
                )
            else:
                self.keys[where] = _position(event)
            entries[key] = self._value(_node(next(self._events)), where)
        return entries

    def _key(self, event: NodeEvent, path: YamlPath) -> str:
        if isinstance(event, ScalarEvent):
            self._count(event, 1)
            value = self._scalar(event)
            if isinstance(value, str):
                return value
            self._note(
                event,
                f"a key must be text, and `{event.value}` is not",
                f'put it in quotes: "{event.value}"',
            )
            return event.value
        self._note(event, "a key must be text, not a list, a mapping or an alias")
        self._value(event, (*path, ""))
        return ""

    def _scalar(self, event: ScalarEvent) -> Plain:
        text: str = event.value
        tag: str | None = event.tag
        try:
            if tag == "!":
                return text
            if tag is not None:
                return resolve_tagged(text, tag.removeprefix(_TAGS))
            plain = event.implicit[0]
            return resolve(text) if plain else text
        except ValueError as error:
            fix = "leave the tag out, or " if tag else "if it is meant as text, "
            self._note(event, str(error), f"{fix}put it in quotes")
            return None

    def _refuse_tag(self, event: NodeEvent, own: str) -> None:
        tag = getattr(event, "tag", None)
        if tag not in (None, "!", _TAGS + own):
            name = tag.removeprefix(_TAGS)
            self._note(event, f"the tag `{name}` is not plain data", "leave it out")

    def _count(self, event: Event, size: int) -> None:
        self._size += size
        if self._size > MAX_VALUES:
            self._stop(event, f"this file holds more than {MAX_VALUES} values (aliases count)")

    def _note(self, event: Event, message: str, fix: str | None = None) -> None:
        self.problems.append(Problem(self.file, *_position(event), message, fix))

    def _stop(self, event: Event, message: str, fix: str | None = None) -> NoReturn:
        self._note(event, message, fix)
        raise _StopError


def _events(text: str) -> Iterator[Event]:
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    return yaml.parse(text, Loader=loader)


def _node(event: Event) -> NodeEvent:
    assert isinstance(event, NodeEvent), "the parser pairs keys, values and ends"
    return event


def _position(event: Event) -> Position:
    mark = event.start_mark
    assert mark is not None, "the parser marks every event"
    return mark.line + 1, mark.column + 1


def _end_of(text: str) -> Position:
    """The position just behind this text."""
    return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1


def _syntax_problem(error: yaml.YAMLError, file: str, text: str) -> Problem:
    fix = "check indentation, quotes and brackets here and in the line above"
    mark: yaml.Mark | None = None
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
    if isinstance(error, yaml.MarkedYAMLError) and mark is not None:
        if text[mark.index : mark.index + 1] == "\t":
            told = "this is not YAML: a tab, where only spaces indent"
            return Problem(file, mark.line + 1, mark.column + 1, told, "write spaces instead")
        words = ", ".join(word for word in (error.context, error.problem) if word)
        return Problem(file, mark.line + 1, mark.column + 1, f"this is not YAML: {words}", fix)
    bad = re.search(_UNPRINTABLE, text)
    line, column = _end_of(text[: bad.start()] if bad else "")
    what = f"the control character U+{ord(bad[0]):04X}" if bad else str(error)
    return Problem(file, line, column, f"this is not YAML: {what}", "take it out")


_UNPRINTABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
"""What the YAML specification (5.1) does not let a file hold. Compiled when it is asked for: it
takes as long as reading a course."""
