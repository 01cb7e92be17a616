"""Attacks on the build: secrets at compile time, compilers that never end or grow."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.run.build import build
from grader.run.spec import Bounds, BuildResult, BuildSpec, Isolation, Tree
from tests.redteam.conftest import Surroundings, plain_run

_COMMAND = ("cc", "-o", "hello", "hello.c")


def _built(source: str, tier: Isolation, **bounds: float) -> BuildResult:
    limits = Bounds(**{"wall": 20, "cpu": 10, "memory": 512 << 20, **bounds})  # type: ignore[arg-type] # a table
    tree = Tree({"hello.c": (source.encode(), False)})
    spec = BuildSpec((_COMMAND,), tree, ("hello",), limits, isolation=tier)
    return build(spec)


@pytest.mark.parametrize(
    "source",
    [
        '#include "{secret}"\nint main(void) {{ return 0; }}\n',
        '#include "../../../../../../../..{secret}"\nint main(void) {{ return 0; }}\n',
        '__asm__(".incbin \\"{secret}\\"");\nint main(void) {{ return 0; }}\n',
        '__asm__(".include \\"/proc/self/root{secret}\\"");\nint main(void) {{ return 0; }}\n',
        '#if __has_include("{secret}")\n#error solution_of_the_course\n#endif\n#error no\n',
        '#include "/proc/self/environ"\n#include "/proc/1/maps"\n#include "{secret}"\n',
    ],
)
def test_a_secret_does_not_reach_the_compiler(
    source: str, tier: Isolation, secret: Path, surroundings: Surroundings
) -> None:
    result = _built(source.format(secret=secret), tier)
    assert not result.ok
    assert "solution_of_the_course" not in result.output
    assert result.tree.files.keys() == {"hello.c"}


def test_a_compiler_bomb_ends_with_a_limit(tier: Isolation, surroundings: Surroundings) -> None:
    levels = "\n".join(f"#define A{n} A{n - 1} A{n - 1} A{n - 1} A{n - 1}" for n in range(1, 30))
    result = _built(f"#define A0 x+x+x+x\n{levels}\nint x = A29;\n", tier, cpu=1)
    assert not result.ok
    assert result.detail.startswith("more than ")
    plain_run(tier)


def test_a_bomb_of_bytes_ends_with_a_limit(tier: Isolation, surroundings: Surroundings) -> None:
    result = _built("char big[1L << 40] = {1};\nint main(void) { return 0; }\n", tier, cpu=2)
    assert not result.ok
    plain_run(tier)


@pytest.mark.parametrize(
    "source",
    [
        '#include "/dev/zero"\n',
        '__asm__(".incbin \\"/dev/zero\\"");\n',
        '#include "/dev/stdin"\n#error end\n',
        "#include __FILE__\n",
        '__asm__(".rept 1000000000\\n.quad 1\\n.endr");\n',
        "\n".join(f"undeclared{number} x;" for number in range(20_000)),
    ],
    ids=["endless", "endless data", "stdin", "itself", "repeated", "20,000 errors"],
)
def test_a_source_that_never_ends_fails_alone(
    source: str, tier: Isolation, surroundings: Surroundings
) -> None:
    result = _built(source, tier, cpu=2, memory=256 << 20)
    assert not result.ok
    assert len(result.output) <= 4 << 20
    assert result.tree.files.keys() == {"hello.c"}
    plain_run(tier)


_PLANTED = b"#!/bin/sh\necho planted >&2\nprintf 'planted' > hello\n"
_BESIDE = "cc gcc cc1 as ld collect2 sh hello specs plugin.so liblto_plugin.so hello.h.gch"


def test_what_lies_beside_a_source_is_no_part_of_the_compiler(
    tier: Isolation, surroundings: Surroundings
) -> None:
    files = dict.fromkeys(_BESIDE.split(), (_PLANTED, True))
    files["hello.c"] = (b'#include "hello.h"\nint main(void) { return answer; }\n', False)
    files["hello.h"] = (b"enum { answer = 42 };\n", False)
    limits = Bounds(wall=20, cpu=10, memory=512 << 20)
    result = build(BuildSpec((_COMMAND,), Tree(files), ("hello",), limits, isolation=tier))
    assert (result.ok, result.output) == (True, "")
    program, _executable = result.tree.files["hello"]
    assert program.startswith(b"\x7fELF")
    failed = _built("no program\n", tier)
    assert not failed.ok
    assert "hello" not in failed.tree.files


def test_what_a_build_leaves_is_gone(tier: Isolation, surroundings: Surroundings) -> None:
    assert _built("int main(void) { return 0; }\n", tier).ok
    again = _built('#include "hello"\nint main(void) { return 0; }\n', tier)
    assert not again.ok
