// threat: Outlive the limit
// attack: sets clocks back
// happens: refused
#include "attack.h"

#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

int main(void) {
    struct timespec past = {1, 0};
    struct timeval before = {1, 0};
    struct timex change = {.modes = ADJ_OFFSET};
    MUST_FAIL(clock_settime(CLOCK_REALTIME, &past));
    MUST_FAIL(settimeofday(&before, NULL));
    MUST_FAIL(adjtimex(&change));
    return held();
}
