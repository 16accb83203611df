"""The parts of the transport that touch requests' and urllib3's insides.

What those libraries raise becomes a problem here, without their texts: they name whole URLs.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from orgwarden.core.problems import NeedsPerson, Problem, TryLater


@contextmanager
def named_faults(host: str) -> Iterator[None]:
    """Turns what requests and urllib3 raise into problems, without their texts (they name URLs)."""
    try:
        yield
    except (requests.RequestException, HTTPError, OSError) as error:
        problem = _network_problem(error, host)
        if problem is None:
            raise
        raise problem from None


def _network_problem(error: Exception, host: str) -> Problem | None:
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    if isinstance(error, requests.exceptions.SSLError):
        return _tls_problem(reason, host)
    if isinstance(error, requests.exceptions.ProxyError):
        return TryLater(
            f"The proxy did not let us through to {host}.",
            fix="Check HTTPS_PROXY and NO_PROXY, and that the proxy admits Salesforce.",
            code="UNREACHABLE",
        )
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        return TryLater(
            f"{host} cannot be reached.",
            fix="Check the address, and this machine's name server, network and firewall.",
            code="UNREACHABLE",
        )
    if isinstance(error, urllib3.exceptions.DecodeError) or isinstance(
        reason, urllib3.exceptions.InvalidHeader
    ):
        return TryLater(f"An answer of {host} was damaged on the way.", code="CUT_SHORT")
    if isinstance(error, requests.ReadTimeout | urllib3.exceptions.ReadTimeoutError):
        return TryLater(f"{host} stopped answering.", code="NO_ANSWER")
    if isinstance(error, requests.ConnectionError):
        return TryLater(f"{host} closed the connection without an answer.", code="NO_ANSWER")
    if isinstance(error, HTTPError | requests.exceptions.ChunkedEncodingError | ConnectionError):
        return TryLater(f"An answer of {host} was cut off.", code="CUT_SHORT")
    return None  # a full disk, a fault in our request: not the network's


def _tls_problem(reason: object, host: str) -> Problem:
    cause = reason.args[0] if isinstance(reason, HTTPError) and reason.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NeedsPerson(
            f"The certificate of {host} is not trusted.",
            fix="If your network inspects TLS, set ORGWARDEN_CA_BUNDLE to its authority's PEM"
            " file; else do not go on.",
            code="TLS",
        )
    if isinstance(cause, ssl.SSLError) and cause.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        return NeedsPerson(
            f"{host} does not speak https.", fix="Check the address and its port.", code="NOT_HTTPS"
        )
    return TryLater(
        f"A secure connection to {host} could not be made.",
        fix="Check this machine's network and firewall.",
        code="UNREACHABLE",
    )


class Adapter(HTTPAdapter):
    """Trusts an additional authority beside the public ones; never retries by itself."""

    def __init__(self, ca_bundle: Path | None, connections: int) -> None:
        self._context: ssl.SSLContext | None = None
        if ca_bundle is not None:
            self._context = ssl.create_default_context()
            try:
                self._context.load_verify_locations(cafile=str(ca_bundle))
            except (OSError, ssl.SSLError) as error:
                raise NeedsPerson(
                    f"{ca_bundle} cannot be read as a list of certificates.",
                    fix="Set ORGWARDEN_CA_BUNDLE to a readable PEM file, or unset it.",
                    code="CA_BUNDLE",
                ) from error
        super().__init__(pool_connections=connections, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        if self._context is not None:
            options["ssl_context"] = self._context
        super().init_poolmanager(*args, **options)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        if self._context is not None:
            options["ssl_context"] = self._context
        return super().proxy_manager_for(*args, **options)


class NoCookies(RequestsCookieJar):
    """Keeps none: a cookie of one org must not travel with a request to another."""

    def set_cookie(self, cookie: Any, *args: Any, **options: Any) -> None:
        return None
