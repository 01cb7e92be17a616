"""Owns the Python files beside an assignment: `checks.py` holds the functions of its checks,
`hidden_checks.py` those of its hidden checks, so that one of them can be given to students.

They are the instructor's own code and run in the grader's process, trusted.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

import msgspec

from grader.course.decode import nearest
from grader.course.model import Assignment, Check, LoadedAssignment, PythonFile
from grader.course.yaml import Document, shown
from grader.errors import CourseError, Problem

CHECKS_FILE = "checks.py"
HIDDEN_CHECKS_FILE = "hidden_checks.py"


class PythonFunction(msgspec.Struct, frozen=True):
    """A function of one of the files; called with a Recording and the scenario's values."""

    call: Callable[..., object]
    file: str


def file_of(check: Check) -> str:
    """The name of the file that holds the check's function."""
    return HIDDEN_CHECKS_FILE if check.hidden else CHECKS_FILE


def read_python(folder: Path, assignment: Assignment) -> dict[str, PythonFile]:
    """The files that the assignment's checks need, by name, those that are there.

    CourseError: one cannot be read.
    """
    files: dict[str, PythonFile] = {}
    for name in sorted({file_of(check) for check in assignment.checks if check.python}):
        path = folder / name
        if path.exists():
            files[name] = PythonFile(file=shown(path), text=_text(path))
    return files


def python_problems(
    document: Document, assignment: Assignment, files: Mapping[str, PythonFile]
) -> Iterator[Problem]:
    """What is wrong with the Python checks of an assignment: files that are missing or can't be
    run, functions that are none or can't be called. Runs the files."""
    modules: dict[str, ModuleType] = {}
    for name, file in files.items():
        try:
            modules[name] = _run(file)
        except CourseError as error:
            yield from error.problems
    for index, check in enumerate(assignment.checks):
        name = file_of(check)
        place = ("checks", index, "python")
        if check.python is None or (name in files and name not in modules):
            continue
        if name not in files:
            hidden = "a hidden check's function" if check.hidden else "this check's function"
            yield document.problem(
                place,
                f"there is no {name} beside this file, where {hidden} belongs",
                f"write it, with `def {check.python}(recording, values)` in it",
            )
        else:
            yield from _function(document, index, check.python, modules[name], files[name])


def load_functions(assignment: LoadedAssignment) -> dict[str, PythonFunction]:
    """The functions of the assignment's checks by the ids of these.

    CourseError: a file can't be run here, or lacks a function.
    """
    modules = {name: _run(file) for name, file in assignment.python.items()}
    functions = {}
    for check in assignment.data.checks:
        if check.python is not None:
            name = file_of(check)
            function = getattr(modules.get(name), check.python, None)
            if not callable(function):
                told = f"there is no function `{check.python}`"
                raise CourseError([Problem(name, 1, 1, told)])
            functions[check.id] = PythonFunction(function, assignment.python[name].file)
    return functions


_CORRECT = "correct this line: the file is run whenever the assignment is loaded"
_IMPORTS = "all that such a file needs is in grader.check.api and Python's own library"


def told(error: BaseException) -> str:
    """The error as Python names it, in one line."""
    import traceback

    return " ".join("".join(traceback.format_exception_only(error)).split()) or repr(error)


def line_of(error: BaseException, file: str) -> int:
    """The last line in this file that the error came through, 1 if it came through none."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    return next((line for line in reversed(lines) if line), 1)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        told = f"this file cannot be read: {error.strerror}"
        fix = "check that it is a file, and that you may read it"
        raise CourseError([Problem(shown(path), 1, 1, told, fix)]) from error
    except UnicodeDecodeError as error:
        told = "this is not UTF-8 text"
        raise CourseError([Problem(shown(path), 1, 1, told, "save it as UTF-8")]) from error


def _run(file: PythonFile) -> ModuleType:
    """The module that the file makes. CourseError: running it raised an error."""
    module = ModuleType(f"grade python checks {file.file}")
    module.__file__ = file.file
    # While it runs it can be found by its name, which decorators like `dataclass` do.
    sys.modules[module.__name__] = module
    try:
        exec(compile(file.text, file.file, "exec", dont_inherit=True), vars(module))
    except SyntaxError as error:
        place = error.lineno or 1, error.offset or 1
        problem = Problem(file.file, *place, f"this is not Python: {error.msg}", _CORRECT)
        raise CourseError([problem]) from error
    except (Exception, SystemExit) as error:  # the instructor's code may raise anything
        fix = _IMPORTS if isinstance(error, ImportError) else _CORRECT
        raise CourseError(
            [Problem(file.file, line_of(error, file.file), 1, told(error), fix)]
        ) from error
    finally:
        del sys.modules[module.__name__]
    return module


def _function(
    document: Document, index: int, name: str, module: ModuleType, file: PythonFile
) -> Iterator[Problem]:
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        own = [key for key in known if getattr(module, key).__module__ == module.__name__]
        yield document.problem(
            ("checks", index, "python"),
            f"there is no function `{name}` in {file.file}",
            nearest(name, own, kind="functions there"),
        )
        return
    try:
        inspect.signature(function).bind("recording", "values")
    except (TypeError, ValueError):  # ValueError: a callable that does not say
        line = function.__code__.co_firstlineno if inspect.isfunction(function) else 1
        yield Problem(
            file.file,
            line,
            1,
            f"`{name}` can't be called with a recording and the values of its scenario",
            f"def {name}(recording: Recording, values: Values) -> Result: …",
        )
