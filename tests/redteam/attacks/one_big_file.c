// threat: Exhaust
// attack: one file beyond the limit
// happens: limit `files`
// expect: limit:files
#include "attack.h"

int main(void) {
    static char block[1 << 20];
    int fd = open("big", O_WRONLY | O_CREAT, 0600);
    memset(block, 'x', sizeof block);
    while (write(fd, block, sizeof block) > 0) { }
    return held();
}
