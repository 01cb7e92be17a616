// threat: Blind the observer
// attack: does its work before main, in constructors and preinit functions
// happens: seen as any other
// sees: pipe.write pipe.read
#include "attack.h"

__attribute__((constructor(101))) static void early(void) {
    int ends[2];
    char byte;
    if (pipe(ends) || write(ends[1], "x", 1) != 1 || read(ends[0], &byte, 1) != 1) _exit(1);
}

int main(void) { return held(); }
