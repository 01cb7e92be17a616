"""Owns the sandboxed build: the compiler runs where student programs run, with its own limits."""

from __future__ import annotations

from grader.course.steps import Finish, Start
from grader.run.scenario import run_and_keep
from grader.run.spec import BuildResult, BuildSpec, Program, RunSpec, Tree
from grader.trace.model import Outcome

_PROGRAM = "build"


def build(spec: BuildSpec) -> BuildResult:
    """Run the commands until one fails; the tree then holds the products.

    A failed build is a result; SandboxError or InfrastructureError if the grader could not.
    """
    files = dict(spec.tree.files)
    words: list[str] = []
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
            )
        )
        recording = finished.recording
        actor = recording.actors[0]
        words += [text for text in (actor.stdout, actor.stderr) if text]
        for name, content in finished.kept.items():
            files[name] = (content, True)
        if recording.outcome is not Outcome.FINISHED or actor.exit != 0:
            return BuildResult(
                ok=False,
                command=command,
                output="".join(words),
                detail=recording.detail or f"{command[0]} ended with {actor.exit}",
                tree=spec.tree,
            )
    last = spec.commands[-1] if spec.commands else ()
    return BuildResult(ok=True, command=last, output="".join(words), detail="", tree=Tree(files))
