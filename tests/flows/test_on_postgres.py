"""The whole walk with the records on PostgreSQL: the same commands, the same result."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.flows.test_fidelity import Installation
from tests.support.fixtures import StartOrgsim
from tests.support.postgres import PostgresCluster


def test_an_org_is_collected_alike_with_records_on_postgresql(
    tmp_path: Path, orgsim_server: StartOrgsim, postgres_cluster: PostgresCluster
) -> None:
    server = orgsim_server(users=10, days=5, speed=0)
    url = postgres_cluster.create_database("walk")
    home = Installation(tmp_path / "home", server, ORGWARDEN_DATABASE_URL=url)
    home.run("collect", "demo", "--until-idle")
    expected = Counter(str(r["id"]) for r in server.ledger("LoginHistory"))
    landed = Counter(r["k"] for r in home.query('SELECT "Id" AS k FROM login_history'))
    assert landed == expected
    assert home.json("status")["orgs"][0]["status"] == "success"
    home.run("collect", "demo")
    again = Counter(r["k"] for r in home.query('SELECT "Id" AS k FROM login_history'))
    assert again == expected
