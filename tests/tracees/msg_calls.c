/* Every call on a System V queue: success, failure, junk in the unused upper register bits. */
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <unistd.h>

#define JUNK 0xdeadbeef00000000UL

struct message { long type; char text[64]; };

int main(void)
{
    key_t key = 0x47000000 | getpid();
    struct message out = {7, "hello"}, in;
    struct msqid_ds status;

    msgget(key, 0600);                                  /* ENOENT */
    int id = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    msgget(key, IPC_CREAT | IPC_EXCL | 0600);           /* EEXIST */
    msgget(key, IPC_CREAT | 0640);                      /* is there already */
    msgsnd(id, &out, 5, 0);
    out.type = 9;
    msgsnd(id, &out, 0, IPC_NOWAIT);
    msgsnd(id, (void *)1, 5, 0);                        /* EFAULT */
    msgctl(id, IPC_STAT, &status);
    status.msg_perm.mode = 0640;
    msgctl(id, IPC_SET, &status);
    msgrcv(id, &in, sizeof in.text, 3, IPC_NOWAIT);     /* ENOMSG */
    msgrcv(id, &in, 2, 0, 0);                           /* E2BIG */
    msgrcv(id, &in, 2, 7, MSG_NOERROR);
    syscall(SYS_msgrcv, id | JUNK, &in, sizeof in.text, -9L, 0 | JUNK);
    syscall(SYS_msgctl, id | JUNK, IPC_RMID | JUNK, 0);
    msgsnd(id, &out, 5, 0);                             /* EINVAL */
    int other = msgget(IPC_PRIVATE, 0600);
    msgctl(other, IPC_RMID, 0);
    return 0;
}
