"""Values that all web processes share for a while: counted sign-in tries, codes already used."""

from __future__ import annotations

from django.db import models


class SharedValue(models.Model):
    """One value of `records.shared_cache`, as JSON. Nothing is lost with this table."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.JSONField(null=True)
    expires_at = models.DateTimeField(null=True, db_index=True)  # None: never
