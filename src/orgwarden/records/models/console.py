"""The console itself: who may use it, what they did, what they set."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from orgwarden.records.models.orgs import Org


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


class Membership(models.Model):
    """That a person has a role, for one tenant or (without one) for all, those to come included.
    Nobody has a right that no membership gives."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "Viewer"
        ANALYST = "analyst", "Analyst"
        RESPONDER = "responder", "Responder"
        ADMINISTRATOR = "administrator", "Administrator"
        AUDITOR = "auditor", "Auditor"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=16, choices=Role.choices)
    org = models.ForeignKey(Org, on_delete=models.CASCADE, null=True, related_name="memberships")
    given_by = models.CharField(max_length=150, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "role", "org"),
                name="one_membership",
                nulls_distinct=False,
            ),
        )


class ApiToken(models.Model):
    """A named person's token for the API. Only its digest is stored; it is shown once."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=80)
    start = models.CharField(max_length=16)  # its first characters, so that people tell them apart
    digest = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.CharField(max_length=64, blank=True)
    revoked_at = models.DateTimeField(null=True)


class Setting(models.Model):
    """One setting of this installation that people change on a page. The key and the meaning of
    its value are declared in `records.preferences`."""

    key = models.CharField(max_length=80, unique=True)
    value = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)
