"""Windows read everything that is due, the newest first, and call nothing complete too early."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.spans import Span, Spans
from orgwarden.core.windows import (
    FIRST_LOOK,
    backfill_start,
    completed,
    expires_until,
    first_whole_day,
    plan,
    soonest_lost_first,
)
from tests.core.times import durations, instants, span_sets

LAG = timedelta(minutes=5)


@given(span_sets, instants, instants, durations)
def test_the_windows_cover_every_instant_that_is_due(
    complete: Spans, start: datetime, now: datetime, overlap: timedelta
) -> None:
    complete = complete.within(Span(start, max(start, now)))
    windows = plan(complete, start=start, now=now, overlap=overlap)
    read = Spans.of(w.span for w in windows)
    assert complete.add(*read.items).gaps(Span(start, max(start, now))) == ()
    assert windows[0].fresh
    assert not any(w.fresh for w in windows[1:])
    assert all(w.span.start >= start for w in windows)


@given(span_sets, instants, instants, durations)
def test_the_fresh_window_reaches_back_by_the_overlap(
    complete: Spans, start: datetime, now: datetime, overlap: timedelta
) -> None:
    complete = complete.within(Span(start, max(start, now)))
    fresh = plan(complete, start=start, now=now, overlap=overlap)[0].span
    assert fresh.end == max(fresh.start, now)
    if not complete.items:
        assert fresh.start == max(start, now - FIRST_LOOK)
        return
    cursor = complete.items[-1].end
    outage = now - cursor > FIRST_LOOK
    reach = now - max(FIRST_LOOK, overlap) if outage else start
    assert fresh.start == max(start, cursor - overlap, reach)


@given(span_sets, instants, instants, durations, durations)
def test_without_an_outage_the_window_begins_where_it_does_whatever_the_time_is(
    complete: Spans, start: datetime, now: datetime, overlap: timedelta, later: timedelta
) -> None:
    """So that what is planned before the org has told its time is what is asked."""
    complete = complete.within(Span(start, max(start, now)))
    if complete.items and now + later - complete.items[-1].end <= FIRST_LOOK:
        begun = {
            plan(complete, start=start, now=at, overlap=overlap)[0].span.start
            for at in (now, now + later)
        }
        assert len(begun) == 1


@given(span_sets, instants, instants, durations)
def test_gaps_behind_are_read_newest_first_and_never_twice(
    complete: Spans, start: datetime, now: datetime, overlap: timedelta
) -> None:
    complete = complete.within(Span(start, max(start, now)))
    behind = [w.span for w in plan(complete, start=start, now=now, overlap=overlap)[1:]]
    assert behind == sorted(behind, reverse=True)
    cut = [Span(min(gap.end, gap.start + overlap), gap.end) for gap in behind]
    assert all(not complete.within(gap).items for gap in cut)


def test_after_an_outage_the_newest_day_comes_first_and_the_gap_with_what_came_late() -> None:
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    start, hour = now - timedelta(days=30), timedelta(hours=1)
    complete = Spans.of([Span(start, now - timedelta(days=5))])
    fresh, gap = plan(complete, start=start, now=now, overlap=hour)
    assert gap.since == now - timedelta(days=5)
    assert (fresh.span, fresh.fresh) == (Span(now - FIRST_LOOK, now), True)
    assert gap.span == Span(now - timedelta(days=5) - hour, now - FIRST_LOOK)


@given(span_sets, instants, instants, durations, st.none() | durations)
def test_what_is_deleted_soonest_comes_after_the_fresh_and_nothing_is_left_out(
    complete: Spans, start: datetime, now: datetime, overlap: timedelta, kept: timedelta | None
) -> None:
    windows = plan(complete.within(Span(start, max(start, now))), start=start, now=now,
                   overlap=overlap)  # fmt: skip
    ordered = soonest_lost_first(windows, now=now, kept=kept)
    due = complete.within(Span(start, max(start, now)))
    assert due.add(*(w.span for w in ordered)).gaps(Span(start, max(start, now))) == ()
    assert ordered[0] == windows[0]
    assert sum(w.fresh for w in ordered) == 1
    if kept:
        until = expires_until(now, kept)
        expiring = [w.span.end <= until for w in ordered[1:]]
        assert expiring == sorted(expiring, reverse=True)


@given(span_sets, instants, instants, durations, durations)
def test_nothing_newer_than_now_less_the_lag_is_ever_called_complete(
    complete: Spans, start: datetime, now: datetime, overlap: timedelta, lag: timedelta
) -> None:
    limit = now - lag
    complete = complete.within(Span(min(start, limit), max(start, limit)))
    after = complete
    for window in plan(complete, start=start, now=now, overlap=overlap):
        after = completed(after, window.span, now=now, lag=lag)
    before = complete.items[-1].end if complete.items else limit
    assert all(s.end <= max(limit, before) for s in after.items)
    if limit > start:
        assert after.gaps(Span(start, limit)) == ()


@given(span_sets, instants, durations, instants)
def test_a_window_read_whole_adds_itself_and_takes_nothing_away(
    complete: Spans, start: datetime, length: timedelta, t: datetime
) -> None:
    now = start + length
    after = completed(complete, Span(start, now), now=now, lag=LAG)
    assert not complete.holds(t) or after.holds(t)
    assert after.holds(t) == (complete.holds(t) or start <= t < now - LAG)


@pytest.mark.seed("M15")
@given(instants, st.integers(1, 180))
def test_a_backfill_starts_at_midnight_n_plus_one_days_before(first: datetime, days: int) -> None:
    start = backfill_start(first, days)
    assert (start.hour, start.minute, start.second, start.tzinfo) == (0, 0, 0, UTC)
    assert timedelta(days=days + 1) <= first - start < timedelta(days=days + 2)


@given(instants)
def test_of_the_first_whole_day_nothing_can_be_gone_and_of_the_day_before_it_can(
    now: datetime,
) -> None:
    kept, day = timedelta(days=1), timedelta(days=1)
    found = first_whole_day(now, kept)
    assert found == found.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert found + day + kept >= now  # a file made at that day's end is kept until then
    assert found + kept < now
