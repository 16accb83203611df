"""Long tests first, where several processes share them: what begins last should be short, or one
process stands idle at the end while the other is still at it.
"""

from __future__ import annotations

import pytest

# By how long one unit of work (a test, or an xdist group) takes, the longest first.
LONG = (
    "tests/worker/test_many_orgs.py",
    "tests/simulation/",
    "tests/flows/test_exactly_once.py",
    "tests/flows/test_fleet_history.py",
    "tests/journeys/",
    "tests/test_wheel.py",
    "tests/flows/",
    "tests/cli/",
    "tests/web/api/test_schemathesis.py",
)


def place_of(nodeid: str) -> int:
    """Where a test belongs, 0 being the first; what is short keeps its order behind all others."""
    return next((n for n, path in enumerate(LONG) if nodeid.startswith(path)), len(LONG))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """pytest's hook. All processes of pytest-xdist put them in the same order."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: place_of(item.nodeid))
