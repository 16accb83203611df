"""What Orgwarden remembers outside the lake.

Cursor, coverage and last sync here are caches of what the lake's newest commit says
(`orgwarden lake rebuild-cache`); everything else exists only here.
Times are aware UTC datetimes. Reasons and fixes are sentences for people.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models


def new_org_key() -> str:
    """A short random name for an org's folder and address; says nothing about the org."""
    return secrets.token_hex(6)


class Org(models.Model):
    """A connected Salesforce organization; pages call it tenant."""

    class Status(models.TextChoices):
        IN_PROGRESS = "in_progress", "In progress"
        SUCCESS = "success", "Success"
        ERROR = "error", "Error"

    class Flow(models.TextChoices):
        CLIENT_CREDENTIALS = "client-credentials", "Client credentials"
        WEB_SERVER = "web-server", "Consent in the browser"
        JWT_BEARER = "jwt-bearer", "JWT bearer"

    key = models.CharField(max_length=32, unique=True, default=new_org_key, editable=False)
    name = models.CharField(max_length=80, unique=True)
    url = models.CharField(max_length=255)  # My Domain address, https://host[:port], no path
    instance_url = models.CharField(max_length=255, blank=True)  # where tokens said to go
    salesforce_id = models.CharField(max_length=18, blank=True)  # 00D…, 18 characters
    organization_name = models.CharField(max_length=255, blank=True)
    edition = models.CharField(max_length=80, blank=True)  # Organization.OrganizationType
    instance_name = models.CharField(max_length=40, blank=True)
    is_sandbox = models.BooleanField(null=True)
    language = models.CharField(max_length=20, blank=True)  # of the connected user
    flow = models.CharField(max_length=32, choices=Flow.choices)
    connected_user = models.CharField(max_length=255, blank=True)  # username at Salesforce
    connected_user_id = models.CharField(max_length=18, blank=True)
    features = models.JSONField(default=list)  # of "app_governance", "sspm_scan"
    legacy = models.BooleanField(default=False)
    added_by = models.CharField(max_length=150)  # who, as text: outlives the account
    first_connected_at = models.DateTimeField(null=True)
    connected_at = models.DateTimeField(null=True)  # last (re)connect
    backfill_days = models.PositiveIntegerField(default=60)
    event_monitoring = models.CharField(max_length=16, blank=True)  # "", none, licensed
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.IN_PROGRESS)
    status_since = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)  # why status is error
    problem_fix = models.TextField(blank=True)
    problem_code = models.CharField(max_length=80, blank=True)
    last_synced_at = models.DateTimeField(null=True)  # end of the last complete success
    next_due_at = models.DateTimeField(null=True)  # when a worker should look again
    waiting_reason = models.TextField(blank=True)
    waiting_rule = models.CharField(max_length=40, blank=True)
    waiting_until = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)  # when the 75 % stop fell; None while collecting

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Credential(models.Model):
    """The secrets of one org, sealed by `records.envelope`; only ciphertext is stored.

    `kind` is one of client_secret, private_key, refresh_token, access_token. A rotated refresh
    token is stored as a new version before it is used; the one before stays for a crash.
    """

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=32)
    version = models.PositiveIntegerField(default=1)
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("org", "kind", "version"), name="one_secret_a_version"),
        )


class ConnectedClient(models.Model):
    """The OAuth client (consumer key) an org is connected with. Not a secret."""

    org = models.OneToOneField(Org, on_delete=models.CASCADE, related_name="client")
    client_id = models.CharField(max_length=255)


class SourceState(models.Model):
    """How one source of one org stands. `source` is a catalog id such as `login_history` or
    `event_log_file`; log files keep one row per event type with `source` = `event_log_restapi`."""

    class State(models.TextChoices):
        NEVER = "never", "Not yet collected"
        RUNNING = "running", "Collecting"
        CURRENT = "current", "Up to date"
        WAITING = "waiting", "Waiting"
        DARK = "dark", "Dark"
        FAILING = "failing", "Failing"

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="sources")
    source = models.CharField(max_length=80)
    state = models.CharField(max_length=16, choices=State.choices, default=State.NEVER)
    reason = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    since = models.DateTimeField(null=True)  # when the present state began
    cursor = models.JSONField(null=True)  # cache of the lake's
    # cache of the lake's: {"complete": [[from, to], …], "missing": [[from, to, why], …]}, ISO UTC
    coverage = models.JSONField(default=dict)
    backfill_from = models.DateTimeField(null=True)  # set at the first run, never moved
    rows = models.BigIntegerField(default=0)
    calls = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    # of a run in progress: rows expected and done, 0 when unknown
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    last_run_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("org", "source"), name="one_state_a_source"),
        )


