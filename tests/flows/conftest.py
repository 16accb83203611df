"""The flows' tests share one small emulated org that stands still."""

from __future__ import annotations

import pytest

from tests.support.fixtures import StartOrgsim
from tests.support.house import House, house, migrated_records
from tests.support.orgsim import OrgsimServer

__all__ = ["house", "migrated_records"]

SMALL = {"users": 8, "days": 3, "speed": 0, "event_monitoring": "none"}


@pytest.fixture
def sim(shared_orgsim: StartOrgsim) -> OrgsimServer:
    """The shared org, without faults and with all its quota."""
    return shared_orgsim(**SMALL)


@pytest.fixture
def at_home(house: House, sim: OrgsimServer) -> House:
    """The installation, allowed to talk to the shared org."""
    house.admit(sim)
    return house
