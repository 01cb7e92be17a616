// threat: Exhaust
// attack: files that are open and have lost their names, in its folder and in `/dev/shm`; files in a folder of `/dev/shm`
// happens: limit `files` or `memory`
// expect: limit:files limit:memory
// bounds: wall=40 cpu=20 memory=64
#include "attack.h"

int main(void) {
    static char mebibyte[1 << 20] = {1};
    char name[64];
    mkdir("/dev/shm/redteam-folder", 0700);
    const char *places[] = {"/dev/shm/redteam", "/dev/shm/redteam-folder/file", "lib/python/redteam"};
    mkdir("lib", 0700), mkdir("lib/python", 0700);
    for (int i = 0; i < 24; i++) {
        snprintf(name, sizeof name, "%s%d", places[i % 3], i);
        int fd = open(name, O_CREAT | O_WRONLY, 0600);
        if (i % 3 != 1) unlink(name);
        for (int part = 0; part < 8; part++) write(fd, mebibyte, sizeof mebibyte);
    }
    pause();
}
