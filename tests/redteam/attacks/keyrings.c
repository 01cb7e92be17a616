// threat: Read what is not yours
// attack: kernel keyrings
// happens: refused
#include "attack.h"

int main(void) {
    MUST_FAIL(syscall(SYS_keyctl, 0, -4, 0));
    MUST_FAIL(syscall(SYS_add_key, "user", "redteam", "x", 1, -4));
    MUST_FAIL(syscall(SYS_request_key, "user", "redteam", 0, -4));
    return held();
}
