"""From start to verdict: `grade pipe` on the C solution, against check50 on three checks of the
same program, both from a local folder; all checks of ours, and those that ask the same.
check50 comes into build/ from PyPI, for this only."""

from __future__ import annotations

import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
OTHER = ROOT / "build" / "check50"
ROUNDS = 9
CONFIGURATION = """\
check50:
  files:
    - !exclude "*"
    - !require hello.c
"""
CHECKS = '''\
import check50


@check50.check()
def compiles():
    """hello.c compiles"""
    check50.run("cc -std=c17 -D_GNU_SOURCE -O1 -g -o hello hello.c").exit(0)


@check50.check(compiles)
def default():
    """the default message comes out"""
    check50.run("./hello").stdout("20 Hello Child Process!\\n", regex=False).exit(0)


@check50.check(compiles)
def message():
    """another message comes out"""
    check50.run("./hello 'some words'").stdout("10 some words\\n", regex=False).exit(0)
'''


def main() -> None:
    if not (OTHER / "bin" / "check50").exists() and not _install():
        print("check50 cannot be installed here: no figure")
        return
    compileall.compile_dir(ROOT / "grader", quiet=1)  # as an installation does
    with tempfile.TemporaryDirectory() as folder:
        checks, work = Path(folder, "checks"), Path(folder, "work")
        checks.mkdir()
        work.mkdir()
        (checks / ".cs50.yml").write_text(CONFIGURATION)
        (checks / "__init__.py").write_text(CHECKS)
        shutil.copy(ROOT / "solutions/pipe/c/hello.c", work)
        theirs = [str(OTHER / "bin" / "check50"), "--dev", "--output", "ansi", "--", str(checks)]
        ours = [sys.executable, "-m", "grader", "pipe", str(work), "--course", str(ROOT)]
        same = [*ours, "--only", "greeting", "--only", "message"]  # what compiles, they ask too
        for name, command in (("grade pipe", ours), ("its same checks", same)):
            pairs = [(_seconds(command, work), _seconds(theirs, work)) for _ in range(ROUNDS)]
            mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
            ratio = statistics.median(a / b for a, b in pairs)
            print(f"{name} {mine:.2f} s, check50 {other:.2f} s: {ratio:.2f} of it, {ROUNDS} pairs")


def _install() -> bool:
    shutil.rmtree(OTHER, ignore_errors=True)
    venv.create(OTHER, with_pip=True)
    pip = [str(OTHER / "bin" / "python"), "-m", "pip", "install", "--quiet", "check50"]
    return subprocess.run(pip, check=False, stderr=subprocess.DEVNULL).returncode == 0


def _seconds(command: list[str], folder: Path) -> float:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = time.monotonic()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
