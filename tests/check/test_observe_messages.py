"""What is said of an event that was not found: the nearest one, by whom, what it lacked."""

from __future__ import annotations

from grader.course.conditions import Pattern
from grader.outcome import Status
from grader.trace.model import StepResult
from tests.check.made import MESSAGE, did, look, output, read, story, wrote


def test_the_wrong_process_is_named() -> None:
    recording = story(
        did("main", "pipe.write", "pipe1", "x"), did("main", "pipe.read", "pipe1", "x")
    )
    result = look(recording, wrote(), read())
    assert result.message.endswith("main did that instead.")


def test_what_somebody_did_with_something_else_is_not_called_the_same() -> None:
    """A line on stderr by the parent is nothing that the child should have printed instead."""
    recording = story(
        did("main", "file.write", "stderr", "no pipe yet\n"),
        did("main.1", "file.write", "file:log", "x"),
    )
    wanted = Pattern(event="file.write", by="main.*", object="stdout")
    result = look(recording, wanted)
    assert result.message.endswith("main and main.1 did that with stderr and file:log instead.")
    recording = story(did("main", "file.write", "stderr", "x"), did("main", "file.write", "stdout"))
    assert look(recording, wanted).message.endswith("main did that instead.")


def test_another_mechanism_is_named() -> None:
    recording = story(did("main", "file.write", "file:out", MESSAGE))
    result = look(recording, wrote(), read())
    assert result.seen == "no pipe.write"
    assert result.message.endswith("instead there was file.write.")


def test_the_nearest_pipe_is_the_one_that_is_spoken_of() -> None:
    recording = story(
        did("main", "pipe.write", "pipe1", "x"),
        did("main.1", "pipe.read", "pipe1", "x"),
        did("main", "pipe.write", "pipe2", MESSAGE),
        did("main.1", "pipe.read", "pipe2", MESSAGE[:15]),
    )
    result = look(recording, wrote(), read(total=20))
    assert "pipe2 moved 15 bytes in all; 20 were expected" in result.message


def test_evidence_is_bounded_and_near() -> None:
    recording = story(
        *(did("main", "file.read", f"file:{n}", "x") for n in range(50)),
        *(did("main.1", "pipe.read", "pipe2", "x") for _ in range(50)),
    )
    result = look(recording, wrote(), read())
    assert 0 < len(result.evidence) <= 6
    assert all("pipe.read" in item.text for item in result.evidence)


def test_a_program_that_never_began_is_told_of_its_own_error() -> None:
    error = '  File "hello.py", line 3\n    def f(:\nSyntaxError: invalid syntax\n'
    recording = story(
        did("main", "process.exec"),
        did("main", "process.exit", result=1),
        actors=[output(exit=1, stderr=error)],
    )
    result = look(recording, wrote(), read())
    assert result.status is Status.FAILED
    assert result.message.startswith(
        'hello ended with exit status 1; its last line on stderr is "SyntaxError: invalid syntax".'
    )


def test_a_program_that_died_on_the_way_is_quoted_behind_what_is_missing() -> None:
    recording = story(
        did("main", "pipe.write", "pipe1", MESSAGE),
        actors=[output(exit=1, stderr="Traceback\nOSError: [Errno 9] Bad file descriptor\n")],
    )
    result = look(recording, wrote(), read())
    assert result.message.endswith('"OSError: [Errno 9] Bad file descriptor".')


def test_an_actor_that_was_not_reached_is_not_judged() -> None:
    stalled = StepResult(index=1, title="wait: a until idle", reached=False, message="it ended")
    recording = story(
        did("main", "msg.create", "msg:7"), actors=[output(name="a")], steps=[stalled]
    )
    result = look(recording, Pattern(event="msg.receive", by="b", object="msg:7"))
    assert result.status is Status.SKIPPED
    assert "b was not started" in result.message
    assert "wait: a until idle" in result.message


def test_no_program_at_all_fails() -> None:
    never = StepResult(index=0, title="start: hello", reached=False, message="permission denied")
    recording = story(processes=[], actors=[], steps=[never])
    result = look(recording, wrote(), read())
    assert result.status is Status.FAILED
    assert "permission denied" in result.message


def test_events_without_an_object_cannot_be_bound() -> None:
    result = look(story(did("main", "pipe.write", None, MESSAGE)), wrote(total=20))
    assert result.status is Status.FAILED
