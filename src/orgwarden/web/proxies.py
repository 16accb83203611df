"""Whose word about the visitor's address and scheme is believed: only that of the proxies named in
ORGWARDEN_TRUSTED_PROXIES. From anybody else the forwarding headers are dropped unread."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HEADERS = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)


class TrustedProxiesMiddleware:
    """Puts the visitor's address and scheme where Django looks for them. Comes first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trusted = tuple(ipaddress.ip_network(n) for n in settings.ORGWARDEN_TRUSTED_PROXIES)
        told = {name: request.META.pop(name, "") for name in _HEADERS}
        if trusted and _within(str(request.META.get("REMOTE_ADDR", "")), trusted):
            request.META["REMOTE_ADDR"] = visitor(
                str(request.META["REMOTE_ADDR"]), told["HTTP_X_FORWARDED_FOR"], trusted
            )
            scheme = told["HTTP_X_FORWARDED_PROTO"].split(",")[-1].strip().lower()
            if scheme in ("http", "https"):
                request.META["wsgi.url_scheme"] = scheme
        return self.get_response(request)


def visitor(peer: str, forwarded: str, trusted: tuple[Network, ...]) -> str:
    """The nearest address in the chain that is no trusted proxy: whatever stands before it, the
    visitor may have written."""
    found = peer
    for part in reversed([p.strip() for p in forwarded.split(",") if p.strip()]):
        try:
            found = str(ipaddress.ip_address(part.strip("[]")))
        except ValueError:
            return found
        if not _within(found, trusted):
            return found
    return found


def _within(address: str, trusted: tuple[Network, ...]) -> bool:
    try:
        at = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(at, ipaddress.IPv6Address) and at.ipv4_mapped:
        at = at.ipv4_mapped
    return any(at in network for network in trusted)
