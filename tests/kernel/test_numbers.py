"""The numbers of the system calls are those of the kernel's own headers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from grader.kernel.numbers import ARCHITECTURES, NUMBERS

HEADERS = {
    "x86_64": "x86_64-linux-gnu/asm/unistd_64.h",
    # aarch64 has the generic table, with the calls that 64-bit architectures share
    "aarch64": "asm-generic/unistd.h",
}
_AARCH64_HAS = "renameat new_stat set_get_rlimit sys_clone3 memfd_secret".split()
_DEFINES = [f"-D__ARCH_WANT_{name.upper()}" for name in _AARCH64_HAS]
"""What arch/arm64/include/uapi/asm/unistd.h asks of the generic table."""


def _table(header: Path) -> dict[str, int]:
    """Names and numbers as the preprocessor of a 64-bit machine leaves them."""
    wanted = [*_DEFINES, "-D__BITS_PER_LONG=64"]
    command = ["cc", "-E", "-dM", *wanted, "-include", str(header), "-x", "c", "/dev/null"]
    defined = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = dict(re.findall(r"^#define (__NR\w*) (\w+)$", defined, re.MULTILINE))

    def value(text: str) -> int:
        return int(text) if text.isdigit() else value(names[text])

    return {
        name.removeprefix("__NR_"): value(number)
        for name, number in names.items()
        if name.startswith("__NR_") and name != "__NR_syscalls"
    }


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_numbers_are_those_of_the_kernels_header(architecture: str) -> None:
    header = Path("/usr/include", HEADERS[architecture])
    if not header.exists():
        pytest.skip(f"{header} is missing: apt-get install linux-libc-dev")
    theirs = _table(header)
    assert len(theirs) > 250
    known = {number: name for name, number in theirs.items()}
    index = ARCHITECTURES.index(architecture)
    ours = {name: numbers[index] for name, numbers in NUMBERS.items()}
    # a call that is newer than these headers has a number that they give to no other
    differ = {
        name: (number, theirs.get(name), known.get(number or -1))
        for name, number in ours.items()
        if theirs.get(name, number) != number or known.get(number or -1, name) != name
    }
    assert differ == {}
