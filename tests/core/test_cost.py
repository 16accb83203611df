"""What collecting costs, computed from made-up declarations that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from orgwarden.catalog.sources import BY_ID
from orgwarden.core.cost import Size, Volume, calls, chance, pages
from orgwarden.core.source import Source

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
ROWS = replace(BY_ID["login_history"], cadence=QUARTER, overlap=HOUR)
SMALL = Size(users=10)


def whole(number: int, cadence: timedelta = HOUR) -> Source:
    return replace(BY_ID["users"], id=f"whole_{number}", cadence=cadence)


def test_five_questions_are_one_call_and_what_we_may_do_is_one_of_them() -> None:
    four = [whole(n) for n in range(4)]
    assert calls(four, SMALL, {}).total == 24
    assert calls([*four, whole(4)], SMALL, {}).total == 48


def test_sources_of_different_intervals_share_the_collection_they_meet_in() -> None:
    found = calls([ROWS, whole(1)], SMALL, {})
    assert found.total == found.together == 96


def test_what_does_not_fit_a_page_is_more_calls() -> None:
    assert (pages(0), pages(2_000), pages(2_001)) == (1, 1, 2)
    found = calls([whole(1)], Size(users=5_000), {"whole_1": Volume(per_user=1)})
    assert found.by_source == {"whole_1": 48}  # two pages more, each hour
    # A stream is read from an overlap before: a quarter and an hour of 96,000 rows a day.
    busy = calls([ROWS], SMALL, {"login_history": Volume(fixed=96_000)})
    assert busy.by_source == {"login_history": 96 * 2}


def test_a_log_file_is_a_call_and_the_limits_are_asked_alone() -> None:
    family, limits = BY_ID["event_log_file"], BY_ID["limits"]
    assert calls([family], Size(10, files_a_day=130), {}).total == 24 + 130
    assert calls([limits], SMALL, {}).total == 24 + 24  # and what we may do


def test_a_store_that_the_org_does_not_keep_is_asked_for_once_a_day() -> None:
    store = replace(BY_ID["login_events"], cadence=HOUR)
    assert calls([store], Size(10), {}).total == 24
    assert calls([store], Size(10, licensed=False), {}).by_source == {"login_events": 1}


def test_a_run_of_lists_alone_does_not_ask_what_we_may_do() -> None:
    jobs = BY_ID["bulk_query_jobs"]
    assert calls([jobs], SMALL, {}).together == 0
    assert calls([jobs], SMALL, {}).total == 480


def test_a_cadence_set_by_hand_and_a_part_of_a_day_are_counted() -> None:
    assert calls([whole(1)], SMALL, {}, minutes={"whole_1": 30}).total == 48
    assert calls([whole(1)], SMALL, {}, span=timedelta(hours=3)).total == 3


@pytest.mark.parametrize(("minutes", "share"), [(3, 1.0), (4, 1.0), (15, 4 / 15), (60, 1 / 15)])
def test_what_lives_four_minutes_is_seen_with_this_chance(minutes: int, share: float) -> None:
    assert chance(timedelta(minutes=4), timedelta(minutes=minutes)) == pytest.approx(share)
