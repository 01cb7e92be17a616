// threat: Blind the observer
// attack: execs a program file that may not be read, so that `/proc` hides its descriptors
// happens: killed: what cannot be observed does not run
// prints: no
// bounds: wall=2
// tiers: namespaces
#include "attack.h"

int main(int argc, char **argv) {
    if (argc > 1) {
        if (getuid() != 0) BREACH("runs unobserved");
        return 0;
    }
    char name[PATH_MAX];
    static char block[1 << 16];
    snprintf(name, sizeof name, "%s-2", argv[0]);
    int from = open(argv[0], O_RDONLY), to = open(name, O_WRONLY | O_CREAT, 0700);
    ssize_t size;
    while ((size = read(from, block, sizeof block)) > 0)
        if (write(to, block, size) != size) return 1;
    close(to);
    chmod(name, 0111);
    execl(name, name, "again", (char *)0);
    return 1;
}
