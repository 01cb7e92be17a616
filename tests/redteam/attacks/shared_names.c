// threat: Exhaust
// attack: names in `/dev/shm` that no open made: folders, FIFOs, links, renamed files, by way of a symbolic link too
// happens: removed with everything else
#include "attack.h"

int main(void) {
    chdir("/dev/shm");
    int fd = open("redteam-first", O_CREAT | O_WRONLY, 0600);
    close(fd);
    mkdir("redteam-folder", 0700);
    close(open("redteam-folder/inner", O_CREAT | O_WRONLY, 0600));
    mkfifo("redteam-fifo", 0600);
    link("redteam-first", "redteam-second");
    rename("redteam-first", "redteam-renamed");
    symlink("redteam-dangling", "redteam-link");
    close(open("redteam-link", O_CREAT | O_WRONLY, 0600));
    char way[PATH_MAX];
    snprintf(way, sizeof way, "%s/way", getenv("HOME"));
    symlink("/dev/shm", way);
    strcat(way, "/redteam\n3");
    close(open(way, O_CREAT | O_WRONLY, 0600));
    semget(0x7ea50001, 1, IPC_CREAT | 0600);
    shmget(0x7ea50001, 4096, IPC_CREAT | 0600);
    return held();
}
