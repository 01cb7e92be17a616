"""Events in order, bound to the same object: what is found, what is not."""

from __future__ import annotations

from typing import Any

import pytest

from grader.check.observe import absent
from grader.course.conditions import Pattern
from grader.outcome import Status
from grader.trace.model import Recording, Total
from tests.check.made import MESSAGE, did, hello, look, output, process, read, story, wrote


def test_a_message_through_a_pipe_is_found_and_the_pipe_is_bound() -> None:
    result = look(hello(), wrote(), read(total=20, data=MESSAGE))
    assert result.status is Status.PASSED
    assert result.choices == ({"$p": "pipe1"},)
    assert [item.text for item in result.evidence] == [
        f'main  pipe.write  pipe1  20 bytes  "{MESSAGE}"',
        f'main.1  pipe.read  pipe1  20 bytes  "{MESSAGE}"',
    ]


def test_the_decoy_pipe_is_passed_over_for_the_one_that_fits() -> None:
    recording = story(
        did("main", "pipe.write", "pipe1", "decoy"),
        did("main.1", "pipe.read", "pipe1", "decoy"),
        did("main", "pipe.write", "pipe2", MESSAGE),
        did("main.1", "pipe.read", "pipe2", MESSAGE),
    )
    assert look(recording, wrote(), read(data=MESSAGE)).choices == ({"$p": "pipe2"},)


def test_a_read_from_another_pipe_does_not_count() -> None:
    recording = story(
        did("main", "pipe.write", "pipe1", MESSAGE),
        did("main.1", "pipe.read", "pipe2", MESSAGE),
    )
    result = look(recording, wrote(), read())
    assert result.status is Status.FAILED
    assert "Not seen: main.1 reads from pipe1" in result.message
    assert result.message.endswith("main.1 did that with pipe2 instead.")
    assert result.seen == "pipe.read on pipe2"


def test_data_must_be_all_that_was_moved_so_a_decoy_in_the_same_pipe_is_seen() -> None:
    recording = story(
        did("main", "pipe.write", "pipe1", MESSAGE),
        did("main.1", "pipe.read", "pipe1", MESSAGE),
        did("main", "pipe.write", "pipe1", "more"),
        did("main.1", "pipe.read", "pipe1", "more"),
    )
    result = look(recording, wrote(), read(data=MESSAGE))
    assert result.status is Status.FAILED
    assert "20 bytes expected, 24 seen" in result.message


def test_wrong_data_of_the_right_size_fails_and_both_are_shown() -> None:
    recording = story(
        did("main", "pipe.write", "pipe1", "x" * 20), did("main.1", "pipe.read", "pipe1", "x" * 20)
    )
    result = look(recording, wrote(), read(data=MESSAGE))
    assert result.status is Status.FAILED
    assert MESSAGE in result.message
    assert "x" * 20 in result.message


def test_totals_add_up_over_many_reads() -> None:
    parts = [did("main.1", "pipe.read", "pipe1", "x" * 4096) for _ in range(5)]
    recording = story(did("main", "pipe.write", "pipe1", "x" * 20480), *parts)
    assert look(recording, wrote(), read(total=20480, data="x" * 20480)).ok
    assert look(recording, wrote(), read(total="20480", count=5)).ok
    result = look(recording, wrote(), read(total=120_000))
    assert "20,480 bytes in all; 120,000 were expected" in result.message


def test_one_process_does_not_get_the_bytes_of_another() -> None:
    recording = story(
        did("main", "pipe.write", "pipe1", MESSAGE),
        did("main.1", "pipe.read", "pipe1", MESSAGE[:10]),
        did("main.2", "pipe.read", "pipe1", MESSAGE[10:]),
    )
    assert not look(recording, wrote(), read("main.*", total=20)).ok
    assert look(recording, wrote(), read("main.*", total=10)).ok


def test_data_beyond_what_an_event_keeps_is_taken_on_trust_but_not_what_is_kept() -> None:
    def reading(first: str) -> Recording:
        return story(
            did("main.1", "pipe.read", "pipe1", first, bytes=100),
            did("main.1", "pipe.read", "pipe1", "tail"),
        )

    expected = "head" + "?" * 96 + "tail"
    assert look(reading("head"), read(data=expected)).ok
    assert not look(reading("HEAD"), read(data=expected)).ok
    assert not look(reading("head"), read(data="head" + "?" * 96 + "TAIL")).ok
    assert not look(reading("head"), read(data=expected + "!")).ok


# -- order ------------------------------------------------------------------------------------


def test_a_reader_that_was_blocked_may_return_before_the_writer_does() -> None:
    recording = story(
        did("main.1", "pipe.read", "pipe1", MESSAGE, blocked_us=500, t_us=600),
        did("main", "pipe.write", "pipe1", MESSAGE, blocked_us=50, t_us=610),
    )
    assert look(recording, wrote(), read()).ok


