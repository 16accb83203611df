"""Trying a destination out, and sending once more what did not arrive: a person asks for both."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from orgwarden.core.problems import Problem
from orgwarden.flows.tell import content as tell_content
from orgwarden.flows.tell import deliver as tell_deliver
from orgwarden.flows.tell import heartbeat as tell_heartbeat
from orgwarden.flows.tell import outbox as tell_outbox
from orgwarden.records import audit
from orgwarden.records.audit import Action
from orgwarden.records.holder import Holder
from orgwarden.records.models import Destination, Message


def try_out(row: Destination, *, actor: str) -> str:
    """Send a test now; what happened, in a sentence. Raises Problem when it did not work."""
    now = datetime.now(UTC)
    audit.record(actor, Action.DESTINATION_TESTED, row.name, {"kind": row.kind})
    if row.kind == Destination.Kind.HEARTBEAT:
        if not tell_heartbeat.call(row):
            row.refresh_from_db()
            raise Problem(row.last_problem or f"{row.address} did not answer.")
        return f"{row.address} answered."
    what = f"test:{row.pk}:{now.timestamp():.6f}"
    content = tell_content.trial(row.name, actor, now)
    tell_outbox.put(what, content, now=now, org=None, destinations=[row])
    message = Message.objects.get(key__startswith=f"{what}:")
    tell_deliver.deliver_one(message.pk, holder=Holder.here())
    message.refresh_from_db()
    if message.state != Message.State.SENT:
        problem = message.problem or "Another worker is sending it now."
        if message.state == Message.State.WAITING:  # a test is worth nothing later
            message.delete()
        raise Problem(problem)
    return f"A test was sent to {row.address}."


def send_again(message: Message, *, actor: str) -> None:
    """A message that is unclear or was given up goes out once more, because a person says so."""
    states = (Message.State.UNCLEAR, Message.State.GIVEN_UP)
    now = datetime.now(UTC)
    with transaction.atomic():
        again = Message.objects.filter(pk=message.pk, state__in=states).update(
            state=Message.State.WAITING, due_at=now, tries=0, handed_at=None
        )
        if again:
            subject = str(message.body.get("subject", ""))[:200]
            audit.record(actor, Action.MESSAGE_SENT_AGAIN, subject, {"to": to_of(message)})


def to_of(message: Message) -> str:
    """Where a message goes, as people may read it."""
    return message.destination.address if message.destination else message.address
