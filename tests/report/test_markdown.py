"""The Markdown form: complete, bounded, and plain text where a student had a say."""

from __future__ import annotations

import re

import msgspec
from hypothesis import given, settings
from markdown_it import MarkdownIt

from grader.outcome import BuildReport
from grader.report.detail import Entry
from grader.report.markdown import escape, fenced, render
from tests.report.hostile import any_text, entries
from tests.report.samples import FAILED, PASSED, WAITS, report

READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def test_score_checks_and_why_they_fail() -> None:
    text = render([Entry(report())])
    assert text.startswith("## pipe: 2 of 4.5 points\n")
    assert "| ✅ passed | Prints the message | 2 / 2 |" in text
    assert "| ❌ failed | Each side closes the end it does not use | 0 / 1.5 |" in text
    assert WAITS in text
    assert "main.1 never closes the write end.\nexpected: 20 Hello\nseen: nothing\n" in text
    assert "seed 4711" in text


def test_a_failed_build_is_told_instead_of_every_check() -> None:
    build = BuildReport(ok=False, command=["cc", "hello.c"], output="hello.c:1: error: what?")
    text = render([Entry(report(build=build))])
    assert "hello.c:1: error: what?" in text
    assert "<details>" not in text


def test_a_batch_begins_with_an_overview() -> None:
    text = render([Entry(report(), "ana"), Entry(report(), "ben")])
    assert "| ana\\/pipe | failed | 2 of 4.5 points |" in text
    assert text.count("\n## ") == 2


def test_a_hidden_check_has_no_words() -> None:
    hidden = msgspec.structs.replace(FAILED, hidden=True)
    text = render([Entry(report(checks=[PASSED, hidden], scenarios=[]))])
    assert "A hidden check" in text
    assert FAILED.message not in text
    assert FAILED.title not in text


def test_it_stays_below_the_limit_and_says_what_is_left_out() -> None:
    many = [Entry(report(), f"s{number}") for number in range(3000)]
    text = render(many)
    assert len(text.encode()) < 1 << 20
    assert re.search(r"… \d+ more submissions are left out here", text)


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert fenced("a\n`````\nb").split("\n")[0] == "``````text"


def test_markup_links_and_mentions_are_plain_text() -> None:
    shown = READER.renderInline(escape("*a* [x](https://e.example) <b> @ana `c` &amp; #1"))
    assert shown == "*a* [x](https://e.example) &lt;b&gt; @<!-- -->ana `c` &amp;amp; #1"


@settings(deadline=None, max_examples=60)
@given(any_text)
def test_hostile_text_makes_no_markup(text: str) -> None:
    rendered = render(entries(text))
    tokens = READER.parse(rendered)
    kinds = [token.type for token in tokens]
    assert kinds.count("heading_open") == 2
    assert kinds.count("table_open") == 3
    inline = [inner for token in tokens for inner in token.children or []]
    assert {token.type for token in inline} <= {"text", "html_inline", "text_special", "softbreak"}
    html = "".join(token.content for token in (*tokens, *inline) if "html" in token.type)
    assert set(re.findall(r"</?\w+", html)) <= {
        "<details",
        "</details",
        "<summary",
        "</summary",
        "<sub",
        "</sub",
    }
    assert not any(line.lstrip().startswith("::") for line in rendered.split("\n"))