class Run(models.Model):
    """One collection of one source: what it cost and what it brought."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        WAITING = "waiting", "Stopped by the budget"
        DARK = "dark", "Could not look"
        FAILED = "failed", "Failed"
        LOST = "lost", "Another worker took over"

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="runs")
    source = models.CharField(max_length=80)
    trigger = models.CharField(max_length=16, default="schedule")  # schedule, command, page
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.RUNNING)
    rows_read = models.BigIntegerField(default=0)
    rows_stored = models.BigIntegerField(default=0)
    rows_duplicate = models.BigIntegerField(default=0)
    rows_quarantined = models.BigIntegerField(default=0)
    calls = models.IntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    reason = models.TextField(blank=True)
    fix = models.TextField(blank=True)

    class Meta:
        ordering = ("-started_at",)
        indexes = (models.Index(fields=("org", "-started_at")),)


class LandedFile(models.Model):
    """A log file that has landed, so that the next listing need not fetch it again. A cache: a
    file fetched twice adds nothing, it only costs a call. `created` is Salesforce's CreatedDate,
    because a replaced file may keep its id."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="landed_files")
    file_id = models.CharField(max_length=18)
    created = models.DateTimeField()
    event_type = models.CharField(max_length=80)
    rows_read = models.BigIntegerField(default=0)
    rows_stored = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("org", "file_id", "created"), name="one_landing_a_file"
            ),
        )


class CallHour(models.Model):
    """Our own calls to one org in one UTC hour, by source."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="call_hours")
    hour = models.DateTimeField()
    source = models.CharField(max_length=80)
    calls = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("org", "hour", "source"), name="one_count_an_hour"),
        )


class OrgUsage(models.Model):
    """What Salesforce last said of the org's daily API calls, by anyone, once an hour at most."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="usage")
    hour = models.DateTimeField()
    at = models.DateTimeField()
    used = models.IntegerField()
    limit = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("org", "hour"), name="one_usage_an_hour"),)


class LeaseRow(models.Model):
    """Who holds something of an org now; taken and given back by `records.leases` alone."""

    org = models.OneToOneField(Org, on_delete=models.CASCADE, related_name="%(class)s")
    epoch = models.BigIntegerField(default=0)
    holder = models.CharField(max_length=200, blank=True)  # leases.Holder as text, "" when free
    expires_at = models.DateTimeField(null=True)
    length = models.DurationField(default=timedelta(seconds=30))  # the holder's, not the asker's

    class Meta:
        abstract = True


class Lease(LeaseRow):
    """Who may work on an org now. `epoch` grows by one with every taking and fences the lake."""


class RefreshClaim(LeaseRow):
    """Who is fetching a new access token for an org now, so that only one does."""


class ConsentRequest(models.Model):
    """A browser consent on its way: one-time `state`, bound to a session, ten minutes."""

    state = models.CharField(max_length=64, unique=True)
    session_key = models.CharField(max_length=64)
    verifier_sealed = models.BinaryField()
    payload = models.JSONField()  # name, url, client_id, features … never a secret
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class AuditEntry(models.Model):
    """One line of the audit chain: who did what to what. `digest` covers the previous digest."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=80)  # source:subject:action, from records.audit.Action
    subject = models.CharField(max_length=255, blank=True)
    detail = models.JSONField(default=dict)
    # Unique, "" of the first included: no two entries follow the same one, the chain cannot fork.
    previous = models.CharField(max_length=64, blank=True, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("id",)


class SavedView(models.Model):
    """A filter somebody named, for a page."""

    page = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
