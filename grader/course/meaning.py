"""Owns what a course or assignment file must mean beyond its types: names that exist, values that
can be made, actors that are there. Checks have their own module, `check_meaning`.

Each function looks at one thing and yields the problems it finds, with their place.
"""

from __future__ import annotations

import graphlib
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping

import msgspec

from grader.course.bind import varied
from grader.course.check_meaning import check_problems
from grader.course.decode import nearest
from grader.course.limits import RUN_DEFAULTS, SIZES
from grader.course.model import Assignment, Check, Course, Limits, Scenario, Vary, VaryKind
from grader.course.parts import parts, placeholder_problems
from grader.course.starting import start_problems
from grader.course.step_meaning import awaited_problems, stdin_problems, step_problems
from grader.course.steps import Start
from grader.course.units import parse_size
from grader.course.vary import placeholders, values
from grader.course.yaml import Document, YamlPath
from grader.errors import Problem

LARGEST_VALUE = 4 << 20
"""Bytes of one random value."""

NO_LIMITS = Limits()
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VARY_KINDS = ("text", "words", "lines", "hex", "integer", "choice", "sum", "product", "sum_to")


def course_problems(document: Document, course: Course) -> Iterator[Problem]:
    """What is wrong with this `course.yaml`."""
    yield from _twice(document, ("assignments",), course.assignments)
    wrong_bounds = list(_limits(document, ("limits_max",), course.limits_max))
    yield from wrong_bounds
    most = NO_LIMITS if wrong_bounds else course.limits_max
    yield from _limits(document, ("limits",), course.limits, most)
    yield from _defaults(document, course.limits, most)
    yield from _limits(document, ("build_limits",), course.build_limits)
    for id, language in course.languages.items():
        known = ("python", "source", "program")
        for key, command in (("run", language.run), ("build", language.build)):
            path = ("languages", id, key)
            yield from placeholder_problems(document, parts(command, path), known)
            names = {name for word in command or [] for name in placeholders(word)}
            if command is not None and not names & {"source", "program"}:
                yield document.problem(
                    path, f"`{key}` names neither {{source}} nor {{program}}", "add one of them"
                )


def assignment_problems(
    document: Document,
    assignment: Assignment,
    most: Limits = NO_LIMITS,
    broken: Container[YamlPath] = (),
) -> Iterator[Problem]:
    """What is wrong with this `assignment.yaml`. most: what its limits may be at most.

    broken: scenarios and checks of which it is known already that they are wrong, such as
    ("checks", 3). Nothing is said of them, or of checks that look at such a scenario.
    """
    yield from _twice(document, ("programs",), assignment.programs)
    if not assignment.checks:
        told = "there are no checks, so nothing could be graded"
        fix = "write one; `grade new ID` makes an assignment to learn from"
        yield document.problem(("checks",), told, fix, key=True)
    yield from _limits(document, ("limits",), assignment.limits, most)
    bad_kinds = list(_kinds(document, ("vary",), assignment.vary))
    yield from bad_kinds
    samples: dict[str, dict[str, str]] = {}
    for id, scenario in assignment.scenarios.items():
        path = ("scenarios", id)
        if path in broken:
            continue
        yield from _limits(document, (*path, "limits"), scenario.limits, most)
        if not scenario.run:
            told = f"the scenario `{id}` has no steps, so nothing would run"
            fix = "begin with `- {start: …}`, one of this assignment's programs"
            yield document.problem((*path, "run"), told, fix)
        yield from _actors(document, (*path, "run"), scenario, assignment.programs)
        yield from start_problems(document, (*path, "run"), scenario)
        yield from stdin_problems(document, (*path, "run"), scenario.run)
        yield from awaited_problems(document, (*path, "run"), scenario)
        own = list(_kinds(document, (*path, "vary"), scenario.vary, above=assignment.vary))
        yield from own
        # Without values nothing can be said of placeholders that would not follow from these.
        if not own and not bad_kinds:
            samples[id] = values(varied(assignment, id), 0, id)
            yield from placeholder_problems(
                document, parts(scenario.run, (*path, "run")), samples[id]
            )
        for index, step in enumerate(scenario.run):
            yield from step_problems(document, (*path, "run", index), step, samples.get(id))
    yield from _needs(document, assignment.checks)
    for index, check in enumerate(assignment.checks):
        seen = [("checks", index), *(("scenarios", id) for id in check.scenarios)]
        if any(path in broken for path in seen):
            continue
        yield from check_problems(document, ("checks", index), check, assignment, samples)


