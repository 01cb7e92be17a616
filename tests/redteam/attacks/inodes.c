// threat: Exhaust
// attack: empty files without number
// happens: limit `files`
// expect: limit:files
// bounds: wall=40 cpu=20
#include "attack.h"

int main(void) {
    char name[64];
    for (int i = 0;; i++) {
        snprintf(name, sizeof name, "file-%d", i);
        int fd = open(name, O_WRONLY | O_CREAT, 0600);
        if (fd < 0) sleep(1000);
        close(fd);
    }
}
