// threat: Blind the observer
// attack: descriptor numbers closed and used again for something else
// happens: asked of the kernel each time
// sees: pipe.write
#include "attack.h"

int main(void) {
    int pair[2], other[2];
    char byte;
    for (int i = 0; i < 50; i++) {
        if (pipe(pair)) return 1;
        dup2(pair[1], 100);
        if (write(100, "x", 1) != 1 || read(pair[0], &byte, 1) != 1) return 1;
        close(pair[0]);
        close(pair[1]);
        int fd = open("/dev/null", O_WRONLY);
        dup2(fd, 100);
        if (write(100, "y", 1) != 1) return 1;
        close(fd);
        if (pipe(other)) return 1;
        close(other[0]);
        close(other[1]);
    }
    return held();
}
