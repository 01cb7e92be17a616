"""How conditions, scenarios and needs become one finding with points."""

from __future__ import annotations

import pytest

from grader.check.judge import judge
from grader.check.registry import CONDITIONS
from grader.course.conditions import Closing, Conditions, Exit, Pattern, Reaped, Text
from grader.course.model import Check
from grader.outcome import Finding, Status
from grader.trace.model import Holder, Outcome, Recording, StepResult, Wait
from tests.check.made import MESSAGE, check, closes, did, hello, output, story

THROUGH_THE_PIPE = [
    Pattern(event="pipe.write", by="main", object="$p"),
    Pattern(event="pipe.read", by="main.1", object="$p", total="{message.bytes}", data="{message}"),
]
VALUES = {"message": MESSAGE, "message.bytes": "20"}


def one(wanted: Check, recording: Recording | None = None) -> Finding:
    (finding,) = judge(
        [wanted], {"greeting": hello(values=VALUES) if recording is None else recording}
    )
    return finding


def test_every_condition_of_the_contract_has_its_judge() -> None:
    assert set(CONDITIONS) | {"python"} == set(Conditions.__struct_fields__)


def test_a_check_whose_conditions_all_hold_earns_its_points() -> None:
    finding = one(
        check(
            observe=THROUGH_THE_PIPE,
            absent=[Pattern(event="file.write")],
            closed=[Closing(by="main", object="$p", end="read")],
            reaped=Reaped(count=1),
            stdout="{message.bytes} {message}",
            stderr=Text(empty=True),
            exit=0,
            residue="none",
            hint="Think.",
        )
    )
    assert (finding.status, finding.points, finding.max_points) == (Status.PASSED, 2, 2)
    assert (finding.message, finding.hint, finding.scenario) == ("", None, "greeting")
    assert [item.scenario for item in finding.evidence] == ["greeting"] * 3


def test_one_condition_that_fails_costs_all_points_and_each_has_its_say() -> None:
    finding = one(check(stdout="other", exit=3, reaped=Reaped(), hint=["Look.", "Look closer."]))
    assert (finding.status, finding.points) == (Status.FAILED, 0)
    assert "The stdout of hello" in finding.message
    assert "exit status 3" in finding.message
    assert finding.hint == "Look.\nLook closer."


def test_a_plain_string_of_many_lines_is_filled_line_by_line() -> None:
    values = {"burst": "one\ntwo\n", "burst.lines": "2", "burst.bytes": "8"}
    recording = story(actors=[output("a: one\na: two\n")], values=values)
    assert one(check(stdout="a: {burst}"), recording).status is Status.PASSED


def test_hidden_checks_stay_hidden() -> None:
    assert one(check(hidden=True, exit=1)).hidden is True


def test_closings_may_choose_among_the_pipes_that_observe_allows() -> None:
    recording = story(
        did("main", "pipe.write", "pipe1", MESSAGE),
        did("main.1", "pipe.read", "pipe1", MESSAGE),
        did("main", "pipe.write", "pipe2", MESSAGE),
        did("main.1", "pipe.read", "pipe2", MESSAGE),
        closes("main", "pipe2", "read"),
        values=VALUES,
    )
    closing = [Closing(by="main", object="$p", end="read")]
    assert one(check(observe=THROUGH_THE_PIPE, closed=closing), recording).status is Status.PASSED
    never = Pattern(event="pipe.read", by="main", object="$p")
    both = check(observe=THROUGH_THE_PIPE, closed=closing, absent=[never])
    assert one(both, recording).status is Status.PASSED


def test_what_observe_did_not_find_is_not_asked_to_be_closed() -> None:
    closing = [Closing(by="main", object="$p", end="read")]
    finding = one(check(observe=THROUGH_THE_PIPE, closed=closing), story(values=VALUES))
    assert finding.status is Status.FAILED
    assert "closed" not in finding.message


# -- scenarios ------------------------------------------------------------------------------------


def test_it_must_hold_in_each_scenario_and_the_failing_one_is_named() -> None:
    wanted = check(scenario=["greeting", "large"], exit=0)
    good, bad = hello(), hello(actors=[output(exit=1)])
    assert judge([wanted], {"greeting": good, "large": good})[0].points == 2
    finding = judge([wanted], {"greeting": good, "large": bad})[0]
    assert (finding.status, finding.scenario) == (Status.FAILED, "large")
    both = judge([wanted], {"greeting": bad, "large": bad})[0]
    assert both.scenario == "greeting"
    assert "Likewise in large" in both.message


def test_a_scenario_that_was_not_run_is_not_judged() -> None:
    assert judge([check(exit=0)], {})[0].status is Status.SKIPPED


