// threat: Outlive the limit
// attack: sleeps for ever
// happens: wall limit
// expect: timeout
// bounds: wall=1
#include "attack.h"

int main(void) {
    for (;;) sleep(1000);
}
