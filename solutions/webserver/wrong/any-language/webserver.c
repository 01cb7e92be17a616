/* webserver PORT ROOT: static files over HTTP, a new process for every connection. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_HEAD = 8192 };

static volatile sig_atomic_t terminated;

/* The children that run now. */
static pid_t *children;
static size_t count, room;

static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "webserver: %s: %s\n", call, strerror(errno));
    exit(1);
}

static void send_all(int client, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = write(client, data, size);
        if (sent == -1 && errno == EINTR)
            continue;
        if (sent == -1)
            fail("write");
        data += sent;
        size -= (size_t)sent;
    }
}

static void send_head(int client, const char *status, const char *type, off_t length)
{
    char head[512];
    int size = snprintf(head, sizeof head,
                        "HTTP/1.1 %s\r\nContent-Length: %lld\r\nContent-Type: %s\r\n"
                        "Connection: close\r\n\r\n", status, (long long)length, type);
    send_all(client, head, (size_t)size);
}

static void refuse(int client, const char *status)
{
    char body[64];
    int size = snprintf(body, sizeof body, "%s\n", status);
    send_head(client, status, "text/plain", size);
    send_all(client, body, (size_t)size);
}

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".png", "image/png"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

/* %41 becomes A, in place. */
static void decode(char *path)
{
    char *to = path;
    for (const char *from = path; *from != '\0'; from++, to++) {
        unsigned value;
        if (*from == '%' && strspn(from + 1, "0123456789abcdefABCDEF") >= 2
            && sscanf(from + 1, "%2x", &value) == 1) {
            *to = (char)value;
            from += 2;
        } else {
            *to = *from;
        }
    }
    *to = '\0';
}

/* A descriptor of the regular file that is meant, -1 if there is none under root. */
static int open_below(const char *root, const char *path)
{
    char wanted[PATH_MAX + MOST_HEAD], place[PATH_MAX];
    snprintf(wanted, sizeof wanted, "%s/%s", root, path);
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (realpath(wanted, place) == NULL || strncmp(place, root, length) != 0
        || place[length] != '/')
        return -1;
    int file = open(place, O_RDONLY | O_NONBLOCK);
    struct stat facts;
    if (file != -1 && (fstat(file, &facts) == -1 || !S_ISREG(facts.st_mode))) {
        close(file);
        return -1;
    }
    return file;
}

static void send_file(int client, int file, const char *type)
{
    struct stat facts;
    if (fstat(file, &facts) == -1)
        fail("fstat");
    send_head(client, "200 OK", type, facts.st_size);
    char block[65536];
    for (ssize_t size; (size = read(file, block, sizeof block)) != 0;) {
        if (size == -1)
            fail("read");
        send_all(client, block, (size_t)size);
    }
}

/* The whole life of a child. */
static void serve(int client, const char *root)
{
    char head[MOST_HEAD + 1] = "";
    size_t size = 0;
    while (strstr(head, "\r\n\r\n") == NULL && size < MOST_HEAD) {
        ssize_t got = read(client, head + size, MOST_HEAD - size);
        if (got == -1)
            fail("read");
        if (got == 0)
            break;
        size += (size_t)got;
        head[size] = '\0';
    }
    char method[32], path[MOST_HEAD + 1];
    if (strstr(head, "\r\n\r\n") == NULL
        || sscanf(head, "%31[!-~] %8192[!-~]", method, path) < 1) {
        refuse(client, "400 Bad Request");
        return;
    }
    if (strcmp(method, "GET") != 0) {
        refuse(client, "405 Method Not Allowed");
        return;
    }
    path[strcspn(path, "?")] = '\0';
    decode(path);
    const char *name = strcmp(path, "/") == 0 ? "/index.html" : path;
    int file = open_below(root, name);
    if (file == -1)
        refuse(client, "404 Not Found");
    else
        send_file(client, file, type_of(name));
}

static void reap(void)
{
    for (pid_t child; (child = waitpid(-1, NULL, WNOHANG)) > 0;)
        for (size_t i = 0; i < count; i++)
            if (children[i] == child)
                children[i--] = children[--count];
}

static void start_child(int listener, int client, const char *root, const sigset_t *no_signals)
{
    if (count == room) {
        room = room * 2 + 16;
        children = realloc(children, room * sizeof *children);
        if (children == NULL)
            fail("realloc");
    }
    pid_t child = fork();
    if (child == -1)
        fail("fork");
    if (child == 0) {
        signal(SIGTERM, SIG_DFL);
        sigprocmask(SIG_SETMASK, no_signals, NULL);
        close(listener);
        serve(client, root);
        exit(0);
    }
    children[count++] = child;
}

static void on_signal(int number)
{
    if (number == SIGTERM)
        terminated = 1;
}

static int listen_on(int port)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listener == -1)
        fail("socket");
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1)
        fail("bind");
    if (listen(listener, 128) == -1)
        fail("listen");
    return listener;
}

int main(int argc, char *argv[])
{
    char *end = NULL;
    long port = argc == 3 ? strtol(argv[1], &end, 10) : -1;
    if (argc != 3 || end == argv[1] || *end != '\0' || port < 0 || port > 65535) {
        fprintf(stderr, "usage: webserver PORT ROOT\n");
        return 2;
    }
    char root[PATH_MAX];
    if (realpath(argv[2], root) == NULL)
        fail("realpath");
    /* The two signals come only while ppoll sleeps. */
    sigset_t ours, none;
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ours, &none);
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGCHLD, &action, NULL);
    struct pollfd listener = {.fd = listen_on((int)port), .events = POLLIN};
    while (!terminated) {
        int ready = ppoll(&listener, 1, NULL, &none);
        if (ready == -1 && errno != EINTR)
            fail("ppoll");
        reap();
        int client = ready == 1 ? accept(listener.fd, NULL, NULL) : -1;
        if (client != -1) {
            start_child(listener.fd, client, root, &none);
            close(client);
        } else if (ready == 1 && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
            fail("accept");
        }
    }
    for (size_t i = 0; i < count; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
    return 0;
}
