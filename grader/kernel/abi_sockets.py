"""Owns the constants and layouts of sockets and of their messages. Data only."""

from __future__ import annotations

import struct

# include/linux/socket.h, include/linux/net.h
DOMAINS = {1: "unix", 2: "inet", 10: "inet6", 16: "netlink", 17: "packet", 40: "vsock"}
TYPES = {1: "stream", 2: "datagram", 3: "raw", 4: "rdm", 5: "seqpacket"}
SOCK_TYPE_MASK = 0xF
SOCK_FLAGS = {0o4000: "SOCK_NONBLOCK", 0o2000000: "SOCK_CLOEXEC"}
SHUTDOWN = {0: "read", 1: "write", 2: "both"}

MSG_PEEK = 0x2
MSG_TRUNC = 0x20
MESSAGE_FLAGS = {
    0x1: "MSG_OOB",
    MSG_PEEK: "MSG_PEEK",
    0x4: "MSG_DONTROUTE",
    MSG_TRUNC: "MSG_TRUNC",
    0x40: "MSG_DONTWAIT",
    0x80: "MSG_EOR",
    0x100: "MSG_WAITALL",
    0x800: "MSG_CONFIRM",
    0x2000: "MSG_ERRQUEUE",
    0x4000: "MSG_NOSIGNAL",
    0x8000: "MSG_MORE",
    0x10000: "MSG_WAITFORONE",
    0x4000000: "MSG_ZEROCOPY",
    0x20000000: "MSG_FASTOPEN",
    0x40000000: "MSG_CMSG_CLOEXEC",
}

MSGHDR = struct.Struct("=QI4xQQQQi4x")
"""struct user_msghdr: name, its length, vectors, how many, control data, its length, flags."""
MMSGHDR_BYTES = 64
"""struct mmsghdr: a struct user_msghdr, then how many bytes its message had."""
CMSGHDR = struct.Struct("=Qii")
"""struct cmsghdr: length with this header, level, type; padded to 8 bytes."""
SCM_RIGHTS = 1
ADDRESS_MOST = 128
"""sizeof(struct sockaddr_storage)"""

# include/uapi/asm-generic/socket.h; the second number of a time is its 64-bit form
SOL_SOCKET = 1
SO_LINGER = 13
SO_TIMEOUTS = {20: "SO_RCVTIMEO", 66: "SO_RCVTIMEO", 21: "SO_SNDTIMEO", 67: "SO_SNDTIMEO"}
TIMEVAL = struct.Struct("=qq")
LINGER = struct.Struct("=ii")
"""struct linger: whether it lingers, for how many seconds."""
IPPROTO_TCP, TCP_USER_TIMEOUT = 6, 18
OPTIONS = {
    (SOL_SOCKET, 2): "SO_REUSEADDR",
    (SOL_SOCKET, 6): "SO_BROADCAST",
    (SOL_SOCKET, 7): "SO_SNDBUF",
    (SOL_SOCKET, 8): "SO_RCVBUF",
    (SOL_SOCKET, 9): "SO_KEEPALIVE",
    (SOL_SOCKET, SO_LINGER): "SO_LINGER",
    (SOL_SOCKET, 15): "SO_REUSEPORT",
    (IPPROTO_TCP, 1): "TCP_NODELAY",
    (IPPROTO_TCP, TCP_USER_TIMEOUT): "TCP_USER_TIMEOUT",
}

UCRED = struct.Struct("=iII")
"""struct ucred: pid, uid, gid."""

# include/uapi/linux/sock_diag.h, unix_diag.h, netlink.h
NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
NLMSG_ERROR = 2
NLMSGHDR = struct.Struct("=IHHII")
UNIX_DIAG_REQUEST = struct.Struct("=BBHIIIII")
"""struct unix_diag_req: family, protocol, states, inode, what to show, cookie (two halves)."""
UNIX_DIAG_MSG_BYTES = 16
UDIAG_SHOW_PEER = 4
UNIX_DIAG_PEER = 2
