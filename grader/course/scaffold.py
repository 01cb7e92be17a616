"""Owns new assignments: all files of one that lints and verifies at once, made from the built-in
template or from an assignment that is there, and its place in `course.yaml`.

Only `create` writes, and never over anything.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import yaml

from grader.course.json_schema import FOLDER as SCHEMAS
from grader.course.load import ASSIGNMENT_FILE, COURSE_FILE, assignment_folder, load_assignment
from grader.course.model import LoadedCourse
from grader.course.outline import HANDOUT
from grader.course.scalars import resolve
from grader.course.yaml import Plain, parse, shown
from grader.errors import CourseError, UsageError

_TEMPLATE = Path(__file__).with_name("template")
_ID = re.compile(r"[a-z][a-z0-9-]*")
_LANGUAGES = ("python", "c")
"""What the template has programs in."""

Files = Mapping[Path, bytes]
"""What to write: path from the course's folder to content."""


def refuse_id(course: LoadedCourse, id: str, reserved: Collection[str]) -> None:
    """UsageError: no new assignment can have this id."""
    if _ID.fullmatch(id) is None:
        raise UsageError(
            f"{id!r} can't be the id of an assignment",
            fix="use lower-case letters, digits and dashes, a letter first",
        )
    if id in reserved:
        raise UsageError(
            f"{id!r} is a command, so `grade {id}` would never grade it", fix="choose another id"
        )
    for folder in _homes(course, id):
        if folder.exists():
            raise UsageError(
                f"{shown(folder)} is there already",
                fix="choose another id, or move that folder away; nothing was written",
            )


def default_title(id: str) -> str:
    """ "named-pipe" as "Named pipe"."""
    return id.replace("-", " ").capitalize()


def from_template(course: LoadedCourse, id: str, title: str) -> Files:
    """A small exercise of a process that becomes another program, in the languages of the course.

    UsageError: the template has none of them.
    """
    languages = [name for name in _LANGUAGES if name in course.data.languages]
    if not languages:
        raise UsageError(
            f"the built-in template is in {' and '.join(_LANGUAGES)}, which this course has not",
            fix="name an assignment to copy: --like ID",
        )
    place, more = _schemas(course)
    words = {
        "ID": id,
        "PROGRAM": id,
        "TITLE": _as_yaml(title),
        "HEADING": title,
        "SCHEMA": f"../../{place}/assignment.json",
        "EXPECTATION": f"../../../../{place}/expect.json",
    }
    made = {path: content.encode() for path, content in _filled(course, id, languages, words)}
    return {**made, **more}


def _filled(
    course: LoadedCourse, id: str, languages: list[str], words: Mapping[str, str]
) -> Iterator[tuple[Path, str]]:
    homes = dict(zip(("assignment", "solutions"), _relative_homes(id), strict=True))
    for source in sorted(_TEMPLATE.rglob("*.in")):
        first, *folders, name = source.relative_to(_TEMPLATE).with_suffix("").parts
        if name == "program":
            language = folders[-1]
            if language not in languages:
                continue
            if "wrong" in folders:
                # One program is enough to be wrong, and its folder is named after what is.
                if language != languages[0]:
                    continue
                folders.pop()
            name = id + course.data.languages[language].suffix
        text = source.read_text(encoding="utf-8")
        content = re.sub(r"@([A-Z]+)@", lambda match: words[match[1]], text)
        yield homes[first].joinpath(*folders, name), content


def _schemas(course: LoadedCourse) -> tuple[str, Files]:
    """Where an editor finds the schemas, from the course's folder; and what it needs for that."""
    if (course.folder / "grader/course/schema/assignment.json").is_file():
        return "grader/course/schema", {}
    paths = [Path("schema", f"{kind}.json") for kind in ("assignment", "expect")]
    return "schema", {
        path: (SCHEMAS / path.name).read_bytes()
        for path in paths
        if not (course.folder / path).is_file()
    }


