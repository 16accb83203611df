"""What Salesforce deletes before it is collected is lost and said so; until then, when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.expiry import LOST, left_out, lost_from, read_whole
from orgwarden.core.ledger import Missing, SourceLedger
from orgwarden.core.spans import Span, Spans

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
KEPT, LAG = timedelta(days=30), timedelta(minutes=5)


def day(n: float) -> datetime:
    return ZERO + timedelta(days=n)


def held(*spans: tuple[float, float]) -> SourceLedger:
    complete = Spans.of(Span(day(a), day(b)) for a, b in spans)
    return SourceLedger(backfill_from=day(0), complete=complete)


def read(was: SourceLedger, start: float, end: float, now: float) -> SourceLedger:
    return read_whole(was, Span(day(start), day(end)), now=day(now), lag=LAG, kept=KEPT)


def test_after_a_long_silence_what_was_deleted_is_missing_and_the_rest_complete() -> None:
    found = read(held((0, 10)), 9.9, 50, now=50)
    assert found.complete == Spans.of([Span(day(0), day(10)), Span(day(20), day(50) - LAG)])
    assert found.missing == (Missing(Span(day(10), day(20)), LOST),)
    again = read(found, 49, 51, now=51)
    assert again.missing == found.missing
    assert left_out(again).gaps(Span(day(0), day(50))) == ()


def test_a_short_silence_loses_nothing() -> None:
    found = read(held((0, 10)), 9.9, 39, now=39)
    assert found.missing == ()
    assert found.complete == Spans.of([Span(day(0), day(39) - LAG)])


def test_what_was_never_reached_since_the_beginning_is_not_called_lost() -> None:
    found = read(held((40, 50)), 0, 40, now=50)
    assert found.missing == ()
    assert read(SourceLedger(), 0, 50, now=50).missing == ()


def test_days_whose_files_went_before_the_first_reading_ended_well_are_not_held() -> None:
    begun = replace(SourceLedger(), backfill_from=day(0), held_from=day(1))
    assert read(begun, 0, 20, now=20).held_from == day(1)
    assert read(begun, 0, 50, now=50).held_from == day(19)
    some = replace(begun, complete=Spans.of([Span(day(9), day(10))]))
    assert read(some, 0, 50, now=50).held_from == day(8)  # of which every file was made after 9


def test_a_file_reaches_back_behind_its_making() -> None:
    span = Span(day(10), day(50))
    found = read_whole(
        held((0, 10)), span, now=day(50), lag=LAG, kept=KEPT, reach=timedelta(days=3)
    )
    assert [m.span for m in found.missing] == [Span(day(7), day(20))]


@given(st.lists(st.integers(1, 90), min_size=1, max_size=6))
def test_nothing_is_both_complete_and_lost_and_nothing_neither(pauses: list[int]) -> None:
    ledger, at = held((0, 1)), 1
    for pause in pauses:
        ledger = read(ledger, at - 0.05, at + pause, now=at + pause)
        at += pause
        for missing in ledger.missing:
            assert ledger.complete.within(missing.span) == Spans()
        left = left_out(ledger).gaps(Span(day(0), day(at)))
        assert sum((s.end - s.start for s in left), timedelta()) <= LAG


def test_the_oldest_uncollected_instant_decides_when_something_is_lost() -> None:
    complete = Spans.of([Span(day(0), day(3)), Span(day(5), day(9))])

    def at(now: float, missing: Spans | None = None) -> datetime | None:
        missing = missing or Spans()
        return lost_from(complete, missing, start=day(0), kept=KEPT, now=day(now))

    assert at(9) == day(33)
    assert at(9, Spans.of([Span(day(3), day(5))])) is None
    assert at(12, Spans.of([Span(day(3), day(5))])) == day(39)
    assert lost_from(complete, Spans(), start=day(0), kept=None, now=day(12)) is None
    assert lost_from(complete, Spans(), start=None, kept=KEPT, now=day(12)) is None
