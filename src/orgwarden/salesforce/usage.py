"""What Salesforce says about the org's API calls in every answer: `Sforce-Limit-Info`.

Forms seen: `api-usage=18/5000`, and with a quota of the app's own
`api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)` (REST guide, Limit Info Header).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Not `per-app-api-usage`, which ends in the same words and means another limit.
_ORG_WIDE = re.compile(r"(?<![-\w])api-usage\s*=\s*(\d{1,15})\s*/\s*(\d{1,15})", re.IGNORECASE)


@dataclass(frozen=True)
class Usage:
    """API calls of the whole org in the last 24 hours, ours and everybody's."""

    used: int
    limit: int


def usage_from(headers: Mapping[str, str]) -> Usage | None:
    """The org-wide usage an answer reports; None where it reports none that can be read."""
    found = _ORG_WIDE.search(headers.get("Sforce-Limit-Info", ""))
    return Usage(int(found[1]), int(found[2])) if found else None
