// threat: Blind the observer
// attack: rewrites its own code through `/proc/self/mem`, so that a harmless call becomes another one
// happens: seen as the call it is
// sees: pipe.write
// stopped: no
#include "attack.h"

__attribute__((noinline)) static long harmless(long a, long b, long c) { return syscall(SYS_getppid, a, b, c); }

__attribute__((noinline)) static long real(long a, long b, long c) { return syscall(SYS_write, a, b, c); }

int main(void) {
    int ends[2], memory = open("/proc/self/mem", O_RDWR);
    if (pipe(ends)) return 1;
    size_t size = (char *)real > (char *)harmless ? (char *)real - (char *)harmless : 0;
    if (memory >= 0 && size > 0 && size < 256)
        for (size_t at = 0; at + 4 <= size; at++) {
            int word = *(int *)((char *)harmless + at), wanted = SYS_write;
            if (word == SYS_getppid && pwrite(memory, &wanted, 4, (off_t)((char *)harmless + at)) == 4) break;
        }
    harmless(ends[1], (long)"x", 1);
    if (write(ends[1], "x", 1) != 1) return 1;
    return held();
}
