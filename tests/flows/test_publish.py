"""What pages and scripts read is a copy of the lake's newest commit, and success is said once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.catalog.sources import SOURCES
from orgwarden.core.ledger import Ledger, Missing, SourceLedger
from orgwarden.core.problems import GrantExpired, NeedsPerson, TryLater
from orgwarden.core.spans import Span, Spans
from orgwarden.flows import publish, runs, standing
from orgwarden.flows.outcomes import Outcome
from orgwarden.records.models import Org, Run, SourceState
from tests.support.house import House

START = datetime(2026, 5, 1, tzinfo=UTC)
WHOLE = Spans.of([Span(START, START + timedelta(days=9))])


@pytest.fixture
def org(house: House) -> Org:
    return Org.objects.create(
        name="told", url="https://acme.my.salesforce.com", flow="client-credentials",
        added_by="test", features=["app_governance"], tiers=["sign_ins"],
    )  # fmt: skip


def state(org: Org, source: str) -> SourceState:
    return SourceState.objects.get(org=org, source=source)


def ended(org: Org, source: str, outcome: str, reason: str = "") -> Outcome:
    run = runs.begin(org, source, "schedule")
    runs.end(run, outcome, reason=reason)
    return Outcome(source, outcome, reason=reason, code="X" if reason else "")


def test_the_caches_say_what_the_ledger_says(org: Org) -> None:
    signed = SourceLedger(START, WHOLE, stored=5, duplicate=2, quarantined=1)
    publish.ledger(org, Ledger(3, {"login_history": signed}))
    found = state(org, "login_history")
    assert (found.rows, found.quarantined) == (5, 1)
    assert found.coverage == {
        "complete": [["2026-05-01T00:00:00Z", "2026-05-10T00:00:00Z"]],
        "missing": [],
    }
    assert found.cursor == {"complete_to": "2026-05-10T00:00:00Z"}
    assert found.backfill_from == START
    publish.ledger(org, Ledger(4, {"login_history": SourceLedger(START)}))
    assert state(org, "login_history").cursor is None  # a cache follows, also backwards


def test_an_event_type_is_complete_as_its_files_are(org: Org) -> None:
    hole = Missing(Span(START, START + timedelta(days=1)), "RestApi: gone")
    family = SourceLedger(START, WHOLE, (hole,), held_from=START)
    kind = SourceLedger(stored=7)
    publish.ledger(org, Ledger(1, {"event_log_file": family, "event_log_restapi": kind}))
    found = state(org, "event_log_restapi")
    assert found.rows == 7
    # three days late at most, less the day whose file was gone
    assert found.coverage["complete"] == [["2026-05-02T00:00:00Z", "2026-05-07T00:00:00Z"]]
    assert found.coverage["missing"][0][2] == "RestApi: gone"


@pytest.mark.parametrize(
    ("outcome", "stands"),
    [
        (Run.Outcome.DONE, SourceState.State.CURRENT),
        (Run.Outcome.WAITING, SourceState.State.WAITING),
        (Run.Outcome.DARK, SourceState.State.DARK),
        (Run.Outcome.FAILED, SourceState.State.FAILING),
        (Run.Outcome.LOST, SourceState.State.NEVER),
    ],
)
def test_a_run_leaves_its_source_in_the_state_it_earned(
    org: Org, outcome: str, stands: str
) -> None:
    ended(org, "users", outcome, "Because.")
    found = state(org, "users")
    assert found.state == stands
    assert (found.last_success_at is not None) == (outcome == Run.Outcome.DONE)
    assert found.next_due_at is not None
    assert (found.next_due_at > datetime.now(UTC)) == (outcome != Run.Outcome.LOST)
    run = Run.objects.get()
    assert run.ended_at is not None
    assert run.reason == "Because."


def test_a_stopped_run_says_nothing_and_the_source_stands_as_before(org: Org) -> None:
    ended(org, "users", Run.Outcome.DARK, "No permission.")
    ended(org, "users", Run.Outcome.LOST, "It was stopped.")
    found = state(org, "users")
    assert (found.state, found.reason) == (SourceState.State.DARK, "No permission.")


@pytest.mark.seed("Z26", "L15")
def test_success_and_last_sync_come_together_and_only_when_every_source_has_settled(
    org: Org,
) -> None:
    outcomes = []
    for source in (s.id for s in SOURCES):
        standing.after(org, outcomes)
        org.refresh_from_db()
        assert org.status == Org.Status.IN_PROGRESS
        assert org.last_synced_at is None
        dark = source == "limits"
        found = Run.Outcome.DARK if dark else Run.Outcome.DONE
        outcomes.append(ended(org, source, found, "No permission." if dark else ""))
    standing.after(org, outcomes)
    org.refresh_from_db()
    assert org.status == Org.Status.SUCCESS
    assert org.last_synced_at is not None


def test_one_failing_source_is_an_error_with_its_reason_until_it_works(org: Org) -> None:
    for source in (s.id for s in SOURCES):
        ended(org, source, Run.Outcome.DONE)
    failed = ended(org, "users", Run.Outcome.FAILED, "It broke.")
    standing.after(org, [failed])
    org.refresh_from_db()
    assert (org.status, org.problem, org.problem_code) == (Org.Status.ERROR, "It broke.", "X")
    since = org.status_since
    standing.after(org, [failed])
    org.refresh_from_db()
    assert org.status_since == since
    standing.after(org, [ended(org, "users", Run.Outcome.DONE)])
    org.refresh_from_db()
    assert (org.status, org.problem) == (Org.Status.SUCCESS, "")


def test_trouble_that_passes_waits_and_trouble_for_a_person_is_an_error(org: Org) -> None:
    now = datetime.now(UTC)
    standing.trouble(org, TryLater("Salesforce is down.", after=timedelta(minutes=30)))
    org.refresh_from_db()
    assert org.status == Org.Status.IN_PROGRESS
    assert org.waiting_reason == "Salesforce is down."
    assert org.waiting_until is not None
    assert org.waiting_until >= now + timedelta(minutes=30)
    standing.trouble(org, GrantExpired("It was revoked.", fix="Reconnect.", code="invalid_grant"))
    org.refresh_from_db()
    assert (org.status, org.problem) == (Org.Status.ERROR, "Grant Expired: It was revoked.")
    assert org.problem_fix == "Reconnect."
    standing.trouble(org, NeedsPerson("No API.", fix="Upgrade."))
    org.refresh_from_db()
    assert org.problem == "No API."
    assert org.next_due_at is not None
    assert org.next_due_at > now + timedelta(minutes=50)  # a person is waited for by the hour
