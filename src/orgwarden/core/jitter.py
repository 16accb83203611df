"""Where in its interval an org is read: always at the same place, each org at another one.

200 orgs with the same interval would otherwise all be due at the same moment, for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

HOUR = timedelta(hours=1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LEAST = 0.1  # of the interval: what is due sooner than that is due one interval later


def place(org: str, source: str, interval: timedelta) -> timedelta:
    """The place within the interval: zero or more, less than it.

    Up to an hour it depends on the org alone, and the places of an org's shorter intervals lie on
    those of its longer ones where they divide them, so that what can be asked together is due
    together. Of longer intervals each source has an hour of its own.
    """
    if interval <= HOUR:
        return _number(org) % interval
    within = _number(org) % HOUR
    hours = int(interval / HOUR)
    return within + HOUR * (int(_number(f"{org} {source}") / HOUR) % hours)


def next_due(began: datetime, interval: timedelta, *, org: str, source: str) -> datetime:
    """When a source that was read at `began` is due again: at its place in the interval, at most
    an interval and a tenth later."""
    at = place(org, source, interval)
    soonest = began + interval * _LEAST
    passed = (soonest - _EPOCH - at) // interval
    return _EPOCH + at + (passed + 1) * interval


def _number(text: str) -> timedelta:
    """A span that looks random and is always the same for a text; whole seconds."""
    return timedelta(seconds=int.from_bytes(sha256(text.encode()).digest()[:5], "big"))
