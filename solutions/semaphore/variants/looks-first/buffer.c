#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
struct ring { int64_t head, tail, slot[8]; };
union semun { int val; struct semid_ds *buf; unsigned short *array; };
static void fail(const char *w) { fprintf(stderr, "%s: %s\n", w, strerror(errno)); exit(1); }
static long number(const char *s) {
    char *e; errno = 0; long v = strtol(s, &e, 10);
    if (errno || e == s || *e || v < 0) { fprintf(stderr, "buffer: %s is not a number\n", s); exit(2); }
    return v;
}
static void usage(void) { fprintf(stderr, "usage: buffer init|destroy KEY, buffer produce|consume KEY COUNT\n"); exit(2); }
static void P(int s, int i) { struct sembuf b = { i, -1, 0 }; while (semop(s, &b, 1) < 0) if (errno != EINTR) fail("semop"); }
static void V(int s, int i) { struct sembuf b = { i, +1, 0 }; if (semop(s, &b, 1) < 0) fail("semop"); }
int main(int c, char **v) {
    if (c < 3) usage();
    int work = !strcmp(v[1], "produce") ? 1 : !strcmp(v[1], "consume") ? 2 : 0;
    int ini = !strcmp(v[1], "init"), des = !strcmp(v[1], "destroy");
    if (!(work && c == 4) && !((ini || des) && c == 3)) usage();
    key_t key = number(v[2]);
    if (ini) {
        int m = shmget(key, 80, IPC_CREAT | 0600);
        if (m < 0) fail("shmget");
        void *p = shmat(m, 0, 0); if (p == (void *)-1) fail("shmat");
        memset(p, 0, 80); shmdt(p);
        int s = semget(key, 2, IPC_CREAT | 0600);
        if (s < 0) fail("semget");
        if (semctl(s, 0, SETVAL, (union semun){ .val = 8 }) < 0 || semctl(s, 1, SETVAL, (union semun){ .val = 0 }) < 0) fail("semctl");
        return 0;
    }
    int s = semget(key, 0, 0); if (s < 0) fail("semget");
    int m = shmget(key, 0, 0); if (m < 0) fail("shmget");
    if (des) { if (semctl(s, 0, IPC_RMID) < 0) fail("semctl"); if (shmctl(m, IPC_RMID, 0) < 0) fail("shmctl"); return 0; }
    long n = number(v[3]);
    struct ring *r = shmat(m, NULL, 0);
    if (r == (void *)-1) fail("shmat");
    for (long i = 1; i <= n; i++) {
        if (work == 1) { P(s, 0); r->slot[r->head] = i; r->head = (r->head + 1) & 7; V(s, 1); }
        else { P(s, 1); int64_t x = r->slot[r->tail]; r->tail = (r->tail + 1) & 7; V(s, 0); printf("%lld\n", (long long)x); fflush(stdout); }
    }
    shmdt(r);
    return 0;
}
