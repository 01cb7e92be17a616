"""Owns turning a YAML document into typed data: every wrong key and value found, with its place.

msgspec stops at the first error. Here the document is taken apart along its types, each piece is
converted by itself, and only what is whole is converted as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from grader.course.steps import STEPS
from grader.course.yaml import Document, Plain, YamlPath
from grader.errors import CourseError, Problem

T = TypeVar("T", bound=msgspec.Struct)


def decode(document: Document, kind: type[T]) -> T:
    """The document as this type. CourseError: all keys and values that do not fit it."""
    taken = take_apart(document, kind)
    if taken.problems:
        raise CourseError(in_order(taken.problems))
    return msgspec.convert(taken.value, kind)


class TakenApart(msgspec.Struct, frozen=True):
    """value: what the document holds of the type, ready for msgspec where nothing is noted.

    noted: each key and value that does not fit, by its path.
    """

    value: Plain
    noted: tuple[tuple[YamlPath, Problem], ...]

    @property
    def problems(self) -> list[Problem]:
        return [problem for _, problem in self.noted]


def take_apart(document: Document, kind: type[T]) -> TakenApart:
    """All that does not fit this type. Of a file of a newer version that alone is said."""
    if newer := _newer_version(document, kind):
        return TakenApart(document.value, ((("version",), newer),))
    pieces = _Pieces(document)
    whole = pieces.prepare(document.value, kind, ())
    return TakenApart(whole, tuple(pieces.noted))


def in_spite_of(
    defects: Iterable[Problem], document: Document | None, kind: type[msgspec.Struct]
) -> list[Problem]:
    """The defects of a file's YAML, and what else is certain in spite of them: all keys and values
    that do not fit the type, but for those that could not be read."""
    told = list(defects)
    if document is None:
        return told
    places = {(problem.line, problem.column) for problem in told}
    more = take_apart(document, kind).problems
    return in_order([*told, *(one for one in more if (one.line, one.column) not in places)])


def _newer_version(document: Document, kind: type[msgspec.Struct]) -> Problem | None:
    """What a program that came later has written, this one can only misunderstand."""
    fields = _fields(kind)
    if "version" not in fields or not isinstance(document.value, dict):
        return None
    known = max(get_args(fields["version"].type), default=None)
    given = document.value.get("version")
    if known is None or not isinstance(given, int) or isinstance(given, bool) or given <= known:
        return None
    return document.problem(
        ("version",),
        f"this file is of version {given}, and this `grade` knows versions up to {known}",
        "install a newer `grade`; `grade --version` says which one this is",
    )


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems as a reader of the file meets them."""
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    import difflib

    return next(iter(difflib.get_close_matches(word, list(known), n=1)), None)


def nearest(word: str, known: Iterable[str], *, kind: str = "known") -> str:
    """The fix for a word that is not known: the one that was probably meant, or all there are."""
    if close := closest(word, known):
        return f"did you mean `{close}`?"
    return f"{kind}: {', '.join(known) or 'none'}"


