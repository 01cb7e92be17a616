"""Owns what the red-team suite stands on: attacks compiled and run by the real grader, and the look
around afterwards, at whatever a run could have left."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from grader.course.steps import Close, Expect, Finish, Start, Step
from grader.kernel import folder, ids, leftovers
from grader.run.scenario import run, tiers
from grader.run.spec import ISOLATIONS, Bounds, Isolation, Program, RunSpec, Tree
from grader.trace.model import Outcome, Recording
from tests.redteam.attacks_table import Attack

HOME = "/home/student"
_SUBREAPER = 36


@pytest.fixture(scope="session")
def compiled_attack(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Attack], bytes]:
    """The program of a C attack."""
    place = tmp_path_factory.mktemp("attacks")
    options = ["-std=gnu17", "-O1", "-w", "-pthread"]

    def build(attack: Attack) -> bytes:
        program = place / attack.name
        if not program.exists():
            command = ["cc", *options, "-o", str(program), str(attack.path), *attack.flags]
            subprocess.run(command, check=True, timeout=60)
        return program.read_bytes()

    return build


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the grader's user that is none of a student's business."""
    file = tmp_path / "solution.c"
    file.write_text("int solution_of_the_course;\n")
    return file


@pytest.fixture
def reach(tmp_path: Path) -> Iterator[str]:
    """What listens on the host, as the attacks on it take it."""
    abstract = f"redteam-{os.getpid()}"
    with (
        socket.socket() as tcp,
        socket.socket(type=socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as hidden,
        socket.socket(socket.AF_UNIX) as named,
        tempfile.TemporaryDirectory() as place,
    ):
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        hidden.bind(f"\0{abstract}")
        path = f"{place}/socket"
        named.bind(path)
        for listener in (tcp, hidden, named):
            listener.listen()
        Path(place).chmod(0o755)
        Path(path).chmod(0o777)
        ports = f"port={tcp.getsockname()[1]},udp={udp.getsockname()[1]}"
        yield f"{ports},abstract={abstract},path={path}"


@pytest.fixture
def arguments(secret: Path, reach: str) -> dict[str, str]:
    """What the attacks' placeholders stand for. No bare numbers: those would be taken for ports of
    the scenario."""
    return {"{secret}": str(secret), "{grader}": f"pid={os.getpid()}", "{reach}": reach}


def spec_of(name: str, content: bytes, *, isolation: Isolation, **options: object) -> RunSpec:
    """A run of one program, alone."""
    path = f"{HOME}/{name}"
    argv = ("{python}", path) if name.endswith(".py") else (path,)
    argument = options.pop("argument", None)
    others = range(int(str(options.pop("others", 0))))
    steps: list[Step] = [Start(start="attack", args=[str(argument)] if argument else [])]
    if others:
        steps.append(Expect(expect="attack", line="ready"))
    for number in others:
        steps += [Start(start="other", as_=f"other{number}"), Finish(finish=f"other{number}")]
    if others:
        steps.append(Close(close="attack"))
    return RunSpec(
        scenario="attack",
        steps=(*steps, Finish(finish="attack")),
        programs={"attack": Program(argv, path), "other": Program(("/bin/true",), "/bin/true")},
        tree=Tree({name: (content, True)}),
        bounds=Bounds(**{"wall": 8, "cpu": 4, **options}),  # type: ignore[arg-type] # from a table
        packages=("sysv_ipc",) if name.endswith(".py") else (),
        isolation=isolation,
    )


@pytest.fixture(scope="session", autouse=True)
def temporary_files() -> Iterator[None]:
    """Folders of runs in a place of our own: others on this machine kill graders too."""
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        Path(place).chmod(0o755)
        patch.setenv("TMPDIR", place)
        patch.setattr(tempfile, "tempdir", place)
        yield


@pytest.fixture(scope="session")
def works() -> dict[Isolation, str | None]:
    """The tiers of this machine: None, or what is in the way."""
    return tiers()


@pytest.fixture(params=ISOLATIONS)
def tier(request: pytest.FixtureRequest, works: dict[Isolation, str | None]) -> Isolation:
    """Each tier that this machine can offer."""
    name: Isolation = request.param
    if (reason := works[name]) is not None:
        pytest.skip(reason)
    return name


def plain_run(isolation: Isolation) -> Recording:
    """What the next submission gets: must be as ever."""
    recording = run(spec_of("next", b"#!/bin/sh\necho next\n", isolation=isolation))
    assert recording.outcome is Outcome.FINISHED
    assert recording.actors[0].stdout == "next\n"
    assert recording.actors[0].exit == 0
    return recording


class Surroundings:
    """What a run could leave outside: looked at before, compared after."""

    def __init__(self) -> None:
        # what a run orphans becomes ours, so that we see it
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                """Orphans of an earlier test, which has said so."""
        self.children = _children()
        self.mounts = _mounts()
        self.stale = set(folder.stale())

    def orphans_ended(self) -> None:
        """Wait until all that was orphaned since has ended."""
        while orphans := _children() - self.children:
            for orphan in orphans:
                os.waitpid(orphan, 0)

    def unchanged(self) -> None:
        with folder.one_at_a_time():  # so no other run is under way that shares the machine
            ours = [each for each in leftovers.table() if _is_an_attack(each)]
            stale = set(folder.stale()) - self.stale
        assert ours == []
        assert stale == set()
        assert _mounts() == self.mounts
        assert _children() <= self.children


def _children() -> set[int]:
    """Our children, ended ones too. The test runner has some of its own."""
    found = set()
    for folder_of_one in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = (folder_of_one / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                found.add(int(folder_of_one.name))
    return found


def _is_an_attack(found: leftovers.Found) -> bool:
    """The keys and names that the attacks use, and the ids of runs."""
    named = isinstance(found.id, str) and "redteam" in found.id
    return named or found.key >> 20 == 0x7EA or ids.is_run_id(found.owner)


def _mounts() -> list[str]:
    return Path("/proc/self/mountinfo").read_text().splitlines()


@pytest.fixture
def surroundings() -> Iterator[Surroundings]:
    """Asserts at the end that nothing was left."""
    found = Surroundings()
    yield found
    ctypes.CDLL(None).prctl(_SUBREAPER, 0)
    found.unchanged()
