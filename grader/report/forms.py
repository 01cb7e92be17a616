"""Owns the forms in which reports are written for other programs, by name."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.report import github, gradescope, json, junit, markdown
from grader.report.clean import valid
from grader.report.detail import Entry

FORMS = ("json", "junit", "gradescope", "github", "markdown")

BATCH_SCHEMA = "grade/batch/v1"


def render(form: str, entries: Sequence[Entry], *, folder: str = "") -> bytes:
    """The reports in one of FORMS, as UTF-8. folder: of the programs, from the root of the
    repository, for annotations. UsageError: `gradescope` for several students.
    """
    match form:
        case "json":
            return _json(entries)
        case "junit":
            return junit.render(entries).encode()
        case "gradescope":
            return gradescope.render(entries)
        case "github":
            return github.render(entries, folder=folder).encode()
        case "markdown":
            return markdown.render(entries).encode()
    raise ValueError(f"no form is called {form!r}")


def _json(entries: Sequence[Entry]) -> bytes:
    """The report itself for a single grading; for a batch an object with the reports by student."""
    if len(entries) == 1 and not entries[0].student:
        return json.render(entries[0].report)
    results = [
        {"student": valid(entry.student), "report": msgspec.Raw(json.render(entry.report))}
        for entry in entries
    ]
    whole = msgspec.json.encode({"schema": BATCH_SCHEMA, "results": results})
    return json.indented(whole)
