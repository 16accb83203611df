"""Incidents and tests through the API."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from orgwarden.core.roles import Role
from orgwarden.records.models import Incident, Org
from tests.web.api.callers import person, token
from tests.web.api.conftest import Ask


def test_incidents_are_of_tenants_that_may_be_seen_open_or_over(
    ask: Ask, tenants: dict[str, Org]
) -> None:
    now = timezone.now()
    for org, kind, ended in (
        (tenants["broken"], "grant_expired", None),
        (tenants["fine"], "stale", now),
        (None, "worker", None),
    ):
        Incident.objects.create(
            org=org, kind=kind, words="W.", opened_at=now - timedelta(hours=1), ended_at=ended
        )
    everything = ask("GET", "incidents").json()["items"]
    assert {i["kind"] for i in everything} == {"grant_expired", "stale", "worker"}
    assert {i["kind"] for i in ask("GET", "incidents?open=true").json()["items"]} == {
        "grant_expired",
        "worker",
    }
    bob = token(person("bob", Role.ANALYST, tenants["fine"]))
    [seen] = ask("GET", "incidents", as_=bob).json()["items"]
    assert (seen["kind"], seen["tenant"]) == ("stale", tenants["fine"].key)
    of_broken = f"incidents?tenant={tenants['broken'].key}"
    assert ask("GET", of_broken, as_=bob).json()["items"] == []
    assert len(ask("GET", of_broken).json()["items"]) == 1
