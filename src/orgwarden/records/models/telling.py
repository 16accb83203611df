"""What people are told outside the pages: where to, about what, and each message on its way."""

from __future__ import annotations

from django.db import models

from orgwarden.records.models.orgs import Org


class Destination(models.Model):
    """Somewhere messages go."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        WEBHOOK = "webhook", "Webhook"
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"
        HEARTBEAT = "heartbeat", "Heartbeat address"

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # An e-mail address, or a web address sealed by `records.envelope`: it is often a secret itself.
    address = models.CharField(max_length=255, blank=True)
    sealed = models.BinaryField(null=True)  # web address and signing secret
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    last_ok_at = models.DateTimeField(null=True)
    last_problem = models.TextField(blank=True)
    last_problem_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)  # a heartbeat: when it was last called, or tried


class Incident(models.Model):
    """Something that stops or blinds collecting, from its first sign to its end. One message when
    it opens, one when it ends.

    A sign that does not last is no incident: `told_at` is set, and the message written, once it
    has lasted; a row that ends untold is deleted. `quiet_since` is set while its sign is absent:
    it ends when that has lasted too.
    """

    org = models.ForeignKey(Org, on_delete=models.CASCADE, null=True, related_name="incidents")
    kind = models.CharField(max_length=40)  # error, grant_expired, contained, source_dark, …
    subject = models.CharField(max_length=120, blank=True)  # a source id where it has one
    words = models.TextField()
    fix = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    quiet_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-opened_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("org", "kind", "subject"),
                condition=models.Q(ended_at=None),
                name="one_open_incident",
                nulls_distinct=False,
            ),
        )


class Message(models.Model):
    """One message to one destination; written in the transaction of what it tells (the outbox).

    `key` makes it unique, so that what happened once is told once: `ready:<org key>:<address>`.
    How it stays one message when its sender is killed: docs/decisions/0010.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        UNCLEAR = "unclear", "Unclear"  # handed over, and nobody saw the answer
        GIVEN_UP = "given_up", "Given up"

    key = models.CharField(max_length=255, unique=True)
    org = models.ForeignKey(Org, on_delete=models.SET_NULL, null=True, related_name="messages")
    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, null=True)
    address = models.CharField(max_length=255, blank=True)  # e-mail without a destination
    event = models.CharField(max_length=40)  # ready, incident.opened, incident.ended, test
    body = models.JSONField()  # what the templates of each kind print; never a secret
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()  # not before; moved on by each failed try
    tries = models.IntegerField(default=0)
    sender = models.CharField(max_length=200, blank=True)  # records.holder.Holder, while sending
    sending_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)  # set before the last byte leaves
    sent_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("state", "due_at")),)


class WorkerBeat(models.Model):
    """A worker that runs, or ran: seen every few seconds while its collecting thread lives."""

    holder = models.CharField(max_length=200, unique=True)  # records.holder.Holder
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
