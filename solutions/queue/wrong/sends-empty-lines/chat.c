/* chat KEY ROLE: two processes talk over one message queue. ROLE is a (host) or b (guest). */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

enum { MOST = 1024 };

struct message {
    long type;
    char text[MOST];
};

/* What both threads need to know. */
struct chat {
    int queue;
    char peer;
    long mine, theirs; /* types */
};

/* A system call failed: say which one and end, from whichever thread. */
static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "chat: %s: %s\n", call, strerror(errno));
    _Exit(1);
}

/* The key that a decimal number stands for, -1 if it is none. */
static long key_of(const char *number)
{
    if (*number == '\0' || number[strspn(number, "0123456789")] != '\0')
        return -1;
    errno = 0;
    long key = strtol(number, NULL, 10);
    return errno != 0 || key > INT_MAX ? -1 : key;
}

/* Waits while the queue is full. */
static void send_text(const struct chat *chat, const char *text, size_t size)
{
    struct message message = {.type = chat->mine};
    memcpy(message.text, text, size);
    while (msgsnd(chat->queue, &message, size, 0) == -1)
        if (errno != EINTR)
            fail("msgsnd");
}

/* The second thread: print what the peer sends until its empty message comes. */
static void *receive(void *argument)
{
    const struct chat *chat = argument;
    struct message message;
    for (;;) {
        ssize_t size = msgrcv(chat->queue, &message, MOST, chat->theirs, 0);
        if (size == -1 && errno == EINTR)
            continue;
        if (size == -1)
            fail("msgrcv");
        if (size == 0)
            return NULL;
        printf("%c: %.*s\n", chat->peer, (int)size, message.text);
        if (fflush(stdout) == EOF)
            fail("write");
    }
}

/* One message for each line of stdin that is not empty. */
static void send_lines(const struct chat *chat)
{
    char *line = NULL;
    size_t room = 0;
    for (ssize_t size; (size = getline(&line, &room, stdin)) != -1;) {
        if (line[size - 1] == '\n')
            size--;
        if (size > MOST) {
            fprintf(stderr, "chat: a line has more than %d bytes\n", MOST);
            _Exit(1);
        }
        send_text(chat, line, (size_t)size);
    }
    free(line);
}

int main(int argc, char *argv[])
{
    if (argc != 3 || key_of(argv[1]) == -1
        || (strcmp(argv[2], "a") != 0 && strcmp(argv[2], "b") != 0)) {
        fprintf(stderr, "usage: chat KEY a|b\n");
        return 2;
    }
    int host = argv[2][0] == 'a';
    struct chat chat = {.peer = host ? 'b' : 'a', .mine = host ? 1 : 2, .theirs = host ? 2 : 1};
    chat.queue = msgget((key_t)key_of(argv[1]), IPC_CREAT | 0600);
    if (chat.queue == -1)
        fail("msgget");
    pthread_t receiver;
    if ((errno = pthread_create(&receiver, NULL, receive, &chat)) != 0)
        fail("pthread_create");
    send_lines(&chat);
    if (host)
        send_text(&chat, "", 0);
    pthread_join(receiver, NULL); /* until the peer's empty message */
    if (!host)
        send_text(&chat, "", 0);
    else if (msgctl(chat.queue, IPC_RMID, NULL) == -1)
        fail("msgctl");
    return 0;
}
