"""Sources that are due together are asked in one call, and nothing else is different for it."""

from __future__ import annotations

from typing import Any

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.records.models import Run
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

QUARTERLY = ("login_history", "setup_audit_trail")
MANY = (
    "profiles",
    "permission_sets",
    "user_logins",
    "package_licenses",
    "auth_providers",
    "saml_sso_configs",
)
SNAPSHOTS = ("profiles", "permission_sets", "package_licenses")


def made(sim: OrgsimServer) -> int:
    calls: list[dict[str, Any]] = sim.control("calls")
    return sum(c["count"] for c in calls)


def outcomes(home: House, org: Any, *sources: str) -> dict[str, tuple[str, str]]:
    return {o.source: (o.outcome, o.code) for o in home.collect(org, *sources).outcomes}


def test_signins_and_the_audit_trail_cost_one_call_together(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    at_home.collect(org, *QUARTERLY, "event_log_file")
    user = sim.app()["run_as"]
    sim.control("rows", {"object": "LoginHistory", "rows": [{"UserId": user}]})
    sim.control(
        "rows",
        {"object": "SetupAuditTrail", "rows": [{"Action": "PermSetAssign", "CreatedById": user}]},
    )
    before = made(sim)
    done = at_home.collect(org, *QUARTERLY)
    assert made(sim) - before == 1
    assert [(o.source, o.calls, o.stored) for o in done.outcomes] == [
        ("login_history", 1, 1),
        ("setup_audit_trail", 0, 1),
    ]
    # With the list of log files and the permissions it is still one.
    before = made(sim)
    at_home.collect(org, *QUARTERLY, "event_log_file")
    assert made(sim) - before == 1


def test_things_read_whole_are_asked_five_at_a_time(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    before = made(sim)
    done = at_home.collect(org, *MANY)
    assert {o.outcome for o in done.outcomes} == {Run.Outcome.DONE}
    # One of the first five questions is what our user may do.
    assert [o.calls for o in done.outcomes] == [1, 0, 0, 0, 1, 0]
    assert made(sim) - before == 2


def test_what_one_source_is_refused_is_its_own_problem(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    refused = {"error": "INVALID_TYPE", "message": "sObject type 'Profile' is not supported."}
    sim.control("faults", {"endpoint": "FROM.{1,3}Profile", **refused})
    timeout = {"endpoint": "FROM.{1,3}PackageLicense", "error": "QUERY_TIMEOUT"}
    sim.control("faults", timeout)
    found = outcomes(at_home, org, *SNAPSHOTS)
    assert found == {
        "profiles": (Run.Outcome.DARK, "INVALID_TYPE"),
        "permission_sets": (Run.Outcome.DONE, ""),
        "package_licenses": (Run.Outcome.FAILED, "QUERY_TIMEOUT"),
    }
    assert [f["struck"] for f in sim.control("faults")] == [1, 1]  # nobody asked once more
    sim.control("faults", method="DELETE")
    assert set(outcomes(at_home, org, *SNAPSHOTS).values()) == {(Run.Outcome.DONE, "")}


def test_what_passes_inside_a_joined_call_passes_unnoticed(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    busy = {"error": "SERVER_UNAVAILABLE", "times": 1}
    sim.control("faults", {"endpoint": "FROM.{1,3}Profile", **busy})
    assert set(outcomes(at_home, org, *SNAPSHOTS).values()) == {(Run.Outcome.DONE, "")}


@pytest.mark.parametrize(
    "fault",
    [
        {"error": "INSUFFICIENT_ACCESS"},
        {"html": True},
        {"status": 500},
        {"cut": 40},
        {"body": "{}"},
        {"body": {"compositeResponse": []}},
    ],
    ids=str,
)
def test_sources_are_asked_alone_where_asking_together_fails(
    at_home: House, sim: OrgsimServer, fault: dict[str, Any]
) -> None:
    org = at_home.connect(sim)
    sim.control("faults", {"endpoint": "/composite", **fault})
    assert set(outcomes(at_home, org, *SNAPSHOTS).values()) == {(Run.Outcome.DONE, "")}
    assert sim.control("faults")[0]["struck"] > 0


def test_a_call_that_only_a_person_can_mend_is_not_tried_once_more_alone(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    sim.control("faults", {"endpoint": "/composite", "error": "API_DISABLED_FOR_ORG"})
    before = made(sim)
    with pytest.raises(NeedsPerson):
        at_home.collect(org, *SNAPSHOTS)
    assert (made(sim), sim.control("faults")[0]["struck"]) == (before, 1)


def test_an_answer_says_nothing_of_what_happened_after_it_was_asked(
    at_home: House, sim: OrgsimServer
) -> None:
    """Between the joined call and the reading of its last source the org may live on for long."""
    org = at_home.connect(sim)
    at_home.collect(org, *QUARTERLY)

    def an_hour_passes(run: Run) -> None:
        if run.source == "login_history":
            user = sim.app()["run_as"]
            sim.control("clock", {"advance": "PT50M"})
            row = {"Action": "PermSetAssign", "CreatedById": user}
            sim.control("rows", {"object": "SetupAuditTrail", "rows": [row]})
            sim.control("clock", {"advance": "PT10M"})

    known = at_home.count("setup_audit_trail")
    at_home.collect(org, *QUARTERLY, tell=an_hour_passes)
    assert at_home.count("setup_audit_trail") == known
    at_home.collect(org, "setup_audit_trail")
    assert at_home.count("setup_audit_trail") == known + 1


def test_pages_after_a_joined_first_one_are_read_to_the_end(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    at_home.collect(org, *QUARTERLY)
    user = sim.app()["run_as"]
    sim.control("rows", {"object": "LoginHistory", "rows": [{"UserId": user}] * 4_100})
    before = made(sim)
    done = at_home.collect(org, *QUARTERLY)
    assert [o.stored for o in done.outcomes] == [4_100, 0]
    assert made(sim) - before == 3
