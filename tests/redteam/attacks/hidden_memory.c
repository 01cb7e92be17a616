// threat: Exhaust
// attack: memory: shared pages that nobody's page tables show: filled by a child that ends, given back by madvise, of attached segments and of memfds without descriptors
// happens: limit `memory`; what the kernel does not tell counts a quarter
// expect: limit:memory
// bounds: wall=40 cpu=20 memory=32
#include "attack.h"

enum { SIZE = 16 << 20 };

static char *region(int kind) {
    if (kind == 0) return mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (kind == 1) return shmat(shmget(0x7ea50002, SIZE, IPC_CREAT | 0600), 0, 0);
    int fd = memfd_create("redteam", 0);
    ftruncate(fd, SIZE);
    char *at = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return at;
}

static void fill(char *at) {
    for (int page = 0; page < SIZE; page += 4096) {
        at[page] = 1;
        if (page % (1 << 20) == 0) madvise(at, SIZE, MADV_DONTNEED);
    }
    madvise(at, SIZE, MADV_DONTNEED);
}

int main(void) {
    for (int i = 0; i < 12; i++) {
        char *at = region(i % 3);
        if (at == MAP_FAILED) return 1;
        pid_t child = i % 2 ? fork() : -1;
        if (child <= 0) fill(at);
        if (child == 0) _exit(0);
        waitpid(child, NULL, 0);
    }
    pause();
}
