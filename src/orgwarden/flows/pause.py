"""Pausing and resuming a tenant, and keeping a paused one's grant alive meanwhile.

A refresh token dies when it is idle for longer than the app's policy in Salesforce allows. So a
paused tenant's is used once before a third of that time is over; when that does not work, pages
and messages name the day it will die. Other ways of signing in have nothing that could die.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from orgwarden.core.grants import state_of
from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows import standing
from orgwarden.flows.clients import transport
from orgwarden.flows.tokens import OrgCredentials
from orgwarden.records import audit, preferences
from orgwarden.records.models import Org, SourceState

TRY_AGAIN = timedelta(hours=1)


def pause(org: Org, *, actor: str) -> None:
    """Stop collecting from now on; a run in progress ends after its next commit."""
    now = datetime.now(UTC)
    with transaction.atomic():
        row = Org.objects.select_for_update().get(pk=org.pk)
        if row.paused_at is None:
            row.paused_at, row.paused_by = now, actor
            row.save(update_fields=["paused_at", "paused_by"])
            audit.record(actor, audit.Action.ORG_PAUSED, row.name, {})
    org.refresh_from_db()


def resume(org: Org, *, actor: str) -> None:
    """Collect again, at once: the gap since each source's last good cursor is read first."""
    now = datetime.now(UTC)
    with transaction.atomic():
        row = Org.objects.select_for_update().get(pk=org.pk)
        if row.paused_at is not None:
            detail = {"paused_at": row.paused_at}
            row.paused_at, row.paused_by, row.next_due_at, row.probed_at = None, "", now, None
            row.save(update_fields=["paused_at", "paused_by", "next_due_at", "probed_at"])
            row.sources.exclude(state=SourceState.State.OFF).update(next_due_at=now)
            audit.record(actor, audit.Action.ORG_RESUMED, row.name, detail)
    org.refresh_from_db()


def refuse_paused(org: Org) -> None:
    """Raise NeedsPerson while a person wants nothing collected."""
    at = Org.objects.filter(pk=org.pk).values_list("paused_at", flat=True).first()
    if at is not None:
        raise NeedsPerson(
            f"{org.name} is paused since {at:%Y-%m-%d %H:%M} UTC.",
            fix="Resume it first.",
            code="PAUSED",
        )


def grant_dies_at(org: Org) -> datetime | None:
    """When the grant dies if it is not used again; None when nothing of it could."""
    if org.flow != Org.Flow.WEB_SERVER:
        return None
    used = org.grant_used_at or org.connected_at
    if used is None:
        return None
    return used + timedelta(days=preferences.value(preferences.GRANT_IDLE_DAYS))


def keep_grants_alive(now: datetime | None = None) -> list[str]:
    """Use the grants of paused tenants that were idle for a third of their time. The names of
    those for which that failed; they are tried again in an hour, unless a person has to act."""
    now = now or datetime.now(UTC)
    idle = timedelta(days=preferences.value(preferences.GRANT_IDLE_DAYS)) / 3
    failed = []
    paused = Org.objects.filter(paused_at__isnull=False, flow=Org.Flow.WEB_SERVER)
    for org in paused:
        if state_of(org.problem):  # it is dead already, or contained: a try could only do harm
            continue
        used = org.grant_used_at or org.connected_at or now
        tried = org.probed_at
        if now - used < idle or (tried is not None and now - tried < TRY_AGAIN):
            continue
        try:
            OrgCredentials(org, transport()).probe()
            Org.objects.filter(pk=org.pk).update(probed_at=None)
        except Problem as problem:
            failed.append(org.name)
            if isinstance(problem, NeedsPerson):
                standing.trouble(org, problem)
            Org.objects.filter(pk=org.pk).update(probed_at=now)
    return failed
