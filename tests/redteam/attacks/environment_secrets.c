// threat: Reach out
// attack: secrets in the environment: `GITHUB_TOKEN`, `GITHUB_ENV`, `SSH_AUTH_SOCK`, `LD_PRELOAD`, `PYTHONSTARTUP`
// happens: an environment of its own
#include "attack.h"

extern char **environ;

int main(void) {
    static const char *known[] = {
        "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/", "USER=student", "LANG=C.UTF-8", "TMPDIR=/",
        "PYTHONDONTWRITEBYTECODE=1", "PYTHONNOUSERSITE=1"};
    for (char **entry = environ; *entry; entry++) {
        int fine = 0;
        for (int i = 0; i < 7; i++) fine |= !strncmp(*entry, known[i], strlen(known[i]));
        if (!fine) BREACH("%s", *entry);
    }
    return held();
}
