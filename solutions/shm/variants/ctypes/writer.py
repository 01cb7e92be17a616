"""writer KEY TEXT with the C library's own calls, through ctypes."""

import ctypes
import os
import re
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
IPC_CREAT = 0o1000


def checked(name, *arguments):
    result = getattr(libc, name)(*arguments)
    if result in (-1, ctypes.c_void_p(-1).value):
        sys.exit(complain(f"{name}: {os.strerror(ctypes.get_errno())}", 1))
    return result


def complain(line, status):
    sys.stderr.write(line + "\n")
    return status


def main(arguments):
    match arguments:
        case [key, text] if re.fullmatch("[0-9]+", key) and len(os.fsencode(text)) < 4096:
            id = checked("shmget", int(key), ctypes.c_size_t(4096), IPC_CREAT | 0o600)
            address = checked("shmat", id, None, 0)
            ctypes.memmove(address, os.fsencode(text) + b"\0", len(os.fsencode(text)) + 1)
            checked("shmdt", ctypes.c_void_p(address))
            return 0
    return complain("writer KEY TEXT", 2)


sys.exit(main(sys.argv[1:]))
