"""Which sources of a tenant are on, and saying so of those that are off."""

from __future__ import annotations

from datetime import datetime

from orgwarden.catalog.features import featured, left_out, sources_for
from orgwarden.catalog.permissions import label_of
from orgwarden.catalog.sources import SOURCES, event_log_file
from orgwarden.catalog.tiers import TIERS
from orgwarden.core.source import Source
from orgwarden.records.models import Org, SourceState

TIER = {t.id: t for t in TIERS}


def enabled_sources(org: Org) -> tuple[Source, ...]:
    """The sources that are called: those of the features that are on, whose tier is opted in to."""
    return sources_for(org.features, org.tiers)


class StillOn:
    """Whether a source is on while its org is collected: what a person has opted out of meanwhile
    is not called. What was chosen is asked each time, what follows from it worked out once."""

    def __init__(self, org: Org) -> None:
        self._chosen = Org.objects.filter(pk=org.pk).values_list("features", "tiers")
        self._known: tuple[list[str], list[str]] | None = None
        self._on: frozenset[str] = frozenset()

    def __call__(self, source: Source) -> bool:
        chosen = self._chosen.get()
        if chosen != self._known:
            self._known, self._on = chosen, frozenset(s.id for s in sources_for(*chosen))
        return source.id in self._on


def why_off(org: Org, source: Source) -> tuple[str, str] | None:
    """Why a source is off and what would turn it on, or None when it is on."""
    if source in enabled_sources(org):
        return None
    if source in left_out(org.features, org.tiers):
        tier = TIER[source.tier]
        gives = " and ".join(label_of(p) for p in tier.permissions)
        return (
            f"Off: {tier.title} was not opted in to; {tier.without}.",
            f"Edit the tenant, choose {tier.title}, and give {org.connected_user} {gives}.",
        )
    return "Off: no feature that is on reads it.", "Edit the tenant and choose a feature with it."


def mark_off(org: Org, now: datetime) -> None:
    """Give every source that is off its state. One that was never on and belongs to no feature
    that is on is not shown at all; what was collected of another stays."""
    shown = featured(org.features)
    off = SourceState.State.OFF
    for source in SOURCES:
        if (told := why_off(org, source)) is None:
            continue
        values = {"state": off, "reason": told[0], "fix": told[1], "next_due_at": None}
        rows = SourceState.objects.filter(org=org, source=source.id)
        if source is event_log_file.FAMILY:
            rows |= SourceState.objects.filter(org=org, source__startswith=event_log_file.PREFIX)
        rows.exclude(state=off).update(since=now)
        if not rows.update(**values) and source in shown:
            SourceState.objects.create(org=org, source=source.id, since=now, **values)
    on = [s.id for s in enabled_sources(org)]
    for state in SourceState.objects.filter(org=org, source__in=on, state=off):
        # Opted in to again: as if never looked at, until the next run says how it stands.
        state.state, state.reason, state.fix = SourceState.State.NEVER, "", ""
        state.since = state.next_due_at = now
        state.save()
