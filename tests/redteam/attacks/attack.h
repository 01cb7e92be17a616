// What the attacks share: an attack says "breach" for everything that got through, "held" at its end.
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define BREACH(...) (printf("breach: " __VA_ARGS__), putchar('\n'), fflush(stdout))
#define MUST_FAIL(call) do { errno = 0; if ((long)(call) != -1) BREACH("%s", #call); } while (0)

// Refused for what it is, not for how it was asked.
#define REFUSED(call) do { errno = 0; if ((long)(call) != -1 || (errno != EPERM && errno != ENOSYS)) BREACH("%s: %m", #call); } while (0)

static inline int held(void) {
    puts("held");
    return 0;
}
