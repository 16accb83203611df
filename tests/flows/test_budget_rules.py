"""The switches of a tenant's budget: checked, audited, and followed by a collection."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.core.budget import Rules
from orgwarden.core.problems import OverBudget
from orgwarden.flows.budget_rules import set_rules
from orgwarden.flows.metering import FRESH, OrgMeter
from orgwarden.flows.tenant_settings import Wrong
from orgwarden.records import calls
from orgwarden.records.models import AuditEntry, Org, Run
from orgwarden.salesforce.usage import Usage
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)


@pytest.fixture
def org(house: House) -> Org:
    return Org.objects.create(
        name="metered", url="https://acme.my.salesforce.com", flow="client-credentials",
        added_by="test",
    )  # fmt: skip


@pytest.mark.seed("M19", "C8")
def test_changed_rules_are_stored_and_audited_and_wrong_ones_change_nothing(org: Org) -> None:
    assert set_rules(org, Rules(own=5, stop=60, resume=50), actor="bob") == [
        "stop", "resume", "own",
    ]  # fmt: skip
    assert Rules.of(org.budget) == Rules(own=5, stop=60, resume=50)
    entry = AuditEntry.objects.get(action="org:budget:edited")
    assert (entry.actor, entry.detail["before"]["own"], entry.detail["after"]["own"]) == (
        "bob", 20, 5,
    )  # fmt: skip
    assert set_rules(org, Rules.of(org.budget), actor="bob") == []
    with pytest.raises(Wrong) as wrong:
        set_rules(org, replace(Rules.of(org.budget), resume=61), actor="bob")
    assert wrong.value.field == "resume"
    org.refresh_from_db()
    assert Rules.of(org.budget).resume == 50
    assert AuditEntry.objects.filter(action="org:budget:edited").count() == 1


def test_a_running_collection_follows_changed_rules(org: Org) -> None:
    now = [NOON]
    meter = OrgMeter(org, now=lambda: now[0])
    meter.before("inventory", "query")
    meter.after("query", Usage(50_000, 100_000))
    meter.before("inventory", "query")
    set_rules(Org.objects.get(pk=org.pk), Rules(stop=50, resume=40), actor="bob")
    now[0] += FRESH
    with pytest.raises(OverBudget) as raised:
        meter.before("inventory", "query")
    assert raised.value.rule == "stop"


def test_what_waits_for_a_changed_rule_is_looked_at_at_once(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    sim.control("quota", {"used": 76_000})
    at_home.outcome(org, "users")  # the answer says what is used
    held = at_home.outcome(org, "users")
    assert (held.outcome, held.rule) == (Run.Outcome.WAITING, "stop")
    set_rules(org, Rules(stop=95, resume=95, floor=4), actor="bob")
    now = datetime.now(UTC)
    org.refresh_from_db()
    assert org.next_due_at is not None
    assert org.next_due_at <= now
    due = at_home.state(org, "users").next_due_at
    assert due is not None
    assert due <= now
    # Nothing falls back before the next day, unless a person says so: the rule itself was changed.
    Org.objects.filter(pk=org.pk).update(stopped_at=now - timedelta(days=1))
    org.refresh_from_db()
    assert at_home.outcome(org, "users").outcome == Run.Outcome.DONE


@pytest.mark.seed("M20")
def test_in_the_mode_that_counts_our_own_calls_others_do_not_hold_us_up(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    set_rules(org, Rules(only_own=True), actor="bob")
    sim.control("quota", {"used": 93_000})
    assert at_home.outcome(org, "users").outcome == Run.Outcome.DONE
    # Our own share still holds.
    calls.count(org, "users", datetime.now(UTC), 19_950)
    assert at_home.outcome(org, "users").rule == "own"
