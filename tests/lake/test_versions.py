"""Versions: what a new reading of an object changed, as rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orgwarden.catalog.sources import entity_changes
from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import REMOVED, VERSION, Field
from orgwarden.lake.layouts import Layout, stored_name
from orgwarden.lake.table import LakeFile
from orgwarden.lake.versions import Compared, Versions

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
THING = whole(
    "things", "Things", "Things.", "Thing", (Field("Name", "Name."), Field("Colour", "Colour."))
)
NAMES = ("Id", "Name", "Colour", "LastModifiedDate", "LastModifiedById")


class Past:
    """What the lake holds of the things, as files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: list[LakeFile] = []
        self.layouts: list[Layout] = []

    def keep(self, versions: pa.Table, layout: Layout) -> None:
        seq = len(self.files) + 1
        rows = versions.append_column("layout", pa.array([layout.id] * versions.num_rows))
        rows = rows.append_column("arrived_seq", pa.array([seq] * versions.num_rows, pa.int64()))
        path = self.folder / f"{seq}.parquet"
        pq.write_table(rows, path)
        self.files.append(LakeFile(str(path), "things", NOW.date(), rows.num_rows, 1))
        self.layouts.append(layout)

    def read(
        self,
        *pages: list[dict[str, str | None]],
        names: tuple[str, ...] = NAMES,
        since: datetime | None = None,
    ) -> tuple[list[Compared], Versions]:
        """A reading of these pages, kept; and what it found."""
        versions = Versions(
            THING, names, self.files, self.layouts,
            changes=entity_changes.SOURCE.field_names(), at=NOW, since=since,
        )  # fmt: skip
        found = [versions.compare(table(page, names)) for page in pages]
        for part in found:
            self.keep(part.versions, versions.layout)
        return found, versions


def table(page: list[dict[str, str | None]], names: tuple[str, ...]) -> pa.Table:
    return pa.table(
        {stored_name(n): pa.array([row.get(n) for row in page], pa.string()) for n in names}
    )


def thing(id: str, colour: str | None, **more: str) -> dict[str, str | None]:
    row: dict[str, str | None] = {"Id": id, "Name": f"Thing {id}", "Colour": colour}
    return row | {"LastModifiedDate": "2026-01-01T00:00:00.000+0000"} | more


def told(part: Compared) -> list[dict[str, Any]]:
    """The changes, by Salesforce's names, before and after as objects."""
    if part.changes is None:
        return []
    rows = part.changes.rename_columns(list(entity_changes.SOURCE.field_names())).to_pylist()
    for row in rows:
        for side in ("Before", "After"):
            row[side] = row[side] and json.loads(row[side])
    return sorted(rows, key=lambda row: str(row["EntityId"]))


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path)


def test_everything_is_a_first_version_and_only_what_came_since_is_told(past: Past) -> None:
    old, new = thing("a", "red"), thing("b", "blue", LastModifiedDate="2026-03-01T00:00:00.000Z")
    [found], _ = past.read([old, new], since=NOW - timedelta(days=30))
    assert found.versions.column(stored_name(VERSION)).to_pylist() == ["1", "1"]
    [change] = told(found)
    assert (change["EntityId"], change["Change"], change["Before"]) == ("b", "changed", None)


def test_the_same_again_is_nothing(past: Past) -> None:
    past.read([thing("a", "red")])
    [found], versions = past.read([thing("a", "red")])
    assert (found.versions.num_rows, found.same, told(found)) == (0, 1, [])
    assert versions.missing() == 0


def test_a_value_that_went_or_came_is_a_change_too(past: Past) -> None:
    past.read([thing("a", "red"), thing("b", None)])
    [found], _ = past.read([thing("a", None), thing("b", "blue")])
    a, b = told(found)
    assert (a["Fields"], a["Before"], a["After"]) == ("Colour", {"Colour": "red"}, {"Colour": None})
    assert (b["Before"], b["After"]) == ({"Colour": None}, {"Colour": "blue"})


def test_who_and_when_are_the_records_own_words_only_if_they_moved(past: Past) -> None:
    past.read([thing("a", "red"), thing("b", "red")])
    stamp = {"LastModifiedDate": "2026-03-03T00:00:00.000+0000", "LastModifiedById": "005x"}
    [found], _ = past.read([thing("a", "blue", **stamp), thing("b", "blue")])
    a, b = told(found)
    assert (a["ChangedDate"], a["ChangedById"]) == (stamp["LastModifiedDate"], "005x")
    assert (b["ChangedDate"], b["ChangedById"]) == ("2026-03-04T05:06:07.000+0000", None)


def test_a_record_on_two_pages_of_one_reading_is_one(past: Past) -> None:
    found, versions = past.read([thing("a", "red")], [thing("a", "blue"), thing("b", "red")])
    assert [part.versions.num_rows for part in found] == [1, 1]
    assert versions.seen() == 2


def test_what_is_gone_comes_back_as_the_next_version(past: Past) -> None:
    past.read([thing("a", "red"), thing("b", "red")])
    _, versions = past.read([thing("a", "red")])
    assert versions.missing() == 1
    gone = versions.removed()
    [change] = told(gone)
    assert (change["EntityId"], change["Change"], change["Version"]) == ("b", "removed", "2")
    assert change["Before"]["Colour"] == "red"
    assert gone.versions.column(stored_name(REMOVED)).to_pylist() == ["true"]
    past.keep(gone.versions, versions.layout)
    _, versions = past.read([thing("a", "red")])
    assert versions.missing() == 0  # said once
    [found], _ = past.read([thing("a", "red"), thing("b", "red")])
    [change] = told(found)
    assert (change["Change"], change["Version"]) == ("added", "3")


def test_a_field_that_was_not_readable_is_not_compared(past: Past) -> None:
    past.read([thing("a", "red")])
    fewer = tuple(n for n in NAMES if n != "Colour")
    [found], _ = past.read([thing("a", None)], names=fewer)
    assert found.versions.num_rows == 0
    other = {"LastModifiedDate": "2026-02-02T00:00:00.000+0000"}
    [found], _ = past.read([thing("a", None, **other)], names=fewer)
    assert (found.versions.num_rows, told(found)) == (1, [])  # a quiet field
    [found], _ = past.read([thing("a", "blue", **other)])
    assert (found.versions.num_rows, told(found)) == (1, [])  # who knows what it was meanwhile
    [found], _ = past.read([thing("a", "blue", **other)])
    assert found.versions.num_rows == 0


def test_hostile_values_stay_values(past: Past) -> None:
    past.read([thing("a'; DROP TABLE was; --", "red")])
    [found], _ = past.read([thing("a'; DROP TABLE was; --", "\"}', 'x")])
    [change] = told(found)
    assert change["After"] == {"Colour": "\"}', 'x"}
