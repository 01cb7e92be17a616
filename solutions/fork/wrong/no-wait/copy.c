/* Never asks for the child's status. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    char *end = NULL;
    errno = 0;
    long long number = argc == 2 ? strtoll(argv[1], &end, 10) : 0;
    if (argc != 2 || end == argv[1] || *end != '\0' || errno != 0) {
        fprintf(stderr, "usage: copy N\n");
        return 2;
    }
    int done[2];
    if (pipe(done) == -1)
        return 1;
    if (fork() == 0) {
        dprintf(1, "child: %lld\n", 2 * number);
        return 0;
    }
    close(done[1]);
    char none;
    if (read(done[0], &none, 1) == -1) /* end of file: the child has ended */
        return 1;
    printf("parent: %lld\n", number);
    return 0;
}
