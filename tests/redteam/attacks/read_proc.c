// threat: Read what is not yours
// attack: `/proc/<pid>/{environ,mem,maps,cmdline,cwd,root,fd}` of every process
// happens: sees its own processes only
// landlock: nothing can be opened, no link be read
// args: {grader}
#include "attack.h"

static void look(long pid) {
    static const char *files[] = {"environ", "mem", "maps", "cmdline", "status", "fd/0", "cwd", "root"};
    char path[PATH_MAX], buffer[256];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/%ld/%s", pid, files[i]);
        int fd = open(path, O_RDONLY | O_NONBLOCK);
        if (fd >= 0 && read(fd, buffer, sizeof buffer) > 0) BREACH("read %s", path);
        if (i >= 5 && readlink(path, buffer, sizeof buffer) > 0) BREACH("link %s", path);
        if (fd >= 0) close(fd);
    }
}

int main(int argc, char **argv) {
    for (long pid = 1; pid < 400; pid++)
        if (pid != getpid()) look(pid);
    if (atol(argv[1] + 4) != getpid()) look(atol(argv[1] + 4));
    look(getppid());
    return held();
}
