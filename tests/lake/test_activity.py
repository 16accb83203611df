"""The pages' questions on a real table: nothing lost at page ends, values bound, days skipped."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from orgwarden.core.problems import NotThere
from orgwarden.lake import activity
from orgwarden.lake.days import DaysReader
from orgwarden.lake.overview import histogram, overview
from orgwarden.lake.reading import open_reader
from orgwarden.lake.table import OrgLake
from tests.lake.ground import API, DAY, LOGOUT, csv_bytes, land, row

DAYS = [DAY + timedelta(days=n) for n in range(5)]
SINCE = datetime(2026, 3, 18, tzinfo=UTC)


@pytest.fixture
def held(lake: OrgLake) -> OrgLake:
    """Ten API calls a day for five days, and three sign-outs on the third."""
    for day in DAYS:
        land(lake, [csv_bytes([row(n, day=day) for n in range(10)])], source=API, day=day)
    rows = [row(n, kind="Logout", day=DAYS[2]) for n in range(3)]
    land(lake, [csv_bytes(rows)], source=LOGOUT, day=DAYS[2])
    return lake


def asked(days: int = 5, **more: object) -> activity.Question:
    return activity.Question(SINCE, SINCE + timedelta(days=days), **more)  # type: ignore[arg-type]


def test_bars_facets_and_rows_agree(held: OrgLake) -> None:
    with open_reader(held.folder.parent, [held.folder.name]) as reader:
        seen = overview(reader, asked())
        bars, facets = seen.bars, seen.facets
        assert bars == histogram(reader, asked())
        rows, more = activity.newest(reader, asked(), bars=bars)
    assert sum(b.events for b in bars) == len(rows) == 53
    assert more is None
    assert facets["source"] == [("event_log_api", 50), ("event_log_logout", 3)]
    assert sum(n for _, n in facets["ip"]) == 53
    assert [r["time"] for r in rows] == sorted((r["time"] for r in rows), reverse=True)


@pytest.mark.parametrize("limit", [1, 3, 10, 52, 53])
def test_pages_lose_and_double_nothing_also_where_times_are_equal(
    held: OrgLake, limit: int
) -> None:
    seen: list[str] = []
    with open_reader(held.folder.parent, [held.folder.name]) as reader:
        bars = histogram(reader, asked())
        key = None
        while True:
            rows, key = activity.newest(reader, asked(), after=key, limit=limit, bars=bars)
            seen += [r["event_uid"] for r in rows]
            if key is None:
                break
    assert len(seen) == len(set(seen)) == 53


def test_one_event_has_every_column_as_salesforce_sent_it(held: OrgLake) -> None:
    with open_reader(held.folder.parent, [held.folder.name]) as reader:
        rows, _ = activity.newest(reader, asked(source=("event_log_logout",)))
        normal, original = activity.one(
            reader, "event_log_logout", rows[0]["event_uid"], rows[0]["time"]
        )
        assert normal["source"] == "event_log_logout"
        assert original["EVENT_TYPE"] == "Logout"
        assert original["REQUEST_ID"] == "R2"
        for source in ("event_log_api", "nothing", 'x"; DROP'):
            with pytest.raises(NotThere):
                activity.one(reader, source, rows[0]["event_uid"], rows[0]["time"])


def test_what_was_typed_is_a_value(held: OrgLake) -> None:
    with open_reader(held.folder.parent, [held.folder.name]) as reader:
        for typed in ("' OR true --", "%", "\\"):
            for field in ("actor", "ip", "action", "text"):
                assert histogram(reader, asked(**{field: typed})) == []


def test_the_text_to_copy_is_sql_that_gives_the_same_rows(held: OrgLake) -> None:
    question = asked(source=("event_log_logout", activity.NONE), text="LOGOUT")
    with open_reader(held.folder.parent, [held.folder.name]) as reader:
        rows, _ = activity.newest(reader, question)
        copied = reader.run(activity.as_sql(question, [held.folder.name]))
    assert copied.num_rows == len(rows) == 3
    text = activity.as_sql(asked(actor="o'brien"))
    assert duckdb.connect().execute("SELECT json_serialize_sql(?)", [text]).fetchone()


def test_a_reader_for_some_days_answers_like_one_for_all(held: OrgLake) -> None:
    until = SINCE + timedelta(days=2)
    folder, key = held.folder.parent, held.folder.name
    with (
        open_reader(folder, [key]) as whole,
        DaysReader(folder, [key], since=SINCE, until=until) as some,
    ):
        assert histogram(some, asked(2)) == histogram(whole, asked(2))
        assert some.row_counts()["event_log_api"] < whole.row_counts()["event_log_api"]


def test_a_source_filed_by_the_day_it_was_collected_is_kept_whole(held: OrgLake) -> None:
    late = datetime(2026, 6, 1, tzinfo=UTC)
    folder, key = held.folder.parent, held.folder.name
    with DaysReader(folder, [key], since=late, until=late, whole=["event_log_logout"]) as reader:
        assert reader.sources() == ["event_log_logout"]


def test_an_org_without_events_has_no_rows_and_no_error(lake: OrgLake) -> None:
    with open_reader(lake.folder.parent, [lake.folder.name, "never-collected"]) as reader:
        assert histogram(reader, asked()) == []
        assert activity.newest(reader, asked()) == ([], None)


def test_a_range_has_no_more_bars_than_can_be_read() -> None:
    for days in (1, 3, 7, 30, 60):
        assert asked(days).step() * 90 >= timedelta(days=days)
    assert asked(3).step() == timedelta(hours=1)
    assert date(2026, 3, 18) == DAY  # what SINCE is built on
