// threat: Read what is not yours
// attack: ptrace, process_vm_readv and process_vm_writev on PID 1, its parent, the grader, a child; becomes its parent's tracee
// happens: refused
// args: {grader}
#include "attack.h"

int main(int argc, char **argv) {
    long pids[] = {1, getppid(), atol(argv[1] + 4)};
    char buffer[16];
    struct iovec here = {buffer, sizeof buffer}, there = {(void *)0x400000, sizeof buffer};
    for (int i = 0; i < 3; i++) {
        MUST_FAIL(ptrace(PTRACE_ATTACH, pids[i], 0, 0));
        MUST_FAIL(ptrace(PTRACE_SEIZE, pids[i], 0, 0));
        MUST_FAIL(process_vm_readv(pids[i], &here, 1, &there, 1, 0));
        MUST_FAIL(process_vm_writev(pids[i], &here, 1, &there, 1, 0));
    }
    pid_t child = fork();
    if (child == 0) _exit(pause());
    there.iov_base = buffer;
    MUST_FAIL(process_vm_writev(child, &here, 1, &there, 1, 0)); // an exchange that no one would see
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
    MUST_FAIL(ptrace(PTRACE_TRACEME, 0, 0, 0));
    return held();
}