def like(course: LoadedCourse, source: str, id: str, title: str) -> Files:
    """All files of the assignment `source`, under the new name: folders, title, heading, and the
    commands that name it. A program that is called like the assignment is renamed with it.

    UsageError: there is no such assignment. CourseError: it is broken.
    """
    assignment = load_assignment(course, source)
    renamed = source in assignment.data.programs
    made: dict[Path, bytes] = {}
    for old, new in zip(_homes(course, source), _relative_homes(id), strict=True):
        for path in sorted(old.rglob("*")):
            inside = path.relative_to(old)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            if hidden or not path.is_file():
                continue
            name = inside.name
            if renamed and path.stem == source:
                name = id + path.suffix
            content = path.read_bytes()
            if inside == Path(ASSIGNMENT_FILE):
                content = _retitled(content.decode("utf-8-sig"), title).encode()
            if inside == Path(HANDOUT) and content.startswith(b"# "):
                content = b"# %s\n%s" % (title.encode(), content.partition(b"\n")[2])
            made[new / inside.with_name(name)] = _reworded(content, source, id, renamed=renamed)
    return made


def _reworded(content: bytes, source: str, id: str, *, renamed: bool) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    text = re.sub(rf"\b(grade (?:[a-z]+ )?){re.escape(source)}(?![\w-])", rf"\g<1>{id}", text)
    text = re.sub(
        rf"\b((?:assignments|solutions)/){re.escape(source)}(?![\w-])", rf"\g<1>{id}", text
    )
    if renamed:
        # Not what is called or assigned: an id may hold dashes, a name in a program may not.
        text = re.sub(rf"(?<![\w./-]){re.escape(source)}(?![\w-]|\s*[(=])", id, text)
    return text.encode()


def _retitled(text: str, title: str) -> str:
    """The assignment's file with another title and else unchanged."""
    node = _value_of(text, "title")
    start, end = node.start_mark.index, node.end_mark.index
    return text[:start] + _as_yaml(title) + text[end:]


def _as_yaml(text: str) -> str:
    """The text as a YAML scalar: plain where that means the same."""
    plain = re.fullmatch(r"[^\W\d_][\w ,.()'-]*", text) is not None and text == text.strip()
    return text if plain and resolve(text) == text else json.dumps(text, ensure_ascii=False)


def _value_of(text: str, key: str) -> yaml.Node:
    """The value of this key at the top of a mapping that has it."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode), "the file has been loaded"
    pairs: list[tuple[yaml.Node, yaml.Node]] = root.value
    return next(value for name, value in pairs if name.value == key)


def listed(text: str, id: str) -> str:
    """The text of a `course.yaml` with this id behind its assignments, all else as it was.

    UsageError: it is written in a way in which only people can add one.
    """
    node = _value_of(text, "assignments")
    items: list[yaml.Node] = node.value if isinstance(node, yaml.SequenceNode) else []
    if not items:
        at = node.start_mark.index + 1
        added = id
    elif isinstance(node, yaml.SequenceNode) and node.flow_style:
        at = items[-1].end_mark.index
        added = f", {id}"
    else:
        start = items[-1].start_mark.index
        before = text[text.rfind("\n", 0, start) + 1 : start]
        line_end = text.find("\n", items[-1].end_mark.index)
        at = line_end if line_end >= 0 else len(text)
        added = f"\n{before}{id}"
    new = text[:at] + added + text[at:]
    if not _only_adds(text, new, id):
        raise UsageError(
            f"this {COURSE_FILE} is written in a way that a program can't add to",
            fix=f"add `{id}` to its `assignments` yourself, then try again",
        )
    return new


def _only_adds(old: str, new: str, id: str) -> bool:
    was = parse(old.encode(), COURSE_FILE).value
    assert isinstance(was, dict), "the course has been loaded"
    before = was["assignments"]
    assert isinstance(before, list), "the course has been loaded"
    wanted: Plain = {**was, "assignments": [*before, id]}
    try:
        return parse(new.encode(), COURSE_FILE).value == wanted
    except CourseError:
        return False


def create(course: LoadedCourse, files: Files) -> None:
    """Write these files; nothing that is there is replaced.

    OSError: they can't be written, and nothing has changed.
    """
    made: list[Path] = []
    try:
        for name, content in files.items():
            path = course.folder / name
            made += [parent for parent in reversed(path.parents) if not parent.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                made.append(path)
                file.write(content)
    except OSError:
        for path in reversed(made):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise


def _relative_homes(id: str) -> tuple[Path, Path]:
    """Where its files are, from the course's folder: the assignment's own, then the solutions."""
    return assignment_folder(Path(), id), Path("solutions", id)


def _homes(course: LoadedCourse, id: str) -> tuple[Path, Path]:
    own, solutions = _relative_homes(id)
    return course.folder / own, course.folder / solutions
