"""The road to web destinations: one request, no redirect, no repetition, short time limits."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import urllib3
from requests.utils import get_environ_proxies
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from orgwarden import __version__
from orgwarden.core.problems import NeedsPerson, TryLater
from orgwarden.notify.address import WebAddress, places
from orgwarden.notify.content import HandOver, Unclear

CONNECT, ANSWER = 10.0, 20.0  # seconds
_GONE = (HTTPStatus.GONE,)


def call(
    address: WebAddress,
    *,
    method: str = "POST",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    hand_over: HandOver = lambda: None,
) -> int:
    """Send `body`; the status of a 2xx answer. `hand_over` is called before the first byte leaves
    and may raise. Raises TryLater, Unclear when it may have arrived, NeedsPerson when trying
    again changes nothing."""
    sent = {
        "Host": address.shown,
        "User-Agent": f"Orgwarden/{__version__}",
        "Accept": "*/*",
        "Connection": "close",
        **(headers or {}),
    }
    ips = [""] if _proxy(address) else places(address)
    for last, ip in ((n == len(ips) - 1, ip) for n, ip in enumerate(ips)):
        pool, target = _pool(address, ip)
        try:
            hand_over()
            answer = pool.urlopen(
                method,
                target,
                body=body or None,
                headers=sent,
                redirect=False,
                retries=False,
                assert_same_host=False,
                preload_content=False,
            )
            answer.close()  # unread: a body that trickles in would hold all other messages up
        except (NewConnectionError, ConnectTimeoutError):
            if last:
                raise TryLater(
                    f"{address.shown} cannot be reached.",
                    fix="Check the address, and this machine's network and firewall.",
                    code="UNREACHABLE",
                ) from None
        except SSLError:
            raise TryLater(
                f"A secure connection to {address.shown} could not be made, or its certificate is"
                " not trusted.",
                fix="Check the address; if your network inspects TLS, set ORGWARDEN_CA_BUNDLE.",
                code="TLS",
            ) from None
        except (HTTPError, OSError):
            raise Unclear(
                f"{address.shown} did not answer, so it is not known whether it arrived.",
                code="NO_ANSWER",
            ) from None
        else:
            return _judged(int(answer.status), address)
        finally:
            pool.close() if isinstance(pool, urllib3.HTTPConnectionPool) else pool.clear()
    raise AssertionError("unreachable")


def _judged(status: int, address: WebAddress) -> int:
    if 200 <= status < 300:
        return status
    told = f"{address.shown} answered {status}."
    if 300 <= status < 400:
        raise NeedsPerson(
            f"{address.shown} answered with a redirect ({status}), which is not followed.",
            fix="Enter the address it leads to.",
            code="REDIRECT",
        )
    if status in _GONE:
        raise NeedsPerson(told, fix="The address was given up there: make a new one.", code="GONE")
    if status in (401, 403, 404):
        raise TryLater(
            told, fix="Check that the address is still valid at the service.", code=str(status)
        )
    raise TryLater(told, code=str(status))


def _pool(address: WebAddress, ip: str) -> tuple[Any, str]:
    """A connection pool bound to one checked IP, and what is asked of it."""
    limits = urllib3.Timeout(connect=CONNECT, read=ANSWER)
    proxy = _proxy(address)
    if proxy:
        # The proxy looks the name up; it has to keep us out of its own network.
        context = tls() if address.scheme == "https" else None
        made = urllib3.ProxyManager(proxy, timeout=limits, ssl_context=context)
        return made, f"{address.scheme}://{address.shown}{address.path}"
    if address.scheme == "http":
        return urllib3.HTTPConnectionPool(ip, address.port, timeout=limits), address.path
    secure = urllib3.HTTPSConnectionPool(
        ip,
        address.port,
        timeout=limits,
        ssl_context=tls(),
        server_hostname=address.host,
        assert_hostname=address.host,
    )
    return secure, address.path


def _proxy(address: WebAddress) -> str:
    if address.named:
        return ""
    proxies = get_environ_proxies(f"{address.scheme}://{address.shown}")
    return proxies.get(address.scheme) or proxies.get("all") or ""


def tls() -> ssl.SSLContext:
    """The public authorities, and the one ORGWARDEN_CA_BUNDLE names."""
    context = ssl.create_default_context()
    if named := os.environ.get("ORGWARDEN_CA_BUNDLE"):
        try:
            context.load_verify_locations(cafile=named)
        except (OSError, ssl.SSLError):
            raise NeedsPerson(
                f"{named} cannot be read as a list of certificates.",
                fix="Set ORGWARDEN_CA_BUNDLE to a readable PEM file, or unset it.",
                code="CA_BUNDLE",
            ) from None
    return context
