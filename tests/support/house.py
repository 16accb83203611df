"""An installation inside the test's own process: records, lake and flows, and an emulated org.

What takes a command line two seconds of starting takes none here, so faults can be swept.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from orgwarden.catalog.sources import BY_ID, SOURCES
from orgwarden.flows import clients
from orgwarden.flows.ask import ask
from orgwarden.flows.collect import Collected, collect
from orgwarden.flows.connecting.connect import connect_org
from orgwarden.flows.outcomes import Outcome
from orgwarden.flows.status import of_org
from orgwarden.flows.upkeep import verify
from orgwarden.records import envelope
from orgwarden.records.models import Org, SourceState
from orgwarden.records.setup import prepare_database
from orgwarden.salesforce import Transport
from orgwarden.site import home
from tests.support.checker import Output
from tests.support.left import Left, register
from tests.support.orgsim import OrgsimServer


@dataclass
class House:
    """One home in this process."""

    home: Path
    settings: Any

    def __post_init__(self) -> None:
        self.left = Left(self.home)

    def admit(self, *sims: OrgsimServer) -> None:
        """Allow tokens to go to these emulators; waits between tries are skipped."""
        self.left.talks_to(*sims)
        register(self.left)
        self.admit_hosts(frozenset(f"127.0.0.1:{s.port}" for s in sims))

    def admit_hosts(self, hosts: frozenset[str]) -> None:
        """Allow tokens to go to these hosts, named with their ports."""
        self.settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS = hosts
        clients.transport.cache_clear()
        clients.transport().wait = lambda seconds: None

    def connect(self, sim: OrgsimServer, name: str = "prod", **more: Any) -> Org:
        app = sim.app()
        asked = {
            "url": sim.url,
            "client_id": app["consumer_key"],
            "client_secret": app["consumer_secret"],
            "flow": "client-credentials",
            "actor": "test",
            "tiers": ("sign_ins",),
        }
        return connect_org(name=name, **{**asked, **more})

    def collect(self, org: Org, *sources: str, **more: Any) -> Collected:
        chosen = [s for s in SOURCES if not sources or s.id in sources]
        assert set(sources) <= set(BY_ID)
        return collect(org, sources=chosen, trigger="command", **more)

    def outcome(self, org: Org, source: str, **more: Any) -> Outcome:
        """Collect one source; how that ended."""
        [found] = self.collect(org, source, **more).outcomes
        return found

    def state(self, org: Org, source: str) -> SourceState:
        return SourceState.objects.get(org=org, source=source)

    def status(self, org: Org) -> dict[str, Any]:
        org.refresh_from_db()
        return of_org(org)

    def sources(self, org: Org) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.status(org)["sources"]
        return found

    def ask(self, sql: str) -> list[dict[str, Any]]:
        rows, cut = ask(sql, None, limit=1_000_000, actor="test")
        assert not cut
        found: list[dict[str, Any]] = rows.to_pylist()
        return found

    def shown(self, org: Org) -> Output:
        """What the commands print of one org, for the checker."""
        return Output(self.ask, lambda: self.status(org), lambda: verify(org))

    def count(self, view: str) -> int:
        number: int = self.ask(f"SELECT count(*) AS n FROM {view}")[0]["n"]
        return number


def use(settings: dict[str, Any]) -> None:
    """Point Django's default database somewhere else, in this process."""
    connections["default"].close()
    del connections["default"]
    settings = dict(settings)
    connections.configure_settings({"default": settings})  # fills in what is missing
    connections.settings["default"] = settings


@pytest.fixture(scope="session")
def migrated_records(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("migrated") / "records.sqlite3"
    before = dict(connections.settings["default"])
    with django_db_blocker.unblock():
        use(home.sqlite(file))
        try:
            prepare_database()
        finally:
            use(before)
    return file


@pytest.fixture
def house(
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_db_blocker: Any,
    migrated_records: Path,
) -> Iterator[House]:
    """An installation of this test's own, with nothing connected."""
    folder = tmp_path / "home"
    monkeypatch.setenv("ORGWARDEN_HOME", str(folder))
    monkeypatch.delenv("ORGWARDEN_DATABASE_URL", raising=False)
    home.prepare()
    shutil.copyfile(migrated_records, folder / "records.sqlite3")
    settings.ORGWARDEN_HOME = folder
    settings.ORGWARDEN_LAKE_URL = str(folder / "lake")
    settings.ORGWARDEN_KEY_FILE = home.key_file()
    with ExitStack() as after:
        after.enter_context(django_db_blocker.unblock())
        after.callback(use, dict(connections.settings["default"]))
        use(home.database())
        envelope.prepare_key_file()
        clients.transport.cache_clear()
        yield House(folder, settings)
        made: Transport = clients.transport()
        made.close()
        clients.transport.cache_clear()
