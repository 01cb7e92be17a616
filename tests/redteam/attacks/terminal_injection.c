// threat: Attack the grader
// attack: types into the terminal: TIOCSTI, TIOCLINUX, `/dev/tty`
// happens: refused, and there is no terminal
#include "attack.h"

int main(void) {
    char byte = 'x';
    for (int fd = 0; fd < 3; fd++) {
        MUST_FAIL(ioctl(fd, 0x5412, &byte));
        MUST_FAIL(ioctl(fd, 0x541C, &byte));
    }
    MUST_FAIL(open("/dev/tty", O_RDWR));
    MUST_FAIL(open("/dev/console", O_RDWR));
    MUST_FAIL(open("/dev/ptmx", O_RDWR));
    return held();
}
