"""Call counts: what a budget is decided on may be too high by an hour, and never too low."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError

from orgwarden.records import calls
from orgwarden.records.models import CallHour, OrgUsage
from tests.records.conftest import Database, InThreads

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_calls_add_up_by_hour_and_source(database: Database) -> None:
    org = database.org()
    calls.count(org, "login_history", NOON + timedelta(minutes=5), 2)
    calls.count(org, "login_history", NOON + timedelta(minutes=59), 3)
    calls.count(org, "limits", NOON)
    calls.count(org, "limits", NOON + timedelta(hours=1), 10)
    calls.count(database.org("Other"), "limits", NOON, 100)
    assert CallHour.objects.filter(org=org).count() == 3
    assert calls.own_calls_since(org, NOON) == 16
    assert calls.own_calls_since(org, NOON + timedelta(hours=1)) == 10
    assert calls.own_calls_since(org, NOON + timedelta(hours=2)) == 0
    assert calls.own_calls_by_source(org, NOON) == {"limits": 11, "login_history": 5}


def test_a_count_since_the_middle_of_an_hour_takes_all_of_it(database: Database) -> None:
    org = database.org()
    calls.count(org, "limits", NOON, 4)
    assert calls.own_calls_since(org, NOON + timedelta(minutes=30)) == 4


def test_hours_are_utc_s_whatever_zone_the_time_is_in(database: Database) -> None:
    org = database.org()
    india = timezone(timedelta(hours=5, minutes=30))
    calls.count(org, "limits", datetime(2026, 11, 21, 17, 40, tzinfo=india))
    assert CallHour.objects.get().hour == NOON


def test_threads_that_count_at_once_lose_no_call(database: Database, in_threads: InThreads) -> None:
    org = database.org()

    def act(_: int) -> None:
        for n in range(10):
            calls.count(org, "limits", NOON + timedelta(hours=n % 2), 1)

    assert in_threads(8, act) == [None] * 8
    assert calls.own_calls_since(org, NOON) == 80


def test_calls_of_a_deleted_org_are_an_error_not_a_silence(database: Database) -> None:
    org = database.org()
    gone = org.pk
    org.delete()
    org.pk = gone
    with pytest.raises(IntegrityError):
        calls.count(org, "limits", NOON)


def test_the_latest_word_on_usage_is_kept_once_an_hour(database: Database) -> None:
    org = database.org()
    assert calls.usage_now(org) is None
    calls.note_usage(org, NOON + timedelta(minutes=10), 500, 100_000)
    calls.note_usage(org, NOON + timedelta(minutes=30), 700, 100_000)
    calls.note_usage(org, NOON + timedelta(minutes=20), 600, 100_000)  # arrives late
    assert OrgUsage.objects.count() == 1
    assert calls.usage_now(org) == calls.Usage(NOON + timedelta(minutes=30), 700, 100_000)
    calls.note_usage(org, NOON + timedelta(hours=1), 20, 100_000)
    assert OrgUsage.objects.count() == 2
    usage = calls.usage_now(org)
    assert usage is not None
    assert usage.used == 20


def test_threads_that_note_usage_at_once_keep_the_latest(
    database: Database, in_threads: InThreads
) -> None:
    org = database.org()
    results = in_threads(
        8, lambda n: calls.note_usage(org, NOON + timedelta(minutes=n), n, 100_000)
    )
    assert results == [None] * 8
    usage = calls.usage_now(org)
    assert usage is not None
    assert usage.used == 7
