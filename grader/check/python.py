"""Owns judging by a function of `checks.py`: what it says, or what it did wrong itself."""

from __future__ import annotations

from types import MappingProxyType

import msgspec

from grader.check.result import Result, broken
from grader.course.python_checks import PythonFunction, line_of, told
from grader.trace.model import Recording


def judge_python(function: PythonFunction, recording: Recording) -> Result:
    """What the function says of the recording. An error that it raises, or an answer that is no
    Result, makes a check that can't be judged: the assignment's fault, never the student's."""
    try:
        answer = function.call(recording, MappingProxyType(recording.values))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the instructor's code may raise anything
        place = f"{function.file}:{line_of(error, function.file)}"
        return broken(f"{place} raised {told(error)}")
    if not isinstance(answer, Result):
        name = getattr(function.call, "__name__", "the function")
        kind = type(answer).__name__
        return broken(
            f"`{name}` in {function.file} returned {kind}, and neither passed(…) nor failed(…)"
        )
    try:
        return msgspec.convert(msgspec.to_builtins(answer), Result)
    except (TypeError, msgspec.ValidationError) as error:
        return broken(f"what {function.file} returned is no result: {error}")
