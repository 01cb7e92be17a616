// threat: Outlive the limit
// attack: the main thread exits while another lives on
// happens: still one process; ended by the wall limit
// expect: timeout
// bounds: wall=1
#include "attack.h"

static void *linger(void *unused) {
    for (;;) sleep(1000);
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, 0, linger, 0);
    pthread_exit(0);
}
