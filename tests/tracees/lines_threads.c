/* Two threads that each write from a function of their own, started on one line. */
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static int ends[2];

static void *first(void *unused) {
    (void)unused;
    return write(ends[1], "first", 5) < 0 ? ends : NULL; /* in first */
}

static void *second(void *unused) {
    (void)unused;
    return write(ends[1], "second", 6) < 0 ? ends : NULL; /* in second */
}

int main(void) {
    void *(*jobs[2])(void *) = {first, second};
    if (pipe(ends) < 0)
        return 1;
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, jobs[i], NULL)) /* in main: pthread_create */
            return 1;
        pthread_join(thread, NULL);
    }
    return 0;
}
