"""The connected orgs, their secrets, and how each of their sources stands."""

from __future__ import annotations

import secrets

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

    class Environment(models.TextChoices):
        """What the person said they connect; `is_sandbox` is what Salesforce says."""

        PRODUCTION = "production", "Production"
        SANDBOX = "sandbox", "Sandbox"

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
    # Which package speaks to it (seed L20): `salesforce` is the only one so far.
    platform = models.CharField(max_length=32, default="salesforce")
    environment = models.CharField(
        max_length=16, choices=Environment.choices, default=Environment.PRODUCTION
    )
    flow = models.CharField(max_length=32, choices=Flow.choices)
    connected_user = models.CharField(max_length=255, blank=True)  # username at Salesforce
    connected_user_id = models.CharField(max_length=18, blank=True)
    intended_user = models.CharField(max_length=255, blank=True)  # username asked for; "" any
    features = models.JSONField(default=list)  # ids of catalog.features
    tiers = models.JSONField(default=list)  # ids of catalog.tiers opted in to
    web_scope = models.BooleanField(default=False)  # the optional scope `web` was asked for
    legacy = models.BooleanField(default=False)  # added by quick connect (seed Z29)
    administrator_accepted = models.BooleanField(default=False)  # collects as an administrator
    egress_confirmed_at = models.DateTimeField(null=True)  # our addresses are fixed, said a person
    told_addresses = models.JSONField(default=list)  # e-mail addresses of this tenant's messages
    cadence_minutes = models.JSONField(default=dict)  # {source id: minutes} where not the default
    added_by = models.CharField(max_length=150)  # who, as text: outlives the account
    first_connected_at = models.DateTimeField(null=True)
    connected_at = models.DateTimeField(null=True)  # last (re)connect
    ready_at = models.DateTimeField(null=True)  # every enabled source had finished once
    paused_at = models.DateTimeField(null=True)
    paused_by = models.CharField(max_length=150, blank=True)
    grant_used_at = models.DateTimeField(null=True)  # a refresh token dies when idle too long
    backfill_days = models.PositiveIntegerField(default=60)
    # {source id: days} that its events are kept; "*" for all others, 0 or none: for ever
    keep_days = models.JSONField(default=dict)
    pruned_at = models.DateTimeField(null=True)  # when what is older was last removed
    event_monitoring = models.CharField(max_length=16, blank=True)  # "", none, licensed
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.IN_PROGRESS)
    status_since = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)  # why status is error
    problem_fix = models.TextField(blank=True)
    problem_code = models.CharField(max_length=80, blank=True)
    problem_since = models.DateTimeField(null=True)
    probed_at = models.DateTimeField(null=True)  # a failed grant is tried at most once an hour
    last_synced_at = models.DateTimeField(null=True)  # end of the last complete success
    next_due_at = models.DateTimeField(null=True)  # when a worker should look again
    waiting_reason = models.TextField(blank=True)
    waiting_rule = models.CharField(max_length=40, blank=True)
    waiting_until = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)  # when the 75 % stop fell; None while collecting
    budget = models.JSONField(default=dict)  # core.budget.Rules, where not the default
    looked_at = models.DateTimeField(null=True)  # when a stopped org's limits were last looked at
    clock_ahead = models.IntegerField(default=0)  # seconds ours is ahead of the org's, if many
    # Who used the calls when they ran short: {"at", "said", "from", "apps": [[name, calls], …]}
    burners = models.JSONField(default=dict)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Credential(models.Model):
    """The secrets of one org, sealed by `records.envelope`; only ciphertext is stored.

    `kind` is one of client_secret, private_key, refresh_token, access_token. A rotated refresh
    token is stored as a new version before it is used, and the one before is forgotten with it.
    """

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=32)
    version = models.PositiveIntegerField(default=1)
    sealed = models.BinaryField()
    # Where the secret lies when it is not here: `file:…`, `env:…`, `command:…`. The sealed value
    # is then this text; the secret is read each time it is used.
    by_reference = models.BooleanField(default=False)
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
        OFF = "off", "Off"  # not opted in to, or of no feature that is on: never called

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
    duplicate = models.BigIntegerField(default=0)  # rows that came and were stored already
    quarantined = models.BigIntegerField(default=0)
    # of a run in progress: rows expected and done, 0 when unknown
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    pending = models.BigIntegerField(default=0)  # log files listed and not landed
    last_run_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)
    # fields that the org did not show, and when that was asked: it is asked again after a day
    lacking = models.JSONField(default=list)
    lacking_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("org", "source"), name="one_state_a_source"),
        )
