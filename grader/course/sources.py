"""Owns in which files the programs of an assignment lie: one for each program, by language."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.course.model import Language


def sources(programs: Sequence[str], languages: Iterable[Language]) -> list[str]:
    """The names of the files, language by language."""
    return [f"{stem}{language.suffix}" for language in languages for stem in programs]


def written_in(
    folder: Path, programs: Sequence[str], languages: Mapping[str, Language]
) -> dict[str, Language]:
    """Those of these languages that a program in this folder is written in.

    OSError: the folder cannot be read.
    """
    names = frozenset(os.listdir(folder))  # noqa: PTH208 - only names are wanted
    return {
        id: language
        for id, language in languages.items()
        if not names.isdisjoint(sources(programs, [language]))
    }
