// threat: Exhaust
// attack: names in `/dev/shm` that no open made: folders, deeper than any path is long, closed ones, FIFOs, links, renamed files, by way of a symbolic link too
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
    mkdir("redteam-closed", 0700);
    mkdir("redteam-closed/inner", 0000);
    chmod("redteam-closed", 0000);
    char name[251] = {0};
    memset(name, 'd', 250);
    mkdir("redteam-deep", 0700), chdir("redteam-deep");
    for (int i = 0; i < 40; i++)
        if (mkdir(name, 0700) || chdir(name)) BREACH("mkdir: %m");
    close(open("deep", O_CREAT | O_WRONLY, 0600));
    semget(0x7ea50001, 1, IPC_CREAT | 0600);
    shmget(0x7ea50001, 4096, IPC_CREAT | 0600);
    return held();
}
