// threat: Attack the grader
// attack: changes permissions, times, owners and attributes of the grader's files, watches its folders
// happens: no such file inside
// landlock: refused; its own files it may change
// args: {secret}
#include "attack.h"

#include <sys/inotify.h>
#include <sys/time.h>
#include <sys/xattr.h>

static void mine(void) {
    struct timespec then[2] = {{.tv_sec = 5}, {.tv_sec = 7}};
    struct stat seen;
    int fd = open("mine", O_CREAT | O_RDWR, 0600);
    if (fd == -1 || symlink("mine", "link") == -1) abort();
    if (fchmod(fd, 0640) || fstat(fd, &seen) || (seen.st_mode & 07777) != 0640) BREACH("fchmod");
    if (chmod("link", 0600) || fstat(fd, &seen) || (seen.st_mode & 07777) != 0600) BREACH("chmod");
    if (futimens(fd, then) || fstat(fd, &seen) || seen.st_mtime != 7) BREACH("futimens");
    if (utimensat(AT_FDCWD, "mine", NULL, 0) || fstat(fd, &seen) || seen.st_mtime < 8) BREACH("utimensat");
    if (chmod("nobody", 0600) != -1 || errno != ENOENT) BREACH("chmod of nothing: %m");
    if (fchmod(99, 0600) != -1 || errno != EBADF) BREACH("fchmod of nothing: %m");
    if (inotify_add_watch(inotify_init(), ".", IN_OPEN) == -1) BREACH("inotify: %m");
}

int main(int argc, char *argv[]) {
    char folder[PATH_MAX], outside[PATH_MAX + 8];
    snprintf(folder, sizeof folder, "%s", argv[1]);
    *strrchr(folder, '/') = 0;
    snprintf(outside, sizeof outside, "%s/none", folder);
    if (symlink(argv[1], "way") == -1) return 1;
    for (char **one = (char *[]){argv[1], folder, "way", NULL}; *one; one++) {
        MUST_FAIL(chmod(*one, 0777));
        MUST_FAIL(syscall(452, AT_FDCWD, *one, 0777, 0)); // fchmodat2
        MUST_FAIL(chown(*one, getuid(), getgid()));
        MUST_FAIL(utimensat(AT_FDCWD, *one, NULL, 0));
        MUST_FAIL(syscall(SYS_utimes, *one, NULL));
        MUST_FAIL(setxattr(*one, "user.mark", "x", 1, 0));
        MUST_FAIL(inotify_add_watch(inotify_init(), *one, IN_ALL_EVENTS));
        int fd = open(*one, O_PATH);
        if (fd != -1) MUST_FAIL(syscall(452, fd, "", 0777, AT_EMPTY_PATH));
    }
    MUST_FAIL(fchmod(open("/usr/bin/env", O_RDONLY), 0755));
    MUST_FAIL(chmod(outside, 0777));
    if (errno == ENOENT && access("/proc/self", F_OK) == -1) BREACH("tells what is not there");
    mine();
    return held();
}
