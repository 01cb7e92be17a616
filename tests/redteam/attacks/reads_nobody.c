// threat: Outlive the limit
// attack: reads input that nobody sends
// happens: end of file at once
#include "attack.h"

int main(void) {
    char byte;
    return read(0, &byte, 1) == 0 ? held() : 1;
}
