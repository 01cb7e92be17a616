// threat: Forge the result
// attack: replaces its own program file, leaves modules that would shadow others
// happens: the next run has a fresh copy
// runs: 2
#include "attack.h"

int main(int argc, char **argv) {
    if (access("planted", F_OK) == 0) BREACH("the plant is there");
    unlink(argv[0]);
    int fd = open(argv[0], O_WRONLY | O_CREAT, 0755);
    if (fd >= 0) dprintf(fd, "#!/bin/sh\necho breach: replaced\n");
    close(open("planted", O_WRONLY | O_CREAT, 0644));
    close(open("sitecustomize.py", O_WRONLY | O_CREAT, 0644));
    return held();
}
