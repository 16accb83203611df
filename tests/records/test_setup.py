"""The database's tables: what migrations make is what the models say, however often it is done."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

from orgwarden.core.problems import NeedsPerson
from orgwarden.records.setup import prepare_database
from orgwarden.site import home
from tests.records.conftest import Database, _use
from tests.support.postgres import PostgresCluster, free_port


def test_the_migrations_say_what_the_models_say(database: Database) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_preparing_again_changes_nothing(database: Database) -> None:
    org = database.org()
    prepare_database()
    org.refresh_from_db()


def test_six_processes_prepare_a_new_installation_at_once(
    database: Database, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    database.environment["ORGWARDEN_HOME"] = str(tmp_path / "new")
    if database.kind == "sqlite":
        address = f"sqlite:///{tmp_path / 'new' / 'records.sqlite3'}"
    else:
        cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
        address = cluster.create_database(f"new{os.urandom(4).hex()}")
    database.environment["ORGWARDEN_DATABASE_URL"] = address
    os.environ.update(database.environment)  # put back by the fixture's monkeypatch
    home.prepare()
    told = [worker.hears() for worker in database.workers(6, "prepare")]
    assert sum(created for created, _ in told) == 1
    assert len([password for _, password in told if password]) == 1
    for worker in database.started:
        assert worker.ends() == ""
    _use(home.database())
    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_survives_a_power_cut_and_waits_its_turn(database: Database) -> None:
    with connection.cursor() as cursor:
        told = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 20_000,
        "foreign_keys": 1,
    }


def test_a_database_that_does_not_answer_says_so_without_the_password(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"postgres://ann:hunter2-canary@127.0.0.1:{free_port()}/none"
    monkeypatch.setenv("ORGWARDEN_DATABASE_URL", address)
    _use(home.database())
    with pytest.raises(NeedsPerson, match="cannot be opened") as refused:
        prepare_database()
    assert "hunter2-canary" not in refused.value.sentence()
    assert "ORGWARDEN_DATABASE_URL" in refused.value.fix


@pytest.mark.fault("F3")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("wreck", ["no database at all", "a page overwritten"])
def test_a_damaged_file_is_left_alone(database: Database, wreck: str) -> None:
    file = Path(database.environment["ORGWARDEN_HOME"]) / "records.sqlite3"
    connection.close()
    whole = file.read_bytes()
    broken = b"\0" * 8192 if wreck == "no database at all" else whole[:4096] + b"\xff" * 8192
    file.write_bytes(b"x" * 4096 + broken if wreck == "no database at all" else broken)
    before = file.read_bytes()
    with pytest.raises(NeedsPerson, match="is damaged") as refused:
        prepare_database()
    assert "backup" in refused.value.fix
    connection.close()
    assert file.read_bytes() == before


def test_a_folder_that_is_missing_says_so(
    database: Database, tmp_path: Path, settings: Any
) -> None:
    _use(home.sqlite(tmp_path / "nowhere" / "records.sqlite3"))
    with pytest.raises(NeedsPerson, match="cannot be written to"):
        prepare_database()


def test_the_two_databases_are_what_they_are_called(database: Database) -> None:
    assert connection.vendor == {"sqlite": "sqlite", "postgres": "postgresql"}[database.kind]
    if database.kind == "postgres":
        with psycopg.connect(database.environment["ORGWARDEN_DATABASE_URL"]) as plain:
            version = plain.execute("SHOW server_version_num").fetchone()
        assert version is not None
        assert int(version[0]) >= 140_000
