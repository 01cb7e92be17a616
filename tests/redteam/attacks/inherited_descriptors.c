// threat: Read what is not yours
// attack: descriptors inherited from the grader
// happens: 0, 1 and 2 are all there is
#include "attack.h"

int main(void) {
    for (int fd = 3; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) != -1) BREACH("descriptor %d", fd);
    return held();
}
