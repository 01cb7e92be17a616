"""reader KEY: looks for the segment by its id first, reads byte by byte, removes by id."""

import sys

import sysv_ipc

if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
    sys.exit(print("usage: reader KEY", file=sys.stderr) or 2)
try:
    memory = sysv_ipc.SharedMemory(int(sys.argv[1]), flags=sysv_ipc.SHM_RDONLY)
except sysv_ipc.ExistentialError as error:
    sys.exit(print("SharedMemory:", error, file=sys.stderr) or 1)
text = bytearray()
while (byte := memory.read(1, len(text))) != b"\0":
    text += byte
identity = memory.id
memory.detach()
print(text.decode(errors="surrogateescape"), flush=True)
sysv_ipc.remove_shared_memory(identity)
