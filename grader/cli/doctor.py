"""Owns `grade doctor`: what this machine can isolate, what is missing and how to get it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import click
import msgspec

from grader.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.kernel.probe import Feature
    from grader.run.spec import Isolation

SCHEMA = "grade/doctor/v1"
_PROMISES = {
    "namespaces": "each run in a system of its own: files, processes, network, IPC",
    "landlock": "runs share the machine, kept apart by rules, one after another",
}


@click.command(name="doctor", short_help="What this machine can isolate, and how to mend it.")
@click.option(
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people or for programs.",
)
def doctor_command(format: Literal["text", "json"]) -> int:
    """Say which isolation tier programs run in on this machine, and what it rests on.

    Each tier is really set up once, around a program that does nothing. The exit status is 0 if
    one works, 3 if programs cannot be run here at all.

    \b
    Examples:
      grade doctor
      grade doctor --format json
    """
    # Imported here: `grade --help` needs none of what talks to the kernel.
    from grader.kernel import probe
    from grader.run.scenario import tiers

    found = probe.features()
    working = tiers()
    tier = next((name for name, problem in working.items() if problem is None), None)
    show = _as_json if format == "json" else _as_text
    click.echo(show(probe.kernel(), tier, working, found))
    return ExitStatus.FULL_MARKS if tier is not None else ExitStatus.INFRASTRUCTURE


def _as_json(
    kernel: str,
    tier: str | None,
    working: Mapping[Isolation, str | None],
    features: Sequence[Feature],
) -> str:
    return json.dumps(
        {
            "schema": SCHEMA,
            "kernel": kernel,
            "tier": tier,
            "tiers": [
                {"name": name, "works": problem is None, "problem": problem}
                for name, problem in working.items()
            ],
            "features": [msgspec.structs.asdict(feature) for feature in features],
        },
        indent=2,
    )


def _as_text(
    kernel: str,
    tier: str | None,
    working: Mapping[Isolation, str | None],
    features: Sequence[Feature],
) -> str:
    lines = [f"kernel  {kernel}"]
    if tier is None:
        lines += ["tier    none: programs are not run here", ""]
    else:
        lines += [f"tier    {tier}: {_PROMISES[tier]}", ""]
    for name, problem in working.items():
        lines.append(f"  {'✗' if problem else '✓'} tier {name}")
        if problem:
            lines.append(f"      {problem}")
    lines.append("")
    for feature in features:
        mark = {True: "✓", False: "✗", None: "·"}[feature.present]
        lines.append(f"  {mark} {feature.name}: {feature.found}")
        if feature.cost:
            lines.append(f"      {feature.cost}")
        if feature.fix:
            lines.append(f"      → {feature.fix}")
    return "\n".join(lines)
