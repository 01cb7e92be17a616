"""What observing costs: whole-process time of `grade trace` over `strace -f --seccomp-bpf`.

Both watch the same calls of the same programs and write what they saw to a file; pairs are run in
turn, and the median of the pairs' ratios counts. Needs strace and a C compiler.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.kernel.seccomp import number
from grader.kernel.table import TABLE

ROOT = Path(__file__).parent.parent
PAIRS = 7
GRADE = [sys.executable, "-m", "grader", "trace"]

ROUND_TRIPS = """
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    int count = atoi(argv[argc - 1]), there[2], back[2];
    char byte = 'x';
    if (pipe(there) || pipe(back)) return 1;
    if (fork() == 0) {
        for (int i = 0; i < count; i++)
            if (read(there[0], &byte, 1) != 1 || write(back[1], &byte, 1) != 1) _exit(1);
        _exit(0);
    }
    for (int i = 0; i < count; i++)
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) return 1;
    wait(NULL);
    return 0;
}
"""
MESSAGES = """
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    int count = atoi(argv[argc - 1]), queue = msgget(IPC_PRIVATE, 0600);
    struct { long type; char text[64]; } message = {1, "hello"};
    if (fork() == 0) {
        for (int i = 0; i < count; i++) msgrcv(queue, &message, sizeof message.text, 1, 0);
        _exit(0);
    }
    for (int i = 0; i < count; i++) msgsnd(queue, &message, sizeof message.text, 0);
    wait(NULL);
    msgctl(queue, IPC_RMID, NULL);
    return 0;
}
"""
CHILDREN = """
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    int count = atoi(argv[argc - 1]), hold[2];
    if (pipe(hold)) return 1;
    for (int i = 0; i < count; i++)
        if (fork() == 0) {
            char byte;
            close(hold[1]);
            _exit(read(hold[0], &byte, 1));
        }
    int ends[2];
    char byte = 'x';
    if (pipe(ends)) return 1;
    for (int i = 0; i < 4000; i++)
        if (write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1) return 1;
    close(hold[1]);
    while (wait(NULL) > 0) {}
    return 0;
}
"""


def timed(command: list[str]) -> float:
    """Seconds from start to end of one command; its output is thrown away."""
    started = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def compare(title: str, program: list[str], folder: Path) -> None:
    calls = ",".join(f"?{name}" for name in TABLE if number(name) is not None)
    ours = [*GRADE, "-o", str(folder / "ours"), "--", *program]
    theirs = ["strace", "-f", "--seccomp-bpf", "-e", f"trace={calls}", "-o", str(folder / "theirs")]
    pairs = [(timed(ours), timed([*theirs, *program])) for _pair in range(PAIRS)]
    ratios = [a / b for a, b in pairs]
    print(
        f"{title:28} grade trace {statistics.median(a for a, _ in pairs):6.2f} s   "
        f"strace {statistics.median(b for _, b in pairs):6.2f} s   "
        f"ratio {statistics.median(ratios):5.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def main() -> None:
    if shutil.which("strace") is None:
        sys.exit("strace is missing: apt-get install strace")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def built(stem: str, source: str) -> str:
            (folder / f"{stem}.c").write_text(source)
            command = ["cc", "-O1", "-o", str(folder / stem), str(folder / f"{stem}.c")]
            subprocess.run(command, check=True)
            return str(folder / stem)

        hello = (ROOT / "solutions/pipe/c/hello.c").read_text()
        compare("hello in C", [built("hello", hello)], folder)
        python_hello = str(ROOT / "solutions/pipe/python/hello.py")
        compare("hello in Python", [sys.executable, python_hello], folder)
        compare("20,000 pipe round trips", [built("trips", ROUND_TRIPS), "20000"], folder)
        compare("2,000 queue messages", [built("messages", MESSAGES), "2000"], folder)
        children = built("children", CHILDREN)
        few = statistics.median(
            timed([*GRADE, "-o", "/dev/null", "--", children, "10"]) for _ in range(3)
        )
        many = statistics.median(
            timed([*GRADE, "-o", "/dev/null", "--", children, "200"]) for _ in range(3)
        )
        print(f"8,000 calls beside 10 children {few:.2f} s, beside 200 children {many:.2f} s")


if __name__ == "__main__":
    main()
