"""Connections on their way in and out: consents, connection tests, grants given up, receipts."""

from __future__ import annotations

from django.db import models

from orgwarden.records.models.orgs import Org


class ConsentRequest(models.Model):
    """A connection on its way: what was asked, a browser that was sent to Salesforce or tries of
    a worker, then a proven grant that waits for a person's yes. Bound to a session.

    `sealed` holds the verifier, keys and client secret before Salesforce has answered, and after
    it the tokens too; nothing of it is stored with an org before a person confirmed it.
    """

    class Purpose(models.TextChoices):
        ADD = "add", "Add a tenant"
        QUICK = "quick", "Quick connect"
        RECONNECT = "reconnect", "Reconnect"
        EDIT = "edit", "Change the sign-in way"

    class Stage(models.TextChoices):
        DRAFT = "draft", "Not started"
        AWAY = "away", "At Salesforce"
        TRYING = "trying", "Being tried"
        FAILED = "failed", "Failed"
        ANSWERED = "answered", "Waiting for a yes"

    state = models.CharField(max_length=64, unique=True)
    session_key = models.CharField(max_length=64)
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.ADD)
    org = models.ForeignKey(Org, on_delete=models.CASCADE, null=True, related_name="consents")
    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.DRAFT)
    sealed = models.BinaryField()
    payload = models.JSONField()  # name, url, client_id, features … never a secret
    # What Salesforce said of org and user, and how the tries went: {facts, trouble, tries}
    found = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    good_until = models.DateTimeField(null=True)  # of the present stage
    due_at = models.DateTimeField(null=True)  # when a worker tries (again)
    used_at = models.DateTimeField(null=True)  # the state came back; good for one call only
    answered_at = models.DateTimeField(null=True)  # the grant is proven and waits for a yes


class ConnectionTest(models.Model):
    """A preflight or a Test Connectivity: one line for each thing looked at."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        LOST = "lost", "Cut off"

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="tests")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    connected = models.BooleanField(null=True)  # sign-in and API work; None: not known
    # [{id, title, verdict, words, fix, seconds, calls}]; verdict: pass, warn, fail, unknown
    lines = models.JSONField(default=list)
    # [{source, title, verdict, because, fix}]; verdict: works, partly, dark, off, unknown
    sources = models.JSONField(default=list)
    calls = models.IntegerField(default=0)

    class Meta:
        ordering = ("-asked_at", "-id")


class RetiredGrant(models.Model):
    """A grant of ours that was replaced or given up and has to be revoked at Salesforce. Kept
    until Salesforce has said so, whatever happens to the tenant."""

    org_key = models.CharField(max_length=32)
    org_name = models.CharField(max_length=80)
    url = models.CharField(max_length=255)
    sealed = models.BinaryField()
    retired_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    problem = models.TextField(blank=True)


class DeletionReceipt(models.Model):
    """That a tenant was deleted: by whom, what was purged, what was kept, what Salesforce said."""

    org_key = models.CharField(max_length=32)
    name = models.CharField(max_length=80)
    salesforce_id = models.CharField(max_length=18, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    done = models.JSONField(default=list)  # sentences

    class Meta:
        ordering = ("-at",)
