"""A grant that failed: probed once an hour by one token call, and never when it is contained."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.core.problems import Contained, GrantExpired
from orgwarden.flows.collect_now import collect_now
from orgwarden.records.models import Org, SourceState
from orgwarden.worker import loop
from tests.flows.consented import again, all_calls, by_consent, token_calls
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

HOUR = timedelta(hours=1)


@pytest.fixture
def own(orgsim_server: StartOrgsim, house: House) -> OrgsimServer:
    """An org whose users may be frozen."""
    server = orgsim_server(users=4, days=1, speed=0, event_monitoring="none")
    house.admit(server)
    return server


def hour_passes(org: Org) -> None:
    """As if everything noted of the org had happened an hour earlier."""
    org.refresh_from_db()
    back = HOUR + timedelta(seconds=1)
    for name in ("probed_at", "next_due_at"):
        at = getattr(org, name)
        if at is not None and at.year < 9999:
            setattr(org, name, at - back)
    org.save()
    for state in SourceState.objects.filter(org=org, next_due_at__isnull=False):
        assert state.next_due_at is not None
        state.next_due_at -= back
        state.save()


def work() -> None:
    loop.work_once(threading.Event())


@pytest.mark.seed("Z27")
def test_an_expired_grant_is_probed_once_an_hour_with_one_token_call(
    house: House, own: OrgsimServer
) -> None:
    org = by_consent(own)
    work()
    own.control("faults", {"prefix": "/services/data/", "nth": 1, "revoked_grant": True})
    with pytest.raises(GrantExpired):
        house.collect(org)
    before = all_calls(own)
    for _ in range(5):
        work()
    assert all_calls(own) == before  # its hour is not over
    for hours in (1, 2, 3):
        hour_passes(org)
        for _ in range(3):
            work()
        assert all_calls(own) == before + hours
    org.refresh_from_db()
    assert org.problem.startswith("Grant Expired: ")
    assert org.problem_since is not None


@pytest.mark.seed("Z27")
def test_a_grant_that_expires_in_the_middle_of_a_run_stops_all_of_it(
    house: House, own: OrgsimServer
) -> None:
    org = by_consent(own)
    work()
    own.control("faults", {"prefix": "/services/data/", "nth": 4, "revoked_grant": True})
    before = token_calls(own)
    with pytest.raises(GrantExpired):
        house.collect(org)
    assert token_calls(own) - before == 1
    org.refresh_from_db()
    assert org.status == Org.Status.ERROR
    assert org.problem.startswith("Grant Expired: ")


def test_a_grant_that_works_again_is_collected_with_at_once(
    house: House, own: OrgsimServer
) -> None:
    org = house.connect(own)
    work()
    own.control("faults", {"prefix": "/services/oauth2/token", "error": "invalid_client"})
    own.control("faults", {"prefix": "/services/data/", "nth": 1, "expired_token": True})
    house.settings.ORGWARDEN_PACE = 1
    collect_now(org, "ann")
    work()
    org.refresh_from_db()
    assert org.status == Org.Status.ERROR
    assert org.problem_code == "invalid_client"
    own.control("faults", method="DELETE")
    hour_passes(org)
    work()
    org.refresh_from_db()
    assert (org.status, org.problem, org.probed_at) == (Org.Status.SUCCESS, "", None)


@pytest.mark.seed("Z27")
def test_a_frozen_user_is_contained_and_nothing_is_tried_by_itself(
    house: House, own: OrgsimServer
) -> None:
    org = house.connect(own)
    work()
    own.control("faults", {"prefix": "/services/data/", "nth": 1, "frozen_user": True})
    with pytest.raises(Contained):
        house.collect(org)
    org.refresh_from_db()
    assert org.problem.startswith("Contained by Salesforce: ")
    for word in ("VPN", "proxy", "unfreeze", "reconnect"):
        assert word in org.problem_fix
    before = all_calls(own)
    for _ in range(30):
        hour_passes(org)
        work()
    assert all_calls(own) == before
    collect_now(org, "ann")  # a person may try, once
    work()
    assert all_calls(own) > before
    before = all_calls(own)
    hour_passes(org)
    work()
    assert all_calls(own) == before


def test_a_contained_tenant_collects_again_once_it_is_unfrozen_and_reconnected(
    house: House, own: OrgsimServer
) -> None:
    org = by_consent(own)
    work()
    own.control("faults", {"prefix": "/services/data/", "nth": 1, "frozen_user": True})
    with pytest.raises((Contained, GrantExpired)):
        house.collect(org)
    user = own.app()["run_as"]
    own.control("user", {"user": user, "frozen": False})
    org = again(org, own)
    work()
    org.refresh_from_db()
    assert org.status == Org.Status.SUCCESS
    assert org.next_due_at is not None
    assert org.next_due_at < datetime.now(UTC) + HOUR
