/* Every call on a POSIX queue. */
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define JUNK 0xdeadbeef00000000UL

int main(void)
{
    char name[32], text[64];
    struct mq_attr bounds = {0, 2, 64, 0}, now;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct timespec past = {0, 0};
    unsigned priority;
    signal(SIGUSR1, SIG_IGN);
    snprintf(name, sizeof name, "/grade-%d", getpid());

    mq_open(name, O_RDONLY);                            /* ENOENT */
    mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &bounds);
    mqd_t again = mq_open(name, O_CREAT | O_WRONLY, 0600, &bounds);
    mq_notify(queue, &event);
    mq_notify(queue, 0);
    mq_send(again, "urgent", 6, 9);
    mq_send(queue, "plain", 5, 0);
    mq_timedsend(queue, "one too many", 12, 0, &past);  /* ETIMEDOUT: it is full */
    mq_getattr(queue, &now);
    syscall(SYS_mq_timedreceive, queue | JUNK, text, sizeof text, &priority, 0);
    mq_receive(queue, text, 1, 0);                      /* EMSGSIZE */
    mq_close(again);
    mq_unlink(name);
    mq_unlink(name);                                    /* ENOENT */
    mq_close(queue);
    return 0;
}
