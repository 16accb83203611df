"""Destinations: where messages go. Added, changed and deleted by administrators.

A web address is often a secret itself: it is sealed, and shown by its host alone ever after.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.tell import send as tell_send
from orgwarden.flows.tell.send import Sealed
from orgwarden.notify import webhook
from orgwarden.notify.address import web_address
from orgwarden.notify.heartbeat import METHODS
from orgwarden.notify.mail import checked_address
from orgwarden.records import audit
from orgwarden.records.audit import Action
from orgwarden.records.models import Destination, Message

MAIL, WEBHOOK, HEARTBEAT = (
    Destination.Kind.EMAIL,
    Destination.Kind.WEBHOOK,
    Destination.Kind.HEARTBEAT,
)
_NAME = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants a destination to be. An empty `address` keeps the one there is, an empty
    `secret` the webhook's secret there is, or makes one."""

    name: str
    kind: str
    address: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    method: str = "GET"
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """A destination as it is now. `secret` is a webhook's new one, to be shown once."""

    destination: Destination
    secret: str = field(default="", repr=False)


def keep(asked: Asked, *, actor: str, old: Destination | None = None) -> Kept:
    """Add it, or change `old`. Raises NeedsPerson with what is wrong."""
    name = asked.name.strip()
    if not name or len(name) > _NAME:
        raise NeedsPerson("It has no name, or one over 80 characters.", fix="Name it.", code="NAME")
    if asked.kind not in Destination.Kind.values or (old and asked.kind != old.kind):
        raise NeedsPerson("Choose what kind of destination it is.", code="KIND")
    if asked.kind == HEARTBEAT and asked.method not in METHODS:
        raise NeedsPerson("A heartbeat is called by GET or POST.", code="METHOD")
    now = datetime.now(UTC)
    row = old or Destination(kind=asked.kind, created_at=now, created_by=actor)
    before = _shown(row) if old else None
    row.name, row.enabled = name, asked.enabled
    try:
        with transaction.atomic():
            if old is None:
                row.save()  # its number is part of what the sealed address is bound to
            fresh = _set_mail(row, asked) if asked.kind == MAIL else _set_web(row, asked)
            row.save()
            action = Action.DESTINATION_CHANGED if old else Action.DESTINATION_ADDED
            detail = {"before": before, "after": _shown(row), "new_signing": bool(fresh)}
            audit.record(actor, action, row.name, detail)
    except IntegrityError:
        raise NeedsPerson(
            f"A destination named {name} exists.", fix="Choose another name.", code="NAME"
        ) from None
    return Kept(row, fresh)


def _set_mail(row: Destination, asked: Asked) -> str:
    row.address = checked_address(asked.address or row.address)
    return ""


def _set_web(row: Destination, asked: Asked) -> str:
    held = _held(row, is_needed=not asked.address.strip())
    url = asked.address.strip() or (held.url if held else "")
    found = web_address(url, settings.ORGWARDEN_ALLOWED_NOTIFY_HOSTS)
    secret, fresh = held.secret if held else "", ""
    if row.kind == WEBHOOK:
        if asked.secret:
            secret = webhook.checked_secret(asked.secret.strip())
        elif not secret:
            secret = fresh = webhook.new_secret()
    row.address = found.shown
    row.sealed = tell_send.sealed(row.pk, Sealed(url, secret, asked.method))
    return fresh


def _held(row: Destination, *, is_needed: bool) -> Sealed | None:
    """What is sealed. When it does not open (its key is lost), a new address replaces it."""
    if not row.sealed:
        return None
    try:
        return tell_send.opened(row)
    except NeedsPerson:
        if is_needed:
            raise
        return None


def _shown(row: Destination) -> dict[str, object]:
    return {"name": row.name, "kind": row.kind, "to": row.address, "enabled": row.enabled}


def delete(row: Destination, *, actor: str) -> None:
    """Remove it with the messages that still wait for it."""
    with transaction.atomic():
        shown = _shown(row)
        waiting = Message.objects.filter(destination=row, state=Message.State.WAITING).count()
        row.delete()
        audit.record(actor, Action.DESTINATION_DELETED, str(shown["name"]),
                     {"before": shown, "waiting": waiting})  # fmt: skip
