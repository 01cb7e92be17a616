// threat: Outlive the limit
// attack: one byte a second
// happens: wall limit
// expect: timeout
// bounds: wall=2
#include "attack.h"

int main(void) {
    for (;;) {
        if (write(1, "x", 1) < 0) return 1;
        sleep(1);
    }
}
