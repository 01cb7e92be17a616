/* webserver PORT ROOT: each server process is a grandchild, which init reaps; it reads one byte at a
 * time and leaves the path to chroot-like care: every part of it is looked at by realpath. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[PATH_MAX];

static void die(const char *call)
{
    perror(call);
    exit(1);
}

static void reply(int client, const char *status, const char *more)
{
    dprintf(client, "HTTP/1.1 %s\nConnection: Close\n%s\n", status, more);
}

static void unescape(char *text)
{
    for (char *hit = text; (hit = strchr(hit, '%')) != NULL; hit++) {
        char digits[3] = {hit[1], hit[1] ? hit[2] : '\0', '\0'};
        *hit = (char)strtol(digits, NULL, 16);
        memmove(hit + 1, hit + 3, strlen(hit + 3) + 1);
    }
}

static void deliver(int client, char *path)
{
    unescape(path);
    char wanted[PATH_MAX * 2], real[PATH_MAX], more[256];
    snprintf(wanted, sizeof wanted, "%s%s%s", root, path, strcmp(path, "/") ? "" : "index.html");
    bool inside = realpath(wanted, real) && !strncmp(real, root, strlen(root))
        && real[strlen(root)] == '/';
    struct stat facts;
    int file = inside ? open(real, O_RDONLY) : -1;
    if (file == -1 || fstat(file, &facts) || !S_ISREG(facts.st_mode)) {
        reply(client, "404 Not Found", "");
        return;
    }
    const char *dot = strrchr(wanted, '.'), *type = "application/octet-stream";
    if (dot && !strcmp(dot, ".html"))
        type = "text/html;charset=utf-8";
    if (dot && !strcmp(dot, ".txt"))
        type = "text/plain";
    if (dot && !strcmp(dot, ".css"))
        type = "text/css";
    if (dot && !strcmp(dot, ".png"))
        type = "image/png";
    snprintf(more, sizeof more, "Content-Length: %ld\nContent-Type: %s\n", (long)facts.st_size, type);
    reply(client, "200 OK", more);
    size_t size = (size_t)facts.st_size;
    char *content = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0) : NULL;
    for (size_t done = 0; done < size;) {
        ssize_t sent = send(client, content + done, size - done, MSG_NOSIGNAL);
        if (sent == -1)
            die("send");
        done += (size_t)sent;
    }
}

static void talk(int client)
{
    char head[16384];
    size_t size = 0;
    do {
        if (size == sizeof head - 1 || read(client, head + size, 1) != 1)
            return;
        head[++size] = '\0';
    } while (size < 4 || strcmp(head + size - 4, "\r\n\r\n") != 0);
    char *line = strtok(head, "\r"), method[16], path[4096], version[16], rest;
    if (line == NULL || sscanf(line, "%15s %4000s %15s %c", method, path, version, &rest) != 3
        || strncmp(version, "HTTP/", 5))
        reply(client, "400 Bad Request", "");
    else if (strcmp(method, "GET"))
        reply(client, "405 Method Not Allowed", "");
    else
        deliver(client, path);
}

static void stop(int number)
{
    (void)number;
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    _exit(0);
}

int main(int argc, char **argv)
{
    if (argc != 3 || strspn(argv[1], "0123456789") != strlen(argv[1]) || !*argv[1]) {
        fprintf(stderr, "usage: %s PORT ROOT\n", argv[0]);
        return 2;
    }
    if (!realpath(argv[2], root))
        die("realpath");
    setpgid(0, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (void *)&address, sizeof address))
        die("bind");
    signal(SIGTERM, stop);
    if (listen(listener, SOMAXCONN))
        die("listen");
    for (int client; (client = accept(listener, NULL, NULL)) != -1; close(client)) {
        pid_t child = fork();
        if (child == 0) {
            if (fork() != 0)
                _exit(0);
            signal(SIGTERM, SIG_DFL);
            close(listener);
            talk(client);
            shutdown(client, SHUT_WR);
            _exit(0);
        }
        waitpid(child, NULL, 0); /* it ends at once */
    }
    die("accept");
}
