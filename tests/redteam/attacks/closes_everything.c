// threat: Attack the grader
// attack: closes every descriptor, 0, 1 and 2 too, and uses their numbers for pipes of its own
// happens: what it printed before counts, what it does after is seen
// sees: pipe.write pipe.read
#include "attack.h"

int main(void) {
    char byte;
    held();
    fflush(stdout);
    for (int fd = 0; fd < 64; fd++) close(fd);
    int ends[2];
    if (pipe(ends) || ends[0] != 0 || ends[1] != 1) return 1;
    return write(1, "x", 1) != 1 || read(0, &byte, 1) != 1;
}
