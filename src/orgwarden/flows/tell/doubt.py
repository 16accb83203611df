"""Doubt: what to do about a message of which nobody knows whether it arrived."""

from __future__ import annotations

from datetime import datetime, timedelta

from orgwarden.records.holder import is_gone
from orgwarden.records.models import Destination, Message

LOST_AFTER = timedelta(minutes=15)  # longer than any conversation with its time limits


def may_repeat(event: str, destination: Destination | None) -> bool:
    """Whether it may be told twice when nobody knows if it arrived: an alarm rather twice than
    never, and a webhook's receiver leaves out an id it has. A ready message stays one."""
    is_webhook = destination is not None and destination.kind == Destination.Kind.WEBHOOK
    return is_webhook or event.startswith("incident.")


def take_back(now: datetime) -> None:
    """What a sender that is gone, or lost for long, had in hand."""
    for row in Message.objects.filter(state=Message.State.SENDING).select_related("destination"):
        begun = row.sending_at or row.created_at
        if not (is_gone(row.sender) or begun + LOST_AFTER <= now):
            continue
        again = row.handed_at is None or may_repeat(row.event, row.destination)
        Message.objects.filter(pk=row.pk, state=Message.State.SENDING, sender=row.sender).update(
            state=Message.State.WAITING if again else Message.State.UNCLEAR,
            sender="",
            due_at=now,
            handed_at=None if again else row.handed_at,
            problem=""
            if again
            else "The worker ended after the whole message was given to the mail server and before"
            " its answer came, so it may have arrived. It is not sent again by itself.",
        )
