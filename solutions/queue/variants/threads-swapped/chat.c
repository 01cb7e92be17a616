/* chat KEY ROLE: the thread reads stdin through stdio and sends, main receives by the highest type
 * that it wants; a semaphore of the process says that stdin has ended. */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

static int queue;
static bool host;
static sem_t ended;

static void post(const char *text)
{
    size_t size = strlen(text);
    struct msgbuf *message = malloc(sizeof(long) + size + 1);
    message->mtype = host ? 1 : 2;
    memcpy(message->mtext, text, size + 1);
    if (msgsnd(queue, message, size, 0))
        err(1, "msgsnd");
    free(message);
}

static void *talk(void *nothing)
{
    char line[1026];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (*line)
            post(line);
    }
    if (host)
        post("");
    sem_post(&ended);
    return nothing;
}

int main(int argc, char **argv)
{
    if (argc != 3 || strspn(argv[1], "0123456789") != strlen(argv[1]) || *argv[1] == 0)
        errx(2, "KEY and a or b are needed");
    host = strcmp(argv[2], "a") == 0;
    if (!host && strcmp(argv[2], "b") != 0)
        errx(2, "%s is neither a nor b", argv[2]);
    if ((queue = msgget(atoi(argv[1]), IPC_CREAT | 0600)) < 0)
        err(1, "msgget");
    setvbuf(stdout, NULL, _IOLBF, 4096);
    sem_init(&ended, 0, 0);
    pthread_t thread;
    if (pthread_create(&thread, NULL, talk, NULL))
        errx(1, "pthread_create");
    pthread_detach(thread);
    struct {
        long type;
        char text[2000];
    } message;
    ssize_t size;
    while ((size = msgrcv(queue, &message, sizeof message.text, host ? 2 : -1, 0)) > 0)
        printf("%s: %.*s\n", host ? "b" : "a", (int)size, message.text);
    if (size < 0)
        err(1, "msgrcv");
    while (sem_wait(&ended) != 0)
        if (errno != EINTR)
            err(1, "sem_wait");
    if (!host)
        post("");
    else if (msgctl(queue, IPC_RMID, NULL))
        err(1, "msgctl");
    exit(0);
}
