// threat: Blind the observer
// attack: a static binary that makes raw system calls
// happens: seen as any other
// sees: pipe.write pipe.read process.fork
// flags: -static
#include "attack.h"

int main(void) {
    int pair[2];
    char text[6];
    syscall(SYS_pipe2, pair, 0);
    if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0) {
        syscall(SYS_write, pair[1], "hello", 5);
        syscall(SYS_exit_group, 0);
    }
    syscall(SYS_read, pair[0], text, 5);
    syscall(SYS_wait4, -1, 0, 0, 0);
    return held();
}
