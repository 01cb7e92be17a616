"""What the sandbox costs: set-up, one program that does nothing, teardown; against bubblewrap
(`bwrap --unshare-all`) around the same program. Medians of interleaved runs."""

from __future__ import annotations

import gc
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from grader.course.steps import Finish, Start
from grader.run.scenario import run
from grader.run.spec import Isolation, Program, RunSpec, Tree

ROUNDS = 40
BWRAP = (
    "bwrap --unshare-all --die-with-parent --ro-bind /usr /usr --symlink usr/lib /lib "
    "--symlink usr/lib64 /lib64 --symlink usr/bin /bin --proc /proc --dev /dev --tmpfs /tmp "
    "/bin/true"
)


def _graded(isolation: Isolation) -> Callable[[], None]:
    spec = RunSpec(
        scenario="nothing",
        steps=(Start(start="true"), Finish(finish="true")),
        programs={"true": Program(("/bin/true",), "/bin/true")},
        tree=Tree(),
        isolation=isolation,
    )

    def once() -> None:
        assert run(spec).actors[0].exit == 0

    return once


def _bwrap() -> None:
    subprocess.run(BWRAP.split(), check=True)


def main() -> None:
    gc.freeze()
    contenders: dict[str, Callable[[], None]] = {
        "namespaces": _graded("namespaces"),
        "landlock": _graded("landlock"),
    }
    if shutil.which("bwrap"):
        contenders["bwrap"] = _bwrap
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _round in range(ROUNDS):
        for name, once in contenders.items():
            started = time.perf_counter()
            once()
            times[name].append((time.perf_counter() - started) * 1000)
    medians = {name: statistics.median(found) for name, found in times.items()}
    for name, median in medians.items():
        print(f"{name}: {median:.1f} ms")
    if "bwrap" in medians:
        print(f"namespaces / bwrap --unshare-all: {medians['namespaces'] / medians['bwrap']:.2f}")
    else:
        print("no bwrap here to compare with", file=sys.stderr)


if __name__ == "__main__":
    main()
