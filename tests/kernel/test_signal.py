"""The signal family: dispositions, masks, sending, delivery, waits, timers, stops, as events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, Recording

Watch = Callable[[str], list[Event]]


@pytest.fixture
def watch(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> Watch:
    """watch("masks"): what this group of calls made, process.fork and the like included."""

    def events_of(group: str) -> list[Event]:
        # a session of its own: some of the signals go to the whole process group
        return traced([compiled("signal_calls"), group], start_new_session=True).events

    return events_of


def of(events: list[Event], *names: str) -> list[Event]:
    return [event for event in events if event.event in names]


# -- dispositions -----------------------------------------------------------------------------


def test_handlers_ignoring_and_defaults_are_told_apart(watch: Watch) -> None:
    events = [event for event in watch("actions") if event.family == "signal"]
    assert [(event.event, event.args["signal"], event.errno) for event in events] == [
        ("signal.handler", "SIGUSR1", None),
        ("signal.ignore", "SIGUSR1", None),
        ("signal.default", "SIGUSR1", None),
        ("signal.handler", "SIGKILL", "EINVAL"),
        ("signal.handler", "SIGUSR2", None),
        ("signal.handler", "SIGUSR2", "EFAULT"),
    ]
    assert events[0].args["flags"] == ["SA_RESTART", "SA_NODEFER"]
    assert events[0].args["blocks"] == ["SIGTERM"]
    assert events[4].args["flags"] == ["0x4000"]


# -- masks ------------------------------------------------------------------------------------


def test_only_changes_of_the_mask_that_the_program_makes_are_told(watch: Watch) -> None:
    events = of(watch("masks"), "signal.block", "signal.unblock")
    own = [event for event in events if event.process == "main"]
    changes = [(event.event, event.args.get("signals"), event.errno) for event in own]
    assert changes[:7] == [
        ("signal.block", ["SIGINT", "SIGTERM"], None),
        ("signal.block", ["SIGUSR1"], None),
        ("signal.unblock", ["SIGINT"], None),
        ("signal.block", ["SIGCHLD"], None),  # system(3) says that it does
        ("signal.unblock", ["SIGCHLD"], None),
        ("signal.unblock", ["SIGUSR1", "SIGTERM"], None),
        ("signal.block", None, "EINVAL"),
    ]
    assert own[2].args["mask"] == ["SIGUSR1", "SIGTERM"]
    assert {event.thread for event in events} == {0}


def test_a_program_that_blocks_every_signal_is_no_library(watch: Watch) -> None:
    last = of(watch("masks"), "signal.block")[-1]
    blocked = last.args["mask"]
    assert isinstance(blocked, list)
    assert len(blocked) == 64 - 4  # SIGKILL, SIGSTOP and the two of the C library
    assert "SIGKILL" not in blocked


def test_a_pending_signal_is_told_when_asked_for_and_delivered_when_unblocked(
    watch: Watch,
) -> None:
    events = watch("masks")
    (pending,) = of(events, "signal.pending")
    assert pending.args == {"signals": ["SIGINT"]}
    names = [event.event for event in events if "SIGINT" in str(event.args)]
    assert names.index("signal.unblock") < names.index("signal.deliver")


# -- sending and delivery ---------------------------------------------------------------------


def test_every_way_to_send_tells_to_whom(watch: Watch) -> None:
    events = watch("sending")
    sent = of(events, "signal.send")
    assert [(event.call, event.target, event.errno) for event in sent] == [
        ("kill", "main.1", None),
        ("kill", "main.1", "ESRCH"),
        ("kill", None, None),
        ("rt_sigqueueinfo", "main.3", None),
        ("pidfd_send_signal", "main.4", None),
        ("tgkill", "main", None),
        ("tkill", "main", "EINVAL"),
    ]
    assert {event.args["signal"] for event in sent[:5]} == {"SIGUSR1"}
    assert sent[2].args["processes"] == ["main.2"]
    assert sent[3].args["value"] == 42
    assert (sent[5].args["signal"], sent[6].args["signal"]) == ("SIGUSR2", "signal 99")


def test_a_delivery_tells_the_sender_and_comes_after_the_sending(watch: Watch) -> None:
    events = watch("sending")
    for number in range(1, 5):
        (delivered,) = (e for e in of(events, "signal.deliver") if e.process == f"main.{number}")
        assert (delivered.target, delivered.args["action"]) == ("main", "handler")
        sent = [e.seq for e in of(events, "signal.send") if e.errno is None][number - 1]
        assert sent < delivered.seq
    values = [e.args["value"] for e in of(events, "signal.deliver") if "value" in e.args]
    assert values == [42]


def test_the_end_of_a_child_is_told_as_its_signal(watch: Watch) -> None:
    deaths = [e for e in of(watch("sending"), "signal.deliver") if e.process == "main"]
    assert [(e.args["signal"], e.target) for e in deaths] == [
        ("SIGCHLD", f"main.{number}") for number in range(1, 5)
    ]


def test_a_signal_that_ends_its_sender_was_sent_all_the_same(watch: Watch) -> None:
    events = watch("last-words")
    sent = [
        (e.process, e.target or e.args.get("processes"), e.args["signal"], e.result)
        for e in of(events, "signal.send")
    ]
    assert sent == [
        ("main.1", "main.1", "SIGKILL", None),
        ("main", ["main"], "SIGUSR1", 0),
        ("main", "main", "SIGTERM", 0),
    ]
    ended = [(e.process, e.args.get("signal")) for e in of(events, "process.exit")]
    assert ended == [("main.1", "SIGKILL"), ("main", "SIGTERM")]


def test_ignored_and_deadly_deliveries_say_so(watch: Watch) -> None:
    delivered = [e for e in of(watch("last-words"), "signal.deliver") if e.target == "main"]
    assert [(e.args["signal"], e.args["action"]) for e in delivered] == [
        ("SIGUSR1", "ignored"),
        ("SIGTERM", "default"),
    ]


# -- waiting ----------------------------------------------------------------------------------


def test_every_way_to_wait_for_a_signal_tells_which_came(watch: Watch) -> None:
    events = of(watch("waits"), "signal.wait")
    both = ["SIGUSR1", "SIGRTMIN+1"]
    assert [(e.call, e.args.get("signals"), e.args.get("signal"), e.errno) for e in events] == [
        ("rt_sigtimedwait", both, None, "EAGAIN"),
        ("rt_sigtimedwait", both, "SIGUSR1", None),
        ("rt_sigtimedwait", both, "SIGRTMIN+1", None),
        ("rt_sigsuspend", None, None, "EINTR"),
        ("read", None, "SIGUSR1", None),
    ]
    assert (events[2].target, events[2].args["value"]) == ("main", 7)
    assert events[3].args["mask"] == []


def test_a_signalfd_is_an_object_that_can_be_waited_for(watch: Watch) -> None:
    events = watch("waits")
    (made,) = of(events, "signal.descriptor")
    assert made.args["signals"] == ["SIGUSR1", "SIGRTMIN+1"]
    (polled,) = of(events, "time.wait")
    assert polled.args["ready"] == [f"{made.result}:{made.object}"]
    assert of(events, "signal.wait")[-1].object == made.object


# -- timers -----------------------------------------------------------------------------------


def test_timers_tell_when_they_go_off(watch: Watch) -> None:
    events = of(watch("timers"), "signal.timer")
    assert [(e.call, e.args, e.errno) for e in events] == [
        ("alarm", {"timer": "alarm", "ms": 100_000}, None),
        ("alarm", {"timer": "alarm", "ms": 0, "left_s": 100}, None),
        ("setitimer", {"timer": "real", "ms": 2}, None),
        ("setitimer", {"timer": "cpu", "ms": 2, "every_ms": 3}, None),
        ("setitimer", {"timer": "cpu", "ms": 0}, None),
        ("setitimer", {"timer": "cpu", "ms": 0}, "EINVAL"),
        ("timer_create", {"clock": "monotonic", "signal": "SIGUSR1", "timer": 0}, None),
        ("timer_settime", {"timer": 0, "ms": 100_000}, None),
        ("timer_delete", {"timer": 0, "deleted": True}, None),
    ]


def test_an_alarm_has_no_sender(watch: Watch) -> None:
    (alarm,) = of(watch("timers"), "signal.deliver")
    assert (alarm.args["signal"], alarm.target) == ("SIGALRM", None)


def test_a_timerfd_counts_how_often_it_went_off(watch: Watch) -> None:
    events = watch("timers")
    made, armed = of(events, "time.timer")
    assert (made.args, armed.args) == ({"clock": "monotonic"}, {"ms": 1})
    (read,) = of(events, "time.wait")
    assert (read.object, read.args["value"]) == (made.object, 1)


# -- job control ------------------------------------------------------------------------------


def test_stops_and_continues_are_seen_by_the_parent_and_by_us(watch: Watch) -> None:
    events = watch("stops")
    waits = of(events, "process.wait")
    assert [event.args for event in waits] == [
        {"stopped": "SIGSTOP"},
        {"continued": "SIGCONT"},
        {"stopped": "SIGSTOP"},
        {"signal": "SIGKILL"},
    ]
    own = of(events, "signal.stop", "signal.continue")
    assert [(event.process, event.event) for event in own] == [
        ("main.1", "signal.stop"),
        ("main.1", "signal.continue"),
        ("main.1", "signal.stop"),
    ]
    assert own[0].args == {"signal": "SIGSTOP"}
    assert [own[0].seq < waits[0].seq, own[2].seq < waits[2].seq] == [True, True]


def test_the_jobs_of_a_shell_stop_and_go_on_under_trace(
    traced: Callable[..., Recording], tmp_path: Path
) -> None:
    script = (
        'set -m; sh -c "kill -STOP \\$\\$; exit 7" & '
        "wait %1; echo $?; kill -CONT %1; wait -f %1; echo $?"
    )
    with (tmp_path / "out").open("wb") as out:
        recording = traced(["bash", "-c", script], stdout=out, start_new_session=True)
    stopped = 128 + 19
    assert (tmp_path / "out").read_text().split() == [str(stopped), "7"]
    (child,) = (process for process in recording.processes if process.id == "main.1")
    assert (child.exit, child.reaped_by) == (7, "main")
