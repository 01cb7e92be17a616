"""Owns the constants and layouts of files, their names and their locks. Data only."""

from __future__ import annotations

import os
import struct

# include/uapi/asm-generic/fcntl.h; what differs between architectures comes from the C library
O_ACCMODE = 3
O_RDONLY, O_WRONLY, O_RDWR = 0, 1, 2
O_CREAT, O_TRUNC, O_APPEND, O_NONBLOCK = 0o100, 0o1000, 0o2000, 0o4000
O_CLOEXEC = 0o2000000
O_PATH = 0o10000000
ACCESS = ("O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE")
OPEN_FLAGS = {
    O_CREAT: "O_CREAT",
    0o200: "O_EXCL",
    0o400: "O_NOCTTY",
    O_TRUNC: "O_TRUNC",
    O_APPEND: "O_APPEND",
    O_NONBLOCK: "O_NONBLOCK",
    0o4010000: "O_SYNC",
    0o10000: "O_DSYNC",
    0o20000: "O_ASYNC",
    os.O_DIRECT: "O_DIRECT",
    0o20000000 | os.O_DIRECTORY: "O_TMPFILE",
    os.O_DIRECTORY: "O_DIRECTORY",
    os.O_NOFOLLOW: "O_NOFOLLOW",
    0o1000000: "O_NOATIME",
    O_CLOEXEC: "O_CLOEXEC",
    O_PATH: "O_PATH",
}
O_LARGEFILE = {"x86_64": 0o100000, "aarch64": 0o400000}
"""Always on in 64-bit programs, so it says nothing."""
OPEN_HOW = struct.Struct("=QQQ")
"""struct open_how (include/uapi/linux/openat2.h): flags, mode, resolve."""

F_GETFD, F_SETFD, F_GETFL, F_SETFL = 1, 2, 3, 4
FD_CLOEXEC = 1
F_GETLK, F_SETLK, F_SETLKW = 5, 6, 7
F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW = 36, 37, 38
F_RDLCK, F_WRLCK, F_UNLCK = 0, 1, 2
FLOCK = struct.Struct("=hh4xqqi4x")
"""struct flock of 64-bit programs: l_type, l_whence, l_start, l_len, l_pid."""
LOCK_SH, LOCK_EX, LOCK_NB, LOCK_UN = 1, 2, 4, 8

# include/uapi/asm-generic/ioctls.h
FIONBIO, FIONCLEX, FIOCLEX = 0x5421, 0x5450, 0x5451

# include/uapi/linux/fs.h
WHENCE = {0: "SEEK_SET", 1: "SEEK_CUR", 2: "SEEK_END", 3: "SEEK_DATA", 4: "SEEK_HOLE"}
RENAME_FLAGS = {1: "RENAME_NOREPLACE", 2: "RENAME_EXCHANGE", 4: "RENAME_WHITEOUT"}
RENAME_EXCHANGE = 2

# include/uapi/linux/fcntl.h
AT_FDCWD = -100
AT_REMOVEDIR = 0x200

# include/uapi/linux/stat.h
S_IFMT, S_IFIFO, S_IFREG = 0o170000, 0o010000, 0o100000
