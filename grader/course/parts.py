"""Owns walking typed data: every part of a step or a check, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from grader.course.bind import filled_fields
from grader.course.decode import nearest
from grader.course.vary import placeholders
from grader.course.yaml import Document, YamlPath
from grader.errors import Problem


def parts(part: object, path: YamlPath) -> Iterator[tuple[YamlPath, object]]:
    """This part and everything in it that may hold placeholders, each with its path in the file."""
    yield path, part
    if isinstance(part, list):
        for index, item in enumerate(part):
            yield from parts(item, (*path, index))
    elif isinstance(part, dict):
        for key, item in part.items():
            yield from parts(key, (*path, key))
            yield from parts(item, (*path, key))
    elif isinstance(part, msgspec.Struct):
        encoded = dict(zip(part.__struct_fields__, part.__struct_encode_fields__, strict=True))
        for name in filled_fields(part):
            if (value := getattr(part, name)) is not None:
                yield from parts(value, (*path, encoded[name]))


def placeholder_problems(
    document: Document, all_parts: Iterable[tuple[YamlPath, object]], known: Iterable[str]
) -> Iterator[Problem]:
    """Placeholders in the texts among these parts that are not known, and braces without a
    partner."""
    for where, text in all_parts:
        if isinstance(text, str):
            for name in dict.fromkeys(placeholders(text)):
                yield from _placeholder(document, where, name, known)


def _placeholder(
    document: Document, path: YamlPath, name: str, known: Iterable[str]
) -> Iterator[Problem]:
    if name in ("{", "}"):
        yield document.problem(
            path, f"this `{name}` has no partner", f"write {name * 2} for the character itself"
        )
    elif name not in known:
        yield document.problem(
            path,
            f"no value is called {{{name}}}",
            f"{nearest(name, known, kind='values')} "
            f"(for the characters themselves, write {{{{{name}}}}})",
        )
