"""Owns the sandboxed build: the compiler runs where student programs run, with its own limits."""

from __future__ import annotations

from collections.abc import Callable

from grader.course.steps import Finish, Start
from grader.run.capture import marked
from grader.run.scenario import run_and_keep
from grader.run.spec import BuildResult, BuildSpec, Program, RunSpec, Tree
from grader.trace.model import Outcome
from grader.trace.text import readable

_PROGRAM = "build"


def build(spec: BuildSpec, meanwhile: Callable[[], object] | None = None) -> BuildResult:
    """Run the commands until one fails; the tree then holds the products. meanwhile: what the
    caller can do while they run, called for each.

    A failed build is a result; SandboxError or InfrastructureError if the grader could not.
    """
    files = dict(spec.tree.files)
    words: list[str] = []
    tier = "none"
    for command in spec.commands:
        finished = run_and_keep(
            RunSpec(
                scenario=_PROGRAM,
                steps=(Start(start=_PROGRAM), Finish(finish=_PROGRAM)),
                programs={_PROGRAM: Program(command)},
                tree=Tree(files),
                bounds=spec.bounds,
                observed=False,
                keep=tuple(spec.keep),
                isolation=spec.isolation,
            ),
            meanwhile,
        )
        recording = finished.recording
        actor = recording.actors[0]
        tier = recording.isolation
        words.append(marked(actor.stdout, actor.stdout_head, actor.stdout_cut))
        words.append(marked(actor.stderr, actor.stderr_head, actor.stderr_cut))
        for name, content in finished.kept.items():
            files[name] = (content, True)
        if recording.outcome is not Outcome.FINISHED or actor.exit != 0:
            return BuildResult(
                ok=False,
                command=command,
                output=readable("".join(words)),
                detail=recording.detail or f"{command[0]} ended with {actor.exit}",
                tree=spec.tree,
                isolation=tier,
            )
    last = spec.commands[-1] if spec.commands else ()
    return BuildResult(
        ok=True,
        command=last,
        output=readable("".join(words)),
        detail="",
        tree=Tree(files),
        isolation=tier,
    )
