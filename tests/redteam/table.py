"""Owns the table of attacks in docs/isolation.md: made from what the suite really runs.

`python -m tests.redteam.table` writes it anew; a test holds the page to it.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from tests.redteam.attacks_table import Attack, attacks

PAGE = Path(__file__).parents[2] / "docs" / "isolation.md"
BEGIN, END = "<!-- attacks: made by tests/redteam/table.py -->", "<!-- end of attacks -->"
ELSEWHERE = {
    "Read what is not yours": [
        ("secrets at compile time: `#include`, `.incbin`", "tests/redteam/test_builds.py"),
        ("compilers, plugins, `specs` and headers beside a source", "tests/redteam/test_builds.py"),
    ],
    "Forge the result": [
        (
            "hard-coded answers, printed reports, early exits, shadowing modules, decoys",
            "tests/redteam/test_forgeries.py",
        ),
        (
            "a batch started among the submissions, one of them called `multiprocessing.py`",
            "tests/redteam/test_submissions.py",
        ),
    ],
    "Outlive the limit": [
        ("compiler bombs, sources without end", "tests/redteam/test_builds.py"),
        ("the grader killed at 100 random moments", "tests/redteam/test_killed.py"),
    ],
    "Blind the observer": [
        ("any registers, any memory, for every observed call", "tests/redteam/test_fuzz.py")
    ],
    "Poison what people and programs read": [
        ("any bytes, in every form of a report", "tests/redteam/test_fuzz.py")
    ],
    "Archives and folders": [
        ("zip slip, links, bombs, names, devices", "tests/batch/test_archive.py"),
        ("FIFOs, links and huge files in a submission", "tests/run/test_submission.py"),
        ("more files than the sandbox has room for", "tests/redteam/test_submissions.py"),
    ],
    "Assignment files": [
        ("alias bombs, tags, duplicate keys, surprising scalars", "tests/course/test_yaml.py"),
        ("regular expressions that never end", "tests/course/test_backtracking.py"),
        ("template tricks", "tests/course/test_vary.py"),
        ("paths that leave the sandbox", "tests/redteam/test_submissions.py"),
        ("any bytes", "tests/redteam/test_fuzz.py"),
    ],
}
"""Threats that are tested by what is no attack program."""


def render() -> str:
    """The table in Markdown, one for each heading of threats."""
    by_threat = {
        threat: list(found)
        for threat, found in groupby(sorted(attacks(), key=lambda a: a.threat), lambda a: a.threat)
    }
    lines = []
    for threat in sorted({*by_threat, *ELSEWHERE}):
        lines += [f"### {threat}", ""]
        if threat in by_threat:
            lines += ["| attack | `namespaces` | `landlock` |", "|---|---|---|"]
            lines += [_row(attack) for attack in by_threat[threat]]
            lines.append("")
        for words, place in ELSEWHERE.get(threat, []):
            lines.append(f"- {words}: `{place}`")
        if threat in ELSEWHERE:
            lines.append("")
    return "\n".join(lines)


def _row(attack: Attack) -> str:
    weaker = attack.weaker if "landlock" in attack.tiers else "no promise"
    if weaker == attack.happens:
        weaker = "the same"
    return f"| {attack.attack} (`{attack.name}`) | {attack.happens} | {weaker} |"


def placed(page: str) -> str:
    """The page with its table made anew."""
    head, _, rest = page.partition(BEGIN)
    _old, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{render()}{END}{tail}"


if __name__ == "__main__":
    PAGE.write_text(placed(PAGE.read_text()))
