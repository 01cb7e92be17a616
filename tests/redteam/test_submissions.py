"""What a student hands in chooses neither the tier nor whether it can be graded."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec
import pytest

from grader.batch.work import local_pool
from grader.course.object_steps import Read
from grader.course.steps import Expect, Finish, Start
from grader.errors import InfrastructureError, SandboxError
from grader.run.scenario import run, run_together
from grader.run.spec import Bounds, Isolation, Program, RunSpec, Tree
from grader.trace.model import Outcome

_LARGE = b"x" * (20 << 20)


def _spec(files: dict[str, bytes], **options: object) -> RunSpec:
    return RunSpec(
        scenario="given",
        steps=(Start(start="program"), Finish(finish="program")),
        programs={"program": Program(("/bin/sh", "-c", "wc -c < data"))},
        tree=Tree({name: (content, False) for name, content in files.items()}),
        **options,  # type: ignore[arg-type] # of RunSpec
    )


def test_files_beyond_the_limit_of_files_are_no_way_into_a_weaker_tier(
    works: dict[Isolation, str | None],
) -> None:
    strongest = next(tier for tier, reason in works.items() if reason is None)
    spec = _spec({"data": _LARGE, "more": _LARGE}, bounds=Bounds(files=1 << 20))
    for recording in (run(spec), *run_together([spec, spec])):
        assert recording.isolation == strongest
        assert recording.outcome is Outcome.FINISHED
        assert recording.actors[0].stdout.split() == [str(len(_LARGE))]


def test_what_was_handed_in_does_not_count_but_what_is_written_does(tier: Isolation) -> None:
    program = Program(("/bin/sh", "-c", "head -c 4000000 data > copy; sleep 1000"))
    spec = _spec({"data": _LARGE}, bounds=Bounds(files=2 << 20), isolation=tier)
    recording = run(RunSpec("given", spec.steps, {"program": program}, spec.tree, spec.bounds))
    assert recording.limit == "files"


@pytest.mark.parametrize("way", ["", "../../../../../../../.."])
def test_a_file_of_a_scenario_does_not_leave_the_sandbox(
    way: str, tier: Isolation, tmp_path: Path
) -> None:
    planted = tmp_path / "planted"
    start = Start(start="program", files={f"{way}{planted}": "x"})
    spec = msgspec.structs.replace(_spec({"data": b"x"}, isolation=tier), steps=(start,))
    with contextlib.suppress(SandboxError):  # in a private root it is a file there
        run(spec)
    assert not planted.exists()


@pytest.mark.parametrize("deed", ["rm next", "chmod 0 next", "rm next; mkdir next", "echo > next"])
def test_who_spoils_the_next_program_has_it_fail_and_not_the_grader(
    deed: str, tier: Isolation
) -> None:
    files = {"first": (f"#!/bin/sh\n{deed}\n".encode(), True), "next": (b"#!/bin/sh\n", True)}
    spec = RunSpec(
        scenario="spoilt",
        steps=(
            Start(start="first"),
            Finish(finish="first"),
            Start(start="next"),
            Finish(finish="next"),
        ),
        programs={name: Program((f"./{name}",), f"/home/student/{name}") for name in files},
        tree=Tree(files),
        isolation=tier,
    )
    recording = run(spec)
    first, following = recording.actors
    assert recording.outcome is Outcome.FINISHED
    assert (first.exit, first.stderr, following.exit) == (0, "", 127)
    assert following.stderr.startswith("next: cannot be started")


def test_a_lease_on_a_file_does_not_hold_up_who_reads_it(tier: Isolation) -> None:
    """fcntl(2): whoever opens it waits for /proc/sys/fs/lease-break-time, usually 45 s."""
    source = (
        "import fcntl, os, signal\nsignal.signal(signal.SIGIO, signal.SIG_IGN)\n"
        "file = os.open('data', os.O_RDWR | os.O_CREAT)\n"
        "fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)\nprint('held', flush=True)\n"
        "signal.pause()\n"
    )
    steps = (
        Start(start="program"),
        Expect(expect="program", line="held"),
        Read(read="file", path="data", as_="data"),
    )
    program = Program(("{python}", "program.py"), "/home/student/program.py")
    spec = RunSpec(
        scenario="leased",
        steps=steps,
        programs={"program": program},
        tree=Tree({"program.py": (source.encode(), False)}),
        bounds=Bounds(wall=2),
        isolation=tier,
    )
    recording = run(spec)
    assert recording.outcome is not Outcome.FINISHED
    assert recording.wall_ms < 20_000


def test_a_file_that_cannot_be_written_is_an_error_and_no_missing_tier(tier: Isolation) -> None:
    name = "n" * 300
    with pytest.raises(InfrastructureError, match=r"could not be filled: write n+ ") as caught:
        run(_spec({name: b"x"}))
    assert not isinstance(caught.value, SandboxError)
    assert tier not in caught.value.message


def test_no_worker_imports_what_was_handed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "multiprocessing.py").write_text("open('planted', 'w')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONSAFEPATH", "")  # what is set for workers is undone behind the test
    with local_pool(1) as pool:
        assert pool.submit(os.getppid).result() == os.getpid()
    assert [each.name for each in tmp_path.iterdir()] == ["multiprocessing.py"]
