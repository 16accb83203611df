"""The lower half of a tenant's page, in words."""

from __future__ import annotations

from orgwarden.catalog.sources import BY_ID, SOURCES
from orgwarden.web.org_more import how_often


def test_the_most_frequent_sources_are_named_and_the_many_others_counted() -> None:
    told = how_often(SOURCES, {}).split("; ")
    assert told[:2] == [
        "Bulk query jobs every 3 minutes",
        "Sign-ins, Bulk write jobs, Setup audit trail every 15 minutes",
    ]
    assert told[-1] == f"the other {_six_hourly()} every 6 hours"


def test_a_cadence_of_the_tenants_own_is_told() -> None:
    assert how_often([BY_ID["users"]], {"users": 90}) == "Users every 90 minutes"


def _six_hourly() -> int:
    return sum(s.cadence.total_seconds() == 6 * 3600 for s in SOURCES)
