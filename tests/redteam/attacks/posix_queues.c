// threat: Exhaust
// attack: POSIX queues
// happens: the kernel's own bound for a user
// expect: finished limit:objects limit:descriptors
#include "attack.h"

#include <mqueue.h>

int main(void) {
    char name[64];
    int made = 0;
    for (; made < 3000; made++) {
        struct mq_attr attributes = {.mq_maxmsg = 10, .mq_msgsize = 8192};
        snprintf(name, sizeof name, "/redteam-%d", made);
        if (mq_open(name, O_RDWR | O_CREAT, 0600, &attributes) < 0) break;
    }
    if (made > 300) BREACH("%d queues", made);
    return held();
}
