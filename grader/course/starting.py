"""Owns what is wrong with what a program is started with: its files, links and arguments."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from grader.course.model import Scenario
from grader.course.steps import Start
from grader.course.yaml import Document, YamlPath
from grader.errors import Problem


def start_problems(document: Document, path: YamlPath, scenario: Scenario) -> Iterator[Problem]:
    """Names of files and links that lead out of the work folder, or that no file can have, and
    arguments that no program can be given."""
    for index, step in enumerate(scenario.run):
        if not isinstance(step, Start):
            continue
        where = (*path, index)
        for key, names in (("files", step.files), ("links", step.links)):
            for name in names:
                if fault := _no_file(name):
                    yield document.problem(
                        (*where, key, name),
                        f"`{name}` {fault}",
                        "name a place in the work folder, like words.txt or data/words.txt",
                        key=True,
                    )
        yield from _same_place(document, where, step)
        for name, place in step.links.items():
            if not place or "\0" in place:
                yield document.problem(
                    (*where, "links", name),
                    f"the link `{name}` points nowhere",
                    "write the path that it is to hold; `.` is the folder in which it lies",
                )
        for number, word in enumerate(step.args):
            if "\0" in word:
                told = f"item {number + 1} of `args` holds a NUL, at which every argument ends"
                yield document.problem((*where, "args", number), told, "take it out")


def _same_place(document: Document, path: YamlPath, step: Start) -> Iterator[Problem]:
    """Names of files and links that cannot be there at the same time: one place named twice, or a
    file in what is no folder. They are made in their order, files first."""
    made: dict[str, tuple[str, str]] = {}
    for key, names in (("files", step.files), ("links", step.links)):
        for name in names:
            place = posixpath.normpath(name)
            for other, (kind, its_name) in made.items():
                if place == other:
                    told = f"`{name}` and `{its_name}` of `{kind}` are one place"
                    told = f"`{name}` is in `{kind}` already" if name == its_name else told
                elif other.startswith(f"{place}/"):
                    told = f"`{its_name}` of `{kind}` makes `{name}` a folder, so it can't be a "
                    told += key.removesuffix("s")
                elif place.startswith(f"{other}/") and (kind, key) != ("links", "links"):
                    told = f"`{its_name}` of `{kind}` is no folder, so nothing can lie in it"
                else:
                    continue
                fix = "name each place once, and keep files out of what is a file itself"
                yield document.problem((*path, key, name), told, fix, key=True)
                break
            made[place] = (key, name)


def _no_file(name: str) -> str | None:
    """Why no file of the work folder is called so."""
    if name.startswith("/"):
        return "is an absolute path, and programs run in a work folder of their own"
    if ".." in name.split("/"):
        return "leads out of the work folder"
    if "\0" in name or name.rsplit("/", maxsplit=1)[-1] in ("", "."):
        return "is no name that a file can have"
    return None
