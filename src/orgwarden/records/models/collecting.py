"""What collecting leaves behind: runs, landed files, counted calls, leases."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from orgwarden.records.models.orgs import Org


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


class OurJob(models.Model):
    """A Bulk query job that Orgwarden made, so that it is not taken for somebody else's."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="our_jobs")
    job_id = models.CharField(max_length=18)
    made_at = models.DateTimeField()


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
    """Our own calls to one org in one UTC hour, by source and lane. `protected` are those of them
    that only the protected lane let pass a stop."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="call_hours")
    hour = models.DateTimeField()
    source = models.CharField(max_length=80)
    lane = models.CharField(max_length=20, default="")  # of core.budget; "" before lanes counted
    calls = models.IntegerField(default=0)
    protected = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("org", "hour", "source", "lane"), name="one_count_an_hour"
            ),
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


class OrgLimit(models.Model):
    """One limit of the org beside its API calls, as Salesforce last said, less what we used since.
    Under Salesforce's own names, which come and go."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="limits")
    name = models.CharField(max_length=120)
    most = models.BigIntegerField()
    remaining = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("org", "name"), name="one_limit_a_name"),)


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
