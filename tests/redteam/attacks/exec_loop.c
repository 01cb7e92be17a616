// threat: Exhaust
// attack: execs itself for ever, with as many arguments as the kernel takes
// happens: limit `cpu` or `events`; the recording stays small
// expect: limit:cpu limit:events
// bounds: wall=40 cpu=1 events=3000
#include "attack.h"

int main(int argc, char **argv) {
    static char word[100001], *words[21];
    memset(word, 'x', sizeof word - 1);
    words[0] = argv[0];
    for (int i = 1; i < 20; i++) words[i] = word;
    execv("/proc/self/exe", words);
    execv(argv[0], words);
    return 1;
}
