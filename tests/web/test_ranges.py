"""The time range of an address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict

from orgwarden.web import ranges

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def test_a_preset_counts_back_from_now() -> None:
    found = ranges.read(QueryDict("range=24h"), NOW)
    assert (found.since, found.until) == (NOW - timedelta(hours=24), NOW)
    assert found.query() == {"range": "24h"}


def test_from_and_to_fix_it_and_come_back_the_same() -> None:
    found = ranges.read(QueryDict("from=2026-03-01T00:00:00Z&to=2026-03-02"), NOW)
    assert found.span == timedelta(days=1)
    assert ranges.read(QueryDict(mutable=False), NOW).query() == {}
    again = QueryDict(mutable=True)
    again.update(found.query())
    assert ranges.read(again, NOW) == found


def test_a_zone_is_understood() -> None:
    found = ranges.read(QueryDict("from=2026-03-01T02:00:00%2B02:00&to=2026-03-02"), NOW)
    assert found.since == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "query",
    [
        "range=9y",
        "from=x&to=y",
        "from=2026-03-02&to=2026-03-01",
        "from=99999999999999",
        "from=0001-01-01",
        "from=2026-03-01&to=9999-12-31T23:59:59",
    ],
)
def test_what_is_no_range_falls_back_and_says_so(query: str) -> None:
    found = ranges.read(QueryDict(query), NOW)
    assert found.span == ranges.DEFAULT.span
    assert found.complaint
