"""What a batch costs: submissions per second, against one `grade` after another, CPU use and peak
memory of all its processes; whether any verdict differs; the same for ten times as many, and beside
a load that keeps every core busy.

    python bench/batch.py [SIZE ...]      default: 200 2000
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COURSE = Path(__file__).parent.parent
GRADE = str(Path(sys.executable).with_name("grade"))
JOBS = len(os.sched_getaffinity(0))
SEED = "1"
LOADED = 40
"""Submissions graded beside the load."""

# Rare, as in a course: they burn all the CPU time they are given.
SPINNER = "int main(void) { for (;;) ; }\n"
BROKEN = "#include <unistd.h>\nint main(void) { return pipe(NULL) + undeclared; }\n"

Verdicts = dict[str, tuple[object, ...]]


def corpus(folder: Path, size: int) -> None:
    """So many submissions for `pipe`: each 100 hold a spinner, four build failures, and the shipped
    solutions, stubs and wrong ones in turn. Each differs from all others by a comment."""
    shipped = [
        *(COURSE / "solutions/pipe").glob("*/hello.*"),
        *(COURSE / "solutions/pipe/variants").glob("*/hello.*"),
        *(COURSE / "solutions/pipe/wrong").glob("*/hello.*"),
        *(COURSE / "assignments/pipe/stubs").glob("*/hello.*"),
    ]
    turn = itertools.cycle(sorted(shipped))
    for number in range(size):
        match number % 100:
            case 50:
                name, text = "hello.c", SPINNER
            case 10 | 35 | 60 | 85:
                name, text = "hello.c", BROKEN
            case _:
                path = next(turn)
                name, text = path.name, path.read_text()
        comment = f"// {number}\n" if name.endswith(".c") else f"# {number}\n"
        place = folder / f"s{number:05}"
        place.mkdir(parents=True)
        (place / name).write_text(text + comment)


@dataclass
class Cost:
    """Wall and CPU seconds; bytes of memory that all processes held at the most, if looked at."""

    wall: float
    cpu: float
    memory: int = 0

    def told(self, size: int) -> str:
        return (
            f"{self.wall:.0f} s, {size / self.wall:.2f} submissions/s, "
            f"{self.cpu / self.wall:.0%} CPU, {self.cpu / size:.2f} CPU s each"
        )


def _used() -> tuple[float, float]:
    """Now, and CPU seconds of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic(), usage.ru_utime + usage.ru_stime


def run_batch(submissions: Path, out: Path) -> Cost:
    started, before = _used()
    command = [GRADE, "batch", str(submissions), "-a", "pipe", "--out", str(out)]
    command += ["--jobs", str(JOBS), "--seed", SEED, "--course", str(COURSE)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        peak = _peak_memory(process)
    if process.returncode != 0:
        sys.exit(f"grade batch ended with {process.returncode}")
    ended, after = _used()
    return Cost(ended - started, after - before, peak)


def _peak_memory(process: subprocess.Popen[bytes]) -> int:
    """Looks every half second until it ends; shared pages are counted once (PSS)."""
    ended = threading.Event()
    threading.Thread(target=lambda: (process.wait(), ended.set()), daemon=True).start()
    peak = 0
    while not ended.wait(0.5):
        peak = max(peak, sum(_pss(pid) for pid in _family(process.pid)))
    return peak


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [
            child
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


def verdicts(out: Path) -> Verdicts:
    return {
        path.stem: _verdict(json.loads(path.read_bytes()))
        for path in (out / "reports/pipe").glob("*.json")
    }


def _verdict(report: dict[str, object]) -> tuple[object, ...]:
    checks = report["checks"]
    assert isinstance(checks, list)
    return report["verdict"], report["score"], *(f"{one['id']} {one['status']}" for one in checks)


def one_by_one(submissions: Path, out: Path) -> tuple[Cost, Verdicts]:
    """Each with its own `grade`, with the seed that the batch gave it."""
    found: Verdicts = {}
    started, before = _used()
    for place in sorted(submissions.iterdir()):
        seed = json.loads((out / f"reports/pipe/{place.name}.json").read_bytes())["seed"]
        command = [GRADE, "pipe", str(place), "--format", "json", "--seed", str(seed)]
        done = subprocess.run(
            [*command, "--course", str(COURSE)], stdout=subprocess.PIPE, check=False
        )
        if not done.stdout:
            sys.exit(f"grade {place} ended with {done.returncode} and no report")
        found[place.name] = _verdict(json.loads(done.stdout))
    ended, after = _used()
    return Cost(ended - started, after - before), found


def differences(expected: Verdicts, seen: Verdicts, where: str) -> int:
    different = [name for name, verdict in seen.items() if expected[name] != verdict]
    for name in different:
        apart = sorted({*expected[name]} ^ {*seen[name]}, key=str)
        print(f"  {where}: {name} differs: {', '.join(map(str, apart))}")
    return len(different)


def main(sizes: list[int]) -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            folder = Path(name, str(size))
            corpus(folder / "in", size)
            cost = run_batch(folder / "in", folder / "out")
            print(
                f"{size} submissions, {JOBS} workers: {cost.told(size)}, "
                f"peak memory {cost.memory >> 20} MiB"
            )
            if size != sizes[0]:
                continue
            batched = verdicts(folder / "out")
            alone, judged = one_by_one(folder / "in", folder / "out")
            wrong += differences(judged, batched, "batch")
            print(f"  one after another: {alone.told(size)}; ratio {alone.wall / cost.wall:.2f}")
            wrong += beside_load(Path(name), batched)
    print(f"  {wrong} verdicts differ")
    return 1 if wrong else 0


def beside_load(folder: Path, expected: Verdicts) -> int:
    """The same verdicts while as many spinners as there are CPUs want all of them?"""
    few = min(LOADED, len(expected))
    corpus(folder / "loaded/in", few)
    spin = [sys.executable, "-c", "while True: pass"]
    load = [subprocess.Popen(spin) for _ in range(JOBS)]
    try:
        cost = run_batch(folder / "loaded/in", folder / "loaded/out")
    finally:
        for process in load:
            process.kill()
            process.wait()
    print(f"  beside a load on every core: {few} in {cost.wall:.0f} s")
    return differences(expected, verdicts(folder / "loaded/out"), "load")


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [200, 2000]))
