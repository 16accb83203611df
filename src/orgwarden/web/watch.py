"""Each tenant in one row of the overview: how complete its last days are, and its API budget."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from orgwarden.core.budget import Rules
from orgwarden.records import calls
from orgwarden.records.models import CallHour, Org, SourceState
from orgwarden.web import budget, coverage, tenants

DAYS = 30


@dataclass(frozen=True)
class Watched:
    tenant: tenants.Tenant
    days: tuple[coverage.Cell, ...]
    days_words: str
    gauge: budget.Gauge


def load(
    orgs: Sequence[Org],
    shown: Sequence[tenants.Tenant],
    states: Sequence[SourceState],
    now: datetime,
) -> tuple[Watched, ...]:
    """The rows, from the records alone: two questions more, however many tenants there are."""
    of: dict[int, list[SourceState]] = defaultdict(list)
    for state in states:
        of[state.org_id].append(state)
    gauges = _gauges(orgs, now)
    found = []
    for org, tenant in zip(orgs, shown, strict=True):
        days = coverage.last_days(of[org.pk], now, DAYS)
        found.append(Watched(tenant, days, coverage.in_words(days), gauges[org.pk]))
    return tuple(found)


def _gauges(orgs: Sequence[Org], now: datetime) -> dict[int, budget.Gauge]:
    wanted = [o.pk for o in orgs]
    last = {
        pk: budget.Measure(calls.the_hour(use.at), use.at, use.used, use.limit)
        for pk, use in calls.usage_of(orgs).items()
    }
    own = dict(
        CallHour.objects.filter(org__in=wanted, hour__gt=now - timedelta(hours=24))
        .values_list("org")
        .annotate(calls=Sum("calls"))
    )
    return {o.pk: budget.gauge(last.get(o.pk), own.get(o.pk, 0), Rules.of(o.budget)) for o in orgs}
