/* chat KEY ROLE with two processes: the child reads stdin and sends, the parent receives. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <unistd.h>

static int queue;
static struct {
    long type;
    char text[1024];
} buffer;

static void check(long result, const char *call)
{
    if (result != -1)
        return;
    dprintf(2, "chat: %s: %s\n", call, strerror(errno));
    _exit(1);
}

static void say(long type, size_t size)
{
    buffer.type = type;
    check(msgsnd(queue, &buffer, size, 0), "msgsnd");
}

static void from_stdin(long type)
{
    char piece[700];
    size_t length = 0;
    for (ssize_t got; (got = read(0, piece, sizeof piece)) != 0;) {
        check(got, "read");
        for (ssize_t i = 0; i < got; i++) {
            if (piece[i] == '\n') {
                if (length)
                    say(type, length);
                length = 0;
            } else if (length < sizeof buffer.text) {
                buffer.text[length++] = piece[i];
            }
        }
    }
    if (length)
        say(type, length);
}

static void to_stdout(long type)
{
    char prefix[] = {type == 1 ? 'a' : 'b', ':', ' '};
    for (;;) {
        ssize_t size = msgrcv(queue, &buffer, sizeof buffer.text, type, MSG_NOERROR);
        check(size, "msgrcv");
        if (!size)
            return;
        char line[sizeof prefix + sizeof buffer.text + 1];
        memcpy(line, prefix, sizeof prefix);
        memcpy(line + sizeof prefix, buffer.text, (size_t)size);
        line[(size_t)size + sizeof prefix] = '\n';
        check(write(1, line, (size_t)size + sizeof prefix + 1), "write");
    }
}

int main(int argc, char **argv)
{
    char *end = "x";
    unsigned long key = argc == 3 ? strtoul(argv[1], &end, 10) : 0;
    if (argc != 3 || *end || !argv[1][0] || strlen(argv[2]) != 1 || !strchr("ab", argv[2][0])) {
        dprintf(2, "usage: %s KEY a|b\n", argv[0]);
        return 2;
    }
    int guest = argv[2][0] == 'b';
    queue = msgget((key_t)key, IPC_CREAT | 0600);
    check(queue, "msgget");
    int ended[2];
    check(pipe(ended), "pipe");
    pid_t child = fork();
    check(child, "fork");
    if (child == 0) {
        close(ended[0]);
        from_stdin(1 + guest);
        if (!guest)
            say(1, 0);
        _exit(0);
    }
    close(ended[1]);
    to_stdout(2 - guest);
    char nothing;
    check(read(ended[0], &nothing, 1), "read");
    if (guest)
        say(2, 0);
    else
        check(msgctl(queue, IPC_RMID, NULL), "msgctl");
    return 0;
}
