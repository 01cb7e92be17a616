// threat: Exhaust
// attack: fork bomb
// happens: limit `processes`
// expect: limit:processes
#include "attack.h"

int main(void) {
    for (;;) fork();
}
