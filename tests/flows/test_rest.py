"""When an org is looked at again after a collection that ended in trouble."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orgwarden.flows.enabled import enabled_sources
from orgwarden.flows.rest import SOON, defer
from orgwarden.records.models import Org, SourceState
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


def all_due(org: Org, at: datetime) -> None:
    for source in enabled_sources(org):
        SourceState.objects.update_or_create(
            org=org, source=source.id, defaults={"next_due_at": at}
        )


def looked_at_again(org: Org) -> datetime | None:
    defer(org, None, NOW)
    org.refresh_from_db()
    return org.next_due_at


def test_what_is_due_already_is_tried_again_soon(at_home: House, sim: OrgsimServer) -> None:
    """And not when the next source is due, which may be a day later."""
    org = at_home.connect(sim)
    all_due(org, TOMORROW)
    due = NOW - timedelta(seconds=5)
    SourceState.objects.filter(org=org, source="login_history").update(next_due_at=due)
    assert looked_at_again(org) == NOW + SOON


def test_an_org_of_which_nothing_is_due_waits_for_the_first_that_is(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    all_due(org, TOMORROW)
    first = NOW + timedelta(hours=3)
    SourceState.objects.filter(org=org, source="login_history").update(next_due_at=first)
    assert looked_at_again(org) == first
