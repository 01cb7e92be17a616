"""A compiler's words are shortened to the errors, with the lines that they are about."""

from __future__ import annotations

from grader.report.compiler import errors, warnings

GCC = """\
In file included from hello.c:1:
hello.c: In function 'main':
hello.c:5:15: error: 'nothing' undeclared (first use in this function)
    5 |     int fds = nothing;
      |               ^~~~~~~
      |               nothin
hello.c:5:15: note: each undeclared identifier is reported only once
hello.c:7:14: warning: format '%d' expects argument of type 'int' [-Wformat=]
    7 |     printf("%d\\n", s);
      |             ~^     ~
hello.c:9:1: fatal error: what.h: No such file or directory
    9 | #include <what.h>
      |          ^~~~~~~~
compilation terminated.
"""
LD = """\
/usr/bin/ld: /tmp/cc34x2k1.o: in function `main':
/home/student/hello.c:3: undefined reference to `send_message'
collect2: error: ld returned 1 exit status
"""


def test_the_errors_stay_with_their_lines_and_what_is_left_out_is_said() -> None:
    assert errors(GCC).split("\n") == [
        "hello.c:5:15: error: 'nothing' undeclared (first use in this function)",
        "    5 |     int fds = nothing;",
        "      |               ^~~~~~~",
        "hello.c:9:1: fatal error: what.h: No such file or directory",
        "    9 | #include <what.h>",
        "      |          ^~~~~~~~",
        "(1 warning left out)",
    ]


def test_of_many_errors_the_first_ones_are_shown() -> None:
    many = "".join(f"hello.c:{line}:1: error: number {line}\n" for line in range(1, 8))
    assert errors(many).split("\n")[3:] == [
        "hello.c:4:1: error: number 4",
        "(3 more errors left out)",
    ]


def test_a_linkers_words_name_the_students_own_line() -> None:
    assert errors(LD) == "hello.c:3: undefined reference to `send_message'"


def test_words_in_no_form_that_is_known_stay_whole() -> None:
    assert errors("cc: killed\nwhat now?\n") == "cc: killed\nwhat now?\n"


def test_warnings_are_a_line_each() -> None:
    assert warnings(GCC) == (
        "hello.c:7:14: warning: format '%d' expects argument of type 'int' [-Wformat=]"
    )
    assert warnings("all is well\n") == ""
    assert warnings("a.c:1:1: warning: unused parameter 'argc' [-Wunused-parameter]\n") == ""
