// threat: Exhaust
// attack: fills the disk with files
// happens: limit `files`
// expect: limit:files
#include "attack.h"

int main(void) {
    static char block[1 << 20];
    char name[64];
    memset(block, 'x', sizeof block);
    for (int i = 0;; i++) {
        snprintf(name, sizeof name, "file-%d", i);
        int fd = open(name, O_WRONLY | O_CREAT, 0600);
        if (fd < 0 || write(fd, block, sizeof block) < 0) sleep(1000);
        close(fd);
    }
}
