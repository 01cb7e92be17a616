/* tally PATH N with stdio and lockf; fclose in each round flushes the stream and ends the lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char *call)
{
    fprintf(stderr, "tally: %s: %s\n", call, strerror(errno));
    exit(1);
}

/* One round, or only a look; the value afterwards. */
static long long turn(const char *path, int add)
{
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    if (fd == -1)
        die("open");
    if (lockf(fd, F_LOCK, 0) == -1)
        die("lockf");
    FILE *file = fdopen(fd, "r+");
    if (file == NULL)
        die("fdopen");
    long long value = 0;
    if (fscanf(file, "%lld", &value) != 1)
        value = 0;
    if (add) {
        value++;
        rewind(file);
        fprintf(file, "%lld\n", value);
        if (fflush(file) == EOF || ftruncate(fd, ftell(file)) == -1)
            die("write");
    }
    if (fclose(file) == EOF)
        die("fclose");
    return value;
}

int main(int argc, char **argv)
{
    char *end;
    long long rounds = 0, value = 0;
    if (argc == 3)
        rounds = strtoll(argv[2], &end, 10);
    if (argc != 3 || end == argv[2] || *end || rounds < 0) {
        fputs("usage: tally PATH N\n", stderr);
        return 2;
    }
    if (rounds == 0)
        value = turn(argv[1], 0);
    while (rounds-- > 0)
        value = turn(argv[1], 1);
    printf("%lld\n", value);
    return 0;
}
