// threat: Exhaust
// attack: descriptors
// happens: limit `descriptors`
// expect: limit:descriptors
#include "attack.h"

int main(void) {
    int pair[2];
    while (pipe(pair) == 0) { }
    for (;;) sleep(1000);
}
