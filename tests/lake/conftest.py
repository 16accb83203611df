"""A table of this test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from orgwarden.lake.table import OrgLake
from tests.lake.ground import HEADER, LOGOUT, csv_bytes, land, new_lake, row


@pytest.fixture
def lake(tmp_path: Path) -> OrgLake:
    """An empty table, fenced for epoch 1."""
    return new_lake(tmp_path)


@pytest.fixture
def filled(lake: OrgLake) -> OrgLake:
    """Two sources, several files a day, a column that came later, a row in quarantine."""
    land(lake, [csv_bytes([row(1), row(1)])])
    land(lake, [csv_bytes([row(2)]) + b'"API","too short"\n'])
    land(lake, [csv_bytes([("API", "20260318130000.000", "R3", "x")], (*HEADER, "NEW"))])
    land(lake, [csv_bytes([row(5, kind="Logout")])], source=LOGOUT)
    return lake
