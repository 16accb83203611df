"""How the pages spell ages, spans, numbers and names: short sentences, no exclamation marks."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from orgwarden.catalog.sources import source_of

_INVISIBLE = {"Cf", "Cc", "Zl", "Zp"}
# Where the parts of an action's name alone read wrong.
_DEEDS = {"org:connection:connected": "Connection made"}
_SUBJECTS = {"api-token": "API token", "sign-in": "Sign-in"}
_UNITS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def count_of(number: int, one: str, many: str = "") -> str:
    """`3 tenants`, `1 tenant`, `12,400 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def span(length: timedelta) -> str:
    """A length in its largest unit: `14 minutes`, `3 days`; under a minute, seconds."""
    length = max(length, timedelta(0))
    for unit, name in _UNITS:
        if length >= unit:
            return count_of(int(length / unit), name)
    return count_of(int(length.total_seconds()), "second")


def percent(share: float) -> str:
    """`9.2 %`, `75 %`; a little is not rounded to none, nor almost all to all."""
    unit = "\N{NO-BREAK SPACE}%"
    if 0 < share < 0.0005:
        return f"under 0.1{unit}"
    if 0.995 <= share < 1:
        return f"over 99{unit}"
    return f"{100 * share:.{0 if share >= 0.1 or share == 0 else 1}f}{unit}"


def every(length: timedelta) -> str:
    """How often, exactly: `every 15 minutes`, `every hour`, `every 90 minutes`."""
    for unit, name in _UNITS:
        if length >= unit and not length % unit:
            return f"every {count_of(length // unit, name).removeprefix('1 ')}"
    return f"every {count_of(int(length.total_seconds()), 'second')}"


def took(length: timedelta) -> str:
    """How long something ran, short: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    seconds = max(length.total_seconds(), 0.0)
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"


def ago(at: datetime, now: datetime) -> str:
    """`3 minutes ago`, `in 12 minutes`, `just now`."""
    gap = now - at
    if abs(gap) < timedelta(seconds=5):
        return "just now"
    return f"{span(gap)} ago" if gap > timedelta(0) else f"in {span(-gap)}"


def absolute(at: datetime) -> str:
    """`21 Nov 2026, 22:52:07 UTC`, for titles and readers without script."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC"


def host(url: str) -> str:
    """An address as people know it, without the scheme: `acme.my.salesforce.com`."""
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


def day(at: datetime) -> str:
    """`21 Nov`."""
    return f"{at.day} {at:%b}"


@lru_cache(maxsize=512)
def source_name(source: str) -> str:
    """A source's id as its title in the catalog. A log type the catalog does not list shows its
    own name, so that nothing is renamed by guessing."""
    if not source:
        return "not stated"
    try:
        title = source_of(source).title
    except KeyError:
        return source.replace("_", " ")
    return f"{title} (log file)" if source == f"event_log_{title.lower()}" else title


def person(name: str) -> str:
    """Who did something, as it is recorded: `admin`, or `root, from the command line`."""
    command, _, who = name.partition(":")
    return f"{who}, from the command line" if command == "command" and who else name


def deed(action: str) -> str:
    """An action of the audit trail: `Connection edited` of `org:connection:edited`."""
    subject, _, done = action.partition(":")[2].partition(":")
    named = _SUBJECTS.get(subject) or subject.replace("-", " ").capitalize()
    return _DEEDS.get(action) or f"{named} {done.replace('-', ' ')}"


def recorded(value: Any) -> str:
    """A value of an audit entry's detail: `yes`, `App, Scan`, `none`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ([], "", {}):
        return "none"
    if isinstance(value, list) and all(isinstance(v, str | int) for v in value):
        return ", ".join(str(v) for v in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def sentence(text: str) -> str:
    """The text with a full stop, or nothing."""
    text = text.strip()
    return text if not text or text[-1] in ".?:" else text + "."


def visible(value: Any) -> str:
    """A value as text in which what cannot be seen, or would turn the text round, is shown as
    its code point: `⟨U+202E⟩`. Line breaks and tabs stay."""
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in _INVISIBLE and c not in "\n\t" else c
        for c in text
    )
