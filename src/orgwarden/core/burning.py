"""Who used up an org's calls, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def told(burners: Mapping[str, Any]) -> str:
    """Who used the calls, as one sentence; empty when it was never asked."""
    if not burners:
        return ""
    apps = burners.get("apps") or []
    if not apps:
        return "Who used the calls is not known: the org has shown no log of its API calls yet."
    named = ", ".join(f"{name} ({calls:,})" for name, calls in apps[:3])
    if burners.get("source") == "limits":
        return f"Most of the calls were made by {named}, as the org said."
    return f"Most calls of the day up to {str(burners['until'])[:16]} UTC were made by {named}."
