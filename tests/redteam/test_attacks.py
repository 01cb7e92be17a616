"""Every attack program, run by the real grader in each tier: the verdict is an honest observer's,
the grader goes on as before, nothing is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.run.scenario import run
from grader.run.spec import Isolation
from grader.trace.model import Recording, from_json, to_json
from tests.redteam.attacks_table import Attack, attacks
from tests.redteam.conftest import Surroundings, plain_run, spec_of

_LARGEST = 128 << 20
"""Bytes of a recording, whatever a program does: what is kept of its events is bounded."""


def _outcome(recording: Recording) -> str:
    return ":".join(filter(None, (recording.outcome.value, recording.limit or "")))


@pytest.fixture(autouse=True)
def _secret_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "a secret")
    monkeypatch.setenv("GITHUB_ENV", "/tmp/github-env")
    monkeypatch.setenv("LD_PRELOAD", "")
    monkeypatch.setenv("PYTHONSTARTUP", "/tmp/startup.py")


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_an_attack_gains_nothing_and_leaves_nothing(
    attack: Attack,
    tier: Isolation,
    compiled_attack: Callable[[Attack], bytes],
    arguments: dict[str, str],
    surroundings: Surroundings,
) -> None:
    if tier not in attack.tiers:
        pytest.skip(f"the tier {tier} promises nothing here")
    is_c = attack.path.suffix == ".c"
    content = compiled_attack(attack) if is_c else attack.path.read_bytes()
    argument = arguments[attack.argument] if attack.argument else None
    spec = spec_of(
        attack.name if is_c else f"{attack.name}.py",
        content,
        isolation=tier,
        argument=argument,
        others=attack.others,
        **attack.bounds,
    )
    for _run in range(attack.runs):
        recording = run(spec)
        _judged(attack, tier, recording)
    plain_run(tier)


def _judged(attack: Attack, tier: Isolation, recording: Recording) -> None:
    said = recording.actors[0].stdout
    assert "breach" not in said
    assert _outcome(recording).removesuffix(":wall") in attack.expect
    assert recording.isolation == tier
    assert recording.limit is None or recording.detail
    if attack.prints:
        assert said.endswith("held\n"), (said, recording.actors[0].stderr)
    if attack.most < float("inf"):
        assert int(said.splitlines()[-1]) <= attack.most
    kinds = {left.kind for left in recording.residue}
    assert attack.residue is None or attack.residue in kinds
    assert attack.sees <= {event.event for event in recording.events if not event.runtime}
    assert all(actor.exit == 0 for actor in recording.actors[1:])
    written = to_json(recording)
    assert len(written) < _LARGEST
    assert from_json(written) == recording
