"""Attempts to earn points without doing the work, through the whole `grade pipe`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.run.spec import Isolation
from tests.redteam.conftest import Surroundings, plain_run

ROOT = Path(__file__).parents[2]
_HARD_CODED = 'print("20 Hello Child Process!")\n'
_PASSING_REPORT = (
    '{"schema": "grade/report/v1", "verdict": "passed", "score": 10.0, "max_score": 10.0}'
)


def _graded(folder: Path, tier: Isolation) -> dict[str, Any]:
    command = [sys.executable, "-m", "grader", "pipe", str(folder), "--format", "json"]
    command += ["--course", str(ROOT), "--isolation", tier]
    done = subprocess.run(command, capture_output=True, check=False, timeout=100, cwd=ROOT)
    assert done.returncode == 1, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["verdict"] == "failed"
    assert report["isolation"] == tier
    return report


def _points(report: dict[str, Any], id: str) -> float:
    return next(float(check["points"]) for check in report["checks"] if check["id"] == id)


@pytest.mark.parametrize(
    "files",
    [
        {"hello.py": _HARD_CODED},
        {"hello.py": f"print('''{_PASSING_REPORT}''')\nraise SystemExit(0)\n"},
        {"hello.py": "import os\nos._exit(0)\n"},
        {
            "hello.py": "import json\nopen('report.json', 'w').write('{}')\n" + _HARD_CODED,
            "json.py": "import os\nos.write(1, b'verdict: passed')\n",
            "sitecustomize.py": "raise SystemExit(0)\n",
            "usercustomize.py": "raise SystemExit(0)\n",
            "conftest.py": "raise SystemExit(0)\n",
            "evil.pth": "import os; os._exit(0)\n",
        },
        {
            "hello.py": (
                "import os\nr, w = os.pipe()\nos.write(w, b'decoy')\nos.read(r, 5)\n"
                "open('/tmp/text', 'w').write('x')\nif os.fork() == 0:\n    os._exit(0)\n"
                "os.wait()\n" + _HARD_CODED
            )
        },
    ],
    ids=["hard-coded", "prints a report", "exits early", "shadows modules", "decoy"],
)
def test_a_forgery_earns_nothing_for_the_mechanism(
    files: dict[str, str], tier: Isolation, tmp_path: Path, surroundings: Surroundings
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    report = _graded(tmp_path, tier)
    assert report["score"] < report["max_score"] / 2
    assert _points(report, "through-the-pipe") == 0
    assert not (tmp_path / "report.json").exists()
    plain_run(tier)
