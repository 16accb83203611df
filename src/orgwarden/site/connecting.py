"""What the operator says about connecting orgs, read from the environment.

| variable | default |
|---|---|
| ORGWARDEN_EGRESS_ADDRESSES | empty; the addresses our calls to Salesforce leave from |
| ORGWARDEN_SECRET_REFERENCES | empty; what references to secrets may be typed on pages |
| ORGWARDEN_QUICK_CONSUMER_KEY | empty; the app that quick connect offers |
"""

from __future__ import annotations

import ipaddress
import os
import shlex

from orgwarden.core.problems import NeedsPerson
from orgwarden.site import home


def egress_addresses() -> tuple[str, ...]:
    """Addresses or networks, as Salesforce sees us: shown before consent, and put into the app's
    refresh-token address list."""
    found = []
    for part in home.listed("ORGWARDEN_EGRESS_ADDRESSES"):
        try:
            found.append(str(ipaddress.ip_network(part)).removesuffix("/32").removesuffix("/128"))
        except ValueError:
            raise NeedsPerson(
                f"ORGWARDEN_EGRESS_ADDRESSES holds {part!r}, which is no address or network.",
                fix="Separate them by commas, for example 198.51.100.7, 203.0.113.0/28.",
                code="EGRESS_ADDRESSES",
            ) from None
    return tuple(found)


def secret_references() -> tuple[str, ...]:
    """What an administrator may refer to on a page, such as `file:/etc/orgwarden/secrets/`,
    `env:ORGWARDEN_SECRET_` or a whole `command:…`. Quote one that holds a space. The command line
    takes every reference: who runs it can read the file anyway."""
    named = os.environ.get("ORGWARDEN_SECRET_REFERENCES", "")
    try:
        found = tuple(part.rstrip(",") for part in shlex.split(named))
    except ValueError:
        found = ("",)
    wrong = [p for p in found if not p.startswith(("file:/", "env:", "command:")) or p == "env:"]
    if wrong:
        raise NeedsPerson(
            f"ORGWARDEN_SECRET_REFERENCES holds {wrong[0]!r}.",
            fix="Name beginnings like file:/etc/orgwarden/secrets/ or env:ORGWARDEN_SECRET_, and"
            " whole commands like 'command:/usr/bin/vault read prod', separated by spaces.",
            code="SECRET_REFERENCES",
        )
    return found


def quick_consumer_key() -> str:
    """The consumer key of an app that many orgs have installed."""
    return os.environ.get("ORGWARDEN_QUICK_CONSUMER_KEY", "").strip()
