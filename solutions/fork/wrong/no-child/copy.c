/* Does without a child. */
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
    printf("child: %lld\nparent: %lld\n", 2 * number, number);
    return 0;
}