def _twice(document: Document, path: YamlPath, names: list[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield document.problem((*path, index), f"`{name}` is listed twice", "keep one")


def _limits(
    document: Document, path: YamlPath, limits: Limits | None, most: Limits = NO_LIMITS
) -> Iterator[Problem]:
    """most: the course's upper bounds, sizes readable."""
    for name, limit in msgspec.structs.asdict(limits or NO_LIMITS).items():
        if limit is None:
            continue
        try:
            amount = parse_size(limit) if name in SIZES else limit
        except ValueError as error:
            yield document.problem(
                (*path, name), f"`{name}`: {error}", f"write a size like `{name}: 64 MiB`"
            )
            continue
        bound = getattr(most, name)
        if amount <= 0:
            yield document.problem(
                (*path, name), f"`{name}` must be more than 0", "leave it out for the default"
            )
        elif bound is not None and amount > (parse_size(bound) if name in SIZES else bound):
            yield document.problem(
                (*path, name),
                f"`{name}` asks for {_shown(name, limit)}; this course allows at most "
                f"{_shown(name, bound)}",
                f"ask for less, or raise `{name}` under `limits_max` in course.yaml",
            )


def _shown(name: str, limit: float | str) -> str:
    return f"{limit:g} s" if name in ("wall", "cpu") else str(limit)


def _defaults(document: Document, limits: Limits, most: Limits) -> Iterator[Problem]:
    """Upper bounds that are lower than what a course has that sets nothing."""
    for name, bound in msgspec.structs.asdict(most).items():
        if bound is None or getattr(limits, name) is not None:
            continue
        if getattr(RUN_DEFAULTS, name) > (parse_size(bound) if name in SIZES else bound):
            yield document.problem(
                ("limits_max", name),
                f"the default of `{name}` is more than this",
                f"set `{name}` under `limits`",
            )


def _kinds(
    document: Document,
    path: YamlPath,
    kinds: Mapping[str, VaryKind],
    *,
    above: Mapping[str, VaryKind] | None = None,
) -> Iterator[Problem]:
    """above: what is made before these."""
    before = {} if above is None else dict(above)
    for name, kind in kinds.items():
        where = (*path, name)
        if _NAME.fullmatch(name) is None:
            yield document.problem(
                where,
                f"`{name}` can't name a value",
                "use lower-case letters, digits and _, a letter first",
                key=True,
            )
        if isinstance(kind, Vary) and (message := _wrong_kind(kind)):
            yield document.problem(where, f"`{name}`: {message}")
        for part in kind.derived_from if isinstance(kind, Vary) else ():
            source = before.get(part) if isinstance(part, str) else None
            if isinstance(part, str) and not (isinstance(source, Vary) and source.numeric):
                numbers = [n for n, k in before.items() if isinstance(k, Vary) and k.numeric]
                yield document.problem(
                    where,
                    f"`{name}` follows from `{part}`, which is no number made further up",
                    nearest(part, numbers, kind="numbers so far"),
                )
        before[name] = kind


def _wrong_kind(kind: Vary) -> str | None:
    if (kind.lines is None) != (kind.bytes is None):
        one = f"; one line of {kind.bytes} bytes is `text: {kind.bytes}`" if kind.bytes else ""
        return f"`lines` and `bytes` (of each line) go together, and only with each other{one}"
    given = [key for key in _VARY_KINDS if getattr(kind, key) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        return f"exactly one of {', '.join(_VARY_KINDS)} makes a value, and here is {found}"
    sizes = (kind.text, kind.words, kind.lines, kind.bytes, kind.hex)
    if any(size is not None and size < 0 for size in sizes):
        return "a size can't be less than 0"
    lines = (kind.lines or 0) * ((kind.bytes or 0) + 1)
    total = max(kind.text or 0, (kind.words or 0) * 9, (kind.hex or 0) * 2, lines)
    if total > LARGEST_VALUE:
        return f"a value has at most {LARGEST_VALUE} bytes"
    if kind.integer is not None and kind.integer[0] > kind.integer[1]:
        return "the range is empty: its first number is the larger one"
    if kind.sum == [] or kind.product == []:
        return "there are no numbers to take"
    if kind.choice == []:
        return "there is nothing to choose from"
    return None


def _actors(
    document: Document, path: YamlPath, scenario: Scenario, programs: list[str]
) -> Iterator[Problem]:
    """Programs that are none, actors and peers that are not there yet, two of one name, and
    steps whose keys don't go together."""
    there: dict[str, None] = {}
    peers: dict[str, None] = {}
    for index, step in enumerate(scenario.run):
        where = (*path, index)
        if step.fault is not None:
            yield document.problem(where, step.fault)
        if isinstance(step, Start) and step.start not in programs:
            yield document.problem(
                (*where, "start"),
                f"`{step.start}` is none of this assignment's programs",
                nearest(step.start, programs, kind="programs"),
            )
        for name in step.mentions:
            if name not in there:
                yield document.problem(
                    where,
                    f"no actor `{name}` was started before this step",
                    nearest(name, there, kind="actors so far"),
                )
        for name in step.uses:
            if name not in peers:
                yield document.problem(
                    where,
                    f"no peer `{name}` was connected before this step",
                    f"{nearest(name, peers, kind='peers so far')}; a new one needs `connect`",
                )
        for name in (*step.introduces, *step.opens):
            if name in (*there, *peers):
                yield document.problem(
                    where,
                    f"there is {'an actor' if name in there else 'a peer'} `{name}` already",
                    "give this one a name of its own: `as: …`",
                )
        there |= dict.fromkeys(step.introduces)
        peers |= dict.fromkeys(step.opens)


def _needs(document: Document, checks: list[Check]) -> Iterator[Problem]:
    """Ids that occur twice, needs that name no check, and needs that go round in a circle."""
    counts = Counter(check.id for check in checks)
    hidden = {check.id for check in checks if check.hidden}
    first: dict[str, int] = {}
    for index, check in enumerate(checks):
        path = ("checks", index)
        if first.setdefault(check.id, index) != index:
            yield document.problem((*path, "id"), f"`{check.id}` is the id of two checks")
        for position, need in enumerate(check.needs):
            if need not in counts:
                yield document.problem(
                    (*path, "needs", position),
                    f"there is no check `{need}`",
                    nearest(need, counts, kind="checks"),
                )
            elif need in hidden and not check.hidden:
                yield document.problem(
                    (*path, "needs", position),
                    f"`{need}` is hidden, and this check is not: students have no `{need}`, and "
                    "what becomes of this check would tell what became of that one",
                    "take it out of `needs`, or hide this check too",
                )
    try:
        unique = {check.id: check.needs for check in checks if counts[check.id] == 1}
        graphlib.TopologicalSorter(unique).prepare()
    except graphlib.CycleError as error:
        circle: list[str] = error.args[1]
        yield document.problem(
            ("checks", first[circle[0]], "needs"),
            f"these checks need each other, so none could pass: {' → '.join(circle)}",
        )
