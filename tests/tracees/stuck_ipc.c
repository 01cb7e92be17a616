/* One way to be stuck for each mechanism: the first argument says which. With a second argument
 * "helper" a child ends the wait, so that it is not for ever. */
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct message { long type; char text[4096]; };

static struct message message = {1, ""};
static struct timespec soon = {0, 50 * 1000 * 1000};
static int queue, set;

static void receive(void) { msgrcv(queue, &message, sizeof message.text, 2, 0); }
static void send_2(void) { message.type = 2; msgsnd(queue, &message, 4, 0); }
static void fill(void)
{
    for (int i = 0; i < 5; i++)
        msgsnd(queue, &message, sizeof message.text, 0);
}
static void take(void) { msgrcv(queue, &message, sizeof message.text, 0, 0); }
static void down(void) { struct sembuf op = {1, -1, 0}; semop(set, &op, 1); }
static void up(void) { struct sembuf op = {1, 1, 0}; semop(set, &op, 1); }
static void down_timed(void) { struct sembuf op = {1, -1, 0}; semtimedop(set, &op, 1, &soon); }

static void with_helper(void (*wait_for)(void), void (*help)(void), const char *how)
{
    if (how && !strcmp(how, "helper") && fork() == 0) {
        nanosleep(&soon, 0);
        help();
        _exit(0);
    }
    wait_for();
    while (wait(0) > 0)
        ;
}

static sem_t *semaphore;
static void sem_down(void) { sem_wait(semaphore); }
static void sem_up(void) { sem_post(semaphore); }

static mqd_t posix_queue;
static char text[8192];
static void mq_take(void) { mq_receive(posix_queue, text, sizeof text, 0); }
static void mq_put(void) { mq_send(posix_queue, "x", 1, 0); }

/* A thread of the C library waits for notices; they do not end the wait for a byte. */
static void ignore(union sigval value) { (void)value; }
static void notified(const char *how)
{
    int ends[2];
    char byte;
    struct sigevent tell = {.sigev_notify = SIGEV_THREAD};
    tell.sigev_notify_function = ignore;
    posix_queue = mq_open("/post", O_CREAT | O_RDWR, 0600, 0);
    mq_notify(posix_queue, &tell);
    pipe(ends);
    if (how && fork() == 0) {
        mq_put();
        nanosleep(&soon, 0);
        write(ends[1], "x", 1);
        _exit(0);
    }
    read(ends[0], &byte, 1);
}

static int counter;
static void count_down(void) { uint64_t value; read(counter, &value, 8); }
static void count_up(void) { uint64_t value = 1; write(counter, &value, 8); }

/* A waits in semop for B, B waits in read for A. */
static void mixed(void)
{
    int ends[2];
    pipe(ends);
    if (fork() == 0) {
        close(ends[1]);
        char byte;
        read(ends[0], &byte, 1);
        up();
        _exit(0);
    }
    close(ends[0]);
    down();
    wait(0);
}

int main(int count, char **argument)
{
    const char *what = argument[1], *how = count > 2 ? argument[2] : 0;
    queue = msgget(1234, IPC_CREAT | 0600);
    set = semget(1234, 2, IPC_CREAT | 0600);
    if (!strcmp(what, "receive"))
        with_helper(receive, send_2, how);
    else if (!strcmp(what, "send"))
        with_helper(fill, take, how);
    else if (!strcmp(what, "semop"))
        with_helper(down, up, how);
    else if (!strcmp(what, "semtimedop"))
        with_helper(down_timed, up, how);
    else if (!strcmp(what, "mixed"))
        mixed();
    else if (!strcmp(what, "named")) {
        semaphore = sem_open("/gate", O_CREAT, 0600, 0);
        with_helper(sem_down, sem_up, how);
    } else if (!strcmp(what, "anonymous")) {
        semaphore = mmap(0, sizeof *semaphore, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        sem_init(semaphore, 1, 0);
        with_helper(sem_down, sem_up, how);
    } else if (!strcmp(what, "mq")) {
        posix_queue = mq_open("/post", O_CREAT | O_RDWR, 0600, 0);
        with_helper(mq_take, mq_put, how);
    } else if (!strcmp(what, "notified")) {
        notified(how);
    } else if (!strcmp(what, "eventfd")) {
        counter = eventfd(0, 0);
        with_helper(count_down, count_up, how);
    }
    return 0;
}
