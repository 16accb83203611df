"""Sockets go to this machine only: an audit hook that refuses every other address.

An audit hook sees each connect, bind and name look-up of the process without anything being
patched. It cannot be removed again, which is what is wanted. Programs the tests start (the
emulator, a browser, Node) are not seen by it.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

# Look-ups of these never leave, or may not exist: RFC 6761.
LOCAL_NAMES = ("localhost", ".localhost", ".invalid")
GUARDED = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})


class OutsideSocket(RuntimeError):
    """A test tried to reach something other than this machine."""


def is_local(host: object) -> bool:
    """Whether a host given to a socket call stays on this machine."""
    if host is None:
        return True  # getaddrinfo(None) is the loopback address unless a server asks for all
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return name.lower().rstrip(".").endswith(LOCAL_NAMES)


def refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
        if host in ("", "0.0.0.0", "::"):  # asked before binding; the bind is refused
            return
    elif event in GUARDED:
        address = arguments[1]
        if not isinstance(address, tuple):
            return  # a Unix socket, or none given
        host = address[0]
    else:
        return
    if not is_local(host):
        raise OutsideSocket(f"{event} to {host!r}: tests reach 127.0.0.1 and localhost only")


sys.addaudithook(refuse_outside)
