/* Believes that every argument is a number. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: copy N\n");
        return 2;
    }
    long long number = atoll(argv[1]);
    if (fork() == 0) {
        printf("child: %lld\n", 2 * number);
        return 0;
    }
    wait(NULL);
    printf("parent: %lld\n", number);
    return 0;
}
