"""What students could write to make the readers of a report do something else."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from grader.outcome import BuildReport, Evidence, Report
from grader.report.detail import Entry
from grader.trace.model import Outcome, Source
from tests.report.samples import FAILED, PASSED, SKIPPED, report, scenario

TEXTS = [
    "\x1b]0;owned\x07\x1b[2J",
    "]]></failure></testsuite><testcase name='full marks'/>",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\n::error::forged\n::add-mask::secret\n::stop-commands::x\n  ::set-output name=result::pass",
    "##[set-env name=PATH]/tmp ##vso[task.complete]",
    "``````\n\n# Full marks\n````\n",
    "| a | b |\n|---|---|\n@torvalds [click](https://evil.example) www.evil.example",
    "%0A::error::decoded %25",
    "\u2066reversed\u2069 \ufffe \x00 \x0b \ud800 \udcff",
    '=HYPERLINK("https://evil.example")',
    "&lt;not an entity&gt; &amp; \"'",
]

any_text = st.text(
    st.characters(codec=None, exclude_categories=()), max_size=200
) | st.sampled_from(TEXTS)


def hostile(text: str) -> Report:
    """A report in which everything that a student has a say in is this text."""
    failed = msgspec.structs.replace(
        FAILED,
        title=text,
        message=text,
        expected=text + "e",
        seen=text + "s",
        hint=text,
        evidence=[Evidence(text=text, scenario=text, source=Source(file=text, line=3))],
    )
    skipped = msgspec.structs.replace(SKIPPED, message=text)
    build = BuildReport(ok=False, command=["cc", text], output=text, detail=text)
    return report(
        checks=[PASSED, failed, skipped],
        scenarios=[scenario(Outcome.DEADLOCK, id=text, stdout=text, stderr=text)],
        build=build,
    )


def entries(text: str) -> list[Entry]:
    return [Entry(hostile(text), text), Entry(report(), "ben")]
