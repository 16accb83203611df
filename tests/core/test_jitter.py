"""The place of an org in its interval."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.jitter import next_due, place

NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)
MINUTE, QUARTER, HOUR = timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1)


@pytest.mark.fault("B6")
@pytest.mark.parametrize("interval", [QUARTER, HOUR, timedelta(days=1)])
def test_200_orgs_that_began_together_do_not_go_on_together(interval: timedelta) -> None:
    due = [next_due(NOON, interval, org=f"org{n}", source="users") for n in range(200)]
    slots = Counter((at - NOON) // (interval / 10) for at in due)
    assert len(slots) >= 10  # in every tenth of the interval
    assert max(slots.values()) <= 40  # of 200, where 20 would be even
    assert len(set(due)) > 100


@pytest.mark.fault("B6")
def test_the_place_is_the_same_in_every_process() -> None:
    assert place("a1b2", "users", HOUR) == timedelta(minutes=2, seconds=26)
    assert place("a1b2", "users", timedelta(days=1)) != place("a1b2", "profiles", timedelta(days=1))


def test_what_is_due_every_hour_is_due_with_what_is_due_every_quarter() -> None:
    for org in ("a", "b", "c"):
        assert place(org, "users", HOUR) % QUARTER == place(org, "login_history", QUARTER)
        assert place(org, "profiles", timedelta(hours=6)) % HOUR == place(org, "users", HOUR)


@given(
    st.integers(0, 20 * 365 * 86_400_000),
    st.integers(1, 2_000),
    st.text(max_size=12),
    st.text(max_size=12),
)
def test_the_next_reading_is_never_later_than_an_interval_and_a_tenth(
    milliseconds: int, minutes: int, org: str, source: str
) -> None:
    began = NOON + timedelta(milliseconds=milliseconds)
    interval = MINUTE * minutes
    due = next_due(began, interval, org=org, source=source)
    assert began + interval * 0.1 < due <= began + interval * 1.1
    # Begun on time, or a little late, it is an interval later to the second.
    again = next_due(due + interval * 0.05, interval, org=org, source=source)
    assert again == due + interval