def test_a_read_that_was_over_before_the_write_began_came_before_it() -> None:
    recording = story(
        did("main.1", "pipe.read", "pipe1", "x", t_us=100),
        did("main", "pipe.write", "pipe1", "x", blocked_us=50, t_us=610),
    )
    result = look(recording, wrote(), read())
    assert result.status is Status.FAILED
    assert "came only before" in result.message
    assert result.seen == "the other order"


def test_within_one_thread_the_numbers_are_the_order() -> None:
    there = story(did("main", "signal.block"), did("main", "signal.unblock"))
    block, unblock = Pattern(event="signal.block"), Pattern(event="signal.unblock")
    assert look(there, block, unblock).ok
    assert not look(there, unblock, block).ok


def test_one_event_does_not_serve_two_patterns() -> None:
    once = story(did("main", "pipe.write", "pipe1", "x"))
    twice = story(did("main", "pipe.write", "pipe1", "x"), did("main", "pipe.write", "pipe1", "y"))
    assert not look(once, wrote(), wrote()).ok
    assert look(twice, wrote(), wrote()).ok


def test_a_pattern_leaves_an_event_to_the_later_one_that_needs_it() -> None:
    # main's long read is called first, yet it is all that the second pattern can have.
    recording = story(
        did("main", "pipe.read", "pipe1", "x", blocked_us=900, t_us=1000),
        did("main.1", "pipe.read", "pipe1", "x", blocked_us=100, t_us=1100),
    )
    assert look(recording, read("*"), read("main")).ok


def test_order_holds_over_patterns_that_are_not_neighbours() -> None:
    # b overlaps with a and with c, but c was over before a began.
    recording = story(
        did("main.3", "sem.post", "c", t_us=100),
        did("main.2", "sem.post", "b", blocked_us=1000, t_us=1050),
        did("main.1", "sem.post", "a", blocked_us=10, t_us=500),
    )
    a, b, c = (Pattern(event="sem.post", object=name) for name in "abc")
    assert look(recording, a, b).ok
    assert look(recording, b, c).ok
    assert not look(recording, a, b, c).ok


# -- what fits ----------------------------------------------------------------------------------


def test_what_the_interpreter_does_by_itself_is_no_evidence() -> None:
    recording = story(did("main", "signal.ignore", args={"signal": "SIGPIPE"}, runtime=True))
    assert not look(recording, Pattern(event="signal.ignore")).ok


def test_a_failed_call_counts_only_where_the_failure_is_asked_for() -> None:
    recording = story(did("main", "pipe.write", "pipe1", errno="EPIPE"))
    assert look(recording, Pattern(event="pipe.write", errno="EPIPE")).ok
    result = look(recording, Pattern(event="pipe.write"))
    assert "only failed, with EPIPE" in result.message


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"type": 1}, True),
        ({"type": "1"}, True),
        ({"type": 2}, False),
        ({"flags": "O_EXCL"}, True),
        ({"flags": "O_TRUNC"}, False),
        ({"wait": True}, True),
        ({"wait": False}, False),
        ({"missing": "x"}, False),
        ({"target": "main.*"}, True),
        ({"target": "main.2"}, False),
    ],
)
def test_arguments_compare_by_value_and_lists_by_membership(
    wanted: dict[str, int | str | bool], fits: bool
) -> None:
    args: dict[str, Any] = {"type": 1, "flags": ["O_CREAT", "O_EXCL"], "wait": True}
    recording = story(did("main", "msg.send", "msg:7", args=args, target="main.1"))
    assert look(recording, Pattern(event="msg.send", args=wanted)).ok is fits


def test_an_argument_that_is_wrong_is_named_with_what_was_seen() -> None:
    recording = story(did("main", "msg.send", "msg:7", "hi", args={"type": 3}))
    result = look(recording, Pattern(event="msg.send", object="msg:7", args={"type": 1}))
    assert result.seen == "type 3"


def test_count_is_of_all_children_together() -> None:
    recording = story(*(did(f"main.{n}", "process.exit") for n in (1, 2, 3)))
    assert look(recording, Pattern(event="process.exit", by="main.*", count="3")).ok
    result = look(recording, Pattern(event="process.exit", by="main.*", count=4))
    assert result.seen == "3 times"


def test_actors_are_named_as_the_scenario_names_them() -> None:
    recording = story(
        did("main", "msg.send", "msg:7", "hi"),
        did("main2.1", "msg.receive", "msg:7", "hi"),
        actors=[output(name="a"), output(name="b", process="main2")],
    )
    send = Pattern(event="msg.send", by="a", object="msg:7", data="hi")
    receive = Pattern(event="msg.receive", by="b.*", object="msg:7", data="hi")
    assert look(recording, send, receive).ok
    assert not look(recording, Pattern(event="msg.send", by="b", object="msg:7")).ok


