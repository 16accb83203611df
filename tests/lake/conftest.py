"""A table of this test's own: on the disk, and with the mark `anywhere` in an object store too."""

from __future__ import annotations

from pathlib import Path

import pytest

from orgwarden.lake.place import Folder, Place
from orgwarden.lake.table import OrgLake
from tests.lake.ground import HEADER, LOGOUT, csv_bytes, land, new_lake, row
from tests.support.object_store import ObjectStore


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("anywhere"):
        metafunc.parametrize("root", ["folder", "bucket"], indirect=True)


@pytest.fixture
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where tables lie."""
    if getattr(request, "param", "folder") == "folder":
        return Folder(tmp_path)
    store: ObjectStore = request.getfixturevalue("object_store")
    return store.new_root(drafts=str(tmp_path / "spool"))


@pytest.fixture
def lake(root: Place) -> OrgLake:
    """An empty table, fenced for epoch 1."""
    return new_lake(root)


@pytest.fixture
def filled(lake: OrgLake) -> OrgLake:
    """Two sources, several files a day, a column that came later, a row in quarantine."""
    land(lake, [csv_bytes([row(1), row(1)])])
    land(lake, [csv_bytes([row(2)]) + b'"API","too short"\n'])
    land(lake, [csv_bytes([("API", "20260318130000.000", "R3", "x")], (*HEADER, "NEW"))])
    land(lake, [csv_bytes([row(5, kind="Logout")])], source=LOGOUT)
    return lake
