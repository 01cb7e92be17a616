"""Which bytes went from whom to whom, through what, and through nothing else."""

from __future__ import annotations

from typing import Any

from grader.check.channels import channel
from grader.check.judge import judge
from grader.check.other_channels import no_other_channel
from grader.course.conditions import Channel, NoOtherChannel, Pattern
from grader.outcome import Status
from grader.trace.model import Event, KernelObject, Recording
from tests.check.made import check, did, hello, output, process, story


def chat(*events: Event, **more: Any) -> Recording:
    """Two actors, a and b."""
    return story(
        *events,
        **{
            "processes": [process("a", actor="a"), process("b", actor="b"), process("b.1")],
            "actors": [output(name="a", process="a"), output(name="b", process="b")],
            **more,
        },
    )


def message(who: str, action: str, text: str, type: int = 1) -> Event:
    return did(who, f"msg.{action}", "msg:7", text, args={"type": type})


def holds(run: Recording, sender: str, receiver: str, **more: Any) -> bool:
    return channel(run, Channel(from_=sender, to=receiver, **more), {}).ok


def test_bytes_that_were_written_and_read_went_through() -> None:
    run = hello()
    assert holds(run, "main", "main.1")
    assert holds(run, "main", "main.*", object="pipe1", data="Hello Child Process!", total=20)
    assert holds(run, "main", "main.1", kind="pipe", total="20")
    assert not holds(run, "main.1", "main")
    assert not holds(run, "main", "main.1", kind="socket")
    assert not holds(run, "main", "main.1", object="pipe2")


def test_other_bytes_and_other_amounts_are_told() -> None:
    result = channel(hello(), Channel(from_="main", to="main.1", data="Hello?"), {})
    assert result.status is Status.FAILED
    assert result.expected == '"Hello?"'
    assert (
        channel(hello(), Channel(from_="main", to="main.1", total=21), {}).seen == "20 bytes sent"
    )


def test_written_but_never_read_did_not_arrive() -> None:
    run = story(
        did("main", "pipe.write", "pipe1", "x"), processes=[process("main"), process("main.1")]
    )
    result = channel(run, Channel(from_="main", to="main.1"), {})
    assert result.seen == "main sent through pipe1, but main.1 took nothing from it"


def test_every_child_must_have_sent() -> None:
    sums = [did(f"main.{n}", "pipe.write", "pipe1", f"{n}\n") for n in (1, 2)]
    collected = did("main", "pipe.read", "pipe1", "1\n2\n")
    three = [process(id) for id in ("main", "main.1", "main.2", "main.3")]
    assert holds(story(*sums, collected, processes=three[:3]), "main.*", "main", kind="pipe")
    result = channel(
        story(*sums, collected, processes=three), Channel(from_="main.*", to="main"), {}
    )
    assert result.message.startswith("Nothing went from main.3 to main")


def test_through_one_pipe_for_all_each_ones_own_bytes_are_found() -> None:
    run = story(
        did("main.1", "pipe.write", "pipe1", "one"),
        did("main.2", "pipe.write", "pipe1", "two"),
        did("main", "pipe.read", "pipe1", "onetwo"),
    )
    assert holds(run, "main.2", "main", data="two")


def test_messages_are_told_apart_by_type_and_may_be_lines() -> None:
    run = chat(
        message("a", "send", "one"),
        message("b", "send", "other", 2),
        message("a", "send", "two"),
        message("a", "send", ""),
        message("b.1", "receive", "one"),
        message("b.1", "receive", "two"),
        message("b.1", "receive", ""),
    )
    assert holds(run, "a", "b.1", object="msg:7", type=1, data="onetwo")
    assert holds(run, "a", "b.1", type="1", data="one\ntwo\n")
    assert holds(run, "a", "b.1", type=1, data="one\ntwo")
    assert not holds(run, "a", "b.1", type=2)
    assert not holds(run, "a", "b.1", data="one two")


def test_an_actor_stands_for_its_children_too() -> None:
    run = chat(message("a", "send", "one"), message("b.1", "receive", "one"))
    assert holds(run, "a", "b", data="one")
    assert not holds(run, "b", "a", data="one")


def segment(who: str, event: str, held: bytes | None = None, access: str = "write") -> Event:
    return did(who, f"shm.{event}", "shm:7", held, args={"access": access})


