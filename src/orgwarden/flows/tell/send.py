"""One message to one destination, in that destination's form."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from django.conf import settings

from orgwarden.core.problems import TryLater
from orgwarden.notify import mail, slack, teams, webhook
from orgwarden.notify.address import WebAddress, web_address
from orgwarden.notify.content import Content, HandOver
from orgwarden.records.envelope import destination_name, open_sealed, seal
from orgwarden.records.models import Destination, Message

NOT_SET_UP = "MAIL_NOT_SET_UP"
# Troubles of the mail server itself: every other e-mail would meet them too.
NO_MAIL = frozenset({NOT_SET_UP, "SMTP_UNREACHABLE", "SMTP_REFUSED", "SMTP_TLS", "SMTP_SIGN_IN"})


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is secret of a destination."""

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)  # of a webhook
    method: str = "GET"  # of a heartbeat


def sealed(destination_pk: int, value: Sealed) -> bytes:
    """For the row."""
    held = {"url": value.url, "secret": value.secret, "method": value.method}
    return seal(json.dumps(held).encode(), bound_to=destination_name(destination_pk))


def opened(destination: Destination) -> Sealed:
    """From the row."""
    assert destination.sealed is not None
    held = json.loads(open_sealed(destination.sealed, bound_to=destination_name(destination.pk)))
    return Sealed(**held)


def place_of(value: Sealed) -> WebAddress:
    """The address, checked again: what is allowed may have changed since it was entered."""
    return web_address(value.url, settings.ORGWARDEN_ALLOWED_NOTIFY_HOSTS)


def mail_server() -> mail.Server:
    """The mail server of Django's settings. Raises TryLater when none is configured."""
    if not settings.EMAIL_HOST:
        raise TryLater(
            "E-mail is not configured, so the message waits.",
            fix="Set ORGWARDEN_SMTP_URL and ORGWARDEN_MAIL_FROM and start Orgwarden again.",
            code=NOT_SET_UP,
        )
    security = "tls" if settings.EMAIL_USE_SSL else "starttls" if settings.EMAIL_USE_TLS else ""
    return mail.Server(
        settings.EMAIL_HOST,
        settings.EMAIL_PORT,
        security,
        settings.EMAIL_HOST_USER,
        settings.EMAIL_HOST_PASSWORD,
        settings.DEFAULT_FROM_EMAIL,
    )


def message_id(row: Message) -> str:
    """The same for every try of one message, so that a receiver can leave out a repetition."""
    stamp = f"{row.key}|{row.created_at.timestamp():.6f}"
    return f"ow-{hashlib.sha256(stamp.encode()).hexdigest()[:32]}"


def send(row: Message, hand_over: HandOver) -> None:
    """Send it now. Raises Problem; `notify.content.Unclear` when it may have arrived."""
    content = Content.from_json(row.body)
    to = row.destination
    if to is None or to.kind == Destination.Kind.EMAIL:
        server = mail_server()
        composed = mail.compose(
            content,
            sender=server.sender,
            to=to.address if to else row.address,
            message_id=f"{message_id(row)}@{server.domain}",
            at=row.created_at,
        )
        mail.send(server, composed, hand_over=hand_over)
        return
    value = opened(to)
    place = place_of(value)
    if to.kind == Destination.Kind.SLACK:
        slack.send(place, content, hand_over=hand_over)
    elif to.kind == Destination.Kind.TEAMS:
        teams.send(place, content, hand_over=hand_over)
    elif to.kind == Destination.Kind.WEBHOOK:
        webhook.send(place, value.secret, content, message_id=message_id(row), hand_over=hand_over)
    else:
        raise AssertionError(f"no messages go to {to.kind}")
