// threat: Attack the grader
// attack: names with carriage returns that look like lines of `/proc/<pid>/maps` and `status`, while it makes a call from memory of its own
// happens: the name that they are
// sees: pipe.create
// flags: -g
#include "attack.h"

int main(void) {
#ifdef __x86_64__
    unsigned char call[] = {0xb8, SYS_pipe2 & 0xff, SYS_pipe2 >> 8, 0, 0, 0x0f, 0x05, 0xc3}; // mov $…, %eax; syscall; ret
#else
    unsigned int call[] = {0xd2800008 | SYS_pipe2 << 5, 0xd4000001, 0xd65f03c0}; // mov x8, #…; svc #0; ret
#endif
    int ends[2];
    prctl(PR_SET_NAME, "a\rTgid:\t1\rx");
    if (mkdir("d\rzz-zz r-xp 0 0:0 0 ", 0700) == -1) return 1;
    int fd = open("d\rzz-zz r-xp 0 0:0 0 /x", O_CREAT | O_RDWR, 0700);
    if (fd == -1 || ftruncate(fd, 4096) == -1) return 1;
    if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED) return 1;
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED) return 1;
    memcpy(code, call, sizeof call);
    __builtin___clear_cache((char *)code, (char *)code + sizeof call);
    if (((int (*)(int *, int))code)(ends, 0) != 0) return 1;
    return held();
}
