// threat: Reach out
// attack: secrets in the environment: `GITHUB_TOKEN`, `GITHUB_ENV`, `SSH_AUTH_SOCK`, `LD_PRELOAD`
// happens: an environment of its own
#include "attack.h"

extern char **environ;

int main(void) {
    static const char *known[] = {"PATH=", "HOME=", "USER=", "LANG=", "TMPDIR=", "PYTHON"};
    for (char **entry = environ; *entry; entry++) {
        int fine = 0;
        for (int i = 0; i < 6; i++) fine |= !strncmp(*entry, known[i], strlen(known[i]));
        if (!fine) BREACH("%s", *entry);
    }
    return held();
}
