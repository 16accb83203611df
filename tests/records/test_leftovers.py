"""Sessions and shared values that ran out are removed, the others stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache

from orgwarden.records import leftovers
from orgwarden.records.models import SharedValue


@pytest.mark.django_db
def test_only_what_ran_out_is_removed() -> None:
    now = datetime.now(UTC)
    for key, ends in (("old", now - timedelta(seconds=1)), ("new", now + timedelta(hours=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
    cache.set("old", 1, -1)
    cache.set("new", 1, 60)
    leftovers.clear()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
    assert SharedValue.objects.count() == 1
