"""A home to restore into, and an org that was collected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orgwarden.records.models import Org
from orgwarden.site import home
from tests.support.house import House, use
from tests.support.orgsim import OrgsimServer

Move = Callable[..., Path]


@pytest.fixture
def org(at_home: House, sim: OrgsimServer) -> Org:
    """A connected org that nothing was collected of."""
    return at_home.connect(sim)


@pytest.fixture
def move(at_home: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Move:
    """Go to an empty home on what might be another machine, with the key file or without."""

    def go(name: str, *, key: bool = True) -> Path:
        text = Path(at_home.settings.ORGWARDEN_KEY_FILE).read_bytes()
        folder = tmp_path / name
        monkeypatch.setenv("ORGWARDEN_HOME", str(folder))
        home.prepare()
        at_home.settings.ORGWARDEN_HOME = folder
        at_home.settings.ORGWARDEN_LAKE_URL = home.lake_url()
        at_home.settings.ORGWARDEN_KEY_FILE = home.key_file()
        if key:
            home.key_file().write_bytes(text)
            home.key_file().chmod(0o600)
        use(home.database())
        return folder

    return go
