// threat: Exhaust
// attack: a sparse file of 10 GB
// happens: limit `files`
// expect: limit:files
#include "attack.h"

int main(void) {
    int fd = open("sparse", O_WRONLY | O_CREAT, 0600);
    signal(SIGXFSZ, SIG_DFL);
    MUST_FAIL(ftruncate(fd, 10L << 30));
    return held();
}
