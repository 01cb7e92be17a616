/* webserver PORT ROOT: openat2 keeps below ROOT, sendfile sends, the kernel reaps. */
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *type(const char *path)
{
    size_t size = strlen(path);
#define ENDS(end) (size >= strlen(end) && strcmp(path + size - strlen(end), end) == 0)
    return ENDS(".html") ? "text/html" : ENDS(".txt") ? "text/plain" : ENDS(".css") ? "text/css"
         : ENDS(".png") ? "image/png" : "application/octet-stream";
}

static int hex(char digit)
{
    return isdigit((unsigned char)digit) ? digit - '0' : toupper((unsigned char)digit) - 'A' + 10;
}

static char *decoded(char *path)
{
    char *to = path;
    for (char *from = path; *from; from++)
        if (from[0] == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2])) {
            *to++ = (char)(hex(from[1]) << 4 | hex(from[2]));
            from += 2;
        } else {
            *to++ = *from;
        }
    *to = '\0';
    return path;
}

static void answer(FILE *in, FILE *out, int root)
{
    char *line = NULL, *header = NULL, *rest;
    size_t room = 0;
    if (getline(&line, &room, in) == -1)
        return;
    room = 0;
    while (getline(&header, &room, in) > 2) /* not empty yet */
        ;
    char *method = strtok_r(line, " \r\n", &rest);
    char *path = strtok_r(NULL, " \r\n", &rest);
    char *version = strtok_r(NULL, " \r\n", &rest);
    if (version == NULL || strncmp(version, "HTTP/", 5) != 0) {
        fprintf(out, "HTTP/1.1 400 Bad\r\n\r\n");
        return;
    }
    if (strcmp(method, "GET") != 0) {
        fprintf(out, "HTTP/1.1 405 No\r\nAllow: GET\r\n\r\n");
        return;
    }
    path = decoded(path);
    path += strspn(path, "/");
    if (*path == '\0')
        path = "index.html";
    struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    int file = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    struct stat facts;
    if (file == -1 || fstat(file, &facts) == -1 || !S_ISREG(facts.st_mode)) {
        fprintf(out, "HTTP/1.1 404 Gone fishing\r\n\r\n");
        return;
    }
    fprintf(out, "HTTP/1.1 200\r\nServer: beneath\r\nconnection: close\r\ncontent-type: %s\r\n"
            "content-length: %ld\r\n\r\n", type(path), (long)facts.st_size);
    fflush(out);
    while (sendfile(fileno(out), file, NULL, 1 << 20) > 0)
        ;
}

static void end(int number)
{
    signal(number, SIG_IGN);
    kill(0, SIGTERM); /* all children */
    _exit(0);
}

int main(int argc, char **argv)
{
    char *rest;
    if (argc != 3 || strtol(argv[1], &rest, 10) <= 0 || *rest) {
        fputs("usage: webserver PORT ROOT\n", stderr);
        return 2;
    }
    setpgid(0, 0);
    signal(SIGCHLD, SIG_IGN); /* no zombies */
    int root = open(argv[2], O_RDONLY | O_DIRECTORY);
    if (root == -1)
        err(1, "open %s", argv[2]);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1)
        err(1, "bind");
    if (listen(listener, 5) == -1)
        err(1, "listen");
    signal(SIGTERM, end);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client == -1)
            continue;
        if (fork() == 0) {
            signal(SIGTERM, SIG_DFL);
            FILE *in = fdopen(client, "r"), *out = fdopen(dup(client), "w");
            answer(in, out, root);
            return 0;
        }
        close(client);
    }
}
