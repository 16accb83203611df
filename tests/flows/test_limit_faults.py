"""Rows B1 to B5 of the faults, with the org's own count as the judge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.core.problems import OverBudget, TryLater
from orgwarden.flows import bulk_choice, clients
from orgwarden.flows.collect import collect
from orgwarden.flows.limits_probe import look_if_stopped
from orgwarden.records import calls
from orgwarden.records.models import Org, OrgLimit, Run
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

CONCURRENT = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
FEW = ("users", "login_history", "setup_audit_trail", "profiles", "limits")


def made(sim: OrgsimServer) -> int:
    """What the org has counted of us."""
    return sum(c["count"] for c in sim.control("calls"))


@pytest.mark.fault("B1", "B2")
@pytest.mark.seed("M17", "M19", "C8")
def test_in_no_run_the_org_counts_more_calls_than_the_budget_allowed(
    at_home: House, sim: OrgsimServer
) -> None:
    """Others burst while we read, and between our runs; every run is judged by the org's count."""
    org = at_home.connect(sim)
    limit, own = 1_000, 0
    sim.control("quota", {"limit": limit, "used": 100})
    began = made(sim)
    for others in (0, 300, 500, 740, 760, 880, 899, 900, 950, 990):
        sim.control("quota", {"used": others + own})
        before, free = made(sim), max(0, 900 - (others + own))
        known = calls.usage_now(org)
        try:
            at_home.collect(org, *FEW)
        except (OverBudget, TryLater):
            pass  # nothing may be called at all
        run = made(sim) - before
        own = made(sim) - began
        # One call finds out what others did meanwhile; after its answer no limit is passed.
        assert run <= free + 1, f"{run} calls with {others} by others, {free} free"
        if known is not None and known.used >= 900:
            assert run == 0, "the last tenth was known to be reached"
        if others + own - run >= 750:
            assert run <= 16 + 1, "past the stop only the protected lane, by the hour"
    assert own <= limit * 20 // 100 + 1
    sim.control("quota", {"limit": 100_000, "used": 0})


@pytest.mark.fault("B1")
def test_an_org_that_says_that_its_calls_are_used_up_is_asked_no_more(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    at_home.collect(org, "users")
    sim.control("faults", {"endpoint": "query|composite", "error": "REQUEST_LIMIT_EXCEEDED"})
    before = made(sim)
    with pytest.raises(TryLater):
        at_home.collect(org, *FEW)
    assert made(sim) - before <= 1
    waiting = at_home.status(org)["waiting"]
    assert waiting["rule"] == "salesforce"
    assert datetime.fromisoformat(waiting["until"]) > datetime.now(UTC)
    sim.control("faults", method="DELETE")
    at_home.collect(org, *FEW)
    assert at_home.status(org)["waiting"] is None


@pytest.mark.fault("B3")
def test_too_many_at_once_is_tried_again_and_is_not_a_used_up_day(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    busy = {"endpoint": "query", "error": "REQUEST_LIMIT_EXCEEDED", "message": CONCURRENT}
    sim.control("faults", {**busy, "times": 2})
    assert at_home.outcome(org, "users").outcome == Run.Outcome.DONE
    # Only this source meets it now, and goes on meeting it.
    sim.control("faults", {**busy, "endpoint": r"query.*FROM(\+|%20)LoginHistory"})
    held = at_home.outcome(org, "login_history")
    assert (held.outcome, held.rule) == (Run.Outcome.WAITING, "concurrent")
    until = datetime.fromisoformat(held.until) - datetime.now(UTC)
    assert until <= timedelta(minutes=1)
    sim.control("faults", method="DELETE")


@pytest.mark.fault("B4")
def test_two_hours_of_server_errors_cost_a_stated_number_of_calls(
    at_home: House, sim: OrgsimServer
) -> None:
    """A worker that looks every five minutes: ten calls, then one now and then."""
    org = at_home.connect(sim)
    at_home.collect(org, "users")
    road, now = clients.transport(), [0.0]
    road.clock = lambda: now[0]
    sim.control("faults", {"prefix": "/services/data", "status": 500})
    before = made(sim)
    for _ in range(24):
        now[0] += 300
        with pytest.raises(TryLater):
            collect(org, trigger="schedule")
    assert made(sim) - before <= 40
    sim.control("faults", method="DELETE")


@pytest.mark.fault("B5")
def test_a_renamed_a_missing_and_a_new_limit_are_each_what_they_are(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    sim.control("faults", {
        "endpoint": "/limits",
        "replace": {"DailyBulkApiBatches": "DailyBulkApiSheaves", "\"DataStorageMB\"": "\"X\""},
    })  # fmt: skip
    assert at_home.outcome(org, "limits").outcome == Run.Outcome.DONE
    kept = calls.limits_of(org)
    assert "DailyBulkApiSheaves" in kept
    assert "DailyBulkApiBatches" not in kept
    sim.control("faults", method="DELETE")
    at_home.outcome(org, "limits")
    assert "DailyBulkApiSheaves" not in calls.limits_of(org)


@pytest.mark.fault("B5")
def test_near_a_limit_of_bulk_rest_reads_what_is_not_too_much(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    at_home.collect(org, "limits")

    class Asked:
        def __init__(self) -> None:
            self.org = org

    def by_bulk(rows: int) -> bool:
        return bulk_choice.by_bulk(Asked(), rows)  # type: ignore[arg-type]

    assert by_bulk(30_000)
    assert not by_bulk(19_999)
    OrgLimit.objects.filter(org=org, name="DailyBulkV2QueryJobs").update(remaining=1_001)
    assert by_bulk(30_000)
    calls.take(org, "DailyBulkV2QueryJobs")  # our own job, since Salesforce spoke of it
    assert not by_bulk(30_000)
    with pytest.raises(OverBudget) as held:
        by_bulk(5_000_000)
    assert held.value.rule == "DailyBulkV2QueryJobs"
    # Another limit of Bulk is another ledger.
    calls.note_limits(org, datetime.now(UTC), {"DailyBulkV2QueryFileStorageMB": (100, 5)})
    with pytest.raises(OverBudget) as storage:
        by_bulk(5_000_000)
    assert storage.value.rule == "DailyBulkV2QueryFileStorageMB"


@pytest.mark.seed("C8")
def test_a_stopped_org_is_looked_at_once_in_fifteen_minutes(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    client, meter = clients.open_client(org)
    now = datetime.now(UTC)
    yesterday = now - timedelta(days=1)
    Org.objects.filter(pk=org.pk).update(stopped_at=now)
    org.refresh_from_db()
    later = now + timedelta(minutes=16)
    assert not look_if_stopped(org, client, later)  # it cannot resume today
    Org.objects.filter(pk=org.pk).update(stopped_at=yesterday)
    org.refresh_from_db()
    before = made(sim)
    asked = [look_if_stopped(org, client, later + timedelta(minutes=m)) for m in range(31)]
    assert (asked.count(True), made(sim) - before) == (3, 3)
    meter.settle()
