"""What actors print: lines, exact bytes, any order, patterns; and how a difference is told."""

from __future__ import annotations

import pytest

from grader.check.difference import Comparison, Seen, compared, difference
from grader.check.printed import stderr, stdout
from grader.course.conditions import Text
from grader.outcome import Status
from grader.trace.model import StepResult
from tests.check.made import output, story


def printed(text: str, condition: str | Text | list[Text], cut: int = 0) -> tuple[Status, str]:
    result = stdout(story(actors=[output(text, stdout_cut=cut)]), condition, {})
    return result.status, result.message


@pytest.mark.parametrize(
    ("plain", "text"), [("a", "a\n"), ("a\nb", "a\nb\n"), ("a\n", "a\n"), ("", ""), ("0 ", "0 \n")]
)
def test_a_plain_string_stands_for_its_lines(plain: str, text: str) -> None:
    assert printed(text, plain) == (Status.PASSED, "")


def test_the_last_newline_belongs_to_the_line() -> None:
    status, message = printed("a", "a")
    assert status is Status.FAILED
    assert "the newline at the end is missing" in message


def test_exactly_adds_nothing() -> None:
    assert printed("a", Text(exactly="a"))[0] is Status.PASSED
    status, message = printed("a\n", Text(exactly="a"))
    assert status is Status.FAILED
    assert "one newline too many" in message


def test_lines_in_any_order_must_all_be_there_and_no_other() -> None:
    wanted = Text(any_order=["a", "b", "b"])
    assert printed("b\na\nb\n", wanted)[0] is Status.PASSED
    status, message = printed("b\na\nc\n", wanted)
    assert status is Status.FAILED
    assert '1 line missing ("b\\n")' in message
    assert '1 line too much ("c\\n")' in message
    assert printed("a\rb\nb\n", wanted)[0] is Status.FAILED


def test_a_pattern_is_found_somewhere() -> None:
    assert printed("pid 12\n", Text(pattern=r"pid \d+"))[0] is Status.PASSED
    assert printed("pid x\n", Text(pattern=r"pid \d+"))[0] is Status.FAILED
    assert printed("x", Text(pattern="("))[0] is Status.ERROR


def test_a_pattern_for_one_line_is_called_one_line() -> None:
    one_line = Text(pattern=r"\A[^\n]+\n?\Z")
    assert printed("usage: hello\n", one_line) == (Status.PASSED, "")
    assert printed("a\nb\n", one_line)[1] == "The stdout of hello is not one line."


def test_empty_is_empty() -> None:
    assert printed("", Text(empty=True))[0] is Status.PASSED
    status, message = printed("oops\n", Text(empty=True))
    assert status is Status.FAILED
    assert "5 bytes" in message
    assert printed("", Text(empty=False))[0] is Status.FAILED


def test_a_condition_that_says_nothing_is_the_checks_fault() -> None:
    assert printed("", Text())[0] is Status.ERROR


def test_actors_are_told_apart() -> None:
    recording = story(actors=[output("1\n", name="a"), output("2\n", name="b")])
    assert stdout(recording, [Text(of="a", lines=["1"]), Text(of="b", lines=["2"])], {}).ok
    failed = stdout(recording, [Text(of="a", lines=["1"]), Text(of="b", lines=["1"])], {})
    assert failed.message.startswith("The stdout of b")
    assert (failed.expected, failed.seen) == ('"1\\n"', '"2\\n"')
    unclear = stdout(recording, "1", {})
    assert unclear.status is Status.ERROR
    assert "a and b" in unclear.message
    assert stdout(recording, Text(of="c", lines=["1"]), {}).status is Status.ERROR


def test_an_actor_that_was_not_started_is_not_judged() -> None:
    stalled = StepResult(index=2, title="expect: a line", reached=False)
    recording = story(actors=[output(name="a")], steps=[stalled])
    assert stdout(recording, Text(of="b", lines=["1"]), {}).status is Status.SKIPPED


def test_stderr_is_judged_alike_and_a_crash_is_quoted_beside_a_wrong_stdout() -> None:
    recording = story(actors=[output("", exit=1, stderr="Traceback\nKeyError: 'x'\n")])
    assert stderr(recording, Text(pattern="KeyError"), {}).ok
    assert "KeyError: 'x'" in stdout(recording, "1", {}).message


