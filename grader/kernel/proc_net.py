"""Owns the questions to /proc/PID/net: the sockets of a tracee's network namespace."""

from __future__ import annotations

_LISTEN = "0A"  # TCP_LISTEN, include/net/tcp_states.h


def listening(pid: int, port: int) -> bool:
    """Whether a TCP socket listens on this port in the process's network namespace."""
    for table in ("tcp", "tcp6"):
        try:
            with open(f"/proc/{pid}/net/{table}") as lines:
                next(lines)
                for line in lines:
                    fields = line.split()
                    local, state = fields[1], fields[3]
                    if state == _LISTEN and int(local.rpartition(":")[2], 16) == port:
                        return True
        except OSError:
            continue  # the process is gone, or the kernel has no IPv6
    return False
