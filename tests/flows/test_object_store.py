"""The whole walk with the records on PostgreSQL and the lake in an object store."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.flows.test_fidelity import Installation
from tests.support.fixtures import StartOrgsim
from tests.support.object_store import ACCESS_KEY, SECRET_KEY, ObjectStore
from tests.support.postgres import PostgresCluster

SOURCES = [w for s in ("login_history", "users", "event_log_file") for w in ("--source", s)]


@pytest.mark.postgres
def test_an_org_lives_in_postgresql_and_an_object_store_and_is_deleted_from_both(
    tmp_path: Path,
    orgsim_server: StartOrgsim,
    postgres_cluster: PostgresCluster,
    object_store: ObjectStore,
) -> None:
    server = orgsim_server(users=4, days=2, speed=0, event_monitoring="none")
    environment = object_store.environment("walk")
    environment["ORGWARDEN_DATABASE_URL"] = postgres_cluster.create_database("object_store")
    del environment["ORGWARDEN_LAKE_SECRET_KEY"]
    secret = tmp_path / "secret-key"
    secret.write_text(SECRET_KEY + "\n")
    environment["ORGWARDEN_LAKE_SECRET_KEY_FILE"] = str(secret)
    home = Installation(tmp_path / "home", server, **environment)
    home.run("collect", "demo", *SOURCES)
    expected = Counter(str(r["id"]) for r in server.ledger("LoginHistory"))

    def landed() -> Counter[str]:
        return Counter(r["k"] for r in home.query('SELECT "Id" AS k FROM login_history'))

    assert landed() == expected
    home.run("collect", "demo", *SOURCES)
    counts = {v["view"]: v["rows"] for v in home.json("events", "sources")}
    assert counts["users"]
    assert any(rows for view, rows in counts.items() if view.startswith("event_log_"))
    [compacted] = home.json("lake", "compact")
    assert compacted["after"] <= compacted["before"]
    assert landed() == expected
    [proof] = home.json("lake", "verify")
    assert (proof["wrong"], proof["rows"]) == ([], sum(counts.values()))
    assert not (tmp_path / "home" / "lake").exists()
    said = home.run("status")
    assert ACCESS_KEY not in said
    assert SECRET_KEY not in said
    assert object_store.keys("walk")
    home.run("org", "delete", "demo", "--yes")
    assert [k for k in object_store.keys("walk") if not k.endswith("/")] == []
