"""writer KEY TEXT with a memoryview of the segment, written byte by byte."""

import os
import sys

import sysv_ipc

try:
    digits, text = sys.argv[1:]
    if not set(digits) <= set("0123456789"):
        raise ValueError
    key = int(digits)
    data = os.fsencode(text)
    if len(data) > 4095:
        raise ValueError
except ValueError:
    sys.exit(print("usage: writer KEY TEXT (4095 bytes at most)", file=sys.stderr) or 2)
try:
    memory = sysv_ipc.SharedMemory(key, sysv_ipc.IPC_CREAT | sysv_ipc.IPC_EXCL, 0o600, 4096)
except sysv_ipc.ExistentialError:
    try:
        memory = sysv_ipc.SharedMemory(key, 0, 0o600, 4096)
    except Exception as error:
        sys.exit(print("shmget:", error, file=sys.stderr) or 1)
with memoryview(memory) as view:
    for place, byte in enumerate(data):
        view[place] = byte
    view[len(data)] = 0
memory.detach()
