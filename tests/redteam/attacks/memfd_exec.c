// threat: Blind the observer
// attack: a program that exists only in memory (memfd and execveat)
// happens: followed like any other
// sees: process.exec
#include "attack.h"

int main(int argc, char **argv) {
    if (argc > 1) return held();
    static char block[1 << 16];
    int from = open(argv[0], O_RDONLY), to = memfd_create("redteam", 0);
    ssize_t size;
    while ((size = read(from, block, sizeof block)) > 0)
        if (write(to, block, size) != size) return 1;
    char *again[] = {"redteam", "again", 0}, *none[] = {0};
    syscall(SYS_execveat, to, "", again, none, AT_EMPTY_PATH);
    return 1;
}
