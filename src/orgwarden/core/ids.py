"""Salesforce record ids: 15 case-sensitive characters, or 18 with three check characters."""

from __future__ import annotations

import re

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ID15 = re.compile(r"[A-Za-z0-9]{15}")


def to_18(record_id: str) -> str:
    """The 18-character form of a 15- or 18-character id.

    Each check character encodes which of five characters are upper case, first one lowest.
    Raises ValueError for anything else.
    """
    if len(record_id) not in (15, 18) or not _ID15.fullmatch(record_id[:15]):
        raise ValueError(f"not a Salesforce id: {record_id!r}")
    checks = "".join(
        _SUFFIX[sum(1 << i for i, c in enumerate(record_id[at : at + 5]) if c.isupper())]
        for at in (0, 5, 10)
    )
    return record_id[:15] + checks
