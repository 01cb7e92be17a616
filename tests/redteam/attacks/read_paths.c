// threat: Read what is not yours
// attack: opens a file of the grader's, also to write to it, by its absolute path, through `..`, a symlink and `/proc/self/root`; home, keys, system secrets
// happens: no such file inside
// landlock: permission denied
// args: {secret}
#include "attack.h"

static void try(const char *path) {
    char byte;
    int fd = open(path, O_RDONLY);
    if (fd >= 0 && read(fd, &byte, 1) == 1) BREACH("read %s", path);
}

int main(int argc, char **argv) {
    char path[PATH_MAX];
    const char *secret = argv[1];
    try(secret);
    snprintf(path, sizeof path, "../../../../../../../..%s", secret);
    try(path);
    snprintf(path, sizeof path, "/proc/self/root%s", secret);
    try(path);
    snprintf(path, sizeof path, "/proc/1/root%s", secret);
    try(path);
    if (symlink(secret, "link") == 0) try("link");
    MUST_FAIL(link(secret, "hard"));
    MUST_FAIL(open(secret, O_WRONLY | O_APPEND)); // as GITHUB_ENV would be
    try("/etc/shadow");
    try("/root/.ssh/id_rsa");
    try("/root/.bashrc");
    try("/var/run/docker.sock");
    try("/proc/kcore");
    try("/proc/kallsyms");
    try("/sys/kernel/notes");
    try("/dev/mem");
    MUST_FAIL(open("/dev/kmsg", O_RDONLY));
    MUST_FAIL(open("/usr/bin/planted", O_WRONLY | O_CREAT, 0755));
    MUST_FAIL(open("/etc/planted", O_WRONLY | O_CREAT, 0755));
    return held();
}
