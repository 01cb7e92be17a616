"""Which tier a run gets: the strongest there is, or the one that was asked for, or none."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from grader.course.object_steps import Queue, Segment, Semaphores
from grader.course.steps import Finish, Start
from grader.kernel import abi, libc
from grader.kernel.seccomp import build_filter
from grader.run.scenario import run
from grader.run.spec import ISOLATIONS, Isolation, Program, RunSpec, Tree

ROOT = Path(__file__).parents[2]
_NO_NAMESPACES = {"unshare": errno.EPERM}
_NO_LANDLOCK = {"landlock_create_ruleset": errno.EOPNOTSUPP}


def _as_in_a_container(refused: dict[str, int]) -> Callable[[], None]:
    """What a container's own filter refuses, for a child of ours."""
    program = build_filter((), refused)

    def restrict() -> None:
        libc.prctl(abi.PR_SET_NO_NEW_PRIVS, 1)
        assert libc.install_filter(program) == 0

    return restrict


def _grade(*arguments: str, refused: dict[str, int]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments, "--format", "json"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=100,
        preexec_fn=_as_in_a_container(refused),
    )


PIPE = ("pipe", str(ROOT / "solutions" / "pipe" / "c"))


@pytest.mark.parametrize("tier", ISOLATIONS)
def test_what_the_grader_makes_as_a_partner_belongs_to_the_programs(tier: Isolation) -> None:
    spec = RunSpec(
        scenario="partner",
        steps=(
            Queue(queue=4711, create=True, mode="0600"),
            Segment(segment=4711, create=10, mode="0600"),
            Semaphores(semaphores=4711, create=[1], mode="0600"),
            Start(start="remove"),
            Finish(finish="remove"),
        ),
        programs={"remove": Program(("ipcrm", "-Q4711", "-M4711", "-S4711"))},
        tree=Tree(),
        isolation=tier,
    )
    recording = run(spec)
    assert (recording.actors[0].exit, recording.actors[0].stderr) == (0, "")
    assert recording.residue == []
    left = msgspec.structs.replace(spec, programs={"remove": Program(("true",))})
    assert [each.id for each in run(left).residue] == ["msg:4711", "shm:4711", "sem:4711"]
    assert len(run(left).residue) == 3  # the first time's are gone


def test_the_strongest_tier_is_taken() -> None:
    done = _grade(*PIPE, refused={"swapon": errno.EPERM})
    assert done.returncode == 0
    assert json.loads(done.stdout)["isolation"] == "namespaces"


def test_without_namespaces_landlock_is_taken_and_named() -> None:
    done = _grade(*PIPE, refused=_NO_NAMESPACES)
    assert done.returncode == 0
    assert json.loads(done.stdout)["isolation"] == "landlock"


def test_a_tier_that_was_asked_for_does_not_give_way() -> None:
    done = _grade(*PIPE, "--isolation", "namespaces", refused=_NO_NAMESPACES)
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert (report["verdict"], report["score"]) == ("error", None)
    assert "grade doctor" in report["error"]


def test_without_any_tier_nothing_is_run() -> None:
    done = _grade(*PIPE, refused=_NO_NAMESPACES | _NO_LANDLOCK)
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert report["isolation"] == "none"
    assert "namespaces: " in report["error"]
    assert "landlock: " in report["error"]


@pytest.mark.parametrize(
    ("refused", "tier", "status"),
    [
        ({"swapon": errno.EPERM}, "namespaces", 0),
        (_NO_NAMESPACES, "landlock", 0),
        (_NO_NAMESPACES | _NO_LANDLOCK, None, 3),
    ],
)
def test_the_doctor_names_the_tier_and_what_is_missing(
    refused: dict[str, int], tier: str | None, status: int
) -> None:
    done = _grade("doctor", refused=refused)
    assert done.returncode == status
    found = json.loads(done.stdout)
    assert found["tier"] == tier
    present = {feature["name"]: feature["present"] for feature in found["features"]}
    assert present["user namespaces"] is ("unshare" not in refused)
    assert present["seccomp filter of a container"] is ("unshare" not in refused)
    assert present["Landlock"] is ("landlock_create_ruleset" not in refused)
    missing = [f for f in found["features"] if f["name"] == "user namespaces" and not f["present"]]
    assert all(feature["cost"] and feature["fix"] for feature in missing)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_run_of_root_never_has_the_ids_of_root() -> None:
    from grader.run.scenario import run
    from tests.redteam.conftest import spec_of

    script = b"#!/bin/sh\nexec grep -E 'Uid|CapEff' /proc/self/status\n"
    said = run(spec_of("ids", script, isolation="namespaces")).actors[0].stdout
    assert said.split() == ["Uid:", *["1000"] * 4, "CapEff:", "0" * 16]


@pytest.mark.parametrize("tier", ISOLATIONS)
def test_python_programs_see_the_declared_packages_and_no_others(tier: Isolation) -> None:
    source = (
        "import sys, sysv_ipc\n"
        "print(sys.prefix != sys.base_prefix, [p for p in sys.path if 'site-packages' in p][1:])\n"
        "try: import msgspec\n"
        "except ImportError: print('none')\n"
    )
    spec = RunSpec(
        scenario="packages",
        steps=(Start(start="prog"), Finish(finish="prog")),
        programs={"prog": Program(("{python}", "prog.py"), "/home/student/prog.py")},
        tree=Tree({"prog.py": (source.encode(), False)}),
        packages=("sysv_ipc",),
        isolation=tier,
    )
    assert run(spec).actors[0].stdout == "True []\nnone\n"
