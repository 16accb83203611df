"""The time range in the top bar and in the address: a preset, or from and to.

`range=3d` counts back from now; `from=` and `to=` (ISO 8601, UTC unless a zone is given) fix it.
What cannot be read falls back to the default and says so in `complaint`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import QueryDict

from orgwarden.web import words


@dataclass(frozen=True)
class Preset:
    key: str
    label: str
    span: timedelta


PRESETS = (
    Preset("1h", "Last hour", timedelta(hours=1)),
    Preset("24h", "Last 24 hours", timedelta(hours=24)),
    Preset("3d", "Last 3 days", timedelta(days=3)),
    Preset("7d", "Last 7 days", timedelta(days=7)),
    Preset("30d", "Last 30 days", timedelta(days=30)),
    Preset("60d", "Last 60 days", timedelta(days=60)),
)
DEFAULT = PRESETS[2]
# No Salesforce org is older. Without bounds an address asks for bars over ten thousand years, or
# for a day before the first one there is.
_EARLIEST = datetime(1999, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Range:
    """[since, until). `preset` is empty when from and to were given."""

    since: datetime
    until: datetime
    preset: str
    label: str
    complaint: str = ""

    @property
    def span(self) -> timedelta:
        return self.until - self.since

    def query(self) -> dict[str, str]:
        """The range as it stands in an address."""
        if self.preset:
            return {} if self.preset == DEFAULT.key else {"range": self.preset}
        return {"from": stamp(self.since), "to": stamp(self.until)}


def stamp(at: datetime) -> str:
    """`2026-11-21T22:52:07Z`."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def moment(text: str) -> datetime | None:
    """An ISO 8601 time (UTC without a zone), or None if it is not one that an event can have."""
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if _EARLIEST <= at < _LATEST else None


def read(query: QueryDict, now: datetime) -> Range:
    """The range an address asks for."""
    start, end = query.get("from", ""), query.get("to", "")
    if start or end:
        since, until = moment(start), moment(end) if end else now
        if since and until and since < until:
            return Range(since, until, "", f"{_minute(since)} to {_minute(until)}")
        return _of(DEFAULT, now, "From and to are not a time range; the last 3 days are shown.")
    key = query.get("range", DEFAULT.key)
    for preset in PRESETS:
        if preset.key == key:
            return _of(preset, now)
    return _of(DEFAULT, now, f"“{key[:20]}” is not a time range; the last 3 days are shown.")


def _of(preset: Preset, now: datetime, complaint: str = "") -> Range:
    return Range(now - preset.span, now, preset.key, preset.label, complaint)


def _minute(at: datetime) -> str:
    return f"{words.day(at)} {at:%H:%M}"
