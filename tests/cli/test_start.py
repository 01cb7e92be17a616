"""`grade start`: something to begin with, and no work lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.main import main
from tests.cli.calls import in_pipe, in_terminal

Captured = pytest.CaptureFixture[str]
STUB = "print('hi')\n"


def test_it_copies_and_says_what_comes_next(lessons: Path, capsys: Captured) -> None:
    assert main(["start", "pair", "--lang", "c"]) == 0
    assert sorted(path.name for path in (lessons / "pair").iterdir()) == ["reader.c", "writer.c"]
    said = capsys.readouterr().out
    assert "written   pair/reader.c" in said
    assert "grade show pair" in said
    assert said.endswith("grade pair\n")


def test_into_another_folder(lessons: Path, capsys: Captured) -> None:
    assert main(["start", "pipe", "a/b", "--lang", "python"]) == 0
    assert (lessons / "a/b/hello.py").read_text() == STUB
    assert capsys.readouterr().out.endswith("grade pipe a/b\n")


def test_from_inside_the_folder_of_an_assignment(
    lessons: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lessons / "pair").mkdir()
    monkeypatch.chdir(lessons / "pair")
    assert main(["start", "pipe", "--lang", "c"]) == 0
    assert (lessons / "pipe/hello.c").is_file()
    assert capsys.readouterr().out.endswith("grade pipe ../pipe\n")
    assert main(["start", "pair", "--lang", "c"]) == 0
    assert (lessons / "pair/reader.c").is_file()


def test_beside_a_program_of_another_language_the_next_command_says_which(
    lessons: Path, capsys: Captured
) -> None:
    assert main(["start", "pipe", "--lang", "python"]) == 0
    assert main(["start", "pipe", "--lang", "c"]) == 0
    assert capsys.readouterr().out.endswith("grade pipe --lang c\n")


def test_identical_files_are_fine(lessons: Path, capsys: Captured) -> None:
    assert main(["start", "pipe", "--lang", "c"]) == 0
    assert main(["start", "pipe", "--lang", "c"]) == 0
    assert "unchanged pipe/hello.c" in capsys.readouterr().out


def test_where_nobody_can_be_asked_work_stays(lessons: Path) -> None:
    (lessons / "pair").mkdir()
    (lessons / "pair/writer.py").write_text("mine\n")
    refused = in_pipe("start", "pair", "--lang", "python")
    assert refused.status == 2
    assert "what you wrote is there already: pair/writer.py" in refused.text
    assert "--force" in refused.text
    assert [path.name for path in (lessons / "pair").iterdir()] == ["writer.py"]
    assert (lessons / "pair/writer.py").read_text() == "mine\n"


def test_force_replaces(lessons: Path, capsys: Captured) -> None:
    (lessons / "pipe").mkdir()
    (lessons / "pipe/hello.py").write_text("mine\n")
    assert main(["start", "pipe", "--lang", "python", "--force"]) == 0
    assert (lessons / "pipe/hello.py").read_text() == STUB
    assert "replaced  pipe/hello.py" in capsys.readouterr().out


def test_on_a_terminal_it_asks(lessons: Path) -> None:
    (lessons / "pair").mkdir()
    (lessons / "pair/writer.py").write_text("mine\n")
    kept = in_terminal("start", "pair", "--lang", "python", typed="n\n")
    assert kept.status == 0
    assert "Replace pair/writer.py? What you wrote would be lost. [y/N]" in kept.text
    assert (lessons / "pair/writer.py").read_text() == "mine\n"
    assert (lessons / "pair/reader.py").read_text() == STUB
    replaced = in_terminal("start", "pair", "--lang", "python", typed="y\n")
    assert "replaced  pair/writer.py" in replaced.text
    assert (lessons / "pair/writer.py").read_text() == STUB


def test_interrupted_at_the_question_it_changes_nothing(lessons: Path) -> None:
    (lessons / "pipe").mkdir()
    (lessons / "pipe/hello.py").write_text("mine\n")
    assert in_terminal("start", "pipe", "--lang", "python", typed="\x04").status == 130
    assert (lessons / "pipe/hello.py").read_text() == "mine\n"


def test_on_a_terminal_the_language_is_asked_for(lessons: Path) -> None:
    done = in_terminal("start", "pipe", typed="c\n")
    assert "Language (python, c) [python]" in done.text
    assert [path.name for path in (lessons / "pipe").iterdir()] == ["hello.c"]


def test_in_a_pipe_it_is_the_courses_first_and_the_others_are_named(lessons: Path) -> None:
    assert "python (in another language: --lang c)" in in_pipe("start", "pipe").text
    assert [path.name for path in (lessons / "pipe").iterdir()] == ["hello.py"]


def test_the_language_written_last_is_taken_again(lessons: Path, capsys: Captured) -> None:
    Path("hello.c").write_text("int main(void) { return 0; }\n")
    main(["pipe"])
    assert main(["start", "pair"]) == 0
    assert (lessons / "pair/writer.c").is_file()


def test_a_folder_where_the_program_should_be(lessons: Path, capsys: Captured) -> None:
    (lessons / "pipe/hello.py").mkdir(parents=True)
    assert main(["start", "pipe", "--lang", "python", "--force"]) == 2
    assert "hello.py is there, and no file" in capsys.readouterr().err


def test_a_link_is_replaced_and_not_written_through(lessons: Path) -> None:
    (lessons / "pipe").mkdir()
    (lessons / "notes").write_text("mine\n")
    (lessons / "pipe/hello.py").symlink_to("../notes")
    assert main(["start", "pipe", "--lang", "python", "--force"]) == 0
    assert (lessons / "notes").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bare"], "has no files to begin with"),
        (["pipe", "--lang", "java"], "choose one of: python, c"),
        (["pip"], "did you mean `pipe`?"),
        (["pipe", "file", "--lang", "c"], "this is no folder"),
        (["pipe", "file/below", "--lang", "c"], "cannot be written"),
    ],
)
def test_what_can_not_be_done_says_why(
    lessons: Path, capsys: Captured, arguments: list[str], said: str
) -> None:
    Path("file").touch()
    assert main(["start", *arguments]) == 2
    assert said in capsys.readouterr().err
