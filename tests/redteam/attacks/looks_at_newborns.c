// threat: Read what is not yours
// attack: `/proc/<pid>/{mem,maps,environ,fd}` of a program of the same run in the moment before its exec, when it is still the grader's copy
// happens: refused
// landlock: nothing can be opened, no link be read
// others: 20
#include "attack.h"

int main(void) {
    static const char *files[] = {"maps", "mem", "environ", "auxv"};
    cpu_set_t all;
    memset(&all, 0xff, sizeof all);
    sched_setaffinity(0, sizeof all, &all); // beside the newborn, not in turn with it
    puts("ready");
    fflush(stdout);
    struct pollfd end = {0, POLLIN};
    for (int next = getpid() + 1; poll(&end, 1, 0) == 0;) {
        char path[64], content[256], *python;
        for (int pid = next; pid < next + 2; pid++) {
            for (int i = 0; i < 4; i++) {
                snprintf(path, sizeof path, "/proc/%d/%s", pid, files[i]);
                int fd = open(path, O_RDONLY);
                if (fd < 0) continue;
                next = pid;
                ssize_t got = i == 1 ? 0 : read(fd, content, sizeof content - 1);
                content[got > 0 ? got : 0] = 0;
                if (i == 0 && strstr(content, "python")) BREACH("the grader's %s", path);
                close(fd);
            }
            for (int number = 3; number < 40; number++) {
                snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, number);
                ssize_t got = readlink(path, content, sizeof content - 1);
                content[got > 0 ? got : 0] = 0;
                int loaded = strncmp(content, "/etc/", 5) == 0 || strncmp(content, "/usr/lib", 8) == 0 || strncmp(content, "/lib", 4) == 0;
                if (got > 0 && !loaded) BREACH("the grader's %s: %s", path, content);
            }
        }
    }
    return held();
}
