"""The one place where a path of Salesforce's API is put together."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from orgwarden.core.problems import Problem

# Salesforce refuses addresses above 16,384 bytes (414, 431).
LONGEST = 16_000


def api_path(version: str, path: str, params: Mapping[str, str] | None = None) -> str:
    """An absolute path below /services/ with its query, from one that is absolute already or
    relative to the API version ("limits").

    Raises Problem for a path that could lead elsewhere than to the org's API (Salesforce itself
    names paths, as `nextRecordsUrl` and `LogFile`), and for one that Salesforce would not take.
    """
    if not path.startswith("/"):
        path = f"/services/data/v{version}/{path}"
    bare = path.partition("?")[0]
    if not bare.startswith("/services/") or "//" in bare or ".." in bare:
        raise Problem(
            f"{path[:100]!r} is not a path of Salesforce's API.",
            fix="This is a fault in Orgwarden: please report it with this sentence.",
            code="NOT_AN_API_PATH",
        )
    if params:
        path += "?" + urlencode(params, quote_via=quote)
    if len(path) > LONGEST:
        raise Problem(
            "A query is too long for Salesforce to take in an address.",
            fix="Ask for fewer fields or ids at a time.",
            code="URI_TOO_LONG",
        )
    return path
