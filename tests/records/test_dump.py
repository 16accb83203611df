"""The records as files and back: the same rows, counters and chain, whatever was there before."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from orgwarden.core.problems import NeedsPerson
from orgwarden.records import audit, dump
from orgwarden.records.models import AuditEntry, Org
from orgwarden.records.setup import prepare_database
from orgwarden.site import home
from tests.support.house import migrated_records, use
from tests.support.postgres import PostgresCluster

__all__ = ["migrated_records"]

NAME = "Ünïcode \t tab \\ and\nline"


def fill() -> None:
    org = Org.objects.create(name=NAME, url="https://a.my.salesforce.com", features=["x", {"y": 1}])
    org.credentials.create(kind="client_secret", sealed=b"\x00\xff\\x", created_at=org_time())
    audit.record("ann", audit.Action.ORG_CONNECTED, NAME, {"n": 1})
    until = datetime.now(UTC) + timedelta(days=1)
    Session.objects.create(session_key="k" * 32, session_data="s3cret-session", expire_date=until)


def org_time() -> datetime:
    return datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def assert_as_filled() -> None:
    org = Org.objects.get()
    assert (org.name, org.features) == (NAME, ["x", {"y": 1}])
    [secret] = org.credentials.all()
    assert (bytes(secret.sealed), secret.created_at) == (b"\x00\xff\\x", org_time())
    assert audit.verify() is None
    assert AuditEntry.objects.count() == 1
    assert not Session.objects.exists()
    audit.record("bob", audit.Action.BACKUP_RESTORED, "b")  # ids go on counting
    assert Org.objects.create(name="next", url="https://b.my.salesforce.com").pk > org.pk
    assert audit.verify() is None


@pytest.fixture
def elsewhere(django_db_blocker: Any) -> Iterator[None]:
    """Databases of this test's own."""
    before = dict(connections.settings["default"])
    with django_db_blocker.unblock():
        yield
        use(before)


def test_a_sqlite_database_is_copied_beside_a_writer_and_without_its_sessions(
    tmp_path: Path, migrated_records: Path, elsewhere: None
) -> None:
    use(home.sqlite(tmp_path / "records.sqlite3"))
    assert dump.is_empty()
    shutil.copyfile(migrated_records, tmp_path / "records.sqlite3")
    assert not dump.is_empty()
    fill()
    writer = sqlite3.connect(tmp_path / "records.sqlite3")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE records_org SET name = 'not committed'")
    (tmp_path / "copy").mkdir()
    rows = dump.dump(tmp_path / "copy")
    writer.rollback()
    writer.close()
    assert (rows["records_org"], rows["django_session"]) == (1, 0)
    copy = tmp_path / "copy" / dump.SQLITE_FILE
    assert b"s3cret-session" not in copy.read_bytes()
    assert copy.stat().st_mode & 0o077 == 0
    Org.objects.all().delete()
    [aside] = dump.replace_sqlite(copy, tmp_path / "records.sqlite3", "old")
    assert Path(aside).exists()
    prepare_database()
    assert_as_filled()


@pytest.mark.postgres
def test_a_postgresql_database_is_copied_and_put_back_by_a_user_with_no_other_rights(
    tmp_path: Path, postgres_cluster: PostgresCluster, elsewhere: None
) -> None:
    use(home._postgres(*_parsed(_owned(postgres_cluster, "dump_from"))))
    assert dump.is_empty()
    prepare_database()
    fill()
    rows = dump.dump(tmp_path)
    assert rows["records_org"] == 1
    assert "django_session" not in rows
    assert b"s3cret-session" not in b"".join(p.read_bytes() for p in tmp_path.iterdir())
    migrations = dump.applied()
    Org.objects.update(name="changed since")
    audit.record("ann", audit.Action.ORG_EDITED, "changed since")
    with pytest.raises(NeedsPerson, match=r"gave 1 rows, not 7"):
        dump.load_postgres(tmp_path, {**rows, "records_org": 7}, migrations)
    assert Org.objects.filter(name="changed since").exists()  # all or nothing
    dump.load_postgres(tmp_path, rows, migrations)
    prepare_database()
    assert_as_filled()
    with pytest.raises(NeedsPerson, match="records are of sqlite, and this installation uses"):
        dump.refuse_unknown(migrations, "sqlite")
    with pytest.raises(NeedsPerson, match=r"newer Orgwarden \(it has records\.0999"):
        dump.refuse_unknown([*migrations, "records.0999_later"], "postgresql")
    connections.close_all()


@pytest.mark.postgres
def test_records_of_an_older_version_are_put_back_and_brought_to_this_one(
    tmp_path: Path, postgres_cluster: PostgresCluster, elsewhere: None
) -> None:
    use(home._postgres(*_parsed(_owned(postgres_cluster, "dump_old"))))
    executor = MigrationExecutor(connection)
    leaves = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] != "records"]
    executor.migrate([*leaves, ("records", "0008_shared_values")])
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO records_sharedvalue (key, value) VALUES ('k', '1')")
        cursor.execute(
            "INSERT INTO records_deletionreceipt (org_key, name, salesforce_id, at, by, done)"
            " VALUES ('k', 'gone', '', now(), 'ann', '[]')"
        )
    rows, migrations = dump.dump(tmp_path), dump.applied()
    assert "records.0009_ready_before" not in migrations
    use(home._postgres(*_parsed(_owned(postgres_cluster, "dump_new"))))
    dump.load_postgres(tmp_path, rows, migrations)
    assert dump.applied() == migrations
    prepare_database()
    assert "records.0009_ready_before" in dump.applied()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM records_deletionreceipt")
        assert cursor.fetchall() == [("gone",)]
    connections.close_all()


def _owned(cluster: PostgresCluster, name: str) -> str:
    """A database of a user who is no superuser."""
    url = cluster.create_database(name)
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE USER "{name}"'.encode())
        admin.execute(f'ALTER DATABASE "{name}" OWNER TO "{name}"'.encode())
    return url.replace("postgres@", f"{name}@")


def _parsed(url: str) -> tuple[Any, int | None]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return parts, parts.port
