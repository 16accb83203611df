"""Signing in by a worker: an app change's ten minutes are waited for, and no request is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orgwarden.core.problems import GrantExpired, NeedsPerson, TryLater
from orgwarden.flows.connecting import attempts, confirm, consent, drafts, pending
from orgwarden.flows.connecting.asked import Asked
from orgwarden.flows.connecting.pending import Pending
from orgwarden.records import credentials
from orgwarden.records.models import AuditEntry, ConnectionTest, Credential, Org
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

SESSION = "the-browser-session"
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def the_moment() -> None:
    """Salesforce takes a signed request for some minutes only, and this file may have been read
    long before its tests run."""
    global NOW
    NOW = datetime.now(UTC)


def draft(sim: OrgsimServer, secret: str = "", **more: Any) -> Pending:
    app = sim.app()
    values: dict[str, Any] = {
        "name": "prod",
        "url": sim.url,
        "client_id": app["consumer_key"],
        "flow": Org.Flow.CLIENT_CREDENTIALS,
        "actor": "ann",
        "egress_confirmed": True,
    }
    asked = Asked(**(values | more))
    return drafts.begin(asked, {"client_secret": secret or app["consumer_secret"]}, SESSION)


@pytest.mark.seed("C15", "C17", "C21", "C23", "C22")
def test_client_credentials_need_no_callback_and_the_identity_is_confirmed(
    at_home: House, sim: OrgsimServer
) -> None:
    at_home.settings.ORGWARDEN_PUBLIC_URL = "http://console.example.com"  # nothing comes back
    started = draft(sim, username=sim.app()["run_as"].upper())
    assert consent.go(started.id, SESSION, "ann") == ""
    assert pending.find(started.id, SESSION).stage == "trying"
    assert attempts.try_due()
    found = pending.find(started.id, SESSION)
    assert found.stage == "answered"
    assert found.objections == ()
    org = confirm.confirm(found.id, SESSION, "ann")
    assert org.connected_user == sim.app()["run_as"]
    assert org.added_by == "ann"
    assert org.is_sandbox is False
    assert ConnectionTest.objects.get(org=org).asked_by == "ann"
    assert not attempts.try_due()


@pytest.mark.seed("C19")
def test_a_refusal_that_an_app_change_would_end_is_tried_for_ten_minutes_with_growing_pauses(
    at_home: House, sim: OrgsimServer
) -> None:
    started = draft(sim, secret="not-yet-known-to-salesforce")
    begun = NOW
    consent.go(started.id, SESSION, "ann", now=begun)
    at, pauses = begun, []
    while (shown := pending.find(started.id, SESSION, at)).stage == "trying":
        assert shown.due_at is not None
        pauses.append(shown.due_at - at)
        at = shown.due_at
        assert not attempts.try_due(now=at - timedelta(seconds=1))
        assert attempts.try_due(now=at)
    assert pauses[1:-1] == sorted(pauses[1:-1])
    assert at == begun + timedelta(minutes=10)
    assert shown.stage == "failed"
    assert shown.trouble is not None
    assert "consumer key or secret is wrong" in shown.trouble["what"].replace("The ", "")
    entry = AuditEntry.objects.get(action="org:connection:failed")
    assert entry.detail["code"] == "invalid_client"
    assert not Org.objects.exists()


def test_an_app_that_becomes_known_meanwhile_connects(
    at_home: House, orgsim_server: StartOrgsim
) -> None:
    sim = orgsim_server(users=6, days=2, speed=0)
    at_home.admit(sim)
    sim.control("faults", {"endpoint": "/token", "times": 2, "status": 400,
                           "error": "invalid_client_id"})  # fmt: skip
    started = draft(sim)
    consent.go(started.id, SESSION, "ann", now=NOW)
    seen = []
    for _ in range(3):
        due = pending.find(started.id, SESSION).due_at
        attempts.try_due(now=due)
        seen.append(pending.find(started.id, SESSION).stage)
    assert seen == ["trying", "trying", "answered"]


def test_a_refusal_that_no_waiting_ends_fails_at_once(at_home: House, sim: OrgsimServer) -> None:
    sim.control("faults", {"endpoint": "/token", "times": 1, "status": 400,
                           "error": "invalid_grant", "message": "user is locked"})  # fmt: skip
    started = draft(sim)
    consent.go(started.id, SESSION, "ann", now=NOW)
    attempts.try_due(now=NOW)
    assert pending.find(started.id, SESSION).stage == "failed"


@pytest.mark.parametrize(
    ("problem", "passes"),
    [
        (TryLater("Salesforce is busy.", code="server_error"), True),
        (NeedsPerson("The consumer key or secret is wrong.", code="invalid_client"), True),
        (NeedsPerson("The app has no user to run as.", code="invalid_grant"), True),
        (NeedsPerson("The connected user is locked or frozen.", code="invalid_grant"), False),
        (NeedsPerson("This is not a Salesforce host.", code="NOT_SALESFORCE"), False),
        (GrantExpired("The connected user is inactive.", code="inactive_user"), False),
    ],
)
def test_which_refusals_may_pass(problem: Any, passes: bool) -> None:
    assert attempts.may_pass(problem) is passes


def test_two_workers_make_one_try(at_home: House, sim: OrgsimServer) -> None:
    started = draft(sim)
    consent.go(started.id, SESSION, "ann", now=NOW)
    assert attempts.try_due(now=NOW)
    assert not attempts.try_due(now=NOW)


def test_the_key_pair_is_made_here_and_its_certificate_is_shown_before_connecting(
    at_home: House, orgsim_server: StartOrgsim
) -> None:
    sim = orgsim_server(users=6, days=2, speed=0)
    at_home.admit(sim)
    started = draft(sim, flow=Org.Flow.JWT_BEARER, username=sim.app()["run_as"])
    assert "BEGIN CERTIFICATE" in started.certificate
    assert "PRIVATE" not in started.certificate
    sim.control("certificate", {"pem": started.certificate})
    # Mended on the form, it keeps the pair whose certificate is uploaded already.
    again = drafts.begin(started.asked, {}, SESSION, keep=started.id)
    assert (again.id, again.certificate) == (started.id, started.certificate)
    consent.go(started.id, SESSION, "ann", now=NOW)
    attempts.try_due(now=NOW)
    org = confirm.confirm(started.id, SESSION, "ann")
    assert org.flow == Org.Flow.JWT_BEARER
    key = credentials.need(org, "private_key")
    assert "PRIVATE KEY" in key
    assert all(key.encode() not in bytes(c.sealed) for c in Credential.objects.all())
    assert at_home.collect(org, "organization").outcomes


@pytest.mark.seed("C20")
def test_a_secret_may_lie_in_a_file_that_is_read_each_time(
    at_home: House, sim: OrgsimServer, tmp_path: Any
) -> None:
    file = tmp_path / "secret"
    file.write_text(sim.app()["consumer_secret"] + "\n")
    started = draft(sim, secret=f"file:{file}")
    consent.go(started.id, SESSION, "ann", now=NOW)
    attempts.try_due(now=NOW)
    org = confirm.confirm(started.id, SESSION, "ann")
    kept = Credential.objects.get(org=org, kind="client_secret")
    assert kept.by_reference
    assert credentials.need(org, "client_secret") == sim.app()["consumer_secret"]
    file.unlink()
    with pytest.raises(NeedsPerson) as raised:
        credentials.need(org, "client_secret")
    assert str(file) in raised.value.what
    assert raised.value.fix