def test_output_that_was_cut_in_the_middle_is_compared_as_far_as_it_was_kept() -> None:
    wanted = Text(exactly="a" * 100 + "b" * 800 + "c" * 100)
    assert printed("a" * 100 + "c" * 100, wanted, cut=800)[0] is Status.PASSED
    assert printed("a" * 100 + "c" * 100, wanted, cut=801)[0] is Status.FAILED
    assert printed("a" * 100 + "d" * 100, wanted, cut=800)[0] is Status.FAILED


# -- how a difference is told ---------------------------------------------------------------------


def told(expected: str, seen: str) -> str:
    return difference(expected.encode(), Seen(seen.encode()))


def test_short_texts_are_shown_whole() -> None:
    assert told("20 Hello\n", "20 hello\n") == (
        '"20 Hello\\n" was expected, "20 hello\\n" was seen'
    )


def test_a_long_text_that_breaks_off_is_told_by_sizes() -> None:
    assert told("x" * 120_000 + "\n", "x" * 65_536) == (
        "the first 65,536 bytes are right, then the text ends: 120,001 bytes expected, 65,536 seen"
    )


def test_the_newline_of_a_line_that_was_cut_short_is_not_called_the_difference() -> None:
    assert told("120000 " + "x" * 120_000 + "\n", "120000 " + "x" * 65_536 + "\n") == (
        "the first 65,543 bytes are right, then the text ends: 120,008 bytes expected, 65,544 seen"
    )


def test_a_long_text_that_goes_on_shows_what_is_too_much() -> None:
    text = told("x" * 100, "x" * 100 + "more")
    assert text.startswith("the first 100 bytes are right, then there is more")
    assert "more" in text
    assert text.endswith("100 bytes expected, 104 seen")


def test_the_place_where_long_texts_part_is_shown_with_its_line() -> None:
    expected = "".join(f"{n}\n" for n in range(1, 101))
    seen = expected.replace("42\n", "43\n", 1)
    text = told(expected, seen)
    assert "(line 42)" in text
    assert '"42\\n" was expected there, "43\\n" was seen' in text


def test_nothing_and_something() -> None:
    assert told("a\n", "") == 'nothing was seen where "a\\n" was expected'
    assert told("", "a\n") == '"a\\n" was seen where nothing was expected'


def test_control_characters_and_broken_unicode_are_shown_harmlessly() -> None:
    text = difference("é\n".encode(), Seen(b"\x1b[31m\xff\xc3\n"))
    assert "\x1b" not in text
    assert "\\x1b[31m\\xff\\xc3" in text


def test_a_quotation_never_begins_inside_a_character() -> None:
    text = told("é" * 50 + "a", "é" * 50 + "b")
    assert "\\x" not in text
    assert 'éa" was expected' in text


# -- how it is told beside `expected` and `seen` ---------------------------------------------------


def beside(expected: str, seen: str) -> Comparison:
    return compared(expected.encode(), Seen(seen.encode()))


def test_what_the_two_lines_show_is_not_told_as_well() -> None:
    assert beside("a\n", "b\n") == Comparison("is not as expected", '"a\\n"', '"b\\n"')
    assert beside("a\n", "") == Comparison("is empty", '"a\\n"', "nothing")
    assert beside("", "a\n") == Comparison("is not empty", "nothing", '"a\\n"')


def test_the_two_lines_show_the_place_where_long_texts_part() -> None:
    expected = "".join(f"{n}\n" for n in range(1, 101))
    told = beside(expected, expected.replace("42\n", "4x\n", 1))
    assert told.how == "is right up to byte 115, in line 42: 292 bytes expected, 292 seen"
    assert (told.expected, told.seen) == ('"…42\\n"', '"…4x\\n"')


def test_a_missing_newline_is_called_so() -> None:
    assert beside("a\n", "a").how.endswith("the newline at the end is missing")


def test_a_long_text_that_is_wrong_from_the_beginning_is_told_without_a_place() -> None:
    assert beside("a" * 50, "b" * 50).how == "is not as expected, from its first byte on"
