"""Which web addresses messages may be sent to: https, on the public internet, nothing else.

An address of this machine or of a private network, or one without TLS, is admitted only when its
`host:port` is named in ORGWARDEN_ALLOWED_NOTIFY_HOSTS: else whoever may add a destination could
make Orgwarden ask things inside the network that they cannot reach themselves. Names are looked up
again at every sending and the connection goes to the very address that was checked.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from orgwarden.core.problems import NeedsPerson, TryLater

_LONGEST = 2000
# 127.1, 0x7f.1, 2130706433: numbers that some resolvers take for an address.
_NUMBERS = re.compile(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_INTERNET = ipaddress.ip_network("2000::/3")  # all that is given out of IPv6
_ALLOW = "To send inside your own network, name host:port in ORGWARDEN_ALLOWED_NOTIFY_HOSTS."
LookUp = Callable[..., list[tuple[Any, ...]]]


@dataclass(frozen=True)
class WebAddress:
    """Where a message goes. Only `shown` may be printed: path and query are often secrets."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)  # with its query
    named: bool = False  # in ORGWARDEN_ALLOWED_NOTIFY_HOSTS: may be http, private or loopback

    @property
    def shown(self) -> str:
        """The host, with its port where that is not the usual one."""
        usual = {"https": 443, "http": 80}[self.scheme]
        return _bracketed(self.host) + ("" if self.port == usual else f":{self.port}")


def web_address(text: str, allowed: frozenset[str] = frozenset()) -> WebAddress:
    """The address in `text`. Raises NeedsPerson, with the fix, for what is not allowed; the
    sentence does not repeat what was typed."""
    stripped = text.strip()
    if len(stripped) > _LONGEST:
        raise _refused(f"The address is longer than {_LONGEST:,} characters.")
    if not re.fullmatch(r"[!-~]+", stripped) or "\\" in stripped:
        raise _refused("The address is empty or holds characters that no web address has.")
    try:
        parts = urlsplit(stripped)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise _refused("That is not a web address.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise _refused("That is not a web address.")
    if "@" in parts.netloc:
        raise _refused("The address holds a user name or password before an @.")
    if parts.fragment:
        raise _refused("The address holds a # part, which is never sent.")
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    if not port:
        raise _refused("That is not a web address.")
    named = f"{_bracketed(host)}:{port}".lower() in allowed
    if parts.scheme != "https" and not named:
        raise _refused("The address is not https, so what is sent could be read on the way.")
    found = WebAddress(parts.scheme, host.lower(), port, _path(parts), named)
    literal = _literal(host)
    if literal is None and _NUMBERS.fullmatch(host.lower()):
        raise _refused("That is not a web address.")
    if literal is not None and not named:
        _refuse_inside(literal)
    if literal is None and (host == "localhost" or host.endswith(".localhost")) and not named:
        raise _refused("The address is this machine itself.", fix=_ALLOW)
    return found


def places(address: WebAddress, look_up: LookUp = socket.getaddrinfo) -> list[str]:
    """The IP addresses to connect to, looked up now and each of them allowed. Raises TryLater
    when the name is not known, NeedsPerson when it leads inside."""
    try:
        found = look_up(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TryLater(
            f"The name {address.shown} is not known.",
            fix="Check the address, and this machine's name server.",
            code="UNREACHABLE",
        ) from None
    ips = list(dict.fromkeys(str(place[4][0]).partition("%")[0] for place in found))
    if not address.named:
        for ip in ips:
            _refuse_inside(ipaddress.ip_address(ip))
    return ips


def _refuse_inside(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    real: ipaddress.IPv4Address | ipaddress.IPv6Address = ip
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            real = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        else:
            real = ip.ipv4_mapped or ip.sixtofour or ip
    outside = isinstance(real, ipaddress.IPv4Address) or real in _INTERNET
    if not outside or not real.is_global or real.is_multicast:
        raise _refused("The address lies inside this machine's own network.", fix=_ALLOW)


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _refused(what: str, *, fix: str = "") -> NeedsPerson:
    fix = fix or "Copy the https address from the service that should get the messages."
    return NeedsPerson(what, fix=fix, code="ADDRESS")
