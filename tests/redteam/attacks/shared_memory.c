// threat: Exhaust
// attack: memory: POSIX shared memory
// happens: limit `files` or `memory`
// expect: limit:files limit:memory
// bounds: wall=40 cpu=20 memory=64
#include "attack.h"

int main(void) {
    char name[64];
    for (int i = 0;; i++) {
        snprintf(name, sizeof name, "/redteam-%d", i);
        int fd = shm_open(name, O_RDWR | O_CREAT, 0600);
        if (fd < 0 || ftruncate(fd, 4 << 20)) sleep(1000);
        char *at = mmap(0, 4 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (at == MAP_FAILED) sleep(1000);
        for (int page = 0; page < 1024; page++)
            if (pwrite(fd, "x", 1, page * 4096L) != 1) sleep(1000);
    }
}
