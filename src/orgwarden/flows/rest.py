"""Rest: when to look at an org again after a collection that did not say so itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orgwarden.core.problems import NeedsPerson, Problem, TryLater
from orgwarden.flows.due import due_sources
from orgwarden.flows.standing import look_again
from orgwarden.records.models import Org, SourceState

SOON = timedelta(minutes=1)


def defer(org: Org, problem: Problem | None, now: datetime | None = None) -> None:
    """Set the next look: by what went wrong; else when the next source is due, or soon where one is
    due already."""
    now = now or datetime.now(UTC)
    if isinstance(problem, NeedsPerson):
        due = look_again(problem, now)
    elif isinstance(problem, TryLater):
        due = now + (problem.after or SOON)
    elif due_sources(org, now):
        due = now + SOON
    else:
        waits = SourceState.objects.filter(org=org, next_due_at__gt=now)
        soonest = waits.order_by("next_due_at").values_list("next_due_at", flat=True).first()
        due = soonest or now + SOON
    Org.objects.filter(pk=org.pk).update(next_due_at=due)
