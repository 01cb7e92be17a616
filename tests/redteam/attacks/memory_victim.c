// threat: Attack the grader
// attack: protects itself from the out-of-memory killer
// happens: students' programs go first
// tiers: namespaces
#include "attack.h"

int main(void) {
    FILE *score = fopen("/proc/self/oom_score_adj", "r");
    int value = 0;
    if (!score || fscanf(score, "%d", &value) != 1 || value != 1000) BREACH("score %d", value);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY);
    if (fd >= 0 && write(fd, "-1000", 5) == 5) BREACH("spared");
    return held();
}
