// threat: Exhaust
// attack: folders 2,000 deep
// happens: removed with everything else
// landlock: limit `files`, or removed with everything else
// expect: finished limit:files
// bounds: wall=40 cpu=20
#include "attack.h"

int main(void) {
    for (int i = 0; i < 2000; i++)
        if (mkdir("deep", 0000) || chmod("deep", 0700) || chdir("deep")) break;
    chmod(".", 0000);
    return held();
}
