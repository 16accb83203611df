"""Who may come in and how, from the environment: second factor, sessions, single sign-on, proxies,
who may read the metrics.

Read when Django's settings are; what cannot be used is a NeedsPerson with the fix.
"""

from __future__ import annotations

import ipaddress
import os
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from orgwarden.core.problems import NeedsPerson
from orgwarden.core.roles import Role
from orgwarden.site import home

OIDC = "sso"  # the one provider's id: it stands in the callback address
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LEAST_TOKEN = 16


def local_only(public_url: str) -> bool:
    """Whether the pages are reached over http on this machine only: a trial, a demonstration."""
    url = urlsplit(public_url)
    return url.scheme == "http" and url.hostname in _LOOPBACK


def require_second_factor(public_url: str) -> bool:
    """Whether people whose role can change something must have a second factor."""
    named = os.environ.get("ORGWARDEN_REQUIRE_SECOND_FACTOR", "")
    if named not in ("", "always", "off"):
        raise NeedsPerson(
            f"ORGWARDEN_REQUIRE_SECOND_FACTOR is {named!r}.",
            fix="Set it to always or off, or unset it: then only a local address does without.",
            code="SECOND_FACTOR",
        )
    return named == "always" or (not named and not local_only(public_url))


def minutes(variable: str, default: int, most: int) -> timedelta:
    """A length of time in whole minutes."""
    named = os.environ.get(variable) or str(default)
    if not named.isdigit() or not 1 <= int(named) <= most:
        raise NeedsPerson(
            f"{variable} is {named!r}, not whole minutes from 1 to {most}.",
            fix=f"Unset it for {default} minutes.",
            code="MINUTES",
        )
    return timedelta(minutes=int(named))


def trusted_proxies() -> tuple[str, ...]:
    """Networks whose forwarding headers are believed: addresses and CIDR, separated by commas."""
    found = []
    for part in home.listed("ORGWARDEN_TRUSTED_PROXIES"):
        try:
            found.append(str(ipaddress.ip_network(part, strict=False)))
        except ValueError:
            raise NeedsPerson(
                f"ORGWARDEN_TRUSTED_PROXIES holds {part!r}, which is no address or network.",
                fix="Name the proxies like 10.0.0.7 or 10.0.0.0/24, separated by commas.",
                code="TRUSTED_PROXIES",
            ) from None
    return tuple(found)


def single_sign_on() -> dict[str, Any]:
    """What allauth needs for one OpenID Connect provider; empty when none is configured."""
    issuer = (os.environ.get("ORGWARDEN_OIDC_ISSUER") or "").rstrip("/")
    if not issuer:
        return {}
    url = urlsplit(issuer)
    if not url.hostname or not (url.scheme == "https" or local_only(issuer)):
        raise NeedsPerson(
            f"ORGWARDEN_OIDC_ISSUER is {issuer!r}, which is no https address.",
            fix="Set it to the issuer's address, for example https://login.example.com/realms/it.",
            code="OIDC_ISSUER",
        )
    client, secret = os.environ.get("ORGWARDEN_OIDC_CLIENT_ID"), oidc_secret()
    if not client or not secret:
        raise NeedsPerson(
            "ORGWARDEN_OIDC_ISSUER is set, but the client's id or secret is missing.",
            fix="Set ORGWARDEN_OIDC_CLIENT_ID, and ORGWARDEN_OIDC_CLIENT_SECRET or "
            "ORGWARDEN_OIDC_CLIENT_SECRET_FILE.",
            code="OIDC_CLIENT",
        )
    app = {
        "provider_id": OIDC,
        "name": os.environ.get("ORGWARDEN_OIDC_NAME") or "single sign-on",
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": issuer},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def oidc_secret() -> str:
    """The client's secret, from the environment or a file it names."""
    if file := os.environ.get("ORGWARDEN_OIDC_CLIENT_SECRET_FILE"):
        try:
            with open(file, encoding="utf-8") as held:
                return held.read().strip()
        except OSError as e:
            raise NeedsPerson(
                f"ORGWARDEN_OIDC_CLIENT_SECRET_FILE cannot be read: {e.strerror}.",
                fix="Let the user that runs Orgwarden read the file.",
                code="OIDC_SECRET",
            ) from e
    return os.environ.get("ORGWARDEN_OIDC_CLIENT_SECRET") or ""


def oidc_domains() -> frozenset[str]:
    """E-mail domains whose people are made on their first single sign-on; without any, a person
    has to be added first."""
    return frozenset(part.lower().lstrip("@") for part in home.listed("ORGWARDEN_OIDC_DOMAINS"))


def oidc_role() -> Role | None:
    """The role for all tenants that such a new person gets; none unless it is set."""
    named = os.environ.get("ORGWARDEN_OIDC_ROLE") or ""
    if not named:
        return None
    try:
        return Role(named)
    except ValueError:
        raise NeedsPerson(
            f"ORGWARDEN_OIDC_ROLE is {named!r}.",
            fix=f"Set it to one of {', '.join(Role)}, or unset it: then they start without a role.",
            code="OIDC_ROLE",
        ) from None


def oidc_hosts() -> tuple[str, ...]:
    """Origins of the provider that a form may lead to: the issuer's, and more by setting, because
    some providers ask for the sign-in at another host."""
    issuer = urlsplit((os.environ.get("ORGWARDEN_OIDC_ISSUER") or "").rstrip("/"))
    own = [f"{issuer.scheme}://{issuer.netloc}"] if issuer.netloc else []
    return (*own, *(f"https://{host}" for host in home.listed("ORGWARDEN_OIDC_FORM_HOSTS")))


def metrics_token() -> str:
    """What a reader of the metrics has to show; "" when none is set."""
    named = os.environ.get("ORGWARDEN_METRICS_TOKEN", "").strip()
    if named and len(named) < _LEAST_TOKEN:
        raise NeedsPerson(
            f"ORGWARDEN_METRICS_TOKEN is shorter than {_LEAST_TOKEN} characters.",
            fix="Set it to a long random text, or unset it.",
            code="METRICS_TOKEN",
        )
    return named
