"""Every test that asks for `database` runs twice: on SQLite and on a real PostgreSQL server.

Each gets a database of its own, migrated, with real transactions and real processes beside it; so
these tests do without pytest-django's `db`, whose one big transaction would hide what matters here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from orgwarden.records import envelope
from orgwarden.records.models import Org
from orgwarden.records.setup import prepare_database
from orgwarden.site import home
from tests.support.postgres import PostgresCluster

ROOT = Path(__file__).parents[2]


@dataclass
class Worker:
    """A process of ours that runs one function of `tests/records/work.py`."""

    process: subprocess.Popen[str]

    def hears(self) -> Any:
        """The next line it prints, as JSON."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            _, error = self.process.communicate(timeout=60)
            raise AssertionError(f"the worker ended with {self.process.returncode}:\n{error}")
        return json.loads(line)

    def go(self) -> None:
        """Let it begin; it says `"ready"` before."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def ends(self) -> str:
        """Wait until it ends well; what it wrote to stderr."""
        _, error = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, error
        return error


@dataclass
class Database:
    """An empty, migrated records database and the environment that leads to it."""

    kind: str
    home: Path
    environment: dict[str, str]
    files: Path  # where its bytes lie
    started: list[Worker] = field(default_factory=list)

    def org(self, name: str = "Acme") -> Org:
        return Org.objects.create(
            name=name,
            url="https://acme.my.salesforce.com",
            flow=Org.Flow.WEB_SERVER,
            added_by="ann",
            connected_at=datetime(2026, 11, 1, tzinfo=UTC),
        )

    def worker(self, work: str, *arguments: object) -> Worker:
        """Start a process; it waits for `go()` once it has loaded."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.records.work", work, json.dumps(arguments)],
            cwd=ROOT,
            env=os.environ | self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        worker = Worker(process)
        self.started.append(worker)
        return worker

    def workers(self, count: int, work: str, *arguments: object) -> list[Worker]:
        """Start several, ready, and let them go at the same moment."""
        workers = [self.worker(work, *arguments) for _ in range(count)]
        for worker in workers:
            assert worker.hears() == "ready"
        for worker in workers:
            worker.go()
        return workers

    def stop(self) -> None:
        for worker in self.started:
            if worker.process.poll() is None:
                worker.process.kill()
            worker.process.wait()
            for stream in (worker.process.stdin, worker.process.stdout, worker.process.stderr):
                if stream is not None and not stream.closed:
                    try:
                        stream.close()
                    except BrokenPipeError:  # it was killed before it read its `go`
                        pass


def _use(settings: dict[str, Any]) -> None:
    """Point Django's default database somewhere else, in this process."""
    connections["default"].close()
    del connections["default"]
    settings = dict(settings)
    connections.configure_settings({"default": settings})
    connections.settings["default"] = settings


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("template") / "records.sqlite3"
    _migrate(home.sqlite(file), django_db_blocker)
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres_cluster: PostgresCluster, django_db_blocker: Any) -> PostgresCluster:
    """The server with a migrated database `template_records` to copy."""
    address = postgres_cluster.create_database("template_records")
    _migrate(_settings(address), django_db_blocker)
    return postgres_cluster


def _settings(address: str) -> dict[str, Any]:
    before = os.environ.get("ORGWARDEN_DATABASE_URL")
    os.environ["ORGWARDEN_DATABASE_URL"] = address
    try:
        return home.database()
    finally:
        if before is None:
            del os.environ["ORGWARDEN_DATABASE_URL"]
        else:
            os.environ["ORGWARDEN_DATABASE_URL"] = before


def _migrate(settings: dict[str, Any], django_db_blocker: Any) -> None:
    before = dict(connections.settings["default"])
    with django_db_blocker.unblock():
        _use(settings)
        try:
            prepare_database()
        finally:
            _use(before)


@contextmanager
def _copy(cluster: PostgresCluster) -> Iterator[str]:
    """The address of a copy of the template, dropped again: a hundred copies would keep the server
    busy when it shuts down."""
    name = f"t{os.urandom(6).hex()}"
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_records".encode())
        try:
            yield cluster.url(name)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_db_blocker: Any,
) -> Iterator[Database]:
    """A records database of this test's own."""
    folder = tmp_path / "home"
    home.private_folder(folder)
    with ExitStack() as after:
        if request.param == "sqlite":
            address, files = f"sqlite:///{folder / 'records.sqlite3'}", folder
        else:
            cluster: PostgresCluster = request.getfixturevalue("migrated_postgres")
            address, files = after.enter_context(_copy(cluster)), cluster.folder / "data"
        environment = {"ORGWARDEN_HOME": str(folder), "ORGWARDEN_DATABASE_URL": address}
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        home.prepare()
        if request.param == "sqlite":  # into the file as `prepare` made it, with its mode
            shutil.copyfile(request.getfixturevalue("migrated_file"), folder / "records.sqlite3")
        settings.ORGWARDEN_HOME = folder
        settings.ORGWARDEN_KEY_FILE = home.key_file()
        after.enter_context(django_db_blocker.unblock())
        after.callback(_use, dict(connections.settings["default"]))
        _use(home.database())
        made = Database(request.param, folder, environment, files)
        after.callback(made.stop)
        envelope.prepare_key_file()
        yield made


InThreads = Callable[[int, Callable[[int], object]], list[object]]


@pytest.fixture
def in_threads() -> InThreads:
    """`in_threads(8, act)` runs act(0) … act(7) at the same moment; their results or errors."""

    def run(count: int, act: Callable[[int], object]) -> list[object]:
        start = threading.Barrier(count)
        results: list[object] = [None] * count

        def one(n: int) -> None:
            try:
                start.wait()
                results[n] = act(n)
            except Exception as e:  # noqa: BLE001  handed to the test
                results[n] = e
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run
