"""Reconnecting: a new grant in the place of the old one, and everything else as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.core.problems import GrantExpired, NeedsPerson
from orgwarden.flows import edit_org
from orgwarden.flows.connecting import reconnect
from orgwarden.flows.retire import revoke_retired
from orgwarden.flows.tenant_settings import Settings
from orgwarden.records import credentials
from orgwarden.records.models import AuditEntry, Org, RetiredGrant
from tests.flows.consented import again, by_consent, is_honoured
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer


def sign_ins(sim: OrgsimServer, count: int) -> None:
    """People sign in now."""
    user = sim.app()["run_as"]
    rows = [{"UserId": sim_user(sim, user), "Application": "Browser"} for _ in range(count)]
    sim.control("rows", {"object": "LoginHistory", "rows": rows})


def sim_user(sim: OrgsimServer, username: str) -> str:
    answer = sim.session.get(
        f"{sim.url}/services/data/v62.0/query",
        params={"q": f"SELECT Id FROM User WHERE Username = '{username}'"},
        headers={"Authorization": f"Bearer {sim.token()}"},
        timeout=30,
    )
    return str(answer.json()["records"][0]["Id"])


@pytest.mark.fault("A4")
@pytest.mark.seed("Z27", "Z28", "L16")
def test_an_expired_grant_is_labelled_and_reconnecting_fills_the_gap_it_left(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    at_home.collect(org)
    key, first = org.key, org.first_connected_at
    held = at_home.count("login_history")
    sim.control("faults", {"prefix": "/services/data/", "nth": 1, "revoked_grant": True})
    with pytest.raises(GrantExpired):
        at_home.collect(org)
    org.refresh_from_db()
    assert org.status == Org.Status.ERROR
    assert org.problem.startswith("Grant Expired: ")
    assert org.problem_since is not None
    sign_ins(sim, 3)  # while nobody looks
    org = again(org, sim)
    assert (org.key, org.first_connected_at, org.added_by) == (key, first, "ann")
    assert (org.status, org.problem) == (Org.Status.IN_PROGRESS, "")
    assert org.next_due_at is not None
    assert org.next_due_at <= datetime.now(UTC)
    at_home.collect(org)
    org.refresh_from_db()
    assert org.status == Org.Status.SUCCESS
    assert at_home.count("login_history") >= held + 3
    entry = AuditEntry.objects.get(action="org:connection:reconnected")
    assert (entry.actor, entry.subject) == ("bob", "prod")


@pytest.mark.seed("Z28")
def test_the_replaced_grant_is_revoked_once_the_new_one_works(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    old = credentials.need(org, "refresh_token")
    assert is_honoured(sim, old)
    org = again(org, sim)
    assert not is_honoured(sim, old)
    assert is_honoured(sim, credentials.need(org, "refresh_token"))
    assert not RetiredGrant.objects.exists()


@pytest.mark.fault("A14")
@pytest.mark.seed("Z28")
def test_a_replaced_grant_that_cannot_be_revoked_now_is_revoked_later(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    old = credentials.need(org, "refresh_token")
    sim.control("faults", {"prefix": "/services/oauth2/revoke", "status": 503, "error": "x"})
    org = again(org, sim)
    kept = RetiredGrant.objects.get()
    assert (kept.org_key, kept.tries) == (org.key, 1)
    assert kept.problem
    assert old.encode() not in bytes(kept.sealed)
    assert is_honoured(sim, old)
    sim.control("faults", method="DELETE")
    assert revoke_retired() == []  # tried a moment ago
    RetiredGrant.objects.update(tried_at=datetime.now(UTC) - timedelta(hours=2))
    [done] = revoke_retired()
    assert done.problem == ""
    assert not is_honoured(sim, old)
    assert not RetiredGrant.objects.exists()
    assert AuditEntry.objects.filter(action="org:grant:revoked", subject="prod").exists()


@pytest.mark.seed("Z28")
def test_another_org_is_refused_and_everything_stays_as_it_was(
    at_home: House, sim: OrgsimServer, orgsim_server: StartOrgsim
) -> None:
    other = orgsim_server(users=4, days=1, speed=0, seed=99)
    at_home.admit(sim, other)
    org = by_consent(sim)
    before = credentials.need(org, "refresh_token")
    Org.objects.filter(pk=org.pk).update(url=other.url)  # the address now leads elsewhere
    app = other.app()
    org.refresh_from_db()
    with pytest.raises(NeedsPerson) as refused:
        again(org, other, client_id=app["consumer_key"], secret=app["consumer_secret"])
    assert refused.value.code == "OTHER_ORG"
    assert credentials.need(org, "refresh_token") == before
    assert is_honoured(sim, before)
    assert not RetiredGrant.objects.exists()


@pytest.mark.seed("Z28", "L16")
def test_client_credentials_are_checked_again_with_a_new_secret(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    session = credentials.need(org, "access_token")
    with pytest.raises(NeedsPerson):
        reconnect.check_again(org, actor="bob", secret="wrong")
    assert credentials.need(org, "client_secret") == sim.app()["consumer_secret"]
    assert AuditEntry.objects.filter(action="org:connection:reconnect-failed").count() == 1
    reconnect.check_again(org, actor="bob", secret=sim.app()["consumer_secret"])
    assert credentials.need(org, "access_token") != session
    assert not is_honoured(sim, session)
    reconnect.check_again(org, actor="bob")  # with what is stored
    assert org.status == Org.Status.IN_PROGRESS


def test_another_user_than_the_intended_one_is_refused_and_its_session_given_back(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    session = credentials.need(org, "access_token")
    Org.objects.filter(pk=org.pk).update(intended_user="collector@example.com")
    org.refresh_from_db()
    with pytest.raises(NeedsPerson) as refused:
        reconnect.check_again(org, actor="bob", secret=sim.app()["consumer_secret"])
    assert refused.value.code == "OTHER_USER"
    assert credentials.need(org, "access_token") == session
    assert not RetiredGrant.objects.exists()
    assert AuditEntry.objects.filter(action="org:grant:revoked").count() == 1
    org.refresh_from_db()
    assert org.connected_user == sim.app()["run_as"]


@pytest.mark.seed("Z18", "Z28")
def test_reconnecting_and_editing_leave_settings_and_first_connected(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    first = org.first_connected_at
    wanted = Settings("Renamed", ("sspm_scan",), (), 90, {"users": 120}, ("a@example.com",))
    edit_org.edit_org(org, wanted, actor="bob")
    org = again(org, sim)
    assert Settings.of(org) == wanted
    assert (org.first_connected_at, org.added_by) == (first, "ann")
    assert org.connected_at is not None
    assert first is not None
    assert org.connected_at > first


def test_the_sign_in_way_is_changed_by_reconnecting(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    org = again(org, sim, flow=Org.Flow.WEB_SERVER, secret=sim.app()["consumer_secret"])
    assert org.flow == Org.Flow.WEB_SERVER
    assert credentials.newest(org, "refresh_token") is not None
    assert at_home.collect(org, "users").outcomes[0].outcome == "done"
