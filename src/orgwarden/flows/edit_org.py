"""Editing a tenant: name, features, tiers, backfill, cadence, addresses. No consent is needed.

The sign-in way and the scopes are changed by reconnecting (`reconnect`, purpose edit), because
only a new grant can have them. Key, history and first-connected never change.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from orgwarden.catalog.features import sources_for
from orgwarden.catalog.sources import BY_ID
from orgwarden.core.source import cadence_of
from orgwarden.flows.enabled import mark_off
from orgwarden.flows.tenant_settings import Settings, checked, taken
from orgwarden.records import audit
from orgwarden.records.models import Org


def edit_org(org: Org, wanted: Settings, *, actor: str) -> list[str]:
    """Store the settings; the names of those that changed. Raises NeedsPerson and changes nothing
    when one of them does not fit. `Wrong.field` says which."""
    now = datetime.now(UTC)
    wanted = checked(org, wanted)
    try:
        with transaction.atomic():
            row = Org.objects.select_for_update().get(pk=org.pk)
            before, after = asdict(Settings.of(row)), asdict(wanted)
            changed = [name for name, value in after.items() if value != before[name]]
            if not changed:
                return []
            was = {s.id for s in sources_for(row.features, row.tiers)}
            for name in changed:
                value = after[name]
                setattr(row, name, list(value) if isinstance(value, tuple) else value)
            added = {s.id for s in sources_for(row.features, row.tiers)} - was
            if added and row.status == Org.Status.SUCCESS:
                row.status, row.status_since = Org.Status.IN_PROGRESS, now
            if row.status != Org.Status.ERROR:
                row.next_due_at = now
            row.save()
            mark_off(row, now)
            _reschedule(row, now, everything="backfill_days" in changed)
            audit.record(
                actor,
                audit.Action.ORG_EDITED,
                row.name,
                {
                    "before": {n: before[n] for n in changed},
                    "after": {n: after[n] for n in changed},
                },
            )
    except IntegrityError:
        raise taken(wanted.name) from None
    org.refresh_from_db()
    return changed


def _reschedule(org: Org, now: datetime, *, everything: bool) -> None:
    """Sources whose cadence became shorter, and all when more history is wanted, are due sooner."""
    for state in org.sources.exclude(state="off"):
        source = BY_ID.get(state.source)
        if source is None or state.next_due_at is None or state.last_run_at is None:
            continue  # never read, so due already
        due = state.last_run_at + cadence_of(source, org.cadence_minutes)
        state.next_due_at = now if everything else max(due, now)
        state.save(update_fields=["next_due_at"])
