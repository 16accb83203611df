"""A table of this test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from orgwarden.lake.table import OrgLake
from tests.lake.ground import new_lake


@pytest.fixture
def lake(tmp_path: Path) -> OrgLake:
    """An empty table, fenced for epoch 1."""
    return new_lake(tmp_path)
