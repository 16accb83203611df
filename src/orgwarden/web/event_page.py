"""The view model of one event: what it means, and every column as Salesforce sent it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from orgwarden.core.problems import Problem
from orgwarden.web import frame, ranges, words

_HALF_HOUR = timedelta(minutes=30)


_LABELS = {
    "org": "Tenant",
    "source": "Source",
    "actor_id": "Person's id",
    "actor": "Person",
    "ip": "Address",
    "event_uid": "Event's id",
    "arrived_seq": "Arrived in commit",
    "log_file_id": "Log file",
    "row_sha256": "SHA-256 of the row",
}
# The filter of the activity page that a value answers to.
_PIVOTS = {
    "actor": "actor",
    "actor_id": "actor",
    "ip": "ip",
    "country": "country",
    "app": "app",
    "action": "action",
    "session": "text",
    "source": "source",
}
_AROUND = timedelta(days=3, hours=12)  # a week, with the event in its middle


@dataclass(frozen=True)
class Column:
    """One value with the name it has in SQL. `href` opens what else has it, a week around."""

    name: str
    label: str
    value: str
    href: str = ""


@dataclass(frozen=True)
class EventPage:
    """One event: what it means, then every column as Salesforce sent it."""

    tenant: str
    source: str
    at: datetime | None
    action: str
    normal: tuple[Column, ...]
    unstated: str  # names of what the source does not say
    original: tuple[Column, ...]
    empty: tuple[str, ...]  # columns that Salesforce sent without a value
    around: str  # the address of the same session or person, an hour around it
    around_label: str
    problem: str
    fix: str


def build(tenant: str, source: str, normal: dict[str, Any], original: dict[str, Any]) -> EventPage:
    """The drawer's model. Empty columns are named: that a value is missing is information."""
    at = normal["time"]
    around = ""
    if normal.get("actor") and at is not None:
        from_to = [("from", ranges.stamp(at - _HALF_HOUR)), ("to", ranges.stamp(at + _HALF_HOUR))]
        around = frame.address(
            reverse("activity"),
            kept=[("actor", normal["actor"]), ("tenant", normal["org"]), *from_to],
        )
    return EventPage(
        tenant=tenant,
        source=words.source_name(source),
        at=at,
        action=words.visible(normal.get("action")),
        normal=tuple(
            _column(k, v, tenant, normal) for k, v in normal.items() if k != "time" and _stated(v)
        ),
        unstated=", ".join(_label(k).lower() for k, v in normal.items() if not _stated(v)),
        original=tuple(Column(k, k, words.visible(v)) for k, v in original.items() if _stated(v)),
        empty=tuple(k for k, v in original.items() if not _stated(v)),
        around=around,
        around_label=f"{words.visible(normal.get('actor'))}, half an hour before and after",
        problem="",
        fix="",
    )


def _stated(value: Any) -> bool:
    return value is not None and value != ""


def _label(name: str) -> str:
    return _LABELS.get(name, name.replace("_", " ").capitalize())


def _column(name: str, value: Any, tenant: str, normal: dict[str, Any]) -> Column:
    spelled = {"org": tenant, "source": words.source_name(str(value))}.get(name)
    href = ""
    if name in _PIVOTS and normal["time"] is not None:
        span = {
            "from": ranges.stamp(normal["time"] - _AROUND),
            "to": ranges.stamp(normal["time"] + _AROUND),
        }
        query = {"tenant": str(normal["org"]), _PIVOTS[name]: str(value)}
        href = frame.address(reverse("activity"), span, query)
    return Column(name, _label(name), spelled or words.visible(value), href)


def unknown(problem: Problem) -> EventPage:
    """The drawer when the event could not be read."""
    return EventPage(
        "",
        "",
        None,
        "",
        (),
        "",
        (),
        (),
        "",
        "",
        words.sentence(problem.what),
        words.sentence(problem.fix),
    )
