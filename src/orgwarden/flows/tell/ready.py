"""The ready message: a tenant's first full pull has finished. Once, for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orgwarden.flows.tell import content as tell_content
from orgwarden.flows.tell import outbox as tell_outbox
from orgwarden.records.models import Org, SourceState


def on_success(org: Org, states: Sequence[SourceState], now: datetime) -> bool:
    """Call in the transaction that makes the tenant a success, before `org` is saved: sets
    `ready_at` and writes the messages. Nothing happens the second time."""
    if org.ready_at is not None:
        return False
    org.ready_at = now
    tell_outbox.put(
        f"ready:{org.key}",
        tell_content.ready(org, states, now),
        now=now,
        org=org,
        destinations=tell_outbox.listeners(mail_only=True),
        addresses=readers(org),
    )
    return True


def readers(org: Org) -> list[str]:
    """Who is told by e-mail that this tenant is ready, beside the destinations: the person who
    connected it, and its own addresses."""
    connected = tell_outbox.connector(org)
    return ([connected] if connected else []) + tell_outbox.addresses_of(org)


def unheard() -> list[Org]:
    """The tenants that are not ready yet and whose ready message nobody would get."""
    if tell_outbox.listeners(mail_only=True):
        return []
    return [org for org in Org.objects.filter(ready_at=None) if not readers(org)]
