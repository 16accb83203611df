"""The PostgreSQL server of the tests starts as whoever may run it and keeps databases apart."""

from __future__ import annotations

import socket
from contextlib import suppress

import psycopg
import pytest

from tests.support.postgres import PostgresCluster, free_port

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


def test_a_free_port_is_given_once_and_passes_over_those_in_use() -> None:
    before = free_port()
    with socket.socket() as taken:
        with suppress(OSError):  # then somebody else has it
            taken.bind(("127.0.0.1", before + 1))
        given = [before, *(free_port() for _ in range(20))]
    assert before + 1 not in given
    assert len(set(given)) == len(given)
