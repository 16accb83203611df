"""The outbox: a message is a row, written in the transaction of what it tells.

Its key names what happened and to whom it is told, so that what happened once is told once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model

from orgwarden.core.problems import NeedsPerson
from orgwarden.notify.content import Content
from orgwarden.notify.mail import checked_address
from orgwarden.records.models import Destination, Message, Org

_KEY = 255
_KEPT = timedelta(days=180)


def put(
    what: str,
    content: Content,
    *,
    now: datetime,
    org: Org | None,
    destinations: Iterable[Destination] = (),
    addresses: Iterable[str] = (),
) -> int:
    """One row for each destination and address that `what` was not told yet; how many are new.
    An address that is a destination too is told once."""
    rows: dict[str, Message] = {}
    for destination in destinations:
        is_mail = destination.kind == Destination.Kind.EMAIL
        to = destination.address.lower() if is_mail else f"destination-{destination.pk}"
        rows.setdefault(to, Message(destination=destination))
    for address in addresses:
        rows.setdefault(address.lower(), Message(address=address))
    before = Message.objects.filter(key__in=[_key(what, to) for to in rows]).count()
    for to, row in rows.items():
        row.key, row.org, row.event = _key(what, to), org, content.event
        row.body, row.created_at, row.due_at = content.to_json(), now, now
    Message.objects.bulk_create(rows.values(), ignore_conflicts=True)
    return len(rows) - before


def _key(what: str, to: str) -> str:
    key = f"{what}:{to}"
    if len(key) > _KEY:
        key = f"{what}:{hashlib.sha256(to.encode()).hexdigest()}"
    return key


def forget_old(now: datetime) -> None:
    """What was sent half a year ago is no longer listed. What it told happens once anyway: a tenant
    is ready once, an incident has its own number."""
    Message.objects.filter(state=Message.State.SENT, created_at__lt=now - _KEPT).delete()


def listeners(*, mail_only: bool = False) -> list[Destination]:
    """The destinations that are on; a heartbeat gets no messages."""
    found = Destination.objects.filter(enabled=True).exclude(kind=Destination.Kind.HEARTBEAT)
    if mail_only:
        found = found.filter(kind=Destination.Kind.EMAIL)
    return list(found.order_by("pk"))


def addresses_of(org: Org) -> list[str]:
    """The e-mail addresses of this tenant's messages, those that are usable."""
    return [a for a in map(_usable, org.told_addresses) if a]


def connector(org: Org) -> str:
    """The e-mail address of the person who connected the tenant; "" when none is known."""
    person = get_user_model().objects.filter(username=org.added_by, is_active=True).first()
    return _usable(person.email) if person else ""


def _usable(text: object) -> str:
    try:
        return checked_address(str(text))
    except NeedsPerson:
        return ""
