// threat: Blind the observer
// attack: dispositions and masks at an address whose lower half is that of a null pointer
// happens: seen as any other
// sees: signal.ignore signal.block
#include "attack.h"

struct kernel_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};

int main(void) {
    void *place = mmap((void *)0x100000000, 4096, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (place == MAP_FAILED)
        return 1;
    *(struct kernel_action *)place = (struct kernel_action){SIG_IGN, 0, NULL, 0};
    if (syscall(SYS_rt_sigaction, SIGUSR1, place, NULL, 8) == -1)
        return 1;
    *(unsigned long *)place = 1ul << (SIGUSR2 - 1);
    if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, place, NULL, 8) == -1)
        return 1;
    return held();
}
