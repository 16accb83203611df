"""What has run out and is of no use to anybody: sessions, shared values."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.sessions.models import Session

from orgwarden.records import shared_cache


def clear() -> None:
    """Remove it. Safe at any time and for many at once."""
    Session.objects.filter(expire_date__lt=datetime.now(UTC)).delete()
    shared_cache.sweep()
