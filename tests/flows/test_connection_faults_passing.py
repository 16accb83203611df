"""Faults of a connection that pass by themselves: waited for in words, asked again a few times,
and over without anybody's doing. Nothing is called broken that is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from orgwarden.records import credentials
from tests.flows.connection_faults import CONSENT, KEY, Tenant, a_sentence, log_text
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

pytestmark = pytest.mark.xdist_group("connection-faults")

RENEWING = {"endpoint": "^POST /services/oauth2/token"}
MOST = 5  # tries of one call
BUSY = "Token request is already being processed"


@pytest.fixture
def sim(shared_orgsim: StartOrgsim) -> OrgsimServer:
    return shared_orgsim(users=8, days=3, speed=0, event_monitoring="none", seed=3)


@pytest.fixture
def tenant(house: House, sim: OrgsimServer) -> Tenant:
    house.admit(sim)
    return Tenant.settled(house, sim)


STUCK: dict[str, tuple[dict[str, Any], str, timedelta]] = {
    "A12 a maintenance page with status 503": ({"html": True}, "web page", timedelta()),
    "A12 a maintenance page with status 200": (
        {"html": True, "status": 200}, "web page", timedelta()),
    "A12 the sign-in fails inside": ({"error": "server_error"}, "failed while", timedelta()),
    "A12 nothing but an error status": (
        {"status": 502, "body": ""}, "could not answer", timedelta()),
    "A12 an answer that is no JSON": ({"body": "{"}, "did not answer the sign-in", timedelta()),
    "A10 too many sign-ins in an hour": (
        {"error": "rate_limit_exceeded"}, "signed in too often", timedelta(minutes=14)),
    "B7 asked to come back in half an hour, we do in a quarter": (
        {"status": 429, "body": "", "headers": {"Retry-After": "1800"}}, "could not answer",
        timedelta(minutes=14)),
    "A7 another refresh is always in the way": (
        {"error": "invalid_grant", "message": BUSY}, "busy with another request", timedelta()),
    "A8 the connection ends before the answer": (
        {"drop_after_commit": True}, "without an answer", timedelta()),
}  # fmt: skip


@pytest.mark.fault("A10", "A12")
@pytest.mark.parametrize("name", STUCK)
def test_a_sign_in_that_fails_for_a_while_is_waited_for(
    tenant: Tenant, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level("DEBUG")
    fault, words, wait = STUCK[name]
    tenant.end_session()
    tenant.tell("faults", **RENEWING, **fault)
    began = datetime.now(UTC)
    token, data = tenant.made_by(tenant.work)
    assert token <= MOST
    assert data <= 1
    assert tenant.sim.control("faults")[1]["met"] <= MOST
    shown = tenant.shown()
    # Nothing is broken, so the status stays; why nothing comes stands beside it.
    assert (shown["status"], shown["problem"]) == ("success", None)
    assert words in shown["waiting"]["reason"]
    a_sentence(shown["waiting"]["reason"])
    until = datetime.fromisoformat(shown["waiting"]["until"])
    assert until - began >= wait
    tenant.assert_honest()
    tenant.assert_no_secret(log_text(caplog))
    tenant.assert_recovers()


@pytest.mark.fault("A7", "A8", "A12")
@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("A7 another refresh was in the way", {"error": "invalid_grant", "message": BUSY}),
        ("A12 a page of maintenance in between", {"html": True}),
        ("A8 two answers were lost", {"drop_after_commit": True}),
    ],
)
def test_a_sign_in_that_fails_twice_holds_up_nothing(
    tenant: Tenant, name: str, fault: dict[str, Any]
) -> None:
    tenant.end_session()
    tenant.tell("faults", **RENEWING, nth=[1, 2], **fault)
    tenant.work()
    assert tenant.shown()["last_synced"] > tenant.before["last_synced"], name
    tenant.assert_recovers()


DATA = {
    "B3 too many long requests at once": {
        "error": "REQUEST_LIMIT_EXCEEDED",
        "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    },
    "B a record is locked": {"error": "UNABLE_TO_LOCK_ROW"},
    "A12 the server is unavailable": {"error": "SERVER_UNAVAILABLE"},
    "A12 the server fails inside": {"error": "UNKNOWN_EXCEPTION"},
    "A13 transaction security takes too long": {"error": "TXN_SECURITY_METERING_ERROR"},
    "A12 a maintenance page instead of data": {"html": True, "status": 200},
    "A8 the answer is cut off": {"cut": 40},
    "A2 the session ends in a 400": {"error": "INVALID_SESSION_ID", "status": 400},
    "A2 the session ends in a 403": {"error": "INVALID_SESSION_ID", "status": 403},
}


@pytest.mark.fault("A2", "A12", "A13")
@pytest.mark.parametrize("name", DATA)
def test_a_fault_of_a_few_calls_holds_up_nothing(tenant: Tenant, name: str) -> None:
    tenant.tell("faults", prefix="/services/data/", nth=[2, 6], **DATA[name])
    tenant.work()
    assert tenant.sim.control("faults")[0]["struck"] == 2
    shown = tenant.shown()
    assert (shown["status"], shown["problem"]) == ("success", None)
    assert shown["last_synced"] > tenant.before["last_synced"]
    tenant.assert_recovers()


ALWAYS = [
    "B3 too many long requests at once",
    "A12 the server is unavailable",
    "A13 transaction security takes too long",
]


@pytest.mark.fault("A13")
@pytest.mark.parametrize("name", ALWAYS)
def test_a_fault_of_one_source_that_stays_is_told_and_costs_a_few_calls(
    tenant: Tenant, name: str
) -> None:
    tenant.tell("faults", endpoint="FROM.{1,3}SetupAuditTrail", **DATA[name])
    tenant.work()
    assert tenant.sim.control("faults")[0]["met"] <= 1 + MOST  # once with others, then alone
    shown = tenant.shown()
    trail = next(s for s in shown["sources"] if s["id"] == "setup_audit_trail")
    before = next(s for s in tenant.before["sources"] if s["id"] == "setup_audit_trail")
    assert trail["complete"] == before["complete"]
    assert trail["last_success"] == before["last_success"]
    assert trail["state"] != "current"
    a_sentence(trail["reason"])
    assert shown["last_synced"] == tenant.before["last_synced"]
    others = [s for s in shown["sources"] if s["id"] in ("users", "login_history")]
    assert {s["state"] for s in others} == {"current"}
    tenant.assert_recovers()


def test_b1_the_used_up_quota_is_waited_for_without_a_call(tenant: Tenant) -> None:
    limit = tenant.sim.control("state")["quota"]["limit"]
    tenant.tell("quota", used=limit)
    tenant.work()
    shown = tenant.shown()
    assert shown["waiting"]
    a_sentence(shown["waiting"]["reason"])
    for source in shown["sources"]:
        before = next(s for s in tenant.before["sources"] if s["id"] == source["id"])
        assert source["complete"] == before["complete"]
    tenant.tell("quota", used=0)
    tenant.assert_recovers()


# Rotation ---------------------------------------------------------------------------------


@pytest.fixture
def rotating(house: House, sim: OrgsimServer) -> Tenant:
    house.admit(sim)
    sim.control("app", {"rotate_refresh_token": True})
    return Tenant.settled(house, sim, CONSENT)


@pytest.mark.fault("A5")
def test_a5_every_rotated_token_is_used_once_and_the_next_is_kept(rotating: Tenant) -> None:
    seen = set()
    for _ in range(6):
        seen.add(credentials.need(rotating.org, "refresh_token"))
        rotating.end_session()
        assert rotating.made_by(rotating.work)[0] == 1
        rotating.sim.control("faults", method="DELETE")
    # One that was used again would have ended the whole family.
    assert len(seen) == 6
    rotating.assert_no_secret()
    rotating.assert_recovers()


@pytest.mark.fault("A8")
def test_a8_a_rotation_whose_answer_is_lost_is_told_as_that(
    rotating: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    rotating.end_session()
    rotating.tell("faults", **RENEWING, nth=1, drop_after_commit=True)
    token, _ = rotating.made_by(rotating.work)
    assert token <= 2
    shown = rotating.shown()
    assert shown["problem"].startswith("Grant Expired: ")
    assert "was lost" in shown["problem"]
    assert "Reconnect" in shown["fix"]
    rotating.assert_honest()
    rotating.assert_quiet(probes=1)
    rotating.assert_no_secret(log_text(caplog))


@pytest.mark.fault("A8")
def test_a8_a_lost_answer_without_rotation_costs_one_call_more(
    house: House, sim: OrgsimServer
) -> None:
    house.admit(sim)
    tenant = Tenant.settled(house, sim, CONSENT)
    tenant.end_session()
    tenant.tell("faults", **RENEWING, nth=1, drop_after_commit=True)
    assert tenant.made_by(tenant.work)[0] == 2
    tenant.assert_recovers()


def test_a5_a_thief_who_uses_our_token_ends_the_grant_for_both_and_it_is_told(
    rotating: Tenant,
) -> None:
    app = rotating.sim.app()
    stolen = {
        "grant_type": "refresh_token",
        "refresh_token": credentials.need(rotating.org, "refresh_token"),
        "client_id": app["consumer_key"],
        "client_secret": app["consumer_secret"],
    }
    url = f"{rotating.sim.url}/services/oauth2/token"
    theirs = requests.post(url, data=stolen, timeout=10).json()
    rotating.end_session()
    rotating.work()
    shown = rotating.shown()
    assert shown["problem"].startswith("Grant Expired: ")
    rotating.assert_honest()
    rotating.assert_quiet(probes=1)
    again = {**stolen, "refresh_token": theirs["refresh_token"]}
    assert requests.post(url, data=again, timeout=10).status_code == 400


# Tokens by the day ------------------------------------------------------------------------


@pytest.mark.fault("A10")
def test_a10_a_round_asks_for_a_token_only_when_the_old_one_ended(tenant: Tenant) -> None:
    for _ in range(6):
        assert tenant.made_by(tenant.work)[0] == 0
    assert tenant.way == KEY
    tenant.end_session()
    assert tenant.made_by(tenant.work)[0] == 1