def test_two_names_are_two_objects() -> None:
    back = Pattern(event="pipe.write", by="main.1", object="$q")
    one = story(did("main", "pipe.write", "pipe1", "x"), did("main.1", "pipe.write", "pipe1", "y"))
    two = story(did("main", "pipe.write", "pipe1", "x"), did("main.1", "pipe.write", "pipe2", "y"))
    assert not look(one, wrote(), back).ok
    assert look(two, wrote(), back).choices == ({"$p": "pipe1", "$q": "pipe2"},)


def test_a_total_that_is_no_number_is_the_checks_fault() -> None:
    assert look(hello(), wrote(total="{unknown}")).status is Status.ERROR
    assert look(story(), wrote(count="{unknown}")).status is Status.ERROR


# -- dropped events -----------------------------------------------------------------------------


def flooded(total: int, data: str = "a") -> Recording:
    """A million writes of one byte, of which the first and the last few were kept."""
    head = [did("main", "pipe.write", "pipe1", data, seq=n, t_us=n) for n in (1, 2)]
    tail = [did("main", "pipe.write", "pipe1", "a", seq=n, t_us=n) for n in (999_999, 1_000_000)]
    return story(
        *head,
        *tail,
        dropped_events=999_996,
        totals=[
            Total(process="main", object="pipe1", event="pipe.write", count=total, bytes=total),
            Total(process="main.1", object="pipe1", event="pipe.read", count=3, bytes=total),
        ],
    )


def test_totals_stay_exact_where_events_were_dropped() -> None:
    recording = flooded(1_000_000)
    assert look(recording, wrote(total=1_000_000), read(total=1_000_000)).ok
    assert look(recording, wrote(count=1_000_000)).ok
    assert look(recording, wrote(data="a" * 1_000_000)).ok
    result = look(recording, wrote(total=1_000_001))
    assert "1,000,000 bytes in all; 1,000,001 were expected" in result.message
    assert "999,996 events were counted but not kept" in result.message


def test_kept_data_before_the_gap_is_still_compared() -> None:
    assert not look(flooded(1_000_000, data="b"), wrote(data="a" * 1_000_000)).ok


def test_an_event_known_from_totals_alone_is_found_at_any_place() -> None:
    recording = flooded(1_000_000)
    assert look(recording, read(), wrote()).ok
    assert not absent(recording, [Pattern(event="pipe.read")], {}).ok


# -- absent -------------------------------------------------------------------------------------


def test_absent_events_are_absent() -> None:
    assert absent(hello(), [Pattern(event="socket.*"), Pattern(event="file.write")], {}).ok


def test_an_event_that_must_not_be_is_named_and_shown() -> None:
    recording = story(did("main.1", "signal.send"), did("main.1", "signal.send"))
    result = absent(recording, [Pattern(event="signal.*")], {})
    assert result.status is Status.FAILED
    assert result.message == "signal.send by main.1 was seen 2 times, but must not happen."
    assert [item.seq for item in result.evidence] == [1, 2]


def test_absence_is_of_the_student_and_of_success() -> None:
    recording = story(
        did("main", "file.create", runtime=True), did("main", "file.create", errno="EEXIST")
    )
    assert absent(recording, [Pattern(event="file.create")], {}).ok


def test_absence_on_a_bound_object_leaves_others_alone() -> None:
    recording = story(did("main", "pipe.read", "pipe2", "x"))
    pattern = Pattern(event="pipe.read", by="main", object="$p")
    assert absent(recording, [pattern], {"$p": "pipe1"}).ok
    assert not absent(recording, [pattern], {"$p": "pipe2"}).ok


def test_many_children_with_a_pipe_each_are_searched_quickly() -> None:
    workers = range(1, 65)
    recording = story(
        *(did(f"main.{n}", "pipe.write", f"pipe{n}", str(n)) for n in workers),
        *(did("main", "pipe.read", f"pipe{n}", str(n)) for n in workers),
        processes=[process("main"), *(process(f"main.{n}") for n in workers)],
    )
    found = look(
        recording,
        Pattern(event="pipe.write", by="main.*", object="$a"),
        Pattern(event="pipe.write", by="main.*", object="$b"),
        Pattern(event="pipe.read", by="main", object="$a"),
        Pattern(event="pipe.read", by="main", object="$b"),
    )
    assert found.choices[0] == {"$a": "pipe1", "$b": "pipe2"}
    assert not look(recording, read("main"), wrote("main.*")).ok
