"""What is due: which orgs, and which of an org's sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db.models import F, Q

from orgwarden.core.source import Source
from orgwarden.flows.enabled import enabled_sources
from orgwarden.records.models import Org, SourceState

FIRST = F("next_due_at").asc(nulls_first=True)  # PostgreSQL would put a new org last


def due_orgs(now: datetime | None = None) -> list[Org]:
    """Those due, the one due longest first; a paused one never is."""
    due = Q(next_due_at=None) | Q(next_due_at__lte=now or datetime.now(UTC))
    return list(Org.objects.filter(due, paused_at=None).order_by(FIRST))


def others_due(org: Org, now: datetime) -> bool:
    """Whether another org is due that nobody holds."""
    due = Q(next_due_at=None) | Q(next_due_at__lte=now)
    free = Q(lease=None) | Q(lease__holder="") | Q(lease__expires_at__lte=now)
    return Org.objects.filter(due, free, paused_at=None).exclude(pk=org.pk).exists()


def due_sources(org: Org, now: datetime | None = None) -> Sequence[Source]:
    """The sources that are on and due; one that waits for its budget is due when that says so."""
    now = now or datetime.now(UTC)
    states = {s.source: s for s in SourceState.objects.filter(org=org)}
    found = []
    for source in enabled_sources(org):
        state = states.get(source.id)
        if state is None or state.next_due_at is None or state.next_due_at <= now:
            found.append(source)
    return found
