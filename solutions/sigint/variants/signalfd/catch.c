/* catch with a descriptor: SIGINT stays blocked and is read from a signalfd. */
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int failed(const char *call)
{
    perror(call);
    return 1;
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return fputs("usage: catch\n", stderr), 2;
    sigset_t sigint;
    sigemptyset(&sigint);
    sigaddset(&sigint, SIGINT);
    if (sigprocmask(SIG_BLOCK, &sigint, NULL) == -1)
        return failed("sigprocmask");
    int fd = signalfd(-1, &sigint, SFD_CLOEXEC);
    if (fd == -1)
        return failed("signalfd");
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof info) != sizeof info)
        return failed("read");
    printf("Catch SIGINT!\n");
    return close(fd) == 0 ? 0 : failed("close");
}
