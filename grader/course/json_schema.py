"""Owns the JSON Schemas of the course's files, from the types that they are decoded into.

An editor completes and checks with them while one types. They lie in `schema/` as JSON, current by
a test; `python -m grader.course.json_schema` writes them anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from grader.course.conditions import EventName
from grader.course.expect import Expectation
from grader.course.model import Assignment, Course
from grader.course.steps import STEPS

FOLDER = Path(__file__).with_name("schema")
KINDS: dict[str, type[msgspec.Struct]] = {
    "assignment": Assignment,
    "course": Course,
    "expect": Expectation,
}
"""The file's name without its suffix, and its type."""

_EVENT_NAMES: dict[str, Any] = msgspec.json.schema(EventName)
"""Named once instead of written out wherever an event is."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of `kind`.yaml, as plain data."""
    made = msgspec.json.schema(KINDS[kind])
    definitions: dict[str, Any] = made.get("$defs", {})
    for step in STEPS.values():
        if step.__name__ in definitions:
            _told_by_its_key(definitions[step.__name__], step)
    told = {"$schema": _DIALECT, "title": f"{kind}.yaml of `grade`", **_plain(made)}
    events = {"EventName": _EVENT_NAMES} if "Pattern" in definitions else {}
    return told | {"$defs": told["$defs"] | events}


def text(kind: str) -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(kind), indent=1, ensure_ascii=False) + "\n"


def _told_by_its_key(definition: dict[str, Any], step: type[msgspec.Struct]) -> None:
    """msgspec tells steps apart by a tag; in the file the step's own key does."""
    tag = str(step.__struct_config__.tag_field)
    del definition["properties"][tag]
    definition["required"] = [key for key in definition["required"] if key != tag]


def _plain(part: Any) -> Any:
    """Without `discriminator`, which is OpenAPI's and names the tag, and with docstrings on one
    line, as editors show them."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    if part.get("enum") == _EVENT_NAMES["enum"]:
        return {"$ref": "#/$defs/EventName"}
    kept = {key: _plain(item) for key, item in part.items() if key != "discriminator"}
    if isinstance(kept.get("description"), str):
        kept["description"] = " ".join(kept["description"].split())
    return kept


if __name__ == "__main__":
    for name in KINDS:
        (FOLDER / f"{name}.json").write_text(text(name), encoding="utf-8")
