"""CPython's own tests of what the observer watches, bare and under `grade trace`: they end alike.

    python bench/cpython.py [test_signal …]

Needs an interpreter that has its test suite: this one, or the one that $CPYTHON names (Debian's
is in libpython3-testsuite). Prints a table; ends with 1 if a test ended otherwise under trace.
Takes a quarter of an hour on an idle machine; on a busy one tests with deadlines of their own
fail, with trace or without.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUITES = ["test_signal", "test_subprocess", "test_socket", "test_threading"]
SUITES += ["test_multiprocessing_fork"]
UNFIT = ["ThreadedVSOCKSocketStreamTest"]
"""Waits for the host of a virtual machine, with trace or without."""
ROOT = Path(__file__).parents[1]
_TEST = re.compile(r"^test\w* \([\w.<>]+\)")
_END = re.compile(r"(?:\.\.\. .*?|^)\b(ok|skipped|FAIL|ERROR|expected failure)\b")


def ended(suite: str, python: str, *prefix: str) -> tuple[dict[str, str], float]:
    """How each test ended, and the seconds it all took."""
    command = [*prefix, python, "-m", "test", "-v", suite]
    for name in UNFIT:
        command += ["-i", name]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if prefix:
        environment["PYTHONPATH"] = str(ROOT)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
        )
    tests: dict[str, str] = {}
    current = ""
    for line in done.stdout.decode(errors="replace").splitlines():
        name = _TEST.match(line)
        current = name[0] if name else current
        end = _END.search(line)
        if current and end is not None:
            tests.setdefault(current, end[1])
    return tests, time.monotonic() - started


def main() -> int:
    python = os.environ.get("CPYTHON", sys.executable)
    differences = []
    print(f"{'':28}{'tests':>7}{'skipped':>9}{'failed':>8}{'bare':>9}{'traced':>9}")
    for suite in sys.argv[1:] or SUITES:
        bare, bare_s = ended(suite, python)
        if not bare:
            print(f"{suite:28} {python} has no such tests: name another interpreter in $CPYTHON")
            differences.append(suite)
            continue
        trace = [sys.executable, "-m", "grader", "trace", "-o", "/dev/null", "--"]
        traced, traced_s = ended(suite, python, *trace)
        ends = list(bare.values())
        failed = sum(end in ("FAIL", "ERROR") for end in ends)
        print(
            f"{suite:28}{len(ends):7}{ends.count('skipped'):9}{failed:8}"
            f"{bare_s:7.1f} s{traced_s:7.1f} s",
            flush=True,
        )
        differences += [
            f"{test}: {bare.get(test)}, under trace {traced.get(test)}"
            for test in sorted(bare.keys() | traced.keys())
            if bare.get(test) != traced.get(test)
        ]
    print("\n".join(differences) or "every test ended alike")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