def test_shared_memory_needs_both_and_a_writer() -> None:
    text = b"hello\0" + b"\0" * 90
    good = chat(
        segment("a", "attach"),
        segment("a", "detach", text),
        segment("b", "attach", access="read"),
    )
    assert holds(good, "a", "b", object="shm:7", data="hello")
    assert holds(good, "a", "b", kind="shm")
    assert not holds(good, "a", "b", object="shm:7", data="hullo")
    assert not holds(good, "b", "a", object="shm:7")
    assert not holds(good, "a", "b", object="shm:8")


def test_a_name_that_observe_bound_is_the_object() -> None:
    held = check(
        observe=[Pattern(event="pipe.create", by="main", object="$p")],
        channel=Channel(from_="main", to="main.1", object="$p", total=20),
    )
    (finding,) = judge([held], {"greeting": hello()})
    assert finding.status is Status.PASSED


def other(run: Recording, *allowed: str, between: tuple[str, ...] = ("a", "b")) -> bool:
    condition = NoOtherChannel(between=list(between), allowed=list(allowed))
    return no_other_channel(run, condition, {}).ok


def test_what_was_not_allowed_is_another_channel() -> None:
    run = chat(message("a", "send", "x"), message("b.1", "receive", "x"))
    assert other(run, "msg:7")
    assert not other(run)
    assert not other(run, "msg:8")


def test_a_file_that_one_writes_and_the_other_reads_is_a_channel() -> None:
    run = chat(did("a", "file.write", "notes", "x"), did("b", "file.read", "notes", "x"))
    result = no_other_channel(run, NoOtherChannel(between=["a", "b"]), {})
    assert (result.status, result.seen) == (Status.FAILED, "notes")
    assert len(result.evidence) == 2


def test_reading_the_same_file_or_each_ones_own_is_none() -> None:
    run = chat(
        did("a", "file.read", "words", "x"),
        did("b", "file.read", "words", "x"),
        did("a", "file.write", "stdout:a", "x"),
        did("b", "file.write", "stdout:b", "x"),
        did("a", "pipe.write", "pipe1", "x", runtime=True),
        did("b", "pipe.read", "pipe1", "x", runtime=True),
        did("b", "pipe.write", "pipe2", "x"),
        did("b.1", "pipe.read", "pipe2", "x"),
    )
    assert other(run)


def test_memory_that_both_have_is_a_channel() -> None:
    run = chat(segment("a", "attach"), segment("b", "attach"))
    assert not other(run)
    assert other(run, "shm:7")


def test_between_parent_and_child_the_closest_name_counts() -> None:
    assert not other(hello(), between=("main", "main.1"))
    assert other(hello(), "pipe1", between=("main", "main.*"))


def test_what_the_check_names_itself_is_allowed() -> None:
    run = chat(
        message("a", "send", "x"),
        message("b", "receive", "x"),
        objects=[KernelObject(id="msg:7", kind="msg")],
    )
    named = check(
        observe=[Pattern(event="msg.send", by="a", object="msg:7")],
        no_other_channel=NoOtherChannel(between=["a", "b"]),
    )
    by_channel = check(
        channel=Channel(from_="a", to="b", object="msg:7"),
        no_other_channel=NoOtherChannel(between=["a", "b"]),
    )
    by_kind = check(
        channel=Channel(from_="a", to="b", kind="msg"),
        no_other_channel=NoOtherChannel(between=["a", "b"]),
    )
    other_kind = check(
        channel=Channel(from_="a", to="b", kind="pipe"),
        no_other_channel=NoOtherChannel(between=["a", "b"]),
    )
    unnamed = check(no_other_channel=NoOtherChannel(between=["a", "b"]))
    bound = check(
        observe=[Pattern(event="msg.send", by="a", object="$q")],
        no_other_channel=NoOtherChannel(between=["a", "b"]),
    )
    right = (named, by_channel, by_kind, bound)
    assert [judge([one], {"greeting": run})[0].status for one in right] == [Status.PASSED] * 4
    for wrong in (unnamed, other_kind):
        assert judge([wrong], {"greeting": run})[0].status is Status.FAILED


def test_an_address_stands_for_the_connections_to_it() -> None:
    run = chat(
        did("a", "socket.send", "unix:place#1", "x"),
        did("b", "socket.receive", "unix:place#1", "x"),
        did("b", "socket.send", "unix:place#2", "y"),
    )
    assert holds(run, "a", "b", object="unix:place", data="x")
    assert holds(run, "a", "b", object="unix:place#1", data="x")
    assert not holds(run, "a", "b", object="unix:place#2")
    assert not holds(run, "a", "b", object="unix:plac")
    assert not holds(run, "b", "a", object="unix:place")
