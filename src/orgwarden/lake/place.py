"""Where the lake is: a local folder, one folder per org in it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from orgwarden.core.problems import NeedsPerson


def root(url: str) -> Path:
    """The folder an ORGWARDEN_LAKE_URL names: a path or a file:// address."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(unquote(parts.path))
    if parts.scheme:
        raise NeedsPerson(
            f"A lake at {parts.scheme}:// is not supported yet.",
            fix="Set ORGWARDEN_LAKE_URL to a folder on a local disk.",
            code="LAKE_URL",
        )
    return Path(url)
