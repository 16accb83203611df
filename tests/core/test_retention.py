"""How long events are kept, and what the ledger says of those that went."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from orgwarden.core.expiry import left_out
from orgwarden.core.ledger import Ledger, Missing, SourceLedger
from orgwarden.core.retention import REMOVED, days_kept, expired, first_day, gone
from orgwarden.core.spans import Span, Spans
from orgwarden.core.windows import plan

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_source_is_kept_for_ever_unless_a_number_says_otherwise() -> None:
    assert days_kept({}, "users") is None
    assert days_kept({"users": 30}, "users") == 30
    assert days_kept({"*": 90}, "users") == 90
    assert days_kept({"*": 90, "users": 0}, "users") is None
    assert first_day(7, NOW) == date(2026, 2, 22)


def test_what_was_removed_is_not_claimed_and_not_collected_again() -> None:
    whole = SourceLedger(
        backfill_from=BEGUN,
        complete=Spans.of([Span(BEGUN, NOW)]),
        missing=(Missing(Span(BEGUN, BEGUN + timedelta(days=1)), "another reason"),),
    )
    first = gone(whole, date(2026, 1, 10))
    then = gone(first, date(2026, 2, 1))
    cut = datetime(2026, 2, 1, tzinfo=UTC)
    assert then.complete.items == (Span(cut, NOW),)
    assert then.missing[0] == Missing(Span(BEGUN, cut), REMOVED)
    assert [m.why for m in then.missing] == [REMOVED, "another reason"]
    assert gone(then, date(2026, 1, 10)).complete == then.complete
    later = NOW + timedelta(hours=1)
    [fresh] = plan(left_out(then), start=BEGUN, now=later, overlap=timedelta(hours=1))
    assert fresh.span.start == NOW - timedelta(hours=1)


def test_a_source_that_never_began_and_one_that_is_younger_are_left_alone() -> None:
    assert gone(SourceLedger(), date(2026, 2, 1)) == SourceLedger()
    young = SourceLedger(backfill_from=NOW)
    assert gone(young, date(2026, 2, 1)) == young


def test_expired_rows_are_counted_apart_and_travel_with_the_ledger() -> None:
    ledger = Ledger().counted("users", stored=10, duplicate=2, quarantined=1)
    after = Ledger.from_json(expired(expired(ledger, "users", 3), "users", 4).to_json())
    ours = after.of("users")
    assert (ours.stored, ours.expired, ours.held, ours.duplicate) == (10, 7, 3, 2)
    assert expired(ledger, "quarantine", 1) == ledger
