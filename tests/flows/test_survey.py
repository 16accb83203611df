"""A survey reports on an org in few calls, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orgwarden.catalog.sources import SOURCES
from orgwarden.core.problems import Problem
from orgwarden.flows.survey import MOST_CALLS, survey
from orgwarden.records.models import AuditEntry, CallHour, ConnectionTest, Org
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

BOTH = ("app_governance", "sspm_scan")


def calls(sim: OrgsimServer) -> int:
    return sum(c["count"] for c in sim.control("calls"))


def report(sim: OrgsimServer, **more: Any) -> dict[str, Any]:
    app = sim.app()
    asked: dict[str, Any] = {
        "client_id": app["consumer_key"], "secret": app["consumer_secret"],
        "flow": "client-credentials", "username": "", "features": BOTH,
        "tiers": ("sign_ins", "metadata"),
    }  # fmt: skip
    return survey(sim.url, **(asked | more))


@pytest.mark.seed("Z2", "L2", "C5")
def test_a_survey_tells_what_would_be_collected_and_costs_few_calls(
    at_home: House, sim: OrgsimServer
) -> None:
    before = calls(sim)
    found = report(sim)
    made = calls(sim) - before
    assert made <= found["calls_made"] <= MOST_CALLS < 50
    assert found["connected"] is True
    assert found["headline"].startswith("Connected!")
    assert found["organization"]["OrganizationType"] == "Enterprise Edition"
    assert {s["id"] for s in found["sources"]} == {s.id for s in SOURCES}
    assert all(row["used"] <= row["total"] for row in found["licences"])
    assert found["calls_a_day"]["total"] > sum(found["calls_a_day"]["by_source"].values()) > 0
    assert "Event Monitoring" in str(found["tests"])


def test_a_survey_stores_nothing(at_home: House, sim: OrgsimServer, tmp_path: Path) -> None:
    before = sorted(p for p in at_home.home.rglob("*") if p.is_file())
    report(sim)
    for model in (Org, ConnectionTest, CallHour):
        assert not model.objects.exists()
    assert not AuditEntry.objects.filter(subject=sim.url).exists()
    assert sorted(p for p in at_home.home.rglob("*") if p.is_file()) == before


def test_a_missing_permission_is_named_with_what_stays_dark(
    at_home: House, sim: OrgsimServer
) -> None:
    taken = {"user": sim.app()["run_as"], "permission": "ViewEventLogFiles"}
    before = _dark(report(sim))  # what needs more than this user holds, or a licence
    sim.control("permission", {**taken, "value": False})
    try:
        found = report(sim)
    finally:
        sim.control("permission", {**taken, "value": True})
    assert "View Event Log Files" in found["permissions_missing"]
    assert _dark(found) - before == {"event_log_file"}
    assert "event_log_file" not in found["calls_a_day"]["by_source"]


def _dark(found: dict[str, Any]) -> set[str]:
    return {s["id"] for s in found["sources"] if s["verdict"] == "dark"}


def test_a_survey_by_a_signed_assertion_works_too(at_home: House, sim: OrgsimServer) -> None:
    app = sim.control("private-key")
    try:
        found = report(
            sim, flow="jwt-bearer", secret=app["private_key"], username=sim.app()["run_as"]
        )
    finally:
        sim.control("reset", {})
    assert found["connected"] is True


def test_a_wrong_secret_is_a_problem_and_no_report(at_home: House, sim: OrgsimServer) -> None:
    with pytest.raises(Problem) as raised:
        report(sim, secret="not-the-secret")
    assert "not-the-secret" not in raised.value.sentence()
