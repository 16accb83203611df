"""The budget at work: reserved before, settled after, obeyed by every source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.catalog.sources import BY_ID
from orgwarden.core.budget import PROTECTED, Rules
from orgwarden.core.problems import OverBudget
from orgwarden.flows.metering import RESERVED, OrgMeter
from orgwarden.records import calls
from orgwarden.records.models import Org, Run, SourceState
from orgwarden.salesforce.usage import Usage
from tests.support.house import House
from tests.support.landed import assert_everything_landed
from tests.support.orgsim import OrgsimServer

DAY = timedelta(hours=24)


@pytest.fixture
def org(house: House) -> Org:
    return Org.objects.create(
        name="metered", url="https://acme.my.salesforce.com", flow="client-credentials",
        added_by="test",
    )  # fmt: skip


def counted(org: Org) -> int:
    return calls.own_calls_since(org, datetime.now(UTC) - DAY)


def test_calls_are_counted_ahead_and_what_was_not_used_is_given_back(org: Org) -> None:
    meter = OrgMeter(org)
    for _ in range(3):
        meter.before("event_logs", "query")
    assert counted(org) == RESERVED  # a process killed now has counted too many, never too few
    assert meter.made == 3
    meter.settle()
    assert counted(org) == 3
    for _ in range(RESERVED + 1):
        meter.before("event_logs", "query")
    assert counted(org) == 3 + 2 * RESERVED
    meter.settle()
    assert counted(org) == 3 + RESERVED + 1


def test_calls_are_counted_for_the_source_they_were_made_for(org: Org) -> None:
    meter = OrgMeter(org)
    for source, number in (("login_history", 2), ("users", 5)):
        meter.source = source
        for _ in range(number):
            meter.before("sign_ins", "query")
    meter.settle()
    since = datetime.now(UTC) - DAY
    assert calls.own_calls_by_source(org, since) == {"users": 5, "login_history": 2}


@pytest.mark.seed("M18", "M20")
def test_what_others_used_between_two_of_our_calls_is_noticed_at_once(org: Org) -> None:
    meter = OrgMeter(org)
    meter.before("event_logs", "query")
    meter.after("query", Usage(20_000, 100_000))
    meter.before("event_logs", "query")
    meter.after("query", Usage(99_000, 100_000))
    with pytest.raises(OverBudget) as raised:
        meter.before("sign_ins", "query")
    assert raised.value.rule == "floor"


@pytest.mark.seed("C8")
def test_a_stop_is_remembered_by_the_next_process_until_morning(org: Org) -> None:
    noon = datetime(2026, 5, 10, 12, tzinfo=UTC)
    meter = OrgMeter(org, now=lambda: noon)
    meter.before("event_logs", "query")
    meter.after("query", Usage(75_500, 100_000))
    with pytest.raises(OverBudget) as raised:
        meter.before("event_logs", "query")
    assert raised.value.rule == "stop"
    assert raised.value.after == timedelta(hours=12)
    meter.settle()
    org.refresh_from_db()
    assert org.stopped_at == noon

    def at(when: datetime, used: int) -> OrgMeter:
        org.refresh_from_db()
        calls.note_usage(org, when, used, 100_000)
        return OrgMeter(org, now=lambda: when)

    evening = at(noon + timedelta(hours=8), 10_000)
    with pytest.raises(OverBudget):
        evening.before("event_logs", "query")
    evening.before("sign_ins", "query")  # the protected lane goes on
    evening.settle()
    org.refresh_from_db()
    assert org.stopped_at == noon
    with pytest.raises(OverBudget) as high:
        at(noon + timedelta(hours=13), 72_000).before("event_logs", "query")
    assert high.value.rule == "resume"
    at(noon + timedelta(hours=14), 69_000).before("event_logs", "query")
    org.refresh_from_db()
    assert org.stopped_at is None


@pytest.mark.seed("M20")
def test_our_own_share_is_limited_whatever_others_do(org: Org) -> None:
    meter = OrgMeter(org, rules=Rules(own=1))
    meter.before("event_logs", "query")
    meter.after("query", Usage(10, 500))
    for _ in range(4):
        meter.before("event_logs", "query")
    with pytest.raises(OverBudget) as raised:
        meter.before("event_logs", "query")
    assert raised.value.rule == "own"


@pytest.mark.seed("C8")
def test_at_75_percent_only_sign_ins_are_still_collected(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    sim.control("quota", {"used": 76_000})
    calls.note_usage(org, datetime.now(UTC), 76_000, 100_000)
    done = at_home.collect(org)
    by_source = {o.source: o for o in done.outcomes}
    assert by_source["login_history"].outcome == Run.Outcome.DONE
    assert by_source["login_history"].stored > 0
    others = {s: o for s, o in by_source.items() if BY_ID[s].lane not in PROTECTED}
    assert len(others) > 10
    assert {o.outcome for o in others.values()} == {Run.Outcome.WAITING}
    assert {o.rule for o in others.values()} == {"stop"}
    assert done.waiting is not None
    assert datetime.fromisoformat(done.waiting["until"]) > datetime.now(UTC)
    states = {s.source: s for s in SourceState.objects.filter(org=org)}
    assert states["users"].state == SourceState.State.WAITING
    assert states["users"].coverage in ({}, {"complete": [], "missing": []})
    status = at_home.status(org)
    assert status["waiting"]["rule"] == "stop"
    assert status["status"] == "in_progress"


@pytest.mark.seed("M21", "D14")
def test_what_the_budget_held_back_is_caught_up_when_calls_are_free_again(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    sim.control("quota", {"used": 76_000})
    calls.note_usage(org, datetime.now(UTC), 76_000, 100_000)
    at_home.collect(org)
    assert at_home.status(org)["waiting"]["rule"] == "stop"
    assert at_home.state(org, "setup_audit_trail").rows == 0
    sim.control("quota", {"used": 1_000})
    calls.note_usage(org, datetime.now(UTC), 1_000, 100_000)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    Org.objects.filter(pk=org.pk).update(stopped_at=yesterday)
    org.refresh_from_db()
    assert {o.outcome for o in at_home.collect(org).outcomes} == {Run.Outcome.DONE}
    status = at_home.status(org)
    assert (status["status"], status["waiting"]) == ("success", None)
    assert_everything_landed(sim, at_home.ask, at_home.sources(org))


@pytest.mark.seed("M19")
def test_at_90_percent_nothing_is_called(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    at_home.collect(org, "users")
    calls.note_usage(org, datetime.now(UTC), 90_000, 100_000)
    before = sum(c["count"] for c in sim.control("calls"))
    with pytest.raises(OverBudget) as raised:
        at_home.collect(org)
    assert raised.value.rule == "floor"
    assert sum(c["count"] for c in sim.control("calls")) == before
    status = at_home.status(org)
    assert status["waiting"]["rule"] == "floor"


@pytest.mark.seed("M20")
def test_our_count_is_what_the_org_counted(at_home: House, sim: OrgsimServer) -> None:
    before = sum(c["count"] for c in sim.control("calls"))
    org = at_home.connect(sim)
    done = at_home.collect(org)
    made = sum(c["count"] for c in sim.control("calls")) - before
    assert counted(org) == made
    # One call proved the connection; what we may do was asked with the first sources.
    assert sum(o.calls for o in done.outcomes) == made - 1
