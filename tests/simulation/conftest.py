"""A home whose lake lies in memory, where that is possible: nothing here asks about the disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator

import pytest

from tests.simulation.home import MEMORY
from tests.simulation.installation import HOST
from tests.support.house import House, house, migrated_records

__all__ = ["house", "migrated_records"]


@pytest.fixture
def simulated(house: House) -> Iterator[House]:
    """The installation that simulations connect their orgs in."""
    folder = tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None)
    house.settings.ORGWARDEN_LAKE_URL = folder
    house.admit_hosts(frozenset({HOST}))
    yield house
    shutil.rmtree(folder, ignore_errors=True)
