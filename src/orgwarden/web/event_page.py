"""The view model of one event: what it means, and every column as Salesforce sent it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from orgwarden.core.problems import Problem
from orgwarden.web import frame, ranges, words

_HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class EventPage:
    """One event: what it means, then every column as Salesforce sent it."""

    tenant: str
    source: str
    at: datetime | None
    action: str
    normal: tuple[tuple[str, str], ...]
    original: tuple[tuple[str, str], ...]
    around: str  # the address of the same session or person, an hour around it
    around_label: str
    problem: str
    fix: str


def build(tenant: str, source: str, normal: dict[str, Any], original: dict[str, Any]) -> EventPage:
    """The drawer's model. Empty columns are kept: that a value is missing is information."""
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
        normal=tuple((k, words.visible(v)) for k, v in normal.items() if k != "time"),
        original=tuple((k, words.visible(v)) for k, v in original.items()),
        around=around,
        around_label=f"{words.visible(normal.get('actor'))}, half an hour before and after",
        problem="",
        fix="",
    )


def unknown(problem: Problem) -> EventPage:
    """The drawer when the event could not be read."""
    return EventPage(
        "", "", None, "", (), (), "", "", words.sentence(problem.what), words.sentence(problem.fix)
    )
