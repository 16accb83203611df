"""Incidents: looked for in the records, opened, told, ended; one message each way.

1. Take the tenant's row, so that of several lookers one decides.
2. Judge what is recorded (`core.incidents`).
3. Open, tell, quiet or end; a message is written in the transaction of what it tells.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from orgwarden.core.incidents import Kind, Look, Open, Sign, Step, look, step
from orgwarden.flows.tell import content as tell_content
from orgwarden.flows.tell import facts as tell_facts
from orgwarden.flows.tell import outbox as tell_outbox
from orgwarden.notify.content import Content
from orgwarden.records.models import Incident, Org

_OVER = {
    Kind.SOURCE_DARK: "The source is read again.",
    Kind.COVERAGE_GAP: "No recent span is missing any more.",
    Kind.BUDGET_STOP: "Collecting goes on.",
}


def look_at_all(now: datetime | None = None) -> None:
    """Every tenant, each in a transaction of its own."""
    for pk in Org.objects.values_list("pk", flat=True):
        look_at(pk, now)


def look_at(org_pk: int, now: datetime | None = None) -> None:
    """One tenant. Nothing happens when it is gone."""
    at = now or datetime.now(UTC)
    with transaction.atomic():
        org = Org.objects.select_for_update(no_key=True).filter(pk=org_pk).first()
        if org is None:
            return
        facts = tell_facts.of(org, at)
        seen = look(facts, now=at, stale_after=tell_facts.stale_after(org, at))
        grace = timedelta() if facts.paused else tell_facts.grace()
        _bring_up(org, seen, grace, at)


def _bring_up(org: Org, seen: Look, grace: timedelta, now: datetime) -> None:
    open_now = {(i.kind, i.subject): i for i in Incident.objects.filter(org=org, ended_at=None)}
    signs = {s.key: s for s in seen.signs}
    for key in sorted({*open_now, *signs}):
        sign, row = signs.get(key), open_now.get(key)
        if sign is None and key in seen.unseen:
            continue
        for _ in range(3):  # opened, back and told may fall into one look
            known = Open(row.opened_at, row.told_at, row.quiet_since) if row else None
            what = step(known, key[0], present=sign is not None, now=now, grace=grace)
            row = _take(org, what, row, sign, now)
            if what not in (Step.OPEN, Step.BACK):
                break


def _take(
    org: Org, what: Step, row: Incident | None, sign: Sign | None, now: datetime
) -> Incident | None:
    if row is None:
        if what is Step.OPEN and sign is not None:
            return Incident.objects.create(
                org=org,
                kind=sign.kind.value,
                subject=sign.subject,
                words=sign.words,
                fix=sign.fix,
                opened_at=now,
            )
        return None
    row.org = org
    if sign is not None and (row.words, row.fix) != (sign.words, sign.fix):
        row.words, row.fix = sign.words, sign.fix  # the page shows what is wrong now
        row.save(update_fields=["words", "fix"])
    if what is Step.TELL:
        row.told_at = now
        row.save(update_fields=["told_at"])
        _tell(row, f"incident:{row.pk}:opened", tell_content.opened(row, now), now)
    elif what is Step.QUIET:
        row.quiet_since = now
        row.save(update_fields=["quiet_since"])
    elif what is Step.BACK:
        row.quiet_since = None
        row.save(update_fields=["quiet_since"])
    elif what is Step.FORGET:
        row.delete()
        return None
    elif what is Step.END:
        row.quiet_since = row.quiet_since or now
        row.ended_at = now
        row.save(update_fields=["quiet_since", "ended_at"])
        _tell(row, f"incident:{row.pk}:ended", tell_content.ended(row, _why(row), now), now)
    return row


def _why(row: Incident) -> str:
    if row.org is not None and row.org.paused_at is not None:
        return "The tenant is paused, so it is no longer looked at."
    return _OVER.get(Kind(row.kind), "The tenant is collected again.")


def _tell(row: Incident, what: str, content: Content, now: datetime) -> None:
    destinations = tell_outbox.listeners()
    addresses = tell_outbox.addresses_of(row.org) if row.org else []
    if row.org and not destinations and not addresses:  # somebody has to hear of it
        addresses = [a for a in [tell_outbox.connector(row.org)] if a]
    tell_outbox.put(
        what, content, now=now, org=row.org, destinations=destinations, addresses=addresses
    )
