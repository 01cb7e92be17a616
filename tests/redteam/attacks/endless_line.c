// threat: Exhaust
// attack: a line without end
// happens: limit `output`
// expect: limit:output
#include "attack.h"

int main(void) {
    for (;;) fputs("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", stdout);
}