class _Pieces:
    """Walks a value beside its type, notes problems, and tags the steps for msgspec."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.noted: list[tuple[YamlPath, Problem]] = []

    # `kind` is any type expression, which has no static type of its own before PEP 747.
    def prepare(self, value: Plain, kind: Any, path: YamlPath) -> Plain:
        """The value, ready for msgspec. What does not fit is noted, and returned as it is."""
        container = _container(value, kind)
        match value:
            case dict() if container is _Steps:
                return self._step(value, path)
            case dict() if isinstance(container, type) and issubclass(container, msgspec.Struct):
                return self._struct(value, container, path)
            case dict() if get_origin(container) is dict:
                key_kind, item_kind = get_args(container)
                for key in value:
                    self._leaf(key, key_kind, (*path, key), is_key=True)
                return {k: self.prepare(v, item_kind, (*path, k)) for k, v in value.items()}
            case list() if get_origin(container) is list:
                (item_kind,) = get_args(container)
                return [self.prepare(v, item_kind, (*path, i)) for i, v in enumerate(value)]
        self._leaf(value, kind, path)
        return value

    def _struct(
        self, value: dict[str, Plain], kind: type[msgspec.Struct], path: YamlPath
    ) -> dict[str, Plain]:
        fields = _fields(kind)
        name = _noun(kind)
        for key in value:
            if key not in fields:
                fix = nearest(key, fields, kind=f"keys of {name}")
                if "args" in fields and "event" in fields and not closest(key, fields):
                    fix = f"what an event says of itself goes under `args`: {{{key}: …}}; {fix}"
                self._note((*path, key), f"`{key}` is no key of {name}", fix, key=True)
        for key, field in fields.items():
            # A misspelt key has been noted already, and need not be noted as missing too.
            if field.required and key not in value and not closest(key, value.keys() - fields):
                self._note(path, f"{name} needs the key `{key}`", f"add `{key}: …`", key=True)
        return {
            key: self.prepare(item, fields[key].type, (*path, key))
            for key, item in value.items()
            if key in fields
        }

    def _step(self, value: dict[str, Plain], path: YamlPath) -> Plain:
        found = [key for key in value if key in STEPS]
        # A step's own key may share its name with another step: `{peer: …, send: …}`.
        whole = [key for key in found if set(found) <= set(_encoded(STEPS[key]))]
        if not found:
            # The misspelt key is more likely the one that reads like a step than the first one.
            word = next((key for key in value if closest(key, STEPS)), next(iter(value), ""))
            self._note(
                (*path, word),
                f"`{word}` is no step of a scenario" if value else "this step is empty",
                nearest(word, STEPS, kind="steps"),
                key=True,
            )
            return value
        if not whole:
            both = " and ".join(f"`{key}`" for key in found)
            self._note(path, f"{both} are steps of their own", "write each as its own `- …`")
            return value
        kind = STEPS[whole[0]]
        return {"step": kind.__struct_config__.tag, **self._struct(value, kind, path)}

    def _leaf(self, value: Plain, kind: Any, path: YamlPath, *, is_key: bool = False) -> None:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            message, inner = _split(str(error))
            path = (*path, *inner)
            said, fix = _in_words(message, value, kind)
            subject = f"the name `{path[-1]}`" if is_key else _subject(path)
            self._note(path, f"{subject} {said}", fix, key=is_key)

    def _note(
        self, path: YamlPath, message: str, fix: str | None = None, *, key: bool = False
    ) -> None:
        self.noted.append((path, self.document.problem(path, message, fix, key=key)))


class _Steps:
    """Stands for the union of all steps, which are told apart by key."""


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """The fields by their keys in the file. Kept: msgspec evaluates all annotations each time."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _members(kind: Any) -> list[Any]:
    """The alternatives of a type, without annotations."""
    if get_origin(kind) is Annotated:
        return _members(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return [member for part in get_args(kind) for member in _members(part)]
    return [kind]


def _container(value: Plain, kind: Any) -> Any:
    """The one alternative of this type that a mapping or a list can be, or None."""
    members = _members(kind)
    if isinstance(value, dict):
        structs = [m for m in members if isinstance(m, type) and issubclass(m, msgspec.Struct)]
        if structs and all(m in STEPS.values() for m in structs):
            return _Steps
        mappings = structs + [m for m in members if get_origin(m) is dict]
        return mappings[0] if len(mappings) == 1 else None
    if isinstance(value, list):
        lists = [m for m in members if get_origin(m) is list]
        return lists[0] if len(lists) == 1 else None
    return None


def _encoded(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    return kind.__struct_encode_fields__


def _noun(kind: type[msgspec.Struct]) -> str:
    words = re.findall("[A-Z][a-z]*", kind.__name__.removeprefix("Object"))
    if len(words) > 1:  # as in the file: `no_sleep`
        return f"`{'_'.join(words).lower()}`"
    word = words[0].lower()
    return word if word.endswith("s") else f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _subject(path: YamlPath) -> str:
    """What the sentence is about: "`points`", "item 2 of `args`"."""
    if not path:
        return "the file"
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of {_subject(path[:-1])}"
    return f"`{path[-1]}`"


_AT = re.compile(r" - at `(?:key in )?\$?([^`]*)`$")
_STEP_INTO = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def _split(message: str) -> tuple[str, YamlPath]:
    """msgspec's message and the path behind it: "Expected … - at `$.a[0]`"."""
    match = _AT.search(message)
    if match is None:
        return message, ()
    path = tuple(int(index) if index else key for key, index in _STEP_INTO.findall(match[1]))
    return message[: match.start()], path


_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_TYPE = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_LENGTH = re.compile(r"Expected `array` of length (\d+), got (\d+)")
_BOUND = re.compile(r"Expected `[^`]+` ([<>]=?) ([-\d.]+)")


def _in_words(message: str, value: Plain, kind: Any) -> tuple[str, str | None]:
    """What msgspec says, for people: the rest of the sentence, and a fix."""
    if match := _TYPE.fullmatch(message):
        wanted = [word for word in match[1].split(" | ") if word != "null"]
        said = " or ".join(_WORDS.get(word, word) for word in wanted)
        fix = None
        if "str" in wanted and isinstance(value, int | float):
            fix = f'put it in quotes: "{_as_yaml(value)}"'
        elif "str" in wanted and isinstance(value, dict) and list(value.values()) == [None]:
            fix = f'put it in quotes: "{{{next(iter(value))}}}"'  # a placeholder
        elif wanted == ["array"] and isinstance(value, str | int | float):
            fix = f"put it in brackets: [{_item(value)}]"
        return f"must be {said}, not {_WORDS.get(match[2], match[2])}", fix
    if match := _LENGTH.fullmatch(message):
        return f"must be a list of {match[1]} items, not {match[2]}", None
    if match := _BOUND.fullmatch(message):
        return f"must be {match[1]} {float(match[2]):g}", None
    if message.startswith("Invalid enum value"):
        allowed = [str(word) for word in _literals(kind)]
        return f"can't be {_as_yaml(value)!r}", nearest(str(value), allowed, kind="allowed")
    if "matching regex" in message:
        return (
            f"can't be {_as_yaml(value)!r}",
            "use lower-case letters, digits and dashes, a letter first",
        )
    return f"does not fit: {message}", None


def _literals(kind: Any) -> list[object]:
    return [
        value
        for member in _members(kind)
        if get_origin(member) is Literal
        for value in get_args(member)
    ]


def _item(value: str | float) -> str:
    """A scalar as an item of a list."""
    plain = not isinstance(value, str) or _WORD.fullmatch(value)
    return _as_yaml(value) if plain else json.dumps(value, ensure_ascii=False)


_WORD = re.compile(r"[A-Za-z][\w.-]*")


def _as_yaml(value: Plain) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
