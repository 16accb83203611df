"""What Salesforce may answer instead of data: each ends in a sentence, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from orgwarden.core.problems import GrantExpired, NeedsPerson, Problem, TryLater
from orgwarden.records.models import Org, Run, SourceState
from tests.support.house import House
from tests.support.landed import assert_everything_landed
from tests.support.orgsim import OrgsimServer

DATA = {"prefix": "/services/data/"}
TOKEN = {"prefix": "/services/oauth2/token"}


def recovers(home: House, sim: OrgsimServer, org: Org) -> None:
    """With the fault gone the lake equals what happened, and a further collection adds nothing."""
    sim.control("faults", method="DELETE")
    done = home.collect(org)
    assert [o for o in done.outcomes if o.outcome != Run.Outcome.DONE] == []
    org.refresh_from_db()
    assert (org.status, org.problem) == (Org.Status.SUCCESS, "")
    assert_everything_landed(sim, home.ask, home.sources(org))
    again = home.collect(org)
    assert {o.source: o.stored for o in again.outcomes if o.stored and o.source != "limits"} == {}


def one_sentence(words: str) -> None:
    assert words
    assert words[-1] in ".!?"
    assert "\n" not in words
    assert "Traceback" not in words
    assert "<" not in words


# Which call, by a part of its address, and the source it belongs to.
CALLS = [
    ("FROM.{1,3}Organization", "organization"),
    ("/limits", "limits"),
    ("FROM.{1,3}User(\\W|$)", "users"),
    ("LoginTime.*FROM.{1,3}LoginHistory", "login_history"),
    ("FROM.{1,3}SetupAuditTrail", "setup_audit_trail"),
    ("FROM.{1,3}EventLogFile", "event_log_file"),
    ("/LogFile", "event_log_file"),
]


@pytest.mark.fault("A12")
@pytest.mark.parametrize(("call", "source"), CALLS)
def test_a_maintenance_page_on_a_call_fails_its_source_only_and_passes(
    at_home: House, sim: OrgsimServer, call: str, source: str
) -> None:
    org = at_home.connect(sim)
    sim.control("faults", {"endpoint": call, "html": True, "status": 200})
    done = {o.source: o for o in at_home.collect(org).outcomes}
    assert sim.control("faults")[0]["struck"] > 0
    found = done.pop(source)
    assert (found.outcome, found.code) == (Run.Outcome.FAILED, "WEB_PAGE")
    assert "Down for Maintenance" in found.reason
    one_sentence(found.reason)
    one_sentence(found.fix)
    assert {o.outcome for o in done.values()} == {Run.Outcome.DONE}
    assert at_home.state(org, source).state == SourceState.State.FAILING
    recovers(at_home, sim, org)


def test_a_maintenance_page_instead_of_a_token_is_told_and_passes(
    at_home: House, sim: OrgsimServer
) -> None:
    sim.control("faults", {**TOKEN, "html": True})
    with pytest.raises(TryLater) as raised:
        at_home.connect(sim)
    assert raised.value.code == "WEB_PAGE"
    assert not Org.objects.exists()
    sim.control("faults", method="DELETE")
    recovers(at_home, sim, at_home.connect(sim))


# One source of each way of asking, so that each kind of call is among those of a run.
EVERY_WAY = (
    "organization",
    "limits",
    "users",
    "login_history",
    "bulk_query_jobs",
    "setup_audit_trail",
    "permission_sets",
    "external_client_apps",
    "event_log_file",
)


@pytest.mark.fault("A1")
def test_a_token_that_ends_at_any_call_of_a_run_costs_nothing(
    at_home: House, sim: OrgsimServer
) -> None:
    first = at_home.connect(sim, "counted")
    made = sum(o.calls for o in at_home.collect(first, *EVERY_WAY).outcomes)
    assert made > len(EVERY_WAY)
    for nth in range(1, made + 1):
        org = at_home.connect(sim, f"expired at call {nth}")
        sim.control("faults", {**DATA, "nth": nth, "expired_token": True})
        done = at_home.collect(org, *EVERY_WAY)
        assert {o.outcome for o in done.outcomes} == {Run.Outcome.DONE}, nth
        assert sim.control("faults")[0]["struck"] == 1, nth
        sim.control("faults", method="DELETE")
    # Every tenant is the same org: each view holds what happened once per tenant.
    rows = at_home.ask('SELECT "Id", count(*) AS n FROM login_history GROUP BY 1')
    assert {r["n"] for r in rows} == {made + 1}


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"revoked_grant": True}, "Grant Expired"),
        ({"frozen_user": True}, ""),
        ({"error": "inactive_user", "message": "user is inactive"}, ""),
        ({"error": "invalid_client", "message": "invalid client credentials"}, ""),
        ({"error": "OAUTH_APP_BLOCKED"}, ""),
        ({"error": "invalid_app_access", "message": "user is not admin approved"}, ""),
    ],
    ids=str,
)
def test_a_grant_that_no_longer_holds_is_told_at_once_and_not_hammered(
    at_home: House, sim: OrgsimServer, fault: dict[str, Any], sentence: str
) -> None:
    org = at_home.connect(sim)
    at_home.collect(org)
    before = at_home.count("login_history")
    try:
        sim.control("faults", {**DATA, "nth": 1, "expired_token": True})
        refusal = {"error": "invalid_grant", "message": "expired access/refresh token"}
        given = refusal if "revoked_grant" in fault else fault
        if "frozen_user" in given:
            given = {"error": "invalid_grant", "message": "user is locked"}
        sim.control("faults", {**TOKEN, **given})
        with pytest.raises(NeedsPerson) as raised:
            at_home.collect(org)
        one_sentence(raised.value.what)
        one_sentence(raised.value.fix)
        assert sim.control("faults")[1]["met"] <= 3
        status = at_home.status(org)
        assert status["status"] == "error"
        assert status["problem"].endswith(raised.value.what)
        assert sentence in status["problem"]
        assert status["fix"] == raised.value.fix
        if sentence:
            assert isinstance(raised.value, GrantExpired)
        assert at_home.count("login_history") == before
    finally:
        sim.control("faults", method="DELETE")
    recovers(at_home, sim, org)


@pytest.mark.fault("C11")
@pytest.mark.parametrize(
    "code", ["API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "UNSUPPORTED_API_VERSION"]
)
def test_an_org_without_api_access_is_told_in_one_sentence(
    at_home: House, sim: OrgsimServer, code: str
) -> None:
    org = at_home.connect(sim)
    sim.control("faults", {**DATA, "error": code})
    with pytest.raises(NeedsPerson) as raised:
        at_home.collect(org)
    assert raised.value.code == code
    one_sentence(raised.value.what)
    one_sentence(raised.value.fix)
    status = at_home.status(org)
    assert (status["status"], status["code"]) == ("error", code)
    recovers(at_home, sim, org)


def test_too_many_requests_at_once_pass_within_the_run(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    busy = {"error": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests Limit exceeded."}
    sim.control("faults", {**DATA, "nth": [2, 6, 9, 14], **busy})
    assert {o.outcome for o in at_home.collect(org).outcomes} == {Run.Outcome.DONE}
    assert sim.control("faults")[0]["struck"] == 4
    recovers(at_home, sim, org)


def test_the_used_up_daily_limit_is_waited_for_and_not_called_against(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    limit = {"error": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}
    sim.control("faults", {"endpoint": "SetupAuditTrail", **limit})
    done = at_home.collect(org)
    found = {o.source: o for o in done.outcomes}["setup_audit_trail"]
    assert (found.outcome, found.rule) == (Run.Outcome.WAITING, "salesforce")
    assert done.waiting is not None
    assert set(done.waiting) == {"reason", "rule", "until"}
    assert sim.control("faults")[0]["struck"] == 1
    recovers(at_home, sim, org)


@pytest.mark.fault("C1")
def test_a_query_that_times_out_is_read_in_halves(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    slow = {"error": "QUERY_TIMEOUT", "times": 4}
    sim.control("faults", {"endpoint": "Display.*FROM.{1,3}SetupAuditTrail", **slow})
    assert {o.outcome for o in at_home.collect(org).outcomes} == {Run.Outcome.DONE}
    assert sim.control("faults")[0]["struck"] == 4
    recovers(at_home, sim, org)


@pytest.mark.fault("C1")
def test_a_query_that_always_times_out_fails_its_source_and_moves_nothing(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    sim.control("faults", {"endpoint": "FROM.{1,3}SetupAuditTrail", "error": "QUERY_TIMEOUT"})
    found = {o.source: o for o in at_home.collect(org).outcomes}["setup_audit_trail"]
    assert (found.outcome, found.code) == (Run.Outcome.FAILED, "QUERY_TIMEOUT")
    assert at_home.state(org, "setup_audit_trail").coverage.get("complete", []) == []
    assert sim.control("faults")[0]["struck"] < 60
    recovers(at_home, sim, org)


def test_a_field_the_org_does_not_show_is_left_out_and_said(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    hidden = {"error": "INVALID_FIELD", "message": "No such column 'LoginGeoId' on entity"}
    sim.control("faults", {"endpoint": "LoginGeo", **hidden})
    without = {"endpoint": "LoginHistory/describe", "replace": {'"LoginGeoId"': '"Hidden__c"'}}
    sim.control("faults", without)
    found = {o.source: o for o in at_home.collect(org).outcomes}["login_history"]
    assert found.outcome == Run.Outcome.DONE
    assert "LoginGeo.City" in found.reason
    assert "ForwardedForIp" not in found.reason
    assert at_home.state(org, "login_history").reason == found.reason
    sim.control("faults", method="DELETE")
    assert_everything_landed(sim, at_home.ask, at_home.sources(org))


@pytest.mark.fault("C8")
def test_a_field_that_is_needed_and_refused_makes_the_source_dark(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    refused = {"error": "INVALID_FIELD", "message": "No such column 'Display' on entity"}
    sim.control("faults", {"endpoint": "Display.*FROM.{1,3}SetupAuditTrail", **refused})
    found = {o.source: o for o in at_home.collect(org).outcomes}["setup_audit_trail"]
    assert (found.outcome, found.code) == (Run.Outcome.DARK, "INVALID_FIELD")
    assert "Display" in found.reason
    assert at_home.state(org, "setup_audit_trail").coverage.get("complete", []) == []
    recovers(at_home, sim, org)


@pytest.mark.fault("A12")
def test_wrong_answers_of_any_kind_are_problems_and_not_crashes(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    for body in ("", "null", "[]", "{}", "{", '{"records": null}', '{"totalSize": "x"}'):
        sim.control("faults", {"endpoint": "/query", "body": body})
        try:
            outcomes = at_home.collect(org).outcomes
        except Problem as problem:
            one_sentence(problem.what)
        else:
            assert {o.outcome for o in outcomes if o.source == "users"} == {Run.Outcome.FAILED}
            assert "UNEXPECTED" not in {o.code for o in outcomes}, body
        sim.control("faults", method="DELETE")
    recovers(at_home, sim, org)
