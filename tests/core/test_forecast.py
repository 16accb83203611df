"""The backlog and its end, from numbers that can be checked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.core.budget import Rules
from orgwarden.core.forecast import Need, calls_for, forecast, free_a_day, need_of_rows
from orgwarden.core.spans import Span, Spans

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def covered(*days: tuple[int, int]) -> Spans:
    return Spans.of(Span(NOW - a * DAY, NOW - b * DAY) for a, b in days)


def test_a_gap_costs_what_rows_as_dense_as_the_read_ones_cost() -> None:
    # 10 days wanted, the newest 5 hold 10,000 rows: 10,000 more are missing, five pages.
    found = need_of_rows(covered((5, 0)), NOW - 10 * DAY, NOW, fresh=HOUR, rows=10_000)
    assert found.calls == 6  # 10,042 rows: what is covered ends an hour before now
    assert found.wanted - found.covered == 5 * DAY
    assert (calls_for(0), calls_for(4_001), calls_for(1_000_000)) == (1, 3, 18)


def test_what_the_next_reading_brings_is_no_backlog() -> None:
    found = need_of_rows(covered((10, 0)), NOW - 10 * DAY, NOW + HOUR, fresh=HOUR, rows=5)
    assert found.calls == 0


def test_before_anything_was_read_the_size_of_the_backlog_is_not_known() -> None:
    found = need_of_rows(Spans(), NOW - 10 * DAY, NOW, fresh=HOUR, rows=0)
    assert found.calls is None
    told = forecast([found, Need(5)], free=1000, now=NOW, waits_until=None)
    assert (told.calls, told.done_at) == (None, None)
    assert "not known" in told.words


@pytest.mark.seed("M21")
def test_a_backlog_ends_when_the_free_calls_have_been_enough() -> None:
    told = forecast([Need(300, 3 * DAY, 4 * DAY)], free=600, now=NOW, waits_until=None)
    assert told.done_at == NOW + timedelta(hours=12)
    assert told.share == 0.75
    assert "300 calls are needed" in told.words
    assert "done by 2026-05-11 00:00 UTC" in told.words
    later = forecast([Need(300)], free=600, now=NOW, waits_until=NOW + DAY)
    assert later.done_at == NOW + timedelta(hours=36)


def test_no_backlog_and_no_free_call_are_said() -> None:
    assert "no backlog" in forecast([Need(0)], free=None, now=NOW, waits_until=None).words
    never = forecast([Need(1)], free=0, now=NOW, waits_until=None)
    assert "1 call is needed" in never.words
    assert "never" in never.words
    assert never.done_at is None
    unknown = forecast([Need(7)], free=None, now=NOW, waits_until=None)
    assert "has not said" in unknown.words


@pytest.mark.seed("M21")
def test_what_is_free_is_the_least_that_any_limit_leaves() -> None:
    rules = Rules()

    def free(used: int, own: int = 1_000) -> int:
        return free_a_day(rules, used=used, own=own, limit=100_000, steady=500)

    assert free(5_000) == 20_000 - 96 - 500  # our own share
    assert free(70_000) == 75_000 - 69_000 - 500  # up to the stop
    assert free(80_000) == 0
    own = Rules(only_own=True)
    assert free_a_day(own, used=80_000, own=0, limit=100_000, steady=500) == 19_404
