// threat: Blind the observer
// attack: 32-bit calls by `int 0x80` (with `ipc()` and `socketcall()`), x32 numbers
// happens: ENOSYS
#include "attack.h"

int main(void) {
#ifdef __x86_64__
    long result;
    for (int number = 1; number < 400; number += 19) {
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(number == 1 ? 20 : number), "b"(0), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
        if ((int)result != -ENOSYS) BREACH("int 0x80 call %d: %d", number, (int)result);
    }
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(117), "b"(13), "c"(1), "d"(0) : "memory", "r8", "r9", "r10", "r11");
    if ((int)result != -ENOSYS) BREACH("ipc()");
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(102), "b"(1), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
    if ((int)result != -ENOSYS) BREACH("socketcall()");
    if (syscall(0x40000000 + 39) != -1 || errno != ENOSYS) BREACH("x32 getpid");
#endif
    return held();
}
