// threat: Blind the observer
// attack: vmsplice, splice, tee, sendfile
// happens: seen as what they are, reads and writes
// sees: pipe.write pipe.read file.write file.read
#include "attack.h"

#include <sys/sendfile.h>

int main(void) {
    int a[2], b[2];
    char text[16];
    struct iovec words = {"hello", 5};
    if (pipe(a) || pipe(b)) return 1;
    vmsplice(a[1], &words, 1, 0);
    tee(a[0], b[1], 5, 0);
    splice(a[0], 0, b[1], 0, 5, 0);
    if (read(b[0], text, 10) != 10) return 1;
    int file = open("file", O_RDWR | O_CREAT, 0600);
    if (write(file, "hello", 5) != 5 || lseek(file, 0, SEEK_SET) != 0) return 1;
    if (sendfile(b[1], file, 0, 5) != 5 || read(b[0], text, 5) != 5) return 1;
    return held();
}
