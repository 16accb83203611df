"""Collect Now: a person asks a worker to collect at once."""

from __future__ import annotations

from datetime import UTC, datetime

from orgwarden.flows.pause import refuse_paused
from orgwarden.records import audit, leases
from orgwarden.records.models import Org, SourceState


def collect_now(org: Org, actor: str) -> bool:
    """Ask the worker to collect now: the org becomes due. True when a run is in progress, which
    is joined: nothing is started twice, because a worker takes the lease first. A grant that
    failed is tried once more, because a person wants it."""
    refuse_paused(org)
    joined = leases.is_held(org)
    audit.record(actor, audit.Action.COLLECT_STARTED, org.name, {"joined": joined})
    if not joined:
        now = datetime.now(UTC)
        org.sources.exclude(state=SourceState.State.OFF).update(next_due_at=now)
        Org.objects.filter(pk=org.pk).update(next_due_at=now, probed_at=None)
    return joined
