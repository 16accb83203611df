"""The PostgreSQL server of the tests starts as whoever may run it and keeps databases apart."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.postgres import PostgresCluster

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]


def test_each_database_made_is_a_new_one(postgres_cluster: PostgresCluster) -> None:
    one, two = postgres_cluster.create_database("one"), postgres_cluster.create_database("two")
    with psycopg.connect(one) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    with psycopg.connect(two) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM kept")


def test_it_listens_on_loopback_only(postgres_cluster: PostgresCluster) -> None:
    with psycopg.connect(postgres_cluster.url("postgres")) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()
    assert row == ("127.0.0.1",)
