"""What the grader saw itself, and what the objects were like."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from grader.check.judge import judge
from grader.check.noted import state, step
from grader.course.conditions import Noted, ObjectState, Pattern
from grader.outcome import Status
from grader.trace.model import KernelObject, Observation, Outcome, Recording, StepResult
from tests.check.made import check, did, output, process, story


def noted(*observed: Observation, missed: str = "") -> Recording:
    steps = [StepResult(index=0, title="read", reached=True, observed=list(observed))]
    if missed:
        steps.append(StepResult(index=1, title="finish", reached=False, message=missed))
    return story(steps=steps)


PAGE = Observation(
    name="page",
    data="<p>hi</p>",
    state={"status": 200, "content-type": "text/html; charset=utf-8", "complete": True},
)
SET = Observation(name="set", state={"exists": True, "values": [8, 0], "mode": "0600"})


@pytest.mark.parametrize(
    ("wanted", "met"),
    [
        ({"data": "<p>hi</p>"}, True),
        ({"data": "<p>hi"}, False),
        ({"pattern": "h."}, True),
        ({"pattern": "^hi"}, False),
        ({"state": {"status": 200}}, True),
        ({"state": {"status": "200"}}, True),
        ({"state": {"status": 404}}, False),
        ({"state": {"complete": True}}, True),
        ({"state": {"complete": False}}, False),
        ({"state": {"etag": "x"}}, False),
        ({"matches": {"content-type": r"^text/html\b"}}, True),
        ({"matches": {"content-type": "^text/plain"}}, False),
        ({"matches": {"location": "."}}, False),
    ],
)
def test_bytes_and_facts_are_held_against_what_was_noted(wanted: dict[str, Any], met: bool) -> None:
    assert step(noted(PAGE), Noted(of="page", **wanted), {}).ok is met


def test_a_list_compares_item_by_item_whether_number_or_text() -> None:
    assert step(noted(SET), Noted(of="set", state={"values": ["8", "0"]}), {}).ok
    result = step(noted(SET), Noted(of="set", state={"values": [7, 1]}), {})
    assert (result.expected, result.seen) == ("values [7, 1]", "values [8, 0]")


def test_a_name_stands_for_all_its_numbered_parts() -> None:
    guests = [Observation(name=f"guest.{n}", data="x" if n < 3 else "y") for n in (1, 2, 3)]
    assert step(noted(*guests), Noted(of="guest.2", data="x"), {}).ok
    result = step(noted(*guests), Noted(of="guest", data="x"), {})
    assert result.message.startswith("guest.3 is not as expected")


def test_all_steps_of_one_name_are_meant() -> None:
    first = Observation(name="page", state={"status": 404})
    assert not step(noted(PAGE, first), Noted(of="page", state={"status": 200}), {}).ok


def test_what_was_not_there_has_no_bytes() -> None:
    run = noted(Observation(name="file", state={"exists": False}))
    result = step(run, Noted(of="file", data=""), {})
    assert (result.status, result.seen) == (Status.FAILED, "nothing")
    assert step(run, Noted(of="file", state={"exists": False}), {}).ok


def test_what_was_cut_is_compared_as_far_as_it_was_kept() -> None:
    run = noted(Observation(name="big", data="aaaa", state={"cut": 4}))
    assert step(run, Noted(of="big", data="aaaabbbb"), {}).ok
    assert not step(run, Noted(of="big", data="aaaab"), {}).ok


def test_a_step_that_the_scenario_did_not_come_to_is_not_judged() -> None:
    result = step(noted(PAGE, missed="p ended"), Noted(of="later", data="x"), {})
    assert result.status is Status.SKIPPED
    assert step(noted(PAGE), Noted(of="later", data="x"), {}).status is Status.ERROR


def test_a_run_that_a_limit_ended_between_two_steps_is_no_fault_of_the_course() -> None:
    run = msgspec.structs.replace(noted(PAGE), outcome=Outcome.LIMIT, limit="cpu")
    result = step(run, Noted(of="later", data="x"), {})
    assert result.status is Status.SKIPPED
    assert result.message == "Not judged: the run was over before later."


def segment(**more: Any) -> KernelObject:
    attributes = {"key": 1234, "id": 5, "mode": "0600", "bytes": 4096}
    facts: dict[str, Any] = {"created_by": "main", "attributes": attributes, **more}
    return KernelObject(id="shm:1234", kind="shm", **facts)


def shared(*objects: KernelObject) -> Recording:
    return story(
        did("main", "shm.attach", "shm:1234"),
        objects=list(objects),
        processes=[process("main", actor="writer"), process("reader")],
        actors=[output(name="writer", process="main"), output(name="reader", process="reader")],
    )


def test_properties_and_makers_of_an_object() -> None:
    run = shared(segment(removed_by="reader"))
    right = ObjectState(
        object="shm:1234",
        is_={"mode": "0600", "bytes": "4096"},
        created_by="writer",
        removed_by="reader",
    )
    assert state(run, right, {}).ok
    result = state(run, ObjectState(object="shm:1234", is_={"mode": "0644"}), {})
    assert (result.expected, result.seen) == ("mode 0644", "mode 0600")
    assert state(run, ObjectState(object="shm:1234", created_by="reader"), {}).seen == (
        "created by main"
    )
    assert not state(run, ObjectState(object="shm:1234", removed_by="nobody"), {}).ok


def test_a_child_may_do_it_for_its_actor() -> None:
    run = shared(segment(removed_by="reader.1"))
    assert state(run, ObjectState(object="shm:1234", removed_by="reader"), {}).ok


def test_nobody_is_who_did_not_remove_it() -> None:
    assert state(shared(segment()), ObjectState(object="shm:1234", removed_by="nobody"), {}).ok
    result = state(shared(segment()), ObjectState(object="shm:1234", removed_by="reader"), {})
    assert result.seen == "not removed by any of the programs"


def test_of_two_that_had_the_key_one_is_enough() -> None:
    again = KernelObject(id="shm:1234#2", kind="shm", attributes={"bytes": 10})
    assert state(shared(segment(), again), ObjectState(object="shm:1234", is_={"bytes": 10}), {}).ok


def test_an_object_that_nobody_used_is_missing() -> None:
    result = state(shared(segment()), ObjectState(object="msg:1234"), {})
    assert (result.status, result.seen) == (Status.FAILED, "shm:1234")


def test_the_object_may_be_one_that_observe_bound() -> None:
    held = check(
        observe=[Pattern(event="shm.attach", object="$s")],
        state=ObjectState(object="$s", is_={"bytes": 4096}),
    )
    (finding,) = judge([held], {"greeting": shared(segment())})
    assert finding.status is Status.PASSED
