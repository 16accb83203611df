"""A place of the lake: the same acts have the same outcome on the disk and in an object store."""

from __future__ import annotations

from pathlib import Path

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.lake import place
from orgwarden.lake.place import Folder, Place, Store
from tests.lake.ground import ORG, csv_bytes, land, new_lake, query, row


@pytest.mark.anywhere
def test_a_file_is_there_once_written_and_gone_once_removed(root: Place) -> None:
    table = root / ORG
    table.prepare()
    assert (table.look("_orgwarden/a"), list(table.files())) == (None, [])
    table.write("_orgwarden/a", b"text")
    seen = table.look("_orgwarden/a")
    assert seen is not None
    assert (seen.path, seen.size, table.size("_orgwarden/a")) == (f"{table}/_orgwarden/a", 4, 4)
    assert [f.path for f in table.files()] == [seen.path]
    assert table.read("_orgwarden/a") == b"text"
    with table.stream("_orgwarden/a") as file:
        assert file.read() == b"text"
    assert table.relative(seen.path) == "_orgwarden/a"
    for _ in range(2):
        table.remove("_orgwarden/a")
        assert table.look("_orgwarden/a") is None
    with pytest.raises(FileNotFoundError):
        table.size("_orgwarden/a")


@pytest.mark.anywhere
def test_a_draft_is_seen_by_nobody_until_it_is_sealed(root: Place) -> None:
    table = root / ORG
    table.prepare()
    name = "source=x/date=2026-03-18/0123456789abcdef0123456789abcdef.parquet"
    table.draft(name).write_bytes(b"rows")
    final = table.seal(name)
    table.settle([final])
    assert final.startswith(name.removesuffix(".parquet") + "-")
    assert [(f.path, f.size) for f in table.files()] == [(table.path(final), 4)]
    table.draft(name).write_bytes(b"more")
    table.remove(name)
    assert not table.draft(name).exists()


@pytest.mark.anywhere
def test_all_of_an_org_can_be_removed_and_it_can_begin_anew(root: Place) -> None:
    lake = new_lake(root)
    land(lake, [csv_bytes([row(1)])])
    neighbour = root / "another"
    neighbour.prepare()
    neighbour.write("_orgwarden/kept", b"x")
    assert lake.place.remove_all() == ""
    assert list(lake.place.files()) == []
    assert lake.place.remove_all() == ""
    assert neighbour.read("_orgwarden/kept") == b"x"
    again = new_lake(root)
    assert again.ledger().seq == 0
    land(again, [csv_bytes([row(2)])])
    assert query(again, 'SELECT "REQUEST_ID" FROM event_log_api') == [("R2",)]


@pytest.mark.parametrize("url", ["/srv/lake", "file:///srv/lake", "file://localhost/srv/lake"])
def test_a_path_or_a_file_address_is_a_folder(url: str) -> None:
    found = place.root(url)
    assert isinstance(found, Folder)
    assert found.folder == Path("/srv/lake")


@pytest.mark.parametrize("url", ["gs://b/p", "s3:///p", "s3://key:secret@b/p", "s3://b/p?x=1"])
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(NeedsPerson) as refused:
        place.root(url)
    assert refused.value.code == "LAKE_URL"
    assert "ORGWARDEN_LAKE_URL" in refused.value.sentence()
    assert "secret@" not in refused.value.sentence()


def test_keys_are_not_shown_with_the_store_they_open() -> None:
    shown = repr(Store("https://store", "eu", "the-key", "the-secret", "the-token"))
    assert not {"the-key", "the-secret", "the-token"} & set(shown.replace("'", " ").split())