def test_a_failure_counts_more_than_what_could_not_be_judged() -> None:
    wanted = check(scenario=["missing", "greeting"], exit=1)
    assert one(wanted).status is Status.FAILED


def test_a_run_that_the_grader_spoiled_is_an_error_and_no_failure() -> None:
    spoiled = hello(outcome=Outcome.ERROR, detail="the tracer lost a process")
    finding = one(check(exit=1), spoiled)
    assert (finding.status, finding.points) == (Status.ERROR, 0)
    assert "the tracer lost a process" in finding.message


def test_without_conditions_every_step_must_have_been_reached() -> None:
    steps = [StepResult(index=0, title="start: hello", reached=True)]
    assert one(check(), hello(steps=steps)).status is Status.PASSED
    missed = StepResult(index=1, title="finish: hello", reached=False, message="still running")
    finding = one(check(), hello(steps=[*steps, missed]))
    assert finding.status is Status.FAILED
    assert "finish: hello" in finding.message
    assert "still running" in finding.message


# -- needs ----------------------------------------------------------------------------------------


def test_what_needs_a_failed_check_is_skipped_down_the_chain_in_any_order() -> None:
    checks = [
        check("last", exit=0, needs=["middle"]),
        check("middle", exit=0, needs=["first"]),
        check("first", exit=1),
        check("alone", exit=0),
    ]
    findings = judge(checks, {"greeting": hello()})
    assert [finding.id for finding in findings] == ["last", "middle", "first", "alone"]
    assert [finding.status for finding in findings] == [
        Status.SKIPPED,
        Status.SKIPPED,
        Status.FAILED,
        Status.PASSED,
    ]
    assert [finding.points for finding in findings] == [0, 0, 0, 2]
    assert findings[0].message == "Not judged, because middle did not pass."
    assert findings[1].message == "Not judged, because first did not pass."


def test_what_needs_a_passed_check_is_judged() -> None:
    findings = judge([check("a", exit=0), check("b", exit=0, needs=["a"])], {"greeting": hello()})
    assert [finding.status for finding in findings] == [Status.PASSED, Status.PASSED]


def test_the_title_of_a_hidden_check_is_not_given_away() -> None:
    checks = [check("secret", exit=1, hidden=True), check("b", exit=0, needs=["secret"])]
    message = judge(checks, {"greeting": hello()})[1].message
    assert "secret" not in message
    assert "a hidden check" in message


@pytest.mark.parametrize("needs", [["nobody"], ["b"]])
def test_needs_that_lead_nowhere_are_the_checks_fault(needs: list[str]) -> None:
    checks = [check("a", exit=0, needs=needs), check("b", exit=0, needs=["a"])]
    assert Status.ERROR in [finding.status for finding in judge(checks, {"greeting": hello()})]


# -- stuck runs -----------------------------------------------------------------------------------


def stuck() -> Recording:
    wait = Wait(
        process="main.1",
        call="read",
        needs="data or end of file",
        object="pipe1",
        holders=[Holder(process="main.1", fd=4, end="write")],
    )
    return story(
        did("main", "pipe.write", "pipe1", MESSAGE),
        outcome=Outcome.DEADLOCK,
        waits=[wait],
        actors=[output(exit=None)],
        values=VALUES,
    )


def test_a_failure_in_a_stuck_run_begins_with_who_waits_for_what() -> None:
    finding = one(check(stdout="{message.bytes} {message}"), stuck())
    assert finding.message.startswith("main.1 waits in read for data or end of file on pipe1;")
    assert finding.message.endswith("The stdout of hello is empty.")
    assert finding.hint is not None
    assert finding.hint.startswith("Close the write end of pipe1 in main.1")


def test_a_stuck_run_is_advised_about_what_it_waits_for_not_about_the_checks_subject() -> None:
    hint = one(check(exit=0, hint="Which status?"), stuck()).hint
    assert hint is not None
    assert hint.startswith("Close the write end of pipe1 in main.1")
    failed = story(actors=[output(exit=1)])
    assert one(check(exit=0, hint="Which status?"), failed).hint == "Which status?"


def test_what_holds_in_a_stuck_run_still_passes() -> None:
    wanted = check(observe=[Pattern(event="pipe.write", by="main", data="{message}")])
    finding = one(wanted, stuck())
    assert (finding.status, finding.message) == (Status.PASSED, "")


def test_an_exit_in_a_list_is_judged_for_each_actor() -> None:
    recording = story(actors=[output(name="a"), output(name="b", exit="SIGTERM")])
    assert one(check(exit=[Exit(of="a", status=0), Exit(of="b", signal="TERM")]), recording).points
