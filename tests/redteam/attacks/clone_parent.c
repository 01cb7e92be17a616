// threat: Blind the observer
// attack: a child that is made the grader's own (CLONE_PARENT), one that shares memory and descriptors
// happens: observed as its maker's children
// sees: process.fork pipe.write pipe.read
#include "attack.h"

static int ends[2];

static int child(void *unused) {
    (void)unused;
    return write(ends[1], "x", 1) != 1;
}

int main(void) {
    static char stacks[2][1 << 16];
    char bytes[2];
    if (pipe(ends)) return 1;
    if (clone(child, stacks[0] + sizeof stacks[0], CLONE_PARENT | SIGCHLD, NULL) < 0) return 1;
    if (clone(child, stacks[1] + sizeof stacks[1], CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, NULL) < 0) return 1;
    if (read(ends[0], bytes, 1) != 1 || read(ends[0], bytes, 1) != 1) return 1;
    wait(NULL);
    return held();
}
