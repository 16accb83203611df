"""The apps that can touch an org, and what people decided about them."""

from __future__ import annotations

import secrets

from django.db import models

from orgwarden.records.models.orgs import Org


def new_app_key() -> str:
    """A short random name for an app's address; says nothing about the app."""
    return secrets.token_hex(6)


class App(models.Model):
    """One app of one org, as last taken stock of. What people decided stays when the app goes and
    comes back; the rest is made anew from the events each time. Numbers are null where they could
    not be counted, which is not 0."""

    class Classification(models.TextChoices):
        UNCLASSIFIED = "unclassified", "Unclassified"
        REVIEWING = "reviewing", "Reviewing"
        SANCTIONED = "sanctioned", "Sanctioned"
        UNSANCTIONED = "unsanctioned", "Unsanctioned"

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="apps")
    key = models.CharField(max_length=12, unique=True, default=new_app_key, editable=False)
    name = models.TextField(blank=True)  # as Salesforce shows it, of any length: hostile
    state = models.CharField(max_length=16)  # core.apps.State
    state_since = models.DateTimeField()  # when it was first seen so
    classification = models.CharField(
        max_length=16, choices=Classification.choices, default=Classification.UNCLASSIFIED
    )
    found_at = models.DateTimeField()  # when it was first in the inventory
    looked_at = models.DateTimeField()  # the collection that this is of
    first_seen = models.DateTimeField(null=True)  # first grant or mention, as far as known
    last_seen = models.DateTimeField(null=True)
    grants = models.IntegerField(null=True)
    people = models.IntegerField(null=True)
    privileged_people = models.IntegerField(null=True)
    namesakes = models.IntegerField(default=0)
    risk = models.IntegerField(default=0)  # 0 to 100: the sum of the reasons' points
    reasons = models.JSONField(default=list)  # [{"id", "points", "text"}], the weightiest first
    unjudged = models.JSONField(default=list)  # the same of factors that could not be judged
    # [{"source", "name", "identities", "rows", "first", "last", "hint"}]: its traces
    evidence = models.JSONField(default=list)

    class Meta:
        ordering = ("-risk", "name", "key")
        indexes = (models.Index(fields=("org", "-risk")),)

    def __str__(self) -> str:
        return self.name


class AppStock(models.Model):
    """How the last stock of an org's apps went: what it was taken of, when by the org's clock, and
    why the newest try failed, empty if it did not."""

    org = models.OneToOneField(Org, on_delete=models.CASCADE, related_name="app_stock")
    of = models.JSONField(default=dict)  # of flows.apps.stocktaking
    mentioned = models.BigIntegerField(default=0)  # rows of sources that only mention apps
    at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)


class AppIdentity(models.Model):
    """An id by which an app is known again. `known` is one of core.apps.Known."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="identities")
    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="app_identities")
    known = models.CharField(max_length=16)
    value = models.TextField()  # a name may be of any length
    # The value's SHA-256 in hex: databases index no text without end, nor all by case.
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("org", "known", "digest"), name="one_app_an_identity"),
        )
