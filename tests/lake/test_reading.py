"""Views: Salesforce's own columns, the normalised ones beside them, one snapshot."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orgwarden.lake.layouts import Layout
from orgwarden.lake.place import Place
from orgwarden.lake.reading import Reader
from orgwarden.lake.sql_check import Refused
from orgwarden.lake.table import OrgLake
from tests.lake.ground import HEADER, ORG, csv_bytes, land, query, row


@pytest.mark.anywhere
def test_a_layout_whose_rows_were_never_committed_hides_nothing(lake: OrgLake) -> None:
    """A process was killed after it wrote the layout and before it committed."""
    land(lake, [csv_bytes([row(1)])])
    Layout("event_log_api", "API", (*HEADER, "NEVER_LANDED")).save(lake.place)
    assert query(lake, 'SELECT "REQUEST_ID" FROM event_log_api') == [("R1",)]
    assert query(lake, "SELECT length(row_sha256) FROM event_log_api") == [(64,)]
    land(lake, [csv_bytes([(*row(2), "x")], (*HEADER, "NEVER_LANDED"))])
    assert query(lake, 'SELECT "NEVER_LANDED" FROM event_log_api ORDER BY 1') == [("x",), (None,)]


@pytest.mark.anywhere
def test_a_column_of_salesforce_keeps_its_name_and_ours_stands_beside_it(lake: OrgLake) -> None:
    header = (*HEADER, "ROWS", "SOURCE")
    land(lake, [csv_bytes([(*row(1), "seven", "theirs")], header)])
    assert query(lake, 'SELECT "ROWS", n_rows, source, n_source, time FROM event_log_api') == [
        ("seven", None, "theirs", "event_log_api", datetime(2026, 3, 18, 12, 0, 1, tzinfo=UTC))
    ]  # fmt: skip


@pytest.mark.anywhere
def test_a_reader_stays_on_its_snapshot(lake: OrgLake) -> None:
    land(lake, [csv_bytes([row(1)])])
    with Reader(lake.place.parent, [ORG]) as reader:
        land(lake, [csv_bytes([row(2)])])
        assert reader.run("SELECT count(*) FROM event_log_api").column(0).to_pylist() == [1]
        assert reader.row_counts() == {"event_log_api": 1}
    assert query(lake, "SELECT count(*) FROM event_log_api") == [(2,)]


@pytest.mark.anywhere
def test_an_org_without_a_table_has_empty_views(root: Place) -> None:
    with Reader(root, ["nothing"], declared={"login_history": ("Id",)}) as reader:
        assert reader.sources() == []
        for view in ("login_history", "activity"):
            assert reader.run(f"SELECT * FROM {view}").num_rows == 0


def test_a_query_that_takes_too_long_ends_in_one_sentence(lake: OrgLake) -> None:
    land(lake, [csv_bytes([row(1)])])
    with Reader(lake.place.parent, [ORG]) as reader:
        with pytest.raises(Refused, match="longer than 0 seconds") as refused:
            reader.run("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b",
                       seconds=0.2)  # fmt: skip
        assert refused.value.fix
        assert reader.run("SELECT 1").num_rows == 1


def test_a_query_that_needs_too_much_memory_ends_in_one_sentence(lake: OrgLake) -> None:
    with Reader(lake.place.parent, [ORG]) as reader:
        with pytest.raises(Refused, match="more than 1GB of memory"):
            reader.run("SELECT list(a.range || repeat('x', 500)) FROM range(20000000) a")
