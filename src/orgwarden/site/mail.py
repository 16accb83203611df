"""The mail server and where messages may go, read from the environment.

| variable | default |
|---|---|
| ORGWARDEN_SMTP_URL | unset, no e-mail; `smtps://user:password@host:port`, `starttls:`, `smtp:` |
| ORGWARDEN_MAIL_FROM | the address e-mail comes from; needed with ORGWARDEN_SMTP_URL |
| ORGWARDEN_ALLOWED_NOTIFY_HOSTS | empty; `host:port, …` that may be private, loopback or http |

No Django import here, as in `site.home`. An address that cannot be used is not repeated: it may
hold a password.
"""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from orgwarden.core.problems import NeedsPerson
from orgwarden.site import home

_PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """Django's names for it follow in `site.settings`. `host` is "" when none is configured."""

    host: str = ""
    port: int = 25
    security: str = ""  # "", starttls, tls
    user: str = ""
    password: str = field(default="", repr=False)


def server() -> MailServer:
    """What ORGWARDEN_SMTP_URL names. Raises NeedsPerson."""
    named = os.environ.get("ORGWARDEN_SMTP_URL")
    if not named:
        return MailServer()
    try:
        url = urlsplit(named)
        port = url.port
    except ValueError:
        raise _unusable("its port is not a number") from None
    scheme = url.scheme.removeprefix("smtp+") or "missing"
    if scheme not in _PORTS:
        raise _unusable(f"its scheme is {url.scheme or 'missing'}")
    if not url.hostname:
        raise _unusable("it names no host")
    if url.path not in ("", "/") or url.query or url.fragment:
        raise _unusable("something follows the port")
    user, password = unquote(url.username or ""), unquote(url.password or "")
    if (user or password) and scheme == "smtp" and not _is_loopback(url.hostname):
        raise _unusable("smtp:// would send the password unencrypted")
    return MailServer(
        url.hostname,
        port or _PORTS[scheme],
        {"smtp": "", "starttls": "starttls", "smtps": "tls"}[scheme],
        user,
        password,
    )


def sender() -> str:
    """The address e-mail comes from; "" without a mail server."""
    named = os.environ.get("ORGWARDEN_MAIL_FROM", "")
    if not named and not os.environ.get("ORGWARDEN_SMTP_URL"):
        return ""
    if not re.fullmatch(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,190}", named):
        raise NeedsPerson(
            "ORGWARDEN_MAIL_FROM is not an e-mail address."
            if named
            else "ORGWARDEN_MAIL_FROM is not set, and ORGWARDEN_SMTP_URL is.",
            fix="Set it to the address messages come from, like orgwarden@example.com.",
            code="MAIL_FROM",
        )
    return named


def allowed_hosts() -> frozenset[str]:
    """`host:port` that web destinations may name although they are private or not https."""
    return home.hosts_with_ports("ORGWARDEN_ALLOWED_NOTIFY_HOSTS", like="alerts.internal:443")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unusable(why: str) -> NeedsPerson:
    return NeedsPerson(
        f"ORGWARDEN_SMTP_URL cannot be used: {why}.",
        fix="Use smtps://user:password@host:465 or starttls://user:password@host:587, with"
        " special characters of the password percent-encoded.",
        code="SMTP_URL",
    )
