"""How the object store of the lake is reached, read from the environment.

| variable | default |
|---|---|
| ORGWARDEN_LAKE_URL | `s3://bucket/prefix`; a folder needs none of the following |
| ORGWARDEN_LAKE_ENDPOINT | unset, Amazon's; `https://host:port` of another store |
| ORGWARDEN_LAKE_REGION | AWS_REGION, AWS_DEFAULT_REGION; `us-east-1` with an endpoint |
| ORGWARDEN_LAKE_ACCESS_KEY | unset: Amazon's usual chain (environment, profile, role) |
| ORGWARDEN_LAKE_SECRET_KEY | its secret; or ORGWARDEN_LAKE_SECRET_KEY_FILE, a file with it |
| ORGWARDEN_LAKE_SESSION_TOKEN | of temporary keys; or ORGWARDEN_LAKE_SESSION_TOKEN_FILE |
| ORGWARDEN_LAKE_ALLOW_HTTP | unset; `1` lets events travel unencrypted to another machine |

No Django import here, as in `site.home`. Keys are never repeated in a message.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from orgwarden.core.problems import NeedsPerson
from orgwarden.lake.place import Store
from orgwarden.site import home

CODE = "LAKE_STORE"


def store() -> Store:
    """What the variables say. Raises NeedsPerson."""
    endpoint = _endpoint()
    key, secret = os.environ.get("ORGWARDEN_LAKE_ACCESS_KEY", ""), _secret("SECRET_KEY")
    if bool(key) != bool(secret):
        raise NeedsPerson(
            "Only one half of the object store's key is set.",
            fix="Set ORGWARDEN_LAKE_ACCESS_KEY and ORGWARDEN_LAKE_SECRET_KEY_FILE, or neither.",
            code=CODE,
        )
    named = ("ORGWARDEN_LAKE_REGION", "AWS_REGION", "AWS_DEFAULT_REGION")
    region = next(filter(None, map(os.environ.get, named)), "us-east-1" if endpoint else "")
    drafts = str(home.path() / "spool")
    return Store(endpoint, region or "", key, secret, _secret("SESSION_TOKEN"), drafts)


def _endpoint() -> str:
    named = os.environ.get("ORGWARDEN_LAKE_ENDPOINT", "").rstrip("/")
    if not named:
        return ""
    wrong = NeedsPerson(
        "ORGWARDEN_LAKE_ENDPOINT is not the address of an object store.",
        fix="Write it as https://host:port, without bucket, path or keys.",
        code=CODE,
    )
    url = home.web_address(named, wrong)
    if url.path:
        raise wrong
    plain = url.scheme == "http" and not _is_loopback(str(url.hostname))
    if plain and os.environ.get("ORGWARDEN_LAKE_ALLOW_HTTP") != "1":
        raise NeedsPerson(
            "ORGWARDEN_LAKE_ENDPOINT would carry events unencrypted to another machine.",
            fix="Use https, or set ORGWARDEN_LAKE_ALLOW_HTTP=1 if the network is yours alone.",
            code=CODE,
        )
    return named


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(name: str) -> str:
    """ORGWARDEN_LAKE_<name>, or what is in the file that ORGWARDEN_LAKE_<name>_FILE names."""
    variable = f"ORGWARDEN_LAKE_{name}_FILE"
    if file := os.environ.get(variable):
        try:
            return Path(file).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as e:
            why = e.strerror if isinstance(e, OSError) else "it is not text"
            raise NeedsPerson(
                f"{variable} cannot be read: {why}.",
                fix="Name a file this user may read, holding nothing else.",
                code=CODE,
            ) from e
    return os.environ.get(f"ORGWARDEN_LAKE_{name}", "")
