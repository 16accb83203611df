"""The notification pages as frozen values: destinations, open incidents, messages, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from orgwarden.core.roles import Right
from orgwarden.records.models import Destination, Incident, Message
from orgwarden.records.workers import workers_seen
from orgwarden.web import access, notify_acts, words
from orgwarden.web.preferences_page import Field

MESSAGES = 25
Kind = Destination.Kind


@dataclass(frozen=True)
class KindOf:
    """One kind of destination, spelled. `hint` says where the address is found."""

    id: str
    icon: str
    label: str
    means: str
    field: str
    hint: str
    placeholder: str


KINDS: tuple[KindOf, ...] = (
    KindOf(
        Kind.EMAIL,
        "bell",
        "E-mail",
        "One address gets every message, the one that a tenant is ready included.",
        "E-mail address",
        "A list or a shared mailbox outlives people.",
        "security@example.com",
    ),
    KindOf(
        Kind.WEBHOOK,
        "world",
        "Signed webhook",
        "JSON to a program of yours, signed as standardwebhooks.com describes.",
        "Web address",
        "https only. Redirects are not followed. It is stored sealed; only its host is shown.",
        "https://alerts.example.com/orgwarden",
    ),
    KindOf(
        Kind.SLACK,
        "apps",
        "Slack",
        "A channel, through an incoming webhook of a Slack app.",
        "Incoming webhook address",
        "In Slack: your app, Incoming Webhooks, Add New Webhook to Workspace. It is a secret:"
        " stored sealed, only its host is shown.",
        "https://hooks.slack.com/services/…",
    ),
    KindOf(
        Kind.TEAMS,
        "users",
        "Microsoft Teams",
        "A channel, through a workflow that posts what it receives.",
        "Workflow address",
        "In Teams: the channel, Workflows, Post to a channel when a webhook request is received."
        " It is a secret: stored sealed, only its host is shown.",
        "https://….logic.azure.com/workflows/…",
    ),
    KindOf(
        Kind.HEARTBEAT,
        "activity",
        "Heartbeat address",
        "Called after each cycle in which collecting is healthy, so that silence is noticed"
        " elsewhere.",
        "Address to call",
        "The service that watches it raises the alarm when the calls end.",
        "https://hc.example.com/ping/…",
    ),
)
KIND = {k.id: k for k in KINDS}


@dataclass(frozen=True)
class Row:
    """One destination."""

    pk: int
    name: str
    icon: str
    kind: str
    to: str
    enabled: bool
    last_ok_at: datetime | None
    problem: str
    problem_at: datetime | None
    href: str
    never: str


@dataclass(frozen=True)
class IncidentRow:
    what: str
    tenant: str
    href: str
    words: str
    fix: str
    since: datetime
    note: str


@dataclass(frozen=True)
class MessageRow:
    pk: int
    subject: str
    to: str
    at: datetime
    state: str
    icon: str
    label: str
    problem: str
    due_at: datetime | None
    may_again: bool


@dataclass(frozen=True)
class NotificationsPage:
    destinations: tuple[Row, ...]
    kinds: tuple[KindOf, ...]
    incidents: tuple[IncidentRow, ...]
    messages: tuple[MessageRow, ...]
    times: tuple[Field, ...]  # when to tell
    mail: str  # how e-mail leaves; empty when it does not
    mail_needed: bool  # something waits for it
    workers: int
    unheard: str  # tenants whose ready message nobody would get


_LOOKS = {
    Message.State.WAITING: ("waiting", "hourglass"),
    Message.State.SENDING: ("running", "refresh"),
    Message.State.SENT: ("current", "circle-check"),
    Message.State.UNCLEAR: ("dark", "help-circle"),
    Message.State.GIVEN_UP: ("failing", "alert-octagon"),
}


def build(now: datetime, times: tuple[Field, ...]) -> NotificationsPage:
    """Everything the page shows, as it is now."""
    waiting = Message.objects.filter(state=Message.State.WAITING)
    needs_mail = waiting.filter(destination=None) | waiting.filter(destination__kind=Kind.EMAIL)
    return NotificationsPage(
        destinations=tuple(row_of(d) for d in Destination.objects.order_by("kind", "name")),
        kinds=KINDS,
        incidents=incidents(),
        messages=messages(),
        times=times,
        mail=mail_words(),
        mail_needed=needs_mail.exists() or Destination.objects.filter(kind=Kind.EMAIL).exists(),
        workers=len(workers_seen(now)),
        unheard=", ".join(notify_acts.unheard()),
    )


def mail_words() -> str:
    """How e-mail leaves this installation; empty when no mail server is configured."""
    if not settings.EMAIL_HOST:
        return ""
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}, from {settings.DEFAULT_FROM_EMAIL}"


def row_of(row: Destination) -> Row:
    kind = KIND[row.kind]
    return Row(
        pk=row.pk,
        name=row.name,
        icon=kind.icon,
        kind=kind.label,
        to=row.address,
        enabled=row.enabled,
        last_ok_at=row.last_ok_at,
        problem=words.sentence(row.last_problem),
        problem_at=row.last_problem_at,
        href=reverse("edit-notification", args=[row.pk]),
        never="not called yet" if row.kind == Kind.HEARTBEAT else "nothing sent yet",
    )


def incidents() -> tuple[IncidentRow, ...]:
    """The open ones, those not told yet included."""
    rows = Incident.objects.filter(ended_at=None).select_related("org")
    return tuple(
        IncidentRow(
            what=(what := notify_acts.headline(row.kind, row.subject)),
            tenant=row.org.name if row.org else "All tenants",
            href=reverse("org", args=[row.org.key]) if row.org else reverse("integrations"),
            words=words.sentence(row.words.removeprefix(f"{what}: ")),
            fix=words.sentence(row.fix),
            since=row.opened_at,
            note=_note(row),
        )
        for row in rows
    )


def _note(row: Incident) -> str:
    if row.told_at is None:
        return "Not told yet: it may pass."
    if row.quiet_since is not None:
        return "Seems over: told when that has lasted."
    return ""


def messages() -> tuple[MessageRow, ...]:
    """The newest, and before them all that did not arrive."""
    rows = Message.objects.select_related("destination").order_by("-created_at", "-pk")[:MESSAGES]
    return tuple(_message(row) for row in rows)


def _message(row: Message) -> MessageRow:
    state, icon = _LOOKS[Message.State(row.state)]
    again = (Message.State.UNCLEAR, Message.State.GIVEN_UP)
    return MessageRow(
        pk=row.pk,
        subject=words.visible(row.body.get("subject", "")),
        to=row.destination.name if row.destination else row.address,
        at=row.created_at,
        state=state,
        icon=icon,
        label=Message.State(row.state).label,
        problem=words.sentence(row.problem),
        due_at=row.due_at if row.state == Message.State.WAITING else None,
        may_again=row.state in again,
    )


@dataclass(frozen=True)
class Outbound:
    """The outbound area of the Integrations page."""

    kinds: tuple[tuple[str, str, str], ...]  # icon, label, how many
    count: int
    problems: int
    href: str  # empty for people who may not change it


def outbound(user: Any) -> Outbound:
    """What leaves Orgwarden, by kind."""
    rows = list(Destination.objects.filter(enabled=True))
    held = tuple(
        (k.icon, k.label, words.count_of(n, "destination"))
        for k in KINDS
        if (n := sum(r.kind == k.id for r in rows))
    )
    may = access.may(user, Right.MANAGE_SETTINGS)
    return Outbound(
        held,
        len(rows),
        sum(bool(r.last_problem) for r in rows),
        reverse("notifications") if may else "",
    )
