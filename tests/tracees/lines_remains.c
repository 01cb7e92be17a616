/* Calls from deep inside the C library, after others left return addresses on the same stack. */
#include <stdio.h>
#include <unistd.h>

static int ends[2];

__attribute__((noinline)) static int deep(int level) {
    char text[8] = "abc";
    int below = level > 0 ? deep(level - 1) : 0;
    return below + (int)write(ends[1], text, 3);
}

int main(void) {
    if (pipe(ends) < 0)
        return 1;
    setvbuf(stdout, NULL, _IONBF, 0);
    dup2(1, 2);
    deep(3);
    printf("%d\n", 3); /* in main: number */
    deep(9);
    puts("x"); /* in main: puts */
    deep(1);
    perror("y"); /* in main: perror */
    return 0;
}
