"""The fixtures that start something real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts import parts
from tests.support.object_store import ObjectStore
from tests.support.orgsim import OrgsimServer
from tests.support.postgres import PostgresCluster, free_port

StartOrgsim = Callable[..., OrgsimServer]


def _starter(started: list[OrgsimServer]) -> StartOrgsim:
    def start(*, port: int | None = None, **options: object) -> OrgsimServer:
        server = OrgsimServer(port or free_port(), **options)
        started.append(server)
        return server.wait()

    return start


@pytest.fixture
def orgsim_server() -> Iterator[StartOrgsim]:
    """`orgsim_server(users=20, days=3)`: an emulated org of this test's own."""
    started: list[OrgsimServer] = []
    yield _starter(started)
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def shared_orgsim() -> Iterator[StartOrgsim]:
    """The same, one per set of options and process, shared by tests. Whoever asks for it gets it
    as it was when it started: what an earlier test changed of it, and of its clock, is taken back.
    What an earlier one added stays, rows and grants."""
    started: list[OrgsimServer] = []
    start = _starter(started)
    running: dict[str, OrgsimServer] = {}

    def shared(**options: object) -> OrgsimServer:
        key = repr(sorted(options.items()))
        if key not in running:
            running[key] = start(**options)
        running[key].take_back()
        return running[key]

    yield shared
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """A private PostgreSQL server for this process's tests."""
    programs = parts.find_postgres()
    if programs is None:
        pytest.fail("PostgreSQL's initdb was not found; `make test` installs it", pytrace=False)
    cluster = PostgresCluster(Path(programs))
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """A private S3-compatible object store for this process's tests, with the bucket `lake`."""
    store = ObjectStore()
    try:
        yield store.wait()
    finally:
        store.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium or Chrome that runs."""
    found = parts.find_chromium()
    if found is None:
        pytest.fail("Chromium was not found; `make test` installs it", pytrace=False)
    return found


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder that holds jsforce, for scripts run with Node (`NODE_PATH`)."""
    folder = parts.NODE_FOLDER / "node_modules"
    if parts.find_node() is None or not folder.is_dir():
        pytest.fail(
            "Node or tests/js/node_modules is missing; `make test` installs it", pytrace=False
        )
    return folder
